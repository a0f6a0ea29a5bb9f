package audit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// ledger is a service's log: as the service sees it and as its owner does, who
// can break it.
type ledger struct {
	*pg.DB
	t     *testing.T
	owner *pg.DB
}

func open(t *testing.T) *ledger {
	t.Helper()
	urls := pgtest.Service(t, "ledger", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "ledger", "platform_version", os.DirFS("../service/platform"))
	})
	dial := func(url string) *pg.DB {
		db, err := pg.Open(t.Context(), pg.Config{URL: url, Schema: "ledger"})
		must(t, err)
		t.Cleanup(db.Close)
		return db
	}
	return &ledger{DB: dial(urls.Runtime), t: t, owner: dial(urls.Owner)}
}

// add writes entries for objects, in one transaction.
func (l *ledger) add(ctx context.Context, objects ...string) {
	l.t.Helper()
	_, err := pg.InTx(ctx, l.DB, func(ctx context.Context, tx *pg.Tx) (int, error) {
		for _, o := range objects {
			audit.Add(ctx, tx, audit.Entry{Action: "ledger.entry.write", ObjectType: "entry", ObjectID: o, Detail: map[string]string{"b": "2", "a": "<1>"}})
		}
		return 0, nil
	})
	must(l.t, err)
}

// seal seals everything there is. A sealer that was cut off may keep the lock
// until the server notices.
func (l *ledger) seal() {
	l.t.Helper()
	for {
		_, err := audit.Seal(l.t.Context(), l.DB)
		must(l.t, err)
		if l.count("audit_pending") == 0 {
			return
		}
	}
}

func (l *ledger) verify() audit.Chain {
	l.t.Helper()
	c, err := audit.Verify(l.t.Context(), l.DB, "ledger")
	must(l.t, err)
	return c
}

// tamper changes the log as its owner.
func (l *ledger) tamper(sql string) {
	l.t.Helper()
	_, err := pg.InTx(l.t.Context(), l.owner, func(ctx context.Context, tx *pg.Tx) (int, error) {
		tag, err := tx.Exec(ctx, sql)
		if err == nil && tag.RowsAffected() == 0 && !strings.HasPrefix(sql, "ALTER") {
			err = errors.New("nothing was changed")
		}
		return 0, err
	})
	must(l.t, err)
}

