package proposals

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/meeting"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// heldMeeting is a meeting in the hands of a verb.
type heldMeeting struct {
	*meeting.Meeting
	tx *pg.Tx
	by proposal.Reader
}

// meetingVerb is one verb on a locked meeting.
type meetingVerb struct {
	action string // As in the audit log.
	take   func(context.Context, heldMeeting) error
}

// changeMeeting runs one verb on a locked meeting and writes it.
func changeMeeting[R any](ctx context.Context, s *meetings, req stepRequest, verb meetingVerb, answer func(*proposalsv1.Meeting) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := readerOf(ctx, tx.Now)
		m, err := store.LockMeeting(ctx, tx, req.GetId(), by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), m.Version); err != nil {
			return none, err
		}
		if err := verb.take(ctx, heldMeeting{m, tx, by}); err != nil {
			return none, err
		}
		store.UpdateMeeting(tx, m)
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.meeting." + verb.action, ObjectType: "meeting", ObjectID: m.ID, Detail: map[string]string{"state": string(m.State)},
		})
		out, err := meetingsToProto(ctx, tx, m)
		if err != nil {
			return none, err
		}
		return answer(out[0]), nil
	})
}

// RecordMinutes writes the next version of the minutes.
func (s *meetings) RecordMinutes(ctx context.Context, req *proposalsv1.RecordMinutesRequest) (*proposalsv1.RecordMinutesResponse, error) {
	roles, err := rolesFromProto(req.GetRoles())
	if err != nil {
		return nil, err
	}
	return changeMeeting(ctx, s, req, meetingVerb{"recordMinutes", func(ctx context.Context, m heldMeeting) error {
		n := meeting.Minutes{Body: req.GetBody(), Decisions: req.GetDecisions(), Roles: roles}
		if err := m.Record(m.by, n, m.tx.Now); err != nil {
			return err
		}
		store.AddMinutes(m.tx, m.Meeting)
		return event.Add(ctx, m.tx, event.Event{Aggregate: "meeting", ID: m.ID, Visibility: event.Ward, Message: minutesRecorded(m.Meeting)})
	}}, func(m *proposalsv1.Meeting) *proposalsv1.RecordMinutesResponse {
		return &proposalsv1.RecordMinutesResponse{Meeting: m}
	})
}

// ConfirmMinutes says for one side that the minutes are right.
func (s *meetings) ConfirmMinutes(ctx context.Context, req *proposalsv1.ConfirmMinutesRequest) (*proposalsv1.ConfirmMinutesResponse, error) {
	return changeMeeting(ctx, s, req, meetingVerb{"confirmMinutes", func(ctx context.Context, m heldMeeting) error {
		c, err := m.Confirm(m.by, req.GetOrganizationId(), auth.From(ctx).DepartmentID, m.tx.Now)
		if err != nil {
			return err
		}
		if err := store.AddConfirmation(ctx, m.tx, m.Meeting, c); err != nil {
			return err
		}
		if m.State != meeting.Confirmed {
			return nil
		}
		return event.Add(ctx, m.tx, event.Event{Aggregate: "meeting", ID: m.ID, Visibility: event.Ward, Message: minutesConfirmed(m.Meeting)})
	}}, func(m *proposalsv1.Meeting) *proposalsv1.ConfirmMinutesResponse {
		return &proposalsv1.ConfirmMinutesResponse{Meeting: m}
	})
}

// PublishMeeting opens confirmed minutes to everybody.
func (s *meetings) PublishMeeting(ctx context.Context, req *proposalsv1.PublishMeetingRequest) (*proposalsv1.PublishMeetingResponse, error) {
	return changeMeeting(ctx, s, req, meetingVerb{"publish", func(ctx context.Context, m heldMeeting) error {
		if err := m.Publish(m.by); err != nil {
			return err
		}
		public := minutesConfirmed(m.Meeting)
		public.Title = m.Title
		return event.Add(ctx, m.tx, event.Event{Aggregate: "meeting", ID: m.ID, Visibility: event.Public, Message: public})
	}}, func(m *proposalsv1.Meeting) *proposalsv1.PublishMeetingResponse {
		return &proposalsv1.PublishMeetingResponse{Meeting: m}
	})
}
