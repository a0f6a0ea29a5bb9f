package opportunity

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/publication"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// applicants is the list of who applied, for the host, who states why it is read.
// The reason and the place in the list stand in the form and in no address.
type applicants struct {
	*call
	form  *ui.Form
	found []*outreachv1.Application
	next  string // Token of the next page.
}

// applicationStates are the choices of the list.
var applicationStates = []outreachv1.Application_State{
	outreachv1.Application_REQUESTED, outreachv1.Application_ACCEPTED, outreachv1.Application_WAITLISTED,
	outreachv1.Application_DECLINED, outreachv1.Application_WITHDRAWN, outreachv1.Application_CANCELLED,
}

// hosted gets a call that the caller runs. Errors: RESOURCE_NOT_FOUND.
func hosted(q *web.Request) (*call, error) {
	c, err := get(q)
	if err == nil && !publication.Hosts(q.Context(), c) {
		err = fault.ErrNotFound
	}
	return c, err
}

func askApplicants(q *web.Request) error {
	c, err := hosted(q)
	if err != nil {
		return err
	}
	return q.Render(applicantsPage(&applicants{call: c, form: ui.NewForm(url.Values{})}))
}

func listApplicants(q *web.Request) error {
	c, err := hosted(q)
	if err != nil {
		return err
	}
	return answerApplicants(q, c, q.Posted(), http.StatusOK)
}

// whyLabels name the field of the reason in what is refused.
var whyLabels = ui.Labels{"why": "applicant.why", "message": "applicant.message", "heads": "applicant.came"}

// answerApplicants lists who applied for the reason in the form.
func answerApplicants(q *web.Request, c *call, form *ui.Form, status int) error {
	a := &applicants{call: c, form: form}
	form.Labels = whyLabels
	resp, err := applications(q).ListApplications(q.Because(form.Get("why")), &outreachv1.ListApplicationsRequest{
		OpportunityId: c.GetId(), State: outreachv1.Application_State(outreachv1.Application_State_value[form.Get("state")]), PageSize: 30, PageToken: form.Get("page"),
	})
	if refused, ok := q.Refused(err); ok {
		refused.Labels = whyLabels
		a.form, status = refused, refused.Status
	} else if err != nil {
		return err
	}
	a.found, a.next = resp.GetApplications(), resp.GetNextPageToken()
	return q.RenderAs(status, applicantsPage(a))
}

// candidate is one application before its host.
type candidate struct {
	*outreachv1.Application
	call *call
	form *ui.Form
}

// answerCandidate shows one application for the reason in the form.
func answerCandidate(q *web.Request, c *call, id string, form *ui.Form, status int) error {
	resp, err := applications(q).GetApplication(q.Because(q.PostFormValue("why")), &outreachv1.GetApplicationRequest{OpportunityId: c.GetId(), Id: id})
	if refused, ok := q.Refused(err); ok { // without a reason nothing is shown
		return answerApplicants(q, c, refused, refused.Status)
	}
	if err != nil {
		return err
	}
	form.Labels = whyLabels
	return q.RenderAs(status, candidatePage(&candidate{resp.GetApplication(), c, form}))
}

// judge takes a step of an application and shows it, or the list from which the
// step was taken.
func judge(q *web.Request) error {
	c, err := hosted(q)
	if err != nil {
		return err
	}
	id, err := q.ID("application")
	if err != nil {
		return err
	}
	step := q.PathValue("step")
	if step == "certificate" {
		return certificate(q, c, id)
	}
	err = takeStep(q, c.GetId(), id, step)
	form, refused := q.Refused(err)
	switch {
	case refused:
		form.Values.Set("_step", step)
	case err != nil:
		return err
	default:
		form = &ui.Form{Values: url.Values{"why": q.PostForm["why"], "state": q.PostForm["state"], "page": q.PostForm["page"]}, Status: http.StatusOK}
		if step != "open" {
			q.View.Done = "done." + "applicant" + step
			if c, err = hosted(q); err != nil { // the places have changed
				return err
			}
		}
	}
	if q.PostFormValue("_list") != "" {
		return answerApplicants(q, c, form, form.Status)
	}
	return answerCandidate(q, c, id, form, form.Status)
}

// takeStep calls the RPC of a step. Errors: those of the RPC.
func takeStep(q *web.Request, opportunity, id, step string) (err error) {
	etag := q.PostFormValue("etag")
	switch step {
	case "open":
	case "accept":
		_, err = applications(q).AcceptApplication(q.Once(), &outreachv1.AcceptApplicationRequest{OpportunityId: opportunity, Id: id, ShiftIds: q.PostForm["shiftIds"], Etag: etag})
	case "waitlist":
		_, err = applications(q).WaitlistApplication(q.Once(), &outreachv1.WaitlistApplicationRequest{OpportunityId: opportunity, Id: id, Etag: etag})
	case "decline":
		_, err = applications(q).DeclineApplication(q.Once(), &outreachv1.DeclineApplicationRequest{OpportunityId: opportunity, Id: id, Message: q.PostFormValue("message"), Etag: etag})
	case "attend":
		req := &outreachv1.RecordAttendanceRequest{}
		values := url.Values{"heads": q.PostForm["heads"], "shiftId": q.PostForm["shiftId"], "etag": {etag}}
		if err = web.Bind(values, req); err == nil {
			req.OpportunityId, req.Id = opportunity, id
			_, err = applications(q).RecordAttendance(q.Once(), req)
		}
	default:
		err = problem.ErrRouteNotFound
	}
	return err
}

// certificate answers the certificate of an application as PDF, for the stated
// reason.
func certificate(q *web.Request, c *call, id string) error {
	resp, err := applications(q).GetCertificate(q.Because(q.PostFormValue("why")), &outreachv1.GetCertificateRequest{OpportunityId: c.GetId(), Id: id})
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", "certificate")
		return answerCandidate(q, c, id, form, form.Status)
	}
	if err != nil {
		return err
	}
	h := q.Writer.Header()
	h.Set("Content-Type", resp.GetDocument().GetMediaType())
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": resp.GetDocument().GetFileName()}))
	_, _ = q.Writer.Write(resp.GetDocument().GetContent()) // the caller is gone when this fails
	return nil
}

// decidable reports whether the host can still give or refuse a place.
func decidable(a *outreachv1.Application) bool {
	return a.GetState() == outreachv1.Application_REQUESTED || a.GetState() == outreachv1.Application_WAITLISTED
}

// shiftsOf are the shifts of an application as choices: those with a place, or all
// that it wishes.
func (c *candidate) shiftsOf(q func(*outreachv1.Shift) string, placed bool) []ui.Option {
	var out []ui.Option
	for _, w := range c.GetShifts() {
		at := slices.IndexFunc(c.call.shifts, func(s *outreachv1.Shift) bool { return s.GetId() == w.GetShiftId() })
		if at >= 0 && (!placed || w.GetAccepted()) {
			out = append(out, ui.Option{Value: w.GetShiftId(), Text: q(c.call.shifts[at])})
		}
	}
	return out
}

// attended is how many came, in words; "" when nothing was recorded.
func attended(n int32) string {
	if n < 0 {
		return ""
	}
	return fmt.Sprint(n)
}
