package opportunity

import (
	"context"
	"net/http"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/publication"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// worked are the hours of a call: all for who runs it, one's own for a volunteer.
type worked struct {
	*call
	form        *ui.Form
	host        bool
	own         *outreachv1.Application // With a place, of the caller; nil for none.
	found       []*outreachv1.Hours
	first, next string
}

func hours(q *web.Request) outreachv1.HoursServiceClient {
	return outreachv1.NewHoursServiceClient(q.Site.Service("outreach"))
}

// hoursStates are the choices of the list.
var hoursStates = []outreachv1.Hours_State{outreachv1.Hours_LOGGED, outreachv1.Hours_CONFIRMED, outreachv1.Hours_RETURNED}

func listHours(q *web.Request) error { return answerHours(q, ui.NewForm(q.URL.Query()), http.StatusOK) }

func answerHours(q *web.Request, form *ui.Form, status int) error {
	c, err := get(q)
	if err != nil {
		return err
	}
	w := &worked{call: c, form: form, host: publication.Hosts(q.Context(), c)}
	resp, err := hours(q).ListHours(q.Context(), &outreachv1.ListHoursRequest{
		OpportunityId: c.GetId(), State: outreachv1.Hours_State(outreachv1.Hours_State_value[form.Get("state")]), PageSize: 30, PageToken: q.Query("page"),
	})
	if err != nil {
		return err
	}
	w.found = resp.GetHours()
	w.first, w.next = q.Pages(resp.GetNextPageToken())
	if err := w.readOwn(q); err != nil {
		return err
	}
	if !w.host && w.own == nil {
		return fault.ErrNotFound
	}
	form.Labels = ui.Labels{
		"hours.workedOn": "worked.day", "hours.minutes": "worked.minutes", "hours.heads": "opportunity.heads", "hours.shiftId": "applicant.shift", "reason": "worked.reason",
	}
	return q.RenderAs(status, hoursPage(w))
}

// readOwn finds the caller's application with a place.
func (w *worked) readOwn(q *web.Request) error {
	if !ui.Can(q.Context(), outreachv1.ApplicationService_ListOwnApplications_FullMethodName) {
		return nil
	}
	own, err := applications(q).ListOwnApplications(q.Context(), &outreachv1.ListOwnApplicationsRequest{PageSize: 200})
	for _, a := range own.GetApplications() {
		if a.GetOpportunityId() == w.GetId() && a.GetState() == outreachv1.Application_ACCEPTED {
			w.own = a
		}
	}
	return err
}

// log keeps what was done on a day.
func log(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	req := &outreachv1.LogHoursRequest{}
	if err = web.Bind(q.PostForm, req); err == nil {
		req.OpportunityId = id
		_, err = hours(q).LogHours(q.Once(), req)
	}
	return afterHours(q, id, err, "hourslogged")
}

func judgeHours(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	of, err := q.ID("hours")
	if err != nil {
		return err
	}
	switch q.PathValue("step") {
	case "confirm":
		_, err = hours(q).ConfirmHours(q.Once(), &outreachv1.ConfirmHoursRequest{OpportunityId: id, Id: of, Etag: q.PostFormValue("etag")})
		return afterHours(q, id, err, "hoursconfirmed")
	case "return":
		_, err = hours(q).ReturnHours(q.Once(), &outreachv1.ReturnHoursRequest{OpportunityId: id, Id: of, Reason: q.PostFormValue("reason"), Etag: q.PostFormValue("etag")})
		return afterHours(q, id, err, "hoursreturned")
	}
	return problem.ErrRouteNotFound
}

func afterHours(q *web.Request, id string, err error, done string) error {
	if form, refused := q.Refused(err); refused {
		return answerHours(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/opportunities/"+id+"/hours", done)
}

// shiftName is when a shift is; "" for none.
func (w *worked) shiftName(ctx context.Context, id string) string {
	for _, s := range w.shifts {
		if s.GetId() == id {
			return ui.Instant(ctx, s.GetStartTime())
		}
	}
	return ""
}

// placed are the shifts in which the caller has a place.
func (w *worked) placed(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range w.own.GetShifts() {
		if s.GetAccepted() {
			out = append(out, ui.Option{Value: s.GetShiftId(), Text: w.shiftName(ctx, s.GetShiftId())})
		}
	}
	return out
}

// certified reports whether some of the own hours are confirmed.
func (w *worked) certified() bool {
	return w.own != nil && slices.ContainsFunc(w.found, func(h *outreachv1.Hours) bool {
		return h.GetState() == outreachv1.Hours_CONFIRMED && h.GetApplicationId() == w.own.GetId()
	})
}

// stopInvitations ends the caller's agreement to be told of later calls.
func stopInvitations(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	application, err := q.ID("application")
	if err != nil {
		return err
	}
	_, err = applications(q).StopInvitations(q.Once(), &outreachv1.StopInvitationsRequest{OpportunityId: id, Id: application, Etag: q.PostFormValue("etag")})
	if form, refused := q.Refused(err); refused {
		return answerOwn(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/applications", "uninvited")
}

// unmet is what was wanted and not found.
type unmet struct {
	form   *ui.Form
	rows   []*outreachv1.UnmetDemand
	fields []ui.Option
}

func demand(q *web.Request) error {
	u := &unmet{form: ui.NewForm(q.URL.Query())}
	u.form.Labels = ui.Labels{"from": "demand.from", "to": "demand.to"}
	s := search{}
	s.readFields(q)
	u.fields = s.fieldOptions()
	resp, err := opportunities(q).GetUnmetDemand(q.Context(), &outreachv1.GetUnmetDemandRequest{From: q.Query("from"), To: q.Query("to")})
	if form, refused := q.Refused(err); refused && len(form.Refusal.Fields) > 0 {
		form.Values, form.Labels = q.URL.Query(), u.form.Labels
		u.form = form
		return q.RenderAs(form.Status, demandPage(u))
	}
	if err != nil {
		return err
	}
	u.rows = resp.GetRows()
	return q.Render(demandPage(u))
}

// field is the name of a field of activity.
func (u *unmet) field(n int32) string {
	for _, f := range u.fields {
		if f.Value == numeral(n) {
			return f.Text
		}
	}
	return numeral(n)
}

// bars are the open places of each field of activity.
func (u *unmet) bars() []ui.Bar {
	var out []ui.Bar
	for _, f := range u.fields {
		open := int64(0)
		for _, r := range u.rows {
			if numeral(r.GetActivityField()) == f.Value {
				open += int64(r.GetOpenPlaces())
			}
		}
		if open > 0 {
			out = append(out, ui.Bar{Name: f.Text, Value: open, Shown: numeral(int32(open))})
		}
	}
	return out
}
