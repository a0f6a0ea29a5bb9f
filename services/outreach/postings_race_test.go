package outreach_test

import (
	"sync"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// atOnce runs n calls side by side and counts what they were answered.
func atOnce(n int, call func(i int) error) map[string]int {
	var (
		mu      sync.Mutex
		wg      sync.WaitGroup
		answers = map[string]int{}
	)
	for i := range n {
		wg.Go(func() {
			err := call(i)
			mu.Lock()
			defer mu.Unlock()
			answers[reason(err)]++
		})
	}
	wg.Wait()
	return answers
}

// Of many who ask at once for the same places, as many get them as there are, and an
// organization gets one.
func TestPlacesAreGivenOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	var boards []string
	for _, n := range []string{"1", "2", "3"} {
		boards = append(boards, w.board(n, func(in *outreachv1.BoardInput) { in.Places = 4 }).GetId())
	}
	got := atOnce(12, func(i int) error {
		in := postingInput(boards[i%3], boards[(i+1)%3], boards[(i+2)%3]) // Named in different orders.
		return err2(w.ask(head, in))
	})
	if got[""] != 1 || got["BOARD_ALREADY_USED"] != 11 {
		t.Errorf("one organization: %v", got)
	}
	desks := make([]auth.Principal, 12)
	for i := range desks {
		desks[i] = servicetest.Staff("desk", dept2, optionsv1.Role_ROLE_DESK)
	}
	got = atOnce(12, func(i int) error {
		return err2(w.ask(desks[i], postingInput(boards[i%3], boards[(i+1)%3], boards[(i+2)%3])))
	})
	if got[""] != 3 || got["BOARD_FULL"] != 9 {
		t.Errorf("places: %v", got)
	}
	if n := w.count(`SELECT count(*) FROM board_day WHERE used <> places`); n != 0 {
		t.Errorf("%d days are not full", n)
	}
}

// Approvals at once give numbers without gap and repeat, and one posting is approved
// once.
func TestApprovalNumbers(t *testing.T) {
	t.Parallel()
	w := start(t)
	board := w.board("1", func(in *outreachv1.BoardInput) { in.Places = 100 }).GetId()
	ids := make([]string, 10)
	for i := range ids {
		p, err := w.ask(desk2, postingInput(board))
		w.must(err)
		ids[i] = p.GetId()
	}
	got := atOnce(20, func(i int) error { return err2(w.approve(desk, ids[i%10])) })
	if got[""] != 10 || got["INVALID_STATE_TRANSITION"] != 10 {
		t.Errorf("approvals: %v", got)
	}
	if n := w.count(`SELECT max(right(number, 4)::integer) FROM posting`); n != 10 {
		t.Errorf("last number %d", n)
	}
}
