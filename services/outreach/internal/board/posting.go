package board

import (
	"fmt"
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
)

// State is where a posting stands; the values are those of the contract.
type State string

// The states.
const (
	Requested State = "REQUESTED"
	Approved  State = "APPROVED"
	Rejected  State = "REJECTED"
	Withdrawn State = "WITHDRAWN"
	Ended     State = "ENDED"
)

// NumberKind stands in the approval numbers: R8-掲-0001.
const NumberKind = "掲"

// Posting is a sheet on boards for some days.
type Posting struct {
	ID             string
	Number         string // Empty before the approval.
	State          State
	OrganizationID string // Empty for a sheet of the ward's own.
	DepartmentID   string // In charge; empty while nobody named it.
	DepartmentPart credit.Part
	EventID        string
	Credits        credit.Lines
	Title          string
	Body           string
	DateText       string
	PlaceText      string
	Contact        string
	URL            string
	Size           Size
	Copies         int
	StartsOn       jp.Date
	EndsOn         jp.Date // Inclusive.
	BoardIDs       []string
	Keepers        []string // Departments that look after the boards.
	NeedsStamp     bool
	Reason         string
	CreatedBy      string
	ApprovedBy     string
	CreatedAt      time.Time
	UpdatedAt      time.Time
	ApprovedAt     time.Time
	Version        int64

	OrganizationName string // Today.
	DepartmentName   string // Today.
	Places           []Place
}

// Place is one board of a posting.
type Place struct{ BoardID, Number, Name string }

// Holder is whose a posting is as far as a board is concerned: of the
// organization, or of nobody but itself.
func (p *Posting) Holder() string {
	if p.OrganizationID == "" {
		return p.ID
	}
	return p.OrganizationID
}

// Complete fills what the applicant left open.
func (p *Posting) Complete() {
	if p.Size == "" {
		p.Size = A4
	}
	if p.Copies == 0 {
		p.Copies = 1
	}
	if p.EndsOn.IsZero() {
		p.EndsOn = p.StartsOn
	}
}

