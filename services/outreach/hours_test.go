package outreach_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// begin lets the shifts of an opportunity have begun an hour ago.
func (w *world) begin(id string) {
	w.t.Helper()
	w.exec(`UPDATE shift SET starts_at = now() - interval '1 hour', ends_at = now() + interval '1 hour' WHERE opportunity_id = $1`, id)
}

func (w *world) log(by auth.Principal, a *outreachv1.Application, change func(*outreachv1.HoursInput)) (*outreachv1.Hours, error) {
	in := &outreachv1.HoursInput{ApplicationId: a.GetId(), WorkedOn: today().String(), Minutes: 90}
	if change != nil {
		change(in)
	}
	resp, err := w.hours(by).LogHours(w.t.Context(), &outreachv1.LogHoursRequest{OpportunityId: a.GetOpportunityId(), Hours: in})
	return resp.GetHours(), err
}

// Who came is recorded, hours are logged by who did them and confirmed by the
// host, and the certificate says so on paper and as a page.
func TestFromAttendanceToCertificate(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	id := w.call(func(in *outreachv1.OpportunityInput) { in.Headcount = 20 })
	shift, second := w.shift(id, 24, 12), w.shift(id, 30, 12)
	w.publishCall(id)
	a := w.applied1(resident, id, func(in *outreachv1.ApplicationInput) { school(12)(in); in.ShiftIds = []string{shift, second} })
	host := w.applications(editor)
	attend := func(shiftID string, heads int32) error {
		return err2(host.RecordAttendance(ctx, &outreachv1.RecordAttendanceRequest{OpportunityId: id, Id: a.GetId(), ShiftId: shiftID, Heads: heads}))
	}
	refused(t, attend("", 12), "SHIFT_REQUIRED")
	refused(t, attend(second, 12), "SHIFT_UNKNOWN")
	refused(t, attend(shift, 12), "ATTENDANCE_TOO_EARLY")
	w.begin(id)
	refused(t, attend(shift, 13), "INVALID_FIELD")
	w.must(attend(shift, 11))
	if got := w.own(resident, a); got.GetShifts()[0].GetAttended() != 11 || got.GetShifts()[1].GetAttended() != -1 {
		t.Errorf("attendance = %v", got)
	}
	refused(t, err2(w.applications(resident).GetCertificate(ctx, &outreachv1.GetCertificateRequest{OpportunityId: id, Id: a.GetId()})), "HOURS_UNCONFIRMED")

	_, err := w.log(resident, a, func(in *outreachv1.HoursInput) { in.WorkedOn = today().AddDays(1).String() })
	refused(t, err, "HOURS_OUTSIDE")
	_, err = w.log(resident, a, func(in *outreachv1.HoursInput) { in.WorkedOn = today().AddDays(-1).String() })
	refused(t, err, "HOURS_OUTSIDE")
	_, err = w.log(resident, a, func(in *outreachv1.HoursInput) { in.ShiftId = second })
	refused(t, err, "SHIFT_UNKNOWN")
	_, err = w.log(resident, a, func(in *outreachv1.HoursInput) { in.Heads = 13 })
	refused(t, err, "INVALID_FIELD")
	for _, by := range []auth.Principal{head2, editor} { // The volunteer logs; the host only for whom the desk entered.
		_, err = w.log(by, a, nil)
		refused(t, err, "RESOURCE_NOT_FOUND")
	}
	h, err := w.log(resident, a, func(in *outreachv1.HoursInput) { in.ShiftId, in.Heads = shift, 11 })
	w.must(err)
	_, err = w.log(resident, a, func(in *outreachv1.HoursInput) { in.ShiftId = shift })
	refused(t, err, "HOURS_ALREADY_LOGGED")
	more, err := w.log(resident, a, func(in *outreachv1.HoursInput) { in.Minutes, in.Heads = 30, 2 })
	w.must(err)

	confirm := func(by auth.Principal, h *outreachv1.Hours) error {
		return err2(w.hours(by).ConfirmHours(ctx, &outreachv1.ConfirmHoursRequest{OpportunityId: id, Id: h.GetId()}))
	}
	refused(t, confirm(head2, h), "RESOURCE_NOT_FOUND")
	refused(t, confirm(resident, h), "PERMISSION_DENIED")
	w.must(confirm(editor, h))
	refused(t, confirm(editor, h), "INVALID_STATE_TRANSITION")
	w.must(err2(w.hours(head).ReturnHours(ctx, &outreachv1.ReturnHoursRequest{OpportunityId: id, Id: more.GetId(), Reason: "人数を確かめてください。"})))
	again, err := w.log(resident, a, func(in *outreachv1.HoursInput) { in.Minutes = 15 }) // All twelve.
	w.must(err)
	w.must(confirm(head, again))
	mine, err := w.hours(resident).ListHours(ctx, &outreachv1.ListHoursRequest{OpportunityId: id, State: outreachv1.Hours_CONFIRMED})
	w.must(err)
	others, err := w.hours(head2).ListHours(ctx, &outreachv1.ListHoursRequest{OpportunityId: id})
	w.must(err)
	all, err := w.hours(editor).ListHours(ctx, &outreachv1.ListHoursRequest{OpportunityId: id, ApplicationId: a.GetId(), PageSize: 2})
	w.must(err)
	rest, err := w.hours(editor).ListHours(ctx, &outreachv1.ListHoursRequest{OpportunityId: id, ApplicationId: a.GetId(), PageSize: 2, PageToken: all.GetNextPageToken()})
	w.must(err)
	if len(mine.GetHours()) != 2 || len(others.GetHours()) != 0 || len(all.GetHours()) != 2 || len(rest.GetHours()) != 1 {
		t.Errorf("hours = %v, %v, %v, %v", mine, others, all, rest)
	}
	w.must(err2(w.hours(resident).GetHours(ctx, &outreachv1.GetHoursRequest{OpportunityId: id, Id: h.GetId()})))
	refused(t, err2(w.hours(head2).GetHours(ctx, &outreachv1.GetHoursRequest{OpportunityId: id, Id: h.GetId()})), "RESOURCE_NOT_FOUND")

	page, err := w.applications(resident).GetCertificatePage(ctx, &outreachv1.GetCertificatePageRequest{OpportunityId: id, Id: a.GetId()})
	w.must(err)
	html := string(page.GetDocument().GetContent())
	for _, want := range []string{"活動証明書", "カナリア小学校5年1組 応募 カナリア 様", "児童館での読み聞かせ", "1時間45分", "19時間30分", "団体1"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s: %s", want, html)
		}
	}
	paper, err := w.applications(editor).GetCertificate(because(ctx), &outreachv1.GetCertificateRequest{OpportunityId: id, Id: a.GetId()})
	w.must(err)
	if d := paper.GetDocument(); d.GetMediaType() != "application/pdf" || !strings.HasPrefix(string(d.GetContent()), "%PDF-") || len(d.GetContent()) < 5000 {
		t.Errorf("certificate = %s, %d bytes", d.GetMediaType(), len(d.GetContent()))
	}
	refused(t, err2(w.applications(editor).GetCertificate(ctx, &outreachv1.GetCertificateRequest{OpportunityId: id, Id: a.GetId()})), "REASON_REQUIRED")
	refused(t, err2(w.applications(head2).GetCertificate(because(ctx), &outreachv1.GetCertificateRequest{OpportunityId: id, Id: a.GetId()})), "RESOURCE_NOT_FOUND")
}

