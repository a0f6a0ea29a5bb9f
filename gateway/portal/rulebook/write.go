package rulebook

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// writeRoutes are the pages on which the desk writes a version.
func writeRoutes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/rulebook/versions/new", begin).For(evaluationv1.RulebookService_CreateRulebookVersion_FullMethodName),
		web.SignedIn(http.MethodPost, "/rulebook/versions/new", create),
		web.SignedIn(http.MethodGet, "/rulebook/versions/{id}/edit", edit).For(evaluationv1.RulebookService_UpdateRulebookVersion_FullMethodName),
		web.SignedIn(http.MethodPost, "/rulebook/versions/{id}/edit", save),
		web.SignedIn(http.MethodGet, "/rulebook/versions/{id}/meeting", editMeeting).For(evaluationv1.RulebookService_UpdateRulebookVersion_FullMethodName),
		web.SignedIn(http.MethodPost, "/rulebook/versions/{id}/meeting", saveMeeting),
		web.SignedIn(http.MethodGet, "/rulebook/versions/{id}/clauses/{clauseNo}/edit", editClause).For(evaluationv1.RulebookService_UpdateRulebookVersion_FullMethodName),
		web.SignedIn(http.MethodPost, "/rulebook/versions/{id}/clauses/{clauseNo}/edit", saveClause),
		web.SignedIn(http.MethodPost, "/rulebook/versions/{id}/clauses/{clauseNo}/remove", removeClause),
		web.SignedIn(http.MethodPost, "/rulebook/versions/{id}/steps/{step}", take),
	}
}

// steps are those of a version.
var steps = &step.Table[evaluationv1.RulebookVersion_State]{
	Texts:  "rulebook",
	Labels: ui.Labels{"open.until": "rulebook.until", "adopt.effectiveFrom": "rulebook.from"},
	Steps: []step.Step[evaluationv1.RulebookVersion_State]{
		{
			Name: "open", Method: evaluationv1.RulebookService_OpenRulebookComments_FullMethodName, Sure: true, Done: "rulesopened",
			From: step.In(evaluationv1.RulebookVersion_DRAFT, evaluationv1.RulebookVersion_COMMENTS_CLOSED),
			Take: step.By(rules, evaluationv1.RulebookServiceClient.OpenRulebookComments),
		},
		{
			Name: "close", Method: evaluationv1.RulebookService_CloseRulebookComments_FullMethodName, Sure: true, Done: "rulesclosed",
			From: step.In(evaluationv1.RulebookVersion_COMMENTING), Take: step.By(rules, evaluationv1.RulebookServiceClient.CloseRulebookComments),
		},
		{
			Name: "adopt", Method: evaluationv1.RulebookService_AdoptRulebookVersion_FullMethodName, Sure: true, Done: "rulesadopted",
			From: step.In(evaluationv1.RulebookVersion_DRAFT, evaluationv1.RulebookVersion_COMMENTS_CLOSED),
			Take: step.By(rules, evaluationv1.RulebookServiceClient.AdoptRulebookVersion),
		},
	},
}

// offers are the steps that the page offers.
func (f *file) offers(ctx context.Context) []step.Offer {
	return steps.Offers(ctx, &step.Thing[evaluationv1.RulebookVersion_State]{
		State: f.GetState(), Path: "/rulebook/versions/" + f.GetId(), Etag: f.GetEtag(), Form: f.form,
		Asks: map[string][]step.Ask{
			"open":  {{Input: ui.Input{Name: "until", Label: "rulebook.until", Type: "date", Required: true}}},
			"adopt": {{Input: ui.Input{Name: "effectiveFrom", Label: "rulebook.from", Type: "date", Required: true}}},
		},
	})
}

func take(q *web.Request) error {
	return steps.Take(q, "/rulebook/versions/"+q.PathValue("id"), answer)
}

func mayWrite(ctx context.Context) bool {
	return ui.Can(ctx, evaluationv1.RulebookService_UpdateRulebookVersion_FullMethodName)
}

// editable reports whether the caller can write the clauses.
func (f *file) editable(ctx context.Context) bool {
	open := f.GetState() == evaluationv1.RulebookVersion_DRAFT || f.GetState() == evaluationv1.RulebookVersion_COMMENTS_CLOSED
	return !f.current && open && mayWrite(ctx)
}

// notable reports whether the caller can write the review meeting and the note.
func (f *file) notable(ctx context.Context) bool {
	return !f.current && f.GetState() != evaluationv1.RulebookVersion_ADOPTED && mayWrite(ctx)
}

