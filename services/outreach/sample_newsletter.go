package outreach

import (
	"context"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// magazine loads the topics of the mail magazine and an issue that was sent, to nobody:
// readers are never invented.
func (s *sampler) magazine(ctx context.Context) error {
	n := newslettersOf(s.Deps)
	topics := &outreachv1.ListNewsletterTopicsResponse{}
	if err := sample.Read(sampleFiles, "newsletter_topics.json", topics); err != nil {
		return err
	}
	on := &newsletterTopics{newsletters: n}
	for _, t := range topics.GetTopics() {
		in := &outreachv1.NewsletterTopicInput{Code: t.GetCode(), Name: t.GetName(), Description: t.GetDescription(), Sections: t.GetSections(), Position: t.GetPosition()}
		if _, err := on.CreateNewsletterTopic(auth.With(ctx, sample.Desk), &outreachv1.CreateNewsletterTopicRequest{Topic: in}); err != nil {
			return fmt.Errorf("newsletter_topics.json: %w", err)
		}
	}
	in := &outreachv1.NewsletterIssueInput{}
	if err := sample.Read(sampleFiles, "newsletter_issue.json", in); err != nil {
		return err
	}
	of := &issues{newsletters: n}
	made, err := of.CreateIssue(auth.With(ctx, sample.Desk), &outreachv1.CreateIssueRequest{Issue: in})
	if err != nil {
		return fmt.Errorf("newsletter_issue.json: %w", err)
	}
	id := made.GetIssue().GetId()
	err = sample.Play(ctx,
		sample.By(sample.Desk, func(ctx context.Context) error {
			return sample.Done(of.RequestIssueApproval(ctx, &outreachv1.RequestIssueApprovalRequest{Id: id}))
		}),
		sample.By(sample.Approver, func(ctx context.Context) error {
			return sample.Done(of.ApproveIssue(ctx, &outreachv1.ApproveIssueRequest{Id: id}))
		}),
		sample.By(sample.Approver, func(ctx context.Context) error {
			return sample.Done(of.SendIssue(ctx, &outreachv1.SendIssueRequest{Id: id}))
		}))
	if err != nil {
		return err
	}
	return n.sendAtOnce(auth.With(ctx, auth.Service("outreach")), id)
}

// sendAtOnce sends a scheduled issue without the time in which it can be recalled.
func (n *newsletters) sendAtOnce(ctx context.Context, id string) error {
	_, err := pg.InTx(ctx, n.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		i, err := store.LockIssue(ctx, tx, id)
		if err != nil {
			return struct{}{}, err
		}
		i.SendAt = tx.Now
		return struct{}{}, store.UpdateIssue(ctx, tx, i)
	})
	if err != nil {
		return err
	}
	return (&postman{newsletters: *n}).send(ctx, id, n.Now().Add(sendTime))
}
