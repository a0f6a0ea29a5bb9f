package directory

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

type organizations struct {
	directoryv1.UnimplementedOrganizationServiceServer
	service.Deps
}

// CreateOrganization applies for registration.
func (s *organizations) CreateOrganization(ctx context.Context, req *directoryv1.CreateOrganizationRequest) (*directoryv1.CreateOrganizationResponse, error) {
	v := viewer(ctx)
	reason, err := deskReason(ctx, v)
	if err != nil {
		return nil, err
	}
	p, err := profileOf(req.GetOrganization())
	if err != nil {
		return nil, under("organization", err)
	}
	if req.GetOrganization().GetPublicity() == nil {
		p.Publicity = organization.DefaultPublicity(p.Kind)
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.CreateOrganizationResponse, error) {
		o, err := organization.New(s.NewID(), p, tx.Now)
		if err == nil && o.SourceName+o.SourceURL != "" && !v.Desk && !auth.From(ctx).Has(optionsv1.Role_ROLE_COORDINATOR) {
			err = organization.ErrSourceFixed.OnPath("sourceName")
		}
		if err != nil {
			return nil, under("organization", err)
		}
		if err := store.InsertOrganization(ctx, tx, o); err != nil {
			return nil, under("organization", err)
		}
		if v.PersonID != "" {
			m := member.Found(s.NewID(), o.ID, v.PersonID, tx.Now)
			if err := addMember(ctx, tx, m); err != nil {
				return nil, err
			}
		}
		err = record(ctx, tx, o, change{action: "create", reason: reason})
		return &directoryv1.CreateOrganizationResponse{Organization: whole(o)}, err
	})
}

// GetOrganization returns one organization.
func (s *organizations) GetOrganization(ctx context.Context, req *directoryv1.GetOrganizationRequest) (*directoryv1.GetOrganizationResponse, error) {
	v := viewer(ctx)
	o, err := store.GetOrganization(ctx, s.DB, req.GetId(), v)
	if err != nil {
		return nil, err
	}
	return &directoryv1.GetOrganizationResponse{Organization: seen(o, v)}, nil
}

// UpdateOrganization changes the fields named in the mask.
func (s *organizations) UpdateOrganization(ctx context.Context, req *directoryv1.UpdateOrganizationRequest) (*directoryv1.UpdateOrganizationResponse, error) {
	v := viewer(ctx)
	reason, err := deskReason(ctx, v)
	if err != nil {
		return nil, err
	}
	paths, err := rpc.Mask(req.GetUpdateMask(), organization.Paths()...)
	if err != nil {
		return nil, err
	}
	p, err := profileOf(req.GetOrganization())
	if err != nil {
		return nil, under("organization", err)
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.UpdateOrganizationResponse, error) {
		o, err := store.LockOrganization(ctx, tx, req.GetId(), v)
		if err != nil {
			return nil, err
		}
		if !v.Desk && !mayWrite(o.CallerRole, paths) {
			return nil, fault.ErrPermissionDenied
		}
		if err := rpc.RequireETag(req.GetEtag(), o.Version); err != nil {
			return nil, err
		}
		if err := o.Change(p, paths, v.Desk, tx.Now); err != nil {
			return nil, under("organization", err)
		}
		if err := store.UpdateOrganization(ctx, tx, &o.Organization); err != nil {
			return nil, under("organization", err)
		}
		c := change{action: "update", from: o.State, reason: reason}
		if o.State.Published() {
			c.public = &directoryv1.OrganizationUpdated{Organization: announced(&o.Organization), Version: o.Version}
		}
		err = record(ctx, tx, &o.Organization, c)
		return &directoryv1.UpdateOrganizationResponse{Organization: seen(o, v)}, err
	})
}

// mayWrite reports whether a member in the role may write all the fields.
func mayWrite(role member.Role, paths []string) bool {
	switch role {
	case member.Representative:
		return true
	case member.Editor, member.Delegate:
		return !organization.Legal(paths)
	default:
		return false
	}
}

// deskReason returns what the desk states; it must, when it acts for others.
// Errors: REASON_REQUIRED.
func deskReason(ctx context.Context, v store.Viewer) (string, error) {
	if v.Desk {
		return rpc.RequireReason(ctx)
	}
	return rpc.Reason(ctx), nil
}

// change is what is told of a step beside the organization after it.
type change struct {
	action string             // Last part of the RPC's action.
	from   organization.State // Empty for a new organization.
	reason string             // For the audit log.
	public proto.Message      // Event for everybody; nil for none.
}

// record adds the events and the audit entry of a change.
func record(ctx context.Context, tx *pg.Tx, o *organization.Organization, c change) error {
	if c.from != o.State {
		err := event.Add(ctx, tx, event.Event{Aggregate: "organization", ID: o.ID, Visibility: event.Ward, Message: &directoryv1.OrganizationStateChanged{
			OrganizationId: o.ID,
			From:           stateOf(c.from),
			To:             stateOf(o.State),
			Version:        o.Version,
		}})
		if err != nil {
			return err
		}
	}
	if c.public != nil {
		err := event.Add(ctx, tx, event.Event{Aggregate: "organization", ID: o.ID, Visibility: event.Public, Message: c.public})
		if err != nil {
			return err
		}
	}
	audit.Add(ctx, tx, audit.Entry{
		Action:     "directory.organization." + c.action,
		ObjectType: "organization",
		ObjectID:   o.ID,
		Reason:     c.reason,
		Detail:     map[string]string{"from": string(c.from), "to": string(o.State)},
	})
	return nil
}
