package evaluation_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation"
)

// The organizations, departments and people of the tests.
const (
	org1  = "01980000-0000-7000-8000-000000000001" // Verified.
	org2  = "01980000-0000-7000-8000-000000000002" // Verified.
	org3  = "01980000-0000-7000-8000-000000000003" // Pending.
	dept1 = "01980000-0000-7000-8000-0000000000d1"
	dept2 = "01980000-0000-7000-8000-0000000000d2"
	dept9 = "01980000-0000-7000-8000-0000000000d9" // Ended.
	none  = "01980000-0000-7000-8000-00000000ffff"
)

var (
	viewer    = servicetest.Member("viewer", org1, optionsv1.Role_ROLE_VIEWER)
	editor    = servicetest.Member("editor", org1, optionsv1.Role_ROLE_EDITOR)
	head      = servicetest.Member("head", org1, optionsv1.Role_ROLE_REPRESENTATIVE)
	head2     = servicetest.Member("head2", org2, optionsv1.Role_ROLE_REPRESENTATIVE)
	head3     = servicetest.Member("head3", org3, optionsv1.Role_ROLE_REPRESENTATIVE)
	resident  = servicetest.Resident("resident")
	staff     = servicetest.Staff("staff", dept1, optionsv1.Role_ROLE_STAFF)
	staff2    = servicetest.Staff("staff2", dept2, optionsv1.Role_ROLE_STAFF)
	desk      = servicetest.Staff("desk", dept2, optionsv1.Role_ROLE_DESK)
	desk2     = servicetest.Staff("desk2", dept2, optionsv1.Role_ROLE_DESK)
	approver  = servicetest.Staff("approver", dept1, optionsv1.Role_ROLE_APPROVER)
	approver2 = servicetest.Staff("approver2", dept2, optionsv1.Role_ROLE_APPROVER)
	reviewer  = servicetest.Staff("reviewer", dept2, optionsv1.Role_ROLE_REVIEWER)
	auditor   = servicetest.Staff("auditor", dept2, optionsv1.Role_ROLE_AUDITOR)
	admin     = servicetest.Staff("admin", dept2, optionsv1.Role_ROLE_ADMINISTRATOR)
)

func coordinator() auth.Principal {
	p := servicetest.Resident("coordinator")
	p.Roles = append(p.Roles, optionsv1.Role_ROLE_COORDINATOR)
	p.Delegations = []auth.Delegation{{OrganizationID: org1, IntermediaryID: none, Until: time.Now().Add(time.Hour)}}
	return p
}

// both is a person on both sides: representative of organization 1 and staff and
// approver of the lead department.
func both() auth.Principal {
	p := servicetest.Member("both", org1, optionsv1.Role_ROLE_REPRESENTATIVE)
	p.Roles = append(p.Roles, optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_APPROVER)
	p.DepartmentID = dept1
	return p
}

// peer stands for directory: it answers what the tests say. Its own tests are
// where the real one is.
type peer struct {
	directoryv1.UnimplementedOrganizationServiceServer
	directoryv1.UnimplementedDepartmentServiceServer

	mu   sync.Mutex
	down bool
}

func (d *peer) setDown(down bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.down = down
}

func (d *peer) err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down {
		return errors.New("directory is down")
	}
	return nil
}

func (d *peer) BatchGetOrganizations(_ context.Context, req *directoryv1.BatchGetOrganizationsRequest) (*directoryv1.BatchGetOrganizationsResponse, error) {
	resp := &directoryv1.BatchGetOrganizationsResponse{}
	for _, id := range req.GetIds() {
		state := directoryv1.Organization_VERIFIED
		switch id {
		case org3:
			state = directoryv1.Organization_PENDING
			fallthrough
		case org1, org2:
			resp.Organizations = append(resp.Organizations, &directoryv1.OrganizationSummary{Id: id, Name: "団体" + id[len(id)-1:], State: state, Version: 1})
		}
	}
	return resp, d.err()
}

func (d *peer) BatchGetDepartments(_ context.Context, req *directoryv1.BatchGetDepartmentsRequest) (*directoryv1.BatchGetDepartmentsResponse, error) {
	resp := &directoryv1.BatchGetDepartmentsResponse{}
	at := timestamppb.New(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	for _, id := range req.GetIds() {
		switch id {
		case dept1:
			resp.Departments = append(resp.Departments, &directoryv1.Department{Id: id, FullName: "区民生活部商工振興課", UpdateTime: at})
		case dept2:
			resp.Departments = append(resp.Departments, &directoryv1.Department{Id: id, FullName: "政策経営部企画総務課", UpdateTime: at})
		case dept9:
			resp.Departments = append(resp.Departments, &directoryv1.Department{Id: id, FullName: "旧課", ValidTo: "2003-03-31", UpdateTime: at})
		}
	}
	return resp, d.err()
}

// world is the service with its people.
type world struct {
	*servicetest.World
	t         *testing.T
	directory *peer
	deps      service.Deps // Of evaluation.
	others    service.Deps // Of proposals.
}

// quiet is a service that answers nothing of its own, but tells events.
func quiet(name string, register func(service.Deps, grpc.ServiceRegistrar)) service.Module {
	return service.Module{
		Name:       name,
		Migrations: fstest.MapFS{"00001_nothing.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n")}},
		Register:   register,
	}
}

