package administration

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	operationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/operation/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// condition is what is known of the installation's parts.
type condition struct {
	status string // ready, degraded or unavailable, as /readyz says.
	parts  []part
	dead   []deadLetters

	form     *ui.Form                                // To have a service take its dead letters again.
	redriven *operationv1.RedriveDeadLettersResponse // What became of that; nil before.
}

// deadLetters are the first events that a service gave up.
type deadLetters struct {
	service string
	found   []*operationv1.DeadLetter
	more    bool
	away    bool // Whether the service does not say.
}

// shownLetters is how many are shown of each service.
const shownLetters = 20

// part is one part with its state: "serving", "not serving" or "unreachable".
type part struct{ service, kind, state string }

// health shows administrators how the parts are. Errors: PERMISSION_DENIED.
func health(q *web.Request) error {
	if !q.Caller.Has(optionsv1.Role_ROLE_ADMINISTRATOR) {
		return fault.ErrPermissionDenied
	}
	return q.Render(healthPage(conditionOf(q, &ui.Form{})))
}

// redrive has a service take its dead letters again, for the stated reason, and
// shows what became of them.
func redrive(q *web.Request) error {
	ctx := step.Stated(q.Once(), q.PostFormValue(step.Why))
	resp, err := q.Site.DeadLetters.RedriveDeadLetters(ctx, &operationv1.RedriveDeadLettersRequest{Service: q.PostFormValue("service")})
	if form, refused := q.Refused(err); refused && form.Status != http.StatusForbidden {
		form.Refusal, form.Labels = step.Reasoned(form.Refusal, step.Why), ui.Labels{"service": "audit.service", step.Why: "health.why"}
		return q.RenderAs(form.Status, healthPage(conditionOf(q, form)))
	}
	if err != nil {
		return err
	}
	c := conditionOf(q, &ui.Form{})
	c.redriven = resp
	return q.Render(healthPage(c))
}

// conditionOf asks how all parts are.
func conditionOf(q *web.Request, form *ui.Form) *condition {
	status, states := q.Site.Ready(q.Context())
	c := condition{status: status, form: form}
	for _, name := range slices.Sorted(maps.Keys(states)) {
		service, kind, _ := strings.Cut(name, "/")
		if kind == "" {
			kind = "service"
		}
		c.parts = append(c.parts, part{service, kind, strings.ReplaceAll(states[name], " ", "")})
	}
	c.readDead(q)
	return &c
}

// redrivable are the services that have dead letters.
func (c *condition) redrivable(ctx context.Context) (out []ui.Option) {
	for _, d := range c.dead {
		if len(d.found) > 0 {
			out = append(out, ui.Option{Value: d.service, Text: text.S(ctx, "audit.services."+d.service)})
		}
	}
	return out
}

// readDead asks every service for what it gave up.
func (c *condition) readDead(q *web.Request) {
	c.dead = make([]deadLetters, len(services))
	var all sync.WaitGroup
	for i, name := range services {
		all.Go(func() {
			resp, err := q.Site.DeadLetters.ListDeadLetters(q.Context(), &operationv1.ListDeadLettersRequest{Service: name, PageSize: shownLetters})
			c.dead[i] = deadLetters{service: name, found: resp.GetDeadLetters(), more: resp.GetNextPageToken() != "", away: err != nil}
		})
	}
	all.Wait()
}

// letters are those of all services, and whether any is left out.
func (c *condition) letters() (out []letter, partial bool) {
	for _, d := range c.dead {
		for _, l := range d.found {
			out = append(out, letter{d.service, l})
		}
		partial = partial || d.more || d.away
	}
	return out, partial
}

// letter is one of them with the service that gave it up.
type letter struct {
	service string
	*operationv1.DeadLetter
}
