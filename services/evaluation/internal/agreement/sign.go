package agreement

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// Sign signs the version for a side; None is the reader's own. The first
// signature fixes the text. The version is signed when the ward and every
// organization of the project have. Errors: PERMISSION_DENIED,
// SIGNATURE_OF_OTHER_SIDE, INVALID_FIELD, INVALID_STATE_TRANSITION,
// SIGNATURE_REPEATED, AGREEMENT_INCOMPLETE.
func (a *Agreement) Sign(p *project.Project, by project.Reader, side project.Side, now time.Time) (Signature, error) {
	side, err := signingSide(p, by, side)
	if err != nil {
		return Signature{}, err
	}
	if err := open(p); err != nil {
		return Signature{}, err
	}
	if a.State != Draft && a.State != PartlySigned {
		return Signature{}, fault.Transition(string(a.State), string(Signed))
	}
	if slices.ContainsFunc(a.Signatures, func(s Signature) bool { return s.SignedBy == by.ID }) {
		return Signature{}, ErrRepeated
	}
	s := Signature{Position: len(a.Signatures) + 1, Side: side, SignedBy: by.ID, SignedAt: now}
	if side == project.Ward {
		s.DepartmentID, s.Name, s.Signatory = p.LeadDepartmentID, p.Names.Departments[p.LeadDepartmentID], a.WardSignatory
	} else {
		s.OrganizationID, s.Signatory = a.unsigned(p, by.Represents), a.OrganizationSignatory
		s.Name = p.Names.Organizations[s.OrganizationID]
	}
	if side == project.Ward && a.signedBy(project.Ward, "") || side == project.Organization && s.OrganizationID == "" {
		return Signature{}, ErrRepeated
	}
	if a.State == Draft {
		if err := a.complete(); err != nil {
			return Signature{}, err
		}
		a.fix(p)
	}
	a.Signatures = append(a.Signatures, s)
	if a.signedByAll(p) {
		a.State, a.SignedAt = Signed, now
	}
	return s, nil
}

// signingSide is the side for which the reader may sign.
func signingSide(p *project.Project, by project.Reader, side project.Side) (project.Side, error) {
	organization, ward := by.Heads(p), by.Approves(p)
	switch {
	case !organization && !ward:
		return side, fault.ErrPermissionDenied
	case side == project.None && organization && ward:
		return side, fault.ErrInvalidField.On(fault.Missing("side"))
	case side == project.Organization && !organization, side == project.Ward && !ward:
		return side, ErrOtherSide
	case side != project.None:
		return side, nil
	case organization:
		return project.Organization, nil
	default:
		return project.Ward, nil
	}
}

// unsigned is the first organization of the project among ids that has not
// signed; empty for none.
func (a *Agreement) unsigned(p *project.Project, ids []string) string {
	for _, id := range p.OrganizationIDs {
		if slices.Contains(ids, id) && !a.signedBy(project.Organization, id) {
			return id
		}
	}
	return ""
}

func (a *Agreement) signedBy(side project.Side, organizationID string) bool {
	return slices.ContainsFunc(a.Signatures, func(s Signature) bool {
		return s.Side == side && s.OrganizationID == organizationID
	})
}

func (a *Agreement) signedByAll(p *project.Project) bool {
	return a.signedBy(project.Ward, "") && a.unsigned(p, p.OrganizationIDs) == ""
}

// fix makes the canonical text, which is what everybody signs.
func (a *Agreement) fix(p *project.Project) {
	a.State, a.Text = PartlySigned, a.canonical(p)
	sum := sha256.Sum256([]byte(a.Text))
	a.SHA256 = hex.EncodeToString(sum[:])
}

// canonical writes all that is agreed as plain text with lines that end in LF.
func (a *Agreement) canonical(p *project.Project) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s", a.Title)
	line("事業番号：%s　協定書の版：第%d版", p.PublicNumber, a.Version)
	line("協働の形態：%s", project.FormOf(a.Form).Name)
	line("準拠する規程：%s（第%d版）", rulebookName, a.RulebookNumber)
	line("")
	line("%s", a.Preamble)
	for i, t := range a.Articles {
		line("")
		line("第%d条（%s）", i+1, t.Title)
		line("%s", t.Text)
	}
	line("")
	line("%s", a.Closing)
	line("")
	line("甲　千代田区（担当：%s）　%s", departments(p), a.WardSignatory)
	for _, id := range p.OrganizationIDs {
		line("乙　%s　%s", p.Names.Organizations[id], a.OrganizationSignatory)
	}
	return strings.ReplaceAll(strings.ReplaceAll(b.String(), "\r\n", "\n"), "\r", "\n")
}

// rulebookName is how agreements call the rulebook.
const rulebookName = "千代田区協働のルール"
