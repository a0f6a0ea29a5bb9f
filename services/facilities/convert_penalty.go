package facilities

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/penalty"
)

// penaltyToProto shows a penalty without the persons who recorded, appealed and
// decided.
func penaltyToProto(p *penalty.Penalty) *facilitiesv1.Penalty {
	return &facilitiesv1.Penalty{
		Id: p.ID, OrganizationId: p.OrganizationID, BookingId: p.BookingID,
		Kind: facilitiesv1.Penalty_Kind(facilitiesv1.Penalty_Kind_value[string(p.Kind)]), HalfPoints: int32(p.HalfPoints),
		State: facilitiesv1.Penalty_State(facilitiesv1.Penalty_State_value[string(p.State)]), Note: p.Note, Appeal: p.Appeal,
		AppealBy: convert.Date(p.AppealBy), DecisionReason: p.DecisionReason, SuspendedUntil: convert.Date(p.Standing.SuspendedUntil),
		CountedHalfPoints: int32(p.Standing.HalfPoints), CreateTime: convert.Instant(p.CreatedAt), UpdateTime: convert.Instant(p.UpdatedAt),
		Etag: rpc.ETag(p.Version),
	}
}
