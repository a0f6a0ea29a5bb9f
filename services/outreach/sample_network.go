package outreach

import (
	"context"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
)

// boards loads two notice boards, an approved posting and one that waits.
func (s *sampler) boards(ctx context.Context) error {
	on := &boards{Deps: s.Deps, directory: s.directory}
	var ids []string
	for _, file := range []string{"board_kudan.json", "board_kanda.json"} {
		in := &outreachv1.BoardInput{}
		if err := sample.Read(sampleFiles, file, in); err != nil {
			return err
		}
		in.DepartmentId = sample.Desk.DepartmentID
		made, err := on.CreateBoard(auth.With(ctx, sample.Desk), &outreachv1.CreateBoardRequest{Board: in})
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		ids = append(ids, made.GetBoard().GetId())
	}
	ask := func(by auth.Principal, file, department string) (string, error) {
		in := &outreachv1.PostingInput{}
		if err := sample.Read(sampleFiles, file, in); err != nil {
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
	id, err := ask(sample.Representative, "posting_reading.json", sample.Staff.DepartmentID)
	if err != nil {
		return err
	}
	if _, err := ask(sample.Representative2, "posting_cleaning.json", ""); err != nil {
		return err
	}
	return sample.Done(on.ApprovePosting(auth.With(ctx, sample.Desk), &outreachv1.ApprovePostingRequest{Id: id}))
}

// source loads one source, paused at once: the first start reaches no network.
func (s *sampler) source(ctx context.Context) error {
	on := &sources{Deps: s.Deps, directory: s.directory, client: fetcher(s.Deps)}
	in := &outreachv1.SourceInput{}
	if err := sample.Read(sampleFiles, "source_partner.json", in); err != nil {
		return err
	}
	in.OrganizationId = sample.Representative2.Memberships[0].OrganizationID
	ctx = auth.With(ctx, sample.Desk)
	made, err := on.CreateSource(ctx, &outreachv1.CreateSourceRequest{Source: in})
	if err != nil {
		return err
	}
	return sample.Done(on.PauseSource(ctx, &outreachv1.PauseSourceRequest{Id: made.GetSource().GetId()}))
}

// sponsorships loads an approved application for the ward's name and one that waits
// for its section.
func (s *sampler) sponsorships(ctx context.Context) error {
	on := &sponsorships{Deps: s.Deps, directory: s.directory}
	apply := func(by auth.Principal, file, department string, days int) (string, error) {
		in := &outreachv1.SponsorshipInput{}
		if err := sample.Read(sampleFiles, file, in); err != nil {
			return "", err
		}
		in.DepartmentId, in.StartsOn = department, jp.DateOf(s.Now()).AddDays(days).String()
		made, err := on.CreateSponsorship(auth.With(ctx, by), &outreachv1.CreateSponsorshipRequest{Sponsorship: in})
		if err != nil {
			return "", fmt.Errorf("%s: %w", file, err)
		}
		return made.GetSponsorship().GetId(), nil
	}
	id, err := apply(sample.Representative, "sponsorship_concert.json", sample.Staff.DepartmentID, 45)
	if err != nil {
		return err
	}
	if _, err := apply(sample.Representative2, "sponsorship_lecture.json", "", 60); err != nil {
		return err
	}
	return sample.Play(ctx,
		sample.By(sample.Staff, func(ctx context.Context) error {
			return sample.Done(on.DraftSponsorshipDecision(ctx, &outreachv1.DraftSponsorshipDecisionRequest{
				Id: id, Approved: true, DecidedBy: "区民生活部長",
				Conditions: []string{"後援名義は、承認した事業にだけ使用すること。", "事業の終了後30日以内に実績を報告すること。"},
			}))
		}),
		sample.By(sample.Approver, func(ctx context.Context) error {
			return sample.Done(on.DecideSponsorship(ctx, &outreachv1.DecideSponsorshipRequest{Id: id}))
		}),
	)
}
