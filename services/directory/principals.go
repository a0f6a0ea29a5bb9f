package directory

import (
	"context"
	"errors"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/person"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

type principals struct {
	directoryv1.UnimplementedPrincipalServiceServer
	service.Deps
}

// ResolvePrincipal implements the RPC. A known person whose data did not change
// costs reads only.
func (s *principals) ResolvePrincipal(ctx context.Context, req *directoryv1.ResolvePrincipalRequest) (*directoryv1.ResolvePrincipalResponse, error) {
	claimed := person.Person{
		Issuer:        req.GetIssuer(),
		Subject:       req.GetSubject(),
		Email:         address(req.GetEmail()),
		EmailVerified: req.GetEmailVerified() && req.GetEmail() != "",
		DisplayName:   jp.Clean(req.GetDisplayName()),
	}
	known, err := store.FindPerson(ctx, s.DB, claimed.Issuer, claimed.Subject)
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return nil, err
	}
	if known == nil || !known.Same(claimed) {
		if known, err = s.savePerson(ctx, claimed); err != nil {
			return nil, err
		}
	}
	standing, err := store.Standing(ctx, s.DB, known, jp.DateOf(s.Now()))
	if err != nil {
		return nil, err
	}
	return &directoryv1.ResolvePrincipalResponse{Principal: principalProto(standing)}, nil
}

// ResolveMemberships implements the RPC.
func (s *principals) ResolveMemberships(ctx context.Context, req *directoryv1.ResolveMembershipsRequest) (*directoryv1.ResolveMembershipsResponse, error) {
	standing, err := s.standing(ctx, s.DB, req.GetPersonId(), s.Now())
	if err != nil {
		return nil, err
	}
	return &directoryv1.ResolveMembershipsResponse{Memberships: principalProto(standing).GetMemberships()}, nil
}

func (s *principals) savePerson(ctx context.Context, claimed person.Person) (*person.Person, error) {
	claimed.ID = s.NewID()
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*person.Person, error) {
		saved, fresh, err := store.SavePerson(ctx, tx, claimed)
		if err != nil {
			return nil, err
		}
		action := "directory.person.update"
		if fresh {
			action = "directory.person.create"
		}
		audit.Add(ctx, tx, audit.Entry{Action: action, ObjectType: "person", ObjectID: saved.ID})
		return saved, nil
	})
}

func principalProto(s person.Standing) *directoryv1.Principal {
	out := &directoryv1.Principal{
		PersonId:     s.ID,
		DisplayName:  s.DisplayName,
		DepartmentId: s.DepartmentID,
		Version:      s.Version,
	}
	for _, r := range s.Roles() {
		out.Roles = append(out.Roles, permissionRole(r))
	}
	slices.Sort(out.Roles)
	if s.Staff() {
		return out
	}
	for _, m := range s.Memberships {
		out.Memberships = append(out.Memberships, &directoryv1.Principal_Membership{
			OrganizationId: m.OrganizationID,
			Role:           permissionRole(m.Role),
		})
	}
	for _, d := range s.Delegations {
		out.Delegations = append(out.Delegations, &directoryv1.Principal_Delegation{
			OrganizationId: d.OrganizationID, IntermediaryId: d.IntermediaryID, EndTime: timestamppb.New(d.EndsAt),
		})
	}
	return out
}

func permissionRole(name string) optionsv1.Role {
	return optionsv1.Role(optionsv1.Role_value["ROLE_"+name])
}
