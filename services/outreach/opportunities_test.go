package outreach_test

import (
	"strings"
	"testing"

	ical "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// A call of a partner, checked by the desk, is found in every output with its
// credits, and in none before.
func TestOpportunityReachesEveryChannel(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx, public := t.Context(), w.opportunities(auth.Anonymous)
	id := w.call(nil)
	w.shift(id, 48, 4)
	channels := func() string {
		t.Helper()
		var in []string
		add := func(name string, is bool) {
			if is {
				in = append(in, name)
			}
		}
		list, err := public.ListOpportunities(ctx, &outreachv1.ListOpportunitiesRequest{})
		w.must(err)
		add("list", len(list.GetOpportunities()) > 0)
		_, err = public.GetOpportunity(ctx, &outreachv1.GetOpportunityRequest{Id: id})
		add("get", err == nil)
		_, err = w.shifts(auth.Anonymous).ListShifts(ctx, &outreachv1.ListShiftsRequest{OpportunityId: id})
		add("shifts", err == nil)
		add("atom", strings.Contains(w.feed("opportunities.atom"), id))
		add("json", strings.Contains(w.feed("opportunities.json"), id))
		add("ics", strings.Contains(w.feed("opportunities.ics"), "読み聞かせ"))
		found, err := outreachv1.NewSearchServiceClient(w.As(auth.Anonymous)).Search(ctx, &outreachv1.SearchRequest{Q: "淡路町", Kind: outreachv1.Hit_OPPORTUNITY})
		w.must(err)
		add("search", len(found.GetHits()) > 0 && strings.HasSuffix(found.GetHits()[0].GetUrl(), "/opportunities/"+id))
		return strings.Join(in, " ")
	}
	if got := channels(); got != "" {
		t.Errorf("a draft is in %s", got)
	}
	_, err := w.opportunities(head2).GetOpportunity(ctx, &outreachv1.GetOpportunityRequest{Id: id})
	refused(t, err, "RESOURCE_NOT_FOUND")
	w.publishCall(id)
	if got := channels(); got != "list get shifts atom json ics search" {
		t.Errorf("it is in %s", got)
	}
	feed, err := gofeed.NewParser().ParseString(w.feed("opportunities.atom"))
	w.must(err)
	if i := feed.Items[0]; i.Authors[0].Name != "主催：団体1" || !strings.Contains(i.Content, "ボランティア保険に団体が加入します。") || !strings.Contains(i.Content, "10人") {
		t.Errorf("entry = %+v", i)
	}
	parsed, err := ical.ParseCalendar(strings.NewReader(w.feed("opportunities.ics")))
	w.must(err)
	if n := len(parsed.Events()); n != 1 {
		t.Errorf("%d shifts in the calendar", n)
	}
	if got := w.told(id); got != "OpportunityPublished" {
		t.Errorf("events = %s", got)
	}
	w.must(err2(w.opportunities(head).WithdrawOpportunity(ctx, &outreachv1.WithdrawOpportunityRequest{Id: id, Reason: "見直すため"})))
	if got := channels(); got != "" {
		t.Errorf("after the withdrawal it is in %s", got)
	}
}

// The list finds by each of the facets, and by all of them together.
func TestOpportunitiesAreFoundByFacets(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.publishedCall(nil)
	w.publishedCall(func(in *outreachv1.OpportunityInput) {
		in.Title, in.Kind, in.ActivityField, in.Weekdays, in.StartTime, in.EndTime = "会食サービス", outreachv1.Opportunity_EXPERIENCE, 1, nil, "18:00", "20:00"
		in.Beginners, in.SchoolGroups, in.ParentChild, in.CompanyGroups, in.TrialPlaces = false, false, true, true, 2
	})
	for name, c := range map[string]struct {
		req  *outreachv1.ListOpportunitiesRequest
		want string
	}{
		"all":          {&outreachv1.ListOpportunitiesRequest{OrderBy: "startsOn"}, "読会"},
		"kind":         {&outreachv1.ListOpportunitiesRequest{Kind: outreachv1.Opportunity_EXPERIENCE}, "会"},
		"field":        {&outreachv1.ListOpportunitiesRequest{ActivityField: 13}, "読"},
		"weekday":      {&outreachv1.ListOpportunitiesRequest{Weekday: outreachv1.Opportunity_SATURDAY}, "読"},
		"afternoon":    {&outreachv1.ListOpportunitiesRequest{TimeOfDay: outreachv1.Opportunity_AFTERNOON}, "読"},
		"evening":      {&outreachv1.ListOpportunitiesRequest{TimeOfDay: outreachv1.Opportunity_EVENING}, "会"},
		"morning":      {&outreachv1.ListOpportunitiesRequest{TimeOfDay: outreachv1.Opportunity_MORNING}, ""},
		"beginners":    {&outreachv1.ListOpportunitiesRequest{Beginners: true}, "読"},
		"parent-child": {&outreachv1.ListOpportunitiesRequest{ParentChild: true}, "会"},
		"schools":      {&outreachv1.ListOpportunitiesRequest{SchoolGroups: true}, "読"},
		"firms":        {&outreachv1.ListOpportunitiesRequest{CompanyGroups: true}, "会"},
		"trial":        {&outreachv1.ListOpportunitiesRequest{Trial: true}, "会"},
		"contradicts":  {&outreachv1.ListOpportunitiesRequest{Trial: true, SchoolGroups: true}, ""},
		"words":        {&outreachv1.ListOpportunitiesRequest{Q: "会食"}, "会"},
		"later":        {&outreachv1.ListOpportunitiesRequest{From: today().AddDays(61).String()}, ""},
		"today":        {&outreachv1.ListOpportunitiesRequest{From: today().String(), To: today().String(), OrderBy: "startsOn desc"}, "会読"},
	} {
		resp, err := w.opportunities(auth.Anonymous).ListOpportunities(t.Context(), c.req)
		w.must(err)
		got := ""
		for _, o := range resp.GetOpportunities() {
			got += string([]rune(strings.TrimPrefix(o.GetTitle(), "児童館での"))[0])
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	page, err := w.opportunities(auth.Anonymous).ListOpportunities(t.Context(), &outreachv1.ListOpportunitiesRequest{PageSize: 1})
	w.must(err)
	rest, err := w.opportunities(auth.Anonymous).ListOpportunities(t.Context(), &outreachv1.ListOpportunitiesRequest{PageSize: 1, PageToken: page.GetNextPageToken()})
	w.must(err)
	if len(page.GetOpportunities()) != 1 || len(rest.GetOpportunities()) != 1 || rest.GetNextPageToken() != "" {
		t.Errorf("pages = %v, %v", page, rest)
	}
}

func TestDraftOfAnOpportunity(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx, mine := t.Context(), w.opportunities(editor)
	create := func(change func(*outreachv1.OpportunityInput)) error {
		in := opportunityInput()
		change(in)
		return err2(mine.CreateOpportunity(ctx, &outreachv1.CreateOpportunityRequest{Opportunity: in}))
	}
	for name, change := range map[string]func(*outreachv1.OpportunityInput){
		"ends before it begins": func(in *outreachv1.OpportunityInput) { in.EndsOn = today().AddDays(-1).String() },
		"over a year":           func(in *outreachv1.OpportunityInput) { in.EndsOn = today().AddDays(367).String() },
		"an end alone":          func(in *outreachv1.OpportunityInput) { in.StartTime = "" },
		"applying after it":     func(in *outreachv1.OpportunityInput) { in.ApplyUntil = today().AddDays(61).String() },
		"too many trials":       func(in *outreachv1.OpportunityInput) { in.TrialPlaces = 11 },
		"half a position":       func(in *outreachv1.OpportunityInput) { in.Place.Latitude = 35 },
		"no day":                func(in *outreachv1.OpportunityInput) { in.StartsOn = "2026-02-30" },
		"no telephone":          func(in *outreachv1.OpportunityInput) { in.Contact.PhoneNumber = "0" },
	} {
		if got := reason(create(change)); got != "INVALID_FIELD" {
			t.Errorf("%s: %s", name, got)
		}
	}
	made, err := mine.CreateOpportunity(ctx, &outreachv1.CreateOpportunityRequest{Opportunity: &outreachv1.OpportunityInput{Title: "題", Screening: []outreachv1.Opportunity_Screening{outreachv1.Opportunity_PLEDGE}}})
	w.must(err)
	o := made.GetOpportunity()
	if o.GetKind() != outreachv1.Opportunity_VOLUNTEER || o.GetSelection() != outreachv1.Opportunity_HOST_DECIDES || o.GetPlaces() != nil {
		t.Errorf("draft = %v", o)
	}
	refused(t, err2(mine.RequestOpportunityApproval(ctx, &outreachv1.RequestOpportunityApprovalRequest{Id: o.GetId()})), "PUBLICATION_INCOMPLETE")
	update := func(etag string, paths ...string) error {
		return err2(mine.UpdateOpportunity(ctx, &outreachv1.UpdateOpportunityRequest{
			Id: o.GetId(), Etag: etag, Opportunity: opportunityInput(), UpdateMask: mask(paths...),
		}))
	}
	refused(t, update("", "title"), "PRECONDITION_REQUIRED")
	refused(t, update(o.GetEtag(), "kind"), "INVALID_FIELD_MASK")
	w.must(update(o.GetEtag(), "title", "purpose", "role", "activityField", "startsOn", "endsOn", "place", "headcount", "insurance", "contact", "screening"))
	w.must(err2(mine.RequestOpportunityApproval(ctx, &outreachv1.RequestOpportunityApprovalRequest{Id: o.GetId()})))
	refused(t, update("*", "title"), "PUBLICATION_NOT_EDITABLE")

	// The coordinators of volunteers check partners' calls beside the desk; not their own.
	other := coordinator()
	other.ID, other.Delegations = "coordinator2", nil
	refused(t, err2(w.opportunities(approver).ApproveOpportunity(ctx, &outreachv1.ApproveOpportunityRequest{Id: o.GetId()})), "RESOURCE_NOT_FOUND")
	w.must(err2(w.opportunities(other).ReturnOpportunity(ctx, &outreachv1.ReturnOpportunityRequest{Id: o.GetId(), Reason: "時間を書いてください。"})))
	refused(t, err2(w.opportunities(other).GetOpportunity(ctx, &outreachv1.GetOpportunityRequest{Id: o.GetId()})), "RESOURCE_NOT_FOUND")
	w.must(err2(w.opportunities(coordinator()).RequestOpportunityApproval(ctx, &outreachv1.RequestOpportunityApprovalRequest{Id: o.GetId()})))
	refused(t, err2(w.opportunities(coordinator()).ApproveOpportunity(ctx, &outreachv1.ApproveOpportunityRequest{Id: o.GetId()})), "SELF_APPROVAL_FORBIDDEN")
	pending, err := w.opportunities(other).ListOpportunities(ctx, &outreachv1.ListOpportunitiesRequest{State: outreachv1.Opportunity_PENDING})
	w.must(err)
	if len(pending.GetOpportunities()) != 1 {
		t.Errorf("pending = %v", pending)
	}
	w.must(err2(w.opportunities(other).ApproveOpportunity(ctx, &outreachv1.ApproveOpportunityRequest{Id: o.GetId()})))
	w.must(err2(w.opportunities(other).PublishOpportunity(ctx, &outreachv1.PublishOpportunityRequest{Id: o.GetId()})))
	kept, err := mine.ListOpportunityRevisions(ctx, &outreachv1.ListOpportunityRevisionsRequest{Id: o.GetId()})
	w.must(err)
	if len(kept.GetRevisions()) != 2 || kept.GetRevisions()[0].GetOpportunity().GetRole() != "絵本の読み聞かせ" {
		t.Errorf("versions = %v", kept)
	}
}

// A call with a section of the ward needs the organization's own word.
func TestOpportunityOfACollaboration(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	id := w.call(func(in *outreachv1.OpportunityInput) { in.Credits = bothSides() })
	w.must(err2(w.opportunities(editor).RequestOpportunityApproval(ctx, &outreachv1.RequestOpportunityApprovalRequest{Id: id})))
	w.must(err2(w.opportunities(desk).ApproveOpportunity(ctx, &outreachv1.ApproveOpportunityRequest{Id: id})))
	refused(t, err2(w.opportunities(desk).PublishOpportunity(ctx, &outreachv1.PublishOpportunityRequest{Id: id})), "CREDITS_UNCONFIRMED")
	w.must(err2(w.opportunities(head).ConfirmOpportunityCredit(ctx, &outreachv1.ConfirmOpportunityCreditRequest{Id: id})))
	w.must(err2(w.opportunities(desk).PublishOpportunity(ctx, &outreachv1.PublishOpportunityRequest{Id: id})))
}

// For every role: the list shows exactly what get shows, whoever owns it.
func TestListOfOpportunitiesIsFilterOfGet(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	var ids []string
	for _, by := range []auth.Principal{editor, head2, staff, desk, clerk} {
		for _, state := range []string{"DRAFT", "PENDING", "APPROVED", "PUBLISHED", "ENDED", "WITHDRAWN", "CANCELLED"} {
			made, err := w.opportunities(by).CreateOpportunity(ctx, &outreachv1.CreateOpportunityRequest{Opportunity: opportunityInput()})
			w.must(err)
			id := made.GetOpportunity().GetId()
			w.exec(`UPDATE publication SET state = $2, visible = $2 IN ('PUBLISHED', 'ENDED'), approved_by = 'z' WHERE id = $1`, id, state)
			ids = append(ids, id)
		}
	}
	for _, by := range []auth.Principal{
		auth.Anonymous, resident, viewer, editor, head, head2, head3, coordinator(), staff, staff2, desk, approver, headStaff, clerk, auditor, admin,
	} {
		want := map[string]bool{}
		for _, id := range ids {
			_, err := w.opportunities(by).GetOpportunity(ctx, &outreachv1.GetOpportunityRequest{Id: id})
			if err == nil {
				want[id] = true
			} else if reason(err) != "RESOURCE_NOT_FOUND" {
				t.Errorf("%s: %v", by.ID, err)
			}
		}
		for _, order := range []string{"", "startsOn", "startsOn desc", "updateTime desc"} {
			got := map[string]bool{}
			req := &outreachv1.ListOpportunitiesRequest{PageSize: 6, OrderBy: order}
			for {
				resp, err := w.opportunities(by).ListOpportunities(ctx, req)
				w.must(err)
				for _, o := range resp.GetOpportunities() {
					got[o.GetId()] = true
				}
				if req.PageToken = resp.GetNextPageToken(); req.GetPageToken() == "" {
					break
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q, %q: %s", by.ID, order, diff)
			}
		}
	}
}
