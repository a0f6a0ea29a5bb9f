package outreach

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/follow"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/notice"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// noticing makes the notices of an event before it is handled for anything else.
// What is older than notice.MaxAge is told to nobody: a stream that is replayed, or
// a consumer that joins late, brings history.
func (c *consumer) noticing(handle func(context.Context, *pg.Tx, event.Message) error) func(context.Context, *pg.Tx, event.Message) error {
	return func(ctx context.Context, tx *pg.Tx, m event.Message) error {
		if m.Time.After(tx.Now.Add(-notice.MaxAge)) {
			if err := c.notify(ctx, tx, m); err != nil {
				return err
			}
		}
		return handle(ctx, tx, m)
	}
}

// told is whether an event is told to everybody.
func told(m event.Message) bool { return strings.Contains(m.Subject, "."+string(event.Public)+".") }

// notify tells whom an event concerns; which events are of interest is in the
// table. Aggregates are told of in order, so a key needs no version where a step is
// taken once.
func (c *consumer) notify(ctx context.Context, tx *pg.Tx, m event.Message) error {
	of, known := notified[m.Type]
	if !known {
		return nil
	}
	e := of.message()
	if err := m.Decode(e); err != nil {
		return err
	}
	occasions, err := of.occasions(ctx, tx, m, e)
	if err != nil {
		return err
	}
	for _, o := range occasions {
		if !o.ConcernsAnybody() {
			continue
		}
		if err := tell(tx, c.Deps, o); err != nil {
			return event.Permanent(err)
		}
	}
	return nil
}

// fact is a type of event that makes notices.
type fact struct {
	message   func() proto.Message
	occasions func(context.Context, *pg.Tx, event.Message, proto.Message) ([]notice.Occasion, error)
}

// from reads occasions out of an event alone.
func from[E proto.Message](message func() E, occasions func(event.Message, E) []notice.Occasion) fact {
	return asking(message, func(_ context.Context, _ *pg.Tx, m event.Message, e E) ([]notice.Occasion, error) {
		return occasions(m, e), nil
	})
}

// asking reads occasions out of an event and what is kept.
func asking[E proto.Message](message func() E, occasions func(context.Context, *pg.Tx, event.Message, E) ([]notice.Occasion, error)) fact {
	return fact{
		message: func() proto.Message { return message() },
		occasions: func(ctx context.Context, tx *pg.Tx, m event.Message, e proto.Message) ([]notice.Occasion, error) {
			return occasions(ctx, tx, m, e.(E)) //nolint:forcetypeassert // It is what message made.
		},
	}
}

func made[E any]() *E { return new(E) }

// notified are the events that make notices.
var notified = map[string]fact{
	"kyodo.directory.v1.OrganizationVerified":     asking(made[directoryv1.OrganizationVerified], organizationVerified),
	"kyodo.directory.v1.OrganizationExpired":      from(made[directoryv1.OrganizationExpired], organizationExpired),
	"kyodo.directory.v1.OrganizationSuspended":    asking(made[directoryv1.OrganizationSuspended], organizationSuspended),
	"kyodo.directory.v1.OrganizationClosed":       asking(made[directoryv1.OrganizationClosed], organizationClosed),
	"kyodo.directory.v1.OrganizationStateChanged": from(made[directoryv1.OrganizationStateChanged], organizationReturned),

	"kyodo.proposals.v1.ConsultationRouted":      from(made[proposalsv1.ConsultationRouted], consultationRouted),
	"kyodo.proposals.v1.ChallengeResponded":      from(made[proposalsv1.ChallengeResponded], challengeResponded),
	"kyodo.proposals.v1.ProposalStatusChanged":   from(made[proposalsv1.ProposalStatusChanged], proposalMoved),
	"kyodo.proposals.v1.MeetingMinutesRecorded":  from(made[proposalsv1.MeetingMinutesRecorded], minutesRecorded),
	"kyodo.proposals.v1.MeetingMinutesConfirmed": from(made[proposalsv1.MeetingMinutesConfirmed], minutesConfirmed),

	"kyodo.evaluation.v1.ProjectCreated":           from(made[evaluationv1.ProjectCreated], projectBegun),
	"kyodo.evaluation.v1.AgreementSigned":          from(made[evaluationv1.AgreementSigned], agreementSigned),
	"kyodo.evaluation.v1.EvaluationOpened":         asking(made[evaluationv1.EvaluationOpened], evaluationOpened),
	"kyodo.evaluation.v1.EvaluationReminderDue":    from(made[evaluationv1.EvaluationReminderDue], evaluationDue),
	"kyodo.evaluation.v1.EvaluationSheetsUnsealed": asking(made[evaluationv1.EvaluationSheetsUnsealed], evaluationUnsealed),
	"kyodo.evaluation.v1.EvaluationPublished":      from(made[evaluationv1.EvaluationPublished], evaluationTold),

	"kyodo.facilities.v1.BookingRequested":            asking(made[facilitiesv1.BookingRequested], bookingReceived),
	"kyodo.facilities.v1.BookingConfirmed":            asking(made[facilitiesv1.BookingConfirmed], bookingApproved),
	"kyodo.facilities.v1.BookingCancelled":            asking(made[facilitiesv1.BookingCancelled], bookingEnded),
	"kyodo.facilities.v1.BookingInformationRequested": from(made[facilitiesv1.BookingInformationRequested], bookingAsked),
	"kyodo.facilities.v1.WaitlistOffered":             from(made[facilitiesv1.WaitlistOffered], waitlistOffered),
	"kyodo.facilities.v1.LotteryEntryDecided":         from(made[facilitiesv1.LotteryEntryDecided], lotteryDecided),
	"kyodo.facilities.v1.PenaltyRecorded":             from(made[facilitiesv1.PenaltyRecorded], penaltyRecorded),
	"kyodo.facilities.v1.PenaltyAppealDecided":        from(made[facilitiesv1.PenaltyAppealDecided], penaltyDecided),
	"kyodo.facilities.v1.ResidentTold":                asking(made[facilitiesv1.ResidentTold], residentTold),
}

