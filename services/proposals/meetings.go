package proposals

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/meeting"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// meetings answers MeetingService.
type meetings struct {
	proposalsv1.UnimplementedMeetingServiceServer
	service.Deps
	directory directory
}

func registerMeetings(d service.Deps, r grpc.ServiceRegistrar, peer directory) {
	proposalsv1.RegisterMeetingServiceServer(r, &meetings{Deps: d, directory: peer})
}

// CreateMeeting plans a meeting of parties that directory knows today.
func (s *meetings) CreateMeeting(ctx context.Context, req *proposalsv1.CreateMeetingRequest) (*proposalsv1.CreateMeetingResponse, error) {
	by := readerOf(ctx, s.Now())
	m := &meeting.Meeting{ID: s.NewID(), State: meeting.Planned, CreatedBy: by.ID, Version: 1}
	takeMeeting(m, req.GetMeeting(), meetingPaths)
	if err := m.Check(); err != nil {
		return nil, err
	}
	if !m.Keeps(by) {
		return nil, fault.ErrPermissionDenied
	}
	names, err := s.present(ctx, m)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.CreateMeetingResponse, error) {
		if err := seesAgenda(ctx, tx, m, by); err != nil {
			return nil, err
		}
		m.CreatedAt, m.UpdatedAt = tx.Now, tx.Now
		store.AddMeeting(tx, m)
		names.keep(tx, m)
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.meeting.create", ObjectType: "meeting", ObjectID: m.ID})
		out, err := meetingsToProto(ctx, tx, m)
		if err != nil {
			return nil, err
		}
		return &proposalsv1.CreateMeetingResponse{Meeting: out[0]}, nil
	})
}

// meetingPaths are the paths that an update mask may have.
var meetingPaths = rpc.Paths{"title", "start_time", "place", "agenda", "attendees"}

func takeMeeting(m *meeting.Meeting, in *proposalsv1.MeetingInput, paths rpc.Paths) {
	if paths.Has("title") {
		m.Title = in.GetTitle()
	}
	if paths.Has("start_time") {
		m.StartAt = time.Time{}
		if in.GetStartTime() != nil {
			m.StartAt = in.GetStartTime().AsTime()
		}
	}
	if paths.Has("place") {
		m.Place = in.GetPlace()
	}
	if paths.Has("agenda") {
		m.Agenda = convert.List(in.GetAgenda(), func(a *proposalsv1.AgendaInput) meeting.AgendaItem {
			return meeting.AgendaItem{ProposalID: a.GetProposalId(), Topic: a.GetTopic()}
		})
	}
	if paths.Has("attendees") {
		m.Attendees = convert.List(in.GetAttendees(), func(a *proposalsv1.AttendeeInput) meeting.Attendee {
			return meeting.Attendee{
				Party: meeting.Party{OrganizationID: a.GetOrganizationId(), DepartmentID: a.GetDepartmentId()},
				Role:  a.GetRole(), Persons: max(int(a.GetPersons()), 1),
			}
		})
	}
}

// attendance is who attends as directory knows them now.
type attendance struct {
	organizations map[string]*directoryv1.OrganizationSummary
	departments   []partner.Department
}

// present asks directory about who attends. Errors: ORGANIZATION_UNKNOWN,
// DEPARTMENT_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (s *meetings) present(ctx context.Context, m *meeting.Meeting) (a attendance, err error) {
	if a.organizations, err = s.directory.organizationsOf(ctx, m.OrganizationIDs()...); err != nil {
		return a, err
	}
	a.departments, err = s.directory.departmentsOf(ctx, jp.DateOf(s.Now()), m.DepartmentIDs())
	return a, err
}

