// Package meeting has the pages of the meetings of both sides (検討会): the plan,
// the minutes with who does what, their confirmation, and for everybody those
// that are published.
package meeting

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/meetings", list),
		web.Public(http.MethodGet, "/meetings/{id}", show),
		web.SignedIn(http.MethodGet, "/meetings/new", begin).For(proposalsv1.MeetingService_CreateMeeting_FullMethodName),
		web.SignedIn(http.MethodPost, "/meetings", create),
		web.SignedIn(http.MethodGet, "/meetings/{id}/edit", edit).For(proposalsv1.MeetingService_UpdateMeeting_FullMethodName),
		web.SignedIn(http.MethodPost, "/meetings/{id}/edit", save),
		web.SignedIn(http.MethodGet, "/meetings/{id}/minutes", write).For(proposalsv1.MeetingService_RecordMinutes_FullMethodName),
		web.SignedIn(http.MethodPost, "/meetings/{id}/minutes", record),
		web.SignedIn(http.MethodPost, "/meetings/{id}/steps/{step}", take),
	}
}

func meetings(q *web.Request) proposalsv1.MeetingServiceClient {
	return proposalsv1.NewMeetingServiceClient(q.Site.Service("proposals"))
}

// search is the list of meetings and what it was asked for.
type search struct {
	state       proposalsv1.Meeting_State
	proposal    string // Only those about it; "" for all.
	found       []*proposalsv1.Meeting
	first, next string
}

// states are those by which meetings are looked for.
var states = []proposalsv1.Meeting_State{
	proposalsv1.Meeting_STATE_UNSPECIFIED, proposalsv1.Meeting_PLANNED, proposalsv1.Meeting_RECORDED, proposalsv1.Meeting_CONFIRMED, proposalsv1.Meeting_PUBLISHED,
}

func list(q *web.Request) error {
	s := &search{state: proposalsv1.Meeting_State(proposalsv1.Meeting_State_value[q.Query("state")]), proposal: q.Query("proposalId")}
	resp, err := meetings(q).ListMeetings(q.Context(), &proposalsv1.ListMeetingsRequest{State: s.state, ProposalId: s.proposal, PageSize: 20, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	s.found = resp.GetMeetings()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(s))
}

// file is what the page of a meeting shows.
type file struct {
	*proposalsv1.Meeting
	form    *ui.Form
	parties []ui.Option // Organizations of the caller that have not confirmed.
	member  bool        // Whether an organization of the caller attends.
	ward    bool        // Whether the caller keeps the meeting for the ward.
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := meetings(q).GetMeeting(q.Context(), &proposalsv1.GetMeetingRequest{Id: id})
	if err != nil {
		return err
	}
	f := &file{Meeting: got.GetMeeting(), form: form}
	f.ward = ui.Can(q.Context(), proposalsv1.MeetingService_ListUnownedProposals_FullMethodName) // the desk keeps all meetings
	for _, a := range f.GetAttendees() {
		f.ward = f.ward || q.Caller.InDepartment(a.GetDepartmentId()) && ui.Can(q.Context(), proposalsv1.MeetingService_UpdateMeeting_FullMethodName)
		if a.GetOrganizationId() == "" || !q.Caller.IsMember(a.GetOrganizationId()) {
			continue
		}
		f.member = true
		if !f.confirmedBy(a.GetOrganizationId()) {
			f.parties = append(f.parties, ui.Option{Value: a.GetOrganizationId(), Text: a.GetName()})
		}
	}
	return q.RenderAs(status, showPage(f))
}

// confirmedBy reports whether an organization, or for "" the ward, has confirmed
// the minutes.
func (f *file) confirmedBy(organization string) bool {
	return slices.ContainsFunc(f.GetMinutes().GetConfirmations(), func(c *proposalsv1.Confirmation) bool { return c.GetOrganizationId() == organization })
}

// keeps reports whether the caller can have a hand in the meeting: the ward, and
// the organizations that attend.
func (f *file) keeps(ctx context.Context, method string) bool {
	return ui.Can(ctx, method) && (f.member || f.ward)
}

// steps are the steps of the minutes, in their order.
var steps = &step.Table[proposalsv1.Meeting_State]{
	Texts: "meeting", Done: "step", Labels: ui.Labels{"confirm.organizationId": "meeting.organization"},
	Steps: []step.Step[proposalsv1.Meeting_State]{
		{
			Name: "confirm", Method: proposalsv1.MeetingService_ConfirmMinutes_FullMethodName, Sure: true,
			From: step.In(proposalsv1.Meeting_RECORDED), Take: step.By(meetings, proposalsv1.MeetingServiceClient.ConfirmMinutes),
		},
		{
			Name: "publish", Method: proposalsv1.MeetingService_PublishMeeting_FullMethodName, Sure: true,
			From: step.In(proposalsv1.Meeting_CONFIRMED), Take: step.By(meetings, proposalsv1.MeetingServiceClient.PublishMeeting),
		},
	},
}

// offers are the steps that the page offers: each side confirms once.
func (f *file) offers(ctx context.Context) []step.Offer {
	thing := &step.Thing[proposalsv1.Meeting_State]{
		State: f.GetState(), Path: "/meetings/" + f.GetId(), Etag: f.GetEtag(), Form: f.form,
		Not: func(name string) bool {
			return !f.member && !f.ward || name == "confirm" && len(f.parties) == 0 && (!f.ward || f.confirmedBy(""))
		},
	}
	if len(f.parties) > 0 {
		thing.Asks = map[string][]step.Ask{"confirm": {{Kind: step.Select, Input: ui.Input{Name: "organizationId", Label: "meeting.organization", Options: f.parties}}}}
	}
	return steps.Offers(ctx, thing)
}

func take(q *web.Request) error {
	return steps.Take(q, "/meetings/"+q.PathValue("id"), answer)
}

// tone is how a state looks.
func tone(s proposalsv1.Meeting_State) ui.Tone {
	switch s {
	case proposalsv1.Meeting_RECORDED:
		return ui.Warning
	case proposalsv1.Meeting_CONFIRMED, proposalsv1.Meeting_PUBLISHED:
		return ui.Good
	default:
		return ui.Calm
	}
}

// topic is what an item of the agenda is about.
func topic(ctx context.Context, a *proposalsv1.AgendaItem) string {
	if a.GetTopic() != "" {
		return a.GetTopic()
	}
	return text.S(ctx, "meeting.aboutproposal")
}
