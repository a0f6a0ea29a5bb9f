package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// refreshAfter is the age from which keys are fetched anew while the old
	// ones still serve: with rememberFor, how long a withdrawn key lives on.
	refreshAfter = 10 * time.Minute
	// giveUpAfter is the age from which keys do not serve any more.
	giveUpAfter = 24 * time.Hour
	// askAgainAfter is the least time between two fetches for unknown keys, so
	// that forged tokens cannot make Kyodo flood the issuer.
	askAgainAfter = 10 * time.Second
	// firstPause and longestPause bound the waiting after failed fetches; the
	// pause doubles each time.
	firstPause   = time.Second
	longestPause = time.Minute

	maxDocument = 2 << 20 // bytes of a discovery document or key set
)

// document is what is used of a discovery document.
type document struct {
	Issuer                string   `json:"issuer"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	TokenEndpoint         string   `json:"token_endpoint"`
	EndSessionEndpoint    string   `json:"end_session_endpoint"`
	KeysURL               string   `json:"jwks_uri"`
	TokenAuthMethods      []string `json:"token_endpoint_auth_methods_supported"`
}

// metadata is what an issuer publishes about itself. It does not change once made.
type metadata struct {
	document document
	keys     []jose.JSONWebKey
	fetched  time.Time
}

// flight is a fetch under way, or done when the channel is closed.
type flight struct {
	done     chan struct{}
	metadata *metadata
	err      error
}

// source is an issuer. It fetches metadata when they are needed first, so that a
// start does not need the issuer, and one fetch at a time serves all callers.
type source struct {
	config Config
	now    func() time.Time
	log    *slog.Logger

	mu       sync.Mutex
	known    *metadata
	flight   *flight
	failures int
	notUntil time.Time
	last     error
}

// metadata returns what the issuer publishes. With the metadata the caller has
// found wanting, it looks for newer ones, and returns the same if it is too early
// to ask again. Errors are ErrUnavailable.
func (s *source) metadata(ctx context.Context, wanting *metadata) (*metadata, error) {
	now := s.now()
	s.mu.Lock()
	known := s.known
	if known != nil {
		age := now.Sub(known.fetched)
		if known == wanting && age < askAgainAfter || known != wanting && age < refreshAfter {
			s.mu.Unlock()
			return known, nil
		}
		if known != wanting && age < giveUpAfter {
			s.begin(now)
			s.mu.Unlock()
			return known, nil
		}
	}
	running, last := s.begin(now), s.last
	s.mu.Unlock()
	if running == nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnavailable, s.config.Name, last)
	}
	select {
	case <-running.done:
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %s: %w", ErrUnavailable, s.config.Name, ctx.Err())
	}
	if running.err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnavailable, s.config.Name, running.err)
	}
	return running.metadata, nil
}

// begin starts a fetch, or joins the one under way, or returns nil while the
// pause after a failure lasts. The caller holds the lock.
func (s *source) begin(now time.Time) *flight {
	if s.flight != nil {
		return s.flight
	}
	if now.Before(s.notUntil) {
		return nil
	}
	running := &flight{done: make(chan struct{})}
	s.flight = running
	go func() {
		// Not the caller's context: others wait for this fetch as well.
		ctx, cancel := context.WithTimeout(context.Background(), 2*requestTimeout)
		defer cancel()
		running.metadata, running.err = s.fetch(ctx)
		s.finish(running)
	}()
	return running
}

func (s *source) finish(done *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer close(done.done)
	s.flight = nil
	s.last = done.err
	if done.err == nil {
		s.known = done.metadata
		s.failures, s.notUntil = 0, time.Time{}
		return
	}
	pause := min(firstPause<<min(s.failures, 10), longestPause)
	s.failures++
	s.notUntil = s.now().Add(pause)
	s.log.Warn("issuer cannot be reached", slog.String("issuer", s.config.Name),
		slog.Duration("pause", pause), slog.Any("error", done.err))
}

func (s *source) fetch(ctx context.Context) (*metadata, error) {
	m := &metadata{fetched: s.now()}
	text, err := s.get(ctx, strings.TrimSuffix(s.config.Issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	if err := json.Unmarshal(text, &m.document); err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	if m.document.Issuer != s.config.Issuer {
		return nil, fmt.Errorf("discovery: the issuer calls itself %q, the settings say %q", m.document.Issuer, s.config.Issuer)
	}
	for _, endpoint := range []string{m.document.KeysURL, m.document.TokenEndpoint, m.document.AuthorizationEndpoint} {
		if address, err := url.Parse(endpoint); err != nil || !secure(address) {
			return nil, fmt.Errorf("discovery: endpoint %q is not https", endpoint)
		}
	}
	if s.config.Keys != nil {
		return m, nil
	}
	if text, err = s.get(ctx, m.document.KeysURL); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	m.keys, err = parseKeys(text)
	return m, err
}

func (s *source) get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	response, err := s.config.Client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxDocument {
		return nil, errors.New("document is larger than 2 MiB")
	}
	return text, nil
}

// payload verifies the signature of a token. A key that is not known yet makes
// the source ask the issuer once more.
func (s *source) payload(ctx context.Context, raw string) ([]byte, error) {
	token, err := jose.ParseSignedCompact(raw, algorithms)
	if err != nil {
		return nil, err
	}
	if s.config.Keys != nil {
		if payload, _ := open(token, s.config.Keys().Keys); payload != nil {
			return payload, nil
		}
		return nil, errors.New("signature does not match")
	}
	first, err := s.metadata(ctx, nil)
	if err != nil {
		return nil, err
	}
	payload, known := open(token, first.keys)
	if payload != nil || known {
		return payload, signed(payload)
	}
	second, err := s.metadata(ctx, first)
	if err != nil {
		return nil, err
	}
	payload, _ = open(token, second.keys)
	return payload, signed(payload)
}

func signed(payload []byte) error {
	if payload == nil {
		return errors.New("signature does not match")
	}
	return nil
}
