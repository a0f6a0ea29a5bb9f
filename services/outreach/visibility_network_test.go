package outreach_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Who may get something finds it in the list, and nobody else does; what is hidden is
// as if it was not there.
func TestListsShowWhatMayBeGot(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	postings, sources, items, sponsorships := w.everyState()
	missing := func(p auth.Principal) string {
		_, err := w.posting(p, none)
		return err.Error()
	}
	for _, p := range []auth.Principal{auth.Anonymous, resident, viewer, editor, head, head2, head3, intermediary, coordinator(), staff, staff2, headStaff, desk, approver, clerk, keeper, auditor, admin} {
		list, err := w.boards(p).ListPostings(ctx, &outreachv1.ListPostingsRequest{})
		w.must(err)
		same(t, p, "postings", postings, idsOf(list.GetPostings(), (*outreachv1.Posting).GetId), func(id string) error {
			_, err := w.posting(p, id)
			if err != nil && err.Error() != missing(p) {
				t.Errorf("%s is told of a hidden posting: %v", p.ID, err)
			}
			return err
		})
		sourceList, err := w.sources(p).ListSources(ctx, &outreachv1.ListSourcesRequest{})
		w.must(err)
		same(t, p, "sources", sources, idsOf(sourceList.GetSources(), (*outreachv1.Source).GetId), func(id string) error { return err2(w.getSource(p, id)) })
		same(t, p, "items", items, idsOf(w.items(p, &outreachv1.ListItemsRequest{}), (*outreachv1.Item).GetId), func(id string) error {
			return err2(w.sources(p).GetItem(ctx, &outreachv1.GetItemRequest{Id: id}))
		})
		same(t, p, "items by word", items, idsOf(w.items(p, &outreachv1.ListItemsRequest{Q: "見本"}), (*outreachv1.Item).GetId), func(id string) error {
			return err2(w.sources(p).GetItem(ctx, &outreachv1.GetItemRequest{Id: id}))
		})
		applications, err := w.sponsorships(p).ListSponsorships(ctx, &outreachv1.ListSponsorshipsRequest{})
		if got := reason(err); got != "" {
			if got != "PERMISSION_DENIED" && got != "UNAUTHENTICATED" {
				t.Errorf("%s: %v", p.ID, err)
			}
			continue
		}
		same(t, p, "sponsorships", sponsorships, idsOf(applications.GetSponsorships(), (*outreachv1.Sponsorship).GetId), func(id string) error {
			return err2(w.sponsorship(p, id))
		})
	}
}

// everyState makes postings, sources, items and sponsorships of several organizations
// in every state, and returns their ids.
func (w *world) everyState() (postings, sources, items, sponsorships []string) {
	w.t.Helper()
	own, other := w.board("1", nil).GetId(), w.board("2", func(in *outreachv1.BoardInput) { in.DepartmentId = dept2 }).GetId()
	for _, board := range []string{own, other} {
		for _, by := range []auth.Principal{head, head2, desk} {
			for _, state := range []string{"REQUESTED", "APPROVED", "REJECTED", "WITHDRAWN", "ENDED"} {
				p, err := w.ask(by, postingInput(board))
				w.must(err)
				w.exec(`UPDATE posting SET state = $2, number = CASE $2 WHEN 'APPROVED' THEN id::text END, approved_at = CASE $2 WHEN 'APPROVED' THEN now() END WHERE id = $1`, p.GetId(), state)
				w.exec(`DELETE FROM posting_day`)
				w.exec(`DELETE FROM board_day`)
				postings = append(postings, p.GetId())
			}
		}
	}
	p := w.partner(nil)
	for i, organization := range []string{org1, org2, ""} {
		for j, state := range []string{"QUARANTINED", "ACTIVE", "PAUSED"} {
			path := "/" + string(rune('a'+i)) + string(rune('a'+j))
			src := w.source("https://partner.example"+path, func(in *outreachv1.SourceInput) { in.OrganizationId = organization }).GetId()
			w.at(src, p.URL+path)
			p.now(rss(`<item><guid>` + path + `</guid><title>見本` + path + `</title></item>`))
			w.exec(`UPDATE source SET due_at = now() + interval '1 day' WHERE id <> $1`, src)
			for tries := 0; tries < 20 && w.count(`SELECT count(*) FROM item WHERE source_id = $1`, src) == 0; tries++ { // The service's own job may have come first.
				w.exec(`UPDATE source SET due_at = now() WHERE id = $1`, src)
				w.readDue(p)
			}
			if state != "QUARANTINED" {
				w.release(src)
			}
			if state == "PAUSED" {
				w.must(err2(w.sources(desk).PauseSource(w.t.Context(), &outreachv1.PauseSourceRequest{Id: src})))
			}
			sources = append(sources, src)
		}
	}
	items = idsOf(w.items(desk, &outreachv1.ListItemsRequest{}), (*outreachv1.Item).GetId)
	if len(items) != len(sources) {
		w.t.Fatalf("%d items", len(items))
	}
	for _, department := range []string{"", dept1, dept2} {
		for _, state := range []outreachv1.Sponsorship_State{outreachv1.Sponsorship_APPLIED, outreachv1.Sponsorship_DECISION_DRAFTED, outreachv1.Sponsorship_APPROVED} {
			if department == "" && state != outreachv1.Sponsorship_APPLIED {
				continue
			}
			id := w.applied(func(in *outreachv1.SponsorshipInput) { in.DepartmentId = department }).GetId()
			if state != outreachv1.Sponsorship_APPLIED {
				w.must(w.draftDecision(desk, id, true))
			}
			if state == outreachv1.Sponsorship_APPROVED {
				w.must(err2(w.decideSponsorship(approver, id)))
			}
			sponsorships = append(sponsorships, id)
		}
	}
	return postings, sources, items, sponsorships
}

func idsOf[T any](list []T, id func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = id(v)
	}
	slices.Sort(out)
	return out
}

// same compares a list with what may be got one by one.
func same(t *testing.T, p auth.Principal, what string, all, listed []string, get func(id string) error) {
	t.Helper()
	got := []string{}
	for _, id := range all {
		switch err := get(id); reason(err) {
		case "":
			got = append(got, id)
		case "RESOURCE_NOT_FOUND":
		default:
			t.Errorf("%s of %s: %v", what, p.ID, err)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(got, listed); diff != "" {
		t.Errorf("%s of %q (-got one by one +listed):\n%s", what, p.ID, diff)
	}
}
