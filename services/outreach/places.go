package outreach

import (
	"context"
	"fmt"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// place opens and closes applications for an opportunity with what the public sees
// of it. Who applied for one that is called off is told.
func (s *publications) place(ctx context.Context, tx *pg.Tx, p *publication.Publication) error {
	if p.Kind != publication.Opportunity {
		return nil
	}
	switch p.State {
	case publication.Published:
		if err := store.PutPlaces(ctx, tx, application.PlacesFor(p.ID, p.Opportunity)); err != nil {
			return err
		}
		store.KeepApplicants(tx, p.ID)
		places, err := store.LockPlaces(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		return s.moveUp(ctx, tx, places)
	case publication.Cancelled:
		store.MailApplicants(tx, p.ID, mailApplicationCancelled, templates[mailApplicationCancelled])
		store.EndApplications(tx, p.ID, application.KeepDays*24*time.Hour)
		store.CancelTraining(tx, p.ID)
	case publication.Withdrawn, publication.Ended:
		store.ClosePlaces(tx, p.ID)
	}
	return nil
}

// moveUp gives free places to the first on the wait-list that fit, one after the
// other, and tells each; the places are locked and written.
func (s *publications) moveUp(ctx context.Context, tx *pg.Tx, places *application.Places) error {
	for places.Open && places.Waiting > 0 {
		first, err := store.FirstFitting(ctx, tx, places.OpportunityID)
		if err != nil {
			return ignoreMissing(err)
		}
		if !places.Promote(first, tx.Now) {
			return fmt.Errorf("application %s fits by the table and not by the rules", first.ID)
		}
		if err := s.decided(ctx, tx, places, first); err != nil {
			return err
		}
	}
	return nil
}

// decided writes an application whose state changed, with its places, and tells
// of it.
func (s *publications) decided(ctx context.Context, tx *pg.Tx, places *application.Places, a *application.Application) error {
	if err := store.UpdateApplication(ctx, tx, a); err != nil {
		return err
	}
	if err := store.UpdatePlaces(ctx, tx, places); err != nil {
		return err
	}
	s.mailApplicant(tx, mailApplicationDecided, a)
	return tellDecision(ctx, tx, a)
}

// tellDecision adds the event of where an application stands.
func tellDecision(ctx context.Context, tx *pg.Tx, a *application.Application) error {
	return event.Add(ctx, tx, event.Event{
		Aggregate: "application", ID: a.ID, Visibility: event.Private,
		Message: &outreachv1.ApplicationDecided{
			ApplicationId: a.ID, OpportunityId: a.OpportunityID, OpportunityKind: opportunityKind(a.Kind), State: applicationState(a.State),
			ShiftIds: a.ShiftIDs(), Heads: int32(a.Heads), Version: a.Version,
		},
	})
}
