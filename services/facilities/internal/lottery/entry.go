package lottery

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// MaxPlacesPerEntry bounds what one entry asks for.
const MaxPlacesPerEntry = 16

// EntryState is where an entry stands; the values are those of the contract.
type EntryState string

// The states of an entry.
const (
	Entered      EntryState = "ENTERED"
	Won          EntryState = "WON"
	Confirmed    EntryState = "CONFIRMED"
	Lost         EntryState = "LOST"
	NotConfirmed EntryState = "NOT_CONFIRMED"
	Withdrawn    EntryState = "WITHDRAWN"
)

// Entry is an organization's wish in a lottery.
type Entry struct {
	ID             string
	LotteryID      string
	HolderID       string // Organization, or person for a resident's own entry.
	OrganizationID string // Empty for a resident's own entry.
	UserClass      string
	Priority       int
	Purpose        string
	Title          string
	Headcount      int
	Uses           []Use
	State          EntryState
	BookingIDs     []string
	PaperNote      string
	CreatedBy      string
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Version        int64

	OrganizationName string // Present name, as far as it is known.
	TicketID         string // From the closing on.
	Rank             int    // From the draw on.
	Outcome          string // WON, LOST_CAP or LOST_TAKEN; from the draw on.
}

// Use is a room on a day.
type Use struct {
	ID         string    `json:"id"` // Under which its places are held after a win.
	FacilityID string    `json:"facilityId"`
	RoomID     string    `json:"roomId"`
	Date       jp.Date   `json:"date"`
	SlotCodes  []string  `json:"slotCodes"`
	SlotNos    []int     `json:"slotNos"`
	Atoms      []int32   `json:"atoms"` // Parts of the room, ascending.
	StartsAt   time.Time `json:"startsAt"`
}

// Slots are what the entry counts against caps: a combined room is one slot.
func (e *Entry) Slots() int {
	n := 0
	for _, u := range e.Uses {
		n += len(u.SlotNos)
	}
	return n
}

// Places are the names of all places that the entry needs, ascending.
func (e *Entry) Places() []string {
	var out []string
	for _, u := range e.Uses {
		for _, a := range u.Atoms {
			for _, no := range u.SlotNos {
				out = append(out, PlaceName(a, u.Date, no))
			}
		}
	}
	slices.Sort(out)
	return out
}

// Check refuses an entry that asks for a place twice or for too many. Errors:
// INVALID_FIELD.
func (e *Entry) Check() error {
	places := e.Places()
	if len(places) > MaxPlacesPerEntry {
		return fault.ErrInvalidField.On(fault.Wrong("uses", "一度に申し込める時間区分が多すぎます。申込みを分けてください。", "Too many slots in one entry."))
	}
	if len(slices.Compact(places)) < len(e.Places()) {
		return fault.ErrInvalidField.On(fault.Wrong("uses", "同じ時間区分を重ねて指定しないでください。", "Name each slot once."))
	}
	return nil
}

// Withdraw takes the entry back; freed reports whether it had won its places.
// Errors: INVALID_STATE_TRANSITION.
func (e *Entry) Withdraw() (freed bool, err error) {
	switch e.State {
	case Entered, Won:
		freed = e.State == Won
		e.State = Withdrawn
		return freed, nil
	}
	return false, e.refuse(Withdrawn)
}

// Confirm takes what was won, in time. Errors: INVALID_STATE_TRANSITION,
// CONFIRMATION_CLOSED.
func (e *Entry) Confirm(l *Lottery, now time.Time, bookingIDs []string) error {
	if e.State == Won && !now.Before(l.ConfirmBy) || e.State == NotConfirmed {
		return ErrConfirmationClosed.With("confirmByTime", l.ConfirmBy.UTC().Format(time.RFC3339))
	}
	if e.State != Won {
		return e.refuse(Confirmed)
	}
	e.State, e.BookingIDs = Confirmed, bookingIDs
	return nil
}

// StateAt is the state as anybody reads it at now: a win that was not confirmed
// in time is lost, whether it was swept up or not.
func (e *Entry) StateAt(l *Lottery, now time.Time) EntryState {
	if e.State == Won && !now.Before(l.ConfirmBy) {
		return NotConfirmed
	}
	return e.State
}

// next are the states that an entry can be brought to by its organization.
var next = map[EntryState][]string{
	Entered: {string(Withdrawn)},
	Won:     {string(Confirmed), string(Withdrawn)},
}

func (e *Entry) refuse(to EntryState) error {
	return fault.Transition(string(e.State), string(to), next[e.State]...)
}
