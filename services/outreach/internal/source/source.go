// Package source is what partners publish elsewhere (情報のネットワーク化): where it
// is read, how the reading goes, and who sees it. It does no I/O and has no clock.
package source

import (
	"net/url"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Kind is what is read; the values are those of the contract.
type Kind string

// The kinds.
const (
	Feed     Kind = "FEED"
	Calendar Kind = "CALENDAR"
	Link     Kind = "LINK"
)

// State is who sees it; the values are those of the contract.
type State string

// The states.
const (
	Quarantined State = "QUARANTINED"
	Active      State = "ACTIVE"
	Paused      State = "PAUSED"
)

// Health is how the last readings went; the values are those of the contract.
type Health string

// The healths.
const (
	Unchecked Health = "UNCHECKED"
	OK        Health = "OK"
	Failing   Health = "FAILING"
	Dead      Health = "DEAD"
)

// DeadAfter is how many readings in a row fail before a source is dead.
const DeadAfter = 5

const (
	minInterval = 15 * time.Minute
	maxWait     = 24 * time.Hour // Between two tries of what fails.
)

// Source is one place on the web where a partner publishes.
type Source struct {
	ID             string
	Name           string
	Description    string
	Kind           Kind
	URL            string
	SiteURL        string
	OrganizationID string // Empty for one that is not registered.
	Interval       time.Duration
	State          State
	Released       bool // Whether the desk ended the quarantine.
	Failures       int  // In a row.
	Failure        string
	StatusCode     int // Of the last answer; 0 for none.
	ETag           string
	LastModified   string
	ModifiedAt     time.Time // By its own account; zero for none.
	CheckedAt      time.Time // Zero before the first reading.
	DueAt          time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Version        int64

	OrganizationName string // Today.
}

// Complete fills what was left open.
func (s *Source) Complete() {
	if s.Kind == "" {
		s.Kind = Feed
	}
	if s.Interval == 0 {
		s.Interval = time.Hour
		if s.Kind == Link {
			s.Interval = 24 * time.Hour
		}
	}
	if u, err := url.Parse(s.URL); err == nil && s.SiteURL == "" && u.Host != "" {
		s.SiteURL = u.Scheme + "://" + u.Host + "/"
	}
}

// Check refuses a source that lacks something. Errors: INVALID_FIELD.
func (s *Source) Check() error {
	var wrong []fault.Field
	if s.Name == "" {
		wrong = append(wrong, fault.Missing("source.name"))
	}
	if s.URL == "" {
		wrong = append(wrong, fault.Missing("source.url"))
	}
	if s.Interval < minInterval {
		wrong = append(wrong, fault.Wrong("source.intervalMinutes", "読み込みの間隔は15分以上にしてください。", "Leave at least 15 minutes between two readings."))
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

// Host is the server that is asked, which is asked by one reader at a time.
func (s *Source) Host() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// Health is how the last readings went.
func (s *Source) Health() Health {
	switch {
	case s.Failures >= DeadAfter:
		return Dead
	case s.Failures > 0:
		return Failing
	case s.CheckedAt.IsZero():
		return Unchecked
	default:
		return OK
	}
}

// Replace makes s the new text of a source. Another address is read from the
// beginning, in quarantine unless the desk writes it.
func (s *Source) Replace(old *Source, by Reader, now time.Time) {
	text := *s
	*s = *old
	s.Name, s.Description, s.URL, s.SiteURL, s.Interval = text.Name, text.Description, text.URL, text.SiteURL, text.Interval
	if s.URL == old.URL {
		return
	}
	s.ETag, s.LastModified, s.ModifiedAt, s.CheckedAt, s.StatusCode = "", "", time.Time{}, time.Time{}, 0
	s.recover(now)
	if !by.Desk {
		s.Released = false
		if s.State == Active {
			s.State = Quarantined
		}
	}
}

func (s *Source) recover(now time.Time) { s.Failures, s.Failure, s.DueAt = 0, "", now }

// Release ends the quarantine. Errors: INVALID_STATE_TRANSITION.
func (s *Source) Release() error {
	if s.State != Quarantined {
		return s.refuse(Active)
	}
	s.State, s.Released = Active, true
	return nil
}

// Pause stops the reading. Errors: INVALID_STATE_TRANSITION.
func (s *Source) Pause() error {
	if s.State == Paused {
		return s.refuse(Paused)
	}
	s.State = Paused
	return nil
}

// Resume reads a paused source again, at once. Errors: INVALID_STATE_TRANSITION.
func (s *Source) Resume(now time.Time) error {
	if s.State != Paused {
		return s.refuse(Active)
	}
	s.State = Quarantined
	if s.Released {
		s.State = Active
	}
	s.recover(now)
	return nil
}

func (s *Source) refuse(to State) error {
	allowed := map[State][]string{
		Quarantined: {string(Active), string(Paused)}, Active: {string(Paused)}, Paused: {string(Active), string(Quarantined)},
	}
	return fault.Transition(string(s.State), string(to), allowed[s.State]...)
}

// Reading is how one reading went.
type Reading struct {
	Failure      string // A code; empty for a success.
	StatusCode   int
	ETag         string
	LastModified string
	ModifiedAt   time.Time
	RetryAfter   time.Duration // That the server asks for.
}

// Take notes a reading and sets the next one: after the interval, after failures
// twice as long each time up to a day. It reports whether the source died by it.
func (s *Source) Take(r Reading, now time.Time) (died bool) {
	s.CheckedAt, s.StatusCode, s.Failure = now, r.StatusCode, r.Failure
	wait := s.Interval
	if r.Failure == "" {
		s.Failures, s.ETag, s.LastModified, s.ModifiedAt = 0, r.ETag, r.LastModified, r.ModifiedAt
	} else {
		s.Failures++
		for range min(s.Failures, 12) {
			wait = min(wait*2, max(maxWait, s.Interval))
		}
		if s.Failures >= DeadAfter {
			wait = max(maxWait, s.Interval)
		}
	}
	s.DueAt = now.Add(max(wait, r.RetryAfter))
	return s.Failures == DeadAfter
}
