package event

import (
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

func registrations(q *web.Request) outreachv1.RegistrationServiceClient {
	return outreachv1.NewRegistrationServiceClient(q.Site.Service("outreach"))
}

// guests is the list of who registered, for the host, who states why it is read.
// The reason and the place in the list stand in the form and in no address.
type guests struct {
	*outreachv1.Event
	form  *ui.Form
	found []*outreachv1.Registration
	next  string // Token of the next page.
}

// guestStates are the choices of the list.
var guestStates = []outreachv1.Registration_State{
	outreachv1.Registration_REQUESTED, outreachv1.Registration_ADMITTED, outreachv1.Registration_WAITLISTED,
	outreachv1.Registration_CANCELLED, outreachv1.Registration_LAPSED,
}

// hosted gets an event that the caller runs. Errors: RESOURCE_NOT_FOUND.
func hosted(q *web.Request) (*outreachv1.Event, error) {
	e, err := get(q)
	if err == nil && !publication.Writes(q.Context(), e) {
		err = fault.ErrNotFound
	}
	return e, err
}

func askGuests(q *web.Request) error {
	e, err := hosted(q)
	if err != nil {
		return err
	}
	return q.Render(guestsPage(&guests{Event: e, form: ui.NewForm(url.Values{})}))
}

func listGuests(q *web.Request) error {
	e, err := hosted(q)
	if err != nil {
		return err
	}
	return answerGuests(q, e, q.Posted(), http.StatusOK)
}

// answerGuests lists who registered for the reason in the form.
func answerGuests(q *web.Request, e *outreachv1.Event, form *ui.Form, status int) error {
	g := &guests{Event: e, form: form}
	form.Labels = ui.Labels{"why": "guest.why"}
	resp, err := registrations(q).ListRegistrations(q.Because(form.Get("why")), &outreachv1.ListRegistrationsRequest{
		EventId: e.GetId(), State: outreachv1.Registration_State(outreachv1.Registration_State_value[form.Get("state")]), PageSize: 30, PageToken: form.Get("page"),
	})
	if refused, ok := q.Refused(err); ok {
		refused.Labels = form.Labels
		g.form, status = refused, refused.Status
	} else if err != nil {
		return err
	}
	g.found, g.next = resp.GetRegistrations(), resp.GetNextPageToken()
	return q.RenderAs(status, guestsPage(g))
}

// decide admits or ends a registration, and shows the list again.
func decide(q *web.Request) error {
	e, err := hosted(q)
	if err != nil {
		return err
	}
	id, err := q.ID("registration")
	if err != nil {
		return err
	}
	switch q.PathValue("step") {
	case "admit":
		_, err = registrations(q).AdmitRegistration(q.Once(), &outreachv1.AdmitRegistrationRequest{EventId: e.GetId(), Id: id, Etag: q.PostFormValue("etag")})
		q.View.Done = "done.admitted"
	case "cancel":
		_, err = registrations(q).CancelRegistration(q.Once(), &outreachv1.CancelRegistrationRequest{EventId: e.GetId(), Id: id, Etag: q.PostFormValue("etag")})
		q.View.Done = "done.registrationended"
	default:
		return problem.ErrRouteNotFound
	}
	if form, refused := q.Refused(err); refused {
		q.View.Done = ""
		return answerGuests(q, e, form, form.Status)
	}
	if err != nil {
		return err
	}
	if e, err = hosted(q); err != nil { // the places have changed
		return err
	}
	return answerGuests(q, e, q.Posted(), http.StatusOK)
}

// admits reports whether the host gives this registration a place: where lots
// decide, nobody does.
func (g *guests) admits(r *outreachv1.Registration) bool {
	waits := r.GetState() == outreachv1.Registration_REQUESTED || r.GetState() == outreachv1.Registration_WAITLISTED
	return waits && g.GetAdmission().GetMode() != outreachv1.EventAdmission_LOTTERY
}

// held reports whether a registration can still be ended.
func held(r *outreachv1.Registration) bool {
	return slices.Contains(guestStates[:3], r.GetState())
}

// guestTone is how a state of a registration looks.
func guestTone(s outreachv1.Registration_State) ui.Tone {
	switch s {
	case outreachv1.Registration_ADMITTED:
		return ui.Good
	case outreachv1.Registration_REQUESTED:
		return ui.Warning
	case outreachv1.Registration_WAITLISTED:
		return ui.Calm
	default:
		return ui.Ended
	}
}
