package outreach

import (
	"context"
	"errors"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/registration"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// seat opens and closes the registration of an event with what the public sees of
// it. Who is registered for one that is called off is told.
func (s *publications) seat(ctx context.Context, tx *pg.Tx, p *publication.Publication) error {
	if p.Kind != publication.Event {
		return nil
	}
	switch p.State {
	case publication.Published:
		seats := registration.SeatsFor(p.ID, p.Event)
		if seats == nil {
			store.CloseSeats(tx, p.ID)
			return nil
		}
		if err := store.PutSeats(ctx, tx, seats); err != nil {
			return err
		}
		seats, err := store.LockSeats(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if seats.ByLot() {
			s.commit(tx, p.ID)
		}
		return fill(ctx, tx, seats, s.NewID)
	case publication.Cancelled:
		store.MailEverybody(tx, p.ID, mailEventCancelled, templates[mailEventCancelled])
		store.CancelRegistrations(tx, p.ID)
	case publication.Withdrawn, publication.Ended:
		store.CloseSeats(tx, p.ID)
	}
	return nil
}

// fill gives free places to the first on the wait-list, one after the other, and
// tells each; the places are locked.
func fill(ctx context.Context, tx *pg.Tx, seats *registration.Seats, newID func() string) error {
	for seats.Moves() {
		first, err := store.FirstWaiting(ctx, tx, seats.EventID)
		if errors.Is(err, fault.ErrNotFound) { // Who waits, waits for the host.
			break
		}
		if err != nil {
			return err
		}
		if !seats.Follow(first) {
			break
		}
		if err := store.UpdateRegistration(ctx, tx, first); err != nil {
			return err
		}
		queueMail(tx, newID(), mailAdmitted, first)
	}
	store.UpdateSeats(tx, seats)
	return nil
}
