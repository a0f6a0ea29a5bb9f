package rpc

import (
	"sync"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
)

// cachedToken keeps one token for half its life.
type cachedToken struct {
	mu  sync.Mutex
	raw string
	end time.Time
}

func (c *cachedToken) get(now time.Time, sign func(time.Time) (string, error)) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Before(c.end) {
		return c.raw, nil
	}
	raw, err := sign(now)
	if err != nil {
		return "", err
	}
	c.raw, c.end = raw, now.Add(auth.TokenLife/2)
	return raw, nil
}