// For whom the desk entered the host logs, and another person confirms; so says a
// constraint too.
func TestHoursOfTheDesksEntriesNeedTwoPersons(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	id := w.publishedCall(nil)
	a := w.applied1(desk, id, func(in *outreachv1.ApplicationInput) {
		in.Channel, in.Applicant.PaperNote = outreachv1.Application_COUNTER, "窓口の申込書"
	})
	h, err := w.log(editor, a, nil)
	w.must(err)
	refused(t, err2(w.hours(editor).ConfirmHours(ctx, &outreachv1.ConfirmHoursRequest{OpportunityId: id, Id: h.GetId()})), "SELF_APPROVAL_FORBIDDEN")
	refused(t, err2(w.hours(head).ConfirmHours(ctx, &outreachv1.ConfirmHoursRequest{OpportunityId: id, Id: h.GetId(), Etag: `"9"`})), "ETAG_MISMATCH")
	_, err = w.DB("outreach").Pool().Exec(ctx, `UPDATE hours SET state = 'CONFIRMED', decided_by = logged_by`)
	if err == nil || !strings.Contains(err.Error(), "hours_second_person") {
		t.Errorf("the table takes a confirmation by who logged: %v", err)
	}
	w.must(err2(w.hours(head).ConfirmHours(ctx, &outreachv1.ConfirmHoursRequest{OpportunityId: id, Id: h.GetId()})))
	// A member of the host who volunteers does not confirm her own.
	own := w.applied1(head, id, nil)
	mine, err := w.log(head, own, nil)
	w.must(err)
	refused(t, err2(w.hours(head).ConfirmHours(ctx, &outreachv1.ConfirmHoursRequest{OpportunityId: id, Id: mine.GetId()})), "SELF_APPROVAL_FORBIDDEN")
	waiting := w.applied1(resident, w.publishedCall(hostDecides), nil)
	_, err = w.log(resident, waiting, nil)
	refused(t, err, "INVALID_STATE_TRANSITION")
	refused(t, err2(w.applications(editor).RecordAttendance(ctx, &outreachv1.RecordAttendanceRequest{OpportunityId: waiting.GetOpportunityId(), Id: waiting.GetId()})), "INVALID_STATE_TRANSITION")
	w.must(err2(w.applications(editor).RecordAttendance(ctx, &outreachv1.RecordAttendanceRequest{OpportunityId: id, Id: own.GetId(), Heads: 1})))
}

