package outreach

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

//go:embed sample
var sampleFiles embed.FS

// loadSample loads the sample data into an empty schema: articles and events that take
// every step through the RPCs, by the sample people, so that rules, history,
// events and audit are those of real use. What was loaded stays as it is on every
// later start.
func loadSample(ctx context.Context, d service.Deps) error {
	there, err := store.AnybodyWrote(ctx, d.DB)
	if err != nil || there {
		return err
	}
	p := publicationsOf(d)
	s := &sampler{publications: p, articles: &articles{publications: p}, events: &events{publications: p}}
	if err := sample.Await(ctx, s.known); err != nil {
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
}

// known asks directory for its sample organizations and departments. Errors:
// ORGANIZATION_UNKNOWN, DEPARTMENT_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (s *sampler) known(ctx context.Context) error {
	_, err := s.directory.organizationsOf(ctx, sample.Representative.Memberships[0].OrganizationID, sample.Representative2.Memberships[0].OrganizationID)
	if err != nil {
		return err
	}
	return sample.Done(s.directory.departmentsOf(ctx, jp.DateOf(s.Now()), []string{sample.Staff.DepartmentID, sample.Staff2.DepartmentID}))
}

// event begins an event of a file that is so many days ahead; change edits it
// before.
func (s *sampler) event(ctx context.Context, by auth.Principal, file string, days int, change func(*outreachv1.EventInput)) (string, error) {
	in := &outreachv1.EventInput{}
	if err := sample.Read(sampleFiles, file, in); err != nil {
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
	if err := sample.Read(sampleFiles, file, in); err != nil {
		return "", err
	}
	made, err := s.articles.CreateArticle(auth.With(ctx, by), &outreachv1.CreateArticleRequest{Article: in})
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return made.GetArticle().GetId(), nil
}

// publishEvent takes the steps from draft to publication.
func (s *sampler) publishEvent(by auth.Principal, id string) []sample.Turn {
	return []sample.Turn{
		sample.By(by, func(ctx context.Context) error {
			return sample.Done(s.events.RequestEventApproval(ctx, &outreachv1.RequestEventApprovalRequest{Id: id}))
		}),
		sample.By(sample.Desk, func(ctx context.Context) error {
			return sample.Done(s.events.ApproveEvent(ctx, &outreachv1.ApproveEventRequest{Id: id}))
		}),
		sample.By(sample.Desk, func(ctx context.Context) error {
			return sample.Done(s.events.PublishEvent(ctx, &outreachv1.PublishEventRequest{Id: id}))
		}),
	}
}

func (s *sampler) reading(ctx context.Context) error {
	id, err := s.event(ctx, sample.Representative, "event_reading.json", 21, func(in *outreachv1.EventInput) {
		in.Credits = []*outreachv1.CreditInput{
			{Part: typev1.Credit_ORGANIZER, OrganizationId: sample.Representative.Memberships[0].OrganizationID},
			{Part: typev1.Credit_CO_ORGANIZER, DepartmentId: sample.Staff.DepartmentID},
		}
	})
	if err != nil {
		return err
	}
	confirm := sample.By(sample.Representative, func(ctx context.Context) error {
		return sample.Done(s.events.ConfirmEventCredit(ctx, &outreachv1.ConfirmEventCreditRequest{Id: id}))
	})
	return sample.Play(ctx, append([]sample.Turn{confirm}, s.publishEvent(sample.Representative, id)...)...)
}

func (s *sampler) cleaning(ctx context.Context) error {
	days := 7
	for jp.DateOf(s.Now()).AddDays(days).Weekday() != time.Saturday {
		days++
	}
	id, err := s.event(ctx, sample.Representative2, "event_cleaning.json", days, nil)
	if err != nil {
		return err
	}
	return sample.Play(ctx, s.publishEvent(sample.Representative2, id)...)
}

func (s *sampler) planetarium(ctx context.Context) error {
	id, err := s.event(ctx, sample.Representative2, "event_planetarium.json", 40, func(in *outreachv1.EventInput) {
		today := jp.DateOf(s.Now())
		in.Admission.ClosesOn, in.Admission.DrawsOn = today.AddDays(14).String(), today.AddDays(17).String()
	})
	if err != nil {
		return err
	}
	return sample.Play(ctx, s.publishEvent(sample.Representative2, id)...)
}

func (s *sampler) draft(ctx context.Context) error {
	return sample.Done(s.event(ctx, sample.Representative, "event_draft.json", 60, nil))
}

func (s *sampler) members(ctx context.Context) error {
	id, err := s.article(ctx, sample.Representative, "article_members.json")
	if err != nil {
		return err
	}
	return sample.Play(ctx,
		s.putForward(sample.Representative, id),
		sample.By(sample.Desk, func(ctx context.Context) error {
			return sample.Done(s.articles.ApproveArticle(ctx, &outreachv1.ApproveArticleRequest{Id: id}))
		}),
		sample.By(sample.Desk, func(ctx context.Context) error {
			return sample.Done(s.articles.PublishArticle(ctx, &outreachv1.PublishArticleRequest{Id: id}))
		}))
}

func (s *sampler) disaster(ctx context.Context) error {
	id, err := s.article(ctx, sample.Staff2, "article_disaster.json")
	if err != nil {
		return err
	}
	return sample.Play(ctx, s.putForward(sample.Staff2, id))
}

func (s *sampler) putForward(by auth.Principal, id string) sample.Turn {
	return sample.By(by, func(ctx context.Context) error {
		return sample.Done(s.articles.RequestArticleApproval(ctx, &outreachv1.RequestArticleApprovalRequest{Id: id}))
	})
}
