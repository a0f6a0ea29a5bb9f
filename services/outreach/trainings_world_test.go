package outreach_test

import (
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// boss is the superior of department 1.
var boss = servicetest.Staff("boss", dept1, optionsv1.Role_ROLE_APPROVER)

func (w *world) trainings(p auth.Principal) outreachv1.TrainingApplicationServiceClient {
	return outreachv1.NewTrainingApplicationServiceClient(w.As(p))
}

func (w *world) matchings(p auth.Principal) outreachv1.TrainingMatchingServiceClient {
	return outreachv1.NewTrainingMatchingServiceClient(w.As(p))
}

func (w *world) records(p auth.Principal) outreachv1.TrainingRecordServiceClient {
	return outreachv1.NewTrainingRecordServiceClient(w.As(p))
}

// placement makes the offer of a placement of what opportunityInput is: for so many
// people, five days of seven hours, from today to tomorrow.
func placement(places int32) func(*outreachv1.OpportunityInput) {
	return func(in *outreachv1.OpportunityInput) {
		in.Kind, in.Headcount, in.TrainingDays, in.HoursPerDay = outreachv1.Opportunity_STAFF_PLACEMENT, places, 5, 7
		in.Selection, in.EndsOn = outreachv1.Opportunity_HOST_DECIDES, today().AddDays(1).String()
	}
}

// member is a member of the staff of department 1.
func member(n int) auth.Principal {
	return servicetest.Staff("member"+strconv.Itoa(n), dept1, optionsv1.Role_ROLE_STAFF)
}

// want applies for training.
func (w *world) want(by auth.Principal, conflict string, wishes ...string) (*outreachv1.TrainingApplication, error) {
	in := &outreachv1.TrainingApplicationInput{Wishes: wishes, Motive: "カナリアの動機"}
	if conflict != "" {
		in.Conflicts = []*outreachv1.TrainingConflictInput{{OrganizationId: conflict, Reason: "カナリアの事情"}}
	}
	resp, err := w.trainings(by).CreateTrainingApplication(w.t.Context(), &outreachv1.CreateTrainingApplicationRequest{TrainingApplication: in})
	return resp.GetTrainingApplication(), err
}

// admitted is an application with the superior's yes.
func (w *world) admitted(by auth.Principal, wishes ...string) string {
	w.t.Helper()
	a, err := w.want(by, "", wishes...)
	w.must(err)
	w.must(err2(w.trainings(boss).ApproveTrainingApplication(w.t.Context(), &outreachv1.ApproveTrainingApplicationRequest{Id: a.GetId()})))
	return a.GetId()
}

// openMatching commits to a matching of placements of this fiscal year.
func (w *world) openMatching() string {
	w.t.Helper()
	resp, err := w.matchings(desk).CreateTrainingMatching(w.t.Context(), &outreachv1.CreateTrainingMatchingRequest{
		TrainingMatching: &outreachv1.TrainingMatchingInput{FiscalYear: int32(jp.FiscalYear(today())), Level: outreachv1.Opportunity_STAFF_PLACEMENT},
	})
	w.must(err)
	return resp.GetTrainingMatching().GetId()
}

func (w *world) runMatching(id string) *outreachv1.TrainingMatching {
	w.t.Helper()
	resp, err := w.matchings(desk).RunTrainingMatching(w.t.Context(), &outreachv1.RunTrainingMatchingRequest{Id: id})
	w.must(err)
	return resp.GetTrainingMatching()
}

// trained reads an application.
func (w *world) trained(by auth.Principal, id string) *outreachv1.TrainingApplication {
	w.t.Helper()
	resp, err := w.trainings(by).GetTrainingApplication(w.t.Context(), &outreachv1.GetTrainingApplicationRequest{Id: id})
	w.must(err)
	return resp.GetTrainingApplication()
}

// placed gives an application a place by hand.
func (w *world) placed(id, offer string) error {
	return err2(w.matchings(desk).PlaceTrainingApplication(w.t.Context(), &outreachv1.PlaceTrainingApplicationRequest{Id: id, OpportunityId: offer}))
}

// proposes tells outreach where a proposal of organization 1 stands, and waits
// until it knows.
func (w *world) proposes(version int64, to proposalsv1.Proposal_State, departments ...string) {
	w.t.Helper()
	w.tellAs("proposals", event.Event{Aggregate: "proposal", ID: project1, Visibility: event.Ward, Message: &proposalsv1.ProposalStatusChanged{
		ProposalId: project1, OrganizationId: org1, DepartmentIds: departments, To: to, Version: version,
	}})
	w.until("the proposal", func() bool { return w.count(`SELECT count(*) FROM proposal_ref WHERE version = $1`, version) == 1 })
}
