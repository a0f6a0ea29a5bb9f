package outreach_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// For every role: the list shows exactly what get shows.
func TestListIsFilterOfGet(t *testing.T) {
	t.Parallel()
	w := start(t)
	ids := []string{
		w.draft(nil).GetId(), w.draftBy(staff, nil).GetId(), w.draftBy(clerk, nil).GetId(), w.draftBy(desk, nil).GetId(),
		w.draftBy(head2, func(in *outreachv1.EventInput) {
			in.Credits = []*outreachv1.CreditInput{{Part: typev1.Credit_ORGANIZER, OrganizationId: org2}, {Part: typev1.Credit_SUPPORTER, OrganizationId: org1}}
		}).GetId(),
		w.approved(nil), w.published(nil), w.collaboration(),
	}
	pending := w.draftBy(staff, nil).GetId()
	w.must(w.requestEvent(staff, pending))
	withdrawn, cancelled, never := w.published(nil), w.published(nil), w.draft(nil).GetId()
	w.must(err2(w.events(head).WithdrawEvent(t.Context(), &outreachv1.WithdrawEventRequest{Id: withdrawn, Reason: "x"})))
	for _, id := range []string{cancelled, never} {
		w.must(err2(w.events(head).CancelEvent(t.Context(), &outreachv1.CancelEventRequest{Id: id, Reason: "x"})))
	}
	ids = append(ids, pending, withdrawn, cancelled, never)
	for _, by := range []auth.Principal{
		auth.Anonymous, resident, viewer, editor, head, head2, head3, coordinator(), staff, staff2, desk, approver, headStaff, clerk, auditor, admin,
	} {
		want := map[string]string{}
		for _, id := range ids {
			e, err := w.get(by, id)
			if err == nil {
				want[id] = e.GetState().String()
			} else if reason(err) != "RESOURCE_NOT_FOUND" {
				t.Errorf("%s: %v", by.ID, err)
			}
		}
		for _, req := range []*outreachv1.ListEventsRequest{
			{PageSize: 3}, {PageSize: 3, OrderBy: "startsOn desc"}, {PageSize: 3, OrderBy: "publishTime desc"}, {PageSize: 3, OrderBy: "updateTime desc"}, {PageSize: 3, Q: "街歩き"},
		} {
			rows, got := w.listAll(by, req), map[string]string{}
			for _, e := range rows {
				got[e.GetId()] = e.GetState().String()
			}
			if diff := cmp.Diff(want, got); diff != "" || len(rows) != len(want) {
				t.Errorf("%q, %v: %s", by.ID, req, diff)
			}
		}
		for s := outreachv1.Event_DRAFT; s <= outreachv1.Event_CANCELLED; s++ {
			n := 0
			for _, v := range want {
				if v == s.String() {
					n++
				}
			}
			if rows := w.listAll(by, &outreachv1.ListEventsRequest{State: s}); len(rows) != n {
				t.Errorf("%q lists %d in %v, gets %d", by.ID, len(rows), s, n)
			}
		}
	}
}

func (w *world) listAll(by auth.Principal, req *outreachv1.ListEventsRequest) []*outreachv1.Event {
	w.t.Helper()
	var rows []*outreachv1.Event
	for {
		resp, err := w.events(by).ListEvents(w.t.Context(), req)
		w.must(err)
		rows = append(rows, resp.GetEvents()...)
		if req.PageToken = resp.GetNextPageToken(); req.GetPageToken() == "" {
			return rows
		}
	}
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.published(nil)
	w.published(func(in *outreachv1.EventInput) {
		in.Title, in.Topics, in.StartsOn = "手話の講習会", []string{"welfare"}, today().AddDays(2).String()
	})
	both := w.collaboration()
	for _, tt := range []struct {
		name string
		req  *outreachv1.ListEventsRequest
		want int
	}{
		{"all", &outreachv1.ListEventsRequest{}, 3},
		{"topic", &outreachv1.ListEventsRequest{Topic: "welfare"}, 1},
		{"organization", &outreachv1.ListEventsRequest{OrganizationId: org1}, 3},
		{"department", &outreachv1.ListEventsRequest{DepartmentId: dept1}, 1},
		{"project", &outreachv1.ListEventsRequest{ProjectId: project1}, 0},
		{"until tomorrow", &outreachv1.ListEventsRequest{To: today().AddDays(1).String()}, 0},
		{"this week", &outreachv1.ListEventsRequest{From: today().String(), To: today().AddDays(6).String()}, 1},
		{"two characters", &outreachv1.ListEventsRequest{Q: "講習"}, 1},
		{"reading", &outreachv1.ListEventsRequest{Q: "まちあるき 団体"}, 3},
		{"state", &outreachv1.ListEventsRequest{State: outreachv1.Event_PUBLISHED}, 3},
	} {
		if rows := w.listAll(auth.Anonymous, tt.req); len(rows) != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, len(rows), tt.want)
		}
	}
	starts := func(order string) []string {
		var out []string
		for _, e := range w.listAll(auth.Anonymous, &outreachv1.ListEventsRequest{OrderBy: order}) {
			out = append(out, e.GetStartsOn())
		}
		return out
	}
	if up := starts(""); !slices.IsSorted(up) || len(up) != 3 || up[0] == up[2] || starts("startsOn desc")[0] != up[2] {
		t.Errorf("order = %v", up)
	}
	if first := w.listAll(auth.Anonymous, &outreachv1.ListEventsRequest{OrderBy: "publishTime desc"})[0]; first.GetId() != both {
		t.Errorf("newest = %v", first)
	}
	for want, req := range map[string]*outreachv1.ListEventsRequest{
		"QUERY_TOO_SHORT":    {Q: "歩"},
		"INVALID_PAGE_SIZE":  {PageSize: -1},
		"INVALID_PAGE_TOKEN": {PageToken: "x"},
		"INVALID_FIELD":      {OrderBy: "title"},
	} {
		_, err := w.events(desk).ListEvents(t.Context(), req)
		refused(t, err, want)
	}
	page, err := w.events(desk).ListEvents(t.Context(), &outreachv1.ListEventsRequest{PageSize: 1})
	w.must(err)
	_, err = w.events(desk).ListEvents(t.Context(), &outreachv1.ListEventsRequest{PageSize: 1, Topic: "x", PageToken: page.GetNextPageToken()})
	refused(t, err, "PAGE_TOKEN_MISMATCH")
	_, err = w.events(desk).ListEvents(t.Context(), &outreachv1.ListEventsRequest{From: "2026-12-02", To: "2026-12-01"})
	refused(t, err, "INVALID_FIELD")
}
