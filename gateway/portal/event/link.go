package event

import (
	"net/http"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// ticket is a registration as the link in the mail shows it, with its event where
// that can be read.
type ticket struct {
	*outreachv1.Registration
	token string
	form  *ui.Form
	event *outreachv1.Event // nil where it cannot be read any more.
}

// showTicket shows what a link is about. It changes nothing: mail programs follow
// links too.
func showTicket(q *web.Request) error {
	resp, err := registrations(q).GetRegistrationLink(q.Context(), &outreachv1.GetRegistrationLinkRequest{Token: q.PathValue("token")})
	return answerTicket(q, resp.GetRegistration(), err)
}

func confirmTicket(q *web.Request) error {
	q.View.Done = "done.registrationconfirmed"
	resp, err := registrations(q).ConfirmRegistration(q.Context(), &outreachv1.ConfirmRegistrationRequest{Token: q.PathValue("token")})
	return answerTicket(q, resp.GetRegistration(), err)
}

func cancelTicket(q *web.Request) error {
	q.View.Done = "done.registrationended"
	resp, err := registrations(q).CancelRegistrationByLink(q.Context(), &outreachv1.CancelRegistrationByLinkRequest{Token: q.PathValue("token")})
	return answerTicket(q, resp.GetRegistration(), err)
}

// answerTicket shows a registration. A link that has none is not there, whatever
// is wrong with it.
func answerTicket(q *web.Request, r *outreachv1.Registration, err error) error {
	q.Writer.Header().Set("Referrer-Policy", "no-referrer") // the address is the key
	t := &ticket{Registration: r, token: q.PathValue("token")}
	status := http.StatusOK
	if form, refused := q.Refused(err); refused {
		if form.Refusal.Kind == fault.Invalid {
			return fault.ErrNotFound
		}
		resp, again := registrations(q).GetRegistrationLink(q.Context(), &outreachv1.GetRegistrationLinkRequest{Token: t.token})
		if again != nil {
			return err
		}
		q.View.Done = ""
		t.Registration, t.form, status = resp.GetRegistration(), form, form.Status
	} else if err != nil {
		return err
	}
	// Without the event the registration can be confirmed all the same.
	if resp, err := events(q).GetEvent(q.Context(), &outreachv1.GetEventRequest{Id: t.GetEventId()}); err == nil {
		t.event = resp.GetEvent()
	} else if problem.Fault(err).Kind == fault.Internal {
		return err
	}
	return q.RenderAs(status, ticketPage(t))
}

// byLot reports whether the place of a registration is drawn.
func (t *ticket) byLot() bool {
	return t.event.GetAdmission().GetMode() == outreachv1.EventAdmission_LOTTERY
}
