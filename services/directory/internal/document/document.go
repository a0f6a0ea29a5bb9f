// Package document is the domain of the papers that organizations hand in for
// their registration, and of which of them the ward asks.
package document

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

// Max is how many documents an organization hands in for one period at most.
const Max = 50

// Document is one paper; its content lies in the blob store.
type Document struct {
	ID             string    `db:"id"`
	OrganizationID string    `db:"organization_id"`
	Period         int32     `db:"registration_period"` // That it was handed in for.
	Kind           string    `db:"kind"`                // As in the contract.
	FileName       string    `db:"file_name"`
	MediaType      string    `db:"media_type"`
	Size           int64     `db:"size"`   // Bytes.
	SHA256         string    `db:"sha256"` // Of the content, lower-case hexadecimal.
	CreatedBy      string    `db:"created_by"`
	CreatedAt      time.Time `db:"created_at"`
}

// Level is how much a document is needed; the names are the contract's.
type Level string

// The levels.
const (
	NotNeeded Level = "NOT_NEEDED"
	Requested Level = "REQUESTED" // May follow the application.
	Required  Level = "REQUIRED"  // Nothing is handed in without it.
)

// Requirement is what the ward asks of a kind of organization.
type Requirement struct {
	OrganizationKind organization.Kind `db:"organization_kind"`
	DocumentKind     string            `db:"document_kind"`
	Level            Level             `db:"level"`
	EveryRenewal     bool              `db:"every_renewal"` // Else once is enough.
}

// kinds are the kinds of documents that the ward can ask for, in the order of
// the contract.
var kinds = []struct{ kind, ja string }{
	{"BYLAWS", "定款・規約・会則"},
	{"OFFICERS", "役員名簿"},
	{"MEMBERS", "会員名簿"},
	{"REGISTRY", "登記事項証明書"},
	{"ACCOUNTS", "決算書"},
	{"REPORT", "事業報告書"},
	{"PLAN", "事業計画・予算"},
	{"PLEDGE", "誓約書"},
	{"OTHER", "その他の書類"},
}

// Item is one document that is asked for.
type Item struct {
	Requirement
	HandedIn bool
}

// HandedIn is the newest period for which an organization has a document of a
// kind.
type HandedIn struct {
	Kind   string `db:"kind"`
	Period int32  `db:"registration_period"`
}

// Checklist holds what is asked for against what is there, for the period in
// which documents are taken now.
func Checklist(o *organization.Organization, asked []*Requirement, there []*HandedIn) []Item {
	var out []Item
	for _, k := range kinds {
		i := slices.IndexFunc(asked, func(r *Requirement) bool {
			return r.OrganizationKind == o.Kind && r.DocumentKind == k.kind && r.Level != NotNeeded
		})
		if i < 0 {
			continue
		}
		r := *asked[i]
		out = append(out, Item{Requirement: r, HandedIn: slices.ContainsFunc(there, func(h *HandedIn) bool {
			return h.Kind == k.kind && (h.Period == o.DocumentPeriod() || !r.EveryRenewal)
		})})
	}
	return out
}

// Complete refuses to hand in an application or a renewal without what is
// required, and names what is missing. Errors: DOCUMENTS_MISSING.
func Complete(list []Item) error {
	var missing []fault.Field
	for _, i := range list {
		if i.Level == Required && !i.HandedIn {
			missing = append(missing, fault.Field{
				Path: "documents." + i.DocumentKind, Reason: missingReason,
				Ja: nameOf(i.DocumentKind) + "を添付してください。", En: "Add the document " + i.DocumentKind + ".",
			})
		}
	}
	return ErrMissing.OnAny(missing)
}

func nameOf(kind string) string {
	for _, k := range kinds {
		if k.kind == kind {
			return k.ja
		}
	}
	return kind
}

// Removable reports whether the document of the organization was not handed in
// yet. Errors: DOCUMENT_KEPT.
func (d *Document) Removable(o *organization.Organization) error {
	if d.Period != o.DocumentPeriod() || o.State == organization.Pending || o.RenewalRequestedOn != nil {
		return ErrKept
	}
	if _, err := o.State.After(organization.Enclose); err != nil {
		return ErrKept
	}
	return nil
}
