// Package exchange has the pages of needs and offers (相互提供): the list that
// everybody reads, writing and checking, the suggestions with their reasons, and
// the introductions of partners to owners.
package exchange

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/listings", list),
		web.SignedIn(http.MethodGet, "/listings/new", begin),
		web.SignedIn(http.MethodPost, "/listings", create),
		web.Public(http.MethodGet, "/listings/{id}", show),
		web.SignedIn(http.MethodGet, "/listings/{id}/edit", edit).For(directoryv1.ListingService_UpdateListing_FullMethodName),
		web.SignedIn(http.MethodPost, "/listings/{id}/edit", save),
		web.SignedIn(http.MethodPost, "/listings/{id}/steps/{step}", take),
		web.SignedIn(http.MethodPost, "/listings/{id}/introductions", introduce),
		web.SignedIn(http.MethodGet, "/introductions", introductions),
		web.SignedIn(http.MethodGet, "/listings/{listingId}/introductions/{id}", showIntroduction),
		web.SignedIn(http.MethodPost, "/listings/{listingId}/introductions/{id}/contacts", contacts),
		web.SignedIn(http.MethodPost, "/listings/{listingId}/introductions/{id}/steps/{step}", takeIntroduction),
	}
}

func listings(q *web.Request) directoryv1.ListingServiceClient {
	return directoryv1.NewListingServiceClient(q.Site.Service("directory"))
}

func organizations(q *web.Request) directoryv1.OrganizationServiceClient {
	return directoryv1.NewOrganizationServiceClient(q.Site.Service("directory"))
}

var (
	kinds      = []directoryv1.Listing_Kind{directoryv1.Listing_NEED, directoryv1.Listing_OFFER}
	categories = []directoryv1.Listing_Category{
		directoryv1.Listing_PEOPLE, directoryv1.Listing_SKILL, directoryv1.Listing_PLACE, directoryv1.Listing_GOODS, directoryv1.Listing_MONEY, directoryv1.Listing_OTHER,
	}
)

// market is the list and what it was asked for.
type market struct {
	form        *ui.Form
	fields      []ui.Option
	state       directoryv1.Listing_State
	found       []*directoryv1.Listing
	first, next string
}

func list(q *web.Request) error {
	m := market{form: ui.NewForm(q.URL.Query()), state: directoryv1.Listing_State(directoryv1.Listing_State_value[q.Query("state")])}
	if m.state == 0 && q.Query("mine") == "" {
		m.state = directoryv1.Listing_PUBLISHED
	}
	var err error
	if m.fields, err = activityFields(q); err != nil {
		return err
	}
	next, err := m.find(q)
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = q.URL.Query()
		m.form = form
		return q.RenderAs(form.Status, listPage(&m))
	}
	if err != nil {
		return err
	}
	m.first, m.next = q.Pages(next)
	return q.Render(listPage(&m))
}

// find searches for words among the open ones, or lists what the filters say.
func (m *market) find(q *web.Request) (next string, err error) {
	values := url.Values{"pageSize": {"20"}, "pageToken": {q.Query("page")}}
	for _, name := range []string{"kind", "category", "activityField", "town", "organizationId", "departmentId", "mine"} {
		values.Set(name, q.Query(name))
	}
	if words := strings.TrimSpace(q.Query("q")); words != "" {
		req := &directoryv1.SearchListingsRequest{Q: words}
		if err := web.Bind(values, req); err != nil {
			return "", err
		}
		resp, err := listings(q).SearchListings(q.Context(), req)
		m.found = resp.GetListings()
		return resp.GetNextPageToken(), err
	}
	req := &directoryv1.ListListingsRequest{}
	if err := web.Bind(values, req); err != nil {
		return "", err
	}
	req.State = m.state
	resp, err := listings(q).ListListings(q.Context(), req)
	m.found = resp.GetListings()
	return resp.GetNextPageToken(), err
}

func activityFields(q *web.Request) ([]ui.Option, error) {
	resp, err := organizations(q).ListActivityFields(q.Context(), &directoryv1.ListActivityFieldsRequest{})
	if err != nil {
		return nil, err
	}
	var out []ui.Option
	for _, f := range resp.GetActivityFields() {
		out = append(out, ui.Option{Value: fmt.Sprint(f.GetNumber()), Text: f.GetShortName()})
	}
	return out, nil
}

// item is what the page of a listing shows.
type item struct {
	*directoryv1.Listing
	form          *ui.Form
	fields        []string
	suggestions   []*directoryv1.SuggestListingsResponse_Suggestion
	introductions []*directoryv1.Introduction
	parties       []ui.Option // For whom the caller can ask for an introduction.
	owns          bool        // Whether the caller acts for its owner.
	desk          bool
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := listings(q).GetListing(q.Context(), &directoryv1.GetListingRequest{Id: id})
	if err != nil {
		return err
	}
	i := &item{Listing: got.GetListing(), form: form, desk: isDesk(q)}
	i.owns = acts(q, i.GetOwner())
	i.form.Labels = stepLabels
	if err := i.read(q); err != nil {
		return err
	}
	return q.RenderAs(status, showPage(i))
}

