// Package organization has the public directory of organizations: the list with
// its index, and the page of an organization with what it does. Everybody reads
// them without signing in.
package organization

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/organizations", list),
		web.Public(http.MethodGet, "/organizations/{id}", show),
	}
}

// rows are the rows of the index by reading.
var rows = []string{"あ", "か", "さ", "た", "な", "は", "ま", "や", "ら", "わ", "英数", "他"}

// Kinds are the kinds of groups, in the order of a form.
var Kinds = []directoryv1.Organization_Kind{
	directoryv1.Organization_NPO_CORPORATION, directoryv1.Organization_VOLUNTEER_GROUP, directoryv1.Organization_NEIGHBORHOOD_ASSOCIATION,
	directoryv1.Organization_FOUNDATION, directoryv1.Organization_COMPANY, directoryv1.Organization_UNIVERSITY,
	directoryv1.Organization_SCHOOL, directoryv1.Organization_INTERMEDIARY, directoryv1.Organization_PUBLIC_BODY,
}

const (
	listed = 20 // Organizations a page of the list.
	shown  = 5  // Proposals, events and so on at an organization.
)

func directory(q *web.Request) directoryv1.OrganizationServiceClient {
	return directoryv1.NewOrganizationServiceClient(q.Site.Service("directory"))
}

// search is the list and what it was asked for.
type search struct {
	form        *ui.Form
	row         string
	fields      []*directoryv1.ActivityField
	found       []*directoryv1.Organization
	first, next string
}

func list(q *web.Request) error {
	s := search{form: ui.NewForm(q.URL.Query()), row: q.Query("row")}
	fields, err := directory(q).ListActivityFields(q.Context(), &directoryv1.ListActivityFieldsRequest{})
	if err != nil {
		return err
	}
	s.fields = fields.GetActivityFields()
	next, err := s.find(q)
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = q.URL.Query()
		s.form = form
		if q.HTMX() { // somebody is typing still; the result says so
			return q.Render(listPage(&s))
		}
		return q.RenderAs(form.Status, listPage(&s))
	}
	if err != nil {
		return err
	}
	s.first, s.next = q.Pages(next)
	return q.Render(listPage(&s))
}

// find searches for words, or lists a row of the index. Words are looked for in
// all rows.
func (s *search) find(q *web.Request) (next string, err error) {
	kind := directoryv1.Organization_Kind(directoryv1.Organization_Kind_value[q.Query("kind")])
	var field int32
	if n, err := strconv.ParseInt(q.Query("activityField"), 10, 32); err == nil {
		field = int32(n)
	}
	if words := strings.TrimSpace(q.Query("q")); words != "" {
		s.row = ""
		resp, err := directory(q).SearchOrganizations(q.Context(), &directoryv1.SearchOrganizationsRequest{
			Q: words, Kind: kind, ActivityField: field, PageSize: listed, PageToken: q.Query("page"),
		})
		s.found = resp.GetOrganizations()
		return resp.GetNextPageToken(), err
	}
	resp, err := directory(q).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{
		Kind: kind, ActivityField: field, GojuonRow: s.row, PageSize: listed, PageToken: q.Query("page"),
	})
	s.found = resp.GetOrganizations()
	return resp.GetNextPageToken(), err
}

// rowPath is the address of a row of the index with the same kind and field; of
// all rows for "".
func (s *search) rowPath(row string) string {
	query := url.Values{}
	for name, v := range map[string]string{"row": row, "kind": s.form.Get("kind"), "activityField": s.form.Get("activityField")} {
		if v != "" {
			query.Set(name, v)
		}
	}
	if len(query) == 0 {
		return "/organizations"
	}
	return "/organizations?" + query.Encode()
}

// File is an organization with the names of its codes.
type File struct {
	*directoryv1.Organization
	form   string // Name of its legal form.
	fields []string
}

// file is what the page of an organization shows. A part whose service is away
// is absent; the others are shown all the same.
type file struct {
	*File
	inside bool // Whether the caller works on the registration.

	proposals     []*proposalsv1.ProposalSummary
	events        []*outreachv1.Event
	opportunities []*outreachv1.Opportunity

	proposalsAway, eventsAway, opportunitiesAway bool
}

func show(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := directory(q).GetOrganization(q.Context(), &directoryv1.GetOrganizationRequest{Id: id})
	if err != nil {
		return err
	}
	described, err := Describe(q, got.GetOrganization())
	if err != nil {
		return err
	}
	f := file{File: described, inside: inside(q, id)}
	var all sync.WaitGroup
	all.Go(func() {
		resp, err := proposalsv1.NewProposalServiceClient(q.Site.Service("proposals")).ListProposals(q.Context(), &proposalsv1.ListProposalsRequest{OrganizationId: id, PageSize: shown})
		f.proposals, f.proposalsAway = resp.GetProposals(), err != nil
	})
	all.Go(func() {
		resp, err := outreachv1.NewEventServiceClient(q.Site.Service("outreach")).ListEvents(q.Context(), &outreachv1.ListEventsRequest{
			OrganizationId: id, State: outreachv1.Event_PUBLISHED, From: q.Today().String(), PageSize: shown,
		})
		f.events, f.eventsAway = resp.GetEvents(), err != nil
	})
	all.Go(func() {
		resp, err := outreachv1.NewOpportunityServiceClient(q.Site.Service("outreach")).ListOpportunities(q.Context(), &outreachv1.ListOpportunitiesRequest{
			OrganizationId: id, State: outreachv1.Opportunity_PUBLISHED, PageSize: shown,
		})
		f.opportunities, f.opportunitiesAway = resp.GetOpportunities(), err != nil
	})
	all.Wait()
	return q.Render(showPage(&f))
}

// inside reports whether the caller is somebody of the organization, may act for
// it, or is the desk.
func inside(q *web.Request, id string) bool {
	return q.Caller.IsMember(id) || slices.Contains(q.Caller.Delegated(q.Site.Now()), id) ||
		ui.Can(q.Context(), directoryv1.OrganizationService_VerifyOrganization_FullMethodName)
}

// NamesSources reports whether a caller may say from which list an entry is.
func NamesSources(p auth.Principal) bool {
	return p.Has(optionsv1.Role_ROLE_COORDINATOR, optionsv1.Role_ROLE_DESK)
}

// Describe reads the names of an organization's codes.
func Describe(q *web.Request, o *directoryv1.Organization) (*File, error) {
	f := &File{Organization: o}
	fields, err := directory(q).ListActivityFields(q.Context(), &directoryv1.ListActivityFieldsRequest{})
	if err != nil {
		return nil, err
	}
	for _, field := range fields.GetActivityFields() {
		if slices.Contains(f.GetActivityFields(), field.GetNumber()) {
			f.fields = append(f.fields, field.GetName())
		}
	}
	forms, err := directory(q).ListLegalForms(q.Context(), &directoryv1.ListLegalFormsRequest{})
	if err != nil {
		return nil, err
	}
	for _, form := range forms.GetLegalForms() {
		if form.GetCode() == f.GetLegalForm() {
			f.form = form.GetName()
		}
	}
	return f, nil
}
