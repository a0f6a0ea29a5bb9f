package proposals

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

//go:embed sample
var sampleFiles embed.FS

// sampleWait is how long the sample data of directory may take to be there,
// where the services start side by side.
const sampleWait = 30 * time.Second

// sample loads the sample data into an empty schema: the call of 2002 as a
// record, and two present calls with proposals that take every step through the
// RPCs, by the sample people, so that rules, history, events and audit are those
// of real use. What was loaded stays as it is on every later start.
func sample(ctx context.Context, d service.Deps) error {
	there, err := store.ListCalls(ctx, d.DB, store.CallFilter{Drafts: true}, pg.Page{Size: 1})
	if err != nil || len(there) > 0 {
		return err
	}
	s := &sampler{
		Deps: d, calls: &calls{Deps: d}, progress: &progress{Deps: d},
		proposals: &proposals{Deps: d, directory: newDirectory(d)},
	}
	if err := s.meet(); err != nil {
		return err
	}
	organizations, err := s.awaitDirectory(ctx)
	if err != nil {
		return err
	}
	if err := s.record2002(ctx, organizations); err != nil {
		return fmt.Errorf("record of 2002: %w", err)
	}
	allYear, err := s.publishCall(ctx, "call_all_year.json")
	if err != nil {
		return err
	}
	if _, err := s.publishCall(ctx, "call_fixed_period.json"); err != nil {
		return err
	}
	return errors.Join(s.draft(ctx, allYear), s.underReview(ctx, allYear), s.adopted(ctx, allYear), s.talks(ctx))
}

// sampler loads the sample data in the name of the sample people.
type sampler struct {
	service.Deps
	calls     *calls
	proposals *proposals
	progress  *progress

	// Ids are those of directory's sample data.
	ids struct {
		Organizations     map[string]string `json:"organizations"` // By representative.
		Organizations2002 []string          `json:"organizations2002"`
		Departments       map[string]string `json:"departments"` // By staff.
		People            map[string]string `json:"people"`
	}
	representative, representative2, desk, staff, staff2, approver auth.Principal
	resident, reviewer, reviewer2                                  auth.Principal
}

// meet reads who the sample people are.
func (s *sampler) meet() error {
	raw, err := sampleFiles.ReadFile("sample/directory.json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &s.ids); err != nil {
		return fmt.Errorf("directory.json: %w", err)
	}
	member := func(name string) auth.Principal {
		role := optionsv1.Role_ROLE_REPRESENTATIVE
		return auth.Principal{
			Kind: auth.KindPerson, ID: s.ids.People[name], Roles: []auth.Role{optionsv1.Role_ROLE_RESIDENT, role},
			Memberships: []auth.Membership{{OrganizationID: s.ids.Organizations[name], Role: role}},
		}
	}
	ward := func(name string, role auth.Role) auth.Principal {
		return auth.Principal{
			Kind: auth.KindPerson, ID: s.ids.People[name], Roles: []auth.Role{role}, DepartmentID: s.ids.Departments[name],
		}
	}
	s.representative = member("representative")
	s.representative2 = member("representative2")
	s.desk = ward("desk", optionsv1.Role_ROLE_DESK)
	s.staff = ward("staff", optionsv1.Role_ROLE_STAFF)
	s.staff2 = ward("staff2", optionsv1.Role_ROLE_STAFF)
	s.approver = ward("approver", optionsv1.Role_ROLE_APPROVER)
	s.reviewer = ward("reviewer", optionsv1.Role_ROLE_REVIEWER)
	s.reviewer2 = ward("reviewer2", optionsv1.Role_ROLE_REVIEWER)
	s.resident = auth.Principal{Kind: auth.KindPerson, ID: s.ids.People["resident"], Roles: []auth.Role{optionsv1.Role_ROLE_RESIDENT}}
	return nil
}

