package proposals_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals"
)

// The organizations, departments and people of the tests.
const (
	org1 = "01980000-0000-7000-8000-000000000001" // Verified.
	org2 = "01980000-0000-7000-8000-000000000002" // Verified.
	org3 = "01980000-0000-7000-8000-000000000003" // Pending.
	// Intermediary, verified.
	orgI  = "01980000-0000-7000-8000-000000000009"
	dept1 = "01980000-0000-7000-8000-0000000000d1"
	dept2 = "01980000-0000-7000-8000-0000000000d2"
	dept9 = "01980000-0000-7000-8000-0000000000d9" // Ended.
	none  = "01980000-0000-7000-8000-00000000ffff"
)

var (
	viewer    = servicetest.Member("viewer", org1, optionsv1.Role_ROLE_VIEWER)
	editor    = servicetest.Member("editor", org1, optionsv1.Role_ROLE_EDITOR)
	head      = servicetest.Member("head", org1, optionsv1.Role_ROLE_REPRESENTATIVE)
	head2     = servicetest.Member("head2", org2, optionsv1.Role_ROLE_REPRESENTATIVE)
	head3     = servicetest.Member("head3", org3, optionsv1.Role_ROLE_REPRESENTATIVE)
	resident  = servicetest.Resident("resident")
	staff     = servicetest.Staff("staff", dept1, optionsv1.Role_ROLE_STAFF)
	staff2    = servicetest.Staff("staff2", dept2, optionsv1.Role_ROLE_STAFF)
	desk      = servicetest.Staff("desk", dept2, optionsv1.Role_ROLE_DESK)
	approver  = servicetest.Staff("approver", dept2, optionsv1.Role_ROLE_APPROVER)
	reviewer  = servicetest.Staff("reviewer", dept2, optionsv1.Role_ROLE_REVIEWER)
	clerk     = servicetest.Staff("clerk", dept2, optionsv1.Role_ROLE_FACILITY_CLERK)
	auditor   = servicetest.Staff("auditor", dept2, optionsv1.Role_ROLE_AUDITOR)
	admin     = servicetest.Staff("admin", dept2, optionsv1.Role_ROLE_ADMINISTRATOR)
	headStaff = servicetest.Staff("headstaff", dept1, optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_APPROVER)
)

func coordinator() auth.Principal {
	p := servicetest.Resident("coordinator")
	p.Roles = append(p.Roles, optionsv1.Role_ROLE_COORDINATOR)
	p.Delegations = []auth.Delegation{{OrganizationID: org1, IntermediaryID: none, Until: time.Now().Add(time.Hour)}}
	return p
}

// peer stands for directory: it answers what the tests say. Its own tests are
// where the real one is.
type peer struct {
	directoryv1.UnimplementedOrganizationServiceServer
	directoryv1.UnimplementedDepartmentServiceServer
	directoryv1.UnimplementedReviewerServiceServer

	mu   sync.Mutex
	down bool
}

func (d *peer) setDown(down bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.down = down
}

func (d *peer) err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down {
		return errors.New("directory is down")
	}
	return nil
}

func (d *peer) BatchGetOrganizations(_ context.Context, req *directoryv1.BatchGetOrganizationsRequest) (*directoryv1.BatchGetOrganizationsResponse, error) {
	resp := &directoryv1.BatchGetOrganizationsResponse{}
	for _, id := range req.GetIds() {
		switch id {
		case org1, org2:
			resp.Organizations = append(resp.Organizations, &directoryv1.OrganizationSummary{Id: id, Name: "団体" + id[len(id)-1:], State: directoryv1.Organization_VERIFIED, Version: 1})
		case orgI:
			resp.Organizations = append(resp.Organizations, &directoryv1.OrganizationSummary{
				Id: id, Name: "中間支援", Kind: directoryv1.Organization_INTERMEDIARY, State: directoryv1.Organization_VERIFIED, Version: 1,
			})
		case org3:
			resp.Organizations = append(resp.Organizations, &directoryv1.OrganizationSummary{Id: id, Name: "団体3", State: directoryv1.Organization_PENDING, Version: 1})
		}
	}
	return resp, d.err()
}

