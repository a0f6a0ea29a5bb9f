package outreach_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

func (w *world) requestEvent(by auth.Principal, id string) error {
	return err2(w.events(by).RequestEventApproval(w.t.Context(), &outreachv1.RequestEventApprovalRequest{Id: id}))
}

func (w *world) approveEvent(by auth.Principal, id string) error {
	return err2(w.events(by).ApproveEvent(w.t.Context(), &outreachv1.ApproveEventRequest{Id: id}))
}

func (w *world) eventState(id string) outreachv1.Event_State {
	w.t.Helper()
	e, err := w.get(desk, id)
	w.must(err)
	return e.GetState()
}

func TestEventFromDraftToPublication(t *testing.T) {
	t.Parallel()
	w := start(t)
	e := w.draft(nil)
	if e.GetState() != outreachv1.Event_DRAFT || e.GetCreditText() != "主催：団体1" || e.GetOrganizationName() != "団体1" {
		t.Errorf("draft = %v", e)
	}
	_, err := w.get(auth.Anonymous, e.GetId())
	refused(t, err, "RESOURCE_NOT_FOUND")
	refused(t, w.approveEvent(desk, e.GetId()), "INVALID_STATE_TRANSITION")
	w.must(w.requestEvent(editor, e.GetId()))
	refused(t, w.requestEvent(editor, e.GetId()), "INVALID_STATE_TRANSITION")
	refused(t, w.publish(e.GetId()), "INVALID_STATE_TRANSITION")
	refused(t, w.approveEvent(editor, e.GetId()), "PERMISSION_DENIED")
	refused(t, w.approveEvent(approver, e.GetId()), "RESOURCE_NOT_FOUND") // Partners' events are for the desk.
	w.must(w.approveEvent(desk, e.GetId()))
	_, err = w.events(head).PublishEvent(t.Context(), &outreachv1.PublishEventRequest{Id: e.GetId()})
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.events(desk).PublishEvent(t.Context(), &outreachv1.PublishEventRequest{Id: e.GetId(), Etag: `"1"`})
	refused(t, err, "ETAG_MISMATCH")
	w.must(w.publish(e.GetId()))
	got, err := w.get(auth.Anonymous, e.GetId())
	w.must(err)
	if got.GetState() != outreachv1.Event_PUBLISHED || got.GetBodyHtml() != "<p><strong>雨天</strong>のときは中止します。</p>\n" || got.GetRevision() != 1 {
		t.Errorf("published = %v", got)
	}
	if got := w.told(e.GetId()); got != "EventPublished" {
		t.Errorf("events = %s", got)
	}
}

// Nobody approves what they wrote, changed or put forward.
func TestAuthorIsNotApprover(t *testing.T) {
	t.Parallel()
	w := start(t)
	onBehalf := w.draftBy(desk, func(in *outreachv1.EventInput) { in.OrganizationId = org1 })
	w.must(w.requestEvent(editor, onBehalf.GetId()))
	refused(t, w.approveEvent(desk, onBehalf.GetId()), "SELF_APPROVAL_FORBIDDEN")
	w.must(w.approveEvent(desk2, onBehalf.GetId()))

	edited := w.draft(nil)
	w.must(err2(w.events(desk2).UpdateEvent(t.Context(), &outreachv1.UpdateEventRequest{Id: edited.GetId(), Etag: edited.GetEtag(), UpdateMask: mask("note"), Event: &outreachv1.EventInput{Note: "x"}})))
	w.must(w.requestEvent(editor, edited.GetId()))
	refused(t, w.approveEvent(desk2, edited.GetId()), "SELF_APPROVAL_FORBIDDEN")

	ward := w.draftBy(headStaff, nil)
	w.must(w.requestEvent(staff, ward.GetId()))
	refused(t, w.approveEvent(headStaff, ward.GetId()), "SELF_APPROVAL_FORBIDDEN")
	w.must(w.approveEvent(approver, ward.GetId()))
	w.must(err2(w.events(staff).PublishEvent(t.Context(), &outreachv1.PublishEventRequest{Id: ward.GetId()})))
}

