package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// issueStep is what the requests of all verbs have.
type issueStep interface {
	GetId() string
	GetEtag() string
}

// heldIssue is an issue in the hands of a verb.
type heldIssue struct {
	*newsletter.Issue
	tx *pg.Tx
	by string // Pseudonym of the caller.
}

// issueVerb is one step with its name in the audit log.
type issueVerb struct {
	action string
	take   func(context.Context, heldIssue) error
}

// stepIssue runs one verb on a locked issue: lock, decide, write, record.
func stepIssue[R any](ctx context.Context, s *issues, req issueStep, verb issueVerb, answer func(*outreachv1.NewsletterIssue) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		i, err := store.LockIssue(ctx, tx, req.GetId())
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), i.Version); err != nil {
			return none, err
		}
		from := i.State
		if err := verb.take(ctx, heldIssue{Issue: i, tx: tx, by: auth.From(ctx).Actor()}); err != nil {
			return none, err
		}
		if err := store.UpdateIssue(ctx, tx, i); err != nil {
			return none, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.newsletter." + verb.action, ObjectType: "newsletterIssue", ObjectID: i.ID,
			Detail: map[string]string{"from": string(from), "to": string(i.State)},
		})
		return answer(s.issueToProto(i, true)), nil
	})
}

// RequestIssueApproval puts a draft forward.
func (s *issues) RequestIssueApproval(ctx context.Context, req *outreachv1.RequestIssueApprovalRequest) (*outreachv1.RequestIssueApprovalResponse, error) {
	return stepIssue(ctx, s, req, issueVerb{"requestIssueApproval", func(ctx context.Context, i heldIssue) error {
		now, err := s.present(ctx, i.tx, i.Issue)
		if err != nil {
			return err
		}
		return i.RequestApproval(i.by, now)
	}}, func(i *outreachv1.NewsletterIssue) *outreachv1.RequestIssueApprovalResponse {
		return &outreachv1.RequestIssueApprovalResponse{Issue: i}
	})
}

// present is what is public now of the items of an issue.
func (n *newsletters) present(ctx context.Context, r pg.Reader, i *newsletter.Issue) ([]newsletter.Source, error) {
	return store.SourcesOf(ctx, r, n.Origin, convert.List(i.Items, func(item newsletter.Item) string { return item.ID }))
}

// ApproveIssue approves what another person wrote.
func (s *issues) ApproveIssue(ctx context.Context, req *outreachv1.ApproveIssueRequest) (*outreachv1.ApproveIssueResponse, error) {
	return stepIssue(ctx, s, req, issueVerb{"approveIssue", func(_ context.Context, i heldIssue) error {
		return i.Approve(i.by)
	}}, func(i *outreachv1.NewsletterIssue) *outreachv1.ApproveIssueResponse {
		return &outreachv1.ApproveIssueResponse{Issue: i}
	})
}

// ReturnIssue sends an issue back.
func (s *issues) ReturnIssue(ctx context.Context, req *outreachv1.ReturnIssueRequest) (*outreachv1.ReturnIssueResponse, error) {
	return stepIssue(ctx, s, req, issueVerb{"returnIssue", func(_ context.Context, i heldIssue) error {
		return i.Return(jp.Clean(req.GetReason()))
	}}, func(i *outreachv1.NewsletterIssue) *outreachv1.ReturnIssueResponse {
		return &outreachv1.ReturnIssueResponse{Issue: i}
	})
}

// SendIssue has an approved issue sent.
func (s *issues) SendIssue(ctx context.Context, req *outreachv1.SendIssueRequest) (*outreachv1.SendIssueResponse, error) {
	return stepIssue(ctx, s, req, issueVerb{"sendIssue", func(_ context.Context, i heldIssue) error {
		return i.Schedule(i.tx.Now)
	}}, func(i *outreachv1.NewsletterIssue) *outreachv1.SendIssueResponse {
		return &outreachv1.SendIssueResponse{Issue: i}
	})
}

// PauseIssue stops the sending.
func (s *issues) PauseIssue(ctx context.Context, req *outreachv1.PauseIssueRequest) (*outreachv1.PauseIssueResponse, error) {
	return stepIssue(ctx, s, req, issueVerb{"pauseIssue", func(_ context.Context, i heldIssue) error {
		return i.Pause()
	}}, func(i *outreachv1.NewsletterIssue) *outreachv1.PauseIssueResponse {
		return &outreachv1.PauseIssueResponse{Issue: i}
	})
}

// ResumeIssue goes on with the sending.
func (s *issues) ResumeIssue(ctx context.Context, req *outreachv1.ResumeIssueRequest) (*outreachv1.ResumeIssueResponse, error) {
	return stepIssue(ctx, s, req, issueVerb{"resumeIssue", func(_ context.Context, i heldIssue) error {
		return i.Resume()
	}}, func(i *outreachv1.NewsletterIssue) *outreachv1.ResumeIssueResponse {
		return &outreachv1.ResumeIssueResponse{Issue: i}
	})
}

// CancelIssue ends an issue for good.
func (s *issues) CancelIssue(ctx context.Context, req *outreachv1.CancelIssueRequest) (*outreachv1.CancelIssueResponse, error) {
	return stepIssue(ctx, s, req, issueVerb{"cancelIssue", func(_ context.Context, i heldIssue) error {
		return i.Cancel(jp.Clean(req.GetReason()))
	}}, func(i *outreachv1.NewsletterIssue) *outreachv1.CancelIssueResponse {
		return &outreachv1.CancelIssueResponse{Issue: i}
	})
}
