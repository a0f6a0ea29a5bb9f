package review

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// round is the page of the review of a call.
type round struct {
	call      *proposalsv1.Call
	phases    []*proposalsv1.ReviewPhase
	form      *ui.Form
	reviewers []ui.Option // For who assigns.
	waiting   []ui.Option // Proposals under review.
	sheets    []*proposalsv1.Review
	first     string
	next      string
}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{
	"name": "review.phasename", "floorX100": "review.floor", "dueOn": "review.dueon", "reviewerIds": "review.reviewers",
	"perProposal": "review.perproposal", "proposalId": "review.proposal", "reviewerId": "review.reviewer", "tracks": "review.track",
	"venue": "review.venue", "startTime": "review.starttime", "minutes": "review.minutes", "pauseMinutes": "review.pause", "proposalIds": "review.order",
}

func showCall(q *web.Request) error {
	return answerCall(q, ui.NewForm(url.Values{"perProposal": {"3"}}), http.StatusOK)
}

func answerCall(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := calls(q).GetCall(q.Context(), &proposalsv1.GetCallRequest{Id: id})
	if err != nil {
		return err
	}
	r := &round{call: got.GetCall(), form: form}
	phases, err := reviews(q).ListReviewPhases(q.Context(), &proposalsv1.ListReviewPhasesRequest{CallId: id, PageSize: 200})
	if err != nil {
		return err
	}
	r.phases = phases.GetReviewPhases()
	if ui.Can(q.Context(), proposalsv1.ReviewService_AssignReview_FullMethodName) {
		if err := r.readDesk(q); err != nil {
			return err
		}
	}
	form.Labels = labels
	return q.RenderAs(status, callPage(r))
}

// readDesk reads what is needed to assign: who reviews, what is under review, and
// which sheets there are.
func (r *round) readDesk(q *web.Request) error {
	committee, err := directoryv1.NewReviewerServiceClient(q.Site.Service("directory")).ListReviewers(q.Context(), &directoryv1.ListReviewersRequest{PageSize: 200})
	if err != nil {
		return err
	}
	for _, p := range committee.GetReviewers() {
		r.reviewers = append(r.reviewers, ui.Option{Value: p.GetPersonId(), Text: p.GetDisplayName()})
	}
	under, err := proposals(q).ListProposals(q.Context(), &proposalsv1.ListProposalsRequest{
		CallId: r.call.GetId(), State: proposalsv1.Proposal_UNDER_REVIEW, OrderBy: "number", PageSize: 100,
	})
	if err != nil {
		return err
	}
	for _, p := range under.GetProposals() {
		r.waiting = append(r.waiting, ui.Option{Value: p.GetId(), Text: p.GetNumber() + " " + p.GetTitle()})
	}
	resp, err := reviews(q).ListReviews(q.Context(), &proposalsv1.ListReviewsRequest{CallId: r.call.GetId(), PageSize: 50, PageToken: q.Query("page")})
	r.sheets = resp.GetReviews()
	r.first, r.next = q.Pages(resp.GetNextPageToken())
	return err
}

// name is how a reviewer is called; who reviews no more has no name here.
func (r *round) name(ctx context.Context, id string) string {
	for _, o := range r.reviewers {
		if o.Value == id {
			return o.Text
		}
	}
	return text.S(ctx, "review.formerreviewer")
}

// openPhaseOf is the open phase; nil without one.
func (r *round) openPhaseOf() *proposalsv1.ReviewPhase {
	for _, p := range r.phases {
		if p.GetState() == proposalsv1.ReviewPhase_OPEN {
			return p
		}
	}
	return nil
}

// change takes a step of the page of a call and comes back to it.
func change(q *web.Request, name, done string, take func(id string) error) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	err = take(id)
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", name)
		return answerCall(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/calls/"+id+"/reviews", done)
}

func openPhase(q *web.Request) error {
	return change(q, "phase", "phaseopened", func(id string) error {
		req := &proposalsv1.CreateReviewPhaseRequest{CallId: id, Name: q.PostFormValue("name"), DueOn: q.PostFormValue("dueOn")}
		floor, err := hundredthsOf("floorX100", q.PostFormValue("floorX100"))
		if err != nil {
			return err
		}
		req.FloorX100 = floor
		_, err = reviews(q).CreateReviewPhase(q.Once(), req)
		return err
	})
}

// hundredthsOf reads a number of points such as 60 or 62.5. Errors: INVALID_FIELD.
func hundredthsOf(name, s string) (int32, error) {
	s = strings.TrimSpace(norm.NFKC.String(s))
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n < 0 || n > 30000 {
		return 0, fault.ErrInvalidField.On(fault.Field{Path: name, Reason: fault.ErrInvalidField.Reason, Ja: "0以上の数字で入力してください。", En: "Enter a number of 0 or more."})
	}
	return int32(math.Round(n * 100)), nil
}

// distribute assigns the proposals under review: evenly, or the chosen ones to
// the chosen reviewers.
func distribute(q *web.Request) error {
	return change(q, "distribute", "distributed", func(id string) error {
		q.PostForm.Set("callId", id)
		q.PostForm.Set("mode", proposalsv1.DistributeReviewsRequest_EVENLY.String())
		if ids := q.PostForm["proposalIds"]; len(ids) > 0 {
			_, err := reviews(q).DistributeReviews(q.Once(), &proposalsv1.DistributeReviewsRequest{
				CallId: id, Mode: proposalsv1.DistributeReviewsRequest_BY_TRACK,
				Tracks: []*proposalsv1.DistributeReviewsRequest_Track{{Name: q.PostFormValue("track"), ProposalIds: ids, ReviewerIds: q.PostForm["reviewerIds"]}},
			})
			return err
		}
		req := &proposalsv1.DistributeReviewsRequest{}
		if err := web.Bind(q.PostForm, req); err != nil {
			return err
		}
		_, err := reviews(q).DistributeReviews(q.Once(), req)
		return err
	})
}

