package proposals_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals"
)

// meetingInput is a meeting of organization 1 and department 1 about a proposal.
func meetingInput(proposalID string) *proposalsv1.MeetingInput {
	return &proposalsv1.MeetingInput{
		Title: "第1回 検討会", StartTime: timestamppb.New(time.Date(2026, 10, 1, 4, 0, 0, 0, time.UTC)), Place: "区役所4階",
		Agenda: []*proposalsv1.AgendaInput{{ProposalId: proposalID, Topic: "役割分担"}},
		Attendees: []*proposalsv1.AttendeeInput{
			{OrganizationId: org1, Role: "代表", Persons: 2}, {DepartmentId: dept1, Role: "担当係長"},
		},
	}
}

func (w *world) meet(proposalID string) string {
	w.t.Helper()
	resp, err := w.meetings(staff).CreateMeeting(w.t.Context(), &proposalsv1.CreateMeetingRequest{Meeting: meetingInput(proposalID)})
	w.must(err)
	return resp.GetMeeting().GetId()
}

func (w *world) record(by auth.Principal, id string) error {
	return err2(w.meetings(by).RecordMinutes(w.t.Context(), &proposalsv1.RecordMinutesRequest{
		Id: id, Body: "会場の調整について話し合った。", Decisions: "区が会場を確保する。",
		Roles: []*proposalsv1.RoleInput{
			{Matter: "会場", DepartmentId: dept1, Duty: "会場を確保する", DueOn: "2026-10-31"}, {Matter: "広報", OrganizationId: org1, Duty: "ちらしを作る"},
		},
	}))
}

func (w *world) confirm(by auth.Principal, id string) error {
	return err2(w.meetings(by).ConfirmMinutes(w.t.Context(), &proposalsv1.ConfirmMinutesRequest{Id: id}))
}

// meetingSeen is the meeting as somebody gets and lists it; nil where it is
// neither.
func (w *world) meetingSeen(by auth.Principal, id string) *proposalsv1.Meeting {
	w.t.Helper()
	got, err := w.meetings(by).GetMeeting(w.t.Context(), &proposalsv1.GetMeetingRequest{Id: id})
	list, listErr := w.meetings(by).ListMeetings(w.t.Context(), &proposalsv1.ListMeetingsRequest{})
	w.must(listErr)
	if (err == nil) != (len(list.GetMeetings()) == 1) || err != nil && reason(err) != "RESOURCE_NOT_FOUND" {
		w.t.Errorf("%s: gets %v, lists %d", by.ID, err, len(list.GetMeetings()))
	}
	return got.GetMeeting()
}

func TestMeetingFromPlanToPublished(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	proposal := w.bring(w.call(nil).GetId(), proposalsv1.Proposal_IN_NEGOTIATION, nil)
	id := w.meet(proposal)
	for by, sees := range map[*auth.Principal]bool{
		&auth.Anonymous: false, &resident: false, &head2: false, &staff2: false, &reviewer: false, &viewer: true, &head: true, &staff: true, &desk: true,
	} {
		if got := w.meetingSeen(*by, id) != nil; got != sees {
			t.Errorf("%s sees the plan: %v", by.ID, got)
		}
	}
	refused(t, w.confirm(head, id), "INVALID_STATE_TRANSITION")
	w.must(w.record(staff, id))
	refused(t, w.record(viewer, id), "PERMISSION_DENIED")
	refused(t, w.record(head2, id), "RESOURCE_NOT_FOUND")
	w.must(w.confirm(head, id))
	w.must(w.record(editor, id)) // A new version.
	refused(t, err2(w.meetings(desk).PublishMeeting(ctx, &proposalsv1.PublishMeetingRequest{Id: id})), "INVALID_STATE_TRANSITION")
	w.must(w.confirm(staff, id))
	w.must(w.confirm(head, id))
	if w.meetingSeen(auth.Anonymous, id) != nil {
		t.Error("everybody sees minutes that are not published")
	}
	w.must(err2(w.meetings(desk).PublishMeeting(ctx, &proposalsv1.PublishMeetingRequest{Id: id})))
	m := w.meetingSeen(auth.Anonymous, id)
	if m.GetMinutes().GetVersion() != 2 || len(m.GetMinutes().GetConfirmations()) != 2 || m.GetMinutes().GetRoles()[0].GetName() != "区民生活部商工振興課" ||
		m.GetAttendees()[0].GetName() != "団体1" || !strings.HasPrefix(m.GetAgenda()[0].GetProposalNumber(), "R8-提-") {
		t.Errorf("everybody sees %v", m)
	}
	if got := w.events(id, "ward"); got != "MeetingMinutesRecorded MeetingMinutesRecorded MeetingMinutesConfirmed" {
		t.Errorf("ward events = %s", got)
	}
	if got := w.events(id, "public"); got != "MeetingMinutesConfirmed" {
		t.Errorf("public events = %s", got)
	}
	var versions int
	w.must(w.DB("proposals").QueryRow(ctx, `SELECT count(*) FROM meeting_minutes WHERE meeting_id = $1`, id).Scan(&versions))
	if versions != 2 {
		t.Errorf("%d versions are kept", versions)
	}
}

func TestMeetingRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	create := func(by auth.Principal, change func(*proposalsv1.MeetingInput)) error {
		in := meetingInput("")
		change(in)
		return err2(w.meetings(by).CreateMeeting(ctx, &proposalsv1.CreateMeetingRequest{Meeting: in}))
	}
	same := func(*proposalsv1.MeetingInput) {}
	refused(t, create(staff2, same), "PERMISSION_DENIED")
	refused(t, create(head, same), "PERMISSION_DENIED")
	refused(t, create(desk, func(in *proposalsv1.MeetingInput) { in.Attendees = in.Attendees[:1] }), "INVALID_FIELD")
	refused(t, create(desk, func(in *proposalsv1.MeetingInput) { in.Attendees[0].OrganizationId = none }), "ORGANIZATION_UNKNOWN")
	refused(t, create(desk, func(in *proposalsv1.MeetingInput) { in.Attendees[1].DepartmentId = dept9 }), "DEPARTMENT_UNKNOWN")
	hidden := w.draft(w.call(nil).GetId(), nil).GetId()
	refused(t, create(desk, func(in *proposalsv1.MeetingInput) { in.Agenda[0].ProposalId = hidden }), "PROPOSAL_UNKNOWN")

	id := w.meet("")
	update := func(by auth.Principal, etag, path string) error {
		return err2(w.meetings(by).UpdateMeeting(ctx, &proposalsv1.UpdateMeetingRequest{
			Id: id, Etag: etag, Meeting: meetingInput(""), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{path}},
		}))
	}
	refused(t, update(staff, "", "place"), "PRECONDITION_REQUIRED")
	refused(t, update(staff, `"9"`, "place"), "ETAG_MISMATCH")
	refused(t, update(staff, "*", "state"), "INVALID_FIELD_MASK")
	refused(t, update(staff2, "*", "attendees"), "RESOURCE_NOT_FOUND")
	w.must(update(staff, "*", "attendees"))
	_, err := w.meetings(staff).RecordMinutes(ctx, &proposalsv1.RecordMinutesRequest{
		Id: id, Body: "x", Roles: []*proposalsv1.RoleInput{{Matter: "x", OrganizationId: org2, Duty: "x"}},
	})
	refused(t, err, "NOT_AN_ATTENDEE")
	w.must(w.record(staff, id))
	refused(t, update(staff, "*", "place"), "MEETING_NOT_EDITABLE")
	both := head
	both.Roles, both.DepartmentID = append(staff.Roles, head.Roles...), dept1
	w.must(w.confirm(both, id)) // For the ward.
	_, err = w.meetings(both).ConfirmMinutes(ctx, &proposalsv1.ConfirmMinutesRequest{Id: id, OrganizationId: org1})
	refused(t, err, "BOTH_SIDES_BY_ONE")
}

// Both sides at once: both confirmations count, and the event is told once.
func TestBothSidesConfirmAtOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	for range 5 {
		id := w.meet("")
		w.must(w.record(staff, id))
		var wg sync.WaitGroup
		for _, client := range []proposalsv1.MeetingServiceClient{w.meetings(staff), w.meetings(head), w.meetings(desk)} {
			wg.Go(func() {
				_, err := client.ConfirmMinutes(t.Context(), &proposalsv1.ConfirmMinutesRequest{Id: id})
				if err != nil && reason(err) != "INVALID_STATE_TRANSITION" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got, err := w.meetings(desk).GetMeeting(t.Context(), &proposalsv1.GetMeetingRequest{Id: id})
		w.must(err)
		if got.GetMeeting().GetState() != proposalsv1.Meeting_CONFIRMED || w.events(id, "ward") != "MeetingMinutesRecorded MeetingMinutesConfirmed" {
			t.Errorf("%v, events %s", got.GetMeeting().GetState(), w.events(id, "ward"))
		}
	}
}

func TestProposalsWithoutAnOwnerAreEscalated(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	k := w.call(nil)
	old, young := w.bring(k.GetId(), proposalsv1.Proposal_ASSIGNED, nil), w.bring(k.GetId(), proposalsv1.Proposal_SUBMITTED, nil)
	owned := w.bring(k.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil)
	_, err := w.DB("proposals").Pool().Exec(ctx, `UPDATE proposal SET unowned_since = now() - interval '40 days' WHERE id = $1`, old)
	w.must(err)
	for range 2 { // The second run finds nothing to do.
		w.must(proposals.Module.Tasks(w.deps)[1].Run(ctx))
	}
	_, err = w.meetings(staff).ListUnownedProposals(ctx, &proposalsv1.ListUnownedProposalsRequest{})
	refused(t, err, "PERMISSION_DENIED")
	var got []string
	token := ""
	for {
		page, err := w.meetings(desk).ListUnownedProposals(ctx, &proposalsv1.ListUnownedProposalsRequest{PageSize: 1, PageToken: token})
		w.must(err)
		for _, u := range page.GetUnownedProposals() {
			got = append(got, u.GetProposalId())
			if (u.GetProposalId() == old) != (u.GetEscalateTime() != nil && u.GetDays() == 40) {
				t.Errorf("without an owner: %v", u)
			}
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	if len(got) != 2 || got[0] != old || got[1] != young || strings.Contains(strings.Join(got, " "), owned) {
		t.Errorf("without an owner: %v", got)
	}
	if e := w.events(old, "ward"); strings.Count(e, "ProposalOwnerMissing") != 1 {
		t.Errorf("events = %s", e)
	}
	escalated, err := w.meetings(desk).ListUnownedProposals(ctx, &proposalsv1.ListUnownedProposalsRequest{Escalated: true})
	w.must(err)
	if len(escalated.GetUnownedProposals()) != 1 {
		t.Errorf("escalated: %v", escalated)
	}
}
