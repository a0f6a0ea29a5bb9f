package directory

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// Of the persons named, the proposals service is told who reviews today; others
// are told nothing.
func TestReviewersOfToday(t *testing.T) {
	w := start(t)
	d := w.department("審査会事務局", "")
	reviewer, staff, former, nobody := w.signIn("reviewer"), w.signIn("staff"), w.signIn("former"), w.signIn("nobody")
	assign := func(person auth.Principal, role directoryv1.StaffAssignment_Role) {
		t.Helper()
		_, err := w.admin().AssignStaff(because(t), &directoryv1.AssignStaffRequest{
			DepartmentId: d.GetId(), PersonId: person.ID, Roles: []directoryv1.StaffAssignment_Role{role},
		})
		w.must(err)
	}
	assign(reviewer.Principal, directoryv1.StaffAssignment_REVIEWER)
	assign(staff.Principal, directoryv1.StaffAssignment_STAFF)
	assign(former.Principal, directoryv1.StaffAssignment_REVIEWER)
	w.exec(`UPDATE staff_assignment SET valid_from = '2003-04-01', valid_to = '2010-03-31' WHERE person_id = $1`, former.ID)
	ask := func(by auth.Principal) ([]string, error) {
		resp, err := directoryv1.NewReviewerServiceClient(w.As(by)).BatchGetReviewers(t.Context(), &directoryv1.BatchGetReviewersRequest{
			PersonIds: []string{former.ID, nobody.ID, staff.ID, reviewer.ID, unknownID, "no uuid"},
		})
		return resp.GetPersonIds(), err
	}
	got, err := ask(serviceNamed("proposals"))
	w.must(err)
	if diff := cmp.Diff([]string{reviewer.ID}, got); diff != "" {
		t.Errorf("reviewers (-want +got):\n%s", diff)
	}
	second := w.signIn("second")
	assign(second.Principal, directoryv1.StaffAssignment_REVIEWER)
	var names []string
	client, token := directoryv1.NewReviewerServiceClient(w.As(w.desk().Principal)), ""
	for range 3 {
		resp, err := client.ListReviewers(t.Context(), &directoryv1.ListReviewersRequest{PageSize: 1, PageToken: token})
		w.must(err)
		for _, r := range resp.GetReviewers() {
			names = append(names, r.GetPersonId()+" "+r.GetDisplayName())
		}
		if token = resp.GetNextPageToken(); token == "" {
			break
		}
	}
	want := []string{reviewer.ID + " 見本 reviewer", second.ID + " 見本 second"}
	slices.Sort(want)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the committee (-want +got):\n%s", diff)
	}
	if _, err := directoryv1.NewReviewerServiceClient(w.As(staff.Principal)).ListReviewers(t.Context(), &directoryv1.ListReviewersRequest{}); err == nil {
		t.Error("staff lists the committee")
	}
	for _, by := range []auth.Principal{serviceNamed("outreach"), w.admin().Principal, auth.Anonymous} {
		if got, err := ask(by); err == nil {
			t.Errorf("%s is told %v", by.Actor(), got)
		}
	}
}
