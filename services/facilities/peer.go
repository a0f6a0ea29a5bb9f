package facilities

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
)

// directory asks the directory service what must be true now.
type directory struct {
	partner.Directory
	principals directoryv1.PrincipalServiceClient
}

func newDirectory(d service.Deps) directory {
	return directory{partner.Ask(d), directoryv1.NewPrincipalServiceClient(d.Peer("directory"))}
}

// memberships are the organizations in which a person is a member as of now; none for
// one whom nobody knows any more. Errors: DEPENDENCY_UNAVAILABLE.
func (d directory) memberships(ctx context.Context, personID string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, partner.Wait)
	defer cancel()
	resp, err := d.principals.ResolveMemberships(ctx, &directoryv1.ResolveMembershipsRequest{PersonId: personID})
	if status.Code(err) == codes.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, partner.Unavailable(err)
	}
	return convert.List(resp.GetMemberships(), (*directoryv1.Principal_Membership).GetOrganizationId), nil
}

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
