package review

import "slices"

// Pair is a proposal with one of its reviewers.
type Pair struct{ ProposalID, ReviewerID string }

// Evenly gives each proposal per reviewers and each reviewer as equal a number as
// possible. Proposals take their turn in the order given; of the reviewers with
// the fewest proposals the first by id takes the next, so the same question has
// the same answer. What is there already counts; nobody gets a blocked pair.
func Evenly(proposals, reviewers []string, per int, there, blocked map[Pair]bool) []Pair {
	reviewers = slices.Sorted(slices.Values(reviewers))
	load, has := map[string]int{}, map[string]int{}
	for p := range there {
		load[p.ReviewerID]++
		has[p.ProposalID]++
	}
	var out []Pair
	for _, proposal := range proposals {
		for range max(per-has[proposal], 0) {
			next := ""
			for _, r := range reviewers {
				p := Pair{proposal, r}
				if !there[p] && !blocked[p] && !slices.Contains(out, p) && (next == "" || load[r] < load[next]) {
					next = r
				}
			}
			if next == "" {
				break // Nobody is left for this proposal.
			}
			load[next]++
			out = append(out, Pair{proposal, next})
		}
	}
	return out
}

// Track is a group of proposals and who reviews all of them.
type Track struct{ ProposalIDs, ReviewerIDs []string }

// ByTrack gives each proposal of a track each reviewer of the track, but for what
// is there already and what is blocked.
func ByTrack(tracks []Track, there, blocked map[Pair]bool) []Pair {
	var out []Pair
	for _, t := range tracks {
		for _, proposal := range t.ProposalIDs {
			for _, r := range slices.Sorted(slices.Values(t.ReviewerIDs)) {
				if p := (Pair{proposal, r}); !there[p] && !blocked[p] && !slices.Contains(out, p) {
					out = append(out, p)
				}
			}
		}
	}
	return out
}
