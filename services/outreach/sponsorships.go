package outreach

import (
	"context"
	"strings"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/sponsorship"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// sponsorships answers SponsorshipService.
type sponsorships struct {
	outreachv1.UnimplementedSponsorshipServiceServer
	service.Deps
	directory directory
}

func registerSponsorships(d service.Deps, r grpc.ServiceRegistrar) {
	outreachv1.RegisterSponsorshipServiceServer(r, &sponsorships{Deps: d, directory: directoryOf(d)})
}

// sponsorshipReaderOf says what the caller is as far as sponsorships are concerned.
func sponsorshipReaderOf(ctx context.Context) sponsorship.Reader {
	p := auth.From(ctx)
	r := sponsorship.Reader{
		ID: p.Actor(), Members: p.Organizations(), Represents: p.Organizations(optionsv1.Role_ROLE_REPRESENTATIVE),
		Desk: p.Has(optionsv1.Role_ROLE_DESK), Approver: p.Has(optionsv1.Role_ROLE_APPROVER),
	}
	if p.Has(optionsv1.Role_ROLE_STAFF) {
		r.Department = p.DepartmentID
	}
	return r
}

// CreateSponsorship applies for the ward's name.
func (s *sponsorships) CreateSponsorship(ctx context.Context, req *outreachv1.CreateSponsorshipRequest) (*outreachv1.CreateSponsorshipResponse, error) {
	by := sponsorshipReaderOf(ctx)
	a, err := sponsorshipFromProto(req.GetSponsorship())
	if err != nil {
		return nil, err
	}
	if a.OrganizationID, err = by.Owner(a.OrganizationID); err != nil {
		return nil, err
	}
	applies, err := s.directory.applicantOf(ctx, jp.DateOf(s.Now()), a.OrganizationID, a.DepartmentID)
	if err != nil {
		return nil, err
	}
	a.ID, a.State, a.CreatedBy, a.Version = s.NewID(), sponsorship.Applied, by.ID, 1
	a.OrganizationName, a.DepartmentName = applies.organization.Name, applies.department.FullName
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CreateSponsorshipResponse, error) {
		a.CreatedAt, a.UpdatedAt = tx.Now, tx.Now
		if err := a.Check(jp.DateOf(tx.Now)); err != nil {
			return nil, err
		}
		if err := store.InsertSponsorship(ctx, tx, a); err != nil {
			return nil, err
		}
		applies.keep(tx)
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.sponsorship.create", ObjectType: "sponsorship", ObjectID: a.ID})
		return &outreachv1.CreateSponsorshipResponse{Sponsorship: sponsorshipToProto(a, by)}, nil
	})
}

var sponsorshipPaths = rpc.PathsOf(&outreachv1.SponsorshipInput{}, "organization_id")

// UpdateSponsorship changes fields of an application.
func (s *sponsorships) UpdateSponsorship(ctx context.Context, req *outreachv1.UpdateSponsorshipRequest) (*outreachv1.UpdateSponsorshipResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), sponsorshipPaths...)
	if err != nil {
		return nil, err
	}
	charge, err := s.directory.applicantOf(ctx, jp.DateOf(s.Now()), "", changed(paths, "department_id", req.GetSponsorship().GetDepartmentId()))
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.UpdateSponsorshipResponse, error) {
		by := sponsorshipReaderOf(ctx)
		old, err := store.LockSponsorship(ctx, tx, req.GetId(), by)
		if err != nil {
			return nil, err
		}
		if !by.Writes(old) {
			return nil, fault.ErrPermissionDenied
		}
		if err := rpc.RequireETag(req.GetEtag(), old.Version); err != nil {
			return nil, err
		}
		a, err := sponsorshipFromProto(rpc.Merge(sponsorshipToInput(old), req.GetSponsorship(), paths))
		if err != nil {
			return nil, err
		}
		if err := a.Replace(old, charge.department.FullName); err != nil {
			return nil, err
		}
		if err := a.Check(jp.DateOf(tx.Now)); err != nil {
			return nil, err
		}
		if err := store.UpdateSponsorship(ctx, tx, a); err != nil {
			return nil, err
		}
		charge.keep(tx)
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.sponsorship.update", ObjectType: "sponsorship", ObjectID: a.ID,
			Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &outreachv1.UpdateSponsorshipResponse{Sponsorship: sponsorshipToProto(a, by)}, nil
	})
}

// GetSponsorship shows an application.
func (s *sponsorships) GetSponsorship(ctx context.Context, req *outreachv1.GetSponsorshipRequest) (*outreachv1.GetSponsorshipResponse, error) {
	by := sponsorshipReaderOf(ctx)
	a, err := store.GetSponsorship(ctx, s.DB, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetSponsorshipResponse{Sponsorship: sponsorshipToProto(a, by)}, nil
}

// ListSponsorships lists the applications that the caller sees.
func (s *sponsorships) ListSponsorships(ctx context.Context, req *outreachv1.ListSponsorshipsRequest) (*outreachv1.ListSponsorshipsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := sponsorshipReaderOf(ctx)
	f := store.SponsorshipFilter{
		State: sponsorship.State(convert.EnumName(req.GetState())), OrganizationID: req.GetOrganizationId(), DepartmentID: req.GetDepartmentId(),
	}
	if req.GetReportOverdue() {
		f.OverdueOn = jp.DateOf(s.Now())
	}
	rows, err := store.ListSponsorships(ctx, s.DB, by, f, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, store.SponsorshipAfter)
	resp := &outreachv1.ListSponsorshipsResponse{}
	for _, a := range rows {
		resp.Sponsorships = append(resp.Sponsorships, sponsorshipToProto(a, by))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
