package outreach_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach"
)

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
					if _, err := w.register(auth.Anonymous, ids[i%len(ids)], fmt.Sprintf("p%d@example.jp", i)); err != nil {
						t.Error(err)
					}
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
			if _, err := w.register(auth.Anonymous, id, fmt.Sprintf("p%d@example.jp", i)); err != nil {
				t.Error(err)
			}
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