// news is an occasion of a kind about an object, told apart by further parts.
func news(kind, object, path string, parts ...any) notice.Occasion {
	key := kind + ":" + object
	for _, p := range parts {
		key += fmt.Sprintf(":%v", p)
	}
	return notice.Occasion{Kind: kind, Key: key, Object: object, Path: path + object}
}

// long is a day of an event for readers; nothing for none.
func long(day string) string {
	d, err := jp.ParseDate(day)
	if err != nil {
		return ""
	}
	return jp.LongDate(d)
}

// some are the ids that are given.
func some(ids ...string) []string {
	var out []string
	for _, id := range ids {
		if id != "" {
			out = append(out, id)
		}
	}
	return out
}

// renewBefore is how many days before its end an organization is asked to renew its
// registration.
const renewBefore = 60

func organizationVerified(_ context.Context, tx *pg.Tx, _ event.Message, e *directoryv1.OrganizationVerified) ([]notice.Occasion, error) {
	o := e.GetOrganization()
	verified := news("organization_verified", o.GetId(), "/v1/organizations/", e.GetVersion())
	verified.Organizations = []string{o.GetId()}
	verified.Facts = notice.Facts{Title: o.GetName(), Due: long(o.GetValidUntil())}
	out := []notice.Occasion{verified}
	until, err := jp.ParseDate(o.GetValidUntil())
	if err != nil {
		return out, nil //nolint:nilerr // It is valid for good.
	}
	renew := news("organization_renewal_due", o.GetId(), "/v1/organizations/", until)
	renew.Organizations, renew.Facts = verified.Organizations, verified.Facts
	renew.DueAt = morning(until.AddDays(-renewBefore))
	store.DropOccasions(tx, renew.Kind, o.GetId(), renew.Key)
	return append(out, renew), nil
}

func organizationExpired(_ event.Message, e *directoryv1.OrganizationExpired) []notice.Occasion {
	o := news("organization_expired", e.GetOrganization().GetId(), "/v1/organizations/", e.GetVersion())
	o.Organizations, o.Facts.Title = []string{o.Object}, e.GetOrganization().GetName()
	return []notice.Occasion{o}
}

func organizationSuspended(_ context.Context, tx *pg.Tx, _ event.Message, e *directoryv1.OrganizationSuspended) ([]notice.Occasion, error) {
	o := news("organization_suspended", e.GetOrganization().GetId(), "/v1/organizations/", e.GetVersion())
	o.Organizations, o.Facts.Title = []string{o.Object}, e.GetOrganization().GetName()
	store.DropOccasions(tx, "organization_renewal_due", o.Object, "")
	return []notice.Occasion{o}, nil
}

func organizationClosed(_ context.Context, tx *pg.Tx, _ event.Message, e *directoryv1.OrganizationClosed) ([]notice.Occasion, error) {
	store.DropOccasions(tx, "organization_renewal_due", e.GetOrganization().GetId(), "")
	return nil, nil
}

