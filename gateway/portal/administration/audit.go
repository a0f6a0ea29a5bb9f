// Package administration has the pages of those who look after the installation:
// the audit log with the proof of its chain, and the health of its parts. They
// show no secret and no content.
package administration

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
	operationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/operation/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/audit", search),
		web.Public(http.MethodGet, "/audit/chain", chain),
		web.SignedIn(http.MethodGet, "/health", health),
		web.SignedIn(http.MethodPost, "/health/redrive", redrive).For(operationv1.DeadLetterService_RedriveDeadLetters_FullMethodName),
	}
}

// services are those that keep an audit log.
var services = []string{"directory", "evaluation", "facilities", "outreach", "proposals"}

// log is a page of the audit log and what was asked for.
type log struct {
	form        *ui.Form
	entries     []*auditv1.AuditEntry
	first, next string
}

func search(q *web.Request) error {
	if q.Site.Audit == nil { // no service is connected
		return fault.ErrDependencyUnavailable
	}
	l := log{form: ui.NewForm(q.URL.Query())}
	resp, err := q.Site.Audit.ListAuditEntries(q.Context(), &auditv1.ListAuditEntriesRequest{
		Service: l.form.Get("service"), ObjectType: strings.TrimSpace(l.form.Get("objectType")), ObjectId: strings.TrimSpace(l.form.Get("objectId")),
		PageSize: 30, PageToken: q.Query("page"),
	})
	if form, refused := q.Refused(err); refused && form.Status == http.StatusBadRequest {
		form.Values, form.Labels = q.URL.Query(), ui.Labels{"objectType": "audit.objecttype", "objectId": "audit.objectid", "service": "audit.service"}
		l.form = form
		return q.RenderAs(form.Status, searchPage(&l))
	}
	if err != nil {
		return err
	}
	l.entries = resp.GetAuditEntries()
	l.first, l.next = q.Pages(resp.GetNextPageToken())
	return q.Render(searchPage(&l))
}

// chain proves the chains of all services.
func chain(q *web.Request) error {
	if q.Site.Audit == nil { // no service is connected
		return fault.ErrDependencyUnavailable
	}
	resp, err := q.Site.Audit.VerifyAuditChain(q.Context(), &auditv1.VerifyAuditChainRequest{})
	if err != nil {
		return err
	}
	return q.Render(chainPage(resp.GetChains()))
}

// intact reports whether every chain is.
func intact(all []*auditv1.AuditChain) bool {
	return !slices.ContainsFunc(all, func(c *auditv1.AuditChain) bool { return !c.GetIntact() })
}

// roles are the actor's roles as they are called in the portal.
func roles(ctx context.Context, names []string) string {
	var out []string
	for _, n := range names {
		key := "audit.role." + strings.TrimPrefix(strings.ToUpper(n), "ROLE_")
		if text.Has(key) {
			n = text.S(ctx, key)
		}
		out = append(out, n)
	}
	return strings.Join(out, text.S(ctx, "audit.comma"))
}

// details are the facts of an entry in the order of their names.
func details(e *auditv1.AuditEntry) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(e.GetDetail())) {
		out = append(out, name+"="+e.GetDetail()[name])
	}
	return out
}
