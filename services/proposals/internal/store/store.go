// Package store is the SQL of the proposals service: one function a question,
// beside the statement that it runs. Reads take any pg.Reader; what is written
// with a step is queued and runs in one round trip before COMMIT.
package store

import (
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
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

// DatePage reads the place of a course or log after which a page goes on.
func dateAfter(after []string) (jp.Date, string, error) {
	if after == nil {
		return jp.Date{Year: 1, Month: time.January, Day: 1}, nilID, nil
	}
	if len(after) != 2 {
		return jp.Date{}, "", fault.ErrInvalidPageToken
	}
	d, err := jp.ParseDate(after[0])
	if err != nil {
		return jp.Date{}, "", fmt.Errorf("page token: %w", err)
	}
	return d, after[1], nil
}

// nilID sorts before every identifier.
const nilID = "00000000-0000-0000-0000-000000000000"

// lastID sorts after every identifier.
const lastID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
