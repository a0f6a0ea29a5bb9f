package facilities_test

import (
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf/pdftest"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

func (w *world) document(p auth.Principal, id string, f facilitiesv1.GetApprovalDocumentRequest_Format) (*typev1.Document, error) {
	resp, err := facilitiesv1.NewApprovalDocumentServiceClient(w.As(p)).GetApprovalDocument(w.t.Context(), &facilitiesv1.GetApprovalDocumentRequest{BookingId: id, Format: f})
	return resp.GetDocument(), err
}

func TestApprovalDocument(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.Title = "防災<b>ワークショップ" })
	_, err := w.document(editor, b.GetId(), facilitiesv1.GetApprovalDocumentRequest_PDF)
	refused(t, err, "NOT_APPROVED_YET")
	w.must(w.bookingVerbs(clerk, b.GetId(), "")["reduceFee"]())
	w.must(w.bookingVerbs(approver, b.GetId(), "")["decideReduction"]())
	w.must(w.bookingVerbs(clerk, b.GetId(), "")["approve"]())
	_, err = w.document(head2, b.GetId(), facilitiesv1.GetApprovalDocumentRequest_PDF)
	refused(t, err, "RESOURCE_NOT_FOUND")

	paper, err := w.document(viewer, b.GetId(), facilitiesv1.GetApprovalDocumentRequest_FORMAT_UNSPECIFIED)
	w.must(err)
	page, err := w.document(viewer, b.GetId(), facilitiesv1.GetApprovalDocumentRequest_HTML)
	w.must(err)
	if paper.GetMediaType() != "application/pdf" || paper.GetFileName() != "使用承認書_"+b.GetNumber()+".pdf" || page.GetMediaType() != "text/html; charset=utf-8" {
		t.Errorf("%s %s, %s", paper.GetMediaType(), paper.GetFileName(), page.GetMediaType())
	}
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	for name, text := range map[string]string{"PDF": pdftest.Text(t, paper.GetContent()), "HTML": string(page.GetContent())} {
		text = squeeze(text)
		for _, want := range []string{
			"使用承認書", b.GetNumber(), "団体1様", b.GetFacilityName(), b.GetRoomName(), "09:00〜12:00", "会議・打合せ", "10人", "500円", "50％", "条例による減額", "火気厳禁",
		} {
			if !strings.Contains(text, squeeze(want)) {
				t.Errorf("the %s does not say %s", name, want)
			}
		}
	}
	if strings.Contains(string(page.GetContent()), "<b>ワーク") {
		t.Error("the title is not escaped")
	}
	again, err := w.document(viewer, b.GetId(), facilitiesv1.GetApprovalDocumentRequest_PDF)
	w.must(err)
	if again.GetEtag() != paper.GetEtag() {
		t.Error("the same document has another etag")
	}
}

func TestBookingCalendar(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.Title = "囲碁の会" })
	gone := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.SlotCodes = []string{"PM"} })
	w.must(w.bookingVerbs(editor, gone.GetId(), "")["cancel"]())
	_, err := w.try(head2, func(r *facilitiesv1.CreateBookingRequest) {
		r.OrganizationId, r.UserClass, r.SlotCodes = org2, "NPO", []string{"NI"}
	})
	w.must(err)
	one, err := w.bookings(viewer).GetBookingCalendar(t.Context(), &facilitiesv1.GetBookingCalendarRequest{Id: b.GetId()})
	w.must(err)
	own, err := w.bookings(viewer).GetOwnCalendar(t.Context(), &facilitiesv1.GetOwnCalendarRequest{})
	w.must(err)
	for want, document := range map[int]*typev1.Document{1: one.GetDocument(), 2: own.GetDocument()} {
		c, err := ical.ParseCalendar(strings.NewReader(string(document.GetContent())))
		if err != nil || len(c.Events()) != want || document.GetMediaType() != "text/calendar; charset=utf-8" {
			t.Fatalf("%v: %d events, want %d", err, len(c.Events()), want)
		}
		starts, err := c.Events()[0].GetStartAt()
		if err != nil || !starts.Equal(openDay(4).StartOfDay().Add(9*time.Hour)) || !strings.Contains(c.Events()[0].GetProperty(ical.ComponentPropertySummary).Value, "囲碁の会") {
			t.Errorf("%v %v", starts, err)
		}
	}
	if !strings.Contains(string(own.GetDocument().GetContent()), "STATUS:CANCELLED") {
		t.Error("the cancelled booking does not say so")
	}
	_, err = w.bookings(head2).GetBookingCalendar(t.Context(), &facilitiesv1.GetBookingCalendarRequest{Id: b.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.bookings(desk).GetOwnCalendar(t.Context(), &facilitiesv1.GetOwnCalendarRequest{})
	refused(t, err, "PERMISSION_DENIED")
}
