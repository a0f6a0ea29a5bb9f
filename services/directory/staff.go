package directory

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/department"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/person"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// AssignStaff gives a person staff roles in a department.
func (s *departments) AssignStaff(ctx context.Context, req *directoryv1.AssignStaffRequest) (*directoryv1.AssignStaffResponse, error) {
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return nil, err
	}
	a, err := assignmentOf(req)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.AssignStaffResponse, error) {
		d, err := store.GetDepartment(ctx, tx, req.GetDepartmentId())
		if err != nil {
			return nil, err
		}
		p, err := assignee(ctx, tx, req)
		if err != nil {
			return nil, err
		}
		today := jp.DateOf(tx.Now)
		a.ID, a.PersonID, a.CreatedAt = s.NewID(), p.ID, tx.Now
		a.DisplayName, a.Email = p.DisplayName, p.Email
		if a.ValidFrom.IsZero() {
			a.ValidFrom = today
		}
		if err := d.Assign(a, auth.From(ctx).ID, today); err != nil {
			return nil, err
		}
		if err := store.InsertAssignment(ctx, tx, a, today); err != nil {
			return nil, err
		}
		err = recordStaff(ctx, tx, staffChange{verb: "assign", reason: reason, roles: a.Roles}, a)
		return &directoryv1.AssignStaffResponse{StaffAssignment: assignmentProto(a)}, err
	})
}

// ListStaff lists the staff of a department.
func (s *departments) ListStaff(ctx context.Context, req *directoryv1.ListStaffRequest) (*directoryv1.ListStaffResponse, error) {
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return nil, err
	}
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.ListStaffResponse, error) {
		d, err := store.GetDepartment(ctx, tx, req.GetDepartmentId())
		if err != nil {
			return nil, err
		}
		found, err := store.ListStaff(ctx, tx, d.ID, page)
		if err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "directory.staff.list", ObjectType: "department", ObjectID: d.ID, Reason: reason})
		shown, next := cut(found, page.Size)
		resp := &directoryv1.ListStaffResponse{}
		for _, a := range shown {
			resp.StaffAssignments = append(resp.StaffAssignments, assignmentProto(a))
		}
		if next != nil {
			resp.NextPageToken = s.Pages.Token(filter, next.CreatedAt.UTC().Format(time.RFC3339Nano), next.ID)
		}
		return resp, nil
	})
}

// RemoveStaff takes a person's staff roles away.
func (s *departments) RemoveStaff(ctx context.Context, req *directoryv1.RemoveStaffRequest) (*directoryv1.RemoveStaffResponse, error) {
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.RemoveStaffResponse, error) {
		a, err := store.LockAssignment(ctx, tx, req.GetDepartmentId(), req.GetId())
		if err != nil {
			return nil, err
		}
		if err := a.Remove(auth.From(ctx).ID); err != nil {
			return nil, err
		}
		if err := store.RemoveAssignment(ctx, tx, a.ID); err != nil {
			return nil, err
		}
		err = recordStaff(ctx, tx, staffChange{verb: "remove", reason: reason}, a)
		return &directoryv1.RemoveStaffResponse{}, err
	})
}

// assignee returns the person that the request names. Errors: PERSON_UNKNOWN,
// PERSON_AMBIGUOUS.
func assignee(ctx context.Context, tx *pg.Tx, req *directoryv1.AssignStaffRequest) (*person.Person, error) {
	if req.GetEmail() != "" {
		return store.PersonByEmail(ctx, tx, address(req.GetEmail()))
	}
	p, err := store.GetPerson(ctx, tx, req.GetPersonId())
	if errors.Is(err, fault.ErrNotFound) {
		return nil, department.ErrPersonUnknown
	}
	return p, err
}

// staffChange is what is told of a change beside the assignment.
type staffChange struct {
	verb   string
	reason string
	roles  []string // After the change.
}

func recordStaff(ctx context.Context, tx *pg.Tx, c staffChange, a *department.Assignment) error {
	store.TouchPerson(tx, a.PersonID)
	audit.Add(ctx, tx, audit.Entry{
		Action:     "directory.staff." + c.verb,
		ObjectType: "staff",
		ObjectID:   a.ID,
		Reason:     c.reason,
		Detail:     map[string]string{"department": a.DepartmentID, "person": a.PersonID, "roles": strings.Join(c.roles, ",")},
	})
	return event.Add(ctx, tx, event.Event{Aggregate: "staff", ID: a.ID, Visibility: event.Private, Message: &directoryv1.StaffChanged{
		StaffAssignmentId: a.ID,
		DepartmentId:      a.DepartmentID,
		PersonId:          a.PersonID,
		Roles:             staffRoles(c.roles),
	}})
}
