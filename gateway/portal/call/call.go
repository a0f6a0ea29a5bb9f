// Package call has the pages of calls for proposals: for everybody what is called
// for and what came of it, for the desk how a call is written, published and
// ended.
package call

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/calls", list),
		web.Public(http.MethodGet, "/calls/{id}", show),
		web.SignedIn(http.MethodPost, "/calls/{id}/steps/{step}", take),
		web.SignedIn(http.MethodGet, "/desk/calls/new", begin).For(proposalsv1.CallService_CreateCall_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/calls", create),
		web.SignedIn(http.MethodGet, "/calls/{id}/edit", edit).For(proposalsv1.CallService_UpdateCall_FullMethodName),
		web.SignedIn(http.MethodPost, "/calls/{id}/edit", save),
		web.SignedIn(http.MethodGet, "/calls/{id}/survey", askSurvey).For(proposalsv1.SchemeSurveyService_ReplySchemeSurvey_FullMethodName),
		web.SignedIn(http.MethodPost, "/calls/{id}/survey", reply),
		web.Public(http.MethodGet, "/statistics/proposals", showYear),
		web.SignedIn(http.MethodGet, "/statistics/proposals/texts", showTexts),
	}
}

func calls(q *web.Request) proposalsv1.CallServiceClient {
	return proposalsv1.NewCallServiceClient(q.Site.Service("proposals"))
}

func proposals(q *web.Request) proposalsv1.ProposalServiceClient {
	return proposalsv1.NewProposalServiceClient(q.Site.Service("proposals"))
}

func statistics(q *web.Request) proposalsv1.StatisticsServiceClient {
	return proposalsv1.NewStatisticsServiceClient(q.Site.Service("proposals"))
}

func list(q *web.Request) error {
	state := proposalsv1.Call_State(proposalsv1.Call_State_value[q.Query("state")])
	resp, err := calls(q).ListCalls(q.Context(), &proposalsv1.ListCallsRequest{State: state, PageToken: q.Query("page"), PageSize: 20})
	if err != nil {
		return err
	}
	first, next := q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(state, resp.GetCalls(), first, next))
}

// states are those by which calls are looked for; drafts are the desk's.
func states(ctx context.Context) []proposalsv1.Call_State {
	out := []proposalsv1.Call_State{proposalsv1.Call_STATE_UNSPECIFIED, proposalsv1.Call_PUBLISHED, proposalsv1.Call_CLOSED, proposalsv1.Call_CONCLUDED}
	if ui.Can(ctx, proposalsv1.CallService_CreateCall_FullMethodName) {
		out = append(out, proposalsv1.Call_DRAFT)
	}
	return out
}

// file is what the page of a call shows.
type file struct {
	*proposalsv1.Call
	form          *ui.Form
	course        []*proposalsv1.ProgressEntry
	statistics    *proposalsv1.ProposalStatistics
	proposals     []*proposalsv1.ProposalSummary
	more          bool
	presentations *proposalsv1.ListPresentationsResponse
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := calls(q).GetCall(q.Context(), &proposalsv1.GetCallRequest{Id: id})
	if err != nil {
		return err
	}
	f := &file{Call: got.GetCall(), form: form}
	if f.GetState() != proposalsv1.Call_DRAFT { // a draft has nothing of it
		if err := f.read(q); err != nil {
			return err
		}
	}
	return q.RenderAs(status, callPage(f))
}

