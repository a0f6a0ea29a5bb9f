// Package newsletter is the mail magazine: what readers wish for, issues from draft by
// approval of another person to the last mail, and which of an issue belongs to whom.
// It does no I/O and has no clock.
package newsletter

import (
	"slices"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// The limits of subscriptions.
const (
	ConfirmWithin = 24 * time.Hour // From the mail on.
	KeepDays      = 31             // After the end of a subscription, and of the consent after the address.
	SoftBounces   = 5              // One after the other, that suspend a reader.
	TopicLimit    = 30
)

// Format is the form of a reader's mails; the values are those of the contract.
type Format string

// The formats.
const (
	HTML Format = "HTML"
	Text Format = "TEXT"
)

// ReaderState is where a subscription stands; the values are those of the contract.
type ReaderState string

// The states of readers.
const (
	Active       ReaderState = "ACTIVE"
	Suspended    ReaderState = "SUSPENDED"
	Unsubscribed ReaderState = "UNSUBSCRIBED"
)

// Area is a part of the ward, by the branch office in charge.
type Area struct{ Code, Name string }

// Areas are the parts of the ward, in the order of its branch offices.
var Areas = []Area{
	{"kojimachi", "麹町"},
	{"fujimi", "富士見"},
	{"jimbocho", "神保町"},
	{"kandaKoen", "神田公園"},
	{"manseibashi", "万世橋"},
	{"izumibashi", "和泉橋"},
}

// Topic is what a reader can choose.
type Topic struct {
	Code        string
	Name        string
	Description string
	Sections    []Section // Of which everything belongs to it.
	Ended       bool      // Chosen no more.
	Position    int
	Version     int64
}

// Topics are all topics, in their order.
type Topics []*Topic

// Check refuses codes that nobody can choose. Errors: TOPIC_UNKNOWN.
func (t Topics) Check(codes []string) error {
	for _, c := range codes {
		if !slices.ContainsFunc(t, func(k *Topic) bool { return k.Code == c && !k.Ended }) {
			return ErrTopicUnknown.With("topic", c)
		}
	}
	return nil
}

// Of are the topics to which something in a section with these codes belongs.
func (t Topics) Of(section Section, codes []string) []string {
	out := []string{}
	for _, k := range t {
		if !k.Ended && (slices.Contains(codes, k.Code) || slices.Contains(k.Sections, section)) {
			out = append(out, k.Code)
		}
	}
	return out
}

// Wish is what a reader chose.
type Wish struct {
	Topics []string
	Areas  []string // None for the whole ward.
	Format Format
}

// Key is the same for wishes that get the same mail.
func (w Wish) Key() string {
	sorted := func(list []string) string { return strings.Join(slices.Sorted(slices.Values(list)), ",") }
	return string(w.Format) + ";" + sorted(w.Topics) + ";" + sorted(w.Areas)
}

// Reader is a confirmed subscription; the address is the store's.
type Reader struct {
	ID    string
	State ReaderState
	Wish
	SoftBounces int
	BouncedOn   jp.Date // Of the last soft bounce that counted; zero for none.
	ConfirmedAt time.Time
	EndedAt     time.Time // Zero while it goes on.
	UpdatedAt   time.Time
	Version     int64
}

// Choose takes a new choice; who was suspended or had ended it reads again.
func (r *Reader) Choose(w Wish) {
	r.Wish, r.State, r.EndedAt, r.SoftBounces, r.BouncedOn = w, Active, time.Time{}, 0, jp.Date{}
}

// End ends the subscription. A repetition changes nothing, and that is reported.
func (r *Reader) End(now time.Time) (news bool) {
	if r.State == Unsubscribed {
		return false
	}
	r.State, r.EndedAt = Unsubscribed, now
	return true
}

// Bounce counts a mail that came back: a hard one suspends at once, soft ones at the
// fifth; of one day one counts. It reports whether anything changed.
func (r *Reader) Bounce(hard bool, today jp.Date) (news bool) {
	switch {
	case r.State != Active, !hard && r.BouncedOn == today:
		return false
	case hard:
		r.State = Suspended
		return true
	}
	r.SoftBounces++
	r.BouncedOn = today
	if r.SoftBounces >= SoftBounces {
		r.State = Suspended
	}
	return true
}
