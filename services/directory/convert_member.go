package directory

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// memberProto shows a member, with the mail address only to whom it may be
// shown.
func memberProto(m *member.Member, withAddress bool) *directoryv1.Member {
	out := &directoryv1.Member{
		Id:             m.ID,
		OrganizationId: m.OrganizationID,
		PersonId:       m.PersonID,
		DisplayName:    m.DisplayName,
		Role:           roleProto(m.Role),
		State:          directoryv1.Member_State(directoryv1.Member_State_value[string(m.State)]),
		CreateTime:     timestamppb.New(m.CreatedAt),
		Etag:           rpc.ETag(m.Version),
	}
	if withAddress {
		out.Email = m.Email
	}
	if m.ExpiresAt != nil {
		out.ExpireTime = timestamppb.New(*m.ExpiresAt)
	}
	return out
}

func invitationProto(i *store.Invitation) *directoryv1.ListInvitationsResponse_Invitation {
	return &directoryv1.ListInvitationsResponse_Invitation{
		Id:               i.ID,
		OrganizationId:   i.OrganizationID,
		OrganizationName: i.OrganizationName,
		Role:             roleProto(i.Role),
		ExpireTime:       timestamppb.New(i.ExpiresAt),
	}
}

func roleOf(r directoryv1.Member_Role) member.Role { return member.Role(name(r)) }

func roleProto(r member.Role) directoryv1.Member_Role {
	return directoryv1.Member_Role(directoryv1.Member_Role_value[string(r)])
}
