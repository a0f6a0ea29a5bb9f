package home

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// offer is one thing that a person can do: the key of its name, its page and the
// key of what it is.
type offer struct {
	name, path, about string
	needs             string // RPC that the caller's roles must admit; "" for everybody.
}

// offers are for everybody, own for who is signed in. What a person cannot do is
// not among them.
var (
	offers = []offer{
		{name: "nav.halls", path: "/halls", about: "home.halls"},
		{name: "nav.proposals", path: "/proposals", about: "home.proposals"},
		{name: "nav.challenges", path: "/challenges", about: "home.challenges"},
		{name: "nav.calls", path: "/calls", about: "home.calls"},
		{name: "nav.projects", path: "/projects", about: "home.projects"},
		{name: "nav.rulebook", path: "/rulebook", about: "home.rulebook"},
		{name: "nav.opportunities", path: "/opportunities", about: "home.opportunities"},
		{name: "nav.consultations", path: "/consultations", about: "home.consultations"},
		{name: "nav.organizations", path: "/organizations", about: "home.organizations"},
	}
	own = []offer{
		{"nav.tasks", "/tasks", "home.tasks", taskv1.TaskService_ListTasks_FullMethodName},
		{"nav.mine", "/my/organizations", "home.mine", directoryv1.MemberService_ListInvitations_FullMethodName},
		{"nav.bookings", "/bookings", "home.bookings", facilitiesv1.BookingService_GetOwnCalendar_FullMethodName},
		{"nav.deskbookings", "/desk/bookings", "home.deskbookings", facilitiesv1.PenaltyService_DecideAppeal_FullMethodName},
		{"nav.register", "/desk/organizations", "home.register", directoryv1.OrganizationService_VerifyOrganization_FullMethodName},
		{"nav.desk", "/desk/proposals", "home.desk", proposalsv1.ProposalService_AssignDepartments_FullMethodName},
		{"nav.inquiries", "/desk/consultations", "home.inquiries", proposalsv1.ConsultationService_ListConsultations_FullMethodName},
		{"nav.health", "/health", "home.health", outreachv1.NoticeService_GetNoticeStatistics_FullMethodName},
	}
)

// mayDo are those of the own offers that the caller's roles admit.
func mayDo(ctx context.Context) []offer {
	if !ui.ViewOf(ctx).SignedIn() {
		return nil
	}
	var out []offer
	for _, o := range own {
		if ui.Can(ctx, o.needs) {
			out = append(out, o)
		}
	}
	return out
}
