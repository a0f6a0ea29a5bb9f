package facilities

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
)

// directory asks the directory service what must be true now.
type directory struct{ partner.Directory }

func newDirectory(d service.Deps) directory { return directory{partner.Ask(d)} }

// verified returns the organization, which is verified as of now; nil for the
// empty id of a resident. Errors: ORGANIZATION_UNKNOWN,
// ORGANIZATION_NOT_VERIFIED, DEPENDENCY_UNAVAILABLE.
func (d directory) verified(ctx context.Context, id string) (*directoryv1.OrganizationSummary, error) {
	if id == "" {
		return nil, nil
	}
	found, err := d.Organizations(ctx, booking.ErrOrganizationUnknown, id)
	if err != nil {
		return nil, err
	}
	o := found[id]
	if o.GetState() != directoryv1.Organization_VERIFIED {
		return nil, booking.ErrNotVerified.With("state", o.GetState().String())
	}
	return o, nil
}