func organizationReturned(_ event.Message, e *directoryv1.OrganizationStateChanged) []notice.Occasion {
	if e.GetFrom() != directoryv1.Organization_PENDING || e.GetTo() != directoryv1.Organization_DRAFT {
		return nil
	}
	o := news("organization_returned", e.GetOrganizationId(), "/v1/organizations/", e.GetVersion())
	o.Organizations = []string{o.Object}
	return []notice.Occasion{o}
}

func consultationRouted(_ event.Message, e *proposalsv1.ConsultationRouted) []notice.Occasion {
	kind, to := "consultation_routed", e.GetDepartmentId()
	if e.GetOrganizationId() != "" {
		kind, to = "consultation_referred", e.GetOrganizationId()
	}
	o := news(kind, e.GetConsultationId(), "/v1/consultations/", to)
	o.Departments, o.Organizations = some(e.GetDepartmentId()), some(e.GetOrganizationId())
	o.Facts = notice.Facts{Number: e.GetNumber(), Due: long(e.GetDueOn())}
	return []notice.Occasion{o}
}

var contributionKinds = map[proposalsv1.Contribution_Kind]string{
	proposalsv1.Contribution_IDEA: "アイデア", proposalsv1.Contribution_ADVICE: "助言", proposalsv1.Contribution_OFFER: "協力の申出",
}

func challengeResponded(_ event.Message, e *proposalsv1.ChallengeResponded) []notice.Occasion {
	o := news("challenge_responded", e.GetChallengeId(), "/v1/challenges/", e.GetResponseId())
	o.Departments, o.Facts.State = some(e.GetDepartmentId()), contributionKinds[e.GetKind()]
	return []notice.Occasion{o}
}

// proposalMoved tells of the steps that ask for something or decide. It reads what
// the ward is told: the public learns less.
func proposalMoved(m event.Message, e *proposalsv1.ProposalStatusChanged) []notice.Occasion {
	if told(m) {
		return proposalTold(e)
	}
	about := func(kind string, parts ...any) notice.Occasion {
		o := news(kind, e.GetProposalId(), "/v1/proposals/", parts...)
		o.Organizations = append(some(e.GetOrganizationId()), e.GetJointOrganizationIds()...)
		o.Facts.Number = e.GetNumber()
		return o
	}
	switch e.GetTo() {
	case proposalsv1.Proposal_SUBMITTED:
		return []notice.Occasion{about("proposal_received", e.GetVersion())}
	case proposalsv1.Proposal_RETURNED:
		return []notice.Occasion{about("proposal_returned", e.GetVersion())}
	case proposalsv1.Proposal_ASSIGNED: // Each department is asked once.
		var out []notice.Occasion
		for _, id := range e.GetDepartmentIds() {
			o := about("proposal_assigned", id)
			o.Departments = []string{id}
			out = append(out, o)
		}
		return out
	case proposalsv1.Proposal_ADOPTED, proposalsv1.Proposal_CONDITIONALLY_ADOPTED, proposalsv1.Proposal_REJECTED, proposalsv1.Proposal_CARRIED_OVER:
		o := about("proposal_decided", e.GetVersion())
		o.Departments, o.Facts.State = e.GetDepartmentIds(), publicStates[e.GetPublicTo()]
		return []notice.Occasion{o}
	}
	return nil
}

// proposalTold tells who follows a proposal of its public course.
func proposalTold(e *proposalsv1.ProposalStatusChanged) []notice.Occasion {
	state := publicStates[e.GetPublicTo()]
	if state == "" {
		return nil
	}
	o := news("followed_news", e.GetProposalId(), "/v1/proposals/", e.GetVersion())
	o.Followed = []string{notice.Followed(string(follow.Proposal), e.GetProposalId())}
	o.Facts = notice.Facts{Title: "提案 " + e.GetNumber() + "：" + state}
	return []notice.Occasion{o}
}

func minutesRecorded(_ event.Message, e *proposalsv1.MeetingMinutesRecorded) []notice.Occasion {
	o := news("minutes_to_confirm", e.GetMeetingId(), "/v1/meetings/", e.GetMinutesVersion())
	o.Organizations, o.Departments, o.Facts.Day = e.GetOrganizationIds(), e.GetDepartmentIds(), long(e.GetHeldOn())
	return []notice.Occasion{o}
}

func minutesConfirmed(m event.Message, e *proposalsv1.MeetingMinutesConfirmed) []notice.Occasion {
	if told(m) {
		return nil
	}
	o := news("minutes_confirmed", e.GetMeetingId(), "/v1/meetings/", e.GetMinutesVersion())
	o.Organizations, o.Departments, o.Facts.Day = e.GetOrganizationIds(), e.GetDepartmentIds(), long(e.GetHeldOn())
	return []notice.Occasion{o}
}