func (d *peer) BatchGetDepartments(_ context.Context, req *directoryv1.BatchGetDepartmentsRequest) (*directoryv1.BatchGetDepartmentsResponse, error) {
	resp := &directoryv1.BatchGetDepartmentsResponse{}
	at := timestamppb.New(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	for _, id := range req.GetIds() {
		switch id {
		case dept1:
			resp.Departments = append(resp.Departments, &directoryv1.Department{Id: id, FullName: "区民生活部商工振興課", UpdateTime: at})
		case dept2:
			resp.Departments = append(resp.Departments, &directoryv1.Department{Id: id, FullName: "政策経営部企画総務課", UpdateTime: at})
		case dept9:
			resp.Departments = append(resp.Departments, &directoryv1.Department{Id: id, FullName: "旧課", ValidTo: "2003-03-31", UpdateTime: at})
		}
	}
	return resp, d.err()
}

// BatchGetReviewers knows the reviewers of the tests.
func (d *peer) BatchGetReviewers(_ context.Context, req *directoryv1.BatchGetReviewersRequest) (*directoryv1.BatchGetReviewersResponse, error) {
	resp := &directoryv1.BatchGetReviewersResponse{}
	for _, id := range req.GetPersonIds() {
		if strings.HasPrefix(id, "reviewer") {
			resp.PersonIds = append(resp.PersonIds, id)
		}
	}
	return resp, d.err()
}

// world is the service with its people.
type world struct {
	*servicetest.World
	t         *testing.T
	directory *peer
	deps      service.Deps // Of proposals.
}

func start(t *testing.T) *world {
	t.Helper()
	d, w := &peer{}, &world{t: t}
	module := proposals.Module
	module.Register = func(deps service.Deps, r grpc.ServiceRegistrar) {
		w.deps = deps
		proposals.Module.Register(deps, r)
	}
	w.directory = d
	w.World = servicetest.Start(t, service.Module{
		Name:       "directory",
		Migrations: fstest.MapFS{"00001_nothing.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n")}},
		Register: func(_ service.Deps, r grpc.ServiceRegistrar) {
			directoryv1.RegisterOrganizationServiceServer(r, d)
			directoryv1.RegisterDepartmentServiceServer(r, d)
			directoryv1.RegisterReviewerServiceServer(r, d)
		},
	}, module)
	return w
}

func (w *world) calls(p auth.Principal) proposalsv1.CallServiceClient {
	return proposalsv1.NewCallServiceClient(w.As(p))
}

func (w *world) proposals(p auth.Principal) proposalsv1.ProposalServiceClient {
	return proposalsv1.NewProposalServiceClient(w.As(p))
}

func (w *world) progress(p auth.Principal) proposalsv1.ProgressServiceClient {
	return proposalsv1.NewProgressServiceClient(w.As(p))
}

func (w *world) statistics(p auth.Principal) proposalsv1.StatisticsServiceClient {
	return proposalsv1.NewStatisticsServiceClient(w.As(p))
}

func (w *world) desk(p auth.Principal) proposalsv1.ConsultationServiceClient {
	return proposalsv1.NewConsultationServiceClient(w.As(p))
}

func (w *world) faqs(p auth.Principal) proposalsv1.FaqServiceClient {
	return proposalsv1.NewFaqServiceClient(w.As(p))
}

func (w *world) challenges(p auth.Principal) proposalsv1.ChallengeServiceClient {
	return proposalsv1.NewChallengeServiceClient(w.As(p))
}

func (w *world) meetings(p auth.Principal) proposalsv1.MeetingServiceClient {
	return proposalsv1.NewMeetingServiceClient(w.As(p))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v %+v", err, details(err))
	}
}

