// Package store is the SQL of the outreach service: one function a question,
// beside the statement that it runs. Reads take any pg.Reader; what is written
// with a step is queued and runs in one round trip before COMMIT.
package store

import (
	"embed"
	"io/fs"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the goose files of the service's tables.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil { // The folder is embedded.
		panic(err)
	}
	return sub
}

// found turns the absence of a row into RESOURCE_NOT_FOUND.
func found(err error) error {
	if pg.IsNoRows(err) {
		return fault.ErrNotFound
	}
	return err
}

// null gives NULL for the zero value of a type.
func null[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// or gives the zero value for NULL.
func or[T any](v *T) T {
	if v == nil {
		var zero T
		return zero
	}
	return *v
}

// list gives an empty array for none, which a NOT NULL column takes.
func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

// nilID sorts before every identifier.
const nilID = "00000000-0000-0000-0000-000000000000"

// timeAfter reads the place of a list by time after which a page goes on.
func timeAfter(after []string) (time.Time, string, error) {
	if len(after) != 2 {
		return time.Time{}, "", fault.ErrInvalidPageToken
	}
	at, err := time.Parse(time.RFC3339Nano, after[0])
	if err != nil {
		return time.Time{}, "", fault.ErrInvalidPageToken.Because(err)
	}
	return at, after[1], nil
}
