// Package rulebook has the pages of the rules of collaboration: the version in
// force, what differs between versions, the comments on each clause, and how the
// ward writes and adopts a version.
package rulebook

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return append(writeRoutes(),
		web.Public(http.MethodGet, "/rulebook", current),
		web.Public(http.MethodGet, "/rulebook/versions", list),
		web.Public(http.MethodGet, "/rulebook/compare", compare),
		web.Public(http.MethodGet, "/rulebook/versions/{id}", show),
		web.Public(http.MethodGet, "/rulebook/versions/{versionId}/clauses/{clauseNo}/comments", comments),
		web.SignedIn(http.MethodPost, "/rulebook/versions/{versionId}/clauses/{clauseNo}/comments/{step}", takeComment),
		web.SignedIn(http.MethodPost, "/rulebook/versions/{versionId}/clauses/{clauseNo}/comments/{commentId}/{step}", takeComment),
	)
}

func rules(q *web.Request) evaluationv1.RulebookServiceClient {
	return evaluationv1.NewRulebookServiceClient(q.Site.Service("evaluation"))
}

// versionsShown bounds the lists of versions; older ones are on further pages.
const versionsShown = 50

func versions(q *web.Request, state evaluationv1.RulebookVersion_State, page string) (*evaluationv1.ListRulebookVersionsResponse, error) {
	return rules(q).ListRulebookVersions(q.Context(), &evaluationv1.ListRulebookVersionsRequest{State: state, PageSize: versionsShown, PageToken: page})
}

// file is the page of one version.
type file struct {
	*evaluationv1.RulebookVersion
	current bool // Whether it is shown as the rulebook, not as one of its versions.
	open    []*evaluationv1.RulebookVersion
	form    *ui.Form
}

// current is the version in force, and which versions take comments.
func current(q *web.Request) error {
	f := &file{current: true, form: ui.NewForm(url.Values{})}
	var all errgroup.Group
	all.Go(func() error {
		found, err := versions(q, evaluationv1.RulebookVersion_ADOPTED, "")
		if err != nil {
			return err
		}
		at := slices.IndexFunc(found.GetVersions(), (*evaluationv1.RulebookVersion).GetInForce)
		if at < 0 {
			return nil
		}
		got, err := rules(q).GetRulebookVersion(q.Context(), &evaluationv1.GetRulebookVersionRequest{Id: found.GetVersions()[at].GetId()})
		f.RulebookVersion = got.GetVersion()
		return err
	})
	all.Go(func() error {
		found, err := versions(q, evaluationv1.RulebookVersion_COMMENTING, "")
		f.open = found.GetVersions()
		return err
	})
	if err := all.Wait(); err != nil {
		return err
	}
	return q.Render(showPage(f))
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	v, err := version(q, "id")
	if err != nil {
		return err
	}
	return q.RenderAs(status, showPage(&file{RulebookVersion: v, form: form}))
}

// version reads the version that the address names.
func version(q *web.Request, name string) (*evaluationv1.RulebookVersion, error) {
	id, err := q.ID(name)
	if err != nil {
		return nil, err
	}
	got, err := rules(q).GetRulebookVersion(q.Context(), &evaluationv1.GetRulebookVersionRequest{Id: id})
	return got.GetVersion(), err
}

// shelf is the list of versions.
type shelf struct {
	versions    []*evaluationv1.RulebookVersion
	first, next string
}

func list(q *web.Request) error {
	found, err := versions(q, 0, q.Query("page"))
	if err != nil {
		return err
	}
	s := &shelf{versions: found.GetVersions()}
	s.first, s.next = q.Pages(found.GetNextPageToken())
	return q.Render(listPage(s))
}

// options are the versions as choices of the comparison.
func options(ctx context.Context, versions []*evaluationv1.RulebookVersion) []ui.Option {
	var out []ui.Option
	for _, v := range versions {
		out = append(out, ui.Option{Value: v.GetId(), Text: name(ctx, v)})
	}
	return out
}

// name is how a version is called: by its number, or by where it stands.
func name(ctx context.Context, v *evaluationv1.RulebookVersion) string {
	if v.GetNumber() > 0 {
		return text.S(ctx, "rulebook.numbered", v.GetNumber())
	}
	return text.S(ctx, "rulebook.unnumbered", text.Enum(ctx, "rulebook.state", v.GetState()), ui.LongDate(ctx, ui.Day(v.GetCreateTime())))
}

// comparison is what differs between two versions.
type comparison struct {
	form        *ui.Form
	versions    []*evaluationv1.RulebookVersion
	asked       bool
	differences []*evaluationv1.ClauseDifference
}

