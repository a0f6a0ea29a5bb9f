package directory

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/document"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// SubmitOrganization hands the application to the desk.
func (s *organizations) SubmitOrganization(ctx context.Context, req *directoryv1.SubmitOrganizationRequest) (*directoryv1.SubmitOrganizationResponse, error) {
	reason, err := deskReason(ctx, viewer(ctx))
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.SubmitOrganizationResponse, error) {
		o, err := lockForStep(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		c := change{action: "submit", from: o.State, reason: reason}
		if err := o.Submit(); err != nil {
			return nil, err
		}
		if err := documentsComplete(ctx, tx, o); err != nil {
			return nil, err
		}
		err = save(ctx, tx, o, c)
		return &directoryv1.SubmitOrganizationResponse{Organization: whole(o)}, err
	})
}

// documentsComplete refuses to hand in without what the ward requires. Errors:
// DOCUMENTS_MISSING.
func documentsComplete(ctx context.Context, tx *pg.Tx, o *organization.Organization) error {
	list, err := store.Checklist(ctx, tx, o)
	if err != nil {
		return err
	}
	return document.Complete(list)
}

// VerifyOrganization confirms the application after the desk's check and publishes
// the organization.
func (s *organizations) VerifyOrganization(ctx context.Context, req *directoryv1.VerifyOrganizationRequest) (*directoryv1.VerifyOrganizationResponse, error) {
	until, err := day("validUntil", req.GetValidUntil())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.VerifyOrganizationResponse, error) {
		o, err := lockForStep(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		c := change{action: "verify", from: o.State}
		if err := o.Verify(until, tx.Now); err != nil {
			return nil, err
		}
		err = save(ctx, tx, o, c)
		return &directoryv1.VerifyOrganizationResponse{Organization: whole(o)}, err
	})
}

// ReturnOrganization sends the application back for correction, with a reason and
// the fields to correct.
func (s *organizations) ReturnOrganization(ctx context.Context, req *directoryv1.ReturnOrganizationRequest) (*directoryv1.ReturnOrganizationResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.ReturnOrganizationResponse, error) {
		o, err := lockForStep(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		c := change{action: "return", from: o.State}
		if err := o.Return(req.GetReason(), req.GetFields(), tx.Now); err != nil {
			return nil, err
		}
		err = save(ctx, tx, o, c)
		return &directoryv1.ReturnOrganizationResponse{Organization: whole(o)}, err
	})
}

// RequestRenewal asks the desk to renew the registration of a VERIFIED or EXPIRED
// organization.
func (s *organizations) RequestRenewal(ctx context.Context, req *directoryv1.RequestRenewalRequest) (*directoryv1.RequestRenewalResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.RequestRenewalResponse, error) {
		o, err := lockForStep(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		c := change{action: "requestRenewal", from: o.State}
		if err := o.RequestRenewal(tx.Now); err != nil {
			return nil, err
		}
		if err := documentsComplete(ctx, tx, o); err != nil {
			return nil, err
		}
		if err := store.UpdateOrganization(ctx, tx, o); err != nil {
			return nil, err
		}
		return &directoryv1.RequestRenewalResponse{Organization: whole(o)}, record(ctx, tx, o, c)
	})
}

// RenewOrganization extends the validity.
func (s *organizations) RenewOrganization(ctx context.Context, req *directoryv1.RenewOrganizationRequest) (*directoryv1.RenewOrganizationResponse, error) {
	until, err := day("validUntil", req.GetValidUntil())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.RenewOrganizationResponse, error) {
		o, err := lockForStep(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		c := change{action: "renew", from: o.State}
		if err := o.Renew(until, tx.Now); err != nil {
			return nil, err
		}
		err = save(ctx, tx, o, c)
		return &directoryv1.RenewOrganizationResponse{Organization: whole(o)}, err
	})
}