func TestShifts(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	id := w.call(func(in *outreachv1.OpportunityInput) { in.Headcount = 3 })
	first, second := w.shift(id, 24, 1), w.shift(id, 48, 2)
	at := func(hours int) *timestamppb.Timestamp {
		return timestamppb.New(time.Now().Add(time.Duration(hours) * time.Hour))
	}
	create := func(by auth.Principal, from, to int) error {
		return err2(w.shifts(by).CreateShift(ctx, &outreachv1.CreateShiftRequest{OpportunityId: id, Shift: &outreachv1.ShiftInput{StartTime: at(from), EndTime: at(to), Capacity: 1}}))
	}
	refused(t, create(editor, -1, 1), "INVALID_FIELD")
	refused(t, create(editor, 2, 1), "INVALID_FIELD")
	refused(t, create(editor, 2, 27), "INVALID_FIELD")
	refused(t, create(editor, 24*70, 24*70+1), "INVALID_FIELD")
	refused(t, create(head2, 2, 3), "RESOURCE_NOT_FOUND")
	refused(t, create(resident, 2, 3), "PERMISSION_DENIED")
	w.publishCall(id)
	refused(t, create(head2, 2, 3), "PERMISSION_DENIED")
	a := w.applied1(resident, id, func(in *outreachv1.ApplicationInput) { in.ShiftIds = []string{first, second} })
	b := w.applied1(head2, id, func(in *outreachv1.ApplicationInput) { in.ShiftIds = []string{first} })
	if b.GetState() != outreachv1.Application_WAITLISTED {
		t.Errorf("b = %v", b)
	}
	update := func(etag string, change *outreachv1.ShiftChange, paths ...string) error {
		return err2(w.shifts(editor).UpdateShift(ctx, &outreachv1.UpdateShiftRequest{OpportunityId: id, Id: first, Etag: etag, Shift: change, UpdateMask: mask(paths...)}))
	}
	refused(t, update("", &outreachv1.ShiftChange{Capacity: 2}, "capacity"), "PRECONDITION_REQUIRED")
	refused(t, update(`"9"`, &outreachv1.ShiftChange{Capacity: 2}, "capacity"), "ETAG_MISMATCH")
	refused(t, update("*", &outreachv1.ShiftChange{Capacity: 2}, "accepted"), "INVALID_FIELD_MASK")
	refused(t, update("*", &outreachv1.ShiftChange{StartTime: at(20), EndTime: at(21)}, "startTime", "endTime"), "SHIFT_TAKEN")
	refused(t, update("*", &outreachv1.ShiftChange{}, "capacity"), "SHIFT_TAKEN")
	w.must(update("*", &outreachv1.ShiftChange{Capacity: 2}, "capacity")) // One more place: who waits for it moves up.
	if got := w.own(head2, b); got.GetState() != outreachv1.Application_ACCEPTED {
		t.Errorf("b = %v", got)
	}
	w.checkCounts(t, id)

	// A shift is called off: one goes to the other wished shift, one waits again.
	cancel := func(by auth.Principal) error {
		return err2(w.shifts(by).CancelShift(ctx, &outreachv1.CancelShiftRequest{OpportunityId: id, Id: first}))
	}
	refused(t, cancel(head2), "PERMISSION_DENIED")
	w.must(cancel(editor))
	w.must(cancel(editor))
	if got := w.own(resident, a); got.GetState() != outreachv1.Application_ACCEPTED || got.GetShifts()[0].GetAccepted() || !got.GetShifts()[1].GetAccepted() {
		t.Errorf("a = %v", got)
	}
	if got := w.own(head2, b); got.GetState() != outreachv1.Application_WAITLISTED || got.GetPosition() != 1 {
		t.Errorf("b = %v", got)
	}
	w.checkCounts(t, id)
	refused(t, update("*", &outreachv1.ShiftChange{Capacity: 3}, "capacity"), "INVALID_STATE_TRANSITION")
	if got := strings.Join(w.subjects("head2@example.com"), "|"); strings.Count(got, "【活動日の変更】") != 1 {
		t.Errorf("mails = %s", got)
	}
	if raw := w.feed("opportunities.ics"); strings.Count(raw, "STATUS:CANCELLED") != 1 || strings.Count(raw, "BEGIN:VEVENT") != 2 {
		t.Errorf("calendar = %s", raw)
	}
	list, err := w.shifts(auth.Anonymous).ListShifts(ctx, &outreachv1.ListShiftsRequest{OpportunityId: id})
	w.must(err)
	got, err := w.shifts(auth.Anonymous).GetShift(ctx, &outreachv1.GetShiftRequest{OpportunityId: id, Id: second})
	w.must(err)
	if s := list.GetShifts(); len(s) != 2 || !s[0].GetCancelled() || got.GetShift().GetAccepted() != 1 {
		t.Errorf("shifts = %v, %v", list, got)
	}
	w.exec(`INSERT INTO shift (id, opportunity_id, starts_at, ends_at, capacity, accepted, cancelled, created_at, version)
		SELECT gen_random_uuid(), $1, now(), now() + interval '1 hour', 1, 0, true, now(), 1 FROM generate_series(1, 198)`, id)
	refused(t, create(editor, 2, 3), "SHIFT_LIMIT_REACHED")
	w.must(err2(w.opportunities(editor).CancelOpportunity(ctx, &outreachv1.CancelOpportunityRequest{Id: id, Reason: "荒天のため"})))
	refused(t, create(editor, 2, 3), "INVALID_STATE_TRANSITION")
}
