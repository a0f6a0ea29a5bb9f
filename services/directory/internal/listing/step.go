package listing

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// field is one writable field under its path in the update mask.
type field struct {
	path string
	days bool // May change while the listing is published.
	copy func(to, from *Text)
}

var fields = []field{
	{"kind", false, func(to, from *Text) { to.Kind = from.Kind }},
	{"category", false, func(to, from *Text) { to.Category = from.Category }},
	{"title", false, func(to, from *Text) { to.Title = from.Title }},
	{"description", false, func(to, from *Text) { to.Description = from.Description }},
	{"conditions", false, func(to, from *Text) { to.Conditions = from.Conditions }},
	{"quantity", false, func(to, from *Text) { to.Quantity = from.Quantity }},
	{"activity_fields", false, func(to, from *Text) { to.ActivityFields = from.ActivityFields }},
	{"town", false, func(to, from *Text) { to.Town = from.Town }},
	{"available_from", true, func(to, from *Text) { to.AvailableFrom = from.AvailableFrom }},
	{"available_until", true, func(to, from *Text) { to.AvailableUntil = from.AvailableUntil }},
	{"expires_on", true, func(to, from *Text) { to.ExpiresOn = from.ExpiresOn }},
	{"source_name", false, func(to, from *Text) { to.SourceName = from.SourceName }},
	{"source_url", false, func(to, from *Text) { to.SourceURL = from.SourceURL }},
}

// Paths returns the paths of an update mask.
func Paths() []string {
	var out []string
	for _, f := range fields {
		out = append(out, f.path)
	}
	return out
}

// Change writes the fields of the paths in the caller's name: of a draft any, of
// a published listing the days. Errors: INVALID_STATE_TRANSITION,
// LISTING_TEXT_FIXED, INVALID_FIELD, LISTING_PERIOD_INVALID.
func (l *Listing) Change(by Caller, from Text, paths []string, now time.Time) error {
	if l.State != Draft && l.State != Published {
		return fault.Transition(string(l.State), string(Draft), l.possible()...)
	}
	for _, f := range fields {
		if !slices.Contains(paths, f.path) {
			continue
		}
		if l.State == Published && !f.days {
			return ErrTextFixed
		}
		f.copy(&l.Text, &from)
	}
	today := jp.DateOf(now)
	if err := l.normalize(today); err != nil {
		return err
	}
	if l.State == Draft {
		l.WrittenBy = by.Actor
	}
	return l.open(today)
}

// From notes from whose list the listing is: intermediary is the one of which
// the caller is a member, empty for none. Whoever else leaves source and list as
// they are. Errors: SOURCE_NOT_YOURS.
func (l *Listing) From(intermediaryID, intermediaryName string, before Text) error {
	same := l.SourceName == before.SourceName && l.SourceURL == before.SourceURL
	switch {
	case same:
		return nil
	case intermediaryID == "", l.SourceID != "" && l.SourceID != intermediaryID:
		return ErrSourceNotYours.OnPath("sourceName")
	case l.SourceName == "" && l.SourceURL == "":
		l.SourceID = ""
		return nil
	case l.SourceName == "":
		l.SourceName = intermediaryName
	}
	l.SourceID = intermediaryID
	return nil
}

// Submit hands the draft over to be checked. Errors: INVALID_STATE_TRANSITION,
// LISTING_PERIOD_INVALID.
func (l *Listing) Submit(now time.Time) error {
	if err := l.step(Draft, Pending); err != nil {
		return err
	}
	l.CorrectionReason = ""
	return l.open(jp.DateOf(now))
}

// Return gives the listing back to its author. Errors: PERMISSION_DENIED,
// SELF_APPROVAL_FORBIDDEN, INVALID_STATE_TRANSITION.
func (l *Listing) Return(by Caller, reason string) error {
	if err := by.mayCheck(l); err != nil {
		return err
	}
	l.CorrectionReason = jp.Clean(reason)
	return l.step(Pending, Draft)
}

// Publish makes the checked listing public. Errors: PERMISSION_DENIED,
// SELF_APPROVAL_FORBIDDEN, INVALID_STATE_TRANSITION, LISTING_PERIOD_INVALID.
func (l *Listing) Publish(by Caller, now time.Time) error {
	if err := by.mayCheck(l); err != nil {
		return err
	}
	if err := l.step(Pending, Published); err != nil {
		return err
	}
	l.PublishedBy, l.PublishedAt = by.Actor, &now
	return l.open(jp.DateOf(now))
}

// Close ends the listing with what came of it. Errors: INVALID_STATE_TRANSITION.
func (l *Listing) Close(outcome, note string, now time.Time) error {
	if l.State == Closed || l.State == Expired {
		return fault.Transition(string(l.State), string(Closed))
	}
	l.State, l.Outcome, l.OutcomeNote, l.ClosedAt = Closed, outcome, jp.Clean(note), &now
	return nil
}

// Expire ends a published listing whose last day has passed; false when it has
// not, or is not published any more.
func (l *Listing) Expire(now time.Time) bool {
	if l.State != Published || !l.ExpiresOn.Before(jp.DateOf(now)) {
		return false
	}
	l.State, l.ClosedAt = Expired, &now
	return true
}

// step goes along one line of the state graph. Errors: INVALID_STATE_TRANSITION.
func (l *Listing) step(from, to State) error {
	if l.State != from {
		return fault.Transition(string(l.State), string(to), l.possible()...)
	}
	l.State = to
	return nil
}

// possible are the states that follow the present one.
func (l *Listing) possible() []string {
	switch l.State {
	case Draft:
		return []string{string(Pending), string(Closed)}
	case Pending:
		return []string{string(Draft), string(Published), string(Closed)}
	case Published:
		return []string{string(Closed), string(Expired)}
	default:
		return nil
	}
}
