package draw_test

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
)

// vector is a lottery computed by another program.
type vector struct {
	Seed       string `json:"seed_hex"`
	Commitment string `json:"commitment"`
	Root       string `json:"entries_root"`
	Entropy    string `json:"public_entropy"`
	Key        string `json:"key_hex"`
	Cap        int    `json:"cap_slots_per_org"`
	Entries    []struct {
		ID       string   `json:"id"`
		Org      string   `json:"org"`
		Priority int      `json:"priority"`
		Slots    []string `json:"slots"`
	} `json:"entries"`
	Expected    [][3]string `json:"expected"`
	WithEntropy *vector     `json:"with_entropy"`
}

func (v vector) tickets() []draw.Ticket {
	var out []draw.Ticket
	for _, e := range v.Entries {
		out = append(out, draw.Ticket{ID: e.ID, Group: e.Org, Priority: e.Priority, Slots: len(e.Slots), Places: e.Slots})
	}
	return out
}

// record is the vector as a published lottery.
func (v vector) record(t *testing.T) draw.Record {
	t.Helper()
	seed, err := hex.DecodeString(v.Seed)
	if err != nil {
		t.Fatal(err)
	}
	key := draw.Key(seed, v.Root, v.Entropy)
	return draw.Record{
		Commitment: v.Commitment, Root: v.Root, Ballot: draw.Ballot(v.tickets()), Seed: v.Seed, Entropy: v.Entropy,
		Key: v.Key, Cap: v.Cap, Tickets: draw.Walk(draw.Order(key, v.tickets()), v.Cap, nil),
	}
}

func vectors(t *testing.T) map[string]vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/lottery.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vector
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return map[string]vector{"without entropy": v, "with entropy": *v.WithEntropy}
}

