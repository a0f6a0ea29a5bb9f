package pg

import (
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// isRefusedConnection reports whether there was no connection to begin with,
// whatever the server said to it.
func isRefusedConnection(err error) bool {
	var ce *pgconn.ConnectError
	return errors.As(err, &ce)
}

// isConnectionLoss reports whether the connection broke under a statement.
func isConnectionLoss(err error) bool {
	var ne *net.OpError
	return errors.As(err, &ne) ||
		errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, syscall.ECONNRESET)
}
