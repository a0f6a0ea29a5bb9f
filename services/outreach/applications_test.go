package outreach_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// 30 people apply at once for a call for ten with three shifts of four: ten get a
// place, twenty wait in their order, no shift is overfull and nobody is lost; who
// leaves lets up exactly the first who fits.
func TestParallelApplicationsFillACall(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.call(nil)
	shifts := []string{w.shift(id, 24, 4), w.shift(id, 48, 4), w.shift(id, 72, 4)}
	w.publishCall(id)
	const people = 30
	made := make([]*outreachv1.Application, people)
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			by := servicetest.Resident(fmt.Sprintf("volunteer%d", i))
			ctx := metadata.AppendToOutgoingContext(t.Context(), rpc.MetaIdempotencyKey, fmt.Sprintf("application-of-person-%d", i))
			for {
				resp, err := w.applications(by).CreateApplication(ctx, &outreachv1.CreateApplicationRequest{
					OpportunityId: id, Application: &outreachv1.ApplicationInput{
						Applicant: person(by.ID + "@example.com"), ShiftIds: []string{shifts[i%3], shifts[(i+1)%3], shifts[(i+2)%3]},
					},
				})
				if code := reason(err); code == "OVERLOADED" || code == "REQUEST_TIMEOUT" || code == "IDEMPOTENCY_IN_PROGRESS" || status.Code(err) == codes.DeadlineExceeded {
					continue
				}
				if err != nil {
					t.Error(err)
				}
				made[i] = resp.GetApplication()
				return
			}
		})
	}
	all.Wait()
	w.checkCounts(t, id)
	positions, accepted := map[int32]bool{}, -1
	for i, a := range made {
		if a.GetState() == outreachv1.Application_WAITLISTED {
			positions[a.GetPosition()] = true
		} else {
			accepted = i
		}
	}
	if p := w.places(id); p.GetAccepted() != 10 || p.GetWaiting() != 20 || len(positions) != 20 || !positions[1] || !positions[20] {
		t.Fatalf("places = %v, positions = %v", p, positions)
	}
	first := w.waitingFor(id)
	leaver := servicetest.Resident(fmt.Sprintf("volunteer%d", accepted))
	w.must(err2(w.applications(leaver).WithdrawApplication(t.Context(), &outreachv1.WithdrawApplicationRequest{OpportunityId: id, Id: made[accepted].GetId()})))
	rest := w.waitingFor(id)
	if p := w.places(id); p.GetAccepted() != 10 || p.GetWaiting() != 19 || len(rest) != 19 || rest[0] != first[1] {
		t.Errorf("after one left: %v, %d wait", p, len(rest))
	}
	w.checkCounts(t, id)
	if n := w.count(`SELECT count(*) FROM event_log WHERE headers->>'ce-type' = 'kyodo.outreach.v1.ApplicationDecided' AND visibility = 'private'`); n != 31 {
		t.Errorf("%d decisions were told, want 31", n)
	}
	if n := w.count(`SELECT count(*) FROM event_log WHERE convert_from(data, 'UTF8') LIKE '%カナリア%'`); n != 0 {
		t.Error("an event names somebody")
	}
}

// waitingFor are the ids of who waits for an opportunity, in their order.
func (w *world) waitingFor(id string) []string {
	w.t.Helper()
	var out []string
	req := &outreachv1.ListApplicationsRequest{OpportunityId: id, State: outreachv1.Application_WAITLISTED, PageSize: 7}
	for {
		resp, err := w.applications(editor).ListApplications(because(w.t.Context()), req)
		w.must(err)
		for _, a := range resp.GetApplications() {
			out = append(out, a.GetId())
			if int(a.GetPosition()) != len(out) {
				w.t.Errorf("the %dth waits at %d", len(out), a.GetPosition())
			}
		}
		if req.PageToken = resp.GetNextPageToken(); req.GetPageToken() == "" {
			return out
		}
	}
}

