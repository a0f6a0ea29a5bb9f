// Package proposal has the pages of calls and proposals: the public course for
// everybody, drafts for organizations, and the steps of the ward.
package proposal

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return append(deskRoutes(),
		web.Public(http.MethodGet, "/proposals", list),
		web.Public(http.MethodGet, "/proposals/{id}", show),
		web.SignedIn(http.MethodGet, "/proposals/new", begin).For(proposalsv1.ProposalService_CreateProposal_FullMethodName),
		web.SignedIn(http.MethodPost, "/proposals", create).For(proposalsv1.ProposalService_CreateProposal_FullMethodName),
		web.SignedIn(http.MethodGet, "/proposals/{id}/edit", edit),
		web.SignedIn(http.MethodPost, "/proposals/{id}/edit", save),
		web.SignedIn(http.MethodGet, "/proposals/{id}/revisions/{number}", showRevision).For(proposalsv1.ProposalService_GetRevision_FullMethodName),
	)
}

func calls(q *web.Request) proposalsv1.CallServiceClient {
	return proposalsv1.NewCallServiceClient(q.Site.Service("proposals"))
}

func proposals(q *web.Request) proposalsv1.ProposalServiceClient {
	return proposalsv1.NewProposalServiceClient(q.Site.Service("proposals"))
}

func courses(q *web.Request) proposalsv1.ProgressServiceClient {
	return proposalsv1.NewProgressServiceClient(q.Site.Service("proposals"))
}

// search is the list of proposals and what it was asked for.
type search struct {
	form        *ui.Form
	found       []*proposalsv1.ProposalSummary
	first, next string
}

func list(q *web.Request) error {
	s := search{form: ui.NewForm(q.URL.Query())}
	req := &proposalsv1.ListProposalsRequest{
		PublicState: proposalsv1.ProgressEntry_PublicState(proposalsv1.ProgressEntry_PublicState_value[q.Query("publicState")]),
		Q:           strings.TrimSpace(q.Query("q")), CallId: q.Query("callId"), PageToken: q.Query("page"), PageSize: 20,
	}
	resp, err := proposals(q).ListProposals(q.Context(), req)
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = q.URL.Query()
		s.form = form
		return q.RenderAs(form.Status, listPage(&s))
	}
	if err != nil {
		return err
	}
	s.found = resp.GetProposals()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&s))
}

// file is everything that a page of one proposal shows the caller.
type file struct {
	course   *proposalsv1.ListProgressResponse
	proposal *proposalsv1.Proposal // nil where only the course is public.
	written  *written              // Its content; nil as the proposal is.
	call     *proposalsv1.Call
	form     *ui.Form // Of the steps.

	departments []ui.Option // To assign; none for who does not.
	calls       []ui.Option // For which it can be proposed again.
	joint       []ui.Option // Organizations of the caller that can leave it.
	member      bool        // Whether the caller belongs to its organization, or acts for it by delegation.
	projects    []*evaluationv1.ProjectSummary
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	f := file{form: form}
	got, err := proposals(q).GetProposal(q.Context(), &proposalsv1.GetProposalRequest{Id: id})
	if err == nil {
		f.proposal = got.GetProposal()
	} else if !web.NotFound(err) {
		return err
	}
	f.course, err = courses(q).ListProgress(q.Context(), &proposalsv1.ListProgressRequest{ProposalId: id, PageSize: 200})
	if err != nil && (f.proposal == nil || !web.NotFound(err)) { // a draft has no course
		return err
	}
	if f.proposal != nil {
		c, err := calls(q).GetCall(q.Context(), &proposalsv1.GetCallRequest{Id: f.proposal.GetCallId()})
		if err != nil {
			return err
		}
		f.call = c.GetCall()
		if f.written, err = named(q, f.proposal.GetContent()); err != nil {
			return err
		}
	}
	if f.departments, err = departments(q); err != nil {
		return err
	}
	if err := f.own(q); err != nil {
		return err
	}
	f.projects = projectsOf(q, id, f.public())
	return q.RenderAs(status, showPage(&f))
}

// publicTone is how a public state looks.
func publicTone(s proposalsv1.ProgressEntry_PublicState) ui.Tone {
	switch s {
	case proposalsv1.ProgressEntry_ADOPTED, proposalsv1.ProgressEntry_CONDITIONALLY_ADOPTED:
		return ui.Good
	case proposalsv1.ProgressEntry_REJECTED, proposalsv1.ProgressEntry_WITHDRAWN, proposalsv1.ProgressEntry_CARRIED_OVER:
		return ui.Ended
	default:
		return ui.Calm
	}
}

// stateTone is how an internal state looks.
func stateTone(s proposalsv1.Proposal_State) ui.Tone {
	switch s {
	case proposalsv1.Proposal_ADOPTED, proposalsv1.Proposal_CONDITIONALLY_ADOPTED:
		return ui.Good
	case proposalsv1.Proposal_REJECTED, proposalsv1.Proposal_WITHDRAWN, proposalsv1.Proposal_CARRIED_OVER:
		return ui.Ended
	case proposalsv1.Proposal_DRAFT, proposalsv1.Proposal_RETURNED:
		return ui.Warning
	default:
		return ui.Calm
	}
}

// Steps are the published entries of a course for the timeline.
func Steps(entries []*proposalsv1.ProgressEntry) []ui.Step {
	var out []ui.Step
	for _, e := range entries {
		if !e.GetPublished() {
			continue
		}
		out = append(out, ui.Step{
			Date: e.GetDate(), Title: e.GetTitle(), Body: e.GetBody(),
			Ward: strings.Join(e.GetDepartmentNames(), "、"), Partner: e.GetOrganizationName(),
		})
	}
	return out
}
