package directory

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// MergeOrganization merges the organization into another that is the same group.
func (s *organizations) MergeOrganization(ctx context.Context, req *directoryv1.MergeOrganizationRequest) (*directoryv1.MergeOrganizationResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.MergeOrganizationResponse, error) {
		o, survivor, err := store.LockBoth(ctx, tx, req.GetId(), req.GetSurvivorId(), viewer(ctx))
		if err != nil {
			return nil, err
		}
		if err := rpc.CheckETag(req.GetEtag(), o.Version); err != nil {
			return nil, err
		}
		c := change{action: "merge", from: o.State, reason: req.GetReason()}
		if err := o.MergeInto(survivor, req.GetReason()); err != nil {
			return nil, err
		}
		if err := s.moveMembers(ctx, tx, o, survivor); err != nil {
			return nil, err
		}
		if err := store.UpdateOrganization(ctx, tx, o); err != nil {
			return nil, err
		}
		store.EndDelegations(tx, o.ID)
		store.FollowSurvivor(tx, o.ID, survivor.ID)
		store.MoveExchange(tx, o.ID, survivor.ID)
		c.public = &directoryv1.OrganizationMerged{OrganizationId: o.ID, SurvivorId: survivor.ID, SurvivorName: survivor.Name, Version: o.Version}
		err = record(ctx, tx, o, c)
		return &directoryv1.MergeOrganizationResponse{Organization: whole(o)}, err
	})
}

// moveMembers makes the members of a merged organization members of its
// survivor. Nobody begins to represent an organization by a merge: the
// survivor's own representative decides that.
func (s *organizations) moveMembers(ctx context.Context, tx *pg.Tx, o, survivor *organization.Organization) error {
	ended, err := store.EndMembers(ctx, tx, o.ID, survivor.ID)
	if err != nil {
		return err
	}
	for _, e := range ended {
		store.TouchPerson(tx, e.PersonID)
		gone := &directoryv1.MemberChanged{MemberId: e.ID, OrganizationId: o.ID, PersonId: e.PersonID}
		if err := event.Add(ctx, tx, event.Event{Aggregate: "member", ID: e.ID, Visibility: event.Private, Message: gone}); err != nil {
			return err
		}
		if !e.Joins {
			continue
		}
		m := member.Found(s.NewID(), survivor.ID, e.PersonID, tx.Now)
		if m.Role = e.Role; m.Role == member.Representative {
			m.Role = member.Editor
		}
		if err := addMember(ctx, tx, m); err != nil {
			return err
		}
		auditMember(ctx, tx, "move", m, "")
	}
	return nil
}