// Check refuses a request that lacks something or lies in the past. Errors:
// INVALID_FIELD.
func (p *Posting) Check(today jp.Date) error {
	var wrong []fault.Field
	for _, f := range []struct {
		path  string
		empty bool
	}{
		{"posting.title", p.Title == ""},
		{"posting.contact", p.Contact == ""},
		{"posting.startsOn", p.StartsOn.IsZero()},
		{"posting.boardIds", len(p.BoardIDs) == 0},
	} {
		if f.empty {
			wrong = append(wrong, fault.Missing(f.path))
		}
	}
	add := func(path, ja, en string) {
		wrong = append(wrong, fault.Wrong(path, ja, en))
	}
	if !p.StartsOn.IsZero() && p.StartsOn.Before(today) {
		add("posting.startsOn", "掲示の初日は今日以後の日にしてください。", "The first day must not be past.")
	}
	if p.EndsOn.Before(p.StartsOn) {
		add("posting.endsOn", "掲示の末日は初日以後の日にしてください。", "The last day must not be before the first.")
	}
	if p.DepartmentPart != "" && p.DepartmentID == "" && p.EventID == "" {
		add("posting.departmentPart", "課の名義を表示するときは、課も選んでください。", "Name the section whose part is shown.")
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

// Fit holds the request against the rules of its boards, all of which are given,
// and takes over what depends on them. Errors: BOARD_CLOSED, BOARD_RULE_BROKEN.
func (p *Posting) Fit(boards []*Board, today jp.Date) error {
	p.Keepers, p.NeedsStamp, p.Places = nil, false, nil
	for _, b := range boards {
		if !b.InUse {
			return ErrClosed.With("boardId", b.ID).With("number", b.Number)
		}
		if broken := p.broken(b, today); broken != nil {
			return ErrRule.With("boardId", b.ID).With("number", b.Number).On(*broken)
		}
		if !slices.Contains(p.Keepers, b.DepartmentID) {
			p.Keepers = append(p.Keepers, b.DepartmentID)
		}
		p.NeedsStamp = p.NeedsStamp || b.NeedsStamp
		p.Places = append(p.Places, Place{b.ID, b.Number, b.Name})
	}
	return nil
}

// broken is the first rule of a board that the request breaks; nil for none.
func (p *Posting) broken(b *Board, today jp.Date) *fault.Field {
	field := func(path, ja, en string) *fault.Field {
		return &fault.Field{Path: path, Reason: ErrRule.Reason, Ja: ja, En: en}
	}
	switch from := p.StartsOn.AddMonths(-b.ApplyFromMonths); {
	case !slices.Contains(b.Sizes, p.Size):
		return field("posting.size", fmt.Sprintf("広報板%sには%sの掲示物を貼れません。", b.Number, p.Size), fmt.Sprintf("Board %s takes no %s sheets.", b.Number, p.Size))
	case p.StartsOn.DaysUntil(p.EndsOn)+1 > b.MaxDays:
		return field("posting.endsOn", fmt.Sprintf("広報板%sの掲示期間は%d日以内です。", b.Number, b.MaxDays), fmt.Sprintf("Board %s takes a sheet for at most %d days.", b.Number, b.MaxDays))
	case p.Copies > b.CopiesPerPosting:
		return field("posting.copies", fmt.Sprintf("広報板%sに貼れるのは%d枚までです。", b.Number, b.CopiesPerPosting), fmt.Sprintf("Board %s takes at most %d copies.", b.Number, b.CopiesPerPosting))
	case today.Before(from):
		return field("posting.startsOn", fmt.Sprintf("広報板%sの申請は%sから受け付けます。", b.Number, jp.LongDate(from)), fmt.Sprintf("Board %s takes requests from %s.", b.Number, from))
	}
	return nil
}

// Credit sets who stands behind the posting: the credits of the event where it
// announces one, else the organization as organizer and the section with its part.
// A sheet of the ward's own has its section as organizer.
func (p *Posting) Credit(event credit.Lines) {
	if len(event) > 0 {
		p.Credits = event
		return
	}
	p.Credits = nil
	part := p.DepartmentPart
	if p.OrganizationID != "" {
		p.Credits = append(p.Credits, credit.Line{Part: credit.Organizer, OrganizationID: p.OrganizationID, Name: p.OrganizationName})
	} else if part == "" {
		part = credit.Organizer
	}
	if part != "" && p.DepartmentID != "" {
		p.Credits = append(p.Credits, credit.Line{Part: part, DepartmentID: p.DepartmentID, Name: p.DepartmentName})
	}
}

// Replace makes p the new text of a request that is not decided. Errors:
// POSTING_NOT_EDITABLE.
func (p *Posting) Replace(old *Posting) error {
	if old.State != Requested {
		return ErrNotEditable.With("state", string(old.State))
	}
	p.ID, p.State, p.CreatedBy, p.CreatedAt, p.Version = old.ID, old.State, old.CreatedBy, old.CreatedAt, old.Version
	p.OrganizationID, p.OrganizationName = old.OrganizationID, old.OrganizationName
	if p.DepartmentID == old.DepartmentID {
		p.DepartmentName = old.DepartmentName
	}
	return nil
}

// Approve approves a request of another person; the number is given by the
// caller. Errors: INVALID_STATE_TRANSITION, PERMISSION_DENIED,
// SELF_APPROVAL_FORBIDDEN, POSTING_PAST.
func (p *Posting) Approve(by Reader, now time.Time) error {
	switch {
	case !by.Decides(p):
		return fault.ErrPermissionDenied
	case p.State != Requested:
		return p.refuse(Approved)
	case p.CreatedBy == by.ID:
		return fault.ErrSelfApprovalForbidden
	case p.EndsOn.Before(jp.DateOf(now)):
		return ErrPast.With("endsOn", p.EndsOn.String())
	}
	p.State, p.ApprovedBy, p.ApprovedAt = Approved, by.ID, now
	return nil
}

// Numbered gives the approval number.
func (p *Posting) Numbered(serial int) {
	p.Number = fmt.Sprintf("%s-%s-%04d", jp.FiscalYearCode(p.FiscalYear()), NumberKind, serial)
}

// FiscalYear is that of the approval.
func (p *Posting) FiscalYear() int { return jp.FiscalYear(jp.DateOf(p.ApprovedAt)) }

// Reject refuses a request. Errors: INVALID_STATE_TRANSITION, PERMISSION_DENIED.
func (p *Posting) Reject(by Reader, reason string) error {
	switch {
	case !by.Decides(p):
		return fault.ErrPermissionDenied
	case p.State != Requested:
		return p.refuse(Rejected)
	}
	p.State, p.Reason = Rejected, reason
	return nil
}

// Withdraw takes a request or an approved posting back. Errors:
// INVALID_STATE_TRANSITION, PERMISSION_DENIED.
func (p *Posting) Withdraw(by Reader, reason string) error {
	switch {
	case !by.Writes(p):
		return fault.ErrPermissionDenied
	case p.State != Requested && p.State != Approved:
		return p.refuse(Withdrawn)
	}
	p.State, p.Reason = Withdrawn, reason
	return nil
}

// End ends a posting whose last day is over; it reports whether it did. A request
// that nobody decided by then ends too.
func (p *Posting) End(now time.Time) bool {
	if p.State != Requested && p.State != Approved || !p.EndsOn.Before(jp.DateOf(now)) {
		return false
	}
	p.State = Ended
	return true
}

func (p *Posting) refuse(to State) error {
	var allowed []string
	switch p.State {
	case Requested:
		allowed = []string{string(Approved), string(Rejected), string(Withdrawn)}
	case Approved:
		allowed = []string{string(Withdrawn)}
	}
	return fault.Transition(string(p.State), string(to), allowed...)
}