func TestVectors(t *testing.T) {
	for name, v := range vectors(t) {
		seed, err := hex.DecodeString(v.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if got := draw.Commitment(seed); got != v.Commitment {
			t.Errorf("%s: commitment = %s", name, got)
		}
		if got := draw.Root(v.tickets()); got != v.Root {
			t.Errorf("%s: root = %s", name, got)
		}
		if got := hex.EncodeToString(draw.Key(seed, v.Root, v.Entropy)); got != v.Key {
			t.Errorf("%s: key = %s", name, got)
		}
		var got [][3]string
		for _, d := range v.record(t).Tickets {
			got = append(got, map[draw.Outcome][3]string{
				draw.Won: {d.ID, "won", ""}, draw.LostCap: {d.ID, "lost", "cap"}, draw.LostTaken: {d.ID, "lost", "taken"},
			}[d.Outcome])
		}
		if diff := cmp.Diff(v.Expected, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTakenBefore(t *testing.T) {
	tickets := []draw.Ticket{{ID: "a", Group: "1", Slots: 1, Places: []string{"1/2027-06-10/1", "2/2027-06-10/1"}}}
	if got := draw.Walk(tickets, 1, []string{"2/2027-06-10/1"})[0].Outcome; got != draw.LostTaken {
		t.Errorf("with a blocked part: %v", got)
	}
	if got := draw.Walk(tickets, 1, []string{"2/2027-06-10/2"})[0].Outcome; got != draw.Won {
		t.Errorf("with another slot blocked: %v", got)
	}
}

// Every change of a published lottery is found, and the step that finds it is
// named first.
func TestVerifyFindsChanges(t *testing.T) {
	v := vectors(t)["with entropy"]
	if checks := draw.Verify(v.record(t)); len(checks) != 6 || !draw.Valid(checks) {
		t.Fatalf("an honest lottery: %v", checks)
	}
	for name, c := range map[string]struct {
		change func(*draw.Record)
		found  draw.Step
	}{
		"another seed":          {func(r *draw.Record) { r.Seed = v.Commitment }, draw.StepCommitment},
		"no seed at all":        {func(r *draw.Record) { r.Seed = "hidden" }, draw.StepCommitment},
		"a seed kept secret":    {func(r *draw.Record) { r.Seed = "" }, draw.StepCommitment},
		"another id":            {func(r *draw.Record) { r.Tickets[0].ID = "A-0007" }, draw.StepRoot},
		"an entry less":         {func(r *draw.Record) { r.Tickets = r.Tickets[1:] }, draw.StepRoot},
		"another priority":      {func(r *draw.Record) { r.Tickets[5].Priority = 1 }, draw.StepBallot},
		"other places":          {func(r *draw.Record) { r.Tickets[1].Places = []string{"R9/2026-06-10/AM"} }, draw.StepBallot},
		"another group":         {func(r *draw.Record) { r.Tickets[4].Group = "O9" }, draw.StepBallot},
		"another public value":  {func(r *draw.Record) { r.Entropy = "ナンバーズ4 第6543回 1235" }, draw.StepKey},
		"two places exchanged":  {func(r *draw.Record) { r.Tickets[2], r.Tickets[3] = r.Tickets[3], r.Tickets[2] }, draw.StepOrder},
		"a loser that wins":     {func(r *draw.Record) { r.Tickets[1].Outcome = draw.Won }, draw.StepResult},
		"another cap":           {func(r *draw.Record) { r.Cap = 9 }, draw.StepResult},
		"a place blocked after": {func(r *draw.Record) { r.Taken = []string{"R1/2026-06-10/PM"} }, draw.StepResult},
	} {
		r := v.record(t)
		c.change(&r)
		checks := draw.Verify(r)
		i := slices.IndexFunc(checks, func(c draw.Check) bool { return !c.Valid })
		if i < 0 || checks[i].Step != c.found {
			t.Errorf("%s: %+v", name, checks)
		}
	}
}

func TestVerifyBeforeTheDraw(t *testing.T) {
	r := vectors(t)["without entropy"].record(t)
	r.Seed, r.Key = "", ""
	if checks := draw.Verify(r); len(checks) != 2 || !draw.Valid(checks) {
		t.Errorf("closed: %v", checks)
	}
	if checks := draw.Verify(draw.Record{Commitment: r.Commitment}); checks != nil || !draw.Valid(checks) {
		t.Errorf("open: %v", checks)
	}
}

// Of many draws with one prize every entry wins its share, whatever its place in
// the list of entries and whatever its id looks like. The bound is five standard
// deviations, and the random source is fixed.
func TestFair(t *testing.T) {
	const entries, draws = 16, 8000
	source := rand.New(rand.NewChaCha8([32]byte{1}))
	byTime, byID := make([]int, entries), make([]int, entries)
	for range draws {
		tickets := make([]draw.Ticket, entries)
		for i := range tickets {
			id := fmt.Sprintf("%016x%016x", source.Uint64(), source.Uint64())
			tickets[i] = draw.Ticket{ID: id, Group: id, Slots: 1, Places: []string{"1/2027-06-10/1"}}
		}
		var seed [32]byte
		for i := 0; i < len(seed); i += 8 {
			binary.BigEndian.PutUint64(seed[i:], source.Uint64())
		}
		winner := draw.Walk(draw.Order(draw.Key(seed[:], draw.Root(tickets), ""), tickets), 1, nil)[0]
		sortedIDs := make([]string, entries)
		for i, t := range tickets {
			sortedIDs[i] = t.ID
			if t.ID == winner.ID {
				byTime[i]++
			}
		}
		slices.Sort(sortedIDs)
		byID[slices.Index(sortedIDs, winner.ID)]++
	}
	// Binomial: mean 500, standard deviation 21.7.
	const mean, bound = draws / entries, 109
	for i := range entries {
		if d := byTime[i] - mean; max(d, -d) > bound {
			t.Errorf("entry %d won %d times of %d", i, byTime[i], draws)
		}
		if d := byID[i] - mean; max(d, -d) > bound {
			t.Errorf("the entry with id number %d won %d times of %d", i, byID[i], draws)
		}
	}
}