func today() jp.Date { return jp.DateOf(time.Now()) }

// callInput is a call that is open today.
func callInput() *proposalsv1.CallInput {
	return &proposalsv1.CallInput{
		Title: "令和8年度 協働事業提案募集", FiscalYear: 2026, Round: 1,
		OpensOn: today().AddDays(-10).String(), ClosesOn: today().AddDays(10).String(),
		Steps: []proposalsv1.Call_Step{proposalsv1.Call_REVIEW, proposalsv1.Call_NEGOTIATION},
	}
}

// call publishes a call; change edits it before.
func (w *world) call(change func(*proposalsv1.CallInput)) *proposalsv1.Call {
	w.t.Helper()
	in := callInput()
	if change != nil {
		change(in)
	}
	created, err := w.calls(desk).CreateCall(w.t.Context(), &proposalsv1.CreateCallRequest{Call: in})
	w.must(err)
	published, err := w.calls(desk).PublishCall(w.t.Context(), &proposalsv1.PublishCallRequest{Id: created.GetCall().GetId()})
	w.must(err)
	return published.GetCall()
}

// content can be submitted.
func content() *proposalsv1.ProposalContent {
	return &proposalsv1.ProposalContent{
		Title: "神田の記憶を伝える街歩き", ContactName: "担当", ContactPhone: "03-0000-0000",
		Purpose: "地域の歴史を伝える", Activities: "月に一度の街歩き", Necessity: "区の資料が要る", Form: "cohost",
		PublishConsent: true,
		Declarations: []string{
			"nonProfit", "bylaws", "accounts", "noReligionPolitics", "noOrganizedCrime", "capacity", "disclosure",
		},
		Budget: []*proposalsv1.BudgetRow{
			{Side: proposalsv1.BudgetRow_INCOME, Account: "区負担金", Amount: 300000, Bearer: proposalsv1.BudgetRow_WARD},
			{Side: proposalsv1.BudgetRow_EXPENSE, Account: "報償費", Amount: 300000, Bearer: proposalsv1.BudgetRow_WARD},
		},
		Goals: []*proposalsv1.Goal{{Indicator: "参加者数", Baseline: "0人", Target: "120人", Method: "受付簿"}},
	}
}

// draft begins a proposal of organization 1; change edits it before.
func (w *world) draft(callID string, change func(*proposalsv1.ProposalContent)) *proposalsv1.Proposal {
	w.t.Helper()
	c := content()
	if change != nil {
		change(c)
	}
	resp, err := w.proposals(editor).CreateProposal(w.t.Context(), &proposalsv1.CreateProposalRequest{CallId: callID, OrganizationId: org1, Content: c})
	w.must(err)
	return resp.GetProposal()
}

// bring takes a new proposal of organization 1 to a state on the straight way.
func (w *world) bring(callID string, to proposalsv1.Proposal_State, change func(*proposalsv1.ProposalContent)) string {
	w.t.Helper()
	id := w.draft(callID, change).GetId()
	for _, s := range w.way(id) {
		if w.state(id) == to {
			return id
		}
		w.must(s())
	}
	if got := w.state(id); got != to {
		w.t.Fatalf("on the straight way to %v: %v", to, got)
	}
	return id
}

// way is the straight way from draft to adopted, for a call with review before
// negotiation.
func (w *world) way(id string) []func() error {
	ctx := w.t.Context()
	return []func() error{
		func() error {
			_, err := w.proposals(head).SubmitProposal(ctx, &proposalsv1.SubmitProposalRequest{Id: id})
			return err
		},
		func() error {
			_, err := w.proposals(desk).AcceptProposal(ctx, &proposalsv1.AcceptProposalRequest{Id: id})
			return err
		},
		func() error { return w.assign(id) },
		func() error { return w.respond(staff, id) },
		func() error {
			_, err := w.proposals(desk).StartReview(ctx, &proposalsv1.StartReviewRequest{Id: id})
			return err
		},
		func() error {
			_, err := w.proposals(staff).Negotiate(ctx, &proposalsv1.NegotiateRequest{Id: id})
			return err
		},
		func() error { return w.decide(id, proposalsv1.Decision_ADOPTED) },
		func() error {
			_, err := w.proposals(approver).ApproveDecision(ctx, &proposalsv1.ApproveDecisionRequest{Id: id})
			return err
		},
	}
}

