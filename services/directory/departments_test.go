package directory

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

func (w *world) admin() caller {
	return w.as(servicetest.Staff(sampleID("2015"), sampleID("1"), optionsv1.Role_ROLE_ADMINISTRATOR))
}

func (w *world) department(name, parent string) *directoryv1.Department {
	w.t.Helper()
	resp, err := w.admin().CreateDepartment(w.t.Context(), &directoryv1.CreateDepartmentRequest{
		Name: name, Kind: directoryv1.Department_SECTION, ParentId: parent, ValidFrom: "2003-04-01",
	})
	w.must(err)
	return resp.GetDepartment()
}

func TestDepartmentTree(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	admin := w.admin()
	top := w.department("政策経営部", "")
	section := w.department("企画総務課", top.GetId())
	group := w.department("協働係", section.GetId())
	if section.GetFullName() != "政策経営部企画総務課" || group.GetFullName() != "政策経営部企画総務課協働係" {
		t.Errorf("full names %q, %q", section.GetFullName(), group.GetFullName())
	}
	for name, parent := range map[string]string{"too deep": group.GetId(), "unknown": unknownID} {
		_, err := admin.CreateDepartment(ctx, &directoryv1.CreateDepartmentRequest{Name: name, Kind: directoryv1.Department_SECTION, ParentId: parent})
		w.refused(err, "DEPARTMENT_PARENT_INVALID")
	}
	move := func(d *directoryv1.Department, parent string) error {
		_, err := admin.UpdateDepartment(ctx, &directoryv1.UpdateDepartmentRequest{
			Id: d.GetId(), Etag: d.GetEtag(), Department: &directoryv1.DepartmentInput{ParentId: parent}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"parentId"}},
		})
		return err
	}
	w.refused(move(top, group.GetId()), "DEPARTMENT_PARENT_INVALID")
	w.refused(move(section, section.GetId()), "DEPARTMENT_PARENT_INVALID")
	w.must(move(group, top.GetId()))
	w.refused(move(group, ""), "ETAG_MISMATCH")
	_, err := admin.UpdateDepartment(ctx, &directoryv1.UpdateDepartmentRequest{
		Id: top.GetId(), Etag: "*", Department: &directoryv1.DepartmentInput{ValidTo: "2003-03-31"}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"valid_to"}},
	})
	w.refused(err, "VALIDITY_INVALID")
	_, err = w.desk().CreateDepartment(ctx, &directoryv1.CreateDepartmentRequest{Name: "課", Kind: directoryv1.Department_SECTION})
	w.refused(err, "PERMISSION_DENIED")
	if diff := cmp.Diff([]string{"public DepartmentChanged", "public DepartmentChanged"}, w.events(group.GetId())); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestDepartmentNamesOnADay(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	old, next := w.department("コミュニティ課", ""), w.department("コミュニティ総務課", "")
	succeed := &directoryv1.SucceedDepartmentRequest{Id: old.GetId(), ValidTo: "2010-03-31", SuccessorId: next.GetId()}
	resp, err := w.admin().SucceedDepartment(ctx, succeed)
	w.must(err)
	if d := resp.GetDepartment(); d.GetValidTo() != "2010-03-31" || d.GetSuccessorId() != next.GetId() {
		t.Errorf("succeeded: %v", d)
	}
	_, err = w.admin().SucceedDepartment(ctx, succeed)
	w.refused(err, "DEPARTMENT_ENDED")
	_, err = w.admin().SucceedDepartment(ctx, &directoryv1.SucceedDepartmentRequest{Id: next.GetId(), ValidTo: "2011-03-31", SuccessorId: old.GetId()})
	w.refused(err, "SUCCESSOR_INVALID")
	for on, want := range map[string]int{"2003-03-31": 0, "2010-03-31": 2, "2010-04-01": 1, "": 2} {
		list, err := w.public().ListDepartments(ctx, &directoryv1.ListDepartmentsRequest{On: on})
		w.must(err)
		if len(list.GetDepartments()) != want {
			t.Errorf("on %q: %d departments, want %d", on, len(list.GetDepartments()), want)
		}
	}
	first, err := w.public().ListDepartments(ctx, &directoryv1.ListDepartmentsRequest{PageSize: 1})
	w.must(err)
	second, err := w.public().ListDepartments(ctx, &directoryv1.ListDepartmentsRequest{PageSize: 1, PageToken: first.GetNextPageToken()})
	w.must(err)
	if second.GetNextPageToken() != "" || second.GetDepartments()[0].GetId() != next.GetId() {
		t.Errorf("second page: %v", second)
	}
	_, err = w.public().GetDepartment(ctx, &directoryv1.GetDepartmentRequest{Id: unknownID})
	w.refused(err, "RESOURCE_NOT_FOUND")
	batch, err := w.as(serviceNamed("proposals")).BatchGetDepartments(ctx, &directoryv1.BatchGetDepartmentsRequest{Ids: []string{old.GetId(), unknownID}})
	w.must(err)
	if len(batch.GetDepartments()) != 1 {
		t.Errorf("batch: %v", batch)
	}
	_, err = w.admin().BatchGetDepartments(ctx, &directoryv1.BatchGetDepartmentsRequest{Ids: []string{old.GetId()}})
	w.refused(err, "PERMISSION_DENIED")
}

