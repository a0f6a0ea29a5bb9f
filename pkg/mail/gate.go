package mail

import (
	"errors"
	"net"
	"syscall"
)

// gate is a connection that calls mark right before it writes what it was armed
// for: between mark and the system call nothing else happens.
type gate struct {
	*net.TCPConn
	raw  syscall.RawConn
	mark func(handed bool) // Of the next write; nil for none.
}

func newGate(c *net.TCPConn) (*gate, error) {
	raw, err := c.SyscallConn()
	return &gate{TCPConn: c, raw: raw}, err
}

// Write writes p.
func (g *gate) Write(p []byte) (int, error) {
	mark := g.mark
	if mark == nil {
		return g.TCPConn.Write(p)
	}
	g.mark = nil
	var n int
	var failed error
	err := g.raw.Write(func(fd uintptr) bool {
		mark(true)
		n, failed = syscall.Write(int(fd), p)
		if failed == nil {
			return true
		}
		mark(false)
		n = 0
		return !errors.Is(failed, syscall.EAGAIN) && !errors.Is(failed, syscall.EINTR)
	})
	if err = errors.Join(err, failed); err != nil || n == len(p) {
		return n, err
	}
	rest, err := g.TCPConn.Write(p[n:])
	return n + rest, err
}
