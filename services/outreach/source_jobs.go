package outreach

import (
	"context"
	"errors"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fetch"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/source"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

const (
	// readersAtOnce read sources side by side, each another host.
	readersAtOnce = 4
	// readingTime is how long one run begins new readings.
	readingTime = 3 * time.Minute
	// readingLease is how long a reading may take before another begins it again.
	readingLease = 2 * time.Minute
	// hostPause is how long a host is left alone after a reading.
	hostPause = 10 * time.Second
)

// The codes of what went wrong with a reading; the values are those of the
// contract.
const (
	failedRefused     = "FETCH_REFUSED"
	failedTimeout     = "FETCH_TIMEOUT"
	failedStatus      = "HTTP_STATUS"
	failedTooLarge    = "TOO_LARGE"
	failedType        = "WRONG_TYPE"
	failedUnreadable  = "UNREADABLE"
	failedUnreachable = "UNREACHABLE"
)

// mediaTypes are what sources of a kind are taken as; servers name feeds in many
// ways, but never as a page.
var mediaTypes = map[source.Kind][]string{
	source.Feed: {
		"application/atom+xml", "application/rss+xml", "application/feed+json", "application/rdf+xml", "application/xml", "text/xml",
		"application/json", "text/plain",
	},
	source.Calendar: {"text/calendar", "text/plain", "application/octet-stream"},
}

// sourceReader reads the sources that are due.
type sourceReader struct {
	service.Deps
	client *fetch.Client
}

// fetcher makes the client for addresses that others chose.
func fetcher(d service.Deps) *fetch.Client {
	return fetch.New(fetch.Config{UserAgent: "Kyodo/1.0 (+" + d.Origin + ")"})
}

func sourceTasks(d service.Deps) []job.Task {
	r := &sourceReader{Deps: d, client: fetcher(d)}
	return []job.Task{{Name: "read-sources", Every: time.Minute, Run: r.readDue}}
}

// readDue reads what is due, until nothing is or its time is over.
func (r *sourceReader) readDue(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	end := r.Now().Add(readingTime)
	g, ctx := errgroup.WithContext(ctx)
	for range readersAtOnce {
		g.Go(func() error {
			for r.Now().Before(end) && ctx.Err() == nil {
				s, err := r.claim(ctx)
				if err != nil || s == nil {
					return err
				}
				if err := r.take(ctx, s); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// claim takes the next due source whose host is free, for the time of the lease;
// nil for none.
func (r *sourceReader) claim(ctx context.Context) (*source.Source, error) {
	return pg.InTx(ctx, r.DB, func(ctx context.Context, tx *pg.Tx) (*source.Source, error) {
		return store.ClaimSource(ctx, tx, readingLease)
	})
}

// take reads one source and writes what came of it, unless somebody else has
// claimed or changed the source since.
func (r *sourceReader) take(ctx context.Context, claimed *source.Source) error {
	reading, entries := r.read(ctx, claimed)
	if err := ctx.Err(); err != nil { // Stopped on the way: not a failure of the source.
		return err
	}
	_, err := pg.InTx(ctx, r.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		s, err := store.LockClaimed(ctx, tx, claimed)
		if err != nil || s == nil {
			return struct{}{}, err
		}
		if s.Take(reading, tx.Now) {
			if err := r.alarm(ctx, tx, s); err != nil {
				return struct{}{}, err
			}
		}
		if err := store.KeepReading(ctx, tx, s, tx.Now.Add(max(hostPause, reading.RetryAfter))); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, store.KeepItems(ctx, tx, s, entries, r.NewID)
	})
	return err
}

// alarm tells the ward of a source that is dead.
func (r *sourceReader) alarm(ctx context.Context, tx *pg.Tx, s *source.Source) error {
	audit.Add(ctx, tx, audit.Entry{
		Action: "outreach.source.die", ObjectType: "source", ObjectID: s.ID, Detail: map[string]string{"failure": s.Failure},
	})
	return event.Add(ctx, tx, event.Event{
		Aggregate: "source", ID: s.ID, Visibility: event.Ward,
		Message: &outreachv1.SourceFailed{
			SourceId: s.ID, Name: s.Name, OrganizationId: s.OrganizationID, Failure: s.Failure, Failures: int32(s.Failures),
		},
	})
}

// read fetches and parses a source. It answers every failure as a reading.
func (r *sourceReader) read(ctx context.Context, s *source.Source) (source.Reading, []source.Entry) {
	answer, err := r.client.Do(ctx, fetch.Request{
		URL: s.URL, ETag: s.ETag, LastModified: s.LastModified, MediaTypes: mediaTypes[s.Kind], NoBody: s.Kind == source.Link,
	})
	if err != nil {
		return source.Reading{Failure: failureOf(err)}, nil
	}
	reading := source.Reading{
		StatusCode: answer.Status, ETag: answer.ETag, LastModified: answer.LastModified, RetryAfter: answer.RetryAfter,
	}
	if at, err := http.ParseTime(answer.LastModified); err == nil {
		reading.ModifiedAt = at
	}
	switch {
	case answer.NotModified:
		reading.ETag, reading.LastModified, reading.ModifiedAt = s.ETag, s.LastModified, s.ModifiedAt
		return reading, nil
	case !answer.OK():
		reading.Failure = failedStatus
		return reading, nil
	}
	entries, err := parse(s.Kind, answer.Body, answer.URL)
	if err != nil {
		reading.Failure = failedUnreadable
	}
	return reading, entries
}

func failureOf(err error) string {
	for _, f := range []struct {
		err  error
		code string
	}{
		{fetch.ErrForbidden, failedRefused},
		{fetch.ErrRedirect, failedRefused},
		{fetch.ErrTimeout, failedTimeout},
		{fetch.ErrTooLarge, failedTooLarge},
		{fetch.ErrMediaType, failedType},
	} {
		if errors.Is(err, f.err) {
			return f.code
		}
	}
	return failedUnreachable
}