func assign(q *web.Request) error {
	return change(q, "assign", "assigned", func(string) error {
		_, err := reviews(q).AssignReview(q.Once(), &proposalsv1.AssignReviewRequest{ProposalId: q.PostFormValue("proposalId"), ReviewerId: q.PostFormValue("reviewerId")})
		return err
	})
}

// phase is the page of one phase.
type phase struct {
	*proposalsv1.ReviewPhase
	call    *proposalsv1.Call
	form    *ui.Form
	results *proposalsv1.ListReviewResultsResponse // nil while it is open.
	order   []ui.Option                            // Proposals under review, for the schedule.
}

func showPhase(q *web.Request) error { return answerPhase(q, nil, http.StatusOK) }

func answerPhase(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := reviews(q).GetReviewPhase(q.Context(), &proposalsv1.GetReviewPhaseRequest{Id: id})
	if err != nil {
		return err
	}
	p := &phase{ReviewPhase: got.GetReviewPhase(), form: form}
	c, err := calls(q).GetCall(q.Context(), &proposalsv1.GetCallRequest{Id: p.GetCallId()})
	if err != nil {
		return err
	}
	p.call = c.GetCall()
	if err := p.read(q); err != nil {
		return err
	}
	if p.form == nil {
		p.form = ui.NewForm(p.planned())
	}
	p.form.Labels = labels
	return q.RenderAs(status, phasePage(p))
}

// read reads the results of a closed phase, and for the desk what an open one can
// schedule.
func (p *phase) read(q *web.Request) error {
	switch {
	case p.GetState() == proposalsv1.ReviewPhase_CLOSED && ui.Can(q.Context(), proposalsv1.ReviewService_ListReviewResults_FullMethodName):
		results, err := reviews(q).ListReviewResults(q.Context(), &proposalsv1.ListReviewResultsRequest{Id: p.GetId()})
		if err != nil && !web.NotFound(err) { // those of the reviewers of the phase
			return err
		}
		p.results = results
	case p.GetState() == proposalsv1.ReviewPhase_OPEN && ui.Can(q.Context(), proposalsv1.ReviewService_SchedulePresentations_FullMethodName):
		found, err := proposals(q).ListProposals(q.Context(), &proposalsv1.ListProposalsRequest{
			CallId: p.GetCallId(), State: proposalsv1.Proposal_UNDER_REVIEW, OrderBy: "number", PageSize: 100,
		})
		if err != nil {
			return err
		}
		for _, s := range found.GetProposals() {
			p.order = append(p.order, ui.Option{Value: s.GetId(), Text: s.GetNumber() + " " + s.GetTitle()})
		}
	}
	return nil
}

// planned is the schedule as the form shows it: a number for each proposal.
func (p *phase) planned() url.Values {
	values := url.Values{"venue": {p.GetVenue()}, "minutes": {"15"}, "pauseMinutes": {"5"}, "startTime.time": {"13:00"}}
	for i, o := range p.order {
		values.Set("_place."+o.Value, fmt.Sprint(i+1))
	}
	for i, one := range p.GetPresentations() {
		if i == 0 {
			ui.SetMoment(values, "startTime", one.GetStartTime())
			values.Set("minutes", fmt.Sprint(one.GetMinutes()))
		}
		values.Set("_place."+one.GetProposalId(), fmt.Sprint(i+1))
	}
	return values
}

func closePhase(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	_, err = reviews(q).CloseReviewPhase(q.Once(), &proposalsv1.CloseReviewPhaseRequest{Id: id})
	return afterPhase(q, id, "close", "phaseclosed", err)
}

func afterPhase(q *web.Request, id, name, done string, err error) error {
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", name)
		return answerPhase(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	if done == "scheduled" {
		return q.Redirect("/phases/"+id, "scheduled")
	}
	return q.Redirect("/phases/"+id, "phaseclosed")
}

// schedule sets the schedule of the presentations.
func schedule(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	req := &proposalsv1.SchedulePresentationsRequest{}
	q.PostForm.Set("id", id)
	if err = web.Bind(q.PostForm, req); err == nil {
		req.ProposalIds = placed(q.PostForm)
		req.StartTime = ui.At(q.PostForm, "startTime")
		_, err = reviews(q).SchedulePresentations(q.Once(), req)
	}
	return afterPhase(q, id, "schedule", "scheduled", err)
}

// placed are the proposals that have a number in the form, in the order of the
// numbers.
func placed(values url.Values) []string {
	type place struct {
		id string
		no int
	}
	var all []place
	for name, v := range values {
		id, ok := strings.CutPrefix(name, "_place.")
		n, err := strconv.Atoi(strings.TrimSpace(norm.NFKC.String(strings.Join(v, ""))))
		if ok && err == nil {
			all = append(all, place{id, n})
		}
	}
	slices.SortFunc(all, func(a, b place) int {
		if a.no != b.no {
			return a.no - b.no
		}
		return strings.Compare(a.id, b.id)
	})
	var out []string
	for _, p := range all {
		out = append(out, p.id)
	}
	return out
}
