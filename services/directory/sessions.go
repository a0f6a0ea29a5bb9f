package directory

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/person"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// CreateSession begins a browser session of a person.
func (s *principals) CreateSession(ctx context.Context, req *directoryv1.CreateSessionRequest) (*directoryv1.CreateSessionResponse, error) {
	secret := make([]byte, 32)
	rand.Read(secret)
	token := base64.RawURLEncoding.EncodeToString(secret)
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.CreateSessionResponse, error) {
		standing, err := s.standing(ctx, tx, req.GetPersonId(), tx.Now)
		if err != nil {
			return nil, err
		}
		session := person.Session{ID: s.NewID(), PersonID: standing.ID, CreatedAt: tx.Now, UsedAt: tx.Now}
		if err := store.InsertSession(ctx, tx, session, tokenHash(token)); err != nil {
			return nil, err
		}
		auditSession(ctx, tx, "create", session)
		return &directoryv1.CreateSessionResponse{
			SessionId:  session.ID,
			Token:      token,
			ExpireTime: timestamppb.New(session.CreatedAt.Add(person.SessionLimits(standing.Staff()).Absolute)),
		}, nil
	})
}

// ResolveSession returns whose session it is, with today's roles, and notes its
// use.
func (s *principals) ResolveSession(ctx context.Context, req *directoryv1.ResolveSessionRequest) (*directoryv1.ResolveSessionResponse, error) {
	now := s.Now()
	session, err := store.FindSession(ctx, s.DB, tokenHash(req.GetToken()))
	if err != nil {
		return nil, err
	}
	standing, err := s.standing(ctx, s.DB, session.PersonID, now)
	if err != nil {
		return nil, err
	}
	limits := person.SessionLimits(standing.Staff())
	if !session.Live(limits, now) {
		return nil, person.ErrSessionEnded
	}
	if session.Stale(now) {
		_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			return struct{}{}, store.UseSession(ctx, tx, session.ID)
		})
		if err != nil {
			return nil, err
		}
	}
	return &directoryv1.ResolveSessionResponse{
		SessionId:      session.ID,
		Principal:      principalProto(standing),
		IdleExpireTime: timestamppb.New(now.Add(limits.Idle)),
		ExpireTime:     timestamppb.New(session.CreatedAt.Add(limits.Absolute)),
	}, nil
}

// RevokeSession ends a session.
func (s *principals) RevokeSession(ctx context.Context, req *directoryv1.RevokeSessionRequest) (*directoryv1.RevokeSessionResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.RevokeSessionResponse, error) {
		resp := &directoryv1.RevokeSessionResponse{}
		session, err := store.RevokeSession(ctx, tx, tokenHash(req.GetToken()))
		if err != nil || session == nil {
			return resp, err
		}
		auditSession(ctx, tx, "revoke", *session)
		return resp, event.Add(ctx, tx, event.Event{Aggregate: "session", ID: session.ID, Visibility: event.Private, Message: &directoryv1.SessionRevoked{
			SessionId: session.ID,
			PersonId:  session.PersonID,
		}})
	})
}

// standing returns what the person is on the day of now.
func (s *principals) standing(ctx context.Context, r pg.Reader, personID string, now time.Time) (person.Standing, error) {
	p, err := store.GetPerson(ctx, r, personID)
	if err != nil {
		return person.Standing{}, err
	}
	return store.Standing(ctx, r, p, jp.DateOf(now))
}

// tokenHash is all that is kept of a session's token.
func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func auditSession(ctx context.Context, tx *pg.Tx, verb string, s person.Session) {
	audit.Add(ctx, tx, audit.Entry{
		Action:     "directory.session." + verb,
		ObjectType: "session",
		ObjectID:   s.ID,
		Detail:     map[string]string{"person": s.PersonID},
	})
}
