package mail

import (
	"sync"
	"time"
)

// A breaker opens after breakAfter failures in a row and lets one try through after
// breakTime.
const (
	breakAfter = 5
	breakTime  = 30 * time.Second
)

// Breaker keeps from asking a server again and again that does not answer. Its zero
// value is closed. It is safe for concurrent use.
type Breaker struct {
	mu       sync.Mutex
	failures int
	until    time.Time
}

// Allow reports whether a try may be made. After five failures in a row none may be
// for 30 seconds, and then one.
func (b *Breaker) Allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < breakAfter {
		return true
	}
	if now.Before(b.until) {
		return false
	}
	b.until = now.Add(breakTime) // One tries; the others wait for what comes of it.
	return true
}

// Note takes in how a try ended.
func (b *Breaker) Note(ok bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ok {
		b.failures = 0
		return
	}
	if b.failures++; b.failures >= breakAfter {
		b.until = now.Add(breakTime)
	}
}
