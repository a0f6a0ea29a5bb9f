// Package identity exchanges what a caller brings from outside, a token of an
// issuer or the cookie of a browser session, for a principal and the internal
// token that the services verify.
package identity

import (
	"context"
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth/oidc"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

const (
	// Life bounds how long a principal is remembered. Events of directory end it
	// at once; see Forget.
	Life = 60 * time.Second

	signedFor  = auth.TokenLife / 2 // How long one internal token is handed out.
	cacheLimit = 10_000             // Principals in memory.
	askWithin  = 5 * time.Second    // For the answer of directory.
)

// Caller is who calls.
type Caller struct {
	auth.Principal
	DisplayName string    // As the issuer or the session knows it; may be empty.
	Token       string    // Internal token; empty for anonymous.
	Until       time.Time // When the outside token or the session ends.
}

// Config is what an Exchange needs.
type Config struct {
	// Verifier checks outside tokens; nil when there are none.
	Verifier *oidc.Verifier
	// Directory knows persons; nil when it does not run.
	Directory grpc.ClientConnInterface
	// Signer signs as the gateway.
	Signer *auth.Signer
	Now    func() time.Time
}

// Exchange turns outside identities into callers. Its methods may be used
// concurrently.
type Exchange struct {
	Config
	principals directoryv1.PrincipalServiceClient
	flights    singleflight.Group

	mu         sync.Mutex
	generation uint64 // Grows when something is forgotten: older answers are not kept.
	known      map[key]*entry
}

// key is a person as an issuer names them, or the hash of a session's secret.
type key struct{ issuer, subject string }

// sessionOf is the key of a session; no issuer has its name.
func sessionOf(secret string) key {
	sum := sha256.Sum256([]byte(secret))
	return key{"session\x00", string(sum[:])}
}

// entry is one remembered caller. What stands here is not changed once it is in
// the map, except for the internal token, which the lock guards.
type entry struct {
	caller   Caller
	until    time.Time
	signedTo time.Time
}

// New returns an exchange that knows nobody yet.
func New(cfg Config) *Exchange {
	x := &Exchange{Config: cfg, known: map[key]*entry{}}
	if cfg.Directory != nil {
		x.principals = directoryv1.NewPrincipalServiceClient(InOwnName(cfg.Directory, cfg.Signer, cfg.Now))
	}
	return x
}

// Bearer exchanges an Authorization header. Errors: DEPENDENCY_UNAVAILABLE,
// TOKEN_EXPIRED, TOKEN_INVALID.
func (x *Exchange) Bearer(ctx context.Context, header string) (Caller, error) {
	scheme, raw, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || raw == "" || x.Verifier == nil {
		return Caller{}, fault.ErrTokenInvalid
	}
	id, err := x.Verifier.Verify(ctx, raw)
	if err != nil {
		return Caller{}, Refusal(err)
	}
	return x.Identity(ctx, id)
}

// Refusal turns what package oidc says of a token or a sign-in into a fault.
func Refusal(err error) error {
	switch {
	case errors.Is(err, oidc.ErrUnavailable):
		return fault.ErrDependencyUnavailable.With("dependency", "issuer").Because(err)
	case errors.Is(err, oidc.ErrExpired):
		return fault.ErrTokenExpired.Because(err)
	default:
		return fault.ErrTokenInvalid.Because(err)
	}
}

// Identity returns the caller whom an issuer vouches for. Errors:
// DEPENDENCY_UNAVAILABLE.
func (x *Exchange) Identity(ctx context.Context, id oidc.Identity) (Caller, error) {
	c, err := x.lookup(ctx, key{id.IssuerName, id.Subject}, func(ctx context.Context) (*entry, error) {
		resp, err := x.principals.ResolvePrincipal(ctx, &directoryv1.ResolvePrincipalRequest{
			Issuer: id.IssuerName, Subject: id.Subject, Email: id.Email, EmailVerified: id.EmailVerified, DisplayName: id.Name,
		})
		if err != nil {
			return nil, err
		}
		p := principal(resp.GetPrincipal())
		if id.EmailVerified {
			p.Email = strings.ToLower(id.Email)
		}
		return &entry{caller: Caller{Principal: p, DisplayName: resp.GetPrincipal().GetDisplayName()}}, nil
	})
	c.Until = id.ExpiresAt
	return c, err
}

// Session exchanges the secret of a browser session. Errors:
// DEPENDENCY_UNAVAILABLE, and those of ResolveSession for a session that ended.
func (x *Exchange) Session(ctx context.Context, secret string) (Caller, error) {
	return x.lookup(ctx, sessionOf(secret), func(ctx context.Context) (*entry, error) {
		resp, err := x.principals.ResolveSession(ctx, &directoryv1.ResolveSessionRequest{Token: secret})
		if err != nil {
			return nil, err
		}
		until := resp.GetExpireTime().AsTime()
		return &entry{caller: Caller{Principal: principal(resp.GetPrincipal()), DisplayName: resp.GetPrincipal().GetDisplayName(), Until: until}}, nil
	})
}

// lookup returns the remembered caller or asks directory, once for all who ask
// at the same time.
func (x *Exchange) lookup(ctx context.Context, k key, ask func(context.Context) (*entry, error)) (Caller, error) {
	if x.principals == nil {
		return Caller{}, fault.ErrDependencyUnavailable.With("dependency", "directory")
	}
	now := x.Now()
	e, generation := x.remembered(k, now)
	if e == nil {
		flight := k.issuer + "\x00" + k.subject + "\x00" + strconv.FormatUint(generation, 10)
		made, err, _ := x.flights.Do(flight, func() (any, error) {
			if e, _ := x.remembered(k, now); e != nil { // Another flight landed since the look.
				return e, nil
			}
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWithin)
			defer cancel()
			e, err := ask(ctx)
			if err == nil {
				x.remember(k, e, generation, now)
			}
			return e, err
		})
		if err != nil {
			return Caller{}, err
		}
		e = made.(*entry) //nolint:forcetypeassert // It is what the flight made.
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.signed(e, now)
}

// remembered returns what is known of a caller, if anything, and the generation
// of all that is known.
func (x *Exchange) remembered(k key, now time.Time) (*entry, uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.known[k]
	if e != nil && !now.Before(e.until) {
		e = nil
	}
	return e, x.generation
}

// remember keeps an answer of directory, unless something was forgotten since it
// was asked.
func (x *Exchange) remember(k key, e *entry, generation uint64, now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.generation != generation {
		return
	}
	e.until = now.Add(Life)
	x.room(now)
	x.known[k] = e
}

// signed returns the entry's caller with a fresh internal token.
func (x *Exchange) signed(e *entry, now time.Time) (Caller, error) {
	if !now.Before(e.signedTo) {
		raw, err := x.Signer.Sign(e.caller.Principal, now)
		if err != nil {
			return Caller{}, err
		}
		e.caller.Token, e.signedTo = raw, now.Add(signedFor)
	}
	return e.caller, nil
}

// room drops what has ended when the memory is full, and all when that is not
// enough.
func (x *Exchange) room(now time.Time) {
	if len(x.known) < cacheLimit {
		return
	}
	for k, e := range x.known {
		if !now.Before(e.until) {
			delete(x.known, k)
		}
	}
	if len(x.known) >= cacheLimit {
		clear(x.known)
	}
}

// Forget drops everything remembered about a person, with all sessions.
func (x *Exchange) Forget(personID string) {
	x.forget(func(e *entry) bool { return e.caller.ID == personID })
}

// ForgetAll drops everything that is remembered.
func (x *Exchange) ForgetAll() {
	x.forget(func(*entry) bool { return true })
}

func (x *Exchange) forget(match func(*entry) bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.generation++
	for k, e := range x.known {
		if match(e) {
			delete(x.known, k)
		}
	}
}

func principal(p *directoryv1.Principal) auth.Principal {
	out := auth.Principal{Kind: auth.KindPerson, ID: p.GetPersonId(), Roles: p.GetRoles(), DepartmentID: p.GetDepartmentId()}
	for _, m := range p.GetMemberships() {
		out.Memberships = append(out.Memberships, auth.Membership{OrganizationID: m.GetOrganizationId(), Role: m.GetRole()})
	}
	for _, d := range p.GetDelegations() {
		out.Delegations = append(out.Delegations, auth.Delegation{OrganizationID: d.GetOrganizationId(), IntermediaryID: d.GetIntermediaryId(), Until: d.GetEndTime().AsTime()})
	}
	return out
}
