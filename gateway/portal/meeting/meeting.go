// Package meeting has the pages of the meetings of both sides (検討会): the plan,
// the minutes with who does what, their confirmation, and for everybody those
// that are published.
package meeting

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/offer"
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

func show(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	return answer(q, id, ui.NewForm(url.Values{}), http.StatusOK)
}

func answer(q *web.Request, id string, form *ui.Form, status int) error {
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

// graph are the steps of the minutes, in their order.
var graph = []offer.Step[proposalsv1.Meeting_State]{
	{
		Name: "confirm", Method: proposalsv1.MeetingService_ConfirmMinutes_FullMethodName, Form: true,
		From: []proposalsv1.Meeting_State{proposalsv1.Meeting_RECORDED}, Take: offer.By(meetings, proposalsv1.MeetingServiceClient.ConfirmMinutes),
	},
	{
		Name: "publish", Method: proposalsv1.MeetingService_PublishMeeting_FullMethodName, Form: true,
		From: []proposalsv1.Meeting_State{proposalsv1.Meeting_CONFIRMED}, Take: offer.By(meetings, proposalsv1.MeetingServiceClient.PublishMeeting),
	},
}

// offered reports whether the page offers a step: each side confirms once.
func (f *file) offered(ctx context.Context, s offer.Step[proposalsv1.Meeting_State]) bool {
	if !s.Offered(ctx, f.GetState()) || !f.keeps(ctx, s.Method) {
		return false
	}
	if s.Name == "confirm" {
		return len(f.parties) > 0 || f.ward && !f.confirmedBy("")
	}
	return true
}

func take(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	s, err := offer.Find(q, graph)
	if err != nil {
		return err
	}
	err = s.Take(q.Once(), q, id)
	if form, refused := q.Refused(err); refused {
		return answer(q, id, offer.Refused(form, s.Name, ui.Labels{"organizationId": "meeting.organization"}), form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/meetings/"+id, "step")
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
