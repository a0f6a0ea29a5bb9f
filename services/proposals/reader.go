package proposals

import (
	"context"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// readerOf says what the caller is as far as proposals are concerned. The end of
// a delegation is checked against now.
func readerOf(ctx context.Context, now time.Time) proposal.Reader {
	p := auth.From(ctx)
	coordinated := p.Coordinated(now)
	r := proposal.Reader{
		ID:         p.Actor(),
		Members:    append(p.Organizations(), coordinated...),
		Writers:    append(p.Organizations(optionsv1.Role_ROLE_EDITOR, optionsv1.Role_ROLE_REPRESENTATIVE), coordinated...),
		Represents: p.Organizations(optionsv1.Role_ROLE_REPRESENTATIVE),
		Staff:      p.Has(optionsv1.Role_ROLE_STAFF),
		Desk:       p.Has(optionsv1.Role_ROLE_DESK),
		Approver:   p.Has(optionsv1.Role_ROLE_APPROVER),
		Reviewer:   p.Has(optionsv1.Role_ROLE_REVIEWER),
	}
	if r.Staff || r.Approver {
		r.Department = p.DepartmentID
	}
	return r
}

// isDesk reports whether the caller is the general desk, which sees drafts of
// calls.
func isDesk(ctx context.Context) bool { return auth.From(ctx).Has(optionsv1.Role_ROLE_DESK) }
