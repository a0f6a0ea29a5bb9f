package meeting

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

var (
	noon  = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	staff = proposal.Reader{ID: "s", Staff: true, Department: "d1"}
	desk  = proposal.Reader{ID: "desk", Desk: true}
	head1 = proposal.Reader{ID: "h1", Members: []string{"o1"}, Writers: []string{"o1"}, Represents: []string{"o1"}}
	head2 = proposal.Reader{ID: "h2", Members: []string{"o2"}, Writers: []string{"o2"}, Represents: []string{"o2"}}
	guest = proposal.Reader{ID: "g", Members: []string{"o3"}, Writers: []string{"o3"}, Represents: []string{"o3"}}
)

// in is a meeting of two organizations and a department.
func in(s State) *Meeting {
	m := &Meeting{
		State: s, Title: "x", StartAt: noon,
		Attendees: []Attendee{{Party: Party{OrganizationID: "o1"}}, {Party: Party{OrganizationID: "o2"}}, {Party: Party{DepartmentID: "d1"}}},
	}
	if s != Planned {
		m.Minutes = &Minutes{Version: 1}
	}
	return m
}

// Minutes count when every organization and the ward have confirmed one version.
func TestAllConfirmOneVersion(t *testing.T) {
	m := in(Planned)
	for _, step := range []func() error{
		func() error { return m.Record(staff, Minutes{Body: "x"}, noon) },
		func() error { _, err := m.Confirm(head1, "", "", noon); return err },
		func() error { return m.Record(head2, Minutes{Body: "y"}, noon) }, // A new version: all again.
		func() error { _, err := m.Confirm(head1, "", "", noon); return err },
		func() error { _, err := m.Confirm(staff, "", "d1", noon); return err },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if m.State != Recorded || m.Minutes.Version != 2 {
		t.Errorf("before the last one: %s, version %d", m.State, m.Minutes.Version)
	}
	if err := m.Publish(staff); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("published unconfirmed: %v", err)
	}
	if _, err := m.Confirm(desk, "", "d0", noon); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("the ward twice: %v", err)
	}
	if _, err := m.Confirm(head2, "o2", "", noon); err != nil || m.State != Confirmed {
		t.Errorf("the last one: %v, %s", err, m.State)
	}
	if err := m.Record(staff, Minutes{}, noon); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("written after the confirmation: %v", err)
	}
	if err := m.Publish(staff); err != nil || !m.Sees(guest) {
		t.Error(err)
	}
}

func TestNobodyConfirmsForBothSides(t *testing.T) {
	both := staff
	both.Represents = []string{"o1"}
	for _, first := range []string{"", "o1"} {
		m := in(Recorded)
		second := map[string]string{"": "o1", "o1": ""}[first]
		if _, err := m.Confirm(both, first, "d1", noon); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Confirm(both, second, "d1", noon); !errors.Is(err, ErrBothSides) {
			t.Errorf("%q, then %q: %v", first, second, err)
		}
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	editor := proposal.Reader{ID: "e", Members: []string{"o1"}, Writers: []string{"o1"}}
	other := proposal.Reader{ID: "x", Staff: true, Department: "d2"}
	for name, tt := range map[string]struct {
		by                               proposal.Reader
		sees, edits, records, confirming bool
	}{
		"desk": {desk, true, true, true, true}, "staff": {staff, true, true, true, true}, "other staff": {other, false, false, false, false},
		"head": {head1, true, false, true, true}, "editor": {editor, true, false, true, false}, "guest": {guest, false, false, false, false},
	} {
		_, err := in(Recorded).Confirm(tt.by, "", "", noon)
		for what, got := range map[string][2]bool{
			"sees": {in(Planned).Sees(tt.by), tt.sees}, "edits": {in(Planned).Editable(tt.by) == nil, tt.edits},
			"records":  {in(Planned).Record(tt.by, Minutes{}, noon) == nil, tt.records},
			"confirms": {err == nil, tt.confirming}, "publishes": {in(Confirmed).Publish(tt.by) == nil, tt.edits},
		} {
			if got[0] != got[1] {
				t.Errorf("%s %s: %v", name, what, got[0])
			}
		}
	}
	if err := in(Recorded).Editable(desk); !errors.Is(err, ErrNotEditable) {
		t.Error(err)
	}
	if _, err := in(Recorded).Confirm(head1, "o2", "", noon); !errors.Is(err, fault.ErrPermissionDenied) {
		t.Errorf("for another organization: %v", err)
	}
}

func TestPlansAndRoles(t *testing.T) {
	for name, change := range map[string]func(*Meeting){
		"no title": func(m *Meeting) { m.Title = "" }, "no time": func(m *Meeting) { m.StartAt = time.Time{} },
		"empty item":      func(m *Meeting) { m.Agenda = []AgendaItem{{}} },
		"no organization": func(m *Meeting) { m.Attendees = m.Attendees[2:] }, "no department": func(m *Meeting) { m.Attendees = m.Attendees[:2] },
		"both in one": func(m *Meeting) { m.Attendees[0].DepartmentID = "d1" },
	} {
		m := in(Planned)
		if change(m); !errors.Is(m.Check(), fault.ErrInvalidField) {
			t.Errorf("%s: %v", name, m.Check())
		}
	}
	if err := in(Planned).Check(); err != nil {
		t.Error(err)
	}
	for party, want := range map[Party]error{
		{OrganizationID: "o1"}: nil, {DepartmentID: "d1"}: nil, {OrganizationID: "o3"}: ErrNotAttendee, {}: fault.ErrInvalidField,
		{OrganizationID: "o1", DepartmentID: "d1"}: fault.ErrInvalidField,
	} {
		if err := in(Planned).Record(staff, Minutes{Roles: []Role{{Party: party}}}, noon); !errors.Is(err, want) {
			t.Errorf("%+v: %v", party, err)
		}
	}
}
