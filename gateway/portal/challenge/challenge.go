// Package challenge has the pages of what the ward wants to work on with others:
// challenges for everybody, what organizations answer, and what came of it.
package challenge

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/project"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/challenges", list),
		web.Public(http.MethodGet, "/challenges/{id}", show),
		web.SignedIn(http.MethodGet, "/challenges/{id}/edit", edit).For(proposalsv1.ChallengeService_UpdateChallenge_FullMethodName), // "new" for one that is added
		web.SignedIn(http.MethodPost, "/challenges/{id}/edit", save),
		web.SignedIn(http.MethodPost, "/challenges/{challengeId}/steps/{step}", take),
		web.Public(http.MethodGet, "/challenges/{challengeId}/responses/{id}", showResponse),
		web.SignedIn(http.MethodPost, "/challenges/{challengeId}/responses/{id}/steps/{step}", takeResponse),
	}
}

func challenges(q *web.Request) proposalsv1.ChallengeServiceClient {
	return proposalsv1.NewChallengeServiceClient(q.Site.Service("proposals"))
}

// search is the list of challenges and what it was asked for.
type search struct {
	form        *ui.Form
	departments []ui.Option
	found       []*proposalsv1.Challenge
	first, next string
}

func list(q *web.Request) error {
	s := search{form: ui.NewForm(q.URL.Query())}
	var err error
	if s.departments, err = project.Departments(q); err != nil {
		return err
	}
	req := &proposalsv1.ListChallengesRequest{
		State: proposalsv1.Challenge_State(proposalsv1.Challenge_State_value[q.Query("state")]), Kind: proposalsv1.Challenge_Kind(proposalsv1.Challenge_Kind_value[q.Query("kind")]),
		DepartmentId: q.Query("departmentId"), Q: strings.TrimSpace(q.Query("q")), PageToken: q.Query("page"), PageSize: 20,
	}
	if year, err := strconv.ParseInt(q.Query("fiscalYear"), 10, 32); err == nil {
		req.FiscalYear = int32(year)
	}
	resp, err := challenges(q).ListChallenges(q.Context(), req)
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = q.URL.Query()
		s.form = form
		return q.RenderAs(form.Status, listPage(&s))
	}
	if err != nil {
		return err
	}
	s.found = resp.GetChallenges()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&s))
}

