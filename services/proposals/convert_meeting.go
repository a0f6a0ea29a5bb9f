package proposals

import (
	"context"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/meeting"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// meetingsToProto shows meetings with the labels of the
// proposals on all their agendas.
func meetingsToProto(ctx context.Context, r pg.Reader, all ...*meeting.Meeting) ([]*proposalsv1.Meeting, error) {
	var ids []string
	for _, m := range all {
		ids = append(ids, m.ProposalIDs()...)
	}
	labels, err := store.PublicLabels(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	return convert.List(all, func(m *meeting.Meeting) *proposalsv1.Meeting { return meetingToProto(m, labels) }), nil
}

func meetingToProto(m *meeting.Meeting, labels map[string]store.Label) *proposalsv1.Meeting {
	out := &proposalsv1.Meeting{
		Id: m.ID, Title: m.Title, StartTime: convert.Instant(m.StartAt), Place: m.Place,
		State:      proposalsv1.Meeting_State(proposalsv1.Meeting_State_value[string(m.State)]),
		CreateTime: convert.Instant(m.CreatedAt), UpdateTime: convert.Instant(m.UpdatedAt), Etag: rpc.ETag(m.Version),
		Agenda: convert.List(m.Agenda, func(a meeting.AgendaItem) *proposalsv1.AgendaItem {
			l := labels[a.ProposalID]
			return &proposalsv1.AgendaItem{ProposalId: a.ProposalID, Topic: a.Topic, ProposalNumber: l.Number, ProposalTitle: l.Title}
		}),

		Attendees: convert.List(m.Attendees, func(a meeting.Attendee) *proposalsv1.Attendee {
			return &proposalsv1.Attendee{
				OrganizationId: a.OrganizationID, DepartmentId: a.DepartmentID, Name: m.Names[a.ID()], Role: a.Role, Persons: int32(a.Persons),
			}
		}),
	}
	if m.Minutes != nil {
		out.Minutes = minutesToProto(m)
	}
	return out
}

func minutesToProto(m *meeting.Meeting) *proposalsv1.Minutes {
	return &proposalsv1.Minutes{
		Version: int32(m.Minutes.Version), Body: m.Minutes.Body, Decisions: m.Minutes.Decisions, RecordTime: convert.Instant(m.Minutes.RecordedAt),
		Roles: convert.List(m.Minutes.Roles, func(r meeting.Role) *proposalsv1.RoleAssignment {
			return &proposalsv1.RoleAssignment{
				Matter: r.Matter, OrganizationId: r.OrganizationID, DepartmentId: r.DepartmentID, Duty: r.Duty, DueOn: convert.Date(r.DueOn), Name: m.Names[r.ID()],
			}
		}),

		Confirmations: convert.List(m.Confirmations, func(c meeting.Confirmation) *proposalsv1.Confirmation {
			return &proposalsv1.Confirmation{
				OrganizationId: c.OrganizationID, DepartmentId: c.DepartmentID, Name: m.Names[c.ID()], Time: convert.Instant(c.At),
			}
		}),
	}
}

// rolesFromProto reads a table of roles. Errors: INVALID_FIELD for days that do not
// exist.
func rolesFromProto(in []*proposalsv1.RoleInput) ([]meeting.Role, error) {
	roles := make([]meeting.Role, len(in))
	for i, r := range in {
		due, err := convert.Day(fmt.Sprintf("roles[%d].dueOn", i), r.GetDueOn())
		if err != nil {
			return nil, err
		}
		roles[i] = meeting.Role{
			Party:  meeting.Party{OrganizationID: r.GetOrganizationId(), DepartmentID: r.GetDepartmentId()},
			Matter: r.GetMatter(), Duty: r.GetDuty(), DueOn: due,
		}
	}
	return roles, nil
}

func minutesConfirmed(m *meeting.Meeting) *proposalsv1.MeetingMinutesConfirmed {
	return &proposalsv1.MeetingMinutesConfirmed{
		MeetingId: m.ID, HeldOn: convert.Date(jp.DateOf(m.StartAt)), ProposalIds: m.ProposalIDs(), OrganizationIds: m.OrganizationIDs(),
		DepartmentIds: m.DepartmentIDs(), MinutesVersion: int32(m.Minutes.Version),
	}
}

func minutesRecorded(m *meeting.Meeting) *proposalsv1.MeetingMinutesRecorded {
	return &proposalsv1.MeetingMinutesRecorded{
		MeetingId: m.ID, HeldOn: convert.Date(jp.DateOf(m.StartAt)), OrganizationIds: m.OrganizationIDs(), DepartmentIds: m.DepartmentIDs(),
		MinutesVersion: int32(m.Minutes.Version),
	}
}
