package proposals

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

//go:embed sample
var sampleFiles embed.FS

// loadSample loads the sample data into an empty schema: the call of 2002 as a
// record, and two present calls with proposals that take every step through the
// RPCs, by the sample people, so that rules, history, events and audit are those
// of real use. What was loaded stays as it is on every later start.
func loadSample(ctx context.Context, d service.Deps) error {
	there, err := store.ListCalls(ctx, d.DB, store.CallFilter{Drafts: true}, pg.Page{Size: 1})
	if err != nil || len(there) > 0 {
		return err
	}
	s := &sampler{
		Deps: d, calls: &calls{Deps: d}, progress: &progress{Deps: d},
		proposals: &proposals{Deps: d, directory: newDirectory(d)},
	}
	var proposers []partner.Organization
	err = sample.Await(ctx, func(ctx context.Context) (err error) {
		proposers, err = s.proposers(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.record2002(ctx, proposers); err != nil {
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
}

// sampleOrganizations2002 are the ids of the organizations of 2002 in directory's
// sample data.
func sampleOrganizations2002() []string {
	ids := make([]string, 13)
	for i := range ids {
		ids[i] = sample.ID(1101 + i)
	}
	return ids
}

// proposers asks directory for the organizations of 2002. Errors:
// ORGANIZATION_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (s *sampler) proposers(ctx context.Context) ([]partner.Organization, error) {
	ids := sampleOrganizations2002()
	found, err := s.proposals.directory.organizationsOf(ctx, ids...)
	if err != nil {
		return nil, err
	}
	return convert.List(ids, func(id string) partner.Organization { return partner.OrganizationOf(found[id]) }), nil
}

// publishCall creates a call of a file and publishes it.
func (s *sampler) publishCall(ctx context.Context, file string) (string, error) {
	input := &proposalsv1.CallInput{}
	if err := sample.Read(sampleFiles, file, input); err != nil {
		return "", err
	}
	ctx = auth.With(ctx, sample.Desk)
	created, err := s.calls.CreateCall(ctx, &proposalsv1.CreateCallRequest{Call: input})
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	id := created.GetCall().GetId()
	return id, sample.Done(s.calls.PublishCall(ctx, &proposalsv1.PublishCallRequest{Id: id}))
}

// create begins a draft with the content of a file.
func (s *sampler) create(ctx context.Context, by auth.Principal, callID, file string) (string, error) {
	content := &proposalsv1.ProposalContent{}
	if err := sample.Read(sampleFiles, file, content); err != nil {
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
	return sample.Done(s.create(ctx, sample.Representative, callID, "proposal_draft.json"))
}

func (s *sampler) underReview(ctx context.Context, callID string) error {
	id, err := s.create(ctx, sample.Representative2, callID, "proposal_under_review.json")
	if err != nil {
		return err
	}
	return sample.Play(ctx,
		s.submit(sample.Representative2, id),
		s.accept(id),
		s.assign(id, part(sample.Staff2, proposalsv1.Assignment_LEAD, "案内する内容の確認と会場の調整")),
		s.takeOn(sample.Staff2, id),
		s.startReview(id),
		s.review(id),
	)
}

func (s *sampler) adopted(ctx context.Context, callID string) error {
	id, err := s.create(ctx, sample.Representative, callID, "proposal_adopted.json")
	if err != nil {
		return err
	}
	return sample.Play(ctx,
		s.submit(sample.Representative, id),
		s.accept(id),
		s.assign(id,
			part(sample.Staff, proposalsv1.Assignment_LEAD, "会場の確保と全体の調整"),
			part(sample.Staff2, proposalsv1.Assignment_JOINT, "会場の避難経路の確認")),
		s.takeOn(sample.Staff, id),
		s.takeOn(sample.Staff2, id),
		s.startReview(id),
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(s.proposals.Negotiate(ctx, &proposalsv1.NegotiateRequest{Id: id}))
		}),
		s.note(sample.Staff, id, "会場と曜日", "毎週水曜日に3つの会場を使えることを確認しました。8月は会場の都合で休みとします。", "団体2人、担当課2人"),
		s.note(sample.Representative, id, "会場と曜日（団体の確認）", "8月の休みに合意します。読み手の講習は5月に2回行います。", "団体2人、担当課2人"),
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(s.proposals.DraftDecision(ctx, &proposalsv1.DraftDecisionRequest{
				Id: id, Outcome: proposalsv1.Decision_ADOPTED, Cost: proto.Int64(380_000), DecidedBy: "区民生活部長",
				Reason: "児童の居場所を広げる効果が見込め、団体と区の役割の分担が明確です。会場、曜日、案内の方法について協議が整いました。",
			}))
		}),
		s.hold(id),
		sample.By(sample.Approver, func(ctx context.Context) error {
			return sample.Done(s.proposals.ApproveDecision(ctx, &proposalsv1.ApproveDecisionRequest{Id: id}))
		}),
	)
}

func (s *sampler) submit(by auth.Principal, id string) sample.Turn {
	return sample.By(by, func(ctx context.Context) error {
		return sample.Done(s.proposals.SubmitProposal(ctx, &proposalsv1.SubmitProposalRequest{Id: id}))
	})
}

func (s *sampler) accept(id string) sample.Turn {
	return sample.By(sample.Desk, func(ctx context.Context) error {
		return sample.Done(s.proposals.AcceptProposal(ctx, &proposalsv1.AcceptProposalRequest{Id: id}))
	})
}

func (s *sampler) assign(id string, parts ...*proposalsv1.AssignmentInput) sample.Turn {
	return sample.By(sample.Desk, func(ctx context.Context) error {
		return sample.Done(s.proposals.AssignDepartments(ctx, &proposalsv1.AssignDepartmentsRequest{Id: id, Assignments: parts}))
	})
}

func part(of auth.Principal, role proposalsv1.Assignment_Role, duty string) *proposalsv1.AssignmentInput {
	return &proposalsv1.AssignmentInput{DepartmentId: of.DepartmentID, Role: role, Duty: duty}
}

func (s *sampler) takeOn(by auth.Principal, id string) sample.Turn {
	return sample.By(by, func(ctx context.Context) error {
		return sample.Done(s.proposals.RespondToAssignment(ctx, &proposalsv1.RespondToAssignmentRequest{Id: id, Response: proposalsv1.Assignment_ACCEPTED}))
	})
}

func (s *sampler) startReview(id string) sample.Turn {
	return sample.By(sample.Desk, func(ctx context.Context) error {
		return sample.Done(s.proposals.StartReview(ctx, &proposalsv1.StartReviewRequest{Id: id}))
	})
}

func (s *sampler) note(by auth.Principal, id, subject, body, attendees string) sample.Turn {
	return sample.By(by, func(ctx context.Context) error {
		return sample.Done(s.progress.CreateLogEntry(ctx, &proposalsv1.CreateLogEntryRequest{
			ProposalId: id, Subject: subject, Body: body, Attendees: attendees, Visibility: proposalsv1.LogEntry_BOTH_SIDES,
		}))
	})
}
