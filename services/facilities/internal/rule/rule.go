// Package rule holds the rules of booking: who may book what, when booking opens
// and closes, what it costs. They are pure functions of data; days are Tokyo's.
package rule

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

// Purpose is what a room is used for, by its name in the contract.
type Purpose string

// Channel is the way by which a booking is asked for.
type Channel string

// The channels.
const (
	Online Channel = "ONLINE"
	Phone  Channel = "PHONE"
	Desk   Channel = "DESK"
)

// UserClass is a group of users with the same rules (利用者区分).
type UserClass struct {
	Code              string    `json:"-"`
	Name              string    `json:"-"`
	Who               string    `json:"who,omitempty"`
	Documents         []string  `json:"documents,omitempty"`
	OrganizationKinds []string  `json:"organizationKinds,omitempty"` // Any when empty.
	Individuals       bool      `json:"individuals,omitempty"`       // Whether a resident may book for himself.
	Purposes          []Purpose `json:"purposes,omitempty"`          // Any when empty.
	Openings          []Opening `json:"openings"`                    // The first one that fits counts.
	MaxActive         int       `json:"maxActive,omitempty"`         // Bookings ahead of one organization; 0 for no limit.
	MaxPerMonth       int       `json:"maxPerMonth,omitempty"`       // Slots of a month of one organization; 0 for no limit.
	Num               int64     `json:"num"`                         // The base fee is multiplied with Num/Den.
	Den               int64     `json:"den"`
}

// Opening says by which opening rule a purpose opens on a channel.
type Opening struct {
	Channels []Channel `json:"channels,omitempty"` // Any when empty.
	Purposes []Purpose `json:"purposes,omitempty"` // Any when empty.
	Rule     string    `json:"rule"`
}

// Check fills in the multiplier 1.
func (c *UserClass) Check() error {
	if c.Num == 0 {
		c.Num = 1
	}
	if c.Den == 0 {
		c.Den = 1
	}
	return nil
}

// Allows reports whether the class may book for the purpose.
func (c *UserClass) Allows(p Purpose) bool {
	return len(c.Purposes) == 0 || slices.Contains(c.Purposes, p)
}

// AdmitsKind reports whether the class is for organizations of the kind.
func (c *UserClass) AdmitsKind(kind string) bool {
	return len(c.OrganizationKinds) == 0 || slices.Contains(c.OrganizationKinds, kind)
}

// Rule returns the code of the opening rule for a purpose on a channel; ok is
// false when the class cannot book so.
func (c *UserClass) Rule(p Purpose, ch Channel) (code string, ok bool) {
	if !c.Allows(p) {
		return "", false
	}
	for _, o := range c.Openings {
		if (len(o.Channels) == 0 || slices.Contains(o.Channels, ch)) && (len(o.Purposes) == 0 || slices.Contains(o.Purposes, p)) {
			return o.Rule, true
		}
	}
	return "", false
}

// Shift is what happens when the opening day is no office day.
type Shift string

// The shifts.
const (
	Stays         Shift = "NONE"
	NextOfficeDay Shift = "NEXT_OFFICE_DAY"
)

// OpeningRule says when booking for a use date opens and closes.
type OpeningRule struct {
	MonthsBefore     int    `json:"monthsBefore"`
	Day              int    `json:"day"` // Of that month; the last one in a shorter month.
	Shift            Shift  `json:"shift"`
	Time             string `json:"time"`            // HH:MM in Tokyo.
	After            string `json:"after,omitempty"` // Code of a rule that opens at least one day before.
	ClosesDaysBefore int    `json:"closesDaysBefore,omitempty"`
}

// Check fills in the usual values.
func (o *OpeningRule) Check() error {
	if o.Time == "" {
		o.Time = "09:00"
	}
	if o.Shift == "" {
		o.Shift = Stays
	}
	if o.Day < 1 || o.Day > 31 {
		return fault.ErrInvalidField.On(fault.Missing("openingRule.day"))
	}
	return nil
}

// OpensOn returns the day on which booking for a use date opens, without regard
// to After.
func (o *OpeningRule) OpensOn(use jp.Date) jp.Date {
	month := use.FirstOfMonth().AddMonths(-o.MonthsBefore)
	day := month.AddDays(o.Day - 1)
	if last := month.AddMonths(1).AddDays(-1); day.After(last) {
		day = last
	}
	if o.Shift == NextOfficeDay {
		day = jp.NextOfficeDay(day)
	}
	return day
}

// OpensAt returns the instant at which booking for a use date opens. after is the
// rule that After names, nil for none: booking opens on the day after that one's
// at the earliest (千代田区: 電話等の受付開始日が6日以降のときはその翌日).
func (o *OpeningRule) OpensAt(use jp.Date, after *OpeningRule) time.Time {
	day := o.OpensOn(use)
	if after != nil {
		if next := after.OpensOn(use).AddDays(1); day.Before(next) {
			day = next
		}
	}
	return slot.At(day, o.Time)
}

// ClosesAt returns the instant from which a slot that starts at start on the use
// date cannot be booked any more.
func (o *OpeningRule) ClosesAt(use jp.Date, start time.Time) time.Time {
	if o.ClosesDaysBefore == 0 {
		return start
	}
	return use.AddDays(-o.ClosesDaysBefore).NextMidnight()
}