func compare(q *web.Request) error {
	c := &comparison{form: ui.NewForm(q.URL.Query()), asked: q.Query("from") != "" && q.Query("to") != ""}
	found, err := versions(q, 0, "")
	if err != nil {
		return err
	}
	c.versions = found.GetVersions()
	if !c.asked {
		return q.Render(comparePage(c))
	}
	resp, err := rules(q).CompareRulebookVersions(q.Context(), &evaluationv1.CompareRulebookVersionsRequest{From: q.Query("from"), To: q.Query("to")})
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = q.URL.Query()
		c.form, c.asked = form, false
		return q.RenderAs(form.Status, comparePage(c))
	}
	if err != nil {
		return err
	}
	c.differences = resp.GetDifferences()
	return q.Render(comparePage(c))
}

// tone is how a state looks.
func tone(s evaluationv1.RulebookVersion_State) ui.Tone {
	switch s {
	case evaluationv1.RulebookVersion_ADOPTED:
		return ui.Good
	case evaluationv1.RulebookVersion_COMMENTING, evaluationv1.RulebookVersion_DRAFT:
		return ui.Warning
	default:
		return ui.Calm
	}
}

// talk is the page of the comments on one clause.
type talk struct {
	version       *evaluationv1.RulebookVersion
	clause        *evaluationv1.Clause
	comments      []*evaluationv1.RulebookComment
	first, next   string
	form          *ui.Form
	organizations []ui.Option // That the caller writes for, where there are several.
	projects      []ui.Option // Of the caller's organization.
}

func comments(q *web.Request) error {
	return answerComments(q, ui.NewForm(url.Values{}), http.StatusOK)
}

func answerComments(q *web.Request, form *ui.Form, status int) error {
	v, err := version(q, "versionId")
	if err != nil {
		return err
	}
	no, err := strconv.ParseInt(q.PathValue("clauseNo"), 10, 32)
	at := slices.IndexFunc(v.GetClauses(), func(c *evaluationv1.Clause) bool { return c.GetNo() == int32(no) })
	if err != nil || at < 0 {
		return fault.ErrNotFound
	}
	t := &talk{version: v, clause: v.GetClauses()[at], form: form}
	resp, err := rules(q).ListRulebookComments(q.Context(), &evaluationv1.ListRulebookCommentsRequest{VersionId: v.GetId(), ClauseNo: int32(no), PageToken: q.Query("page"), PageSize: 30})
	if err != nil {
		return err
	}
	t.comments = resp.GetComments()
	if t.commentable(q.Context()) {
		if t.organizations, err = partner.Mine(q); err != nil {
			return err
		}
		if t.projects, err = partner.Projects(q); err != nil {
			return err
		}
	}
	t.first, t.next = q.Pages(resp.GetNextPageToken())
	return q.RenderAs(status, commentsPage(t))
}

// commentSteps are those of the comments on a clause: to write one, and to answer
// it.
var commentSteps = &step.Table[struct{}]{
	Labels: ui.Labels{
		"comment.body": "rulebook.comment", "comment.organizationId": "partner.own", "comment.projectId": "rulebook.fromproject",
		"answer.answer": "rulebook.answer", "answer.change": "rulebook.change",
	},
	Steps: []step.Step[struct{}]{
		{Name: "comment", Done: "rulecommented", Take: step.By(rules, evaluationv1.RulebookServiceClient.CreateRulebookComment, "versionId", "clauseNo")},
		{Name: "answer", Done: "ruleanswered", Take: step.By(rules, evaluationv1.RulebookServiceClient.AnswerRulebookComment, "versionId", "clauseNo", "commentId")},
	},
}

func clausePath(versionID string, no any) string {
	return fmt.Sprintf("/rulebook/versions/%s/clauses/%v/comments", versionID, no)
}

func takeComment(q *web.Request) error {
	return commentSteps.Take(q, clausePath(q.PathValue("versionId"), q.PathValue("clauseNo")), func(q *web.Request, form *ui.Form, status int) error {
		form.Values.Set("_comment", q.PathValue("commentId"))
		return answerComments(q, form, status)
	})
}

// commentable reports whether organizations comment on the version.
func (t *talk) commentable(ctx context.Context) bool {
	return t.version.GetState() == evaluationv1.RulebookVersion_COMMENTING && ui.Can(ctx, evaluationv1.RulebookService_CreateRulebookComment_FullMethodName)
}

// answerable reports whether the ward answers comments on the version.
func (t *talk) answerable(ctx context.Context) bool {
	return t.version.GetState() != evaluationv1.RulebookVersion_ADOPTED && ui.Can(ctx, evaluationv1.RulebookService_AnswerRulebookComment_FullMethodName)
}
