package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/fetch"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
)

// ReadSources reads the sources that are due with a client of the test, which may
// reach the test's own server.
func ReadSources(ctx context.Context, d service.Deps, client *fetch.Client) error {
	return (&sourceReader{Deps: d, client: client}).readDue(ctx)
}