func TestWhoMayDraft(t *testing.T) {
	t.Parallel()
	w := start(t)
	create := func(by auth.Principal, change func(*outreachv1.EventInput)) error {
		in := eventInput()
		if change != nil {
			change(in)
		}
		return err2(w.events(by).CreateEvent(t.Context(), &outreachv1.CreateEventRequest{Event: in}))
	}
	of := func(id string) func(*outreachv1.EventInput) {
		return func(in *outreachv1.EventInput) { in.OrganizationId = id }
	}
	refused(t, create(auth.Anonymous, nil), "UNAUTHENTICATED")
	for _, by := range []auth.Principal{resident, viewer, approver, auditor, admin} {
		refused(t, create(by, nil), "PERMISSION_DENIED")
	}
	refused(t, create(editor, of(org2)), "PERMISSION_DENIED")
	refused(t, create(staff, of(org1)), "PERMISSION_DENIED")
	refused(t, create(head3, nil), "ORGANIZATION_NOT_VERIFIED")
	refused(t, create(desk, of(none)), "ORGANIZATION_UNKNOWN")
	for _, by := range []auth.Principal{editor, head, coordinator(), staff, desk, clerk} {
		w.must(create(by, nil))
	}
	w.must(create(desk, of(org2)))
	credited := func(c *outreachv1.CreditInput) func(*outreachv1.EventInput) {
		return func(in *outreachv1.EventInput) { in.Credits = []*outreachv1.CreditInput{c} }
	}
	refused(t, create(editor, credited(&outreachv1.CreditInput{Part: typev1.Credit_PATRON, OrganizationId: none})), "ORGANIZATION_UNKNOWN")
	refused(t, create(editor, credited(&outreachv1.CreditInput{Part: typev1.Credit_PATRON, DepartmentId: dept9})), "DEPARTMENT_UNKNOWN")
	refused(t, create(editor, credited(&outreachv1.CreditInput{Part: typev1.Credit_PATRON})), "INVALID_FIELD")
	refused(t, create(editor, func(in *outreachv1.EventInput) { in.ProjectId = none }), "PROJECT_UNKNOWN")
	w.peer.setDown(true)
	refused(t, create(editor, nil), "DEPENDENCY_UNAVAILABLE")
}

