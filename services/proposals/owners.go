package proposals

import (
	"context"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// ListUnownedProposals lists what no lead department has accepted yet.
func (s *meetings) ListUnownedProposals(ctx context.Context, req *proposalsv1.ListUnownedProposalsRequest) (*proposalsv1.ListUnownedProposalsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListUnowned(ctx, s.DB, req.GetEscalated(), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(u store.Unowned) []string {
		return []string{u.Since.UTC().Format(time.RFC3339Nano), u.ID}
	})

	now := s.Now()
	resp := &proposalsv1.ListUnownedProposalsResponse{UnownedProposals: convert.List(rows, func(u store.Unowned) *proposalsv1.UnownedProposal {
		return &proposalsv1.UnownedProposal{
			ProposalId: u.ID, Number: u.Number, Title: u.Title, OrganizationId: u.OrganizationID, OrganizationName: u.OrganizationName,
			SinceOn: convert.Date(jp.DateOf(u.Since)), Days: int32(daysUnowned(u, now)), EscalateTime: convert.Instant(u.EscalatedAt),
		}
	})}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

func daysUnowned(u store.Unowned, now time.Time) int {
	return jp.DateOf(u.Since).DaysUntil(jp.DateOf(now))
}

// maxEscalated bounds one run; the next one goes on.
const maxEscalated = 200

// escalate tells the ward of each proposal, once, that was without an owner for
// too long.
func (s *meetings) escalate(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("proposals"))
	_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		due, err := store.LockUnescalated(ctx, tx, tx.Now.AddDate(0, 0, -proposal.OwnerDays), maxEscalated)
		if err != nil {
			return struct{}{}, err
		}
		for _, u := range due {
			if !proposal.Escalates(u.Since, tx.Now) {
				break // Those after it are younger.
			}
			store.Escalate(tx, u.ID)
			missing := &proposalsv1.ProposalOwnerMissing{ProposalId: u.ID, Number: u.Number, Days: int32(daysUnowned(u, tx.Now))}
			if err := event.Add(ctx, tx, event.Event{Aggregate: "proposal", ID: u.ID, Visibility: event.Ward, Message: missing}); err != nil {
				return struct{}{}, err
			}
			audit.Add(ctx, tx, audit.Entry{Action: "proposals.proposal.escalate", ObjectType: "proposal", ObjectID: u.ID})
		}
		return struct{}{}, nil
	})
	return err
}
