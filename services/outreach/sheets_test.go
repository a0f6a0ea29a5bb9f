package outreach_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf/pdftest"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// sheet is the PDF and the page of a posting, as text.
func (w *world) sheet(p auth.Principal, id string) (pdf, page string) {
	w.t.Helper()
	sheet, err := w.boards(p).GetPostingSheet(w.t.Context(), &outreachv1.GetPostingSheetRequest{Id: id})
	w.must(err)
	html, err := w.boards(p).GetPostingPage(w.t.Context(), &outreachv1.GetPostingPageRequest{Id: id})
	w.must(err)
	if sheet.GetDocument().GetMediaType() != "application/pdf" || html.GetDocument().GetMediaType() != "text/html; charset=utf-8" {
		w.t.Errorf("%s, %s", sheet.GetDocument().GetMediaType(), html.GetDocument().GetMediaType())
	}
	return pdftest.Text(w.t, sheet.GetDocument().GetContent()), string(html.GetDocument().GetContent())
}

// The sheet names organization and section side by side, the contact, the number and
// the days, on paper and as a page.
func TestSheet(t *testing.T) {
	t.Parallel()
	w := start(t)
	board := w.board("12", nil).GetId()
	in := postingInput(board)
	in.Title, in.DepartmentId, in.DepartmentPart, in.Size = `"街歩き" <b>𠮷</b> =1+1 🍁`, dept1, typev1.Credit_CO_ORGANIZER, outreachv1.Posting_A3
	asked, err := w.ask(head, in)
	w.must(err)
	for _, text := range both(w.sheet(head, asked.GetId())) {
		if !strings.Contains(text, "この掲示物は承認されていません") || !strings.Contains(text, "（承認前）") {
			t.Errorf("before the approval:\n%s", text)
		}
	}
	_, err = w.boards(auth.Anonymous).GetPostingSheet(t.Context(), &outreachv1.GetPostingSheetRequest{Id: asked.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.boards(head2).GetPostingPage(t.Context(), &outreachv1.GetPostingPageRequest{Id: asked.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	approved, err := w.approve(desk, asked.GetId())
	w.must(err)
	if diff := cmp.Diff([]string{"ORGANIZER 団体1", "CO_ORGANIZER 区民生活部商工振興課"}, lines(approved.GetCredits())); diff != "" {
		t.Errorf("credits (-want +got):\n%s", diff)
	}
	pdf, page := w.sheet(auth.Anonymous, asked.GetId())
	for _, text := range []string{pdf, page} {
		for _, want := range []string{"主催", "団体1", "共催", "区民生活部商工振興課", "見本団体 03-0000-0000", approved.GetNumber(), "見本広場"} {
			if !strings.Contains(text, want) {
				t.Errorf("the sheet lacks %q:\n%s", want, text)
			}
		}
		if strings.Contains(text, "承認されていません") {
			t.Error("an approved sheet says that it is not")
		}
	}
	if strings.Contains(page, "<b>") || strings.Contains(page, "<script") || !strings.Contains(page, "&lt;b&gt;𠮷&lt;/b&gt; =1&#43;1 🍁") || !strings.Contains(page, asked.GetUrl()) {
		t.Errorf("page = %s", page)
	}
}

func both(a, b string) []string { return []string{a, b} }

// A sheet of an event carries the event's credits, whatever the request says, and
// leads to it.
func TestSheetOfAnEvent(t *testing.T) {
	t.Parallel()
	w := start(t)
	event := w.draft(func(in *outreachv1.EventInput) { in.Credits = bothSides() }).GetId()
	board := w.board("1", nil).GetId()
	in := postingInput(board)
	in.EventId, in.DepartmentPart = event, typev1.Credit_PATRON
	_, err := w.ask(head, in)
	refused(t, err, "POSTING_EVENT_UNKNOWN")
	w.must(err2(w.events(editor).RequestEventApproval(t.Context(), &outreachv1.RequestEventApprovalRequest{Id: event})))
	w.must(err2(w.events(head).ConfirmEventCredit(t.Context(), &outreachv1.ConfirmEventCreditRequest{Id: event, OrganizationId: org1})))
	w.must(err2(w.events(desk).ApproveEvent(t.Context(), &outreachv1.ApproveEventRequest{Id: event})))
	w.must(w.publish(event))
	asked, err := w.ask(head, in)
	w.must(err)
	want := []string{"ORGANIZER 団体1", "CO_ORGANIZER 区民生活部商工振興課"}
	if diff := cmp.Diff(want, lines(asked.GetCredits())); diff != "" || !strings.HasSuffix(asked.GetUrl(), "/events/"+event) {
		t.Errorf("%s, credits (-want +got):\n%s", asked.GetUrl(), diff)
	}
	w.must(err2(w.events(desk).WithdrawEvent(t.Context(), &outreachv1.WithdrawEventRequest{Id: event, Reason: "中止のため"})))
	_, err = w.approve(desk, asked.GetId())
	refused(t, err, "POSTING_EVENT_UNKNOWN")
}