func TestInputThatContradictsItself(t *testing.T) {
	t.Parallel()
	w := start(t)
	for name, change := range map[string]func(*outreachv1.EventInput){
		"no such day":          func(in *outreachv1.EventInput) { in.StartsOn = "2026-02-30" },
		"ends before":          func(in *outreachv1.EventInput) { in.EndsOn = today().String() },
		"ends before it began": func(in *outreachv1.EventInput) { in.EndTime = "09:00" },
		"no end of repetition": func(in *outreachv1.EventInput) { in.Recurrence = "FREQ=WEEKLY" },
		"too often":            func(in *outreachv1.EventInput) { in.Recurrence = "FREQ=DAILY;COUNT=201" },
		"by the hour":          func(in *outreachv1.EventInput) { in.Recurrence = "FREQ=HOURLY;COUNT=3" },
		"closes before": func(in *outreachv1.EventInput) {
			in.Admission = &outreachv1.EventAdmission{OpensOn: "2026-12-02", ClosesOn: "2026-12-01"}
		},
		"approval, no places": func(in *outreachv1.EventInput) {
			in.Admission = &outreachv1.EventAdmission{Mode: outreachv1.EventAdmission_APPROVAL}
		},
		"half a position":      func(in *outreachv1.EventInput) { in.Place.Latitude = 35.6 },
		"kanji as reading":     func(in *outreachv1.EventInput) { in.TitleKana = "神田" },
		"a phone that is none": func(in *outreachv1.EventInput) { in.Contact.PhoneNumber = "12" },
		"a formula":            func(in *outreachv1.EventInput) { in.Body = "=1+1" },
	} {
		in := eventInput()
		change(in)
		_, err := w.events(editor).CreateEvent(t.Context(), &outreachv1.CreateEventRequest{Event: in})
		if reason(err) != "INVALID_FIELD" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUpdateOfADraft(t *testing.T) {
	t.Parallel()
	w := start(t)
	e := w.draft(func(in *outreachv1.EventInput) { in.Credits = bothSides() })
	w.must(err2(w.events(head).ConfirmEventCredit(t.Context(), &outreachv1.ConfirmEventCreditRequest{Id: e.GetId()})))
	update := func(by auth.Principal, etag string, in *outreachv1.EventInput, paths ...string) (*outreachv1.Event, error) {
		resp, err := w.events(by).UpdateEvent(t.Context(), &outreachv1.UpdateEventRequest{Id: e.GetId(), Event: in, Etag: etag, UpdateMask: mask(paths...)})
		return resp.GetEvent(), err
	}
	title := &outreachv1.EventInput{Title: "夜の街歩き"}
	_, err := update(editor, "", title, "title")
	refused(t, err, "PRECONDITION_REQUIRED")
	_, err = update(editor, e.GetEtag(), title, "title")
	refused(t, err, "ETAG_MISMATCH")
	_, err = update(editor, "*", title, "organizationId")
	refused(t, err, "INVALID_FIELD_MASK")
	_, err = update(head2, "*", title, "title")
	refused(t, err, "RESOURCE_NOT_FOUND")
	got, err := update(coordinator(), "*", title, "title")
	w.must(err)
	if got.GetTitle() != "夜の街歩き" || got.GetPlace().GetName() != "神田公園区民館" || !got.GetCreditConfirmations()[0].GetConfirmed() {
		t.Errorf("updated = %v", got)
	}
	got, err = update(editor, got.GetEtag(), &outreachv1.EventInput{Credits: bothSides()[:1]}, "credits")
	w.must(err)
	if got.GetCreditText() != "主催：団体1" || len(got.GetCreditConfirmations()) != 0 {
		t.Errorf("other credits = %v", got)
	}
	got, err = update(editor, got.GetEtag(), &outreachv1.EventInput{Credits: bothSides()}, "credits")
	w.must(err)
	if got.GetCreditConfirmations()[0].GetConfirmed() {
		t.Error("other credits need another word")
	}
	w.must(w.requestEvent(editor, e.GetId()))
	_, err = update(editor, "*", title, "title")
	refused(t, err, "PUBLICATION_NOT_EDITABLE")
}

func TestIncompleteIsNotPutForward(t *testing.T) {
	t.Parallel()
	w := start(t)
	e := w.draft(func(in *outreachv1.EventInput) { proto.Reset(in) })
	refused(t, w.requestEvent(editor, e.GetId()), "PUBLICATION_INCOMPLETE")
	a, err := w.articles(editor).CreateArticle(t.Context(), &outreachv1.CreateArticleRequest{Article: &outreachv1.ArticleInput{}})
	w.must(err)
	_, err = w.articles(editor).RequestArticleApproval(t.Context(), &outreachv1.RequestArticleApprovalRequest{Id: a.GetArticle().GetId()})
	refused(t, err, "PUBLICATION_INCOMPLETE")
}

func TestReturnedWithdrawnAndPublishedAgain(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.approved(nil)
	back, err := w.events(desk).ReturnEvent(t.Context(), &outreachv1.ReturnEventRequest{Id: id, Reason: "場所を詳しく"})
	w.must(err)
	if back.GetEvent().GetReturnReason() != "場所を詳しく" || back.GetEvent().GetState() != outreachv1.Event_DRAFT {
		t.Errorf("returned = %v", back)
	}
	w.must(w.requestEvent(editor, id))
	w.must(w.approveEvent(desk, id))
	w.must(w.publish(id))
	_, err = w.events(editor).WithdrawEvent(t.Context(), &outreachv1.WithdrawEventRequest{Id: id})
	refused(t, err, "INVALID_FIELD") // The reason is missing.
	w.must(err2(w.events(editor).WithdrawEvent(t.Context(), &outreachv1.WithdrawEventRequest{Id: id, Reason: "延期"})))
	_, err = w.events(editor).CancelEvent(t.Context(), &outreachv1.CancelEventRequest{Id: id, Reason: "x"})
	refused(t, err, "INVALID_STATE_TRANSITION")
	w.must(w.requestEvent(editor, id))
	w.must(w.approveEvent(desk, id))
	w.must(w.publish(id))
	if got := w.told(id); got != "EventPublished EventPublished" {
		t.Errorf("events = %s", got)
	}
	if raw := w.feed("events.ics"); !strings.Contains(raw, "SEQUENCE:2") { // Published, withdrawn, published.
		t.Errorf("calendar = %s", raw)
	}
	var numbers []int32
	req := &outreachv1.ListEventRevisionsRequest{Id: id, PageSize: 2}
	for {
		page, err := w.events(viewer).ListEventRevisions(t.Context(), req)
		w.must(err)
		for _, r := range page.GetRevisions() {
			numbers = append(numbers, r.GetRevision())
		}
		if req.PageToken = page.GetNextPageToken(); req.GetPageToken() == "" {
			break
		}
	}
	if diff := cmp.Diff([]int32{3, 2, 1}, numbers); diff != "" {
		t.Error(diff)
	}
	_, err = w.events(head2).ListEventRevisions(t.Context(), &outreachv1.ListEventRevisionsRequest{Id: id})
	refused(t, err, "PERMISSION_DENIED")
}

func TestPublicationAtATime(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.approved(nil)
	at := timestamppb.New(time.Now().Add(time.Hour))
	publish := func(at *timestamppb.Timestamp) error {
		return err2(w.events(desk).PublishEvent(t.Context(), &outreachv1.PublishEventRequest{Id: id, PublishTime: at}))
	}
	refused(t, publish(timestamppb.New(time.Now().Add(400*24*time.Hour))), "INVALID_FIELD")
	w.must(publish(at))
	w.run("publish-due")
	if got := w.eventState(id); got != outreachv1.Event_SCHEDULED {
		t.Errorf("before its time: %v", got)
	}
	_, err := w.get(auth.Anonymous, id)
	refused(t, err, "RESOURCE_NOT_FOUND")
	w.exec(`UPDATE publication SET publish_at = now() - interval '1 second' WHERE id = $1`, id)
	w.run("publish-due")
	if got := w.told(id); got != "EventPublished" {
		t.Errorf("events = %s", got)
	}
	// The day after the last one it ends, and stays readable.
	w.exec(`UPDATE publication SET event = jsonb_set(event, '{startsOn}', '"2026-04-01"'), ends_on = '2026-04-01' WHERE id = $1`, id)
	w.exec(`UPDATE publication SET event = event - 'occursOn' WHERE id = $1`, id)
	w.run("publish-due")
	e, err := w.get(auth.Anonymous, id)
	w.must(err)
	if e.GetState() != outreachv1.Event_ENDED || !strings.Contains(w.export(""), ",終了,") {
		t.Errorf("after its day: %v", e.GetState())
	}
}

func TestRecurringEvent(t *testing.T) {
	t.Parallel()
	w := start(t)
	first := today().AddDays(7)
	id := w.published(func(in *outreachv1.EventInput) {
		in.Recurrence, in.ExceptOn = "FREQ=WEEKLY;COUNT=4", []string{first.AddDays(14).String()}
	})
	e, err := w.get(auth.Anonymous, id)
	w.must(err)
	want := []string{first.AddDays(3).String(), first.AddDays(10).String(), first.AddDays(17).String(), first.AddDays(24).String()}
	if diff := cmp.Diff(want, e.GetOccursOn()); diff != "" {
		t.Error(diff)
	}
	for day, is := range map[int]bool{0: false, 3: true, 4: false, 10: true, 24: true, 25: false} {
		d := first.AddDays(day).String()
		list, err := w.events(auth.Anonymous).ListEvents(t.Context(), &outreachv1.ListEventsRequest{From: d, To: d})
		w.must(err)
		if got := len(list.GetEvents()) == 1; got != is {
			t.Errorf("on day %d: %v", day, got)
		}
	}
	if raw := w.feed("events.ics"); !strings.Contains(raw, "RRULE:FREQ=WEEKLY;COUNT=4") || !strings.Contains(raw, "EXDATE") {
		t.Errorf("calendar = %s", raw)
	}
}

func TestConfirmationOfCredits(t *testing.T) {
	t.Parallel()
	w := start(t)
	e := w.draftBy(staff, func(in *outreachv1.EventInput) {
		in.ProjectId = project1
		in.Credits = []*outreachv1.CreditInput{{Part: typev1.Credit_PATRON, OrganizationId: org2}}
	})
	if got := e.GetCreditText(); got != "主催：区民生活部商工振興課／共催：団体1／後援：団体2" {
		t.Errorf("taken over from the project: %s", got)
	}
	w.must(w.requestEvent(staff, e.GetId()))
	w.must(w.approveEvent(approver, e.GetId()))
	confirm := func(by auth.Principal, of string) error {
		return err2(w.events(by).ConfirmEventCredit(t.Context(), &outreachv1.ConfirmEventCreditRequest{Id: e.GetId(), OrganizationId: of}))
	}
	refused(t, confirm(editor, ""), "PERMISSION_DENIED") // An editor does not speak for the organization.
	refused(t, confirm(head3, ""), "RESOURCE_NOT_FOUND")
	refused(t, confirm(head, org2), "PERMISSION_DENIED")
	w.must(confirm(head, org1))
	w.must(confirm(head, ""))
	refused(t, w.publish(e.GetId()), "CREDITS_UNCONFIRMED")
	w.must(confirm(head2, ""))
	w.must(w.publish(e.GetId()))
	// A project's event without a section of the ward is not published.
	one := w.approved(func(in *outreachv1.EventInput) {
		in.Credits = []*outreachv1.CreditInput{{Part: typev1.Credit_ORGANIZER, OrganizationId: org1}, {Part: typev1.Credit_SUPPORTER, OrganizationId: org2}}
	})
	refused(t, w.publish(one), "CREDITS_INCOMPLETE")
}
