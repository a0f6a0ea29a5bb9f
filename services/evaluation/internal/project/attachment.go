package project

import (
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// MaxAttachments bounds the documents of a project.
const MaxAttachments = 100

// Visibility is for whom a document is; the values are those of the contract.
type Visibility string

// The visibilities.
const (
	ForEverybody Visibility = "PUBLIC"
	ForBothSides Visibility = "BOTH_SIDES"
	ForWard      Visibility = "WARD_ONLY"
)

// receipt is the kind that never is for everybody: it names who was paid.
const receipt = "RECEIPT"

// Attachment is one document of a project.
type Attachment struct {
	ID         string
	ProjectID  string
	Kind       string // As in ProjectAttachmentHeader.kind.
	Visibility Visibility
	Published  bool // Whether everybody may see it.
	Side       Side // That added it.
	FileName   string
	MediaType  string
	Size       int64  // Bytes.
	SHA256     string // Of the content, lower-case hexadecimal.
	CreatedBy  string // Pseudonym.
	CreatedAt  time.Time
	ApprovedBy string // Who published it; empty before.
}

// IsFor reports whether a reader who sees the project sees the document.
func (a *Attachment) IsFor(p *Project, by Reader) bool {
	switch {
	case a.Published:
		return true
	case a.Visibility == ForWard:
		return by.ofWard(p)
	default:
		return by.Inside(p)
	}
}

// ofWard reports whether the reader is of the project's ward side.
func (r Reader) ofWard(p *Project) bool { return r.Desk || p.hasDepartment(r.Department) }

// Attach refuses a document of who writes for no side, of a closed project, and
// one that is not for the one to open. Without a visibility it is for both sides.
// Errors: PERMISSION_DENIED, PROJECT_CLOSED, INVALID_FIELD.
func (p *Project) Attach(by Reader, a *Attachment) error {
	if err := p.keeps(by); err != nil {
		return err
	}
	a.ProjectID, a.Side, a.CreatedBy = p.ID, by.Side(p), by.ID
	if a.Visibility == "" {
		a.Visibility = ForBothSides
	}
	switch {
	case a.Visibility == ForWard && a.Side != Ward:
		return fault.ErrInvalidField.On(fault.Wrong("header.visibility", "区の内部の書類は、区の側だけが登録できます。公開の範囲を選び直してください。", "Only the ward adds documents for the ward."))
	case a.Visibility == ForEverybody && a.Kind == receipt:
		return fault.ErrInvalidField.On(fault.Wrong("header.visibility", "領収書は公開できません。公開の範囲を「双方」にしてください。", "Receipts are never for everybody."))
	}
	return nil
}

// RoomForAttachment refuses another document beside n. Errors: ATTACHMENT_LIMIT.
func (p *Project) RoomForAttachment(n int) error {
	if n >= MaxAttachments {
		return ErrAttachmentLimit.With("limit", strconv.Itoa(MaxAttachments))
	}
	return nil
}

// keeps refuses to change the documents of a closed record.
func (p *Project) keeps(by Reader) error {
	if by.Side(p) == None {
		return fault.ErrPermissionDenied
	}
	if p.State == Closed {
		return ErrClosed
	}
	return nil
}

// Publish opens a document for everybody, by another person of the ward. Errors:
// PERMISSION_DENIED, DOCUMENT_NOT_FOR_EVERYBODY, INVALID_STATE_TRANSITION,
// SELF_APPROVAL_FORBIDDEN.
func (a *Attachment) Publish(p *Project, by Reader) error {
	switch {
	case !by.ofWard(p):
		return fault.ErrPermissionDenied
	case a.Visibility != ForEverybody:
		return ErrDocumentNotForEverybody
	case a.Published:
		return fault.Transition("PUBLISHED", "PUBLISHED")
	case a.CreatedBy == by.ID:
		return fault.ErrSelfApprovalForbidden
	}
	a.Published, a.ApprovedBy = true, by.ID
	return nil
}

// Remove refuses to remove what is published or of the other side. Errors:
// PERMISSION_DENIED, PROJECT_CLOSED, DOCUMENT_PUBLISHED, DOCUMENT_OF_OTHER_SIDE.
func (a *Attachment) Remove(p *Project, by Reader) error {
	if err := p.keeps(by); err != nil {
		return err
	}
	switch {
	case a.Published:
		return ErrDocumentPublished
	case a.Side != by.Side(p):
		return ErrDocumentOfOtherSide
	}
	return nil
}
