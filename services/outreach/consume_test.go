package outreach_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

const booking1 = "01980000-0000-7000-8000-0000000000b1"

func (w *world) booking(change func(*facilitiesv1.BookingFact)) {
	w.t.Helper()
	b := &facilitiesv1.BookingFact{
		BookingId: booking1, OrganizationId: org1, FacilityName: "神田公園区民館", RoomName: "洋室A", FacilityAddress: "東京都千代田区神田司町二丁目2",
		Date: today().AddDays(20).String(), StartTime: "13:00", EndTime: "15:00", Title: "手話の講習", PublishAsEvent: true,
	}
	if change != nil {
		change(b)
	}
	w.tellAs("facilities", event.Event{Aggregate: "booking", ID: b.GetBookingId(), Visibility: event.Ward, Message: &facilitiesv1.BookingConfirmed{Booking: b}})
}

func (w *world) drafted(source string) string {
	w.t.Helper()
	var id string
	w.until("a draft of "+source, func() bool {
		return w.DB("outreach").QueryRow(w.t.Context(), `SELECT id FROM publication WHERE source = $1`, source).Scan(&id) == nil
	})
	return id
}

func TestBookingBecomesAnEventOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.tell("directory", "organization", org1, &directoryv1.OrganizationVerified{Organization: &directoryv1.Organization{Id: org1, Name: "団体1"}, Version: 1})
	w.booking(nil)
	id := w.drafted("booking:" + booking1)
	e, err := w.get(editor, id)
	w.must(err)
	if e.GetTitle() != "手話の講習" || e.GetStartTime() != "13:00" || e.GetPlace().GetName() != "神田公園区民館 洋室A" || e.GetPlace().GetAddress().GetTown() != "神田司町二丁目" {
		t.Errorf("draft = %v", e)
	}
	// The same booking again, amended: the untouched draft follows, no second one comes.
	w.booking(func(b *facilitiesv1.BookingFact) { b.StartTime = "14:00" })
	w.until("the amendment", func() bool { e, err = w.get(editor, id); return err == nil && e.GetStartTime() == "14:00" })
	w.booking(func(b *facilitiesv1.BookingFact) { b.BookingId, b.PublishAsEvent = none, false })
	w.must(err2(w.events(editor).UpdateEvent(t.Context(), &outreachv1.UpdateEventRequest{
		Id: id, Etag: e.GetEtag(), UpdateMask: mask("contact"), Event: &outreachv1.EventInput{Contact: eventInput().GetContact()},
	})))
	w.booking(func(b *facilitiesv1.BookingFact) { b.StartTime = "15:00" }) // Somebody has taken it over.
	w.must(err2(w.events(editor).RequestEventApproval(t.Context(), &outreachv1.RequestEventApprovalRequest{Id: id})))
	w.must(err2(w.events(desk).ApproveEvent(t.Context(), &outreachv1.ApproveEventRequest{Id: id})))
	w.must(w.publish(id))
	w.tellAs("facilities", event.Event{Aggregate: "booking", ID: booking1, Visibility: event.Ward, Message: &facilitiesv1.BookingCancelled{BookingId: booking1}})
	w.until("the cancellation", func() bool {
		e, err = w.get(auth.Anonymous, id)
		return err == nil && e.GetState() == outreachv1.Event_CANCELLED
	})
	if got := w.told(id); got != "EventPublished EventCancelled" || e.GetStartTime() != "14:00" {
		t.Errorf("events = %s, %v", got, e)
	}
	if n := w.count(`SELECT count(*) FROM publication`); n != 1 {
		t.Errorf("%d publications", n)
	}
}

