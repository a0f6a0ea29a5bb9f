package directory

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/department"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

type departments struct {
	directoryv1.UnimplementedDepartmentServiceServer
	service.Deps
}

// CreateDepartment adds a department.
func (s *departments) CreateDepartment(ctx context.Context, req *directoryv1.CreateDepartmentRequest) (*directoryv1.CreateDepartmentResponse, error) {
	d := &department.Department{Name: req.GetName(), Kind: name(req.GetKind()), ParentID: req.GetParentId(), Version: 1}
	if err := readValidity(d, req); err != nil {
		return nil, err
	}
	if err := d.Check(); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.CreateDepartmentResponse, error) {
		tree, err := store.LockDepartments(ctx, tx)
		if err != nil {
			return nil, err
		}
		d.ID, d.CreatedAt, d.UpdatedAt = s.NewID(), tx.Now, tx.Now
		if err := tree.CheckParent(d); err != nil {
			return nil, err
		}
		if err := store.InsertDepartment(ctx, tx, d); err != nil {
			return nil, err
		}
		shown, err := recordDepartment(ctx, tx, "create", d)
		return &directoryv1.CreateDepartmentResponse{Department: shown}, err
	})
}

// GetDepartment returns one department.
func (s *departments) GetDepartment(ctx context.Context, req *directoryv1.GetDepartmentRequest) (*directoryv1.GetDepartmentResponse, error) {
	d, err := store.GetDepartment(ctx, s.DB, req.GetId())
	if err != nil {
		return nil, err
	}
	return &directoryv1.GetDepartmentResponse{Department: departmentProto(d)}, nil
}

// ListDepartments lists departments in the order of their creation.
func (s *departments) ListDepartments(ctx context.Context, req *directoryv1.ListDepartmentsRequest) (*directoryv1.ListDepartmentsResponse, error) {
	on, err := day("on", req.GetOn())
	if err != nil {
		return nil, err
	}
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	found, err := store.ListDepartments(ctx, s.DB, on, req.GetParentId(), page)
	if err != nil {
		return nil, err
	}
	shown, next := cut(found, page.Size)
	resp := &directoryv1.ListDepartmentsResponse{}
	for _, d := range shown {
		resp.Departments = append(resp.Departments, departmentProto(d))
	}
	if next != nil {
		resp.NextPageToken = s.Pages.Token(filter, next.ID)
	}
	return resp, nil
}

// UpdateDepartment corrects a department's data.
func (s *departments) UpdateDepartment(ctx context.Context, req *directoryv1.UpdateDepartmentRequest) (*directoryv1.UpdateDepartmentResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), "name", "kind", "parent_id", "valid_from", "valid_to")
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.UpdateDepartmentResponse, error) {
		tree, err := store.LockDepartments(ctx, tx)
		if err != nil {
			return nil, err
		}
		d, ok := tree[req.GetId()]
		if !ok {
			return nil, fault.ErrNotFound
		}
		if err := rpc.RequireETag(req.GetEtag(), d.Version); err != nil {
			return nil, err
		}
		if err := applyDepartment(d, req.GetDepartment(), paths); err != nil {
			return nil, under("department", err)
		}
		if err := d.Check(); err != nil {
			return nil, under("department", err)
		}
		if err := tree.CheckParent(d); err != nil {
			return nil, under("department", err)
		}
		if err := store.UpdateDepartment(ctx, tx, d); err != nil {
			return nil, err
		}
		shown, err := recordDepartment(ctx, tx, "update", d)
		return &directoryv1.UpdateDepartmentResponse{Department: shown}, err
	})
}

// SucceedDepartment ends a department on a day and names the one that takes over
// its tasks.
func (s *departments) SucceedDepartment(ctx context.Context, req *directoryv1.SucceedDepartmentRequest) (*directoryv1.SucceedDepartmentResponse, error) {
	last, err := day("validTo", req.GetValidTo())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.SucceedDepartmentResponse, error) {
		tree, err := store.LockDepartments(ctx, tx)
		if err != nil {
			return nil, err
		}
		d, ok := tree[req.GetId()]
		if !ok {
			return nil, fault.ErrNotFound
		}
		if err := rpc.CheckETag(req.GetEtag(), d.Version); err != nil {
			return nil, err
		}
		if err := tree.Succeed(d, req.GetSuccessorId(), *last); err != nil {
			return nil, err
		}
		if err := store.UpdateDepartment(ctx, tx, d); err != nil {
			return nil, err
		}
		shown, err := recordDepartment(ctx, tx, "succeed", d)
		return &directoryv1.SucceedDepartmentResponse{Department: shown}, err
	})
}

// BatchGetDepartments returns departments by id for services that refer to them.
func (s *departments) BatchGetDepartments(ctx context.Context, req *directoryv1.BatchGetDepartmentsRequest) (*directoryv1.BatchGetDepartmentsResponse, error) {
	found, err := store.DepartmentsByID(ctx, s.DB, req.GetIds())
	if err != nil {
		return nil, err
	}
	resp := &directoryv1.BatchGetDepartmentsResponse{}
	for _, d := range found {
		resp.Departments = append(resp.Departments, departmentProto(d))
	}
	return resp, nil
}

// recordDepartment adds the event and the audit entry of a change and returns
// the department with its full name.
func recordDepartment(ctx context.Context, tx *pg.Tx, verb string, d *department.Department) (*directoryv1.Department, error) {
	d, err := store.GetDepartment(ctx, tx, d.ID)
	if err != nil {
		return nil, err
	}
	shown := departmentProto(d)
	audit.Add(ctx, tx, audit.Entry{Action: "directory.department." + verb, ObjectType: "department", ObjectID: d.ID})
	return shown, event.Add(ctx, tx, event.Event{
		Aggregate:  "department",
		ID:         d.ID,
		Visibility: event.Public,
		Message:    &directoryv1.DepartmentChanged{Department: shown, Version: d.Version},
	})
}