func (l *ledger) count(table string) (n int64) {
	l.t.Helper()
	must(l.t, l.QueryRow(l.t.Context(), `SELECT count(*) FROM `+table).Scan(&n))
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantEqual[T any](t *testing.T, what string, want, got T, opts ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestAdd(t *testing.T) {
	l := open(t)
	ctx := auth.With(t.Context(), auth.Principal{
		Kind: auth.KindPerson, ID: "p", DepartmentID: "d", Email: "canary@example.jp",
		Roles: []auth.Role{optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_DESK},
	})
	const trace = "0af7651916cd43dd8448eb211c80319c"
	ctx = metadata.NewIncomingContext(ctx, metadata.Pairs(
		rpc.MetaReason, rpc.EncodeReason("本人からの照会"), rpc.MetaTraceParent, "00-"+trace+"-b7ad6b7169203331-01"))
	var at time.Time
	_, err := pg.InTx(ctx, l.DB, func(ctx context.Context, tx *pg.Tx) (int, error) {
		at = tx.Now
		audit.Add(ctx, tx, audit.Entry{Action: "a", ObjectType: "t", ObjectID: "i", Detail: map[string]string{"from": "DRAFT"}})
		audit.Add(context.WithoutCancel(t.Context()), tx, audit.Entry{Action: "b", Reason: "own"})
		return 0, nil
	})
	must(t, err)
	rows, err := l.Query(t.Context(), `
		SELECT id, at, actor, roles, department, action, object_type, object_id, reason, detail, trace
		FROM audit_entry
		ORDER BY id`)
	must(t, err)
	got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[audit.Record])
	must(t, err)
	wantEqual(t, "entries", []audit.Record{
		{
			At: at, Actor: "p", Roles: []string{"ROLE_STAFF", "ROLE_DESK"}, Department: "d", Action: "a", ObjectType: "t", ObjectID: "i",
			Reason: "本人からの照会", Detail: map[string]string{"from": "DRAFT"}, Trace: trace,
		},
		{At: at, Actor: "anonymous", Roles: []string{}, Action: "b", Reason: "own", Detail: map[string]string{}},
	}, got, cmpopts.IgnoreFields(audit.Record{}, "ID"), cmpopts.EquateApproxTime(0))
}

// TestOnlyWithTheChange: what was not done is not in the log.
func TestOnlyWithTheChange(t *testing.T) {
	l := open(t)
	_, err := pg.InTx(t.Context(), l.DB, func(ctx context.Context, tx *pg.Tx) (int, error) {
		audit.Add(ctx, tx, audit.Entry{Action: "a"})
		return 0, errors.New("refused")
	})
	if err == nil {
		t.Error("no error")
	}
	wantEqual(t, "entries", 0, l.count("audit_entry"))
	wantEqual(t, "pending", 0, l.count("audit_pending"))
}

func TestServiceCannotChangeItsLog(t *testing.T) {
	l := open(t)
	l.add(t.Context(), "1")
	l.seal()
	for _, sql := range []string{
		`UPDATE audit_entry SET actor = 'x'`, `DELETE FROM audit_entry`, `TRUNCATE audit_entry CASCADE`,
		`UPDATE audit_seal SET hash = ''`, `DELETE FROM audit_seal`, `TRUNCATE audit_seal`, `DROP TABLE audit_seal`,
	} {
		var pe *pgconn.PgError
		if err := l.QueryRow(t.Context(), sql).Scan(); !errors.As(err, &pe) || pe.Code != "42501" {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestVerifyFinds(t *testing.T) {
	const last = `(SELECT entry_id FROM audit_seal WHERE number = 10)`
	for name, c := range map[string]struct {
		tamper   []string
		brokenAt int64
	}{
		"nothing":         {},
		"actor":           {[]string{`UPDATE audit_entry SET actor = 'anonymouS' WHERE object_id = '3'`}, 3},
		"time":            {[]string{`UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE object_id = '3'`}, 3},
		"roles":           {[]string{`UPDATE audit_entry SET roles = '{ROLE_DESK}' WHERE object_id = '3'`}, 3},
		"department":      {[]string{`UPDATE audit_entry SET department = 'd' WHERE object_id = '3'`}, 3},
		"action":          {[]string{`UPDATE audit_entry SET action = 'ledger.entry.read' WHERE object_id = '3'`}, 3},
		"object type":     {[]string{`UPDATE audit_entry SET object_type = 'entri' WHERE object_id = '3'`}, 3},
		"object":          {[]string{`UPDATE audit_entry SET object_id = '0' WHERE object_id = '3'`}, 3},
		"reason":          {[]string{`UPDATE audit_entry SET reason = ' ' WHERE object_id = '3'`}, 3},
		"detail":          {[]string{`UPDATE audit_entry SET detail = detail || '{"a": "<2>"}' WHERE object_id = '3'`}, 3},
		"trace":           {[]string{`UPDATE audit_entry SET trace = '0' WHERE object_id = '3'`}, 3},
		"byte of a seal":  {[]string{`UPDATE audit_seal SET hash = set_byte(hash, 31, get_byte(hash, 31) # 1) WHERE number = 3`}, 3},
		"first seal gone": {[]string{`DELETE FROM audit_seal WHERE number = 1`}, 1},
		"a seal gone":     {[]string{`DELETE FROM audit_seal WHERE number = 5`}, 5},
		"last seal gone":  {[]string{`DELETE FROM audit_seal WHERE number = 10`}, 10},
		"an entry gone with its seal": {[]string{
			`ALTER TABLE audit_seal DROP CONSTRAINT audit_seal_entry_known`,
			`DELETE FROM audit_entry WHERE object_id = '5'`, `DELETE FROM audit_seal WHERE number = 5`,
		}, 5},
		"an entry gone and the seals closed up": {[]string{
			`DELETE FROM audit_seal WHERE number = 5`, `DELETE FROM audit_entry WHERE object_id = '5'`,
			`UPDATE audit_seal SET number = -number WHERE number > 5`, `UPDATE audit_seal SET number = -number - 1 WHERE number < 0`,
		}, 5},
		"seals with another number": {[]string{
			`UPDATE audit_seal SET number = -number WHERE number > 5`, `UPDATE audit_seal SET number = -number + 1 WHERE number < 0`,
		}, 6},
		"two entries in the other order": {[]string{
			`UPDATE audit_seal SET number = -number WHERE number IN (4, 5)`,
			`UPDATE audit_seal SET number = 9 + number WHERE number < 0`,
		}, 4},
		"an entry slipped in": {[]string{`
			INSERT INTO audit_entry (at, actor, roles, department, action, object_type, object_id, reason, detail, trace)
			SELECT at, actor, roles, department, action, object_type, 'false', reason, detail, trace
			FROM audit_entry
			WHERE id = ` + last}, 11},
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t)
			for i := range 10 {
				l.add(t.Context(), fmt.Sprint(i+1))
			}
			l.seal()
			l.add(t.Context(), "not sealed yet")
			for _, sql := range c.tamper {
				l.tamper(sql)
			}
			got := l.verify()
			wantEqual(t, "broken at", c.brokenAt, got.BrokenAt)
			if c.brokenAt == 0 {
				wantEqual(t, "entries", 10, got.Entries)
				wantEqual(t, "length of the head", 64, len(got.Head))
			}
		})
	}
}

func TestVerifyNothing(t *testing.T) {
	wantEqual(t, "chain", audit.Chain{Service: "ledger"}, open(t).verify())
}

// TestSealersAndWriters: whoever writes and seals at once, the chain holds and
// has everything.
func TestSealersAndWriters(t *testing.T) {
	l := open(t)
	ctx, stop := context.WithCancel(t.Context())
	var writers, sealers sync.WaitGroup
	for range 2 {
		sealers.Go(func() {
			for ctx.Err() == nil {
				if _, err := audit.Seal(ctx, l.DB); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for w := range 4 {
		writers.Go(func() {
			for i := range 50 {
				l.add(t.Context(), fmt.Sprint(w, "-", i, "a"), fmt.Sprint(w, "-", i, "b"))
			}
		})
	}
	writers.Wait()
	stop()
	sealers.Wait()
	l.seal()
	c := l.verify()
	wantEqual(t, "broken at", 0, c.BrokenAt)
	wantEqual(t, "sealed", 400, c.Entries)
	wantEqual(t, "pending", 0, l.count("audit_pending"))
}

// TestLateCommit: an entry with a smaller id that is committed later than a
// sealed one is sealed too.
func TestLateCommit(t *testing.T) {
	l := open(t)
	_, err := pg.InTx(t.Context(), l.DB, func(ctx context.Context, tx *pg.Tx) (int, error) {
		_, err := tx.Exec(ctx, `
			WITH entry AS (
				INSERT INTO audit_entry (at, actor, roles, department, action, object_type, object_id, reason, detail, trace)
				VALUES (now(), '', '{}', '', '', '', 'early id', '', '{}', '')
				RETURNING id
			)
			INSERT INTO audit_pending (entry_id)
			SELECT id
			FROM entry`)
		l.add(t.Context(), "later id")
		l.seal()
		return 0, err
	})
	must(t, err)
	wantEqual(t, "sealed before the commit", 1, l.verify().Entries)
	l.seal()
	wantEqual(t, "chain", audit.Chain{Service: "ledger", Entries: 2}, l.verify(), cmpopts.IgnoreFields(audit.Chain{}, "Head"))
}

// TestManyEntries needs several batches of sealing and of verifying.
func TestManyEntries(t *testing.T) {
	l := open(t)
	l.tamper(`
		WITH entry AS (
			INSERT INTO audit_entry (at, actor, roles, department, action, object_type, object_id, reason, detail, trace)
			SELECT now(), '', '{}', '', '', '', n::text, '', '{}', ''
			FROM generate_series(1, 5500) AS s (n)
			RETURNING id
		)
		INSERT INTO audit_pending (entry_id)
		SELECT id
		FROM entry`)
	l.seal()
	wantEqual(t, "entries", 5500, l.verify().Entries)
	l.tamper(`UPDATE audit_entry SET reason = 'x' WHERE object_id = '5400'`)
	wantEqual(t, "broken at", 5400, l.verify().BrokenAt)
}

func TestRunSealer(t *testing.T) {
	l := open(t)
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	for range 2 {
		done.Go(func() { audit.RunSealer(ctx, l.DB, slog.New(slog.DiscardHandler)) })
	}
	l.add(t.Context(), "1", "2", "3")
	wait, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for l.count("audit_seal") < 3 {
		select {
		case <-wait.Done():
			t.Fatal("not sealed")
		case <-tick.C:
		}
	}
	stop()
	done.Wait()
	wantEqual(t, "entries", 3, l.verify().Entries)
}
