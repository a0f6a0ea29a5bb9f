package idempotency_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/idempotency"
)

// TestTake: of all that ask, one gets the claim.
func TestTake(t *testing.T) {
	if idempotency.Take(t.Context()) != nil {
		t.Error("a claim from nowhere")
	}
	claim := &idempotency.Claim{Key: "key"}
	ctx := idempotency.With(t.Context(), claim)
	var taken atomic.Int32
	var done sync.WaitGroup
	for range 16 {
		done.Go(func() {
			switch idempotency.Take(ctx) {
			case claim:
				taken.Add(1)
			case nil:
			default:
				t.Error("another claim")
			}
		})
	}
	done.Wait()
	if taken.Load() != 1 {
		t.Errorf("taken %d times", taken.Load())
	}
}