// school makes an application one for so many pupils.
func school(heads int32) func(*outreachv1.ApplicationInput) {
	return func(in *outreachv1.ApplicationInput) {
		in.Heads, in.GroupKind, in.Minors = heads, outreachv1.Application_SCHOOL, true
		in.Applicant.GroupName, in.Applicant.GuardianConsent = "カナリア小学校5年1組", "保護者12人の同意書をカナリア小学校が保管"
	}
}

// A group of twelve pupils is one application: it waits for twelve places, and
// who comes later for one goes before it only where it does not fit.
func TestGroupIsOneApplication(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	id := w.publishedCall(func(in *outreachv1.OpportunityInput) { in.Headcount = 13 })
	one := w.applied1(servicetest.Resident("one"), id, nil)
	two := w.applied1(servicetest.Resident("two"), id, nil)
	group := w.applied1(resident, id, school(12))
	if group.GetState() != outreachv1.Application_WAITLISTED || group.GetHeads() != 12 || group.GetPosition() != 1 {
		t.Errorf("group = %v", group)
	}
	w.sent()
	three := w.applied1(servicetest.Resident("three"), id, nil)
	if p := w.places(id); p.GetAccepted() != 3 || p.GetWaiting() != 12 || three.GetState() != outreachv1.Application_ACCEPTED {
		t.Errorf("places = %v", p)
	}
	withdraw := func(by string, a *outreachv1.Application) {
		t.Helper()
		w.must(err2(w.applications(servicetest.Resident(by)).WithdrawApplication(ctx, &outreachv1.WithdrawApplicationRequest{OpportunityId: id, Id: a.GetId()})))
	}
	withdraw("one", one)
	if got := w.own(resident, group).GetState(); got != outreachv1.Application_WAITLISTED {
		t.Errorf("with 11 places the group is %v", got)
	}
	withdraw("two", two)
	if got := w.own(resident, group); got.GetState() != outreachv1.Application_ACCEPTED || got.GetApplicant().GetGroupName() != "カナリア小学校5年1組" {
		t.Errorf("with 12 places the group is %v", got)
	}
	if n := w.count(`SELECT count(*) FROM person WHERE group_name <> ''`); n != 1 {
		t.Errorf("%d people are named for the group", n)
	}
	if got := w.subjects("resident@example.com"); strings.Join(got, "|") != "児童館での読み聞かせ：キャンセル待ちで受け付けました|児童館での読み聞かせ：参加が決まりました" {
		t.Errorf("mails = %v", got)
	}
	w.checkCounts(t, id)
}

func TestApplicationsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	id := w.publishedCall(func(in *outreachv1.OpportunityInput) {
		in.Screening, in.Pledge = []outreachv1.Opportunity_Screening{outreachv1.Opportunity_PLEDGE}, "活動で知ったことを話しません。"
	})
	other := w.publishedCall(nil)
	foreign := w.shift(other, 24, 1)
	pledged := func(change func(*outreachv1.ApplicationInput)) func(*outreachv1.ApplicationInput) {
		return func(in *outreachv1.ApplicationInput) { in.Pledged = true; change(in) }
	}
	for name, c := range map[string]struct {
		by     auth.Principal
		change func(*outreachv1.ApplicationInput)
		want   string
	}{
		"no pledge":         {resident, nil, "PLEDGE_REQUIRED"},
		"two people alone":  {resident, pledged(func(in *outreachv1.ApplicationInput) { in.Heads = 2 }), "INVALID_FIELD"},
		"a firm":            {resident, pledged(func(in *outreachv1.ApplicationInput) { in.GroupKind = outreachv1.Application_COMPANY }), "GROUP_NOT_ADMITTED"},
		"a family":          {resident, pledged(func(in *outreachv1.ApplicationInput) { in.GroupKind = outreachv1.Application_FAMILY }), "GROUP_NOT_ADMITTED"},
		"no name of school": {resident, pledged(func(in *outreachv1.ApplicationInput) { in.GroupKind = outreachv1.Application_SCHOOL }), "INVALID_FIELD"},
		"no consent":        {resident, pledged(func(in *outreachv1.ApplicationInput) { school(3)(in); in.Applicant.GuardianConsent = "" }), "GUARDIAN_CONSENT_REQUIRED"},
		"trying it":         {resident, pledged(func(in *outreachv1.ApplicationInput) { in.Trial = true }), "TRIAL_NOT_OFFERED"},
		"another's shift":   {resident, pledged(func(in *outreachv1.ApplicationInput) { in.ShiftIds = []string{foreign} }), "SHIFT_UNKNOWN"},
		"no address":        {resident, pledged(func(in *outreachv1.ApplicationInput) { in.Applicant.Email = "" }), "INVALID_FIELD"},
		"a note by oneself": {resident, pledged(func(in *outreachv1.ApplicationInput) { in.Applicant.PaperNote = "電話" }), "PAPER_NOTE_REQUIRED"},
		"desk, no note":     {desk, pledged(func(in *outreachv1.ApplicationInput) { in.Channel = outreachv1.Application_PHONE }), "PAPER_NOTE_REQUIRED"},
		"desk, no channel":  {desk, pledged(func(in *outreachv1.ApplicationInput) { in.Applicant.PaperNote = "電話" }), "INVALID_FIELD"},
		"no kana":           {resident, pledged(func(in *outreachv1.ApplicationInput) { in.Applicant.NameKana = "漢字" }), "INVALID_FIELD"},
		"no role":           {staff, pledged(func(*outreachv1.ApplicationInput) {}), "PERMISSION_DENIED"},
		"nobody":            {auth.Anonymous, pledged(func(*outreachv1.ApplicationInput) {}), "UNAUTHENTICATED"},
	} {
		if _, err := w.apply(c.by, id, c.change); reason(err) != c.want {
			t.Errorf("%s: %s, want %s", name, reason(err), c.want)
		}
	}
	_, err := w.apply(resident, other, nil)
	refused(t, err, "SHIFT_REQUIRED")
	_, err = w.apply(resident, w.call(nil), nil)
	refused(t, err, "RESOURCE_NOT_FOUND")
	w.applied1(resident, id, pledged(func(*outreachv1.ApplicationInput) {}))
	_, err = w.apply(resident, id, pledged(func(in *outreachv1.ApplicationInput) { in.Applicant = person("another@example.com") }))
	refused(t, err, "ALREADY_APPLIED")
	if n := w.count(`SELECT count(*) FROM person`); n != 1 {
		t.Errorf("%d people are kept", n)
	}
	// Signed-in people who enter one address again and again cause three mails a day.
	for i := range 3 {
		_, err = w.apply(servicetest.Resident(fmt.Sprintf("flood%d", i)), id, pledged(func(in *outreachv1.ApplicationInput) { in.Applicant = person("victim@example.com") }))
		w.must(err)
	}
	_, err = w.apply(servicetest.Resident("flood4"), id, pledged(func(in *outreachv1.ApplicationInput) { in.Applicant = person("victim@example.com") }))
	refused(t, err, "RATE_LIMITED")
	w.exec(`UPDATE opportunity_place SET closes_at = now() - interval '1 second'`)
	_, err = w.apply(head2, id, pledged(func(*outreachv1.ApplicationInput) {}))
	refused(t, err, "APPLICATION_CLOSED")
	w.must(err2(w.opportunities(editor).CancelOpportunity(ctx, &outreachv1.CancelOpportunityRequest{Id: id, Reason: "中止"})))
	_, err = w.apply(head2, id, pledged(func(*outreachv1.ApplicationInput) {}))
	refused(t, err, "APPLICATION_CLOSED")
}

