package register

import (
	"context"
	"net/http"
	"net/url"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

func documents(q *web.Request) directoryv1.RegistrationDocumentServiceClient {
	return directoryv1.NewRegistrationDocumentServiceClient(q.Site.Service("directory"))
}

// paperKinds are the kinds of papers in the order of a form.
var paperKinds = []string{"BYLAWS", "OFFICERS", "MEMBERS", "REGISTRY", "ACCOUNTS", "REPORT", "PLAN", "PLEDGE", "OTHER"}

// demands is the page of what the ward asks of a kind of organization.
type demands struct {
	form *ui.Form
	kind directoryv1.Organization_Kind
	asks []*directoryv1.DocumentRequirement
}

func requirements(q *web.Request) error {
	if !ui.Can(q.Context(), directoryv1.RegistrationDocumentService_SetDocumentRequirement_FullMethodName) {
		return errNotDesk
	}
	return answerRequirements(q, ui.NewForm(url.Values{}), http.StatusOK)
}

func answerRequirements(q *web.Request, form *ui.Form, status int) error {
	d := &demands{form: form, kind: directoryv1.Organization_NPO_CORPORATION}
	for _, name := range []string{q.Query("kind"), form.Get("organizationKind")} {
		if k := directoryv1.Organization_Kind(directoryv1.Organization_Kind_value[name]); k != 0 {
			d.kind = k
		}
	}
	resp, err := documents(q).ListDocumentRequirements(q.Context(), &directoryv1.ListDocumentRequirementsRequest{OrganizationKind: d.kind})
	if err != nil {
		return err
	}
	d.asks = resp.GetRequirements()
	d.form.Labels = ui.Labels{"level": "register.level", "documentKind": "registry.paperkind", step.Why: "register.why"}
	return q.RenderAs(status, requirementsPage(d))
}

func require(q *web.Request) error {
	req := &directoryv1.SetDocumentRequirementRequest{}
	err := web.Bind(q.PostForm, req)
	if err == nil {
		_, err = documents(q).SetDocumentRequirement(q.Because(q.PostFormValue(step.Why)), req)
	}
	if form, refused := q.Refused(err); refused {
		form.Refusal = step.Reasoned(form.Refusal, step.Why)
		return answerRequirements(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/desk/organizations/requirements?kind="+req.GetOrganizationKind().String(), "paperrequired")
}

// paperOptions are the kinds of papers as choices.
func paperOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range paperKinds {
		out = append(out, ui.Option{Value: k, Text: text.S(ctx, "registry.paper."+k)})
	}
	return out
}

// levels are how much a paper can be needed.
func levels(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, l := range []directoryv1.DocumentRequirement_Level{directoryv1.DocumentRequirement_NOT_NEEDED, directoryv1.DocumentRequirement_REQUESTED, directoryv1.DocumentRequirement_REQUIRED} {
		out = append(out, ui.Option{Value: l.String(), Text: text.Enum(ctx, "register.levels", l)})
	}
	return out
}
