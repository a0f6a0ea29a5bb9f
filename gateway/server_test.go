package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"testing"
)

// from is a connection of an address.
type from struct {
	net.Conn
	addr   string
	closed bool
}

// RemoteAddr returns the address.
func (c *from) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.addr)) }

// Close notes that the connection was closed.
func (c *from) Close() error {
	c.closed = true
	return nil
}

func TestConnectionBounds(t *testing.T) {
	s := Server(http.NotFoundHandler(), Connections{Total: 5, PerAddress: 2, Exempt: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	open := func(addr string) *from {
		c := &from{addr: addr}
		s.ConnState(c, http.StateNew)
		return c
	}
	first := open("203.0.113.9:1")
	if open("203.0.113.9:2").closed || !open("203.0.113.9:3").closed {
		t.Error("an address has two connections")
	}
	s.ConnState(first, http.StateClosed)
	if open("203.0.113.9:4").closed {
		t.Error("a closed connection still counts")
	}
	for _, a := range []string{"10.0.0.1:1", "10.0.0.1:2", "127.0.0.1:1"} {
		if open(a).closed {
			t.Errorf("%s is bounded", a)
		}
	}
	if !open("198.51.100.1:1").closed {
		t.Error("more than in all")
	}
}
