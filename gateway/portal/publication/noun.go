package publication

import (
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

func events(q *web.Request) outreachv1.EventServiceClient {
	return outreachv1.NewEventServiceClient(q.Site.Service("outreach"))
}

func calls(q *web.Request) outreachv1.OpportunityServiceClient {
	return outreachv1.NewOpportunityServiceClient(q.Site.Service("outreach"))
}

// eventName begins the fields of the form of an event.
const eventName = "event"

// event is how the pages work for events.
var event = noun{
	name: eventName, area: "nav.events", path: "/events",
	read: func(q *web.Request, id string) (post, error) {
		resp, err := events(q).GetEvent(q.Context(), &outreachv1.GetEventRequest{Id: id})
		return resp.GetEvent(), err
	},
	find: func(q *web.Request, s search) ([]post, string, error) {
		resp, err := events(q).ListEvents(q.Context(), &outreachv1.ListEventsRequest{
			State: outreachv1.Event_State(outreachv1.Event_State_value[s.state]), OrganizationId: s.organization, DepartmentId: s.department,
			OrderBy: "updateTime desc", PageSize: s.size, PageToken: q.Query("page"), From: s.on, To: s.on,
		})
		return posts(resp.GetEvents()), resp.GetNextPageToken(), err
	},
	insert: func(q *web.Request) (string, error) {
		req := &outreachv1.CreateEventRequest{}
		if err := web.Bind(q.PostForm, req); err != nil {
			return "", err
		}
		resp, err := events(q).CreateEvent(q.Once(), req)
		return resp.GetEvent().GetId(), err
	},
	write: func(q *web.Request, p post) (string, error) {
		req := &outreachv1.UpdateEventRequest{Event: &outreachv1.EventInput{}, UpdateMask: &fieldmaskpb.FieldMask{Paths: snakes(eventFields)}}
		if err := web.Bind(q.PostForm, req); err != nil {
			return "", err
		}
		req.Id = p.GetId()
		keepPlace(req.GetEvent().GetPlace(), p)
		resp, err := events(q).UpdateEvent(q.Context(), req)
		return resp.GetEvent().GetEtag(), err
	},
	versions: func(q *web.Request, id, page string) ([]version, string, error) {
		resp, err := events(q).ListEventRevisions(q.Context(), &outreachv1.ListEventRevisionsRequest{Id: id, PageSize: revisionsShown, PageToken: page})
		var out []version
		for _, r := range resp.GetRevisions() {
			out = append(out, version{r.GetRevision(), r.GetEvent(), r.GetCreateTime()})
		}
		return out, resp.GetNextPageToken(), err
	},
	steps: table(map[string]verb{
		"request":  {outreachv1.EventService_RequestEventApproval_FullMethodName, step.By(events, outreachv1.EventServiceClient.RequestEventApproval)},
		"approve":  {outreachv1.EventService_ApproveEvent_FullMethodName, step.By(events, outreachv1.EventServiceClient.ApproveEvent)},
		"return":   {outreachv1.EventService_ReturnEvent_FullMethodName, step.By(events, outreachv1.EventServiceClient.ReturnEvent)},
		"publish":  {outreachv1.EventService_PublishEvent_FullMethodName, step.By(events, outreachv1.EventServiceClient.PublishEvent)},
		"cancel":   {outreachv1.EventService_CancelEvent_FullMethodName, step.By(events, outreachv1.EventServiceClient.CancelEvent)},
		"withdraw": {outreachv1.EventService_WithdrawEvent_FullMethodName, step.By(events, outreachv1.EventServiceClient.WithdrawEvent)},
		"confirm":  {outreachv1.EventService_ConfirmEventCredit_FullMethodName, step.By(events, outreachv1.EventServiceClient.ConfirmEventCredit)},
	}),
	update:  outreachv1.EventService_UpdateEvent_FullMethodName,
	history: outreachv1.EventService_ListEventRevisions_FullMethodName,
	credits: outreachv1.EventService_ConfirmEventCredit_FullMethodName,
	fields:  eventFields,
}

// call is how the pages work for calls for volunteers.
var call = noun{
	name: "opportunity", area: "nav.opportunities", path: "/opportunities",
	read: func(q *web.Request, id string) (post, error) {
		resp, err := calls(q).GetOpportunity(q.Context(), &outreachv1.GetOpportunityRequest{Id: id})
		return resp.GetOpportunity(), err
	},
	find: func(q *web.Request, s search) ([]post, string, error) {
		resp, err := calls(q).ListOpportunities(q.Context(), &outreachv1.ListOpportunitiesRequest{
			State: outreachv1.Opportunity_State(outreachv1.Opportunity_State_value[s.state]), OrganizationId: s.organization, DepartmentId: s.department,
			OrderBy: "updateTime desc", PageSize: s.size, PageToken: q.Query("page"), From: s.on, To: s.on,
		})
		return posts(resp.GetOpportunities()), resp.GetNextPageToken(), err
	},
	insert: func(q *web.Request) (string, error) {
		req := &outreachv1.CreateOpportunityRequest{}
		if err := web.Bind(q.PostForm, req); err != nil {
			return "", err
		}
		resp, err := calls(q).CreateOpportunity(q.Once(), req)
		return resp.GetOpportunity().GetId(), err
	},
	write: func(q *web.Request, p post) (string, error) {
		req := &outreachv1.UpdateOpportunityRequest{Opportunity: &outreachv1.OpportunityInput{}, UpdateMask: &fieldmaskpb.FieldMask{Paths: snakes(callFieldsOf(p))}}
		if err := web.Bind(q.PostForm, req); err != nil {
			return "", err
		}
		req.Id = p.GetId()
		keepPlace(req.GetOpportunity().GetPlace(), p)
		resp, err := calls(q).UpdateOpportunity(q.Context(), req)
		return resp.GetOpportunity().GetEtag(), err
	},
	versions: func(q *web.Request, id, page string) ([]version, string, error) {
		resp, err := calls(q).ListOpportunityRevisions(q.Context(), &outreachv1.ListOpportunityRevisionsRequest{Id: id, PageSize: revisionsShown, PageToken: page})
		var out []version
		for _, r := range resp.GetRevisions() {
			out = append(out, version{r.GetRevision(), r.GetOpportunity(), r.GetCreateTime()})
		}
		return out, resp.GetNextPageToken(), err
	},
	steps: table(map[string]verb{
		"request":  {outreachv1.OpportunityService_RequestOpportunityApproval_FullMethodName, step.By(calls, outreachv1.OpportunityServiceClient.RequestOpportunityApproval)},
		"approve":  {outreachv1.OpportunityService_ApproveOpportunity_FullMethodName, step.By(calls, outreachv1.OpportunityServiceClient.ApproveOpportunity)},
		"return":   {outreachv1.OpportunityService_ReturnOpportunity_FullMethodName, step.By(calls, outreachv1.OpportunityServiceClient.ReturnOpportunity)},
		"publish":  {outreachv1.OpportunityService_PublishOpportunity_FullMethodName, step.By(calls, outreachv1.OpportunityServiceClient.PublishOpportunity)},
		"invite":   {outreachv1.OpportunityService_InviteEarlierVolunteers_FullMethodName, step.By(calls, outreachv1.OpportunityServiceClient.InviteEarlierVolunteers)},
		"cancel":   {outreachv1.OpportunityService_CancelOpportunity_FullMethodName, step.By(calls, outreachv1.OpportunityServiceClient.CancelOpportunity)},
		"withdraw": {outreachv1.OpportunityService_WithdrawOpportunity_FullMethodName, step.By(calls, outreachv1.OpportunityServiceClient.WithdrawOpportunity)},
		"confirm":  {outreachv1.OpportunityService_ConfirmOpportunityCredit_FullMethodName, step.By(calls, outreachv1.OpportunityServiceClient.ConfirmOpportunityCredit)},
	}),
	update:  outreachv1.OpportunityService_UpdateOpportunity_FullMethodName,
	history: outreachv1.OpportunityService_ListOpportunityRevisions_FullMethodName,
	credits: outreachv1.OpportunityService_ConfirmOpportunityCredit_FullMethodName,
	fields:  callFields,
}

// keepPlace keeps of a place what the form does not show.
func keepPlace(in *outreachv1.EventPlace, p post) {
	if in != nil {
		in.Latitude, in.Longitude = p.GetPlace().GetLatitude(), p.GetPlace().GetLongitude()
	}
}

func posts[P post](all []P) []post {
	out := make([]post, 0, len(all))
	for _, p := range all {
		out = append(out, p)
	}
	return out
}
