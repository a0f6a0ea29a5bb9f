package directory

import (
	"context"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

type members struct {
	directoryv1.UnimplementedMemberServiceServer
	service.Deps
}

// InviteMember invites the owner of a mail address.
func (s *members) InviteMember(ctx context.Context, req *directoryv1.InviteMemberRequest) (*directoryv1.InviteMemberResponse, error) {
	reason, err := deskReason(ctx, viewer(ctx))
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.InviteMemberResponse, error) {
		o, err := lockAsMember(ctx, tx, req.GetOrganizationId(), member.Representative)
		if err != nil {
			return nil, err
		}
		count, err := placesTaken(ctx, tx, o, address(req.GetEmail()))
		if err != nil {
			return nil, err
		}
		m, err := member.Invite(member.Member{
			ID:             s.NewID(),
			OrganizationID: o.ID,
			Email:          address(req.GetEmail()),
			Role:           roleOf(req.GetRole()),
		}, count, tx.Now)
		if err != nil {
			return nil, err
		}
		if err := store.InsertMember(ctx, tx, m); err != nil {
			return nil, err
		}
		auditMember(ctx, tx, "invite", m, reason)
		return &directoryv1.InviteMemberResponse{Member: memberProto(m, true)}, nil
	})
}

// AcceptInvitation accepts an invitation as the signed-in person whose verified
// mail address it is bound to.
func (s *members) AcceptInvitation(ctx context.Context, req *directoryv1.AcceptInvitationRequest) (*directoryv1.AcceptInvitationResponse, error) {
	person := auth.From(ctx).ID
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.AcceptInvitationResponse, error) {
		m, err := store.LockInvitation(ctx, tx, req.GetOrganizationId(), req.GetId(), person)
		if err != nil {
			return nil, err
		}
		if err := m.Accept(person, tx.Now); err != nil {
			return nil, err
		}
		if err := store.UpdateMember(ctx, tx, m); err != nil {
			return nil, err
		}
		if err := announceMember(ctx, tx, m); err != nil {
			return nil, err
		}
		auditMember(ctx, tx, "accept", m, "")
		if m, err = store.GetMember(ctx, tx, m.OrganizationID, m.ID); err != nil {
			return nil, err
		}
		return &directoryv1.AcceptInvitationResponse{Member: memberProto(m, true)}, nil
	})
}

// GetMember returns one member or invitation, as ListMembers shows it.
func (s *members) GetMember(ctx context.Context, req *directoryv1.GetMemberRequest) (*directoryv1.GetMemberResponse, error) {
	o, err := s.readAsMember(ctx, "get", req.GetOrganizationId())
	if err != nil {
		return nil, err
	}
	m, err := store.GetMember(ctx, s.DB, o.ID, req.GetId())
	if err != nil {
		return nil, err
	}
	if m.Expired(s.Now()) {
		return nil, fault.ErrNotFound
	}
	return &directoryv1.GetMemberResponse{Member: memberProto(m, seesAddress(ctx, o, m))}, nil
}

// ListMembers lists members and open invitations, oldest first.
func (s *members) ListMembers(ctx context.Context, req *directoryv1.ListMembersRequest) (*directoryv1.ListMembersResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	o, err := s.readAsMember(ctx, "list", req.GetOrganizationId())
	if err != nil {
		return nil, err
	}
	found, err := store.ListMembers(ctx, s.DB, o.ID, s.Now(), page)
	if err != nil {
		return nil, err
	}
	shown, next := cut(found, page.Size)
	resp := &directoryv1.ListMembersResponse{}
	for _, m := range shown {
		resp.Members = append(resp.Members, memberProto(m, seesAddress(ctx, o, m)))
	}
	if next != nil {
		resp.NextPageToken = s.Pages.Token(filter, next.CreatedAt.UTC().Format(time.RFC3339Nano), next.ID)
	}
	return resp, nil
}

// UpdateMember changes a member's role.
func (s *members) UpdateMember(ctx context.Context, req *directoryv1.UpdateMemberRequest) (*directoryv1.UpdateMemberResponse, error) {
	reason, err := deskReason(ctx, viewer(ctx))
	if err != nil {
		return nil, err
	}
	if _, err := rpc.Mask(req.GetUpdateMask(), "role"); err != nil {
		return nil, err
	}
	to := roleOf(req.GetMember().GetRole())
	if to == member.None {
		return nil, fault.ErrInvalidField.On(fault.Missing("member.role"))
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.UpdateMemberResponse, error) {
		m, representatives, err := lockMember(ctx, tx, req, member.Representative)
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), m.Version); err != nil {
			return nil, err
		}
		if err := m.ChangeRole(to, representatives); err != nil {
			return nil, err
		}
		if err := store.UpdateMember(ctx, tx, m); err != nil {
			return nil, err
		}
		if err := announceMember(ctx, tx, m); err != nil {
			return nil, err
		}
		auditMember(ctx, tx, "update", m, reason)
		return &directoryv1.UpdateMemberResponse{Member: memberProto(m, true)}, nil
	})
}

// RemoveMember removes a member or withdraws an invitation.
func (s *members) RemoveMember(ctx context.Context, req *directoryv1.RemoveMemberRequest) (*directoryv1.RemoveMemberResponse, error) {
	reason, err := deskReason(ctx, viewer(ctx))
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.RemoveMemberResponse, error) {
		m, representatives, err := lockMember(ctx, tx, req, member.None)
		if err != nil {
			return nil, err
		}
		if err := rpc.CheckETag(req.GetEtag(), m.Version); err != nil {
			return nil, err
		}
		if err := m.Remove(representatives); err != nil {
			return nil, err
		}
		if err := store.UpdateMember(ctx, tx, m); err != nil {
			return nil, err
		}
		if err := announceMember(ctx, tx, m); err != nil {
			return nil, err
		}
		auditMember(ctx, tx, "remove", m, reason)
		return &directoryv1.RemoveMemberResponse{}, nil
	})
}

