package outreach_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail/sink"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// proposal1 is a proposal of organization 1.
const proposal1 = "01980000-0000-7000-8000-0000000000e1"

// notified are the notices of a person, oldest first.
func (w *world) notified(by auth.Principal) []*outreachv1.Notice {
	w.t.Helper()
	resp, err := w.notices(by).ListNotices(w.t.Context(), &outreachv1.ListNoticesRequest{})
	w.must(err)
	out := resp.GetNotices()
	slices.Reverse(out)
	return out
}

// kindsOf are the kinds of a person's notices, oldest first.
func (w *world) kindsOf(by auth.Principal) string {
	w.t.Helper()
	var out []string
	for _, n := range w.notified(by) {
		out = append(out, n.GetKind())
	}
	return strings.Join(out, " ")
}

// deliver does what the jobs do.
func (w *world) deliver() {
	w.t.Helper()
	w.run("address-notices")
	w.run("send-notices")
}

// proposalMoved tells a step of the proposal as proposals does.
func (w *world) proposalMoved(to proposalsv1.Proposal_State, version int64) {
	w.t.Helper()
	w.tellAs("proposals", event.Event{Aggregate: "proposal", ID: proposal1, Visibility: event.Ward, Message: &proposalsv1.ProposalStatusChanged{
		ProposalId: proposal1, Number: "R8-提-0012", OrganizationId: org1, DepartmentIds: []string{dept1}, To: to,
		PublicTo: proposalsv1.ProgressEntry_IN_EXAMINATION, Version: version,
	}})
}

func (w *world) occasions(n int) {
	w.t.Helper()
	w.until(fmt.Sprintf("%d occasions", n), func() bool { return w.count(`SELECT count(*) FROM notice_occasion`) == n })
}

