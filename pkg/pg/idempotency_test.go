package pg_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/idempotency"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// claim is the claim of a key by a request.
func claim(key, request string) *idempotency.Claim {
	return &idempotency.Claim{
		Caller: "someone", Method: "/kyodo.ledger.v1.Ledger/Write", Key: key, Fingerprint: []byte(request),
		Seal: func(answer any) ([]byte, error) {
			text, ok := answer.(string)
			if !ok {
				return nil, errors.New("not an answer")
			}
			return []byte("sealed " + text), nil
		},
	}
}

// call runs a transaction of a request with a claim.
func call(ctx context.Context, db *pg.DB, c *idempotency.Claim, fn func(context.Context, *pg.Tx) (string, error)) (string, error) {
	out, err := pg.InTx(idempotency.With(ctx, c), db, fn)
	var replay *idempotency.Replay
	if errors.As(err, &replay) {
		return "replayed: " + string(replay.Sealed), nil
	}
	return out, err
}

func writer(text string) func(context.Context, *pg.Tx) (string, error) {
	return func(ctx context.Context, tx *pg.Tx) (string, error) {
		_, err := tx.Exec(ctx, insertEntry, text)
		return text, err
	}
}

func TestKeyIsUsedAgain(t *testing.T) {
	db := open(t, 3)
	got, err := call(t.Context(), db, claim("key", "a"), writer("first"))
	must(t, err)
	wantEqual(t, "first answer", "first", got)
	got, err = call(t.Context(), db, claim("key", "a"), writer("second"))
	must(t, err)
	wantEqual(t, "second answer", "replayed: sealed first", got)
	_, err = call(t.Context(), db, claim("key", "b"), writer("third"))
	wantReason(t, err, fault.ErrIdempotencyKeyReused)
	for name, change := range map[string]func(*idempotency.Claim){
		"caller": func(c *idempotency.Claim) { c.Caller = "someone else" },
		"method": func(c *idempotency.Claim) { c.Method = "/kyodo.ledger.v1.Ledger/Erase" },
		"key":    func(c *idempotency.Claim) { c.Key = "other" },
	} {
		c := claim("key", "a")
		change(c)
		got, err := call(t.Context(), db, c, writer(name))
		must(t, err)
		wantEqual(t, "answer with another "+name, name, got)
	}
}

func TestKeyTwentyTimesAtOnce(t *testing.T) {
	db := open(t, 20)
	var done sync.WaitGroup
	var first, replayed atomic.Int32
	for range 20 {
		done.Go(func() {
			got, err := call(t.Context(), db, claim("key", "a"), writer("text"))
			switch {
			case err == nil && got == "text":
				first.Add(1)
			case err == nil && got == "replayed: sealed text":
				replayed.Add(1)
			default:
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	done.Wait()
	wantEqual(t, "executions", 1, first.Load())
	wantEqual(t, "replays", 19, replayed.Load())
}

func TestKeyInProgress(t *testing.T) {
	t.Parallel()
	db := open(t, 2)
	got, err := call(t.Context(), db, claim("key", "a"), func(ctx context.Context, tx *pg.Tx) (string, error) {
		_, err := call(t.Context(), db, claim("key", "a"), writer("second"))
		if f, ok := fault.As(err); !ok || f.Reason != fault.ErrIdempotencyInProgress.Reason || f.RetryAfter <= 0 {
			t.Errorf("repeat while the first runs: %v", err)
		}
		return writer("first")(ctx, tx)
	})
	must(t, err)
	wantEqual(t, "answer", "first", got)
	wantEqual(t, "entries", []string{"first"}, texts(t, db))
}

// TestRefusalIsNotStored: the key is free again, also for a waiting repeat.
func TestRefusalIsNotStored(t *testing.T) {
	db := open(t, 2)
	refusal := fault.New(fault.Precondition, "FULL", "満員です。", "Full.")
	_, err := call(t.Context(), db, claim("key", "a"), func(context.Context, *pg.Tx) (string, error) { return "", refusal })
	if !errors.Is(err, refusal) {
		t.Fatal(err)
	}
	got, err := call(t.Context(), db, claim("key", "b"), writer("after all"))
	must(t, err)
	wantEqual(t, "answer", "after all", got)
}

// TestOnlyFirstTransactionClaims: the others of a request are not its answer.
func TestOnlyFirstTransactionClaims(t *testing.T) {
	db := open(t, 2)
	ctx := idempotency.With(t.Context(), claim("key", "a"))
	_, err := pg.InTx(ctx, db, writer("first"))
	must(t, err)
	_, err = pg.InTx(ctx, db, writer("second"))
	must(t, err)
	wantEqual(t, "entries", []string{"first", "second"}, texts(t, db))
}

// TestUnsealableAnswerRollsBack: what could not be given again is not done.
func TestUnsealableAnswerRollsBack(t *testing.T) {
	db := open(t, 2)
	_, err := pg.InTx(idempotency.With(t.Context(), claim("key", "a")), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
		_, err := tx.Exec(ctx, insertEntry, "text")
		return 1, err
	})
	if err == nil {
		t.Error("no error")
	}
	wantEqual(t, "entries", []string{}, texts(t, db))
}

// TestKeyAndConflict: a transaction that is run again keeps its claim.
func TestKeyAndConflict(t *testing.T) {
	urls := service(t)
	db := openURL(t, with(t, urls.Runtime, "default_transaction_isolation", "repeatable read"), 2)
	other := openURL(t, urls.Runtime, 1)
	attempts := 0
	got, err := call(t.Context(), db, claim("key", "a"), func(ctx context.Context, tx *pg.Tx) (string, error) {
		if attempts++; attempts == 1 {
			increment(ctx, t, other)
		}
		_, err := tx.Exec(ctx, `UPDATE counter SET value = value + 1 WHERE id = 1`)
		return "done", err
	})
	must(t, err)
	wantEqual(t, "answer", "done", got)
	wantEqual(t, "attempts", 2, attempts)
	got, err = call(t.Context(), db, claim("key", "a"), writer("again"))
	must(t, err)
	wantEqual(t, "repeat", "replayed: sealed done", got)
}
