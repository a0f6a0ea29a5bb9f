package proposals

import (
	"context"
	"strings"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/challenge"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// challenges answers ChallengeService.
type challenges struct {
	proposalsv1.UnimplementedChallengeServiceServer
	service.Deps
	directory directory
	desk      *consultations // Opens consultations.
}

func registerChallenges(d service.Deps, r grpc.ServiceRegistrar, peer directory) {
	proposalsv1.RegisterChallengeServiceServer(r, &challenges{
		Deps: d, directory: peer, desk: &consultations{Deps: d, directory: peer, vault: vault{key: d.Key("asker")}},
	})
}

// CreateChallenge begins a draft.
func (s *challenges) CreateChallenge(ctx context.Context, req *proposalsv1.CreateChallengeRequest) (*proposalsv1.CreateChallengeResponse, error) {
	by := readerOf(ctx, s.Now())
	c := &challenge.Challenge{ID: s.NewID(), State: challenge.Draft, DepartmentID: by.Department, Version: 1}
	if id := req.GetChallenge().GetDepartmentId(); id != "" && (by.Desk || id != by.Department) {
		if !by.Desk {
			return nil, fault.ErrPermissionDenied
		}
		c.DepartmentID = id
	}
	if c.DepartmentID == "" {
		return nil, fault.ErrInvalidField.On(fault.Missing("challenge.departmentId"))
	}
	if err := takeChallenge(c, req.GetChallenge(), challengePaths); err != nil {
		return nil, err
	}
	departments, err := s.directory.departmentsOf(ctx, jp.DateOf(s.Now()), []string{c.DepartmentID})
	if err != nil {
		return nil, err
	}
	c.DepartmentName = departments[0].FullName
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.CreateChallengeResponse, error) {
		c.FiscalYear, c.CreatedAt, c.UpdatedAt = jp.FiscalYear(jp.DateOf(tx.Now)), tx.Now, tx.Now
		store.AddChallenge(tx, c, by.ID)
		partner.KeepDepartment(tx, departments[0])
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.challenge.create", ObjectType: "challenge", ObjectID: c.ID})
		return &proposalsv1.CreateChallengeResponse{Challenge: challengeToProto(c)}, nil
	})
}

// challengePaths are the paths that an update mask may have.
var challengePaths = rpc.Paths{"kind", "title", "body", "wish", "closes_on", "outcome"}

// takeChallenge sets the fields of the paths. Errors: INVALID_FIELD.
func takeChallenge(c *challenge.Challenge, in *proposalsv1.ChallengeInput, paths rpc.Paths) error {
	if paths.Has("kind") {
		c.Kind = cmpText(convert.EnumName(in.GetKind()), "PROBLEM")
	}
	for path, set := range map[string]struct {
		field *string
		value string
	}{
		"title": {&c.Title, in.GetTitle()}, "body": {&c.Body, in.GetBody()}, "wish": {&c.Wish, in.GetWish()},
		"outcome": {&c.Outcome, in.GetOutcome()},
	} {
		if paths.Has(path) {
			*set.field = set.value
		}
	}
	var err error
	if paths.Has("closes_on") {
		c.ClosesOn, err = convert.Day("challenge.closesOn", in.GetClosesOn())
	}
	return err
}

// UpdateChallenge changes fields of a challenge.
func (s *challenges) UpdateChallenge(ctx context.Context, req *proposalsv1.UpdateChallengeRequest) (*proposalsv1.UpdateChallengeResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), challengePaths...)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.UpdateChallengeResponse, error) {
		by := readerOf(ctx, tx.Now)
		c, err := store.LockChallenge(ctx, tx, req.GetId(), by)
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), c.Version); err != nil {
			return nil, err
		}
		if err := c.Editable(by, paths); err != nil {
			return nil, err
		}
		if err := takeChallenge(c, req.GetChallenge(), paths); err != nil {
			return nil, err
		}
		store.UpdateChallenge(tx, c)
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.challenge.update", ObjectType: "challenge", ObjectID: c.ID,
			Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &proposalsv1.UpdateChallengeResponse{Challenge: challengeToProto(c)}, nil
	})
}

