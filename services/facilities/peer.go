package facilities

import (
	"context"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// directoryWait bounds a question to directory; it is never asked inside a
// transaction.
const directoryWait = 2 * time.Second

// directory asks the directory service what must be true now.
type directory struct {
	organizations directoryv1.OrganizationServiceClient
}

func newDirectory(d service.Deps) directory {
	return directory{organizations: directoryv1.NewOrganizationServiceClient(d.Peer("directory"))}
}

// verified returns the organization, which is verified as of now; nil for the
// empty id of a resident. Errors: ORGANIZATION_UNKNOWN,
// ORGANIZATION_NOT_VERIFIED, DEPENDENCY_UNAVAILABLE.
func (d directory) verified(ctx context.Context, id string) (*directoryv1.OrganizationSummary, error) {
	if id == "" {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, directoryWait)
	defer cancel()
	resp, err := d.organizations.BatchGetOrganizations(ctx, &directoryv1.BatchGetOrganizationsRequest{Ids: []string{id}})
	if err != nil {
		return nil, fault.ErrDependencyUnavailable.After(directoryWait).Because(err)
	}
	if len(resp.GetOrganizations()) == 0 {
		return nil, booking.ErrOrganizationUnknown.With("organizationId", id)
	}
	o := resp.GetOrganizations()[0]
	if o.GetState() != directoryv1.Organization_VERIFIED {
		return nil, booking.ErrNotVerified.With("state", o.GetState().String())
	}
	return o, nil
}

func organizationName(o *directoryv1.OrganizationSummary) store.OrganizationName {
	return store.OrganizationName{ID: o.GetId(), Name: o.GetName(), Version: o.GetVersion()}
}