// read reads what belongs to the listing, as far as the caller may see it.
func (i *item) read(q *web.Request) error {
	fields, err := activityFields(q)
	if err != nil {
		return err
	}
	for _, f := range fields {
		if slices.ContainsFunc(i.GetActivityFields(), func(n int32) bool { return fmt.Sprint(n) == f.Value }) {
			i.fields = append(i.fields, f.Text)
		}
	}
	if i.GetState() == directoryv1.Listing_PUBLISHED {
		resp, err := listings(q).SuggestListings(q.Context(), &directoryv1.SuggestListingsRequest{Id: i.GetId(), Limit: 5})
		if err != nil {
			return err
		}
		i.suggestions = resp.GetSuggestions()
	}
	if ui.Can(q.Context(), directoryv1.IntroductionService_ListIntroductions_FullMethodName) {
		resp, err := introducing(q).ListIntroductions(q.Context(), &directoryv1.ListIntroductionsRequest{ListingId: i.GetId(), PageSize: 20})
		if err != nil {
			return err
		}
		i.introductions = resp.GetIntroductions()
	}
	if i.GetState() == directoryv1.Listing_PUBLISHED && !i.owns && ui.Can(q.Context(), directoryv1.IntroductionService_CreateIntroduction_FullMethodName) {
		i.parties, err = parties(q, true)
	}
	return err
}

// stepLabels name the fields of the steps in the summary of what was refused.
var stepLabels = ui.Labels{
	"return.reason": "step.reason", "close.outcome": "exchange.outcomename", "close.outcomeNote": "exchange.outcomenote",
	"introduce.message": "exchange.message", "introduce.party": "exchange.party", "introduce.contact": "exchange.contact", "introduce.contactConsent": "exchange.consent",
	"accept.contact": "exchange.contact", "accept.contactConsent": "exchange.consent", "decline.reason": "step.reason", "record.note": "exchange.note", "record.result": "exchange.resultname",
	step.Why: "exchange.contactwhy",
}

// steps are those of a listing in their order.
var steps = &step.Table[directoryv1.Listing_State]{
	Texts: "exchange", Done: "step",
	Steps: []step.Step[directoryv1.Listing_State]{
		{Name: "submit", Method: directoryv1.ListingService_SubmitListing_FullMethodName, Sure: true, From: step.In(directoryv1.Listing_DRAFT), Take: step.By(listings, directoryv1.ListingServiceClient.SubmitListing)},
		{Name: "publish", Method: directoryv1.ListingService_PublishListing_FullMethodName, Sure: true, From: step.In(directoryv1.Listing_PENDING), Take: step.By(listings, directoryv1.ListingServiceClient.PublishListing)},
		{Name: "return", Method: directoryv1.ListingService_ReturnListing_FullMethodName, Sure: true, From: step.In(directoryv1.Listing_PENDING), Take: step.By(listings, directoryv1.ListingServiceClient.ReturnListing)},
		{Name: "close", Method: directoryv1.ListingService_CloseListing_FullMethodName, Sure: true, From: step.In(directoryv1.Listing_DRAFT, directoryv1.Listing_PENDING, directoryv1.Listing_PUBLISHED), Take: step.By(listings, directoryv1.ListingServiceClient.CloseListing)},
	},
}

// offers are the steps that the page offers: its own to the owner's side, the
// check to who checks. Who wrote the listing is told by the service that another
// person must publish it.
func (i *item) offers(ctx context.Context) []step.Offer {
	return steps.Offers(ctx, &step.Thing[directoryv1.Listing_State]{
		State: i.GetState(), Path: "/listings/" + i.GetId(), Form: i.form,
		Not: func(name string) bool {
			checks := name == "publish" || name == "return"
			return !checks && !i.owns && !i.desk || checks && i.owns && i.GetOwner().GetOrganizationId() != ""
		},
	})
}

func take(q *web.Request) error { return steps.Take(q, "/listings/"+q.PathValue("id"), answer) }

// tone is how a state looks.
func tone(s directoryv1.Listing_State) ui.Tone {
	switch s {
	case directoryv1.Listing_PUBLISHED:
		return ui.Good
	case directoryv1.Listing_PENDING:
		return ui.Warning
	case directoryv1.Listing_DRAFT:
		return ui.Calm
	default:
		return ui.Ended
	}
}

// options are the values of an enumeration as choices, with a first one for any
// where that has a text.
func options[E fmt.Stringer](ctx context.Context, prefix, any string, values []E) []ui.Option {
	var out []ui.Option
	if any != "" {
		out = append(out, ui.Option{Text: text.S(ctx, any)})
	}
	for _, v := range values {
		out = append(out, ui.Option{Value: v.String(), Text: text.Enum(ctx, prefix, v)})
	}
	return out
}