// GetChallenge shows a challenge.
func (s *challenges) GetChallenge(ctx context.Context, req *proposalsv1.GetChallengeRequest) (*proposalsv1.GetChallengeResponse, error) {
	c, err := store.GetChallenge(ctx, s.DB, req.GetId(), readerOf(ctx, s.Now()))
	if err != nil {
		return nil, err
	}
	return &proposalsv1.GetChallengeResponse{Challenge: challengeToProto(c)}, nil
}

// ListChallenges lists what GetChallenge shows.
func (s *challenges) ListChallenges(ctx context.Context, req *proposalsv1.ListChallengesRequest) (*proposalsv1.ListChallengesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	f := store.ChallengeFilter{
		State: challenge.State(convert.EnumName(req.GetState())), Kind: convert.EnumName(req.GetKind()), DepartmentID: req.GetDepartmentId(),
		FiscalYear: int(req.GetFiscalYear()),
	}
	if f.Words, err = searchWords(req.GetQ()); err != nil {
		return nil, err
	}
	rows, err := store.ListChallenges(ctx, s.DB, readerOf(ctx, s.Now()), f, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(c *challenge.Challenge) []string { return []string{c.ID} })
	resp := &proposalsv1.ListChallengesResponse{Challenges: convert.List(rows, challengeToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// PublishChallenge makes a draft public.
func (s *challenges) PublishChallenge(ctx context.Context, req *proposalsv1.PublishChallengeRequest) (*proposalsv1.PublishChallengeResponse, error) {
	return changeChallenge(ctx, s, req, challengeVerb{"publish", func(ctx context.Context, tx *pg.Tx, c *challenge.Challenge) error {
		if err := c.Publish(readerOf(ctx, tx.Now), tx.Now); err != nil {
			return err
		}
		store.UpdateChallenge(tx, c)
		return event.Add(ctx, tx, event.Event{
			Aggregate: "challenge", ID: c.ID, Visibility: event.Public,
			Message: &proposalsv1.ChallengePublished{Challenge: challengeToProto(c)},
		})
	}}, func(c *proposalsv1.Challenge) *proposalsv1.PublishChallengeResponse {
		return &proposalsv1.PublishChallengeResponse{Challenge: c}
	})
}

// CloseChallenge takes no more answers.
func (s *challenges) CloseChallenge(ctx context.Context, req *proposalsv1.CloseChallengeRequest) (*proposalsv1.CloseChallengeResponse, error) {
	return changeChallenge(ctx, s, req, challengeVerb{"close", func(ctx context.Context, tx *pg.Tx, c *challenge.Challenge) error {
		if err := c.Close(readerOf(ctx, tx.Now), req.GetOutcome()); err != nil {
			return err
		}
		store.UpdateChallenge(tx, c)
		return nil
	}}, func(c *proposalsv1.Challenge) *proposalsv1.CloseChallengeResponse {
		return &proposalsv1.CloseChallengeResponse{Challenge: c}
	})
}

// challengeVerb is one verb on a locked challenge.
type challengeVerb struct {
	action string // As in the audit log.
	take   func(context.Context, *pg.Tx, *challenge.Challenge) error
}

// changeChallenge runs one verb on a locked challenge.
func changeChallenge[R any](ctx context.Context, s *challenges, req stepRequest, verb challengeVerb, answer func(*proposalsv1.Challenge) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		c, err := store.LockChallenge(ctx, tx, req.GetId(), readerOf(ctx, tx.Now))
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), c.Version); err != nil {
			return none, err
		}
		if err := verb.take(ctx, tx, c); err != nil {
			return none, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.challenge." + verb.action, ObjectType: "challenge", ObjectID: c.ID, Detail: map[string]string{"state": string(c.State)},
		})
		return answer(challengeToProto(c)), nil
	})
}
