// Package store is the SQL of the outreach service: one function a question,
// beside the statement that it runs. Reads take any pg.Reader; what is written
// with a step is queued and runs in one round trip before COMMIT.
package store

import (
	"embed"
	"io/fs"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the goose files of the service's tables.
func Migrations() fs.FS { return pg.Embedded(files) }
