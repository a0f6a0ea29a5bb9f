package issuer

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

const (
	// requestLifetime is how long the sign-in page may stay open.
	requestLifetime = 10 * time.Minute
	// codeLifetime is how long a code can be redeemed; the client does so at once.
	codeLifetime = time.Minute
	// maxRequests bounds the memory; the oldest request goes first.
	maxRequests = 1000
)

// request is an authorization request: first among the pages, while somebody
// picks a person, then among the codes, until the client redeems it.
type request struct {
	redirectURI string
	state       string
	nonce       string
	challenge   oidc.CodeChallenge
	scopes      []string
	person      Person
	expires     time.Time
}

// requests are authorization requests under way, in memory.
type requests struct {
	now   func() time.Time
	mu    sync.Mutex
	byKey map[string]request
}

// put keeps the request for a while and returns the random key it is under.
func (r *requests) put(q request, lifetime time.Duration) string {
	now := r.now()
	q.expires = now.Add(lifetime)
	key := rand.Text()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byKey == nil {
		r.byKey = make(map[string]request)
	}
	var oldest string
	for key, other := range r.byKey {
		if !now.Before(other.expires) {
			delete(r.byKey, key)
			continue
		}
		if oldest == "" || other.expires.Before(r.byKey[oldest].expires) {
			oldest = key
		}
	}
	if len(r.byKey) >= maxRequests {
		delete(r.byKey, oldest)
	}
	r.byKey[key] = q
	return key
}

func (r *requests) get(key string) (request, bool) {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	q, ok := r.byKey[key]
	return q, ok && now.Before(q.expires)
}

// take returns the request and forgets it, so that whoever takes it is the only
// one. A code is taken before its proof is checked: one attempt, right or wrong.
func (r *requests) take(key string) (request, bool) {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	q, ok := r.byKey[key]
	delete(r.byKey, key)
	return q, ok && now.Before(q.expires)
}
