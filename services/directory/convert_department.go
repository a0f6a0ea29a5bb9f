package directory

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/department"
)

// validity is a request with the days between which a name is in use.
type validity interface {
	GetValidFrom() string
	GetValidTo() string
}

// readValidity reads both days. Errors: INVALID_FIELD.
func readValidity(d *department.Department, in validity) (err error) {
	if d.ValidFrom, err = day("validFrom", in.GetValidFrom()); err != nil {
		return err
	}
	d.ValidTo, err = day("validTo", in.GetValidTo())
	return err
}

// applyDepartment writes the fields that the mask names. Errors: INVALID_FIELD.
func applyDepartment(d *department.Department, in *directoryv1.DepartmentInput, paths rpc.Paths) error {
	written := *d
	if err := readValidity(&written, in); err != nil {
		return err
	}
	if paths.Has("name") {
		d.Name = in.GetName()
	}
	if paths.Has("kind") && name(in.GetKind()) != "" {
		d.Kind = name(in.GetKind())
	}
	if paths.Has("parent_id") {
		d.ParentID = in.GetParentId()
	}
	if paths.Has("valid_from") {
		d.ValidFrom = written.ValidFrom
	}
	if paths.Has("valid_to") {
		d.ValidTo = written.ValidTo
	}
	return nil
}

func departmentProto(d *department.Department) *directoryv1.Department {
	return &directoryv1.Department{
		Id:          d.ID,
		Name:        d.Name,
		FullName:    d.FullName,
		Kind:        directoryv1.Department_Kind(directoryv1.Department_Kind_value[d.Kind]),
		ParentId:    d.ParentID,
		ValidFrom:   dayText(d.ValidFrom),
		ValidTo:     dayText(d.ValidTo),
		SuccessorId: d.SuccessorID,
		CreateTime:  timestamppb.New(d.CreatedAt),
		UpdateTime:  timestamppb.New(d.UpdatedAt),
		Etag:        rpc.ETag(d.Version),
	}
}

// assignmentOf reads what an administrator wrote. Errors: INVALID_FIELD.
func assignmentOf(req *directoryv1.AssignStaffRequest) (*department.Assignment, error) {
	a := &department.Assignment{}
	for _, r := range req.GetRoles() {
		a.Roles = append(a.Roles, name(r))
	}
	from, err := day("validFrom", req.GetValidFrom())
	if err != nil {
		return nil, err
	}
	if from != nil {
		a.ValidFrom = *from
	}
	a.ValidTo, err = day("validTo", req.GetValidTo())
	return a, err
}

func assignmentProto(a *department.Assignment) *directoryv1.StaffAssignment {
	return &directoryv1.StaffAssignment{
		Id:           a.ID,
		DepartmentId: a.DepartmentID,
		PersonId:     a.PersonID,
		DisplayName:  a.DisplayName,
		Email:        a.Email,
		Roles:        staffRoles(a.Roles),
		ValidFrom:    a.ValidFrom.String(),
		ValidTo:      dayText(a.ValidTo),
		CreateTime:   timestamppb.New(a.CreatedAt),
	}
}

func staffRoles(names []string) []directoryv1.StaffAssignment_Role {
	var out []directoryv1.StaffAssignment_Role
	for _, n := range names {
		out = append(out, directoryv1.StaffAssignment_Role(directoryv1.StaffAssignment_Role_value[n]))
	}
	return out
}
