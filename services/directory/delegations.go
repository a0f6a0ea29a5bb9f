package directory

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/delegation"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

type delegations struct {
	directoryv1.UnimplementedDelegationServiceServer
	service.Deps
}

// GrantDelegation grants a delegation with the organization's consent.
func (s *delegations) GrantDelegation(ctx context.Context, req *directoryv1.GrantDelegationRequest) (*directoryv1.GrantDelegationResponse, error) {
	endsOn, err := day("endsOn", req.GetEndsOn())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.GrantDelegationResponse, error) {
		o, intermediary, err := store.LockBoth(ctx, tx, req.GetOrganizationId(), req.GetIntermediaryId(), viewer(ctx))
		if err != nil {
			return nil, err
		}
		if err := represents(ctx, tx, o.ID); err != nil {
			return nil, err
		}
		standing, err := store.DelegationsBetween(ctx, tx, o.ID, intermediary.ID)
		if err != nil {
			return nil, err
		}
		d, err := delegation.Grant(o, intermediary, *endsOn, standing, tx.Now)
		if err != nil {
			return nil, err
		}
		d.ID, d.GrantedBy = s.NewID(), auth.From(ctx).Actor()
		store.InsertDelegation(tx, d)
		auditDelegation(ctx, tx, "grant", d, "")
		return &directoryv1.GrantDelegationResponse{Delegation: delegationProto(d, tx)}, announceDelegation(ctx, tx, d)
	})
}

// represents refuses who is no representative of the organization, by the rows.
// Errors: RESOURCE_NOT_FOUND for who is no member, PERMISSION_DENIED.
func represents(ctx context.Context, tx *pg.Tx, organizationID string) error {
	o, err := store.GetOrganization(ctx, tx, organizationID, viewer(ctx))
	switch {
	case err != nil:
		return err
	case !o.IsMember():
		return fault.ErrNotFound
	case o.CallerRole != member.Representative:
		return fault.ErrPermissionDenied
	}
	return nil
}

// RevokeDelegation ends a delegation at once.
func (s *delegations) RevokeDelegation(ctx context.Context, req *directoryv1.RevokeDelegationRequest) (*directoryv1.RevokeDelegationResponse, error) {
	v := viewer(ctx)
	reason, err := deskReason(ctx, v)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.RevokeDelegationResponse, error) {
		d, err := store.LockDelegation(ctx, tx, req.GetOrganizationId(), req.GetId(), v)
		if err != nil {
			return nil, err
		}
		if !v.Desk && represents(ctx, tx, d.OrganizationID) != nil {
			if err := represents(ctx, tx, d.IntermediaryID); err != nil {
				return nil, err
			}
		}
		resp := &directoryv1.RevokeDelegationResponse{}
		if !d.Revoke(tx.Now) {
			resp.Delegation = delegationProto(d, tx)
			return resp, nil
		}
		store.RevokeDelegation(tx, d)
		auditDelegation(ctx, tx, "revoke", d, reason)
		resp.Delegation = delegationProto(d, tx)
		return resp, announceDelegation(ctx, tx, d)
	})
}

// GetDelegation gets a delegation, for the members of both sides and the desk.
func (s *delegations) GetDelegation(ctx context.Context, req *directoryv1.GetDelegationRequest) (*directoryv1.GetDelegationResponse, error) {
	d, err := store.GetDelegation(ctx, s.DB, req.GetOrganizationId(), req.GetId(), viewer(ctx))
	if err != nil {
		return nil, err
	}
	return &directoryv1.GetDelegationResponse{Delegation: delegationAt(d, d.Active(s.Now()))}, nil
}

// ListDelegations lists the delegations of an organization, the newest first.
func (s *delegations) ListDelegations(ctx context.Context, req *directoryv1.ListDelegationsRequest) (*directoryv1.ListDelegationsResponse, error) {
	shown, next, err := s.list(ctx, req, req.GetOrganizationId())
	return &directoryv1.ListDelegationsResponse{Delegations: shown, NextPageToken: next}, err
}

// ListOwnDelegations lists the delegations from and to the caller's organizations,
// for the desk all, the newest first.
func (s *delegations) ListOwnDelegations(ctx context.Context, req *directoryv1.ListOwnDelegationsRequest) (*directoryv1.ListOwnDelegationsResponse, error) {
	shown, next, err := s.list(ctx, req, "")
	return &directoryv1.ListOwnDelegationsResponse{Delegations: shown, NextPageToken: next}, err
}

// pageRequest asks for a page of a list.
type pageRequest interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// list returns a page of what the caller may know of, of one organization or all.
func (s *delegations) list(ctx context.Context, req pageRequest, organizationID string) (shown []*directoryv1.Delegation, nextToken string, err error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, "", err
	}
	found, err := store.ListDelegations(ctx, s.DB, organizationID, viewer(ctx), page)
	if err != nil {
		return nil, "", err
	}
	found, next := cut(found, page.Size)
	for _, d := range found {
		shown = append(shown, delegationAt(d, d.Active(s.Now())))
	}
	if next != nil {
		nextToken = s.Pages.Token(filter, next.ID)
	}
	return shown, nextToken, nil
}

func delegationProto(d *delegation.Delegation, tx *pg.Tx) *directoryv1.Delegation {
	return delegationAt(d, d.Active(tx.Now))
}

func delegationAt(d *delegation.Delegation, active bool) *directoryv1.Delegation {
	out := &directoryv1.Delegation{
		Id: d.ID, OrganizationId: d.OrganizationID, OrganizationName: d.OrganizationName,
		IntermediaryId: d.IntermediaryID, IntermediaryName: d.IntermediaryName,
		EndsOn: d.EndsOn().String(), EndTime: timestamppb.New(d.EndsAt), Active: active, CreateTime: timestamppb.New(d.CreatedAt),
	}
	if d.RevokedAt != nil {
		out.RevokeTime = timestamppb.New(*d.RevokedAt)
	}
	return out
}

// announceDelegation tells who may act for whom, and until when.
func announceDelegation(ctx context.Context, tx *pg.Tx, d *delegation.Delegation) error {
	end := d.EndsAt
	if d.RevokedAt != nil {
		end = *d.RevokedAt
	}
	return event.Add(ctx, tx, event.Event{Aggregate: "delegation", ID: d.ID, Visibility: event.Private, Message: &directoryv1.DelegationChanged{
		DelegationId: d.ID, OrganizationId: d.OrganizationID, IntermediaryId: d.IntermediaryID, EndTime: timestamppb.New(end),
	}})
}

func auditDelegation(ctx context.Context, tx *pg.Tx, verb string, d *delegation.Delegation, reason string) {
	audit.Add(ctx, tx, audit.Entry{
		Action: "directory.delegation." + verb, ObjectType: "delegation", ObjectID: d.ID, Reason: reason,
		Detail: map[string]string{"organization": d.OrganizationID, "intermediary": d.IntermediaryID, "endsOn": d.EndsOn().String()},
	})
}
