package meeting

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// plan is a meeting that is being planned.
type plan struct {
	form        *ui.Form
	meeting     *proposalsv1.Meeting // nil before it is created.
	departments []ui.Option
	found       []ui.Option // Organizations that can be chosen: those that attend and those searched for.
	proposals   []ui.Option // Proposals that can be on the agenda.
}

// planned are the fields that the form holds, as the mask names them.
var planned = []string{"title", "start_time", "place", "agenda", "attendees"}

var planLabels = ui.Labels{
	"title": "meeting.title", "startTime": "meeting.start", "place": "meeting.place", "agenda": "meeting.agenda", "attendees": "meeting.attendees",
}

const (
	partyRows = 4 // Organizations and departments that the form takes, each.
	topicRows = 5 // Items of the agenda.
)

func begin(q *web.Request) error {
	values := url.Values{"startTime.time": {"10:00"}}
	if id := q.Query("proposalId"); id != "" {
		values.Set("agenda[0].proposalId", id)
		got, err := proposalsv1.NewProposalServiceClient(q.Site.Service("proposals")).GetProposal(q.Context(), &proposalsv1.GetProposalRequest{Id: id})
		if err != nil {
			return err
		}
		values.Set("_organization[0].id", got.GetProposal().GetOrganizationId())
		values.Set("_organization[0].name", got.GetProposal().GetOrganizationName())
		values.Set("_department[0].id", q.Caller.DepartmentID)
	}
	p := &plan{form: ui.NewForm(values)}
	return p.render(q, http.StatusOK)
}

// render shows the form with what can be chosen.
func (p *plan) render(q *web.Request, status int) error {
	ctx := q.Context()
	departments, err := directoryv1.NewDepartmentServiceClient(q.Site.Service("directory")).ListDepartments(ctx, &directoryv1.ListDepartmentsRequest{On: q.Today().String(), PageSize: 200})
	if err != nil {
		return err
	}
	p.departments = []ui.Option{{Text: text.S(ctx, "meeting.none")}}
	for _, d := range departments.GetDepartments() {
		p.departments = append(p.departments, ui.Option{Value: d.GetId(), Text: d.GetFullName()})
	}
	proposals, err := proposalsv1.NewProposalServiceClient(q.Site.Service("proposals")).ListProposals(ctx, &proposalsv1.ListProposalsRequest{OrderBy: "number desc", PageSize: 50})
	if err != nil {
		return err
	}
	p.proposals = []ui.Option{{Text: text.S(ctx, "meeting.noproposal")}}
	for _, s := range proposals.GetProposals() {
		p.proposals = append(p.proposals, ui.Option{Value: s.GetId(), Text: s.GetNumber() + " " + s.GetTitle()})
	}
	if err := p.search(q); err != nil {
		return err
	}
	p.form.Labels = planLabels
	return q.RenderAs(status, planPage(p))
}

// search makes the choice of organizations: those that the form has, those of the
// proposals that it can name, and those with the words that were asked for.
func (p *plan) search(q *web.Request) error {
	p.found = []ui.Option{{Text: text.S(q.Context(), "meeting.none")}}
	for i := range partyRows {
		id, name := p.form.Get(fmt.Sprintf("_organization[%d].id", i)), p.form.Get(fmt.Sprintf("_organization[%d].name", i))
		if id != "" && name != "" {
			p.offer(id, name)
		}
	}
	words := strings.TrimSpace(p.form.Get("_q"))
	if words == "" {
		return nil
	}
	resp, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).SearchOrganizations(q.Context(), &directoryv1.SearchOrganizationsRequest{Q: words, PageSize: 30})
	if refusal, refused := q.Refused(err); refused {
		p.form.Refusal, p.form.Status = refusal.Refusal, refusal.Status
		return nil
	}
	for _, o := range resp.GetOrganizations() {
		p.offer(o.GetId(), o.GetName())
	}
	return err
}

func (p *plan) offer(id, name string) {
	if !slices.ContainsFunc(p.found, func(o ui.Option) bool { return o.Value == id }) {
		p.found = append(p.found, ui.Option{Value: id, Text: name})
	}
}

