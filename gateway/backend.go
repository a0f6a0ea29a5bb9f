package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	operationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/operation/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

type register func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error

// registers are the REST handlers of each backend's gRPC services. A new gRPC
// service with REST routes is one line here; a route without it does not start.
var registers = map[string][]register{
	"directory": {
		directoryv1.RegisterOrganizationServiceHandler,
		directoryv1.RegisterMemberServiceHandler,
		directoryv1.RegisterDepartmentServiceHandler,
		directoryv1.RegisterReviewerServiceHandler,
		directoryv1.RegisterDelegationServiceHandler,
		directoryv1.RegisterRegistrationDocumentServiceHandler,
		directoryv1.RegisterListingServiceHandler,
		directoryv1.RegisterIntroductionServiceHandler,
		directoryv1.RegisterReferralServiceHandler,
	},
	"proposals": {
		proposalsv1.RegisterCallServiceHandler,
		proposalsv1.RegisterProposalServiceHandler,
		proposalsv1.RegisterAttachmentServiceHandler,
		proposalsv1.RegisterProgressServiceHandler,
		proposalsv1.RegisterStatisticsServiceHandler,
		proposalsv1.RegisterSchemeSurveyServiceHandler,
		proposalsv1.RegisterConsultationServiceHandler,
		proposalsv1.RegisterFaqServiceHandler,
		proposalsv1.RegisterChallengeServiceHandler,
		proposalsv1.RegisterReviewServiceHandler,
		proposalsv1.RegisterMeetingServiceHandler,
	},
	"evaluation": {
		evaluationv1.RegisterRulebookServiceHandler,
		evaluationv1.RegisterProjectServiceHandler,
		evaluationv1.RegisterProjectAttachmentServiceHandler,
		evaluationv1.RegisterAgreementServiceHandler,
		evaluationv1.RegisterEvaluationReportServiceHandler,
		evaluationv1.RegisterEvaluationServiceHandler,
		evaluationv1.RegisterEvaluationStatisticsServiceHandler,
		evaluationv1.RegisterImprovementServiceHandler,
		evaluationv1.RegisterSurveyServiceHandler,
		evaluationv1.RegisterTrailServiceHandler,
	},
	"outreach": {
		outreachv1.RegisterArticleServiceHandler,
		outreachv1.RegisterEventServiceHandler,
		outreachv1.RegisterRegistrationServiceHandler,
		outreachv1.RegisterFeedServiceHandler,
		outreachv1.RegisterBoardServiceHandler,
		outreachv1.RegisterSourceServiceHandler,
		outreachv1.RegisterSearchServiceHandler,
		outreachv1.RegisterSponsorshipServiceHandler,
		outreachv1.RegisterFollowServiceHandler,
		outreachv1.RegisterNewsletterIssueServiceHandler,
		outreachv1.RegisterNewsletterSubscriptionServiceHandler,
		outreachv1.RegisterNewsletterTopicServiceHandler,
		outreachv1.RegisterNoticeServiceHandler,
		outreachv1.RegisterEventDrawServiceHandler,
		outreachv1.RegisterOpportunityServiceHandler,
		outreachv1.RegisterShiftServiceHandler,
		outreachv1.RegisterApplicationServiceHandler,
		outreachv1.RegisterHoursServiceHandler,
		outreachv1.RegisterTrainingApplicationServiceHandler,
		outreachv1.RegisterTrainingMatchingServiceHandler,
		outreachv1.RegisterTrainingRecordServiceHandler,
	},
	"facilities": {
		facilitiesv1.RegisterFacilityServiceHandler,
		facilitiesv1.RegisterRuleServiceHandler,
		facilitiesv1.RegisterAvailabilityServiceHandler,
		facilitiesv1.RegisterCalendarServiceHandler,
		facilitiesv1.RegisterBookingServiceHandler,
		facilitiesv1.RegisterApprovalDocumentServiceHandler,
		facilitiesv1.RegisterWaitlistServiceHandler,
		facilitiesv1.RegisterPenaltyServiceHandler,
		facilitiesv1.RegisterLotteryServiceHandler,
	},
}

// attach gives every route of a connected backend its handler. grpc-gateway
// would try its patterns one after another on every request; the tree finds the
// route at once, so the handlers are taken out of the mux here, one time.
func (g *Gateway) attach(ctx context.Context, routes []*route) error {
	var handlers []runtime.HandlerFunc
	mux := g.newMux(func(h runtime.HandlerFunc) runtime.HandlerFunc {
		handlers = append(handlers, h)
		return h
	})
	for name, conn := range g.Backends {
		for _, f := range registers[name] {
			if err := f(ctx, mux, conn); err != nil {
				return fmt.Errorf("register %s: %w", name, err)
			}
		}
	}
	if g.audit != nil {
		if err := auditv1.RegisterAuditServiceHandlerClient(ctx, mux, g.audit); err != nil {
			return fmt.Errorf("register audit: %w", err)
		}
	}
	if err := operationv1.RegisterDeadLetterServiceHandlerClient(ctx, mux, deadLetters(g.Backends)); err != nil {
		return fmt.Errorf("register dead letters: %w", err)
	}
	if err := taskv1.RegisterTaskServiceHandlerClient(ctx, mux, g.tasks); err != nil {
		return fmt.Errorf("register tasks: %w", err)
	}
	byPlace := map[place]runtime.HandlerFunc{}
	for _, h := range handlers {
		byPlace[placeOf(ctx, h)] = h
	}
	for _, r := range routes {
		r.handle = byPlace[place{r.rpc.FullName, r.pattern}]
		if r.handle == nil && g.Backends[r.service] != nil {
			return fmt.Errorf("%s %s of %s has no handler: its gRPC service is missing in registers", r.method, r.pattern, r.rpc.FullName)
		}
	}
	return nil
}

// place is what a handler of grpc-gateway knows of itself.
type place struct{ rpc, pattern string }

type probeKey struct{}

// placeOf calls a handler with a request that ends before anything is sent. On
// the way the handler asks for metadata, and says there which RPC it is.
func placeOf(ctx context.Context, h runtime.HandlerFunc) place {
	var p place
	ctx, cancel := context.WithCancel(context.WithValue(ctx, probeKey{}, &p))
	cancel()
	h(nil, (&http.Request{Method: http.MethodGet, URL: &url.URL{}, Header: http.Header{}, Body: http.NoBody}).WithContext(ctx), nil)
	return p
}

// answerProbe tells placeOf where the call stands; it reports whether the
// request is one of placeOf.
func answerProbe(ctx context.Context) bool {
	p, ok := ctx.Value(probeKey{}).(*place)
	if ok && p.rpc == "" {
		p.rpc, _ = runtime.RPCMethod(ctx)
		p.pattern, _ = runtime.HTTPPathPattern(ctx)
	}
	return ok
}
