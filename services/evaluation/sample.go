package evaluation

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

//go:embed sample
var sampleFiles embed.FS

// sampleWait is how long the sample data of directory may take to be there,
// where the services start side by side.
const sampleWait = 30 * time.Second

// sample loads the sample data into an empty schema: the rulebook, a completed
// project with its evaluation and one that runs, each taking every step through
// the RPCs, by the sample people. What was loaded stays as it is on every later start.
func sample(ctx context.Context, d service.Deps) error {
	there, err := store.ListRulebooks(ctx, d.DB, store.RulebookFilter{Drafts: true}, pg.Page{Size: 1})
	if err != nil || len(there) > 0 {
		return err
	}
	s, err := newSampler(d)
	if err != nil {
		return err
	}
	if err := s.awaitDirectory(ctx); err != nil {
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

	// Ids are those of directory's sample data.
	ids struct {
		Organizations map[string]string `json:"organizations"` // By member.
		Departments   map[string]string `json:"departments"`   // By staff.
		People        map[string]string `json:"people"`
	}
	member, representative, member2, representative2 auth.Principal
	staff, staff2, desk, approver, reviewer          auth.Principal
}

// newSampler reads who the sample people are.
func newSampler(d service.Deps) (*sampler, error) {
	peer := newDirectory(d)
	s := &sampler{Deps: d, rules: &rules{Deps: d, directory: peer}, projects: &projects{Deps: d, directory: peer}, agreements: &agreements{Deps: d, directory: peer}}
	raw, err := sampleFiles.ReadFile("sample/directory.json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &s.ids); err != nil {
		return nil, fmt.Errorf("directory.json: %w", err)
	}
	member := func(name string, role auth.Role) auth.Principal {
		return auth.Principal{
			Kind: auth.KindPerson, ID: s.ids.People[name], Roles: []auth.Role{optionsv1.Role_ROLE_RESIDENT, role},
			Memberships: []auth.Membership{{OrganizationID: s.ids.Organizations[name], Role: role}},
		}
	}
	ward := func(name string, role auth.Role) auth.Principal {
		return auth.Principal{Kind: auth.KindPerson, ID: s.ids.People[name], Roles: []auth.Role{role}, DepartmentID: s.ids.Departments[name]}
	}
	s.member, s.representative = member("member", optionsv1.Role_ROLE_EDITOR), member("representative", optionsv1.Role_ROLE_REPRESENTATIVE)
	s.member2, s.representative2 = member("member2", optionsv1.Role_ROLE_EDITOR), member("representative2", optionsv1.Role_ROLE_REPRESENTATIVE)
	s.staff, s.staff2 = ward("staff", optionsv1.Role_ROLE_STAFF), ward("staff2", optionsv1.Role_ROLE_STAFF)
	s.desk, s.approver = ward("desk", optionsv1.Role_ROLE_DESK), ward("approver", optionsv1.Role_ROLE_APPROVER)
	s.reviewer = ward("reviewer", optionsv1.Role_ROLE_REVIEWER)
	return s, nil
}

// awaitDirectory waits until directory has the sample organizations and
// departments. Errors: ORGANIZATION_UNKNOWN, DEPARTMENT_UNKNOWN,
// DEPENDENCY_UNAVAILABLE.
func (s *sampler) awaitDirectory(ctx context.Context) error {
	patience := time.NewTimer(sampleWait)
	defer patience.Stop()
	for {
		_, err := s.projects.directory.verified(ctx, s.representative.Memberships[0].OrganizationID, s.representative2.Memberships[0].OrganizationID)
		if err == nil {
			_, err = s.projects.directory.departmentsOf(ctx, jp.DateOf(s.Now()), []string{s.staff.DepartmentID, s.staff2.DepartmentID})
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-patience.C:
			return fmt.Errorf("sample organizations of directory: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// adoptRulebook takes the first version through comments and a review meeting.
func (s *sampler) adoptRulebook(ctx context.Context) error {
	in := &evaluationv1.RulebookVersionInput{}
	if err := readSample("rulebook.json", in); err != nil {
		return err
	}
	today := convert.Date(jp.DateOf(s.Now()))
	in.ReviewMeeting = &evaluationv1.ReviewMeeting{
		HeldOn: today, OrganizationIds: []string{s.representative.Memberships[0].OrganizationID, s.representative2.Memberships[0].OrganizationID},
		Summary: "ルールの案を区と団体で読み合わせ、評価の進め方について意見を交わしました。（見本）",
	}
	made, err := s.rules.CreateRulebookVersion(auth.With(ctx, s.desk), &evaluationv1.CreateRulebookVersionRequest{Version: in})
	if err != nil {
		return err
	}
	id, comment := made.GetVersion().GetId(), ""
	return play(ctx,
		turn{s.desk, func(ctx context.Context) error {
			return done(s.rules.OpenRulebookComments(ctx, &evaluationv1.OpenRulebookCommentsRequest{Id: id, Until: today}))
		}},
		turn{s.representative, func(ctx context.Context) error {
			resp, err := s.rules.CreateRulebookComment(ctx, &evaluationv1.CreateRulebookCommentRequest{
				VersionId: id, ClauseNo: 61, Body: "相手の評価を先に見られると率直に書きにくくなります。双方がそろうまで見えないことを、はっきり書いてください。（見本）",
			})
			comment = resp.GetComment().GetId()
			return err
		}},
		turn{s.desk, func(ctx context.Context) error {
			return done(s.rules.CloseRulebookComments(ctx, &evaluationv1.CloseRulebookCommentsRequest{Id: id}))
		}},
		turn{s.desk, func(ctx context.Context) error {
			return done(s.rules.AnswerRulebookComment(ctx, &evaluationv1.AnswerRulebookCommentRequest{
				VersionId: id, ClauseNo: 61, CommentId: comment, Answer: "ご意見のとおりです。率直な評価のために必要なことと考えます。（見本）",
				Change: "「双方がそろうまで、互いの内容は見えません。」を条文に書きました。",
			}))
		}},
		turn{s.approver, func(ctx context.Context) error {
			return done(s.rules.AdoptRulebookVersion(ctx, &evaluationv1.AdoptRulebookVersionRequest{Id: id, EffectiveFrom: today}))
		}},
	)
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