// A step reaches those whom it concerns by function, once, with a text that says
// what to do; the address is gone when the mail is.
func TestStepsAreTold(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.proposalMoved(proposalsv1.Proposal_SUBMITTED, 2)
	w.proposalMoved(proposalsv1.Proposal_RETURNED, 3)
	w.proposalMoved(proposalsv1.Proposal_ASSIGNED, 5)
	w.proposalMoved(proposalsv1.Proposal_ASSIGNED, 6) // The answer of a department: nobody is asked again.
	w.occasions(3)
	w.deliver()
	for by, want := range map[string]string{
		"head": "proposal_received proposal_returned", "editor": "proposal_received proposal_returned", "viewer": "",
		"staff": "proposal_assigned", "staff2": "", "head2": "", "desk": "",
	} {
		if got := w.kindsOf(people[by]); got != want {
			t.Errorf("%s got %q, want %q", by, got, want)
		}
	}
	mails := w.mailsTo("head@example.com")
	if len(mails) != 2 {
		t.Fatalf("%d mails, want 2: %v", len(mails), mails)
	}
	at := slices.IndexFunc(mails, func(m sink.Mail) bool { return m.Subject == "【補正のお願い】提案 R8-提-0012" })
	if at < 0 || !strings.Contains(mails[at].Text, "https://kyodo.example/proposals/"+proposal1) {
		t.Errorf("mails = %v", mails)
	}
	got := w.notified(head)[1]
	if got.GetState() != outreachv1.Notice_SENT || got.GetSubject() != mails[at].Subject || got.GetPath() != "/v1/proposals/"+proposal1 ||
		got.GetSendTime() == nil || got.GetTemplateVersion() != 1 || got.GetText() != "" || got.GetKindTitle() != "提案の補正のお願い" {
		t.Errorf("notice = %v", got)
	}
	one, err := w.notices(head).GetNotice(t.Context(), &outreachv1.GetNoticeRequest{Id: got.GetId()})
	w.must(err)
	if strings.TrimSpace(one.GetNotice().GetText()) != strings.TrimSpace(strings.ReplaceAll(mails[at].Text, "\r\n", "\n")) {
		t.Errorf("the text is %q, the mail %q", one.GetNotice().GetText(), mails[at].Text)
	}
	_, err = w.notices(editor).GetNotice(t.Context(), &outreachv1.GetNoticeRequest{Id: got.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	for _, table := range []string{"notice", "notice_occasion", "event_log", "audit_entry", "inbox"} {
		if n := w.count(`SELECT count(*) FROM ` + table + ` t WHERE t::text LIKE '%@example.com%'`); n != 0 {
			t.Errorf("an address is in %s", table)
		}
	}
}

// Whatever is delivered again, and whatever is killed on the way: one mail a person
// and occasion.
func TestOneNoticeWhateverIsRepeated(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.proposalMoved(proposalsv1.Proposal_RETURNED, 3)
	w.occasions(1)
	// A process took the occasion and died; nobody else takes it before its time.
	w.exec(`UPDATE notice_occasion SET due_at = now() + interval '1 minute'`)
	w.deliver()
	if n := w.count(`SELECT count(*) FROM notice`); n != 0 {
		t.Fatalf("%d notices of an occasion that another has", n)
	}
	w.exec(`UPDATE notice_occasion SET due_at = now()`)
	w.run("address-notices")
	// It is addressed; the process dies before it can note that, and once more.
	for range 2 {
		w.exec(`UPDATE notice_occasion SET state = 'OPEN', due_at = now()`)
		w.run("address-notices")
	}
	// A sender claims and dies before it sends.
	w.exec(`UPDATE notice SET tries = 1, due_at = now() + interval '2 minutes'`)
	w.run("send-notices")
	if n := len(w.mailsTo("head@example.com")); n != 0 {
		t.Fatalf("%d mails of notices that another has", n)
	}
	w.exec(`UPDATE notice SET due_at = now()`)
	w.deliver()
	// The same fact under a new delivery, and the whole stream again.
	w.proposalMoved(proposalsv1.Proposal_RETURNED, 3)
	w.proposalMoved(proposalsv1.Proposal_SUBMITTED, 4)
	w.occasions(2)
	if n := w.replay("proposals"); n != 3 {
		t.Fatalf("%d events are replayed, want 3", n)
	}
	w.deliver()
	for _, to := range []string{"head@example.com", "editor@example.com"} {
		if got := w.mailsTo(to); len(got) != 2 || got[0].ID == got[1].ID {
			t.Errorf("%s got %v", to, got)
		}
	}
}

// What is old is history: nobody is told.
func TestHistoryIsNotTold(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	const old = "01980000-0000-7000-8000-0000000000e2"
	m := event.Event{Aggregate: "proposal", ID: old, Visibility: event.Ward, Message: &proposalsv1.ProposalStatusChanged{
		ProposalId: old, OrganizationId: org1, To: proposalsv1.Proposal_RETURNED, Version: 3,
	}}
	w.tellLongAgo("proposals", m)
	w.proposalMoved(proposalsv1.Proposal_RETURNED, 3)
	w.occasions(1)
	if n := w.count(`SELECT count(*) FROM notice_occasion WHERE object_id = $1`, old); n != 0 {
		t.Error("an old fact is told")
	}
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	set := func(by auth.Principal, etag string, off ...string) (*outreachv1.NoticePreferences, error) {
		resp, err := w.notices(by).UpdateNoticePreferences(t.Context(), &outreachv1.UpdateNoticePreferencesRequest{
			Preferences: &outreachv1.NoticePreferencesInput{OffKinds: off}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"off_kinds"}}, Etag: etag,
		})
		return resp.GetPreferences(), err
	}
	_, err := set(head, "")
	refused(t, err, "PRECONDITION_REQUIRED")
	_, err = set(head, `"7"`)
	refused(t, err, "ETAG_MISMATCH")
	_, err = set(head, `"0"`, "no_such_kind")
	refused(t, err, "INVALID_FIELD")
	_, err = set(head, `"0"`, "proposal_returned")
	refused(t, err, "NOTICE_REQUIRED")
	p, err := set(head, `"0"`, "proposal_received")
	w.must(err)
	for _, k := range p.GetKinds() {
		if k.GetOn() == (k.GetKind() == "proposal_received") || k.GetTitle() == "" {
			t.Errorf("kind = %v", k)
		}
	}
	w.proposalMoved(proposalsv1.Proposal_SUBMITTED, 2)
	w.proposalMoved(proposalsv1.Proposal_RETURNED, 3)
	w.occasions(2)
	w.deliver()
	if got := w.kindsOf(head); got != "proposal_returned" {
		t.Errorf("head got %q", got)
	}
	if got := w.kindsOf(editor); got != "proposal_received proposal_returned" {
		t.Errorf("editor got %q", got)
	}
	if _, err = set(head, p.GetEtag()); err != nil {
		t.Error(err)
	}
	got, err := w.notices(head).GetNoticePreferences(t.Context(), &outreachv1.GetNoticePreferencesRequest{})
	w.must(err)
	if slices.ContainsFunc(got.GetPreferences().GetKinds(), func(k *outreachv1.NoticeKind) bool { return !k.GetOn() }) {
		t.Errorf("preferences = %v", got)
	}
}