// awaitDirectory returns the organizations of 2002 as soon as directory has all
// its sample data. Errors: ORGANIZATION_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (s *sampler) awaitDirectory(ctx context.Context) ([]partner.Organization, error) {
	patience := time.NewTimer(sampleWait)
	defer patience.Stop()
	for {
		found, err := s.proposals.directory.organizationsOf(ctx, s.ids.Organizations2002...)
		if err == nil {
			names := make([]partner.Organization, len(s.ids.Organizations2002))
			for i, id := range s.ids.Organizations2002 {
				names[i] = partner.OrganizationOf(found[id])
			}
			return names, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-patience.C:
			return nil, fmt.Errorf("sample organizations of directory: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// publishCall creates a call of a file and publishes it.
func (s *sampler) publishCall(ctx context.Context, file string) (string, error) {
	input := &proposalsv1.CallInput{}
	if err := readSample(file, input); err != nil {
		return "", err
	}
	ctx = auth.With(ctx, s.desk)
	created, err := s.calls.CreateCall(ctx, &proposalsv1.CreateCallRequest{Call: input})
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	id := created.GetCall().GetId()
	return id, done(s.calls.PublishCall(ctx, &proposalsv1.PublishCallRequest{Id: id}))
}

// create begins a draft with the content of a file.
func (s *sampler) create(ctx context.Context, by auth.Principal, callID, file string) (string, error) {
	content := &proposalsv1.ProposalContent{}
	if err := readSample(file, content); err != nil {
		return "", err
	}
	created, err := s.proposals.CreateProposal(auth.With(ctx, by), &proposalsv1.CreateProposalRequest{
		CallId: callID, OrganizationId: by.Memberships[0].OrganizationID, Content: content,
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return created.GetProposal().GetId(), nil
}

func (s *sampler) draft(ctx context.Context, callID string) error {
	return done(s.create(ctx, s.representative, callID, "proposal_draft.json"))
}

func (s *sampler) underReview(ctx context.Context, callID string) error {
	id, err := s.create(ctx, s.representative2, callID, "proposal_under_review.json")
	if err != nil {
		return err
	}
	return play(ctx,
		s.submit(s.representative2, id),
		s.accept(id),
		s.assign(id, part(s.staff2, proposalsv1.Assignment_LEAD, "案内する内容の確認と会場の調整")),
		s.takeOn(s.staff2, id),
		s.startReview(id),
		s.review(id),
	)
}

func (s *sampler) adopted(ctx context.Context, callID string) error {
	id, err := s.create(ctx, s.representative, callID, "proposal_adopted.json")
	if err != nil {
		return err
	}
	return play(ctx,
		s.submit(s.representative, id),
		s.accept(id),
		s.assign(id,
			part(s.staff, proposalsv1.Assignment_LEAD, "会場の確保と全体の調整"),
			part(s.staff2, proposalsv1.Assignment_JOINT, "会場の避難経路の確認")),
		s.takeOn(s.staff, id),
		s.takeOn(s.staff2, id),
		s.startReview(id),
		turn{s.staff, func(ctx context.Context) error {
			return done(s.proposals.Negotiate(ctx, &proposalsv1.NegotiateRequest{Id: id}))
		}},
		s.note(s.staff, id, "会場と曜日", "毎週水曜日に3つの会場を使えることを確認しました。8月は会場の都合で休みとします。", "団体2人、担当課2人"),
		s.note(s.representative, id, "会場と曜日（団体の確認）", "8月の休みに合意します。読み手の講習は5月に2回行います。", "団体2人、担当課2人"),
		turn{s.staff, func(ctx context.Context) error {
			return done(s.proposals.DraftDecision(ctx, &proposalsv1.DraftDecisionRequest{
				Id: id, Outcome: proposalsv1.Decision_ADOPTED, Cost: proto.Int64(380_000), DecidedBy: "区民生活部長",
				Reason: "児童の居場所を広げる効果が見込め、団体と区の役割の分担が明確です。会場、曜日、案内の方法について協議が整いました。",
			}))
		}},
		s.hold(id),
		turn{s.approver, func(ctx context.Context) error {
			return done(s.proposals.ApproveDecision(ctx, &proposalsv1.ApproveDecisionRequest{Id: id}))
		}},
	)
}

// turn is one step by one person.
type turn struct {
	by   auth.Principal
	take func(context.Context) error
}

// play takes the steps in their order, up to the first that fails.
func play(ctx context.Context, turns ...turn) error {
	for i, t := range turns {
		if err := t.take(auth.With(ctx, t.by)); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

// done forgets an answer.
func done[R any](_ R, err error) error { return err }

func (s *sampler) submit(by auth.Principal, id string) turn {
	return turn{by, func(ctx context.Context) error {
		return done(s.proposals.SubmitProposal(ctx, &proposalsv1.SubmitProposalRequest{Id: id}))
	}}
}

func (s *sampler) accept(id string) turn {
	return turn{s.desk, func(ctx context.Context) error {
		return done(s.proposals.AcceptProposal(ctx, &proposalsv1.AcceptProposalRequest{Id: id}))
	}}
}

func (s *sampler) assign(id string, parts ...*proposalsv1.AssignmentInput) turn {
	return turn{s.desk, func(ctx context.Context) error {
		return done(s.proposals.AssignDepartments(ctx, &proposalsv1.AssignDepartmentsRequest{Id: id, Assignments: parts}))
	}}
}

func part(of auth.Principal, role proposalsv1.Assignment_Role, duty string) *proposalsv1.AssignmentInput {
	return &proposalsv1.AssignmentInput{DepartmentId: of.DepartmentID, Role: role, Duty: duty}
}

func (s *sampler) takeOn(by auth.Principal, id string) turn {
	return turn{by, func(ctx context.Context) error {
		return done(s.proposals.RespondToAssignment(ctx, &proposalsv1.RespondToAssignmentRequest{Id: id, Response: proposalsv1.Assignment_ACCEPTED}))
	}}
}

func (s *sampler) startReview(id string) turn {
	return turn{s.desk, func(ctx context.Context) error {
		return done(s.proposals.StartReview(ctx, &proposalsv1.StartReviewRequest{Id: id}))
	}}
}

func (s *sampler) note(by auth.Principal, id, subject, body, attendees string) turn {
	return turn{by, func(ctx context.Context) error {
		return done(s.progress.CreateLogEntry(ctx, &proposalsv1.CreateLogEntryRequest{
			ProposalId: id, Subject: subject, Body: body, Attendees: attendees, Visibility: proposalsv1.LogEntry_BOTH_SIDES,
		}))
	}}
}

// readSample reads a request of the API as the API would.
func readSample(file string, into proto.Message) error {
	raw, err := sampleFiles.ReadFile(path.Join("sample", file))
	if err != nil {
		return err
	}
	if err := protojson.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