// read reads what came of a public call; it is asked for side by side.
func (f *file) read(q *web.Request) error {
	errs := make([]error, 4)
	var all sync.WaitGroup
	all.Go(func() {
		resp, err := calls(q).ListCallProgress(q.Context(), &proposalsv1.ListCallProgressRequest{CallId: f.GetId(), PageSize: 200})
		f.course, errs[0] = resp.GetEntries(), err
	})
	all.Go(func() {
		resp, err := statistics(q).GetCallStatistics(q.Context(), &proposalsv1.GetCallStatisticsRequest{Id: f.GetId()})
		f.statistics, errs[1] = resp.GetStatistics(), err
	})
	all.Go(func() {
		resp, err := proposals(q).ListProposals(q.Context(), &proposalsv1.ListProposalsRequest{CallId: f.GetId(), PageSize: 30, OrderBy: "number"})
		f.proposals, f.more, errs[2] = resp.GetProposals(), resp.GetNextPageToken() != "", err
	})
	all.Go(func() {
		resp, err := proposalsv1.NewReviewServiceClient(q.Site.Service("proposals")).ListPresentations(q.Context(), &proposalsv1.ListPresentationsRequest{CallId: f.GetId()})
		if f.presentations = resp; !web.NotFound(err) { // none are planned
			errs[3] = err
		}
	})
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// steps are the steps of a call, in their order.
var steps = &step.Table[proposalsv1.Call_State]{
	Texts: "call", Done: "step", Labels: stepLabels(),
	Steps: []step.Step[proposalsv1.Call_State]{
		{
			Name: "publish", Method: proposalsv1.CallService_PublishCall_FullMethodName, Sure: true,
			From: step.In(proposalsv1.Call_DRAFT), Take: step.By(calls, proposalsv1.CallServiceClient.PublishCall),
		},
		{
			Name: "extend", Method: proposalsv1.CallService_ExtendCall_FullMethodName, Sure: true,
			From: step.In(proposalsv1.Call_PUBLISHED), Take: step.By(calls, proposalsv1.CallServiceClient.ExtendCall),
		},
		{
			Name: "close", Method: proposalsv1.CallService_CloseCall_FullMethodName, Sure: true,
			From: step.In(proposalsv1.Call_PUBLISHED), Take: step.By(calls, proposalsv1.CallServiceClient.CloseCall),
		},
		{
			Name: "release", Method: proposalsv1.CallService_ReleaseDecisions_FullMethodName, Sure: true,
			From: step.In(proposalsv1.Call_PUBLISHED, proposalsv1.Call_CLOSED),
			Take: step.By(calls, proposalsv1.CallServiceClient.ReleaseDecisions),
		},
		{
			Name: "conclude", Method: proposalsv1.CallService_ConcludeCall_FullMethodName, Sure: true,
			From: step.In(proposalsv1.Call_CLOSED), Take: step.By(calls, proposalsv1.CallServiceClient.ConcludeCall),
		},
	},
}

// stepLabels name the fields of the steps, and what a call needs to be published.
func stepLabels() ui.Labels {
	out := ui.Labels{"extend.reason": "call.reason", "extend.closesOn": "call.closeson", "close.reason": "call.reason"}
	for name, key := range editLabels {
		out["publish."+name] = key
	}
	return out
}

// offers are the steps that the page offers: a call without an end is not
// extended, and only one that releases together is released.
func (f *file) offers(ctx context.Context) []step.Offer {
	return steps.Offers(ctx, &step.Thing[proposalsv1.Call_State]{
		State: f.GetState(), Path: "/calls/" + f.GetId(), Form: f.form,
		Asks: map[string][]step.Ask{
			"extend": {
				{Input: ui.Input{Name: "closesOn", Label: "call.newclose", Type: "date", Required: true}},
				{Input: ui.Input{Name: "reason", Label: "call.publicreason", Rows: 3, Required: true, Max: 500}},
			},
			"close": {{Input: ui.Input{Name: "reason", Label: "call.closereason", Rows: 3, Max: 500}}},
		},
		Not: func(name string) bool {
			return name == "extend" && f.GetClosesOn() == "" || name == "release" && !f.GetReleaseTogether()
		},
	})
}

func take(q *web.Request) error {
	return steps.Take(q, "/calls/"+q.PathValue("id"), answer)
}

// tone is how a state looks.
func tone(s proposalsv1.Call_State) ui.Tone {
	switch s {
	case proposalsv1.Call_PUBLISHED:
		return ui.Good
	case proposalsv1.Call_DRAFT:
		return ui.Warning
	default:
		return ui.Ended
	}
}

// bars are the proposals by public state; a state without any has no bar.
func bars(ctx context.Context, s *proposalsv1.ProposalStatistics) []ui.Bar {
	var out []ui.Bar
	for _, n := range []struct {
		state proposalsv1.ProgressEntry_PublicState
		count int32
	}{
		{proposalsv1.ProgressEntry_RECEIVED, s.GetReceived()},
		{proposalsv1.ProgressEntry_IN_EXAMINATION, s.GetInExamination()},
		{proposalsv1.ProgressEntry_IN_NEGOTIATION, s.GetInNegotiation()},
		{proposalsv1.ProgressEntry_ADOPTED, s.GetAdopted()},
		{proposalsv1.ProgressEntry_CONDITIONALLY_ADOPTED, s.GetConditionallyAdopted()},
		{proposalsv1.ProgressEntry_REJECTED, s.GetRejected()},
		{proposalsv1.ProgressEntry_CARRIED_OVER, s.GetCarriedOver()},
		{proposalsv1.ProgressEntry_WITHDRAWN, s.GetWithdrawn()},
	} {
		if n.count == 0 {
			continue
		}
		out = append(out, ui.Bar{Name: text.Enum(ctx, "proposal.public", n.state), Value: int64(n.count), Shown: fmt.Sprint(n.count)})
	}
	return out
}

// decided is how many proposals have their outcome.
func (f *file) decided() int32 {
	s := f.statistics
	return s.GetAdopted() + s.GetConditionallyAdopted() + s.GetRejected() + s.GetCarriedOver()
}
