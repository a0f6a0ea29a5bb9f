// Package jp holds the Japanese conventions every Kyodo service shares: civil dates in Asia/Tokyo, eras and
// fiscal years, holidays and office days, search and sort keys, and the strict forms of public identifiers
// (corporate number, municipality code, postal code, phone, address).
//
// Everything is pure: no I/O, no clock, no state that changes after start-up; all functions and types are safe
// for concurrent use. Inputs that cannot be read are refused with a *ParseError, whose Ja and En texts are fit
// for a field error; nothing here panics on any input.
//
// The source of each rule is named at its definition. Test vectors and their status are in testdata/README.md.
package jp
