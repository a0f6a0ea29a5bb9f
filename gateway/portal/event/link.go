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
func showTicket(q *web.Request) error { return answerTicket(q, nil, http.StatusOK) }

func confirmTicket(q *web.Request) error {
	_, err := registrations(q).ConfirmRegistration(q.Context(), &outreachv1.ConfirmRegistrationRequest{Token: q.PathValue("token")})
	return afterTicket(q, err, "registrationconfirmed")
}

func cancelTicket(q *web.Request) error {
	_, err := registrations(q).CancelRegistrationByLink(q.Context(), &outreachv1.CancelRegistrationByLinkRequest{Token: q.PathValue("token")})
	return afterTicket(q, err, "registrationended")
}

func afterTicket(q *web.Request, err error, done string) error {
	q.Writer.Header().Set("Referrer-Policy", "no-referrer") // the address is the key
	if form, refused := q.Refused(err); refused && form.Refusal.Kind != fault.Invalid {
		return answerTicket(q, form, form.Status)
	}
	if err != nil {
		return hidden(err)
	}
	return q.Redirect("/registrations/"+q.PathValue("token"), done)
}

// answerTicket shows the registration of a link.
func answerTicket(q *web.Request, form *ui.Form, status int) error {
	q.Writer.Header().Set("Referrer-Policy", "no-referrer")
	t := &ticket{token: q.PathValue("token"), form: form}
	resp, err := registrations(q).GetRegistrationLink(q.Context(), &outreachv1.GetRegistrationLinkRequest{Token: t.token})
	if err != nil {
		return hidden(err)
	}
	t.Registration = resp.GetRegistration()
	// Without the event the registration can be confirmed all the same.
	if resp, err := events(q).GetEvent(q.Context(), &outreachv1.GetEventRequest{Id: t.GetEventId()}); err == nil {
		t.event = resp.GetEvent()
	}
	return q.RenderAs(status, ticketPage(t))
}

// hidden answers a link that is none as one that is not there.
func hidden(err error) error {
	if problem.Fault(err).Kind == fault.Invalid {
		return fault.ErrNotFound
	}
	return err
}

// byLot reports whether the place of a registration is drawn.
func (t *ticket) byLot() bool {
	return t.event.GetAdmission().GetMode() == outreachv1.EventAdmission_LOTTERY
}
