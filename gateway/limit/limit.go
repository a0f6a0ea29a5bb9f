// Package limit bounds how often a caller may ask. Counters live in memory, one
// set a process.
package limit

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// keys bounds the callers that one limiter remembers at a time.
const keys = 50_000

// Rate is a limit. The zero value limits nothing.
type Rate struct {
	PerMinute int // Sustained calls a minute.
	Burst     int // Calls at once; zero for PerMinute.
}

// Limiter holds one token bucket a caller. Its methods may be used concurrently.
type Limiter struct {
	name   string
	rate   Rate
	policy string

	mu            sync.Mutex
	recent, older map[string]*rate.Limiter
}

// New returns the limiter of a policy; name stands in the answers.
func New(name string, r Rate) *Limiter {
	if r.Burst == 0 {
		r.Burst = r.PerMinute
	}
	return &Limiter{
		name: name, rate: r, recent: map[string]*rate.Limiter{},
		policy: strconv.Quote(name) + ";q=" + strconv.Itoa(r.PerMinute) + ";w=60",
	}
}

// Take counts one call of key. It returns whether the call may go on, and how
// long to wait when not. It writes RateLimit and RateLimit-Policy
// (draft-ietf-httpapi-ratelimit-headers) unless h is nil.
func (l *Limiter) Take(key string, now time.Time, h http.Header) (ok bool, wait time.Duration) {
	if l.rate.PerMinute == 0 {
		return true, 0
	}
	b := l.bucket(key)
	ok = b.AllowN(now, 1)
	left := b.TokensAt(now)
	if !ok {
		wait = time.Duration((1 - left) / float64(b.Limit()) * float64(time.Second))
	}
	if h != nil {
		full := (float64(l.rate.Burst) - left) / float64(b.Limit())
		h.Set("RateLimit-Policy", l.policy)
		h.Set("RateLimit", strconv.Quote(l.name)+";r="+strconv.Itoa(int(max(0, left)))+";t="+strconv.Itoa(int(math.Ceil(full))))
	}
	return ok, wait
}

// bucket finds or makes the bucket of key. Buckets that were not used while
// 50,000 others were are forgotten.
func (l *Limiter) bucket(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.recent[key]; b != nil {
		return b
	}
	b := l.older[key]
	if b == nil {
		b = rate.NewLimiter(rate.Limit(float64(l.rate.PerMinute)/60), l.rate.Burst)
	}
	if len(l.recent) >= keys {
		l.older, l.recent = l.recent, map[string]*rate.Limiter{}
	}
	l.recent[key] = b
	return b
}