func start(t *testing.T) *world {
	t.Helper()
	d, w := &peer{}, &world{t: t}
	module := evaluation.Module
	module.Register = func(deps service.Deps, r grpc.ServiceRegistrar) {
		w.deps = deps
		evaluation.Module.Register(deps, r)
	}
	w.directory = d
	w.World = servicetest.Start(t, quiet("directory", func(_ service.Deps, r grpc.ServiceRegistrar) {
		directoryv1.RegisterOrganizationServiceServer(r, d)
		directoryv1.RegisterDepartmentServiceServer(r, d)
	}), quiet("proposals", func(deps service.Deps, _ grpc.ServiceRegistrar) { w.others = deps }), module)
	return w
}

func (w *world) rules(p auth.Principal) evaluationv1.RulebookServiceClient {
	return evaluationv1.NewRulebookServiceClient(w.As(p))
}

func (w *world) projects(p auth.Principal) evaluationv1.ProjectServiceClient {
	return evaluationv1.NewProjectServiceClient(w.As(p))
}

func (w *world) agreements(p auth.Principal) evaluationv1.AgreementServiceClient {
	return evaluationv1.NewAgreementServiceClient(w.As(p))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v %+v", err, status.Convert(err).Details())
	}
}

// err2 forgets an answer.
func err2[R any](_ R, err error) error { return err }

func today() jp.Date { return jp.DateOf(time.Now()) }

// reason is the reason of a refusal; "" for none.
func reason(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := rpc.FromStatus(status.Convert(err)); ok {
		return f.Reason
	}
	return err.Error()
}

// facts are those that come with a refusal.
func facts(err error) map[string]string {
	f, _ := rpc.FromStatus(status.Convert(err))
	if f == nil {
		return nil
	}
	return f.Metadata
}

// refused expects a refusal with the reason.
func refused(t *testing.T, err error, want string) {
	t.Helper()
	if got := reason(err); got != want {
		t.Errorf("reason = %q, want %q (%v)", got, want, err)
	}
}

func mask(paths ...string) *fieldmaskpb.FieldMask { return &fieldmaskpb.FieldMask{Paths: paths} }

// state reads the row, so that it sees what is hidden too.
func (w *world) state(id string) evaluationv1.Project_State {
	w.t.Helper()
	var s string
	w.must(w.DB("evaluation").QueryRow(w.t.Context(), `SELECT state FROM project WHERE id = $1`, id).Scan(&s))
	return evaluationv1.Project_State(evaluationv1.Project_State_value[s])
}

// count counts rows.
func (w *world) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	w.must(w.DB("evaluation").QueryRow(w.t.Context(), sql, args...).Scan(&n))
	return n
}

// tell commits an event of another service; its relay finds it.
func (w *world) tell(service, aggregate, id string, m proto.Message) {
	w.t.Helper()
	_, err := pg.InTx(w.t.Context(), w.DB(service), func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		return struct{}{}, event.Add(ctx, tx, event.Event{Aggregate: aggregate, ID: id, Visibility: event.Public, Message: m})
	})
	w.must(err)
}

// until waits for what an event will bring.
func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	deadline, tick := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			w.t.Fatalf("waited in vain: %s", what)
		}
	}
}

// events are the types of an aggregate's events in their order.
func (w *world) events(id, visibility string) string {
	w.t.Helper()
	rows, err := w.DB("evaluation").Query(w.t.Context(), `
		SELECT sequence, headers->>'ce-type'
		FROM event_log
		WHERE aggregate_id = $1 AND visibility = $2
		ORDER BY position`, id, visibility)
	w.must(err)
	var out []string
	for rows.Next() {
		var (
			seq  int64
			name string
		)
		w.must(rows.Scan(&seq, &name))
		if int(seq) != len(out)+1 {
			w.t.Errorf("sequence %d at place %d", seq, len(out)+1)
		}
		out = append(out, name[strings.LastIndexByte(name, '.')+1:])
	}
	w.must(rows.Err())
	return strings.Join(out, " ")
}
