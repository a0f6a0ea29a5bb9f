// Package review has the pages of the review of proposals: the queue and the
// sheets of a reviewer, the phases of a call with who reviews what, and the
// results.
package review

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/reviews", queue),
		web.SignedIn(http.MethodGet, "/reviews/{id}", show).For(proposalsv1.ReviewService_ListReviews_FullMethodName),
		web.SignedIn(http.MethodPost, "/reviews/{id}", write),
		web.SignedIn(http.MethodPost, "/reviews/{id}/{step}", take).For(proposalsv1.ReviewService_ListReviews_FullMethodName),
		web.SignedIn(http.MethodGet, "/calls/{id}/reviews", showCall),
		web.SignedIn(http.MethodPost, "/calls/{id}/phases", openPhase),
		web.SignedIn(http.MethodPost, "/calls/{id}/distribution", distribute),
		web.SignedIn(http.MethodPost, "/calls/{id}/assignment", assign),
		web.SignedIn(http.MethodGet, "/phases/{id}", showPhase),
		web.SignedIn(http.MethodPost, "/phases/{id}/close", closePhase),
		web.SignedIn(http.MethodPost, "/phases/{id}/schedule", schedule),
		web.Public(http.MethodGet, "/proposals/{id}/review", showSummary),
	}
}

func reviews(q *web.Request) proposalsv1.ReviewServiceClient {
	return proposalsv1.NewReviewServiceClient(q.Site.Service("proposals"))
}

func calls(q *web.Request) proposalsv1.CallServiceClient {
	return proposalsv1.NewCallServiceClient(q.Site.Service("proposals"))
}

func proposals(q *web.Request) proposalsv1.ProposalServiceClient {
	return proposalsv1.NewProposalServiceClient(q.Site.Service("proposals"))
}

// sheets is the queue of a reviewer; for the desk it is all sheets.
type sheets struct {
	queue       proposalsv1.ListReviewsRequest_Queue
	found       []*proposalsv1.Review
	first, next string
}

// queues are the parts of the queue, in their order.
var queues = []proposalsv1.ListReviewsRequest_Queue{proposalsv1.ListReviewsRequest_PENDING, proposalsv1.ListReviewsRequest_DONE}

