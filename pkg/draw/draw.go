// Package draw is the arithmetic of Kyodo's lotteries: pure functions that the
// service draws with and that anybody can recompute a published lottery with.
//
// At the opening Commitment(seed) is published; at the closing Root of the
// tickets' ids and Ballot of all that counts of them; at the draw Key is made of
// seed, root and a public random value, Order sorts the tickets by it, and Walk
// hands out the places along that order.
package draw

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Ticket is an entry in a lottery as everybody sees it.
type Ticket struct {
	ID       string   // Random, given at the closing; unique in the lottery.
	Group    string   // Label of the organization within the lottery; has no space.
	Priority int      // Lower numbers come first.
	Slots    int      // What it counts against the cap.
	Places   []string // What it needs, all or nothing; neither space nor comma in them.
}

// Outcome is the result of a ticket.
type Outcome int

// The outcomes.
const (
	Won       Outcome = iota + 1
	LostCap           // Its group would have got more slots than the cap.
	LostTaken         // One of its places was taken by then.
)

// Drawn is a ticket with its result.
type Drawn struct {
	Ticket
	Outcome Outcome
}

// Commitment returns the SHA-256 of the seed in hexadecimal.
func Commitment(seed []byte) string { return digest(string(seed)) }

// Root returns the SHA-256, in hexadecimal, of the ids sorted ascending, each
// followed by LF.
func Root(tickets []Ticket) string {
	lines := make([]string, len(tickets))
	for i, t := range tickets {
		lines[i] = t.ID
	}
	return sorted(lines)
}

// Ballot returns the SHA-256, in hexadecimal, of one line a ticket, sorted
// ascending and each followed by LF: id, group, priority, slots and places
// (parted by commas, in their order), parted by one space. It fixes what Root
// leaves open.
func Ballot(tickets []Ticket) string {
	lines := make([]string, len(tickets))
	for i, t := range tickets {
		lines[i] = strings.Join([]string{
			t.ID, t.Group, strconv.Itoa(t.Priority), strconv.Itoa(t.Slots), strings.Join(t.Places, ","),
		}, " ")
	}
	return sorted(lines)
}

// Key returns the SHA-256 of seed, root and public entropy (as UTF-8, may be
// empty), one after the other. The root is a result of Root.
func Key(seed []byte, root, entropy string) []byte {
	raw, err := hex.DecodeString(root)
	if err != nil { // A root that nobody computed: no key of it matches.
		raw = []byte(root)
	}
	sum := sha256.Sum256(slices.Concat(seed, raw, []byte(entropy)))
	return sum[:]
}

// Order returns the tickets by priority, then by HMAC-SHA256(key, id).
func Order(key []byte, tickets []Ticket) []Ticket {
	type place struct {
		Ticket
		mac string
	}
	places := make([]place, len(tickets))
	for i, t := range tickets {
		h := hmac.New(sha256.New, key)
		_, _ = io.WriteString(h, t.ID) // A hash takes everything.
		places[i] = place{Ticket: t, mac: string(h.Sum(nil))}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.mac, b.mac), cmp.Compare(a.ID, b.ID))
	})
	out := make([]Ticket, len(places))
	for i, p := range places {
		out[i] = p.Ticket
	}
	return out
}

// Walk gives each ticket of the order its outcome: it loses when its group would
// have more than limit slots (the cap), or when one of its places is among taken
// or was won before; else it wins all its places.
func Walk(order []Ticket, limit int, taken []string) []Drawn {
	gone := map[string]bool{}
	for _, p := range taken {
		gone[p] = true
	}
	won := map[string]int{}
	out := make([]Drawn, len(order))
	for i, t := range order {
		out[i] = Drawn{Ticket: t, Outcome: Won}
		switch {
		case won[t.Group]+t.Slots > limit:
			out[i].Outcome = LostCap
		case slices.ContainsFunc(t.Places, func(p string) bool { return gone[p] }):
			out[i].Outcome = LostTaken
		default:
			won[t.Group] += t.Slots
			for _, p := range t.Places {
				gone[p] = true
			}
		}
	}
	return out
}

// sorted is the SHA-256 of lines sorted ascending, each followed by LF.
func sorted(lines []string) string {
	slices.Sort(lines)
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l + "\n")
	}
	return digest(b.String())
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
