package outreach

import (
	"context"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// readerOf says what the caller is as far as publications are concerned. The end
// of a delegation is checked against now.
func readerOf(ctx context.Context, now time.Time) publication.Reader {
	p := auth.From(ctx)
	coordinated := p.Coordinated(now)
	r := publication.Reader{
		ID:         p.Actor(),
		Members:    append(p.Organizations(), coordinated...),
		Writers:    append(p.Organizations(optionsv1.Role_ROLE_EDITOR, optionsv1.Role_ROLE_REPRESENTATIVE), coordinated...),
		Represents: p.Organizations(optionsv1.Role_ROLE_REPRESENTATIVE),
		Staff:      p.Has(optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_FACILITY_CLERK),
		Desk:       p.Has(optionsv1.Role_ROLE_DESK),
		Approver:   p.Has(optionsv1.Role_ROLE_APPROVER),

		Intermediary: p.Has(optionsv1.Role_ROLE_COORDINATOR),
	}
	if r.Staff || r.Approver || r.Desk {
		r.Department = p.DepartmentID
	}
	return r
}
