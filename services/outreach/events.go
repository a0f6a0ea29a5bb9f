package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// events answers EventService.
type events struct {
	outreachv1.UnimplementedEventServiceServer
	publications
}

// CreateEvent begins a draft.
func (s *events) CreateEvent(ctx context.Context, req *outreachv1.CreateEventRequest) (*outreachv1.CreateEventResponse, error) {
	in := req.GetEvent()
	content, err := eventFromProto(in)
	if err != nil {
		return nil, err
	}
	return create(ctx, &s.publications, content, eventWish(in), func(p *publication.Publication, view publication.View) *outreachv1.CreateEventResponse {
		return &outreachv1.CreateEventResponse{Event: eventToProto(p, view)}
	})
}

func eventWish(in *outreachv1.EventInput) wish {
	return wish{organizationID: in.GetOrganizationId(), projectID: in.GetProjectId(), credits: in.GetCredits()}
}

// eventPaths are the paths that an update mask may have.
var eventPaths = rpc.PathsOf(&outreachv1.EventInput{}, "organization_id")

// UpdateEvent changes fields of a draft.
func (s *events) UpdateEvent(ctx context.Context, req *outreachv1.UpdateEventRequest) (*outreachv1.UpdateEventResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), eventPaths...)
	if err != nil {
		return nil, err
	}
	return update(ctx, &s.publications, edition{
		of: eventRef(req.GetId()), etag: req.GetEtag(), paths: paths,
		read: func(old *publication.Publication) (publication.Content, wish, error) {
			in := rpc.Merge(eventToInput(old), req.GetEvent(), paths)
			content, err := eventFromProto(in)
			return content, eventWish(in), err
		},
	}, func(p *publication.Publication, view publication.View) *outreachv1.UpdateEventResponse {
		return &outreachv1.UpdateEventResponse{Event: eventToProto(p, view)}
	})
}

func eventRef(id string) store.Ref { return store.Ref{Kind: publication.Event, ID: id} }

// GetEvent shows an event to whom it is visible.
func (s *events) GetEvent(ctx context.Context, req *outreachv1.GetEventRequest) (*outreachv1.GetEventResponse, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetPublication(ctx, s.DB, eventRef(req.GetId()), by)
	if err != nil {
		return nil, err
	}
	out := eventToProto(p, by.View(p))
	return &outreachv1.GetEventResponse{Event: out}, s.fillSeats(ctx, out)
}

var eventOrders = map[string]store.Order{
	"": store.ByStart, "startsOn": store.ByStart, "startsOn desc": store.ByStartDown,
	"publishTime desc": store.ByPublication, "updateTime desc": store.ByUpdate,
}

// ListEvents lists what GetEvent shows.
func (s *events) ListEvents(ctx context.Context, req *outreachv1.ListEventsRequest) (*outreachv1.ListEventsResponse, error) {
	from, to, err := daysOf(req)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.list(ctx, req, store.PublicationFilter{
		Kind: publication.Event, State: publication.State(convert.EnumName(req.GetState())), Topic: req.GetTopic(),
		OrganizationID: req.GetOrganizationId(), DepartmentID: req.GetDepartmentId(), ProjectID: req.GetProjectId(),
		From: from, To: to, Order: eventOrders[req.GetOrderBy()],
	})
	if err != nil {
		return nil, err
	}
	by := readerOf(ctx, s.Now())
	out := convert.List(rows, func(p *publication.Publication) *outreachv1.Event { return eventSummary(p, by.View(p)) })
	return &outreachv1.ListEventsResponse{Events: out, NextPageToken: next}, s.fillSeats(ctx, out...)
}

// fillSeats adds how full the events are.
func (s *events) fillSeats(ctx context.Context, all ...*outreachv1.Event) error {
	ids := convert.List(all, (*outreachv1.Event).GetId)
	seats, err := store.SeatsOf(ctx, s.DB, ids)
	if err != nil {
		return err
	}
	for _, e := range all {
		if seat, ok := seats[e.GetId()]; ok {
			e.Seats = &outreachv1.Seats{
				Capacity: int32(seat.Capacity), Admitted: int32(seat.Admitted), Waiting: int32(seat.Waiting), Open: seat.Takes(s.Now()) == nil,
			}
		}
	}
	return nil
}

// ListEventRevisions shows the kept versions.
func (s *events) ListEventRevisions(ctx context.Context, req *outreachv1.ListEventRevisionsRequest) (*outreachv1.ListEventRevisionsResponse, error) {
	rows, p, next, err := s.revisions(ctx, eventRef(req.GetId()), req)
	if err != nil {
		return nil, err
	}
	resp := &outreachv1.ListEventRevisionsResponse{NextPageToken: next}
	for _, r := range rows {
		resp.Revisions = append(resp.Revisions, &outreachv1.EventRevision{
			Revision: int32(r.Number), Event: eventToProto(asOf(p, r), publication.ForInside), CreateTime: convert.Instant(r.CreatedAt),
		})
	}
	return resp, nil
}
