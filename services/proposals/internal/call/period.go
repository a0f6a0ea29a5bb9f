package call

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Arrival is how a proposal reaches the ward.
type Arrival struct {
	At time.Time // Of the database.
	// PostmarkOn is the postmark of paper by mail; zero for none.
	PostmarkOn jp.Date
}

// Open refuses a proposal that does not arrive in the call's period. Days are
// Tokyo's, both inclusive. Where the postmark decides (消印有効), it does so for
// paper by mail instead of the arrival, until the call is concluded. Errors:
// CALL_NOT_OPEN, CALL_CLOSED.
func (c *Call) Open(a Arrival) error {
	byPostmark := c.PostmarkRule && !a.PostmarkOn.IsZero()
	day := jp.DateOf(a.At)
	if byPostmark && a.PostmarkOn.Before(day) {
		day = a.PostmarkOn
	}
	switch {
	case c.State == Draft || day.Before(c.OpensOn):
		return ErrNotOpen.With("opensOn", c.OpensOn.String())
	case c.State == Concluded,
		c.State == Closed && !byPostmark,
		!c.ClosesOn.IsZero() && day.After(c.ClosesOn):
		return ErrClosed.With("closesOn", closing(c.ClosesOn))
	}
	return nil
}

// Drafts refuses a new draft where no proposal can be submitted any more; a
// draft may be begun before the call opens. mail is whether the desk writes down
// paper that came by mail. Errors: CALL_NOT_OPEN, CALL_CLOSED.
func (c *Call) Drafts(now time.Time, mail bool) error {
	switch {
	case c.State == Draft:
		return ErrNotOpen.With("opensOn", c.OpensOn.String())
	case c.State == Concluded,
		(c.State == Closed || c.Overdue(now)) && (!mail || !c.PostmarkRule):
		return ErrClosed.With("closesOn", closing(c.ClosesOn))
	}
	return nil
}

func closing(d jp.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
