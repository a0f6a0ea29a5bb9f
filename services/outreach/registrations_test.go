package outreach_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail/sink"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// admission takes registrations in their order.
func admission(capacity int32) func(*outreachv1.EventInput) {
	return func(in *outreachv1.EventInput) {
		in.Admission = &outreachv1.EventAdmission{Mode: outreachv1.EventAdmission_FIRST_COME, Capacity: capacity}
	}
}

func (w *world) register(by auth.Principal, eventID, email string) (*outreachv1.Registration, error) {
	return w.registerWith(w.t.Context(), by, eventID, email)
}

func (w *world) registerWith(ctx context.Context, by auth.Principal, eventID, email string) (*outreachv1.Registration, error) {
	resp, err := w.registrations(by).CreateRegistration(ctx, &outreachv1.CreateRegistrationRequest{
		EventId: eventID, Registration: &outreachv1.Registrant{Name: "参加 花子", NameKana: "さんか はなこ", Email: email, PhoneNumber: "090-0000-0000"},
	})
	return resp.GetRegistration(), err
}

func (w *world) seats(eventID string) *outreachv1.Seats {
	w.t.Helper()
	e, err := w.get(auth.Anonymous, eventID)
	w.must(err)
	return e.GetSeats()
}

// mailsTo are the mails that an address got, oldest first.
func (w *world) mailsTo(address string) []sink.Mail {
	w.t.Helper()
	all, err := w.Mails.Mails(10_000)
	w.must(err)
	var out []sink.Mail
	for _, m := range all {
		if m.To == address {
			out = append([]sink.Mail{m}, out...)
		}
	}
	return out
}

var linkToken = regexp.MustCompile(`/registrations/([A-Za-z0-9_-]{43})`)

// link waits for a mail to an address and returns the secret of its link.
func (w *world) link(address string) string {
	w.t.Helper()
	w.sent()
	for _, m := range w.mailsTo(address) {
		if found := linkToken.FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	w.t.Fatalf("no link for %s in %v", address, w.mailsTo(address))
	return ""
}

// 200 people register at once for 30 places: 30 are admitted, 170 wait in order,
// nobody is lost; a cancellation moves exactly one up.
func TestNobodyTooMuchAndNobodyLost(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.published(admission(30))
	const people = 200
	states := make([]*outreachv1.Registration, people)
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			// As a browser would: the same key again until the answer is certain.
			ctx := metadata.AppendToOutgoingContext(t.Context(), rpc.MetaIdempotencyKey, fmt.Sprintf("registration-of-person-%d", i))
			for {
				r, err := w.registerWith(ctx, auth.Anonymous, id, fmt.Sprintf("p%d@example.com", i))
				if slices.Contains([]string{"OVERLOADED", "REQUEST_TIMEOUT", "IDEMPOTENCY_IN_PROGRESS"}, reason(err)) || status.Code(err) == codes.DeadlineExceeded {
					continue
				}
				if err != nil {
					t.Error(err)
				}
				states[i] = r
				return
			}
		})
	}
	all.Wait()
	admitted, waiting := 0, map[int32]bool{}
	for _, r := range states {
		switch r.GetState() {
		case outreachv1.Registration_ADMITTED:
			admitted++
		case outreachv1.Registration_WAITLISTED:
			waiting[r.GetPosition()] = true
		}
	}
	if admitted != 30 || len(waiting) != 170 || !waiting[1] || !waiting[170] {
		t.Fatalf("%d admitted, %d places on the wait-list", admitted, len(waiting))
	}
	first := w.waiting(id)
	for _, r := range states {
		if r.GetState() == outreachv1.Registration_ADMITTED {
			w.must(err2(w.registrations(editor).CancelRegistration(t.Context(), &outreachv1.CancelRegistrationRequest{EventId: id, Id: r.GetId()})))
			break
		}
	}
	rest := w.waiting(id)
	if s := w.seats(id); s.GetAdmitted() != 30 || s.GetWaiting() != 169 || len(rest) != 169 || rest[0] != first[1] {
		t.Errorf("after a cancellation: %v, %d wait", s, len(rest))
	}
	if n := w.count(`SELECT count(*) FROM registration WHERE event_id = $1 AND state = 'ADMITTED'`, id); n != 30 {
		t.Errorf("%d have a place", n)
	}
}