func TestStaff(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	d, other := w.department("防災課", ""), w.department("税務課", "")
	person := w.signIn("staff")
	self := w.signIn("admin")
	admin := w.as(servicetest.Staff(self.ID, sampleID("1"), optionsv1.Role_ROLE_ADMINISTRATOR))
	staff := []directoryv1.StaffAssignment_Role{directoryv1.StaffAssignment_STAFF, directoryv1.StaffAssignment_APPROVER}
	assign := func(req *directoryv1.AssignStaffRequest) (*directoryv1.StaffAssignment, error) {
		req.Roles = staff
		resp, err := admin.AssignStaff(because(t), req)
		return resp.GetStaffAssignment(), err
	}
	_, err := admin.AssignStaff(ctx, &directoryv1.AssignStaffRequest{DepartmentId: d.GetId(), PersonId: person.ID, Roles: staff})
	w.refused(err, "REASON_REQUIRED")
	_, err = assign(&directoryv1.AssignStaffRequest{DepartmentId: d.GetId()})
	w.refused(err, "INVALID_FIELD")
	_, err = assign(&directoryv1.AssignStaffRequest{DepartmentId: d.GetId(), PersonId: admin.ID})
	w.refused(err, "SELF_ASSIGNMENT_FORBIDDEN")
	_, err = assign(&directoryv1.AssignStaffRequest{DepartmentId: d.GetId(), PersonId: unknownID})
	w.refused(err, "PERSON_UNKNOWN")
	_, err = assign(&directoryv1.AssignStaffRequest{DepartmentId: unknownID, PersonId: person.ID})
	w.refused(err, "RESOURCE_NOT_FOUND")
	_, err = assign(&directoryv1.AssignStaffRequest{DepartmentId: d.GetId(), PersonId: person.ID, ValidTo: "2003-03-31"})
	w.refused(err, "VALIDITY_INVALID")
	ended := w.department("旧防災課", "")
	w.exec(`UPDATE department SET valid_to = '2010-03-31' WHERE id = $1`, ended.GetId())
	_, err = assign(&directoryv1.AssignStaffRequest{DepartmentId: ended.GetId(), PersonId: person.ID})
	w.refused(err, "DEPARTMENT_ENDED")
	a, err := assign(&directoryv1.AssignStaffRequest{DepartmentId: d.GetId(), Email: "Staff@people.example.com"})
	w.must(err)
	_, err = assign(&directoryv1.AssignStaffRequest{DepartmentId: other.GetId(), PersonId: person.ID})
	w.refused(err, "STAFF_ALREADY_ASSIGNED")
	p := w.signIn("staff")
	if diff := cmp.Diff([]optionsv1.Role{optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_APPROVER}, p.Roles); diff != "" || p.DepartmentID != d.GetId() {
		t.Errorf("principal in %s (-want +got):\n%s", p.DepartmentID, diff)
	}
	list, err := admin.ListStaff(because(t), &directoryv1.ListStaffRequest{DepartmentId: d.GetId()})
	w.must(err)
	if len(list.GetStaffAssignments()) != 1 || list.GetStaffAssignments()[0].GetDisplayName() != "見本 staff" {
		t.Errorf("staff: %v", list)
	}
	_, err = admin.ListStaff(ctx, &directoryv1.ListStaffRequest{DepartmentId: d.GetId()})
	w.refused(err, "REASON_REQUIRED")
	_, err = admin.RemoveStaff(because(t), &directoryv1.RemoveStaffRequest{DepartmentId: other.GetId(), Id: a.GetId()})
	w.refused(err, "RESOURCE_NOT_FOUND")
	_, err = admin.RemoveStaff(because(t), &directoryv1.RemoveStaffRequest{DepartmentId: d.GetId(), Id: a.GetId()})
	w.must(err)
	if p := w.signIn("staff"); p.DepartmentID != "" || !p.Has(optionsv1.Role_ROLE_RESIDENT) {
		t.Errorf("principal after removal: %+v", p.Principal)
	}
	if diff := cmp.Diff([]string{"private StaffChanged", "private StaffChanged"}, w.events(a.GetId())); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestPersonByAddressMustBeOne(t *testing.T) {
	w := start(t)
	d := w.department("防災課", "")
	for _, issuer := range []string{"one", "two"} {
		_, err := w.gateway().ResolvePrincipal(t.Context(), &directoryv1.ResolvePrincipalRequest{Issuer: issuer, Subject: "s", Email: "same@people.example.com", EmailVerified: true})
		w.must(err)
	}
	_, err := w.gateway().ResolvePrincipal(t.Context(), &directoryv1.ResolvePrincipalRequest{Issuer: "one", Subject: "unverified", Email: "unverified@people.example.com"})
	w.must(err)
	for email, reason := range map[string]string{"same@people.example.com": "PERSON_AMBIGUOUS", "unverified@people.example.com": "PERSON_UNKNOWN"} {
		_, err := w.admin().AssignStaff(because(t), &directoryv1.AssignStaffRequest{
			DepartmentId: d.GetId(), Email: email, Roles: []directoryv1.StaffAssignment_Role{directoryv1.StaffAssignment_STAFF},
		})
		w.refused(err, reason)
	}
}