// unanswered are the numbers of the clauses whose comments a refusal names.
func (f *file) unanswered() []string {
	if f.form.Refusal == nil || f.form.Refusal.Reason != "COMMENTS_UNANSWERED" {
		return nil
	}
	return strings.Split(f.form.Refusal.Metadata["clauses"], ",")
}

// writing is a form of the desk about a version.
type writing struct {
	version       *evaluationv1.RulebookVersion // nil for a new one.
	clause        string                        // Number of the clause, "new" for one that is added.
	form          *ui.Form
	versions      []*evaluationv1.RulebookVersion
	organizations []ui.Option
}

var labels = ui.Labels{
	"title": "rulebook.titlename", "preamble": "rulebook.preamble", "note": "rulebook.note", "basedOnId": "rulebook.basedon",
	"reviewMeeting.heldOn": "rulebook.heldon", "reviewMeeting.organizationIds": "rulebook.attended", "reviewMeeting.summary": "rulebook.summary",
	"no": "rulebook.clauseno", "section": "rulebook.sectionname", "text": "rulebook.text", "item": "rulebook.itemname", "modelText": "rulebook.modelname",
}

func begin(q *web.Request) error {
	found, err := versions(q, 0, "")
	if err != nil {
		return err
	}
	w := &writing{versions: found.GetVersions(), form: ui.NewForm(url.Values{})}
	for _, v := range w.versions {
		if v.GetInForce() {
			w.form = ui.NewForm(url.Values{"basedOnId": {v.GetId()}, "title": {v.GetTitle()}})
		}
	}
	return q.Render(beginPage(w))
}

func create(q *web.Request) error {
	in := &evaluationv1.RulebookVersionInput{}
	err := web.Bind(q.PostForm, in)
	var resp *evaluationv1.CreateRulebookVersionResponse
	if err == nil {
		resp, err = rules(q).CreateRulebookVersion(q.Once(), &evaluationv1.CreateRulebookVersionRequest{Version: in})
	}
	if form, refused := q.Refused(err); refused {
		found, err := versions(q, 0, "")
		if err != nil {
			return err
		}
		form.Labels = labels
		return q.RenderAs(form.Status, beginPage(&writing{versions: found.GetVersions(), form: form.Trim("version.")}))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/rulebook/versions/"+resp.GetVersion().GetId(), "rulesbegun")
}

func edit(q *web.Request) error {
	v, err := version(q, "id")
	if err != nil {
		return err
	}
	return q.Render(editPage(&writing{version: v, form: ui.NewForm(url.Values{
		"title": {v.GetTitle()}, "preamble": {v.GetPreamble()}, "note": {v.GetNote()}, "etag": {v.GetEtag()},
	})}))
}

func save(q *web.Request) error {
	in := &evaluationv1.RulebookVersionInput{}
	err := web.Bind(q.PostForm, in)
	paths := []string{"title", "preamble", "note"}
	if q.PostForm["title"] == nil { // while comments are open, the note alone
		paths = []string{"note"}
	}
	if err == nil {
		err = update(q, in, paths...)
	}
	return saved(q, err, "rulessaved", func(w *writing) error { return q.RenderAs(w.form.Status, editPage(w)) })
}

// update changes fields of the version that the address names.
func update(q *web.Request, in *evaluationv1.RulebookVersionInput, paths ...string) error {
	_, err := rules(q).UpdateRulebookVersion(q.Once(), &evaluationv1.UpdateRulebookVersionRequest{
		Id: q.PathValue("id"), Version: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}, Etag: q.PostFormValue("etag"),
	})
	return err
}

// saved answers a change of the version: again shows what was refused.
func saved(q *web.Request, err error, done string, again func(*writing) error) error {
	form, refused := q.Refused(err)
	switch {
	case refused:
		v, err := version(q, "id")
		if err != nil {
			return err
		}
		form.Trim("version.")
		form.Labels = labels
		return again(&writing{version: v, clause: q.PathValue("clauseNo"), form: form})
	case err != nil:
		return err
	}
	return q.Redirect("/rulebook/versions/"+q.PathValue("id"), done)
}

