package evaluation

import (
	"context"
	"embed"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
)

//go:embed sample
var sampleFiles embed.FS

// loadSample loads the sample data into an empty schema: the rulebook, a completed
// project with its evaluation and one that runs, each taking every step through
// the RPCs, by the sample people. What was loaded stays as it is on every later start.
func loadSample(ctx context.Context, d service.Deps) error {
	there, err := store.ListRulebooks(ctx, d.DB, store.RulebookFilter{Drafts: true}, pg.Page{Size: 1})
	if err != nil || len(there) > 0 {
		return err
	}
	peer := newDirectory(d)
	s := &sampler{Deps: d, rules: &rules{Deps: d, directory: peer}, projects: &projects{Deps: d, directory: peer}, agreements: &agreements{Deps: d, directory: peer}}
	if err := sample.Await(ctx, s.known); err != nil {
		return err
	}
	if err := s.adoptRulebook(ctx); err != nil {
		return fmt.Errorf("sample rulebook: %w", err)
	}
	finished, err := s.finished(ctx)
	if err != nil {
		return fmt.Errorf("finished sample project: %w", err)
	}
	middle, err := s.middle(ctx)
	if err != nil {
		return fmt.Errorf("running sample project: %w", err)
	}
	if err := s.evaluated(ctx, finished, middle); err != nil {
		return fmt.Errorf("sample evaluations: %w", err)
	}
	return nil
}

// sampler loads the sample data in the name of the sample people.
type sampler struct {
	service.Deps
	rules      *rules
	projects   *projects
	agreements *agreements
}

// known asks directory for the sample organizations and departments. Errors:
// ORGANIZATION_UNKNOWN, DEPARTMENT_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (s *sampler) known(ctx context.Context) error {
	_, err := s.projects.directory.verified(ctx, sample.Representative.Memberships[0].OrganizationID, sample.Representative2.Memberships[0].OrganizationID)
	if err != nil {
		return err
	}
	return sample.Done(s.projects.directory.departmentsOf(ctx, jp.DateOf(s.Now()), []string{sample.Staff.DepartmentID, sample.Staff2.DepartmentID}))
}

// adoptRulebook takes the first version through comments and a review meeting.
func (s *sampler) adoptRulebook(ctx context.Context) error {
	in := &evaluationv1.RulebookVersionInput{}
	if err := sample.Read(sampleFiles, "rulebook.json", in); err != nil {
		return err
	}
	today := convert.Date(jp.DateOf(s.Now()))
	in.ReviewMeeting = &evaluationv1.ReviewMeeting{
		HeldOn: today, OrganizationIds: []string{sample.Representative.Memberships[0].OrganizationID, sample.Representative2.Memberships[0].OrganizationID},
		Summary: "ルールの案を区と団体で読み合わせ、評価の進め方について意見を交わしました。（見本）",
	}
	made, err := s.rules.CreateRulebookVersion(auth.With(ctx, sample.Desk), &evaluationv1.CreateRulebookVersionRequest{Version: in})
	if err != nil {
		return err
	}
	id, comment := made.GetVersion().GetId(), ""
	return sample.Play(ctx,
		sample.By(sample.Desk, func(ctx context.Context) error {
			return sample.Done(s.rules.OpenRulebookComments(ctx, &evaluationv1.OpenRulebookCommentsRequest{Id: id, Until: today}))
		}),
		sample.By(sample.Representative, func(ctx context.Context) error {
			resp, err := s.rules.CreateRulebookComment(ctx, &evaluationv1.CreateRulebookCommentRequest{
				VersionId: id, ClauseNo: 61, Body: "相手の評価を先に見られると率直に書きにくくなります。双方がそろうまで見えないことを、はっきり書いてください。（見本）",
			})
			comment = resp.GetComment().GetId()
			return err
		}),
		sample.By(sample.Desk, func(ctx context.Context) error {
			return sample.Done(s.rules.CloseRulebookComments(ctx, &evaluationv1.CloseRulebookCommentsRequest{Id: id}))
		}),
		sample.By(sample.Desk, func(ctx context.Context) error {
			return sample.Done(s.rules.AnswerRulebookComment(ctx, &evaluationv1.AnswerRulebookCommentRequest{
				VersionId: id, ClauseNo: 61, CommentId: comment, Answer: "ご意見のとおりです。率直な評価のために必要なことと考えます。（見本）",
				Change: "「双方がそろうまで、互いの内容は見えません。」を条文に書きました。",
			}))
		}),
		sample.By(sample.Approver, func(ctx context.Context) error {
			return sample.Done(s.rules.AdoptRulebookVersion(ctx, &evaluationv1.AdoptRulebookVersionRequest{Id: id, EffectiveFrom: today}))
		}),
	)
}
