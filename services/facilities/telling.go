package facilities

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// holding is a booking, a place on a wait-list or a lottery entry, and whose it is.
type holding struct {
	aggregate, id  string
	holder         string
	organizationID string // Empty for a resident's own.
}

// tell adds a fact about a holding for the ward, and for a resident's own once more
// with the pseudonym, for the services that tell the resident.
func (h holding) tell(ctx context.Context, tx *pg.Tx, fact proto.Message) error {
	err := event.Add(ctx, tx, event.Event{Aggregate: h.aggregate, ID: h.id, Visibility: event.Ward, Message: fact})
	if err != nil || h.organizationID != "" {
		return err
	}
	told := &facilitiesv1.ResidentTold{PersonId: h.holder}
	switch f := fact.(type) {
	case *facilitiesv1.BookingRequested:
		told.Fact = &facilitiesv1.ResidentTold_BookingRequested{BookingRequested: f}
	case *facilitiesv1.BookingConfirmed:
		told.Fact = &facilitiesv1.ResidentTold_BookingConfirmed{BookingConfirmed: f}
	case *facilitiesv1.BookingCancelled:
		told.Fact = &facilitiesv1.ResidentTold_BookingCancelled{BookingCancelled: f}
	case *facilitiesv1.BookingInformationRequested:
		told.Fact = &facilitiesv1.ResidentTold_BookingInformationRequested{BookingInformationRequested: f}
	case *facilitiesv1.WaitlistOffered:
		told.Fact = &facilitiesv1.ResidentTold_WaitlistOffered{WaitlistOffered: f}
	case *facilitiesv1.LotteryEntryDecided:
		told.Fact = &facilitiesv1.ResidentTold_LotteryEntryDecided{LotteryEntryDecided: f}
	}
	if told.GetFact() == nil { // What nobody is to be told of, such as that the room was used.
		return nil
	}
	return event.Add(ctx, tx, event.Event{Aggregate: h.aggregate, ID: h.id, Visibility: event.Private, Message: told})
}