func editMeeting(q *web.Request) error {
	v, err := version(q, "id")
	if err != nil {
		return err
	}
	values := web.Values("reviewMeeting.", &evaluationv1.ReviewMeeting{
		HeldOn: v.GetReviewMeeting().GetHeldOn(), Summary: v.GetReviewMeeting().GetSummary(), OrganizationIds: v.GetReviewMeeting().GetOrganizationIds(),
	})
	values.Set("etag", v.GetEtag())
	return meeting(q, &writing{version: v, form: ui.NewForm(values)}, http.StatusOK)
}

// meeting shows the form of the review meeting with the organizations to choose.
func meeting(q *web.Request, w *writing, status int) error {
	var err error
	if w.organizations, err = partner.Find(q, w.form, "reviewMeeting.organizationIds"); err != nil {
		return err
	}
	return q.RenderAs(status, meetingPage(w))
}

func saveMeeting(q *web.Request) error {
	if q.PostFormValue("step") == "find" {
		v, err := version(q, "id")
		if err != nil {
			return err
		}
		return meeting(q, &writing{version: v, form: q.Posted()}, http.StatusOK)
	}
	in := &evaluationv1.RulebookVersionInput{}
	err := web.Bind(q.PostForm, in)
	if err == nil {
		err = update(q, in, "review_meeting")
	}
	return saved(q, err, "rulesmeeting", func(w *writing) error { return meeting(q, w, w.form.Status) })
}

// added is the number of a clause that is not there yet.
const added = "new"

func editClause(q *web.Request) error {
	v, err := version(q, "id")
	if err != nil {
		return err
	}
	w := &writing{version: v, clause: q.PathValue("clauseNo"), form: ui.NewForm(url.Values{"etag": {v.GetEtag()}})}
	if w.clause != added {
		at := slices.IndexFunc(v.GetClauses(), func(c *evaluationv1.Clause) bool { return fmt.Sprint(c.GetNo()) == w.clause })
		if at < 0 {
			return fault.ErrNotFound
		}
		w.form.Values = web.Values("", v.GetClauses()[at])
		w.form.Values.Set("etag", v.GetEtag())
	}
	return q.Render(clausePage(w))
}

// saveClause writes one clause into the version's clauses, which are changed as a
// whole.
func saveClause(q *web.Request) error {
	c := &evaluationv1.Clause{}
	err := web.Bind(q.PostForm, c)
	if err == nil {
		err = rewrite(q, c)
	}
	return saved(q, err, "clausesaved", func(w *writing) error {
		w.form.Trim(q.PostFormValue("_row"))
		return q.RenderAs(w.form.Status, clausePage(w))
	})
}

func removeClause(q *web.Request) error {
	return saved(q, rewrite(q, nil), "clauseremoved", func(w *writing) error {
		w.form.Values.Set("_step", "remove")
		return q.RenderAs(w.form.Status, clausePage(w))
	})
}

// rewrite puts a clause in place of the one that the address names; nil takes it
// out.
func rewrite(q *web.Request, c *evaluationv1.Clause) error {
	v, err := version(q, "id")
	if err != nil {
		return err
	}
	clauses := slices.DeleteFunc(v.GetClauses(), func(old *evaluationv1.Clause) bool { return fmt.Sprint(old.GetNo()) == q.PathValue("clauseNo") })
	if c != nil {
		at, _ := slices.BinarySearchFunc(clauses, c, func(a, b *evaluationv1.Clause) int { return int(a.GetNo() - b.GetNo()) })
		clauses = slices.Insert(clauses, at, c)
		q.PostForm.Set("_row", fmt.Sprintf("clauses[%d].", at))
	}
	return update(q, &evaluationv1.RulebookVersionInput{Clauses: clauses}, "clauses")
}

// sections are the parts of the rulebook.
func sections(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "ui.choose")}}
	for n := range len(evaluationv1.Clause_Section_name) {
		if s := evaluationv1.Clause_Section(int32(n)); s != evaluationv1.Clause_SECTION_UNSPECIFIED {
			out = append(out, ui.Option{Value: s.String(), Text: text.Enum(ctx, "rulebook.section", s)})
		}
	}
	return out
}

// agreementItems are what the model text of a clause can be for.
func agreementItems(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "rulebook.noitem")}}
	for n := range len(evaluationv1.Clause_Item_name) {
		i := evaluationv1.Clause_Item(int32(n))
		if i != evaluationv1.Clause_ITEM_UNSPECIFIED && i != evaluationv1.Clause_SIGNATURES {
			out = append(out, ui.Option{Value: i.String(), Text: text.Enum(ctx, "rulebook.item", i)})
		}
	}
	return out
}
