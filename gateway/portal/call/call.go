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

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/offer"
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

func show(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	return answer(q, id, ui.NewForm(url.Values{}), http.StatusOK)
}

func answer(q *web.Request, id string, form *ui.Form, status int) error {
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

// graph are the steps of a call, in their order.
var graph = []offer.Step[proposalsv1.Call_State]{
	{
		Name: "publish", Method: proposalsv1.CallService_PublishCall_FullMethodName, Form: true,
		From: []proposalsv1.Call_State{proposalsv1.Call_DRAFT}, Take: offer.By(calls, proposalsv1.CallServiceClient.PublishCall),
	},
	{
		Name: "extend", Method: proposalsv1.CallService_ExtendCall_FullMethodName, Form: true,
		From: []proposalsv1.Call_State{proposalsv1.Call_PUBLISHED}, Take: offer.By(calls, proposalsv1.CallServiceClient.ExtendCall),
	},
	{
		Name: "close", Method: proposalsv1.CallService_CloseCall_FullMethodName, Form: true,
		From: []proposalsv1.Call_State{proposalsv1.Call_PUBLISHED}, Take: offer.By(calls, proposalsv1.CallServiceClient.CloseCall),
	},
	{
		Name: "release", Method: proposalsv1.CallService_ReleaseDecisions_FullMethodName, Form: true,
		From: []proposalsv1.Call_State{proposalsv1.Call_PUBLISHED, proposalsv1.Call_CLOSED},
		Take: offer.By(calls, proposalsv1.CallServiceClient.ReleaseDecisions),
	},
	{
		Name: "conclude", Method: proposalsv1.CallService_ConcludeCall_FullMethodName, Form: true,
		From: []proposalsv1.Call_State{proposalsv1.Call_CLOSED}, Take: offer.By(calls, proposalsv1.CallServiceClient.ConcludeCall),
	},
}

// offered reports whether the page offers a step: a call without an end is not
// extended, and only one that releases together is released.
func (f *file) offered(ctx context.Context, s offer.Step[proposalsv1.Call_State]) bool {
	switch s.Name {
	case "extend":
		return s.Offered(ctx, f.GetState()) && f.GetClosesOn() != ""
	case "release":
		return s.Offered(ctx, f.GetState()) && f.GetReleaseTogether()
	}
	return s.Offered(ctx, f.GetState())
}

func take(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	s, err := offer.Find(q, graph)
	if err != nil {
		return err
	}
	err = s.Take(q.Once(), q, id)
	if form, refused := q.Refused(err); refused {
		labels := ui.Labels{"reason": "call.reason", "closesOn": "call.closeson"}
		for name, key := range editLabels { // what a call needs to be published
			labels[name] = key
		}
		return answer(q, id, offer.Refused(form, s.Name, labels), form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/calls/"+id, "step")
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
