package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Connections bounds the open connections of a server.
type Connections struct {
	Total      int // In all; zero for 4,096.
	PerAddress int // Of one address; zero for 100. Loopback and Exempt are not bounded.
	Exempt     []netip.Prefix
}

// Server returns an HTTP server for the handler with the edge's time limits:
// 5 s for headers, 30 s for a body and an answer, 60 s idle; routes that take
// longer lift them for themselves. Connections over the bounds are closed.
func Server(handler http.Handler, bounds Connections) *http.Server {
	c := &connections{Connections: bounds, open: map[net.Conn]netip.Addr{}, byAddress: map[netip.Addr]int{}}
	if c.Total == 0 {
		c.Total = 4096
	}
	if c.PerAddress == 0 {
		c.PerAddress = 100
	}
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		// More than the edge takes, so that it can say so itself.
		MaxHeaderBytes: maxHeaders + 16<<10,
		ConnState:      c.changed,
	}
}

type connections struct {
	Connections
	mu        sync.Mutex
	open      map[net.Conn]netip.Addr
	byAddress map[netip.Addr]int
}

// changed counts connections and closes those that are too many.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if !c.enter(conn) {
			_ = conn.Close() // nothing was said on it
		}
	case http.StateClosed, http.StateHijacked:
		c.leave(conn)
	default:
	}
}

func (c *connections) enter(conn net.Conn) bool {
	a := address(conn.RemoteAddr().String(), nil, nil)
	free := !a.IsValid() || a.IsLoopback() || within(a, c.Exempt)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) >= c.Total || !free && c.byAddress[a] >= c.PerAddress {
		return false
	}
	c.open[conn] = a
	c.byAddress[a]++
	return true
}

func (c *connections) leave(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.open[conn]
	if !ok {
		return
	}
	delete(c.open, conn)
	if c.byAddress[a]--; c.byAddress[a] == 0 {
		delete(c.byAddress, a)
	}
}
