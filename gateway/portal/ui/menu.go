package ui

import (
	"context"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// item is one entry of the menu.
type item struct {
	Key, Path string
	Needs     string // RPC that the caller's roles must admit; "" for everybody.
	Signed    bool   // Whether it is for signed-in people only.
}

// items is the menu. What a person cannot use is not in it.
var items = []item{
	{Key: "nav.home", Path: "/"},
	{Key: "nav.tasks", Path: "/tasks", Needs: taskv1.TaskService_ListTasks_FullMethodName, Signed: true},
	{Key: "nav.halls", Path: "/halls"},
	{Key: "nav.lotteries", Path: "/lotteries"},
	{Key: "nav.bookings", Path: "/bookings", Needs: facilitiesv1.BookingService_GetOwnCalendar_FullMethodName, Signed: true},
	{Key: "nav.deskbookings", Path: "/desk/bookings", Needs: facilitiesv1.PenaltyService_DecideAppeal_FullMethodName, Signed: true},
	{Key: "nav.challenges", Path: "/challenges"},
	{Key: "nav.calls", Path: "/calls"},
	{Key: "nav.proposals", Path: "/proposals"},
	{Key: "nav.projects", Path: "/projects"},
	{Key: "nav.rulebook", Path: "/rulebook"},
	{Key: "nav.evaluations", Path: "/evaluations", Needs: evaluationv1.EvaluationService_GetSheet_FullMethodName, Signed: true},
	{Key: "nav.events", Path: "/events"},
	{Key: "nav.ownevents", Path: "/own/events", Needs: outreachv1.EventService_ListEventRevisions_FullMethodName, Signed: true},
	{Key: "nav.opportunities", Path: "/opportunities"},
	{Key: "nav.owncalls", Path: "/own/opportunities", Needs: outreachv1.OpportunityService_ListOpportunityRevisions_FullMethodName, Signed: true},
	{Key: "nav.trainings", Path: "/trainings", Needs: outreachv1.TrainingApplicationService_CreateTrainingApplication_FullMethodName, Signed: true},
	{Key: "nav.articles", Path: "/articles"},
	{Key: "nav.newsletter", Path: "/newsletter"},
	{Key: "nav.consultations", Path: "/consultations"},
	{Key: "nav.boards", Path: "/boards"},
	{Key: "nav.organizations", Path: "/organizations"},
	{Key: "nav.search", Path: "/search"},
	{Key: "nav.meetings", Path: "/meetings", Needs: proposalsv1.ProgressService_ListLogEntries_FullMethodName, Signed: true},
	{Key: "nav.reviews", Path: "/reviews", Needs: proposalsv1.ReviewService_SaveReview_FullMethodName, Signed: true},
	{Key: "nav.desk", Path: "/desk/proposals", Needs: proposalsv1.ProposalService_AssignDepartments_FullMethodName, Signed: true},
	{Key: "nav.inquiries", Path: "/desk/consultations", Needs: proposalsv1.ConsultationService_ListConsultations_FullMethodName, Signed: true},
	{Key: "nav.sponsorships", Path: "/sponsorships", Needs: outreachv1.SponsorshipService_ListSponsorships_FullMethodName, Signed: true},
	{Key: "nav.notices", Path: "/notices", Needs: outreachv1.NoticeService_ListNotices_FullMethodName, Signed: true},
	{Key: "nav.issues", Path: "/desk/newsletter", Needs: outreachv1.NewsletterIssueService_PreviewIssue_FullMethodName, Signed: true},
}

func menu(ctx context.Context) []item {
	v := ViewOf(ctx)
	var out []item
	for _, i := range items {
		if i.Signed && !v.SignedIn() || i.Needs != "" && !v.May(i.Needs) {
			continue
		}
		out = append(out, i)
	}
	return out
}

// here reports whether the page stands below an entry of the menu.
func here(ctx context.Context, path string) bool {
	at, _, _ := strings.Cut(ViewOf(ctx).Path, "?")
	return at == path || path != "/" && strings.HasPrefix(at, path+"/")
}

// fullTitle is the title of the browser's tab: 予約の確認｜施設予約｜千代田区 協働ポータル.
func fullTitle(ctx context.Context, head Head) string {
	parts := []string{head.Title}
	if head.Area != "" && text.S(ctx, head.Area) != head.Title {
		parts = append(parts, text.S(ctx, head.Area))
	}
	divider := "｜"
	if text.Of(ctx) == text.English {
		divider = " | "
	}
	return strings.Join(append(parts, text.S(ctx, "ui.title")), divider)
}

// SignInPath returns where signing in begins, and comes back to a page.
func SignInPath(back string) templ.SafeURL {
	return templ.SafeURL("/auth/login?returnTo=" + url.QueryEscape(back))
}
