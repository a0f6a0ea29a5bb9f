package hall

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// Prices are those of the slots of a room by their numbers, from 1; that of 0 is
// of every slot without one of its own. They are before the user class, equipment
// and reductions, from which the service computes the fee.
type Prices map[int32]int64

// Of returns the price of the slot at a place in the day, from 0, where there is one.
func (p Prices) Of(place int) (int64, bool) {
	if price, ok := p[int32(place)+1]; ok {
		return price, true
	}
	price, ok := p[0]
	return price, ok
}

// readFees reads the fee tables of a day. Errors: those of the RPC.
func readFees(q *web.Request, date string) ([]*facilitiesv1.Rule, error) {
	resp, err := facilitiesv1.NewRuleServiceClient(q.Site.Service("facilities")).ListFees(q.Context(), &facilitiesv1.ListFeesRequest{On: date, PageSize: 200})
	return resp.GetFees(), err
}

// pricesOf takes those of a room out of the table of its facility.
func pricesOf(fees []*facilitiesv1.Rule, facilityCode, roomID string) Prices {
	out := Prices{}
	for _, r := range fees {
		if r.GetCode() != facilityCode {
			continue
		}
		for _, rate := range r.GetFeeTable().GetRates() {
			if rate.GetRoomId() == roomID {
				out[rate.GetSlotNo()] = rate.GetAmount()
			}
		}
	}
	return out
}

// Deadline names the end of a term, as ui.Instant does; midnight is the end of the
// day before it, at 24:00, so that nobody comes a day late.
func Deadline(ctx context.Context, t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	at := t.AsTime().In(jp.Tokyo)
	if at.Hour() != 0 || at.Minute() != 0 {
		return ui.Instant(ctx, t)
	}
	return ui.LongDate(ctx, at.AddDate(0, 0, -1).Format(time.DateOnly)) + " 24:00"
}
