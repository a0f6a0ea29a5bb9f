package ui

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// item is one entry of the menu.
type item struct {
	Key, Path string
	Needs     string // RPC that the caller's roles must admit; "" for everybody.
	Signed    bool   // Whether it is for signed-in people only.
	Group     group  // Where it stands; "" finds it from who may use it.
	Row       row    // Whether it stands beside the menu too.
}

// group is a part of the menu with a heading: the text nav.group.<group>.
type group string

// The groups, in the order of the menu.
const (
	everybody group = "everybody" // What everybody may look at.
	mine      group = "mine"      // One's own and one's organization's.
	office    group = "office"    // The ward's work.
)

// row says on which screens an entry is to be had without opening the menu.
type row int

const (
	inMenu  row = iota // On none.
	onWide             // On wide ones.
	onEvery            // On all of them.
)

// items is the menu. What a person cannot use is not in it.
var items = []item{
	{Key: "nav.home", Path: "/", Row: onEvery},
	{Key: "nav.tasks", Path: "/tasks", Needs: taskv1.TaskService_ListTasks_FullMethodName, Signed: true, Row: onEvery},
	{Key: "nav.halls", Path: "/halls", Row: onWide},
	{Key: "nav.lotteries", Path: "/lotteries"},
	{Key: "nav.bookings", Path: "/bookings", Needs: facilitiesv1.BookingService_GetOwnCalendar_FullMethodName, Signed: true},
	{Key: "nav.mine", Path: "/my/organizations", Needs: directoryv1.MemberService_ListInvitations_FullMethodName, Signed: true},
	{Key: "nav.deskbookings", Path: "/desk/bookings", Needs: facilitiesv1.PenaltyService_DecideAppeal_FullMethodName, Signed: true},
	{Key: "nav.challenges", Path: "/challenges"},
	{Key: "nav.calls", Path: "/calls"},
	{Key: "nav.proposals", Path: "/proposals", Row: onWide},
	{Key: "nav.projects", Path: "/projects"},
	{Key: "nav.rulebook", Path: "/rulebook"},
	{Key: "nav.evaluations", Path: "/evaluations", Needs: evaluationv1.EvaluationService_GetSheet_FullMethodName, Signed: true},
	{Key: "nav.events", Path: "/events", Row: onWide},
	{Key: "nav.ownevents", Path: "/own/events", Needs: outreachv1.EventService_ListEventRevisions_FullMethodName, Signed: true},
	{Key: "nav.opportunities", Path: "/opportunities"},
	{Key: "nav.owncalls", Path: "/own/opportunities", Needs: outreachv1.OpportunityService_ListOpportunityRevisions_FullMethodName, Signed: true},
	{Key: "nav.trainings", Path: "/trainings", Needs: outreachv1.TrainingApplicationService_CreateTrainingApplication_FullMethodName, Signed: true},
	{Key: "nav.articles", Path: "/articles"},
	{Key: "nav.newsletter", Path: "/newsletter"},
	{Key: "nav.consultations", Path: "/consultations"},
	{Key: "nav.boards", Path: "/boards"},
	{Key: "nav.organizations", Path: "/organizations", Row: onWide},
	{Key: "nav.exchange", Path: "/listings"},
	{Key: "nav.statistics", Path: "/statistics"},
	{Key: "nav.search", Path: "/search", Row: onEvery},
	{Key: "nav.meetings", Path: "/meetings", Needs: proposalsv1.ProgressService_ListLogEntries_FullMethodName, Signed: true},
	{Key: "nav.reviews", Path: "/reviews", Needs: proposalsv1.ReviewService_SaveReview_FullMethodName, Signed: true},
	{Key: "nav.desk", Path: "/desk/proposals", Needs: proposalsv1.ProposalService_AssignDepartments_FullMethodName, Signed: true},
	{Key: "nav.register", Path: "/desk/organizations", Needs: directoryv1.OrganizationService_VerifyOrganization_FullMethodName, Signed: true},
	{Key: "nav.referrals", Path: "/referrals", Needs: directoryv1.ReferralService_ListReferrals_FullMethodName, Signed: true},
	{Key: "nav.departments", Path: "/departments", Needs: directoryv1.DepartmentService_CreateDepartment_FullMethodName, Signed: true},
	{Key: "nav.audit", Path: "/audit", Needs: auditv1.AuditService_ListAuditEntries_FullMethodName, Signed: true},
	{Key: "nav.health", Path: "/health", Needs: outreachv1.NoticeService_GetNoticeStatistics_FullMethodName, Signed: true},
	{Key: "nav.inquiries", Path: "/desk/consultations", Needs: proposalsv1.ConsultationService_ListConsultations_FullMethodName, Signed: true},
	{Key: "nav.sponsorships", Path: "/sponsorships", Needs: outreachv1.SponsorshipService_ListSponsorships_FullMethodName, Signed: true},
	{Key: "nav.notices", Path: "/notices", Needs: outreachv1.NoticeService_ListNotices_FullMethodName, Signed: true},
	{Key: "nav.issues", Path: "/desk/newsletter", Needs: outreachv1.NewsletterIssueService_PreviewIssue_FullMethodName, Signed: true},
}

// block is one group of the menu with what the caller may use of it.
type block struct {
	Name  group
	Items []item
}

func menu(ctx context.Context) []block {
	blocks := []block{{Name: everybody}, {Name: mine}, {Name: office}}
	for _, i := range usable(ctx) {
		at := slices.IndexFunc(blocks, func(b block) bool { return b.Name == i.group(ctx) })
		blocks[at].Items = append(blocks[at].Items, i)
	}
	return slices.DeleteFunc(blocks, func(b block) bool { return len(b.Items) == 0 })
}

// usable are the entries that the caller may use.
func usable(ctx context.Context) []item {
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

// wardRoles are those of people who work for the ward.
var wardRoles = []optionsv1.Role{
	optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_DESK, optionsv1.Role_ROLE_REVIEWER, optionsv1.Role_ROLE_APPROVER,
	optionsv1.Role_ROLE_FACILITY_CLERK, optionsv1.Role_ROLE_AUDITOR, optionsv1.Role_ROLE_ADMINISTRATOR,
}

// methods are the RPCs with the roles that they admit.
var methods = sync.OnceValue(func() map[string]auth.Method {
	all, _ := auth.AllMethods() // a portal with a broken contract does not start
	return all
})

// group is where the entry stands for the caller: what one uses as a person of
// the ward is the ward's work, what else is not for everybody is one's own.
func (i item) group(ctx context.Context) group {
	switch {
	case i.Group != "":
		return i.Group
	case !i.Signed && i.Needs == "":
		return everybody
	case strings.HasPrefix(i.Path, "/desk/"):
		return office
	}
	for _, r := range methods()[i.Needs].Permission.GetRoles() {
		if slices.Contains(wardRoles, r) && ViewOf(ctx).Caller.Has(r) {
			return office
		}
	}
	return mine
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