// SuspendOrganization takes the organization out of the directory for a written
// reason.
func (s *organizations) SuspendOrganization(ctx context.Context, req *directoryv1.SuspendOrganizationRequest) (*directoryv1.SuspendOrganizationResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.SuspendOrganizationResponse, error) {
		o, err := lockForStep(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		c := change{action: "suspend", from: o.State, reason: req.GetReason()}
		if err := o.Suspend(req.GetReason()); err != nil {
			return nil, err
		}
		err = save(ctx, tx, o, c)
		return &directoryv1.SuspendOrganizationResponse{Organization: whole(o)}, err
	})
}

// LiftSuspension ends a suspension for a written reason.
func (s *organizations) LiftSuspension(ctx context.Context, req *directoryv1.LiftSuspensionRequest) (*directoryv1.LiftSuspensionResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.LiftSuspensionResponse, error) {
		o, err := lockForStep(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		c := change{action: "liftSuspension", from: o.State, reason: req.GetReason()}
		if err := o.Lift(tx.Now); err != nil {
			return nil, err
		}
		err = save(ctx, tx, o, c)
		return &directoryv1.LiftSuspensionResponse{Organization: whole(o)}, err
	})
}

// ConfirmOrganizationCurrent states that the published data are still correct.
func (s *organizations) ConfirmOrganizationCurrent(ctx context.Context, req *directoryv1.ConfirmOrganizationCurrentRequest) (*directoryv1.ConfirmOrganizationCurrentResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.ConfirmOrganizationCurrentResponse, error) {
		o, err := lockForStep(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		c := change{action: "confirmCurrent", from: o.State}
		if err := o.ConfirmCurrent(tx.Now); err != nil {
			return nil, err
		}
		err = save(ctx, tx, o, c)
		return &directoryv1.ConfirmOrganizationCurrentResponse{Organization: whole(o)}, err
	})
}

// CloseOrganization ends the registration for good, with a reason.
func (s *organizations) CloseOrganization(ctx context.Context, req *directoryv1.CloseOrganizationRequest) (*directoryv1.CloseOrganizationResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.CloseOrganizationResponse, error) {
		o, err := lockForStep(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		c := change{action: "close", from: o.State, reason: req.GetReason()}
		if err := o.Close(req.GetReason()); err != nil {
			return nil, err
		}
		err = save(ctx, tx, o, c)
		return &directoryv1.CloseOrganizationResponse{Organization: whole(o)}, err
	})
}

// step is a request for a step of one organization.
type step interface {
	GetId() string
	GetEtag() string
}

// lockForStep reads the organization for a step that the desk or its
// representative takes. Errors: RESOURCE_NOT_FOUND, PERMISSION_DENIED,
// ETAG_MISMATCH.
func lockForStep(ctx context.Context, tx *pg.Tx, req step) (*organization.Organization, error) {
	v := viewer(ctx)
	o, err := store.LockOrganization(ctx, tx, req.GetId(), v)
	if err != nil {
		return nil, err
	}
	if !v.Desk && o.CallerRole != member.Representative {
		return nil, fault.ErrPermissionDenied
	}
	return &o.Organization, rpc.CheckETag(req.GetEtag(), o.Version)
}

// save writes the organization after a step and tells of it.
func save(ctx context.Context, tx *pg.Tx, o *organization.Organization, c change) error {
	if err := store.UpdateOrganization(ctx, tx, o); err != nil {
		return err
	}
	c.public = publicEvent(o, c)
	return record(ctx, tx, o, c)
}

// publicEvent is what everybody is told after a step; nil while the
// organization was never published.
func publicEvent(o *organization.Organization, c change) proto.Message {
	switch {
	case o.VerifiedOn == nil:
		return nil
	case o.State == organization.Suspended:
		return &directoryv1.OrganizationSuspended{Organization: named(o), Version: o.Version}
	case o.State == organization.Closed:
		return &directoryv1.OrganizationClosed{Organization: named(o), Version: o.Version}
	case c.action == "confirmCurrent":
		return &directoryv1.OrganizationUpdated{Organization: announced(o), Version: o.Version}
	case o.State == organization.Expired:
		return &directoryv1.OrganizationExpired{Organization: announced(o), Version: o.Version}
	case o.State == organization.Verified:
		return &directoryv1.OrganizationVerified{Organization: announced(o), Version: o.Version}
	}
	return nil
}
