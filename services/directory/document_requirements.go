package directory

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/document"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// GetDocumentChecklist says which documents the ward asks of the organization now,
// and which of them are there. It holds no personal data, so the desk states no
// reason.
func (s *documents) GetDocumentChecklist(ctx context.Context, req *directoryv1.GetDocumentChecklistRequest) (*directoryv1.GetDocumentChecklistResponse, error) {
	v := viewer(ctx)
	o, err := store.GetOrganization(ctx, s.DB, req.GetOrganizationId(), v)
	switch {
	case err != nil:
		return nil, err
	case !v.Desk && !o.IsMember():
		return nil, fault.ErrNotFound
	case !v.Desk && !o.Represents():
		return nil, fault.ErrPermissionDenied
	}
	list, err := store.Checklist(ctx, s.DB, &o.Organization)
	if err != nil {
		return nil, err
	}
	resp := &directoryv1.GetDocumentChecklistResponse{RegistrationPeriod: o.DocumentPeriod()}
	for _, i := range list {
		resp.Items = append(resp.Items, &directoryv1.GetDocumentChecklistResponse_Item{Requirement: requirementProto(&i.Requirement), HandedIn: i.HandedIn})
		if !i.HandedIn {
			resp.Missing = append(resp.Missing, i.DocumentKind)
		}
	}
	return resp, nil
}

// ListDocumentRequirements lists which documents the ward asks of which kind of
// organization.
func (s *documents) ListDocumentRequirements(ctx context.Context, req *directoryv1.ListDocumentRequirementsRequest) (*directoryv1.ListDocumentRequirementsResponse, error) {
	found, err := store.ListRequirements(ctx, s.DB, name(req.GetOrganizationKind()))
	if err != nil {
		return nil, err
	}
	resp := &directoryv1.ListDocumentRequirementsResponse{}
	for _, q := range found {
		resp.Requirements = append(resp.Requirements, requirementProto(q))
	}
	return resp, nil
}

// SetDocumentRequirement sets what the ward asks of a kind of organization, from
// now on.
func (s *documents) SetDocumentRequirement(ctx context.Context, req *directoryv1.SetDocumentRequirementRequest) (*directoryv1.SetDocumentRequirementResponse, error) {
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return nil, err
	}
	q := &document.Requirement{
		OrganizationKind: organization.Kind(name(req.GetOrganizationKind())), DocumentKind: req.GetDocumentKind(),
		Level: document.Level(name(req.GetLevel())), EveryRenewal: req.GetEveryRenewal(),
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.SetDocumentRequirementResponse, error) {
		if err := store.SetRequirement(ctx, tx, q); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "directory.documentRequirement.set", ObjectType: "document_requirement", ObjectID: string(q.OrganizationKind) + "." + q.DocumentKind, Reason: reason,
			Detail: map[string]string{"level": string(q.Level)},
		})
		return &directoryv1.SetDocumentRequirementResponse{Requirement: requirementProto(q)}, nil
	})
}