// Each fact of the chain drafts its news once, with both names as soon as they are
// known.
func TestChainBecomesArticles(t *testing.T) {
	t.Parallel()
	w := start(t)
	const proposal = "01980000-0000-7000-8000-0000000000c1"
	for range 2 { // A fact that is told twice.
		w.tell("proposals", "call", none, &proposalsv1.CallPublished{Call: &proposalsv1.Call{Id: none, Title: "令和8年度 募集", Summary: "自由な提案 *を* 待ちます。", OpensOn: "2026-04-01", ClosesOn: "2027-03-31"}})
		w.tell("proposals", "proposal", proposal, &proposalsv1.ProposalAdopted{ProposalId: proposal, Number: "R8-提-0001", Title: "街歩き", Purpose: "伝える", OrganizationId: org1, LeadDepartmentId: dept1})
		w.tell("evaluation", "project", project1, &evaluationv1.ProjectCreated{Project: projectFact(project1, "R8-提-0001")})
		w.tell("evaluation", "evaluation", none, &evaluationv1.EvaluationPublished{EvaluationId: none, ProjectId: project1, PublicNumber: "R8-提-0001"})
	}
	w.drafted("call:" + none)
	w.drafted("evaluation:" + none)
	w.drafted("project:" + project1)
	id := w.drafted("proposal:" + proposal)
	w.must(err2(w.articles(staff).RequestArticleApproval(t.Context(), &outreachv1.RequestArticleApprovalRequest{Id: id})))
	w.must(err2(w.articles(approver).ApproveArticle(t.Context(), &outreachv1.ApproveArticleRequest{Id: id})))
	_, err := w.articles(staff).PublishArticle(t.Context(), &outreachv1.PublishArticleRequest{Id: id})
	refused(t, err, "CREDITS_UNCONFIRMED")
	w.must(err2(w.articles(head).ConfirmArticleCredit(t.Context(), &outreachv1.ConfirmArticleCreditRequest{Id: id})))
	w.must(err2(w.articles(staff).PublishArticle(t.Context(), &outreachv1.PublishArticleRequest{Id: id})))
	a, err := w.articles(auth.Anonymous).GetArticle(t.Context(), &outreachv1.GetArticleRequest{Id: id})
	w.must(err)
	if got := a.GetArticle().GetCreditText(); got != "主催：区民生活部商工振興課／共催：団体1" {
		t.Errorf("credits = %s", got)
	}
	// The draft of a call is for the desk.
	_, err = w.articles(staff).GetArticle(t.Context(), &outreachv1.GetArticleRequest{Id: w.drafted("call:" + none)})
	refused(t, err, "RESOURCE_NOT_FOUND")
	c, err := w.articles(desk).GetArticle(t.Context(), &outreachv1.GetArticleRequest{Id: w.drafted("call:" + none)})
	w.must(err)
	if b := c.GetArticle().GetBodyHtml(); !strings.Contains(b, "自由な提案 *を* 待ちます。") || strings.Contains(b, "<em>") {
		t.Errorf("body = %s", b)
	}
	if n := w.count(`SELECT count(*) FROM publication`); n != 4 {
		t.Errorf("%d drafts, want 4", n)
	}
}

func TestMergedOrganizationLivesOn(t *testing.T) {
	t.Parallel()
	w := start(t)
	own := w.published(nil)
	both := w.collaboration()
	w.tell("directory", "organization", org1, &directoryv1.OrganizationMerged{OrganizationId: org1, SurvivorId: org2, SurvivorName: "団体2", Version: 9})
	w.until("the merge", func() bool {
		a, err := w.get(head2, own)
		return err == nil && a.GetOrganizationId() == org2 && a.GetCreditText() == "主催：団体2" && a.GetSource() == ""
	})
	b, err := w.get(auth.Anonymous, both)
	w.must(err)
	if got := b.GetCreditText(); got != "主催：団体2／共催：区民生活部商工振興課" || b.GetState() != outreachv1.Event_PUBLISHED {
		t.Errorf("credits = %s", got)
	}
	if doc := w.feed("events.atom"); strings.Contains(doc, "団体1") || !strings.Contains(doc, "団体2") {
		t.Errorf("feed = %s", doc)
	}
	if n := w.count(`SELECT count(*) FROM event_export WHERE csv LIKE '%団体1%'`); n != 0 {
		t.Error("the export names the old one")
	}
}

func TestProgressFeed(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.tell("directory", "organization", org1, &directoryv1.OrganizationVerified{Organization: &directoryv1.Organization{Id: org1, Name: "団体1"}, Version: 1})
	w.tell("directory", "department", dept1, &directoryv1.DepartmentChanged{Department: &directoryv1.Department{Id: dept1, FullName: "区民生活部商工振興課", UpdateTime: timestamppb.Now()}, Version: 1})
	w.until("the names", func() bool {
		return w.count(`SELECT count(*) FROM department_ref`)+w.count(`SELECT count(*) FROM organization_ref`) == 2
	})
	step := func(to proposalsv1.ProgressEntry_PublicState) {
		w.tell("proposals", "proposal", none, &proposalsv1.ProposalStatusChanged{ProposalId: none, Number: "R8-提-0007", OrganizationId: org1, DepartmentIds: []string{dept1}, PublicTo: to})
	}
	step(proposalsv1.ProgressEntry_IN_EXAMINATION)
	w.tell("proposals", "proposal", none, &proposalsv1.ProgressPublished{ProgressEntry: &proposalsv1.ProgressEntry{
		Id: project1, ProposalId: none, Title: "公開<プレゼン>", Body: "行います。", DepartmentNames: []string{"区民生活部商工振興課"}, OrganizationName: "団体1",
	}})
	w.until("the entries", func() bool { return strings.Count(w.feed("progress.atom"), "<entry") == 2 })
	if doc := w.feed("progress.atom"); strings.Count(doc, "<name>区民生活部商工振興課／団体1</name>") != 2 || !strings.Contains(doc, "公開&lt;プレゼン&gt;") {
		t.Errorf("feed = %s", doc)
	}
	// A proposal that is not adopted is named nowhere from then on.
	step(proposalsv1.ProgressEntry_REJECTED)
	w.until("the outcome", func() bool { return strings.Count(w.feed("progress.atom"), "<entry") == 3 })
	if doc := w.feed("progress.atom"); strings.Contains(doc, "団体1") {
		t.Errorf("feed = %s", doc)
	}
}