// file is the page of one challenge.
type file struct {
	*proposalsv1.Challenge
	responses   []*proposalsv1.Contribution
	first, next string
	form        *ui.Form

	organizations []ui.Option // That the caller answers for, where there are several.
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := challenges(q).GetChallenge(q.Context(), &proposalsv1.GetChallengeRequest{Id: id})
	if err != nil {
		return err
	}
	f := &file{Challenge: got.GetChallenge(), form: form}
	resp, err := challenges(q).ListContributions(q.Context(), &proposalsv1.ListContributionsRequest{ChallengeId: id, PageSize: 20, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	f.responses = resp.GetResponses()
	if f.takes(q.Context()) && ui.Can(q.Context(), proposalsv1.ChallengeService_CreateContribution_FullMethodName) {
		if f.organizations, err = partner.Mine(q); err != nil {
			return err
		}
	}
	f.first, f.next = q.Pages(resp.GetNextPageToken())
	return q.RenderAs(status, showPage(f))
}

// steps are those of a challenge.
var steps = &step.Table[proposalsv1.Challenge_State]{
	Texts: "challenge",
	Labels: ui.Labels{
		"respond.kind": "challenge.kindof", "respond.body": "challenge.response", "respond.publishConsent": "challenge.consent",
		"respond.organizationId": "partner.own", "close.outcome": "challenge.outcome",
	},
	Steps: []step.Step[proposalsv1.Challenge_State]{
		{Name: "respond", Done: "challengeresponded", Take: step.By(challenges, proposalsv1.ChallengeServiceClient.CreateContribution, "challengeId")},
		{
			Name: "publish", Done: "challengepublished", Method: proposalsv1.ChallengeService_PublishChallenge_FullMethodName, Sure: true,
			From: step.In(proposalsv1.Challenge_DRAFT), Take: step.By(challenges, proposalsv1.ChallengeServiceClient.PublishChallenge),
		},
		{
			Name: "close", Done: "challengeclosed", Method: proposalsv1.ChallengeService_CloseChallenge_FullMethodName, Sure: true,
			From: step.In(proposalsv1.Challenge_PUBLISHED), Take: step.By(challenges, proposalsv1.ChallengeServiceClient.CloseChallenge),
		},
	},
}

// offers are the ward's steps.
func (f *file) offers(ctx context.Context) []step.Offer {
	return steps.Offers(ctx, &step.Thing[proposalsv1.Challenge_State]{
		State: f.GetState(), Path: "/challenges/" + f.GetId(), Etag: f.GetEtag(), Form: f.form,
		Asks: map[string][]step.Ask{"close": {{Input: ui.Input{Name: "outcome", Label: "challenge.outcome", Hint: "challenge.outcome.hint", Rows: 4, Max: 2000}}}},
	})
}

func take(q *web.Request) error {
	q.SetPathValue("id", q.PathValue("challengeId"))
	return steps.Take(q, "/challenges/"+q.PathValue("id"), answer)
}

// takes reports whether organizations can answer today.
func (f *file) takes(ctx context.Context) bool {
	open := f.GetClosesOn() == "" || f.GetClosesOn() >= ui.ViewOf(ctx).Today.String()
	return f.GetState() == proposalsv1.Challenge_PUBLISHED && open
}

// ours reports whether the caller writes the challenge: of the own department, or
// as the desk, which has none of them as its own.
func ours(ctx context.Context, c *proposalsv1.Challenge) bool {
	v := ui.ViewOf(ctx)
	return ui.Can(ctx, proposalsv1.ChallengeService_UpdateChallenge_FullMethodName) &&
		(v.Caller.DepartmentID == c.GetDepartmentId() || ui.Can(ctx, proposalsv1.ProposalService_AssignDepartments_FullMethodName))
}

// tone is how a state looks.
func tone(s proposalsv1.Challenge_State) ui.Tone {
	switch s {
	case proposalsv1.Challenge_PUBLISHED:
		return ui.Good
	case proposalsv1.Challenge_DRAFT:
		return ui.Warning
	default:
		return ui.Ended
	}
}

// writing is the form of a challenge.
type writing struct {
	*proposalsv1.Challenge // nil for a new one.
	form                   *ui.Form
	departments            []ui.Option // For the desk, which chooses one.
}

const added = "new"

var labels = ui.Labels{
	"kind": "challenge.kindname", "title": "challenge.name", "body": "challenge.body", "wish": "challenge.wish",
	"departmentId": "ui.side.ward", "closesOn": "challenge.closeson", "outcome": "challenge.outcome",
}

// begun is the form of the challenge that the address names.
func begun(q *web.Request) (*writing, error) {
	w := &writing{form: ui.NewForm(url.Values{"kind": {proposalsv1.Challenge_PROBLEM.String()}})}
	if q.PathValue("id") == added {
		if !ui.Can(q.Context(), proposalsv1.ProposalService_AssignDepartments_FullMethodName) {
			return w, nil
		}
		var err error
		w.departments, err = partner.Departments(q)
		return w, err
	}
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	got, err := challenges(q).GetChallenge(q.Context(), &proposalsv1.GetChallengeRequest{Id: id})
	if err == nil && !ours(q.Context(), got.GetChallenge()) {
		return nil, fault.ErrNotFound
	}
	w.Challenge = got.GetChallenge()
	w.form = ui.NewForm(web.Values("", &proposalsv1.ChallengeInput{
		Kind: w.GetKind(), Title: w.GetTitle(), Body: w.GetBody(), Wish: w.GetWish(), ClosesOn: w.GetClosesOn(), Outcome: w.GetOutcome(), Etag: w.GetEtag(),
	}))
	return w, err
}

func edit(q *web.Request) error {
	w, err := begun(q)
	if err != nil {
		return err
	}
	return q.Render(editPage(w))
}

func save(q *web.Request) error {
	w, err := begun(q)
	if err != nil {
		return err
	}
	id, err := w.save(q)
	if form, refused := q.Refused(err); refused {
		w.form = form.Trim("challenge.")
		w.form.Labels = labels
		return q.RenderAs(form.Status, editPage(w))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/challenges/"+id, "challengesaved")
}

// save writes a draft, or what may change of a published challenge.
func (w *writing) save(q *web.Request) (id string, err error) {
	in := &proposalsv1.ChallengeInput{}
	if err := web.Bind(q.PostForm, in); err != nil {
		return "", err
	}
	if w.Challenge == nil {
		resp, err := challenges(q).CreateChallenge(q.Once(), &proposalsv1.CreateChallengeRequest{Challenge: in})
		return resp.GetChallenge().GetId(), err
	}
	paths := []string{"kind", "title", "body", "wish", "closes_on"}
	if w.GetState() != proposalsv1.Challenge_DRAFT {
		paths = []string{"outcome", "closes_on"}
	}
	_, err = challenges(q).UpdateChallenge(q.Once(), &proposalsv1.UpdateChallengeRequest{
		Id: w.GetId(), Challenge: in, Etag: in.GetEtag(), UpdateMask: &fieldmaskpb.FieldMask{Paths: paths},
	})
	return w.GetId(), err
}
