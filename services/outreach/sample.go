package outreach

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
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

//go:embed sample
var sampleFiles embed.FS

// sampleWait is how long the sample data of directory may take to be there,
// where the services start side by side.
const sampleWait = 30 * time.Second

// sample loads the sample data into an empty schema: articles and events that take
// every step through the RPCs, by the sample people, so that rules, history,
// events and audit are those of real use. What was loaded stays as it is on every
// later start.
func sample(ctx context.Context, d service.Deps) error {
	there, err := store.AnybodyWrote(ctx, d.DB)
	if err != nil || there {
		return err
	}
	p := publicationsOf(d)
	s := &sampler{publications: p, articles: &articles{publications: p}, events: &events{publications: p}}
	if err := s.meet(); err != nil {
		return err
	}
	if err := s.awaitDirectory(ctx); err != nil {
		return err
	}
	for _, load := range []func(context.Context) error{
		s.reading, s.cleaning, s.planetarium, s.members, s.disaster, s.draft, s.boards, s.source, s.sponsorships, s.volunteers,
		s.trainings, s.magazine,
	} {
		if err := load(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sampler loads the sample data in the name of the sample people.
type sampler struct {
	publications
	articles *articles
	events   *events

	// Ids are those of directory's sample data.
	ids struct {
		Organizations map[string]string `json:"organizations"` // By representative.
		Departments   map[string]string `json:"departments"`   // By staff.
		People        map[string]string `json:"people"`
	}
	representative, representative2, desk, staff, staff2, approver auth.Principal
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
	return nil
}

// awaitDirectory waits until directory has its sample organizations and
// departments. Errors: ORGANIZATION_UNKNOWN, DEPARTMENT_UNKNOWN,
// DEPENDENCY_UNAVAILABLE.
func (s *sampler) awaitDirectory(ctx context.Context) error {
	patience := time.NewTimer(sampleWait)
	defer patience.Stop()
	for {
		_, err := s.directory.organizationsOf(ctx, s.ids.Organizations["representative"], s.ids.Organizations["representative2"])
		if err == nil {
			_, err = s.directory.departmentsOf(ctx, jp.DateOf(s.Now()), []string{s.staff.DepartmentID, s.staff2.DepartmentID})
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-patience.C:
			return fmt.Errorf("sample data of directory: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
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

// event begins an event of a file that is so many days ahead; change edits it
// before.
func (s *sampler) event(ctx context.Context, by auth.Principal, file string, days int, change func(*outreachv1.EventInput)) (string, error) {
	in := &outreachv1.EventInput{}
	if err := readSample(file, in); err != nil {
		return "", err
	}
	in.StartsOn = jp.DateOf(s.Now()).AddDays(days).String()
	if change != nil {
		change(in)
	}
	made, err := s.events.CreateEvent(auth.With(ctx, by), &outreachv1.CreateEventRequest{Event: in})
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return made.GetEvent().GetId(), nil
}

func (s *sampler) article(ctx context.Context, by auth.Principal, file string) (string, error) {
	in := &outreachv1.ArticleInput{}
	if err := readSample(file, in); err != nil {
		return "", err
	}
	made, err := s.articles.CreateArticle(auth.With(ctx, by), &outreachv1.CreateArticleRequest{Article: in})
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return made.GetArticle().GetId(), nil
}

// publishEvent takes the steps from draft to publication.
func (s *sampler) publishEvent(by auth.Principal, id string) []turn {
	return []turn{
		{by, func(ctx context.Context) error {
			return done(s.events.RequestEventApproval(ctx, &outreachv1.RequestEventApprovalRequest{Id: id}))
		}},
		{s.desk, func(ctx context.Context) error {
			return done(s.events.ApproveEvent(ctx, &outreachv1.ApproveEventRequest{Id: id}))
		}},
		{s.desk, func(ctx context.Context) error {
			return done(s.events.PublishEvent(ctx, &outreachv1.PublishEventRequest{Id: id}))
		}},
	}
}

func (s *sampler) reading(ctx context.Context) error {
	id, err := s.event(ctx, s.representative, "event_reading.json", 21, func(in *outreachv1.EventInput) {
		in.Credits = []*outreachv1.CreditInput{
			{Part: typev1.Credit_ORGANIZER, OrganizationId: s.ids.Organizations["representative"]},
			{Part: typev1.Credit_CO_ORGANIZER, DepartmentId: s.staff.DepartmentID},
		}
	})
	if err != nil {
		return err
	}
	confirm := turn{s.representative, func(ctx context.Context) error {
		return done(s.events.ConfirmEventCredit(ctx, &outreachv1.ConfirmEventCreditRequest{Id: id}))
	}}
	return play(ctx, append([]turn{confirm}, s.publishEvent(s.representative, id)...)...)
}

func (s *sampler) cleaning(ctx context.Context) error {
	days := 7
	for jp.DateOf(s.Now()).AddDays(days).Weekday() != time.Saturday {
		days++
	}
	id, err := s.event(ctx, s.representative2, "event_cleaning.json", days, nil)
	if err != nil {
		return err
	}
	return play(ctx, s.publishEvent(s.representative2, id)...)
}

func (s *sampler) planetarium(ctx context.Context) error {
	id, err := s.event(ctx, s.representative2, "event_planetarium.json", 40, func(in *outreachv1.EventInput) {
		today := jp.DateOf(s.Now())
		in.Admission.ClosesOn, in.Admission.DrawsOn = today.AddDays(14).String(), today.AddDays(17).String()
	})
	if err != nil {
		return err
	}
	return play(ctx, s.publishEvent(s.representative2, id)...)
}

func (s *sampler) draft(ctx context.Context) error {
	return done(s.event(ctx, s.representative, "event_draft.json", 60, nil))
}

func (s *sampler) members(ctx context.Context) error {
	id, err := s.article(ctx, s.representative, "article_members.json")
	if err != nil {
		return err
	}
	return play(ctx,
		s.putForward(s.representative, id),
		turn{s.desk, func(ctx context.Context) error {
			return done(s.articles.ApproveArticle(ctx, &outreachv1.ApproveArticleRequest{Id: id}))
		}},
		turn{s.desk, func(ctx context.Context) error {
			return done(s.articles.PublishArticle(ctx, &outreachv1.PublishArticleRequest{Id: id}))
		}})
}

func (s *sampler) disaster(ctx context.Context) error {
	id, err := s.article(ctx, s.staff2, "article_disaster.json")
	if err != nil {
		return err
	}
	return play(ctx, s.putForward(s.staff2, id))
}

func (s *sampler) putForward(by auth.Principal, id string) turn {
	return turn{by, func(ctx context.Context) error {
		return done(s.articles.RequestArticleApproval(ctx, &outreachv1.RequestArticleApprovalRequest{Id: id}))
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
