package outreach

import (
	"context"
	"errors"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/registration"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// registrations answers RegistrationService.
type registrations struct {
	outreachv1.UnimplementedRegistrationServiceServer
	publications
}

// CreateRegistration registers one person, with whom it brings, for an event.
func (s *registrations) CreateRegistration(ctx context.Context, req *outreachv1.CreateRegistrationRequest) (*outreachv1.CreateRegistrationResponse, error) {
	r, person, err := s.requested(ctx, req)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CreateRegistrationResponse, error) {
		seats, err := s.seatsFor(ctx, tx, r.EventID)
		if err != nil {
			return nil, err
		}
		address := s.addressHash(person.Email)
		due, err := store.TakeMailQuota(ctx, tx, address)
		if err != nil {
			return nil, err
		}
		if err := seats.Register(r, tx.Now); err != nil {
			return nil, err
		}
		if seats.ByLot() {
			r.Ticket = newTicket()
		}
		r.ConfirmBefore = due.Add(registration.ConfirmWithin)
		added, err := store.InsertRegistration(ctx, tx, r, store.Secrets{Address: address, Token: tokenHash(s.token(r.ID))})
		if err != nil {
			return nil, err
		}
		note, of := mailConfirm, r
		if !added { // The address has one: the caller learns nothing of it, its owner does.
			note = mailAlready
			if of, err = store.RegisteredAs(ctx, tx, r.EventID, address); err != nil {
				return nil, err
			}
		} else {
			store.AddPerson(tx, person)
			store.UpdateSeats(tx, seats)
		}
		s.answerByMail(tx, note, r, of)
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.registration.create", ObjectType: "event", ObjectID: r.EventID})
		return &outreachv1.CreateRegistrationResponse{Registration: registrationToProto(r, nil)}, nil
	})
}

// requested is what a caller asks for, and for whom. Errors: INVALID_FIELD.
func (s *registrations) requested(ctx context.Context, req *outreachv1.CreateRegistrationRequest) (*registration.Registration, registration.Person, error) {
	person, err := personFromProto(req.GetRegistration())
	if err != nil {
		return nil, person, err
	}
	person.ID = s.NewID()
	r := &registration.Registration{
		ID: s.NewID(), EventID: req.GetEventId(), PersonID: person.ID, Party: max(int(req.GetRegistration().GetHeadCount()), 1),
	}
	if by := auth.From(ctx); by.Kind == auth.KindPerson {
		r.Account = by.ID
	}
	return r, person, nil
}

// answerByMail queues the mail by which a request is answered to whom the address
// belongs, when its turn has come: about the registration that the address has.
func (s *registrations) answerByMail(tx *pg.Tx, note string, request, of *registration.Registration) {
	store.QueueMail(tx, store.Mail{
		ID: s.NewID(), Occasion: note + ":" + request.ID, PersonID: of.PersonID, Template: note, Version: templates[note],
		SubjectID: of.ID, DueAt: request.ConfirmBefore.Add(-registration.ConfirmWithin),
	})
}

// seatsFor locks the places of an event that everybody sees. Errors:
// RESOURCE_NOT_FOUND, REGISTRATION_CLOSED.
func (s *registrations) seatsFor(ctx context.Context, tx *pg.Tx, eventID string) (*registration.Seats, error) {
	seats, err := store.LockSeats(ctx, tx, eventID)
	if err == nil && seats.Open { // Open means public.
		return seats, nil
	}
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return nil, err
	}
	if _, err := store.GetPublication(ctx, tx, eventRef(eventID), publication.Reader{}); err != nil {
		return nil, err
	}
	return nil, registration.ErrClosed
}

// AdmitRegistration gives a place to one that waits.
func (s *registrations) AdmitRegistration(ctx context.Context, req *outreachv1.AdmitRegistrationRequest) (*outreachv1.AdmitRegistrationResponse, error) {
	return handle(ctx, s, req, deed{"admit", func(c held) error {
		if !c.host {
			return fault.ErrPermissionDenied
		}
		if err := c.seats.Admit(c.Registration); err != nil {
			return err
		}
		queueMail(c.tx, s.NewID(), mailAdmitted, c.Registration)
		return nil
	}}, func(r *outreachv1.Registration) *outreachv1.AdmitRegistrationResponse {
		return &outreachv1.AdmitRegistrationResponse{Registration: r}
	})
}

// CancelRegistration ends a registration.
func (s *registrations) CancelRegistration(ctx context.Context, req *outreachv1.CancelRegistrationRequest) (*outreachv1.CancelRegistrationResponse, error) {
	return handle(ctx, s, req, deed{"cancel", func(c held) error {
		if err := c.seats.End(c.Registration, registration.Cancelled); err != nil {
			return err
		}
		queueMail(c.tx, s.NewID(), mailCancelled, c.Registration)
		return nil
	}}, func(r *outreachv1.Registration) *outreachv1.CancelRegistrationResponse {
		return &outreachv1.CancelRegistrationResponse{Registration: r}
	})
}