// A mail that does not go is tried again with back-off and given up in the end;
// administrators see that, and neither to whom nor what.
func TestDeliveriesAreVisible(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.peer.setDown(true)
	w.proposalMoved(proposalsv1.Proposal_RETURNED, 3)
	w.occasions(1)
	if err := w.try("address-notices"); err == nil {
		t.Error("addressed without directory")
	}
	w.peer.setDown(false)
	w.exec(`UPDATE notice_occasion SET due_at = now()`)
	w.run("address-notices")
	w.exec(`UPDATE notice SET email = 'not an address' WHERE person_id = 'editor'`)
	w.run("send-notices")
	list := func(state outreachv1.Notice_State) []*outreachv1.NoticeDelivery {
		resp, err := w.notices(admin).ListNoticeDeliveries(t.Context(), &outreachv1.ListNoticeDeliveriesRequest{State: state})
		w.must(err)
		return resp.GetDeliveries()
	}
	if got := list(outreachv1.Notice_GIVEN_UP); len(got) != 1 || got[0].GetFailure() != outreachv1.NoticeDelivery_REFUSED || got[0].GetTries() != 1 || got[0].GetNextTryTime() != nil {
		t.Errorf("given up: %v", got)
	}
	if got := list(outreachv1.Notice_SENT); len(got) != 1 || got[0].GetKind() != "proposal_returned" {
		t.Errorf("sent: %v", got)
	}
	if got := list(outreachv1.Notice_STATE_UNSPECIFIED); len(got) != 2 {
		t.Errorf("all: %v", got)
	}
	resp, err := w.notices(admin).GetNoticeStatistics(t.Context(), &outreachv1.GetNoticeStatisticsRequest{})
	w.must(err)
	if s := resp.GetStatistics(); len(s.GetCounts()) != 2 || s.GetWaitingSince() != nil || s.GetOpenOccasions() != 0 {
		t.Errorf("statistics = %v", s)
	}
	// A server that is away: later, and some day no more.
	w.must(w.Mails.Close())
	w.proposalMoved(proposalsv1.Proposal_SUBMITTED, 4)
	w.occasions(2)
	w.deliver()
	got := list(outreachv1.Notice_FAILED)
	if len(got) != 2 || got[0].GetFailure() != outreachv1.NoticeDelivery_UNREACHABLE || !got[0].GetNextTryTime().AsTime().After(time.Now().Add(30*time.Second)) {
		t.Errorf("failed: %v", got)
	}
	w.exec(`UPDATE notice SET tries = 20, due_at = now() WHERE state = 'FAILED'`)
	w.run("send-notices")
	if got := list(outreachv1.Notice_GIVEN_UP); len(got) != 3 {
		t.Errorf("given up: %v", got)
	}
	if n := w.count(`SELECT count(*) FROM notice WHERE email IS NOT NULL`); n != 0 {
		t.Errorf("%d addresses are kept", n)
	}
	w.exec(`UPDATE notice SET created_at = now() - interval '400 days'`)
	w.run("erase-notices")
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'outreach.notice.erase' AND detail->>'notices' = '4'`); n != 1 {
		t.Error("the erasure is not reported")
	}
	templates, err := w.notices(admin).ListNoticeTemplates(t.Context(), &outreachv1.ListNoticeTemplatesRequest{})
	w.must(err)
	if got := templates.GetTemplates(); len(got) < 25 || !got[0].GetCurrent() || got[0].GetText() == "" {
		t.Errorf("templates = %v", got)
	}
	_, err = w.notices(desk).ListNoticeDeliveries(t.Context(), &outreachv1.ListNoticeDeliveriesRequest{})
	refused(t, err, "PERMISSION_DENIED")
}
