// Package dossier has what stands behind the page of a proposal for those who
// take part in it: the log of the talks, the submitted versions, the files, the
// joint organizations, and the entries of the public course that wait for a
// second person.
package dossier

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/proposals/{id}/log", showLog),
		web.SignedIn(http.MethodPost, "/proposals/{id}/log", addLog),
		web.SignedIn(http.MethodGet, "/proposals/{id}/revisions", showRevisions),
		web.SignedIn(http.MethodGet, "/proposals/{id}/attachments", showFiles),
		web.SignedIn(http.MethodPost, "/proposals/{id}/attachments", addFile),
		web.SignedIn(http.MethodPost, "/proposals/{id}/attachments/{attachment}/delete", removeFile),
		web.SignedIn(http.MethodGet, "/proposals/{id}/partners", showPartners).For(proposalsv1.ProposalService_UpdateProposal_FullMethodName),
		web.SignedIn(http.MethodPost, "/proposals/{id}/partners", changePartners),
		web.SignedIn(http.MethodGet, "/proposals/{id}/progress", showProgress).For(proposalsv1.ProgressService_ApproveProgressEntry_FullMethodName),
		web.SignedIn(http.MethodPost, "/proposals/{id}/progress", addProgress),
		web.SignedIn(http.MethodPost, "/proposals/{id}/progress/{entry}/approve", approveProgress),
	}
}

func proposals(q *web.Request) proposalsv1.ProposalServiceClient {
	return proposalsv1.NewProposalServiceClient(q.Site.Service("proposals"))
}

func courses(q *web.Request) proposalsv1.ProgressServiceClient {
	return proposalsv1.NewProgressServiceClient(q.Site.Service("proposals"))
}

// folder is what all pages of one proposal show: whose it is, and the form.
type folder struct {
	proposal *proposalsv1.Proposal
	form     *ui.Form
}

// open reads the proposal. Who sees it only as the public does has no such page.
func open(q *web.Request) (folder, error) {
	id, err := q.ID("id")
	if err != nil {
		return folder{}, err
	}
	got, err := proposals(q).GetProposal(q.Context(), &proposalsv1.GetProposalRequest{Id: id})
	if err != nil {
		return folder{}, err
	}
	if got.GetProposal().GetCreateTime() == nil {
		return folder{}, fault.ErrPermissionDenied
	}
	return folder{got.GetProposal(), ui.NewForm(url.Values{})}, nil
}

// path is the address of a page of the proposal.
func (f *folder) path(name string) string { return "/proposals/" + f.proposal.GetId() + "/" + name }

func (f *folder) submitted() bool { return f.proposal.GetSubmitTime() != nil }

// head describes a page of the proposal to the layout.
func (f *folder) head(ctx context.Context, title string) ui.Head {
	name := f.proposal.GetContent().GetTitle()
	if name == "" {
		name = text.S(ctx, "proposal.untitled")
	}
	return ui.Head{
		Title: text.S(ctx, title), Area: "nav.proposals", Lead: strings.TrimSpace(f.proposal.GetNumber() + " " + name),
		Trail: []ui.Crumb{{Text: text.S(ctx, "nav.proposals"), Path: "/proposals"}, {Text: name, Path: "/proposals/" + f.proposal.GetId()}},
	}
}

// talks is the page of the log.
type talks struct {
	folder
	entries     []*proposalsv1.LogEntry
	first, next string
}

func showLog(q *web.Request) error {
	f, err := open(q)
	if err != nil {
		return err
	}
	f.form.Values.Set("heldOn", q.Today().String())
	return answerLog(q, f, http.StatusOK)
}

func answerLog(q *web.Request, f folder, status int) error {
	t := &talks{folder: f}
	resp, err := courses(q).ListLogEntries(q.Context(), &proposalsv1.ListLogEntriesRequest{ProposalId: f.proposal.GetId(), PageSize: 50, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	t.entries = resp.GetLogEntries()
	t.first, t.next = q.Pages(resp.GetNextPageToken())
	t.form.Labels = ui.Labels{"heldOn": "dossier.heldon", "subject": "dossier.subject", "body": "dossier.talk", "attendees": "dossier.attendees", "visibility": "dossier.visibilityname"}
	return q.RenderAs(status, logPage(t))
}

func addLog(q *web.Request) error {
	f, err := open(q)
	if err != nil {
		return err
	}
	q.PostForm.Set("proposalId", f.proposal.GetId())
	req := &proposalsv1.CreateLogEntryRequest{}
	if err = web.Bind(q.PostForm, req); err == nil {
		_, err = courses(q).CreateLogEntry(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		f.form = form
		return answerLog(q, f, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(f.path("log"), "talklogged")
}

// visibilities are what the ward chooses from; an organization's entry is for
// both sides.
var visibilities = []proposalsv1.LogEntry_Visibility{proposalsv1.LogEntry_BOTH_SIDES, proposalsv1.LogEntry_WARD_ONLY, proposalsv1.LogEntry_PUBLIC}

// progress is the page of the entries of the public course for the ward.
type progress struct {
	folder
	course *proposalsv1.ListProgressResponse
}

func showProgress(q *web.Request) error {
	f, err := open(q)
	if err != nil {
		return err
	}
	f.form.Values.Set("date", q.Today().String())
	return answerProgress(q, f, http.StatusOK)
}

func answerProgress(q *web.Request, f folder, status int) error {
	course, err := courses(q).ListProgress(q.Context(), &proposalsv1.ListProgressRequest{ProposalId: f.proposal.GetId(), PageSize: 200})
	if err != nil {
		return err
	}
	f.form.Labels = ui.Labels{"title": "dossier.heading", "body": "dossier.body", "date": "dossier.date", "correctsId": "dossier.corrects"}
	return q.RenderAs(status, progressPage(&progress{f, course}))
}

func addProgress(q *web.Request) error {
	f, err := open(q)
	if err != nil {
		return err
	}
	q.PostForm.Set("proposalId", f.proposal.GetId())
	req := &proposalsv1.CreateProgressEntryRequest{}
	if err = web.Bind(q.PostForm, req); err == nil {
		_, err = courses(q).CreateProgressEntry(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		f.form = form
		return answerProgress(q, f, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(f.path("progress"), "coursedrafted")
}

func approveProgress(q *web.Request) error {
	f, err := open(q)
	if err != nil {
		return err
	}
	entry, err := q.ID("entry")
	if err != nil {
		return err
	}
	_, err = courses(q).ApproveProgressEntry(q.Once(), &proposalsv1.ApproveProgressEntryRequest{ProposalId: f.proposal.GetId(), ProgressId: entry})
	if form, refused := q.Refused(err); refused {
		f.form = form
		return answerProgress(q, f, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(f.path("progress"), "coursepublished")
}

// corrigible are the published entries that a new one can correct.
func (p *progress) corrigible(none string) []ui.Option {
	out := []ui.Option{{Text: none}}
	for _, e := range p.course.GetEntries() {
		if e.GetPublished() {
			out = append(out, ui.Option{Value: e.GetId(), Text: e.GetDate() + " " + e.GetTitle()})
		}
	}
	return out
}

// waiting are the entries that nobody has approved yet.
func (p *progress) waiting() []*proposalsv1.ProgressEntry {
	var out []*proposalsv1.ProgressEntry
	for _, e := range p.course.GetEntries() {
		if !e.GetPublished() {
			out = append(out, e)
		}
	}
	return out
}