// waiting are the ids of who waits, in their order.
func (w *world) waiting(eventID string) []string {
	w.t.Helper()
	var out []string
	req := &outreachv1.ListRegistrationsRequest{EventId: eventID, State: outreachv1.Registration_WAITLISTED, PageSize: 100}
	for {
		resp, err := w.registrations(desk).ListRegistrations(because(w.t.Context()), req)
		w.must(err)
		for i, r := range resp.GetRegistrations() {
			if len(out) == 0 && i == 0 && r.GetPosition() != 1 {
				w.t.Errorf("the first waits at %d", r.GetPosition())
			}
			out = append(out, r.GetId())
		}
		if req.PageToken = resp.GetNextPageToken(); req.GetPageToken() == "" {
			return out
		}
	}
}

func TestRegistrationByMail(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.published(admission(1))
	r, err := w.register(auth.Anonymous, id, "Hanako@Example.com")
	w.must(err)
	if r.GetState() != outreachv1.Registration_ADMITTED || r.GetConfirmed() || r.GetConfirmBefore() == nil || r.GetRegistrant() != nil {
		t.Errorf("registration = %v", r)
	}
	token := w.link("hanako@example.com")
	public := w.registrations(auth.Anonymous)
	link := &outreachv1.GetRegistrationLinkRequest{Token: token}
	for range 2 { // Looking changes nothing.
		shown, err := public.GetRegistrationLink(t.Context(), link)
		w.must(err)
		if shown.GetRegistration().GetConfirmed() || shown.GetRegistration().GetRegistrant() != nil {
			t.Errorf("link shows %v", shown)
		}
	}
	_, err = public.GetRegistrationLink(t.Context(), &outreachv1.GetRegistrationLinkRequest{Token: strings.Repeat("a", 43)})
	refused(t, err, "RESOURCE_NOT_FOUND")
	for range 2 {
		done, err := public.ConfirmRegistration(t.Context(), &outreachv1.ConfirmRegistrationRequest{Token: token})
		w.must(err)
		if !done.GetRegistration().GetConfirmed() {
			t.Errorf("confirmed = %v", done)
		}
	}
	w.sent()
	// Another waits, and moves up when the first cancels by the link.
	second, err := w.register(resident, id, "taro@example.com")
	w.must(err)
	if second.GetState() != outreachv1.Registration_WAITLISTED || second.GetPosition() != 1 {
		t.Errorf("second = %v", second)
	}
	for range 2 {
		gone, err := public.CancelRegistrationByLink(t.Context(), &outreachv1.CancelRegistrationByLinkRequest{Token: token})
		w.must(err)
		if gone.GetRegistration().GetState() != outreachv1.Registration_CANCELLED {
			t.Errorf("cancelled = %v", gone)
		}
	}
	_, err = public.ConfirmRegistration(t.Context(), &outreachv1.ConfirmRegistrationRequest{Token: token})
	refused(t, err, "INVALID_STATE_TRANSITION")
	w.sent()
	var subjects []string
	for _, m := range append(w.mailsTo("hanako@example.com"), w.mailsTo("taro@example.com")...) {
		subjects = append(subjects, m.Subject)
		if !strings.Contains(m.Text, "主催：団体1") {
			t.Errorf("%s has no credits: %s", m.Subject, m.Text)
		}
	}
	if got, want := strings.Join(subjects, "\n"), `【要確認】神田の街歩き：お申し込みの確認をお願いします
神田の街歩き：お申し込みが確定しました
神田の街歩き：お申し込みを取り消しました
【要確認】神田の街歩き：お申し込みの確認をお願いします
神田の街歩き：参加が決まりました`; got != want {
		t.Errorf("mails:\n%s\nwant:\n%s", got, want)
	}
	// Who is signed in may cancel the own one without the link.
	_, err = w.registrations(head2).CancelRegistration(t.Context(), &outreachv1.CancelRegistrationRequest{EventId: id, Id: second.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	w.must(err2(w.registrations(resident).CancelRegistration(t.Context(), &outreachv1.CancelRegistrationRequest{EventId: id, Id: second.GetId()})))
	_, err = w.registrations(resident).CancelRegistration(t.Context(), &outreachv1.CancelRegistrationRequest{EventId: id, Id: second.GetId()})
	refused(t, err, "INVALID_STATE_TRANSITION")
}

// A stranger learns nothing of who is registered and cannot flood an address.
func TestAddressOfAnother(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.published(admission(5))
	first, err := w.register(auth.Anonymous, id, "hanako@example.com")
	w.must(err)
	again, err := w.register(auth.Anonymous, id, "HANAKO@example.com")
	w.must(err)
	if again.GetState() != first.GetState() || again.GetId() == first.GetId() {
		t.Errorf("again = %v", again)
	}
	if s := w.seats(id); s.GetAdmitted() != 1 {
		t.Errorf("seats = %v", s)
	}
	_, err = w.register(auth.Anonymous, id, "hanako@example.com")
	w.must(err)
	_, err = w.register(auth.Anonymous, id, "hanako@example.com")
	refused(t, err, "RATE_LIMITED")
	w.sent()
	if got := w.mailsTo("hanako@example.com"); len(got) != 1 {
		t.Errorf("%d mails in 15 minutes", len(got))
	}
	w.exec(`UPDATE mail SET due_at = due_at - interval '15 minutes'`)
	w.sent()
	if got := w.mailsTo("hanako@example.com"); len(got) != 2 || !strings.Contains(got[1].Subject, "すでにお申し込みいただいています") {
		t.Errorf("after 15 minutes: %v", got)
	}
}

func TestRegistrationByApproval(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.published(func(in *outreachv1.EventInput) {
		in.Admission = &outreachv1.EventAdmission{Mode: outreachv1.EventAdmission_APPROVAL, Capacity: 1}
	})
	a, err := w.register(auth.Anonymous, id, "a@example.com")
	w.must(err)
	b, err := w.register(auth.Anonymous, id, "b@example.com")
	w.must(err)
	admit := func(by auth.Principal, r *outreachv1.Registration) error {
		return err2(w.registrations(by).AdmitRegistration(t.Context(), &outreachv1.AdmitRegistrationRequest{EventId: id, Id: r.GetId()}))
	}
	if a.GetState() != outreachv1.Registration_REQUESTED {
		t.Errorf("a = %v", a)
	}
	refused(t, admit(resident, a), "PERMISSION_DENIED")
	refused(t, admit(head2, a), "RESOURCE_NOT_FOUND")
	w.must(admit(editor, a))
	refused(t, admit(editor, a), "INVALID_STATE_TRANSITION")
	refused(t, admit(editor, b), "EVENT_FULL")
	w.must(err2(w.registrations(desk).CancelRegistration(t.Context(), &outreachv1.CancelRegistrationRequest{EventId: id, Id: a.GetId()})))
	if s := w.seats(id); s.GetAdmitted() != 0 || s.GetWaiting() != 1 {
		t.Errorf("the host decides who moves up: %v", s)
	}
	_, err = w.registrations(desk).AdmitRegistration(t.Context(), &outreachv1.AdmitRegistrationRequest{EventId: id, Id: b.GetId(), Etag: `"9"`})
	refused(t, err, "ETAG_MISMATCH")
	w.must(admit(coordinator(), b))
}

func TestRegistrationHasItsTime(t *testing.T) {
	t.Parallel()
	w := start(t)
	soon := w.published(func(in *outreachv1.EventInput) {
		admission(1)(in)
		in.Admission.OpensOn = today().AddDays(1).String()
	})
	_, err := w.register(auth.Anonymous, soon, "a@example.com")
	refused(t, err, "REGISTRATION_NOT_OPEN")
	over := w.published(func(in *outreachv1.EventInput) {
		admission(1)(in)
		in.Admission.ClosesOn = today().AddDays(-1).String()
	})
	_, err = w.register(auth.Anonymous, over, "a@example.com")
	refused(t, err, "REGISTRATION_CLOSED")
	_, err = w.register(auth.Anonymous, w.published(nil), "a@example.com")
	refused(t, err, "REGISTRATION_CLOSED")
	_, err = w.register(auth.Anonymous, w.approved(admission(1)), "a@example.com")
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.register(auth.Anonymous, w.published(admission(1)), "not an address")
	refused(t, err, "INVALID_FIELD")
}

// Who does not confirm loses the place, and is forgotten at once.
func TestUnconfirmedLapses(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.published(admission(1))
	first, err := w.register(auth.Anonymous, id, "a@example.com")
	w.must(err)
	token := w.link("a@example.com")
	w.must(err2(w.register(auth.Anonymous, id, "b@example.com")))
	w.must(err2(w.registrations(auth.Anonymous).ConfirmRegistration(t.Context(), &outreachv1.ConfirmRegistrationRequest{Token: w.link("b@example.com")})))
	w.exec(`UPDATE registration SET confirm_before = now() WHERE id = $1`, first.GetId())
	_, err = w.registrations(auth.Anonymous).ConfirmRegistration(t.Context(), &outreachv1.ConfirmRegistrationRequest{Token: token})
	refused(t, err, "LINK_EXPIRED")
	w.run("lapse-registrations")
	if s := w.seats(id); s.GetAdmitted() != 1 || s.GetWaiting() != 0 {
		t.Errorf("seats = %v", s)
	}
	if n := w.count(`SELECT count(*) FROM person WHERE email = 'a@example.com'`); n != 0 {
		t.Error("the address is still there")
	}
	_, err = w.registrations(auth.Anonymous).CancelRegistrationByLink(t.Context(), &outreachv1.CancelRegistrationByLinkRequest{Token: token})
	refused(t, err, "LINK_EXPIRED")
}

func TestAttendeesAreForTheHost(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.published(admission(3))
	r, err := w.register(auth.Anonymous, id, "canary@example.com")
	w.must(err)
	list := func(by auth.Principal) (*outreachv1.ListRegistrationsResponse, error) {
		return w.registrations(by).ListRegistrations(because(t.Context()), &outreachv1.ListRegistrationsRequest{EventId: id})
	}
	_, err = w.registrations(editor).ListRegistrations(t.Context(), &outreachv1.ListRegistrationsRequest{EventId: id})
	refused(t, err, "REASON_REQUIRED")
	for _, by := range []auth.Principal{resident, viewer, approver, auditor, admin} {
		_, err := list(by)
		refused(t, err, "PERMISSION_DENIED")
	}
	for _, by := range []auth.Principal{head2, staff, clerk} { // They see the event, and run another.
		_, err := list(by)
		refused(t, err, "PERMISSION_DENIED")
	}
	for _, by := range []auth.Principal{editor, head, coordinator(), desk} {
		resp, err := list(by)
		w.must(err)
		if p := resp.GetRegistrations()[0].GetRegistrant(); p.GetEmail() != "canary@example.com" || p.GetNameKana() != "サンカ　ハナコ" {
			t.Errorf("registrant = %v", p)
		}
	}
	one, err := w.registrations(editor).GetRegistration(because(t.Context()), &outreachv1.GetRegistrationRequest{EventId: id, Id: r.GetId()})
	w.must(err)
	if one.GetRegistration().GetRegistrant().GetName() != "参加 花子" {
		t.Errorf("registration = %v", one)
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'outreach.registration.list' AND reason = '名簿の作成'`); n != 4 {
		t.Errorf("%d readings are logged, want 4", n)
	}
	// After the purpose, the job deletes who it was and says how many.
	w.exec(`UPDATE event_seat SET erase_on = current_date - 1`)
	w.run("erase-registrants")
	if n := w.count(`SELECT count(*) FROM person`); n != 0 {
		t.Errorf("%d people are still there", n)
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'outreach.registration.erase' AND detail->>'people' = '1'`); n != 1 {
		t.Error("the deletion is not reported")
	}
	resp, err := list(editor)
	w.must(err)
	if len(resp.GetRegistrations()) != 1 || resp.GetRegistrations()[0].GetRegistrant() != nil {
		t.Errorf("after the deletion: %v", resp)
	}
	for _, table := range []string{"registration", "mail", "event_log", "audit_entry", "mail_quota", "publication"} {
		if n := w.count(`SELECT count(*) FROM ` + table + ` t WHERE t::text LIKE '%canary%'`); n != 0 {
			t.Errorf("the address is in %s", table)
		}
	}
}

func TestCancelledEventTellsEverybody(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.published(admission(1))
	w.must(err2(w.register(auth.Anonymous, id, "a@example.com")))
	w.must(err2(w.register(auth.Anonymous, id, "b@example.com")))
	w.must(err2(w.events(head).CancelEvent(t.Context(), &outreachv1.CancelEventRequest{Id: id, Reason: "会場が使えなくなったため"})))
	w.sent()
	for _, to := range []string{"a@example.com", "b@example.com"} {
		got := w.mailsTo(to)
		if last := got[len(got)-1]; last.Subject != "【中止】神田の街歩き" || !strings.Contains(last.Text, "会場が使えなくなったため") {
			t.Errorf("%s got %v", to, last)
		}
	}
	if s := w.seats(id); s.GetAdmitted() != 0 || s.GetWaiting() != 0 || s.GetOpen() {
		t.Errorf("seats = %v", s)
	}
	_, err := w.register(auth.Anonymous, id, "c@example.com")
	refused(t, err, "REGISTRATION_CLOSED")
}
