package administration

import (
	"maps"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// condition is what is known of the installation's parts.
type condition struct {
	status string // ready, degraded or unavailable, as /readyz says.
	parts  []part
}

// part is one part with its state: "serving", "not serving" or "unreachable".
type part struct{ service, kind, state string }

// health shows administrators how the parts are. Errors: PERMISSION_DENIED.
func health(q *web.Request) error {
	if !q.Caller.Has(optionsv1.Role_ROLE_ADMINISTRATOR) {
		return fault.ErrPermissionDenied
	}
	status, states := q.Site.Ready(q.Context())
	c := condition{status: status}
	for _, name := range slices.Sorted(maps.Keys(states)) {
		service, kind, _ := strings.Cut(name, "/")
		if kind == "" {
			kind = "service"
		}
		c.parts = append(c.parts, part{service, kind, strings.ReplaceAll(states[name], " ", "")})
	}
	return q.Render(healthPage(&c))
}