// keep queues the names that directory told and gives them to the meeting.
func (a attendance) keep(tx *pg.Tx, m *meeting.Meeting) {
	m.Names = map[string]string{}
	for id, o := range a.organizations {
		m.Names[id] = o.GetName()
		partner.KeepOrganization(tx, partner.OrganizationOf(o))
	}
	for _, d := range a.departments {
		m.Names[d.ID] = d.FullName
		partner.KeepDepartment(tx, d)
	}
}

// seesAgenda refuses proposals that the reader does not see. Errors:
// PROPOSAL_UNKNOWN.
func seesAgenda(ctx context.Context, tx *pg.Tx, m *meeting.Meeting, by proposal.Reader) error {
	id, err := store.InvisibleProposal(ctx, tx, m.ProposalIDs(), by)
	if err == nil && id != "" {
		return meeting.ErrProposalUnknown.With("proposalId", id)
	}
	return err
}

// UpdateMeeting changes the plan of a meeting.
func (s *meetings) UpdateMeeting(ctx context.Context, req *proposalsv1.UpdateMeetingRequest) (*proposalsv1.UpdateMeetingResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), meetingPaths...)
	if err != nil {
		return nil, err
	}
	names, err := s.newcomers(ctx, req, paths)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.UpdateMeetingResponse, error) {
		by := readerOf(ctx, tx.Now)
		m, err := store.LockMeeting(ctx, tx, req.GetId(), by)
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), m.Version); err != nil {
			return nil, err
		}
		if err := m.Editable(by); err != nil {
			return nil, err
		}
		takeMeeting(m, req.GetMeeting(), paths)
		if err := m.Check(); err != nil {
			return nil, err
		}
		if err := seesAgenda(ctx, tx, m, by); err != nil {
			return nil, err
		}
		store.UpdateMeeting(tx, m)
		if paths.Has("attendees") {
			names.keep(tx, m)
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.meeting.update", ObjectType: "meeting", ObjectID: m.ID, Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		out, err := meetingsToProto(ctx, tx, m)
		if err != nil {
			return nil, err
		}
		return &proposalsv1.UpdateMeetingResponse{Meeting: out[0]}, nil
	})
}

// newcomers asks directory about attendees that an update names; a hidden meeting
// is not found before they are looked at.
func (s *meetings) newcomers(ctx context.Context, req *proposalsv1.UpdateMeetingRequest, paths rpc.Paths) (attendance, error) {
	if _, err := store.GetMeeting(ctx, s.DB, req.GetId(), readerOf(ctx, s.Now())); err != nil || !paths.Has("attendees") {
		return attendance{}, err
	}
	m := &meeting.Meeting{}
	takeMeeting(m, req.GetMeeting(), rpc.Paths{"attendees"})
	return s.present(ctx, m)
}

// GetMeeting shows a meeting to whom it is visible.
func (s *meetings) GetMeeting(ctx context.Context, req *proposalsv1.GetMeetingRequest) (*proposalsv1.GetMeetingResponse, error) {
	by := readerOf(ctx, s.Now())
	m, err := store.GetMeeting(ctx, s.DB, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	out, err := meetingsToProto(ctx, s.DB, m)
	if err != nil {
		return nil, err
	}
	return &proposalsv1.GetMeetingResponse{Meeting: out[0]}, nil
}

// ListMeetings lists what GetMeeting shows.
func (s *meetings) ListMeetings(ctx context.Context, req *proposalsv1.ListMeetingsRequest) (*proposalsv1.ListMeetingsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := readerOf(ctx, s.Now())
	rows, err := store.ListMeetings(ctx, s.DB, by, store.MeetingFilter{
		State: meeting.State(convert.EnumName(req.GetState())), ProposalID: req.GetProposalId(),
	}, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(m *meeting.Meeting) []string {
		return []string{m.StartAt.UTC().Format(time.RFC3339Nano), m.ID}
	})

	out, err := meetingsToProto(ctx, s.DB, rows...)
	if err != nil {
		return nil, err
	}
	resp := &proposalsv1.ListMeetingsResponse{Meetings: out}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
