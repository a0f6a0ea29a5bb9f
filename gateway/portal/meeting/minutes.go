package meeting

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// minutes is the form of the minutes.
type minutes struct {
	*proposalsv1.Meeting
	form    *ui.Form
	parties []ui.Option // Who attends, by "organization:" or "department:" and id.
}

// spare is how many empty rows the table of roles shows behind those that are
// filled.
const spare = 3

func write(q *web.Request) error {
	m, err := read(q)
	if err != nil {
		return err
	}
	values := url.Values{"body": {m.GetMinutes().GetBody()}, "decisions": {m.GetMinutes().GetDecisions()}}
	for i, r := range m.GetMinutes().GetRoles() {
		row := fmt.Sprintf("roles[%d].", i)
		values.Set(row+"matter", r.GetMatter())
		values.Set(row+"party", party(r.GetOrganizationId(), r.GetDepartmentId()))
		values.Set(row+"duty", r.GetDuty())
		values.Set(row+"dueOn", r.GetDueOn())
	}
	return answerMinutes(q, m, ui.NewForm(values), http.StatusOK)
}

func answerMinutes(q *web.Request, m *proposalsv1.Meeting, form *ui.Form, status int) error {
	f := &minutes{Meeting: m, form: form}
	f.parties = []ui.Option{{Text: text.S(q.Context(), "ui.choose")}}
	for _, a := range m.GetAttendees() {
		f.parties = append(f.parties, ui.Option{Value: party(a.GetOrganizationId(), a.GetDepartmentId()), Text: a.GetName()})
	}
	form.Labels = ui.Labels{"body": "meeting.body", "decisions": "meeting.decisions", "roles": "meeting.roles"}
	return q.RenderAs(status, minutesPage(f))
}

// party names one side at the table in one value.
func party(organization, department string) string {
	if organization != "" {
		return "organization:" + organization
	}
	return "department:" + department
}

func record(q *web.Request) error {
	m, err := read(q)
	if err != nil {
		return err
	}
	req := &proposalsv1.RecordMinutesRequest{}
	q.PostForm.Set("id", m.GetId())
	if err = web.Bind(q.PostForm, req); err == nil {
		for i, r := range req.GetRoles() {
			kind, id, _ := strings.Cut(q.PostFormValue(fmt.Sprintf("roles[%d].party", i)), ":")
			if kind == "organization" {
				r.OrganizationId = id
			} else {
				r.DepartmentId = id
			}
		}
		_, err = meetings(q).RecordMinutes(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerMinutes(q, m, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/meetings/"+m.GetId(), "minutesrecorded")
}

// filled is how many rows of the table of roles are filled.
func (f *minutes) filled() int {
	n := 0
	for name := range f.form.Values {
		var i int
		if _, err := fmt.Sscanf(name, "roles[%d]", &i); err == nil {
			n = max(n, i+1)
		}
	}
	return n
}
