package outreach

import (
	"context"
	"crypto/sha256"
	"encoding/base64"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/registration"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// held is a registration in the hands of a verb, with its event's places locked.
type held struct {
	*registration.Registration
	tx    *pg.Tx
	seats *registration.Seats
	host  bool // Whether the caller runs the event; else it is the caller's own.
}

// handleRequest is what the requests of the verbs have.
type handleRequest interface {
	GetEventId() string
	GetId() string
	GetEtag() string
}

// deed is a verb of a registration.
type deed struct {
	name string // In the audit log.
	take func(held) error
}

// handle runs one verb on a registration: lock the event's places, decide, write,
// let the next one up. What is not the caller's is not found.
func handle[R any](ctx context.Context, s *registrations, req handleRequest, d deed, answer func(*outreachv1.Registration) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		host, err := s.hosts(ctx, tx, req.GetEventId())
		if err != nil {
			return none, err
		}
		seats, err := store.LockSeats(ctx, tx, req.GetEventId())
		if err != nil {
			return none, err
		}
		r, err := store.GetRegistration(ctx, tx, req.GetEventId(), req.GetId())
		if err != nil {
			return none, err
		}
		if !host && (r.Account == "" || r.Account != auth.From(ctx).ID) {
			return none, fault.ErrNotFound
		}
		if err := rpc.CheckETag(req.GetEtag(), r.Version); err != nil {
			return none, err
		}
		if err := d.take(held{Registration: r, tx: tx, seats: seats, host: host}); err != nil {
			return none, err
		}
		if err := s.settle(ctx, tx, seats, r); err != nil {
			return none, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.registration." + d.name, ObjectType: "registration", ObjectID: r.ID})
		return answer(registrationToProto(r, nil)), nil
	})
}

// settle writes a registration and lets the next one up where a place is free.
func (s *registrations) settle(ctx context.Context, tx *pg.Tx, seats *registration.Seats, r *registration.Registration) error {
	if err := store.UpdateRegistration(ctx, tx, r); err != nil {
		return err
	}
	return fill(ctx, tx, seats, s.NewID)
}

// hosts reports whether the caller runs an event that the caller sees. Errors:
// RESOURCE_NOT_FOUND.
func (s *registrations) hosts(ctx context.Context, r pg.Reader, eventID string) (bool, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetPublication(ctx, r, eventRef(eventID), by)
	if err != nil {
		return false, err
	}
	return by.Hosts(p), nil
}

// token is the secret of a registration's link: 256 bit that only the service can
// make. It is kept nowhere; the table has its hash.
func (s *registrations) token(id string) string {
	return base64.RawURLEncoding.EncodeToString(s.Key("registration link").MAC([]byte(id)))
}

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// addressHash stands for a mail address where the address itself is not kept.
func (s *registrations) addressHash(email string) []byte {
	return s.Key("mail address").MAC([]byte(email))
}

// GetRegistrationLink shows what a link is about.
func (s *registrations) GetRegistrationLink(ctx context.Context, req *outreachv1.GetRegistrationLinkRequest) (*outreachv1.GetRegistrationLinkResponse, error) {
	r, err := store.RegistrationByToken(ctx, s.DB, tokenHash(req.GetToken()))
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetRegistrationLinkResponse{Registration: registrationToProto(r, nil)}, nil
}

// ConfirmRegistration confirms a registration by its link.
func (s *registrations) ConfirmRegistration(ctx context.Context, req *outreachv1.ConfirmRegistrationRequest) (*outreachv1.ConfirmRegistrationResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.ConfirmRegistrationResponse, error) {
		r, _, err := lockByLink(ctx, tx, req.GetToken())
		if err != nil {
			return nil, err
		}
		news, err := r.Confirm(tx.Now)
		if err != nil {
			return nil, err
		}
		if news {
			if err := store.UpdateRegistration(ctx, tx, r); err != nil {
				return nil, err
			}
			queueMail(tx, s.NewID(), mailReceived, r)
			audit.Add(ctx, tx, audit.Entry{Action: "outreach.registration.confirm", ObjectType: "registration", ObjectID: r.ID})
		}
		return &outreachv1.ConfirmRegistrationResponse{Registration: registrationToProto(r, nil)}, nil
	})
}

// CancelRegistrationByLink ends a registration by its link.
func (s *registrations) CancelRegistrationByLink(ctx context.Context, req *outreachv1.CancelRegistrationByLinkRequest) (*outreachv1.CancelRegistrationByLinkResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CancelRegistrationByLinkResponse, error) {
		r, seats, err := lockByLink(ctx, tx, req.GetToken())
		if err != nil {
			return nil, err
		}
		switch {
		case r.State == registration.Cancelled:
			return &outreachv1.CancelRegistrationByLinkResponse{Registration: registrationToProto(r, nil)}, nil
		case r.State == registration.Lapsed || !tx.Now.Before(seats.EraseOn.StartOfDay()):
			return nil, registration.ErrLinkExpired
		}
		if err := seats.End(r, registration.Cancelled); err != nil {
			return nil, err
		}
		queueMail(tx, s.NewID(), mailCancelled, r)
		if err := s.settle(ctx, tx, seats, r); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.registration.cancelByLink", ObjectType: "registration", ObjectID: r.ID})
		return &outreachv1.CancelRegistrationByLinkResponse{Registration: registrationToProto(r, nil)}, nil
	})
}

// lockByLink reads the registration of a link with its event's places locked.
// Errors: RESOURCE_NOT_FOUND.
func lockByLink(ctx context.Context, tx *pg.Tx, token string) (*registration.Registration, *registration.Seats, error) {
	found, err := store.RegistrationByToken(ctx, tx, tokenHash(token))
	if err != nil {
		return nil, nil, err
	}
	seats, err := store.LockSeats(ctx, tx, found.EventID)
	if err != nil {
		return nil, nil, err
	}
	r, err := store.GetRegistration(ctx, tx, found.EventID, found.ID)
	return r, seats, err
}

// lapseOverdue ends the registrations whose addresses were not confirmed in time
// and forgets who they were.
func (s *registrations) lapseOverdue(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	overdue, err := store.OverdueRegistrations(ctx, s.DB, s.Now())
	if err != nil {
		return err
	}
	for _, ids := range overdue {
		_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			return struct{}{}, s.lapse(ctx, tx, ids[0], ids[1])
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *registrations) lapse(ctx context.Context, tx *pg.Tx, eventID, id string) error {
	seats, err := store.LockSeats(ctx, tx, eventID)
	if err != nil {
		return err
	}
	r, err := store.GetRegistration(ctx, tx, eventID, id)
	if err != nil || !r.Overdue(tx.Now) { // It was confirmed or cancelled.
		return err
	}
	if err := seats.End(r, registration.Lapsed); err != nil {
		return err
	}
	if err := s.settle(ctx, tx, seats, r); err != nil {
		return err
	}
	_, err = store.ErasePersons(ctx, tx, eventID, registration.Lapsed)
	audit.Add(ctx, tx, audit.Entry{Action: "outreach.registration.lapse", ObjectType: "registration", ObjectID: r.ID})
	return err
}
