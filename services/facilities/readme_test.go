package facilities_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
)

var write = flag.Bool("write", false, "write the graph into the README")

// The README shows the graph as it is; go test -run TestREADME -write writes it.
func TestREADMEShowsGraph(t *testing.T) {
	const file, begin, end = "README.md", "<!-- graph -->\n", "<!-- /graph -->\n"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(raw), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatal("the README has no place for the graph")
	}
	now := "| from | action | by | to |\n| --- | --- | --- | --- |\n"
	for _, a := range []booking.Action{
		booking.Approve, booking.RequestInformation, booking.AnswerInformation, booking.Reject, booking.Amend, booking.Cancel,
		booking.CheckIn, booking.RecordNoShow, booking.RecordPayment, booking.RecordRefund, booking.ReduceFee, booking.DecideReduction,
		booking.Expire,
	} {
		step := booking.Graph[a]
		from := make([]string, len(step.From))
		for i, s := range step.From {
			from[i] = string(s)
		}
		to := string(step.Target)
		if to == "" {
			to = "as it was"
		}
		if step.Approves {
			to += ", or APPROVED"
		}
		now += "| " + strings.Join(from, ", ") + " | " + string(a) + " | " + string(step.By) + " | " + to + " |\n"
	}
	if strings.Count(now, "\n") != 2+len(booking.Graph) {
		t.Error("the graph has a step that is not shown")
	}
	if old == now {
		return
	}
	if !*write {
		t.Fatal("the README shows another graph: go test ./facilities -run TestREADME -write")
	}
	if err := os.WriteFile(file, []byte(before+begin+now+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
