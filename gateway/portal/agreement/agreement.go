// Package agreement has the pages of a project's agreement: its versions for
// everybody once they are signed, and how both sides draft and sign it.
package agreement

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/project"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/projects/{projectId}/agreement", show),
		web.SignedIn(http.MethodGet, "/projects/{projectId}/agreement/edit", edit).For(evaluationv1.AgreementService_UpdateAgreement_FullMethodName),
		web.SignedIn(http.MethodPost, "/projects/{projectId}/agreement/edit", save),
		web.SignedIn(http.MethodPost, "/projects/{projectId}/agreement/steps/{step}", take),
	}
}

func agreements(q *web.Request) evaluationv1.AgreementServiceClient {
	return evaluationv1.NewAgreementServiceClient(q.Site.Service("evaluation"))
}

// file is what the page of an agreement shows the caller.
type file struct {
	project  *evaluationv1.Project
	shown    *evaluationv1.Agreement   // nil where there is none yet.
	versions []*evaluationv1.Agreement // Oldest first.
	form     *ui.Form
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	f, err := read(q)
	if err != nil {
		return err
	}
	if f.shown == nil && !f.party(q.Context()) {
		return fault.ErrNotFound
	}
	f.form = form
	return q.RenderAs(status, showPage(f))
}

// read reads the version that the address asks for, the newest without one.
func read(q *web.Request) (*file, error) {
	id, err := q.ID("projectId")
	if err != nil {
		return nil, err
	}
	version, err := strconv.ParseInt(q.Query("version"), 10, 32)
	if err != nil && q.Query("version") != "" {
		return nil, fault.ErrNotFound
	}
	f := &file{}
	var all errgroup.Group
	all.Go(func() error {
		got, err := evaluationv1.NewProjectServiceClient(q.Site.Service("evaluation")).GetProject(q.Context(), &evaluationv1.GetProjectRequest{Id: id})
		f.project = got.GetProject()
		return err
	})
	all.Go(func() error {
		got, err := agreements(q).GetAgreement(q.Context(), &evaluationv1.GetAgreementRequest{ProjectId: id, Version: int32(version)})
		f.shown = got.GetAgreement()
		if web.NotFound(err) && version == 0 {
			return nil
		}
		return err
	})
	all.Go(func() error {
		got, err := agreements(q).ListAgreementVersions(q.Context(), &evaluationv1.ListAgreementVersionsRequest{ProjectId: id, PageSize: 100})
		f.versions = got.GetVersions()
		if web.NotFound(err) {
			return nil
		}
		return err
	})
	return f, all.Wait()
}

// party reports whether the caller belongs to one of the project's sides.
func (f *file) party(ctx context.Context) bool { return project.Party(ctx, f.project) }

// newest reports whether the version that is shown is the newest one.
func (f *file) newest() bool {
	return len(f.versions) == 0 || f.versions[len(f.versions)-1].GetVersion() == f.shown.GetVersion()
}

// editable reports whether the caller can write the draft.
func (f *file) editable(ctx context.Context) bool {
	return f.party(ctx) && f.newest() && f.shown.GetState() == evaluationv1.Agreement_DRAFT && ui.Can(ctx, evaluationv1.AgreementService_UpdateAgreement_FullMethodName)
}

// draftable reports whether the caller can begin the next version.
func (f *file) draftable(ctx context.Context) bool {
	open := f.project.GetState() <= evaluationv1.Project_RUNNING
	return f.party(ctx) && open && (f.shown == nil || f.newest() && f.shown.GetState() != evaluationv1.Agreement_DRAFT) && ui.Can(ctx, evaluationv1.AgreementService_DraftAgreement_FullMethodName)
}

// signable reports whether the newest version waits for signatures.
func (f *file) signable(ctx context.Context) bool {
	waits := f.shown.GetState() == evaluationv1.Agreement_DRAFT || f.shown.GetState() == evaluationv1.Agreement_PARTLY_SIGNED
	return f.shown != nil && f.party(ctx) && f.newest() && waits && ui.Can(ctx, evaluationv1.AgreementService_SignAgreement_FullMethodName)
}

// missing are the items that the draft needs and does not have.
func (f *file) missing() []*evaluationv1.AgreementItem {
	var out []*evaluationv1.AgreementItem
	for _, i := range f.shown.GetChecklist() {
		if i.GetRequired() && !i.GetPresent() {
			out = append(out, i)
		}
	}
	return out
}

func (f *file) path() string { return "/projects/" + f.project.GetId() + "/agreement" }

