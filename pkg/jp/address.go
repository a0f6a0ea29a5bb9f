package jp

import (
	"slices"
	"strings"
)

// Refusals of ParseAddress; all match ErrAddress.
var (
	// ErrAddress is the general refusal.
	ErrAddress = &ParseError{
		Reason: "INVALID_ADDRESS",
		Ja:     "住所は「千代田区九段南1-2-1」のように、区名から番地まで入力してください。",
		En:     "Enter the address from the ward to the lot number, such as 千代田区九段南1-2-1.",
	}
	errAddressArea = ErrAddress.saying(
		"東京23区の住所として読み取れません。都道府県、市区町村、町名、番地を欄に分けて入力してください。",
		"This cannot be read as an address in the 23 wards of Tokyo. Enter its parts in their own fields.")
	errAddressPostalCode = ErrAddress.saying(ErrPostalCode.Ja, ErrPostalCode.En)
)

// Address is an address in the fields of GIF DS-442.
type Address struct {
	// PostalCode has seven digits, or is empty.
	PostalCode string
	// Prefecture is 都道府県.
	Prefecture string
	// City is 市区町村.
	City string
	// Town is 町字, with its 丁目 in kanji numerals: 九段南一丁目.
	Town string
	// StreetNumber is 番地以下 in half-width digits and hyphens: 2-1. It may be empty.
	StreetNumber string
	// Building is 建物名等（方書）as it was typed. It may be empty.
	Building string
}

// String returns the address in one line (連結表記), without the postal code.
func (a Address) String() string {
	s := a.Prefecture + a.City + a.Town + a.StreetNumber
	if a.Building != "" {
		s += " " + a.Building
	}
	return s
}

// ParseAddress splits an address in the 23 wards of Tokyo into its fields. It reads 〒, 東京都 and the ward where they
// stand; without a ward the town must be one of 千代田区. 「九段南1-2-1」, 「九段南一丁目2番1号」 and
// 「九段南１丁目２－１」 give the same.
//
// Whether the first of several hyphened numbers is a 丁目 is known for the towns of 千代田区. In other wards it is taken
// for one when three or more numbers stand; two numbers stay the lot. Lots in kanji numerals, addresses elsewhere and
// texts without a town are refused; the refusal matches ErrAddress.
func ParseAddress(s string) (Address, error) {
	r := newAddressReader(s)
	a := Address{Prefecture: "東京都", City: "千代田区"}
	var ok bool
	if a.PostalCode, ok = r.postalCode(); !ok {
		return Address{}, errAddressPostalCode
	}
	prefecture := r.accept("東京都")
	ward := slices.IndexFunc(specialWards, r.accept)
	if ward >= 0 {
		a.City = specialWards[ward]
	}
	town, chome, ok := r.town()
	if !ok || town == "" {
		return Address{}, ErrAddress
	}
	if ward < 0 && (prefecture || !knownTown(town)) {
		return Address{}, errAddressArea
	}
	numbers, marked := r.numbers(chome == 0)
	if len(numbers) == 0 && isDigit(r.at(0)) {
		return Address{}, ErrAddress
	}
	inChiyoda := a.City == ChiyodaName
	if inChiyoda {
		town = townSpelled(town)
	}
	if chome == 0 && len(numbers) > 0 && (numbers[0].chome || !marked && firstIsChome(town, len(numbers), inChiyoda)) {
		chome, _ = digits(numbers[0].digits)
		if chome < 1 || chome > 19 {
			return Address{}, ErrAddress
		}
		numbers = numbers[1:]
	}
	a.Town = town
	if chome > 0 {
		a.Town += kanjiNumber(chome) + "丁目"
	}
	for i, n := range numbers {
		if i > 0 {
			a.StreetNumber += "-"
		}
		a.StreetNumber += n.digits
	}
	a.Building = r.rest()
	return a, nil
}

// ChiyodaName is the name of the ward as it stands in addresses.
const ChiyodaName = "千代田区"

// firstIsChome reports whether the first of count numbers joined by hyphens is the 丁目.
func firstIsChome(town string, count int, inChiyoda bool) bool {
	switch {
	case inChiyoda && chomeTowns[town]:
		return true
	case inChiyoda && lotTowns[town]:
		return false
	default:
		return count >= 3
	}
}

// trimBuilding cuts what people put between the lot and the building.
func trimBuilding(s string) string { return strings.Trim(s, " 　\t\n、,，") }