func queue(q *web.Request) error {
	s := &sheets{queue: proposalsv1.ListReviewsRequest_Queue(proposalsv1.ListReviewsRequest_Queue_value[q.Query("queue")])}
	if !slices.Contains(queues, s.queue) {
		s.queue = proposalsv1.ListReviewsRequest_PENDING
	}
	resp, err := reviews(q).ListReviews(q.Context(), &proposalsv1.ListReviewsRequest{Queue: s.queue, PageSize: 30, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	s.found = resp.GetReviews()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(queuePage(s))
}

// sheet is what the page of one review shows.
type sheet struct {
	*proposalsv1.Review
	call     *proposalsv1.Call
	proposal *proposalsv1.Proposal // nil after a conflict of interest.
	form     *ui.Form
	own      bool // Whether it is the caller's sheet.
}

// open reports whether the sheet can be written.
func (s *sheet) open(ctx context.Context) bool {
	return s.own && pending(s.GetState()) && ui.Can(ctx, proposalsv1.ReviewService_SaveReview_FullMethodName)
}

func pending(s proposalsv1.Review_State) bool {
	return s == proposalsv1.Review_ASSIGNED || s == proposalsv1.Review_IN_PROGRESS
}

// recusable reports whether a conflict of interest can be declared.
func (s *sheet) recusable(ctx context.Context) bool {
	return s.GetState() != proposalsv1.Review_RECUSED && ui.Can(ctx, proposalsv1.ReviewService_RecuseReview_FullMethodName)
}

func show(q *web.Request) error {
	return answer(q, nil, http.StatusOK)
}

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := reviews(q).GetReview(q.Context(), &proposalsv1.GetReviewRequest{Id: id})
	if err != nil {
		return err
	}
	s := &sheet{Review: got.GetReview(), form: form}
	s.own = s.GetReviewerId() == q.Caller.ID
	c, err := calls(q).GetCall(q.Context(), &proposalsv1.GetCallRequest{Id: s.GetCallId()})
	if err != nil {
		return err
	}
	s.call = c.GetCall()
	p, err := proposals(q).GetProposal(q.Context(), &proposalsv1.GetProposalRequest{Id: s.GetProposalId()})
	if err != nil && !web.NotFound(err) { // after a conflict of interest
		return err
	}
	s.proposal = p.GetProposal()
	if s.form == nil {
		s.form = ui.NewForm(s.values())
	}
	s.form.Labels = ui.Labels{"scores": "review.scores", "comment": "review.comment", "reason": "review.reason", "recuse.reason": "review.conflict"}
	return q.RenderAs(status, sheetPage(s))
}

// values are the scores as the form shows them, a row for each criterion.
func (s *sheet) values() url.Values {
	values := url.Values{"comment": {s.GetComment()}}
	for i, c := range s.call.GetCriteria() {
		for _, score := range s.GetScores() {
			if score.GetNo() == c.GetNo() {
				values.Set(points(i), fmt.Sprint(score.GetPoints()))
			}
		}
	}
	return values
}

// points is the field of the score of criterion i.
func points(i int) string { return fmt.Sprintf("scores[%d].points", i) }

// scored reads the scores of the form: a criterion without points has none.
func scored(values url.Values) {
	for i := range 99 {
		if values.Get(points(i)) == "" {
			values.Del(fmt.Sprintf("scores[%d].no", i))
		}
	}
}

// write saves the sheet, hands it in, or abstains, as the button says.
func write(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	typed := url.Values{}
	for name, v := range q.PostForm {
		typed[name] = slices.Clone(v)
	}
	scored(q.PostForm)
	q.PostForm.Set("id", id)
	done := "sheetsaved"
	switch q.PostFormValue("step") {
	case "submit":
		done = "sheethandedin"
		req := &proposalsv1.SubmitReviewRequest{}
		if err = web.Bind(q.PostForm, req); err == nil {
			_, err = reviews(q).SubmitReview(q.Once(), req)
		}
	case "abstain":
		done = "abstained"
		_, err = reviews(q).SubmitReview(q.Once(), &proposalsv1.SubmitReviewRequest{Id: id, Abstain: true, Reason: q.PostFormValue("reason")})
	default:
		req := &proposalsv1.SaveReviewRequest{}
		if err = web.Bind(q.PostForm, req); err == nil {
			_, err = reviews(q).SaveReview(q.Once(), req)
		}
	}
	if form, refused := q.Refused(err); refused {
		form.Values = typed
		form.Values.Set("_step", q.PostFormValue("step"))
		return answer(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/reviews/"+id, done)
}

// steps are what a reviewer does beside the sheet.
var steps = &step.Table[proposalsv1.Review_State]{
	Steps: []step.Step[proposalsv1.Review_State]{
		{Name: "recuse", Done: "recused", Take: step.By(reviews, proposalsv1.ReviewServiceClient.RecuseReview)},
	},
}

func take(q *web.Request) error { return steps.Take(q, "/reviews/"+q.PathValue("id"), answer) }

// summary is the review of one proposal.
type summary struct {
	*proposalsv1.ReviewSummary
	title, number string
}

func showSummary(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	resp, err := reviews(q).GetReviewSummary(q.Context(), &proposalsv1.GetReviewSummaryRequest{ProposalId: id})
	if err != nil {
		return err
	}
	course, err := proposalsv1.NewProgressServiceClient(q.Site.Service("proposals")).ListProgress(q.Context(), &proposalsv1.ListProgressRequest{ProposalId: id, PageSize: 1})
	if err != nil {
		return err
	}
	return q.Render(summaryPage(&summary{resp.GetReviewSummary(), course.GetTitle(), course.GetNumber()}))
}

// tone is how the state of a sheet looks.
func tone(s proposalsv1.Review_State) ui.Tone {
	switch s {
	case proposalsv1.Review_ASSIGNED:
		return ui.Warning
	case proposalsv1.Review_SUBMITTED:
		return ui.Good
	case proposalsv1.Review_ABSTAINED, proposalsv1.Review_RECUSED:
		return ui.Ended
	default:
		return ui.Calm
	}
}

// hundredths is a number of hundredths of a point in words.
func hundredths(x100 int32) string { return fmt.Sprintf("%d.%02d", x100/100, x100%100) }
