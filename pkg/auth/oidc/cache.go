package oidc

import (
	"container/list"
	"crypto/sha256"
	"sync"
	"time"
)

// digest stands for a token, so that no token is kept in memory.
type digest [sha256.Size]byte

func digestOf(raw string) digest {
	return sha256.Sum256([]byte(raw))
}

// cache remembers verified tokens; the one used longest ago goes first.
type cache struct {
	capacity int
	mu       sync.Mutex
	order    *list.List // of entry, last used in front
	entries  map[digest]*list.Element
}

type entry struct {
	token    digest
	identity Identity
	until    time.Time
}

func newCache(capacity int) *cache {
	return &cache{capacity: capacity, order: list.New(), entries: make(map[digest]*list.Element)}
}

func (c *cache) get(token digest, now time.Time) (Identity, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.entries[token]
	if !ok {
		return Identity{}, false
	}
	found := element.Value.(entry)
	if !now.Before(found.until) {
		c.remove(element)
		return Identity{}, false
	}
	c.order.MoveToFront(element)
	return found.identity, true
}

func (c *cache) put(token digest, identity Identity, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.entries[token]; ok {
		c.remove(element)
	}
	c.entries[token] = c.order.PushFront(entry{token: token, identity: identity, until: until})
	for c.order.Len() > c.capacity {
		c.remove(c.order.Back())
	}
}

func (c *cache) remove(element *list.Element) {
	delete(c.entries, element.Value.(entry).token)
	c.order.Remove(element)
}