// ListInvitations lists the open invitations to the caller's verified mail
// address, newest first.
func (s *members) ListInvitations(ctx context.Context, _ *directoryv1.ListInvitationsRequest) (*directoryv1.ListInvitationsResponse, error) {
	found, err := store.ListInvitations(ctx, s.DB, auth.From(ctx).ID, s.Now())
	if err != nil {
		return nil, err
	}
	resp := &directoryv1.ListInvitationsResponse{}
	for _, i := range found {
		resp.Invitations = append(resp.Invitations, invitationProto(i))
	}
	return resp, nil
}

// placesTaken returns how many members and open invitations the organization
// has before another is invited. Errors: INVALID_STATE_TRANSITION for a closed
// or merged one, ALREADY_MEMBER.
func placesTaken(ctx context.Context, tx *pg.Tx, o *store.Seen, email string) (int, error) {
	if o.State == organization.Closed || o.State == organization.Merged {
		return 0, fault.Transition(string(o.State), string(o.State))
	}
	if err := store.DropExpiredInvitations(ctx, tx, o.ID); err != nil {
		return 0, err
	}
	known, err := store.IsMemberByEmail(ctx, tx, o.ID, email)
	if err != nil {
		return 0, err
	}
	if known {
		return 0, member.ErrAlreadyMember
	}
	count, _, err := store.CountMembers(ctx, tx, o.ID)
	return count, err
}

// readAsMember reads the organization for a caller who may see its members: a
// member, or the desk with a reason, whose reading is logged. Errors:
// RESOURCE_NOT_FOUND, REASON_REQUIRED.
func (s *members) readAsMember(ctx context.Context, verb, organizationID string) (*store.Seen, error) {
	v := viewer(ctx)
	if !v.Desk {
		o, err := store.GetOrganization(ctx, s.DB, organizationID, v)
		if err == nil && !o.IsMember() {
			err = fault.ErrNotFound
		}
		return o, err
	}
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*store.Seen, error) {
		audit.Add(ctx, tx, audit.Entry{Action: "directory.member." + verb, ObjectType: "organization", ObjectID: organizationID, Reason: reason})
		return store.GetOrganization(ctx, tx, organizationID, v)
	})
}

// seesAddress reports whether the caller may see the member's mail address.
func seesAddress(ctx context.Context, o *store.Seen, m *member.Member) bool {
	v := viewer(ctx)
	return v.Desk || o.CallerRole == member.Representative || (m.PersonID != "" && m.PersonID == v.PersonID)
}

// lockAsMember holds the organization for a caller with the role, or the desk.
// Errors: RESOURCE_NOT_FOUND for who is no member, PERMISSION_DENIED.
func lockAsMember(ctx context.Context, tx *pg.Tx, organizationID string, role member.Role) (*store.Seen, error) {
	v := viewer(ctx)
	o, err := store.LockOrganization(ctx, tx, organizationID, v)
	switch {
	case err != nil:
		return nil, err
	case v.Desk:
		return o, nil
	case !o.IsMember():
		return nil, fault.ErrNotFound
	case role != member.None && o.CallerRole != role:
		return nil, fault.ErrPermissionDenied
	}
	return o, nil
}

// lockMember holds a member of the organization and counts its
// representatives. Who lacks the role reaches only the own membership; with no
// role given, that one it does reach.
func lockMember(ctx context.Context, tx *pg.Tx, req memberRequest, role member.Role) (m *member.Member, representatives int, err error) {
	o, err := lockAsMember(ctx, tx, req.GetOrganizationId(), role)
	if err != nil {
		return nil, 0, err
	}
	m, err = store.GetMember(ctx, tx, o.ID, req.GetId())
	if err != nil {
		return nil, 0, err
	}
	v := viewer(ctx)
	if !v.Desk && o.CallerRole != member.Representative && m.PersonID != v.PersonID {
		return nil, 0, fault.ErrPermissionDenied
	}
	_, representatives, err = store.CountMembers(ctx, tx, o.ID)
	return m, representatives, err
}

// memberRequest names one member.
type memberRequest interface {
	GetOrganizationId() string
	GetId() string
}

// addMember adds a membership that needs no invitation.
func addMember(ctx context.Context, tx *pg.Tx, m *member.Member) error {
	if err := store.InsertMember(ctx, tx, m); err != nil {
		return err
	}
	return announceMember(ctx, tx, m)
}

// announceMember tells that what a person may do has changed; an invitation
// changes nothing yet.
func announceMember(ctx context.Context, tx *pg.Tx, m *member.Member) error {
	if m.PersonID == "" {
		return nil
	}
	store.TouchPerson(tx, m.PersonID)
	changed := &directoryv1.MemberChanged{MemberId: m.ID, OrganizationId: m.OrganizationID, PersonId: m.PersonID}
	if m.State == member.Active {
		changed.Role = roleProto(m.Role)
	}
	return event.Add(ctx, tx, event.Event{Aggregate: "member", ID: m.ID, Visibility: event.Private, Message: changed})
}

func auditMember(ctx context.Context, tx *pg.Tx, verb string, m *member.Member, reason string) {
	audit.Add(ctx, tx, audit.Entry{
		Action:     "directory.member." + verb,
		ObjectType: "member",
		ObjectID:   m.ID,
		Reason:     reason,
		Detail:     map[string]string{"organization": m.OrganizationID, "role": string(m.Role), "state": string(m.State)},
	})
}
