package outreach

import (
	"context"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// boards loads two notice boards, an approved posting and one that waits.
func (s *sampler) boards(ctx context.Context) error {
	on := &boards{Deps: s.Deps, directory: s.directory}
	var ids []string
	for _, file := range []string{"board_kudan.json", "board_kanda.json"} {
		in := &outreachv1.BoardInput{}
		if err := readSample(file, in); err != nil {
			return err
		}
		in.DepartmentId = s.desk.DepartmentID
		made, err := on.CreateBoard(auth.With(ctx, s.desk), &outreachv1.CreateBoardRequest{Board: in})
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		ids = append(ids, made.GetBoard().GetId())
	}
	ask := func(by auth.Principal, file, department string) (string, error) {
		in := &outreachv1.PostingInput{}
		if err := readSample(file, in); err != nil {
			return "", err
		}
		today := jp.DateOf(s.Now())
		in.DepartmentId, in.BoardIds, in.StartsOn, in.EndsOn = department, ids, today.String(), today.AddDays(13).String()
		made, err := on.CreatePosting(auth.With(ctx, by), &outreachv1.CreatePostingRequest{Posting: in})
		if err != nil {
			return "", fmt.Errorf("%s: %w", file, err)
		}
		return made.GetPosting().GetId(), nil
	}
	id, err := ask(s.representative, "posting_reading.json", s.staff.DepartmentID)
	if err != nil {
		return err
	}
	if _, err := ask(s.representative2, "posting_cleaning.json", ""); err != nil {
		return err
	}
	return done(on.ApprovePosting(auth.With(ctx, s.desk), &outreachv1.ApprovePostingRequest{Id: id}))
}

// source loads one source, paused at once: the first start reaches no network.
func (s *sampler) source(ctx context.Context) error {
	on := &sources{Deps: s.Deps, directory: s.directory, client: fetcher(s.Deps)}
	in := &outreachv1.SourceInput{}
	if err := readSample("source_partner.json", in); err != nil {
		return err
	}
	in.OrganizationId = s.ids.Organizations["representative2"]
	ctx = auth.With(ctx, s.desk)
	made, err := on.CreateSource(ctx, &outreachv1.CreateSourceRequest{Source: in})
	if err != nil {
		return err
	}
	return done(on.PauseSource(ctx, &outreachv1.PauseSourceRequest{Id: made.GetSource().GetId()}))
}

// sponsorships loads an approved application for the ward's name and one that waits
// for its section.
func (s *sampler) sponsorships(ctx context.Context) error {
	on := &sponsorships{Deps: s.Deps, directory: s.directory}
	apply := func(by auth.Principal, file, department string, days int) (string, error) {
		in := &outreachv1.SponsorshipInput{}
		if err := readSample(file, in); err != nil {
			return "", err
		}
		in.DepartmentId, in.StartsOn = department, jp.DateOf(s.Now()).AddDays(days).String()
		made, err := on.CreateSponsorship(auth.With(ctx, by), &outreachv1.CreateSponsorshipRequest{Sponsorship: in})
		if err != nil {
			return "", fmt.Errorf("%s: %w", file, err)
		}
		return made.GetSponsorship().GetId(), nil
	}
	id, err := apply(s.representative, "sponsorship_concert.json", s.staff.DepartmentID, 45)
	if err != nil {
		return err
	}
	if _, err := apply(s.representative2, "sponsorship_lecture.json", "", 60); err != nil {
		return err
	}
	return play(ctx,
		turn{s.staff, func(ctx context.Context) error {
			return done(on.DraftSponsorshipDecision(ctx, &outreachv1.DraftSponsorshipDecisionRequest{
				Id: id, Approved: true, DecidedBy: "区民生活部長",
				Conditions: []string{"後援名義は、承認した事業にだけ使用すること。", "事業の終了後30日以内に実績を報告すること。"},
			}))
		}},
		turn{s.approver, func(ctx context.Context) error {
			return done(on.DecideSponsorship(ctx, &outreachv1.DecideSponsorshipRequest{Id: id}))
		}},
	)
}