// The host decides: accepts out of turn but never beyond the places, lets wait
// only where nobody fits, declines with a word, and the next one moves up.
func TestHostDecides(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	id := w.call(func(in *outreachv1.OpportunityInput) { hostDecides(in); in.Headcount, in.TrialPlaces = 2, 1 })
	early, late := w.shift(id, 24, 1), w.shift(id, 48, 2)
	w.publishCall(id)
	both := func(in *outreachv1.ApplicationInput) { in.ShiftIds, in.MaxShifts = []string{early, late}, 2 }
	a := w.applied1(servicetest.Resident("a"), id, both)
	b := w.applied1(servicetest.Resident("b"), id, func(in *outreachv1.ApplicationInput) { both(in); in.Trial = true })
	c := w.applied1(servicetest.Resident("c"), id, func(in *outreachv1.ApplicationInput) { both(in); in.Trial = true })
	if a.GetState() != outreachv1.Application_REQUESTED || w.places(id).GetRequested() != 3 {
		t.Errorf("a = %v", a)
	}
	host := w.applications(editor)
	accept := func(a *outreachv1.Application, shifts ...string) error {
		return err2(host.AcceptApplication(ctx, &outreachv1.AcceptApplicationRequest{OpportunityId: id, Id: a.GetId(), ShiftIds: shifts}))
	}
	wait := func(a *outreachv1.Application) error {
		return err2(host.WaitlistApplication(ctx, &outreachv1.WaitlistApplicationRequest{OpportunityId: id, Id: a.GetId()}))
	}
	for _, by := range []auth.Principal{resident, head2, staff} { // It is not theirs.
		refused(t, err2(w.applications(by).AcceptApplication(ctx, &outreachv1.AcceptApplicationRequest{OpportunityId: id, Id: a.GetId()})), map[bool]string{true: "PERMISSION_DENIED", false: "RESOURCE_NOT_FOUND"}[by.ID == "resident"])
	}
	refused(t, wait(a), "APPLICATION_FITS")
	refused(t, accept(a, none), "SHIFT_UNKNOWN")
	w.must(accept(b, late))
	refused(t, accept(c), "OPPORTUNITY_FULL") // The one place for trying is taken.
	refused(t, accept(b), "INVALID_STATE_TRANSITION")
	waits, err := host.WaitlistApplication(ctx, &outreachv1.WaitlistApplicationRequest{OpportunityId: id, Id: c.GetId()})
	w.must(err)
	if got := waits.GetApplication(); got.GetState() != outreachv1.Application_WAITLISTED || got.GetPosition() != 1 {
		t.Errorf("c = %v", got)
	}
	w.must(accept(a))
	if got := w.own(servicetest.Resident("a"), a); len(got.GetShifts()) != 2 || !got.GetShifts()[0].GetAccepted() || !got.GetShifts()[1].GetAccepted() {
		t.Errorf("a = %v", got)
	}
	refused(t, err2(host.DeclineApplication(ctx, &outreachv1.DeclineApplicationRequest{OpportunityId: id, Id: b.GetId(), Message: "x", Etag: `"9"`})), "ETAG_MISMATCH")
	w.must(err2(host.DeclineApplication(ctx, &outreachv1.DeclineApplicationRequest{OpportunityId: id, Id: b.GetId(), Message: "面談の結果、今回は見送ります。"})))
	if got := w.own(servicetest.Resident("c"), c); got.GetState() != outreachv1.Application_ACCEPTED || got.GetShifts()[0].GetAccepted() || !got.GetShifts()[1].GetAccepted() {
		t.Errorf("c = %v", got)
	}
	w.checkCounts(t, id)
	w.sent()
	if m := w.mailsTo("b@example.com"); len(m) != 3 || !strings.Contains(m[2].Text, "面談の結果、今回は見送ります。") || m[2].Subject != "児童館での読み聞かせ：お申し込みの結果のお知らせ" {
		t.Errorf("mails = %v", m)
	}
	refused(t, err2(w.applications(servicetest.Resident("b")).WithdrawApplication(ctx, &outreachv1.WithdrawApplicationRequest{OpportunityId: id, Id: b.GetId()})), "INVALID_STATE_TRANSITION")
	// Who was declined may apply again.
	w.applied1(servicetest.Resident("b"), id, both)
	if got := w.told(id); got != "OpportunityPublished" {
		t.Errorf("public events = %s", got)
	}
}