func (w *world) assign(id string) error {
	_, err := w.proposals(desk).AssignDepartments(w.t.Context(), &proposalsv1.AssignDepartmentsRequest{Id: id, Assignments: []*proposalsv1.AssignmentInput{
		{DepartmentId: dept1, Role: proposalsv1.Assignment_LEAD},
	}})
	return err
}

func (w *world) respond(p auth.Principal, id string) error {
	_, err := w.proposals(p).RespondToAssignment(w.t.Context(), &proposalsv1.RespondToAssignmentRequest{Id: id, Response: proposalsv1.Assignment_ACCEPTED})
	return err
}

func (w *world) decide(id string, o proposalsv1.Decision_Outcome) error {
	req := &proposalsv1.DraftDecisionRequest{Id: id, Outcome: o, Reason: "区民の役に立つ", DecidedBy: "区民生活部長"}
	cost := int64(300000)
	switch o {
	case proposalsv1.Decision_CONDITIONALLY_ADOPTED:
		req.Conditions, req.Cost = []string{"予算の成立"}, &cost
	case proposalsv1.Decision_ADOPTED:
		req.Cost = &cost
	}
	_, err := w.proposals(staff).DraftDecision(w.t.Context(), req)
	return err
}

// state reads the row, so that it sees drafts too.
func (w *world) state(id string) proposalsv1.Proposal_State {
	w.t.Helper()
	var s string
	w.must(w.DB("proposals").QueryRow(w.t.Context(), `SELECT state FROM proposal WHERE id = $1`, id).Scan(&s))
	return proposalsv1.Proposal_State(proposalsv1.Proposal_State_value[s])
}

// reason is the reason of a refusal; "" for none.
func reason(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := rpc.FromStatus(status.Convert(err)); ok {
		return f.Reason
	}
	return err.Error()
}

func details(err error) []any { return status.Convert(err).Details() }

// refused expects a refusal with the reason.
func refused(t *testing.T, err error, want string) {
	t.Helper()
	if got := reason(err); got != want {
		t.Errorf("reason = %q, want %q (%v)", got, want, err)
	}
}

func withKey(ctx context.Context, key string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, rpc.MetaIdempotencyKey, key)
}

// events are the types of an aggregate's events in their order.
func (w *world) events(id, visibility string) string {
	w.t.Helper()
	rows, err := w.DB("proposals").Query(w.t.Context(), `
		SELECT sequence, headers->>'ce-type', convert_from(data, 'UTF8')::jsonb
		FROM event_log
		WHERE aggregate_id = $1 AND visibility = $2
		ORDER BY position`, id, visibility)
	w.must(err)
	var out []string
	for rows.Next() {
		var (
			seq  int64
			name string
			data map[string]any
		)
		w.must(rows.Scan(&seq, &name, &data))
		if int(seq) != len(out)+1 {
			w.t.Errorf("sequence %d at place %d", seq, len(out)+1)
		}
		name = name[strings.LastIndexByte(name, '.')+1:]
		if name == "ProposalStatusChanged" {
			name = fmt.Sprintf("%v→%v", data["from"], data["to"])
			if visibility == "public" {
				name = fmt.Sprintf("%v→%v", data["publicFrom"], data["publicTo"])
			}
		}
		out = append(out, name)
	}
	w.must(rows.Err())
	return strings.Join(out, " ")
}
