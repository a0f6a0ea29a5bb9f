package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// volunteersOf begins the source of a call that was drafted of a booking.
const volunteersOf = "volunteers:"

// callForVolunteers drafts the call for volunteers of a booking, with what the
// booking says; the rest is its organization's to write.
func (c *consumer) callForVolunteers(ctx context.Context, tx *pg.Tx, b *facilitiesv1.BookingFact) error {
	on, err := jp.ParseDate(b.GetDate())
	if err != nil {
		return event.Permanent(err)
	}
	return c.draft(ctx, tx, &publication.Publication{
		Source: volunteersOf + b.GetBookingId(), OrganizationID: b.GetOrganizationId(),
		Content: publication.Content{
			Text:    publication.Text{Title: shorten("「" + b.GetTitle() + "」のボランティア募集")},
			Credits: credit.Lines{{Part: credit.Organizer, OrganizationID: b.GetOrganizationId()}},
			Opportunity: &opportunity.Details{
				Kind: opportunity.Volunteer, Selection: opportunity.HostDecides, StartsOn: on, StartTime: b.GetStartTime(),
				EndTime: b.GetEndTime(), Headcount: int(b.GetVolunteersWanted()), Place: bookedPlace(b),
			},
		},
	})
}