// Applicants are the host's to see, for a stated reason that is logged; the
// applicant sees their own, the desk what it needs to take back, and nobody else
// anything.
func TestApplicantsAreHidden(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	id := w.publishedCall(hostDecides)
	a := w.applied1(resident, id, nil)
	get := func(by auth.Principal, reasoned bool) error {
		ctx := ctx
		if reasoned {
			ctx = because(ctx)
		}
		return err2(w.applications(by).GetApplication(ctx, &outreachv1.GetApplicationRequest{OpportunityId: id, Id: a.GetId()}))
	}
	w.must(get(resident, false))
	refused(t, get(editor, false), "REASON_REQUIRED")
	w.must(get(editor, true))
	w.must(get(coordinator(), true))
	for _, by := range []auth.Principal{head2, viewer, staff, clerk, servicetest.Resident("other")} {
		refused(t, get(by, true), "RESOURCE_NOT_FOUND")
	}
	refused(t, get(desk, true), "PERMISSION_DENIED")
	refused(t, get(auth.Anonymous, true), "UNAUTHENTICATED")
	list := func(by auth.Principal) error {
		return err2(w.applications(by).ListApplications(because(ctx), &outreachv1.ListApplicationsRequest{OpportunityId: id}))
	}
	w.must(list(head))
	refused(t, list(head2), "PERMISSION_DENIED")
	refused(t, list(resident), "PERMISSION_DENIED")
	refused(t, err2(w.applications(head).ListApplications(ctx, &outreachv1.ListApplicationsRequest{OpportunityId: id})), "REASON_REQUIRED")
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action LIKE 'outreach.application.%' AND reason = '名簿の作成'`); n != 3 {
		t.Errorf("%d readings are logged, want 3", n)
	}
	mine, err := w.applications(resident).ListOwnApplications(ctx, &outreachv1.ListOwnApplicationsRequest{})
	w.must(err)
	if l := mine.GetApplications(); len(l) != 1 || l[0].GetOpportunityTitle() != "児童館での読み聞かせ" || l[0].GetApplicant().GetName() == "" {
		t.Errorf("own = %v", l)
	}
	// What was taken back by its host is still the applicant's.
	w.must(err2(w.opportunities(editor).WithdrawOpportunity(ctx, &outreachv1.WithdrawOpportunityRequest{Id: id, Reason: "見直すため"})))
	w.must(get(resident, false))
}

// The desk applies on behalf of who has no account, with a note of the call.
func TestDeskAppliesOnBehalf(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	id := w.publishedCall(nil)
	told := func(in *outreachv1.ApplicationInput) {
		in.Channel, in.Applicant.PaperNote, in.Applicant.Email = outreachv1.Application_PHONE, "11月30日の電話", ""
	}
	a := w.applied1(desk, id, told)
	if a.GetState() != outreachv1.Application_ACCEPTED || a.GetChannel() != outreachv1.Application_PHONE {
		t.Errorf("application = %v", a)
	}
	_, err := w.apply(desk2, id, told)
	refused(t, err, "ALREADY_APPLIED")
	if n := w.count(`SELECT count(*) FROM mail`); n != 0 {
		t.Error("a mail to nowhere waits")
	}
	w.must(err2(w.applications(desk2).WithdrawApplication(ctx, &outreachv1.WithdrawApplicationRequest{OpportunityId: id, Id: a.GetId()})))
	own := w.applied1(resident, id, nil)
	refused(t, err2(w.applications(desk).WithdrawApplication(ctx, &outreachv1.WithdrawApplicationRequest{OpportunityId: id, Id: own.GetId()})), "RESOURCE_NOT_FOUND")
}