// input reads the form. Errors: INVALID_FIELD.
func input(values url.Values) (*proposalsv1.MeetingInput, error) {
	in := &proposalsv1.MeetingInput{}
	if err := web.Bind(values, in); err != nil {
		return nil, err
	}
	in.StartTime = ui.At(values, "startTime")
	for i := range partyRows {
		for _, side := range []string{"_organization", "_department"} {
			row := fmt.Sprintf("%s[%d].", side, i)
			id := values.Get(row + "id")
			if id == "" {
				continue
			}
			a := &proposalsv1.AttendeeInput{}
			one := url.Values{"role": {values.Get(row + "role")}, "persons": {values.Get(row + "persons")}}
			if err := web.Bind(one, a); err != nil {
				return nil, err
			}
			if side == "_organization" {
				a.OrganizationId = id
			} else {
				a.DepartmentId = id
			}
			in.Attendees = append(in.Attendees, a)
		}
	}
	return in, nil
}

// searching reports whether the button asks for organizations, not to save.
func searching(q *web.Request) bool { return q.PostFormValue("_step") == "search" }

// keep gives every chosen organization its name, so that it stays a choice.
func keep(q *web.Request, p *plan) {
	for i := range partyRows {
		id := p.form.Get(fmt.Sprintf("_organization[%d].id", i))
		if known := q.PostForm["_known"]; id != "" {
			for _, k := range known {
				if at, name, ok := strings.Cut(k, " "); ok && at == id {
					p.form.Values.Set(fmt.Sprintf("_organization[%d].name", i), name)
				}
			}
		}
	}
}

func create(q *web.Request) error {
	p := &plan{form: q.Posted()}
	keep(q, p)
	if searching(q) {
		return p.render(q, http.StatusOK)
	}
	in, err := input(q.PostForm)
	var resp *proposalsv1.CreateMeetingResponse
	if err == nil {
		resp, err = meetings(q).CreateMeeting(q.Once(), &proposalsv1.CreateMeetingRequest{Meeting: in})
	}
	if form, refused := q.Refused(err); refused {
		p.form = form.Trim("meeting.")
		return p.render(q, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/meetings/"+resp.GetMeeting().GetId(), "meetingplanned")
}

func read(q *web.Request) (*proposalsv1.Meeting, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	got, err := meetings(q).GetMeeting(q.Context(), &proposalsv1.GetMeetingRequest{Id: id})
	return got.GetMeeting(), err
}

func edit(q *web.Request) error {
	m, err := read(q)
	if err != nil {
		return err
	}
	values := url.Values{"title": {m.GetTitle()}, "place": {m.GetPlace()}}
	ui.SetMoment(values, "startTime", m.GetStartTime())
	for i, a := range m.GetAgenda() {
		values.Set(fmt.Sprintf("agenda[%d].proposalId", i), a.GetProposalId())
		values.Set(fmt.Sprintf("agenda[%d].topic", i), a.GetTopic())
	}
	counts := map[string]int{}
	for _, a := range m.GetAttendees() {
		side, id := "_department", a.GetDepartmentId()
		if a.GetOrganizationId() != "" {
			side, id = "_organization", a.GetOrganizationId()
		}
		row := fmt.Sprintf("%s[%d].", side, counts[side])
		counts[side]++
		values.Set(row+"id", id)
		values.Set(row+"name", a.GetName())
		values.Set(row+"role", a.GetRole())
		values.Set(row+"persons", fmt.Sprint(a.GetPersons()))
	}
	p := &plan{form: ui.NewForm(values), meeting: m}
	return p.render(q, http.StatusOK)
}

func save(q *web.Request) error {
	m, err := read(q)
	if err != nil {
		return err
	}
	p := &plan{form: q.Posted(), meeting: m}
	keep(q, p)
	if searching(q) {
		return p.render(q, http.StatusOK)
	}
	in, err := input(q.PostForm)
	if err == nil {
		_, err = meetings(q).UpdateMeeting(q.Context(), &proposalsv1.UpdateMeetingRequest{
			Id: m.GetId(), Meeting: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: planned}, Etag: q.PostFormValue("etag"),
		})
	}
	if form, refused := q.Refused(err); refused {
		p.form = form.Trim("meeting.")
		return p.render(q, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/meetings/"+m.GetId(), "meetingsaved")
}

// saved is the address of the form.
func (p *plan) saved() string {
	if p.meeting == nil {
		return "/meetings"
	}
	return "/meetings/" + p.meeting.GetId() + "/edit"
}

func (p *plan) title(ctx context.Context) string {
	if p.meeting == nil {
		return text.S(ctx, "meeting.new")
	}
	return text.S(ctx, "meeting.edit")
}

// rows are the numbers of n rows.
func rows(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
