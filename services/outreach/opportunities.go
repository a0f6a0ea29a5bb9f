package outreach

import (
	"context"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// opportunities answers OpportunityService.
type opportunities struct {
	outreachv1.UnimplementedOpportunityServiceServer
	publications
}

func registerOpportunities(d service.Deps, r grpc.ServiceRegistrar) {
	p := publicationsOf(d)
	outreachv1.RegisterOpportunityServiceServer(r, &opportunities{publications: p})
	outreachv1.RegisterShiftServiceServer(r, &shifts{publications: p})
	outreachv1.RegisterApplicationServiceServer(r, &applications{publications: p})
	outreachv1.RegisterHoursServiceServer(r, &hours{publications: p})
}

// CreateOpportunity begins a draft.
func (s *opportunities) CreateOpportunity(ctx context.Context, req *outreachv1.CreateOpportunityRequest) (*outreachv1.CreateOpportunityResponse, error) {
	in := req.GetOpportunity()
	content, err := opportunityFromProto(in)
	if err != nil {
		return nil, err
	}
	return create(ctx, &s.publications, content, opportunityWish(in), func(p *publication.Publication, view publication.View) *outreachv1.CreateOpportunityResponse {
		return &outreachv1.CreateOpportunityResponse{Opportunity: opportunityToProto(p, view)}
	})
}

func opportunityWish(in *outreachv1.OpportunityInput) wish {
	return wish{organizationID: in.GetOrganizationId(), projectID: in.GetProjectId(), credits: in.GetCredits()}
}

// opportunityPaths are the paths that an update mask may have.
var opportunityPaths = rpc.PathsOf(&outreachv1.OpportunityInput{}, "kind", "organization_id")

// UpdateOpportunity changes fields of a draft.
func (s *opportunities) UpdateOpportunity(ctx context.Context, req *outreachv1.UpdateOpportunityRequest) (*outreachv1.UpdateOpportunityResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), opportunityPaths...)
	if err != nil {
		return nil, err
	}
	return update(ctx, &s.publications, edition{
		of: opportunityRef(req.GetId()), etag: req.GetEtag(), paths: paths,
		read: func(old *publication.Publication) (publication.Content, wish, error) {
			in := rpc.Merge(opportunityToInput(old), req.GetOpportunity(), paths)
			content, err := opportunityFromProto(in)
			return content, opportunityWish(in), err
		},
	}, func(p *publication.Publication, view publication.View) *outreachv1.UpdateOpportunityResponse {
		return &outreachv1.UpdateOpportunityResponse{Opportunity: opportunityToProto(p, view)}
	})
}

func opportunityRef(id string) store.Ref { return store.Ref{Kind: publication.Opportunity, ID: id} }

// GetOpportunity shows an opportunity to whom it is visible.
func (s *opportunities) GetOpportunity(ctx context.Context, req *outreachv1.GetOpportunityRequest) (*outreachv1.GetOpportunityResponse, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetPublication(ctx, s.DB, opportunityRef(req.GetId()), by)
	if err != nil {
		return nil, err
	}
	out := opportunityToProto(p, by.View(p))
	return &outreachv1.GetOpportunityResponse{Opportunity: out}, s.fillPlaces(ctx, out)
}

var opportunityOrders = map[string]store.Order{
	"": store.ByPublication, "publishTime desc": store.ByPublication, "startsOn": store.ByStart, "startsOn desc": store.ByStartDown,
	"updateTime desc": store.ByUpdate,
}

// ListOpportunities lists what GetOpportunity shows.
func (s *opportunities) ListOpportunities(ctx context.Context, req *outreachv1.ListOpportunitiesRequest) (*outreachv1.ListOpportunitiesResponse, error) {
	from, to, err := daysOf(req)
	if err != nil {
		return nil, err
	}
	looked := opportunity.Wish{
		Kind: opportunity.Kind(convert.EnumName(req.GetKind())), ActivityField: int(req.GetActivityField()),
		Weekday: opportunity.Weekday(convert.EnumName(req.GetWeekday())), TimeOfDay: convert.EnumName(req.GetTimeOfDay()), Beginners: req.GetBeginners(),
		ParentChild: req.GetParentChild(), SchoolGroups: req.GetSchoolGroups(), CompanyGroups: req.GetCompanyGroups(), Trial: req.GetTrial(),
	}
	rows, next, err := s.list(ctx, req, store.PublicationFilter{
		Kind: publication.Opportunity, State: publication.State(convert.EnumName(req.GetState())), Topic: req.GetTopic(),
		OrganizationID: req.GetOrganizationId(), DepartmentID: req.GetDepartmentId(), ProjectID: req.GetProjectId(),
		Facets: looked.Facets(), From: from, To: to, Order: opportunityOrders[req.GetOrderBy()],
	})
	if err != nil {
		return nil, err
	}
	by := readerOf(ctx, s.Now())
	out := convert.List(rows, func(p *publication.Publication) *outreachv1.Opportunity { return opportunitySummary(p, by.View(p)) })
	return &outreachv1.ListOpportunitiesResponse{Opportunities: out, NextPageToken: next}, s.fillPlaces(ctx, out...)
}

// fillPlaces adds how full the opportunities are.
func (s *opportunities) fillPlaces(ctx context.Context, all ...*outreachv1.Opportunity) error {
	places, err := store.PlacesOf(ctx, s.DB, convert.List(all, (*outreachv1.Opportunity).GetId))
	if err != nil {
		return err
	}
	for _, o := range all {
		if p, ok := places[o.GetId()]; ok {
			o.Places = &outreachv1.OpportunityPlaces{
				Headcount: int32(p.Headcount), Accepted: int32(p.Accepted), Waiting: int32(p.Waiting), Requested: int32(p.Requested),
				TrialPlaces: int32(p.TrialPlaces), TrialAccepted: int32(p.TrialAccepted), Open: p.Takes(s.Now()) == nil,
			}
		}
	}
	return nil
}

// ListOpportunityRevisions shows the kept versions.
func (s *opportunities) ListOpportunityRevisions(ctx context.Context, req *outreachv1.ListOpportunityRevisionsRequest) (*outreachv1.ListOpportunityRevisionsResponse, error) {
	rows, p, next, err := s.revisions(ctx, opportunityRef(req.GetId()), req)
	if err != nil {
		return nil, err
	}
	resp := &outreachv1.ListOpportunityRevisionsResponse{NextPageToken: next}
	for _, r := range rows {
		resp.Revisions = append(resp.Revisions, &outreachv1.OpportunityRevision{
			Revision: int32(r.Number), Opportunity: opportunityToProto(asOf(p, r), publication.ForInside), CreateTime: convert.Instant(r.CreatedAt),
		})
	}
	return resp, nil
}