// document is the address of the version as a document.
func (f *file) document(kind string) string {
	return fmt.Sprintf("/v1/projects/%s/agreement.%s?version=%d", f.project.GetId(), kind, f.shown.GetVersion())
}

// steps are those of an agreement; whether they are offered, its versions say.
var steps = &step.Table[evaluationv1.Agreement_State]{
	Texts: "agreement",
	Steps: []step.Step[evaluationv1.Agreement_State]{
		{Name: "sign", Done: "agreementsigned", Sure: true, Take: step.By(agreements, evaluationv1.AgreementServiceClient.SignAgreement, "projectId")},
		{Name: "draft", Done: "agreementdrafted", Sure: true, Take: step.By(agreements, evaluationv1.AgreementServiceClient.DraftAgreement, "projectId")},
	},
}

// offer is one of the steps on the page.
func (f *file) offer(name string) step.Offer {
	return steps.Offer(name, &step.Thing[evaluationv1.Agreement_State]{Path: f.path(), Etag: f.shown.GetEtag(), Form: f.form})
}

func take(q *web.Request) error {
	return steps.Take(q, "/projects/"+q.PathValue("projectId")+"/agreement", answer)
}

// tone is how a state looks.
func tone(s evaluationv1.Agreement_State) ui.Tone {
	switch s {
	case evaluationv1.Agreement_SIGNED:
		return ui.Good
	case evaluationv1.Agreement_ABANDONED:
		return ui.Ended
	default:
		return ui.Warning
	}
}

// writing is the form of a draft.
type writing struct {
	*file
	form *ui.Form
}

// moreArticles are the empty rows for further articles.
const moreArticles = 3

// articles is how many rows the form has.
func (w *writing) articles() int {
	n := 0
	for i := range maxArticles {
		if w.form.Get(articleName(i, "title")) != "" || w.form.Get(articleName(i, "text")) != "" {
			n = i + 1
		}
	}
	return min(n+moreArticles, maxArticles)
}

const maxArticles = 60

func articleName(i int, field string) string { return fmt.Sprintf("articles[%d].%s", i, field) }

// itemOptions are what an article can be about.
func (w *writing) itemOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "agreement.other")}}
	for _, i := range w.shown.GetChecklist() {
		if i.GetItem() != evaluationv1.Clause_SIGNATURES {
			out = append(out, ui.Option{Value: i.GetItem().String(), Text: i.GetName()})
		}
	}
	return out
}

// itemName is the name of an item by its code.
func (w *writing) itemName(code string) string {
	for _, i := range w.shown.GetChecklist() {
		if i.GetItem().String() == code {
			return i.GetName()
		}
	}
	return code
}

var labels = ui.Labels{
	"title": "agreement.heading", "preamble": "agreement.preamble", "articles": "agreement.articles", "closing": "agreement.closing",
	"wardSignatory": "agreement.wardsignatory", "organizationSignatory": "agreement.organizationsignatory",
}

func edit(q *web.Request) error {
	f, err := read(q)
	if err != nil {
		return err
	}
	if !f.editable(q.Context()) {
		return q.Redirect(f.path(), "")
	}
	values := web.Values("", &evaluationv1.AgreementInput{
		Title: f.shown.GetTitle(), Preamble: f.shown.GetPreamble(), Articles: f.shown.GetArticles(), Closing: f.shown.GetClosing(),
		WardSignatory: f.shown.GetWardSignatory(), OrganizationSignatory: f.shown.GetOrganizationSignatory(), Etag: f.shown.GetEtag(),
	})
	return q.Render(editPage(&writing{f, ui.NewForm(values)}))
}

func save(q *web.Request) error {
	f, err := read(q)
	if err != nil {
		return err
	}
	if f.shown == nil {
		return fault.ErrNotFound
	}
	in := &evaluationv1.AgreementInput{}
	if err = web.Bind(written(q.PostForm), in); err == nil {
		_, err = agreements(q).UpdateAgreement(q.Once(), &evaluationv1.UpdateAgreementRequest{
			ProjectId: f.project.GetId(), Agreement: in, Etag: in.GetEtag(),
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title", "preamble", "articles", "closing", "ward_signatory", "organization_signatory"}},
		})
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return q.RenderAs(form.Status, editPage(&writing{f, form.Trim("agreement.")}))
	}
	if err != nil {
		return err
	}
	return q.Redirect(f.path(), "agreementsaved")
}

// written is the form without rows that have an item and no words.
func written(values url.Values) url.Values {
	for i := range maxArticles {
		if values.Get(articleName(i, "title")) == "" && values.Get(articleName(i, "text")) == "" {
			values.Del(articleName(i, "item"))
		}
	}
	return values
}
