package outreach_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach"
)

// registerPatiently registers a visitor, again for as long as the answer is that the
// system is busy: on a machine with other work the last of a crowd waits longer for
// the places of the event than a lock is waited for.
func (w *world) registerPatiently(event, email string) {
	w.t.Helper()
	var err error
	for range 20 {
		if _, err = w.register(auth.Anonymous, event, email); reason(err) != "OVERLOADED" {
			break
		}
		<-time.After(time.Second) // as the answer says
	}
	if err != nil {
		w.t.Error(err)
	}
}

// TestACrowdRegisters: who registers in the same moment as many others is answered,
// be it for one event or for several, and the confirmations go 20 a minute all the
// same.
func TestACrowdRegisters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ events, people int }{"for one event": {1, 60}, "for several": {5, 100}} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			ids := make([]string, c.events)
			for i := range ids {
				ids[i] = w.published(admission(100))
			}
			gate := make(chan struct{})
			var all sync.WaitGroup
			for i := range c.people {
				all.Go(func() {
					<-gate
					w.registerPatiently(ids[i%len(ids)], fmt.Sprintf("p%d@example.jp", i))
				})
			}
			close(gate)
			all.Wait()
			if n := w.count(`SELECT count(*) FROM registration`); n != c.people {
				t.Errorf("%d registrations, want %d", n, c.people)
			}
			if n := w.count(`
				SELECT max(n)
				FROM (
					SELECT count(*) AS n
					FROM registration
					GROUP BY date_trunc('minute', confirm_before)) AS minutes`); n > 20 {
				t.Errorf("%d mails in a minute", n)
			}
		})
	}
}

// TestNobodyWaitsForAnothersMail: a registration that is not through yet holds its
// place among the mails of the minute, and nobody else waits for it.
func TestNobodyWaitsForAnothersMail(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.published(admission(100))
	taken, done := make(chan struct{}), make(chan struct{})
	var slow sync.WaitGroup
	slow.Go(func() {
		_, err := pg.InTx(t.Context(), w.DB("outreach"), func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			_, err := outreach.TakeMailQuota(ctx, tx, []byte("somebody"))
			close(taken)
			<-done
			return struct{}{}, err
		})
		w.must(err)
	})
	<-taken
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			w.registerPatiently(id, fmt.Sprintf("p%d@example.jp", i))
		})
	}
	all.Wait()
	close(done)
	slow.Wait()
	if n := w.count(`SELECT count(*) FROM mail_place`); n != 61 {
		t.Errorf("%d mails have their place, want 61", n)
	}
	if n := w.count(`SELECT count(*) FROM registration WHERE confirm_before < date_trunc('minute', now()) + interval '24 hours 1 minute'`); n > 19 {
		t.Errorf("%d mails go in the minute of the one that is not through yet", n)
	}
}
