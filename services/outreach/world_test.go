package outreach_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
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
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach"
)

// The organizations, departments, projects and people of the tests.
const (
	org1     = "01980000-0000-7000-8000-000000000001" // Verified.
	org2     = "01980000-0000-7000-8000-000000000002" // Verified.
	org3     = "01980000-0000-7000-8000-000000000003" // Pending.
	dept1    = "01980000-0000-7000-8000-0000000000d1"
	dept2    = "01980000-0000-7000-8000-0000000000d2"
	dept9    = "01980000-0000-7000-8000-0000000000d9" // Ended.
	project1 = "01980000-0000-7000-8000-0000000000a1" // Of organization 1 and department 1.
	none     = "01980000-0000-7000-8000-00000000ffff"
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
	approver  = servicetest.Staff("approver", dept2, optionsv1.Role_ROLE_APPROVER)
	clerk     = servicetest.Staff("clerk", dept2, optionsv1.Role_ROLE_FACILITY_CLERK)
	auditor   = servicetest.Staff("auditor", dept2, optionsv1.Role_ROLE_AUDITOR)
	admin     = servicetest.Staff("admin", dept2, optionsv1.Role_ROLE_ADMINISTRATOR)
	headStaff = servicetest.Staff("headstaff", dept1, optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_APPROVER)
)

func coordinator() auth.Principal {
	p := servicetest.Resident("coordinator")
	p.Roles = append(p.Roles, optionsv1.Role_ROLE_COORDINATOR)
	p.Delegations = []auth.Delegation{{OrganizationID: org1, IntermediaryID: none, Until: time.Now().Add(time.Hour)}}
	return p
}

// peer stands for directory and evaluation: it answers what the tests say. Their
// own tests are where the real ones are.
type peer struct {
	directoryv1.UnimplementedOrganizationServiceServer
	directoryv1.UnimplementedDepartmentServiceServer
	directoryv1.UnimplementedRecipientServiceServer
	evaluationv1.UnimplementedProjectServiceServer

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
		return errors.New("the peer is down")
	}
	return nil
}

func (d *peer) BatchGetOrganizations(_ context.Context, req *directoryv1.BatchGetOrganizationsRequest) (*directoryv1.BatchGetOrganizationsResponse, error) {
	resp := &directoryv1.BatchGetOrganizationsResponse{}
	for _, id := range req.GetIds() {
		switch id {
		case org1, org2:
			resp.Organizations = append(resp.Organizations, &directoryv1.OrganizationSummary{Id: id, Name: "団体" + id[len(id)-1:], State: directoryv1.Organization_VERIFIED, Version: 1})
		case org3:
			resp.Organizations = append(resp.Organizations, &directoryv1.OrganizationSummary{Id: id, Name: "団体3", State: directoryv1.Organization_PENDING, Version: 1})
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

// ListDepartments answers the departments that exist now.
func (d *peer) ListDepartments(ctx context.Context, _ *directoryv1.ListDepartmentsRequest) (*directoryv1.ListDepartmentsResponse, error) {
	resp, err := d.BatchGetDepartments(ctx, &directoryv1.BatchGetDepartmentsRequest{Ids: []string{dept1, dept2}})
	return &directoryv1.ListDepartmentsResponse{Departments: resp.GetDepartments()}, err
}

func (d *peer) BatchGetProjects(_ context.Context, req *evaluationv1.BatchGetProjectsRequest) (*evaluationv1.BatchGetProjectsResponse, error) {
	resp := &evaluationv1.BatchGetProjectsResponse{}
	for _, id := range req.GetIds() {
		if id == project1 {
			resp.Projects = append(resp.Projects, projectFact(project1, "R8-提-0001"))
		}
	}
	return resp, d.err()
}

// projectFact is a project of organization 1 and department 1.
func projectFact(id, number string) *evaluationv1.ProjectSummary {
	return &evaluationv1.ProjectSummary{
		Id: id, PublicNumber: number, Title: "神田の記憶を伝える街歩き", OrganizationIds: []string{org1}, LeadDepartmentId: dept1, Published: true,
		Credits: []*typev1.Credit{
			{Part: typev1.Credit_ORGANIZER, DepartmentId: dept1}, {Part: typev1.Credit_CO_ORGANIZER, OrganizationId: org1},
		},
	}
}

// world is the service with its people.
type world struct {
	*servicetest.World
	t    *testing.T
	peer *peer
	deps service.Deps // Of outreach.
}

func start(t *testing.T) *world {
	t.Helper()
	return startModule(t, outreach.Module)
}

// quiet is start without the recurring jobs: they run when the test says so.
func quiet(t *testing.T) *world {
	t.Helper()
	module := outreach.Module
	module.Tasks = nil
	return startModule(t, module)
}

func startModule(t *testing.T, module service.Module) *world {
	t.Helper()
	d, w := &peer{}, &world{t: t}
	module.Register = func(deps service.Deps, r grpc.ServiceRegistrar) {
		w.deps = deps
		outreach.Module.Register(deps, r)
	}
	w.peer = d
	w.World = servicetest.Start(t,
		stand("directory", func(r grpc.ServiceRegistrar) {
			directoryv1.RegisterOrganizationServiceServer(r, d)
			directoryv1.RegisterDepartmentServiceServer(r, d)
			directoryv1.RegisterRecipientServiceServer(r, d)
		}),
		stand("evaluation", func(r grpc.ServiceRegistrar) { evaluationv1.RegisterProjectServiceServer(r, d) }),
		stand("facilities", func(grpc.ServiceRegistrar) {}),
		stand("proposals", func(grpc.ServiceRegistrar) {}),
		module)
	return w
}

// stand is a service that only tells events and answers what register puts there.
func stand(name string, register func(grpc.ServiceRegistrar)) service.Module {
	return service.Module{
		Name:       name,
		Migrations: fstest.MapFS{"00001_nothing.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n")}},
		Register:   func(_ service.Deps, r grpc.ServiceRegistrar) { register(r) },
	}
}

func (w *world) articles(p auth.Principal) outreachv1.ArticleServiceClient {
	return outreachv1.NewArticleServiceClient(w.As(p))
}

func (w *world) events(p auth.Principal) outreachv1.EventServiceClient {
	return outreachv1.NewEventServiceClient(w.As(p))
}

func (w *world) registrations(p auth.Principal) outreachv1.RegistrationServiceClient {
	return outreachv1.NewRegistrationServiceClient(w.As(p))
}

func (w *world) feeds() outreachv1.FeedServiceClient {
	return outreachv1.NewFeedServiceClient(w.As(auth.Anonymous))
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

// run runs a task of the service by name, as its job does.
func (w *world) run(task string) {
	w.t.Helper()
	w.must(w.try(task))
}

// try is run with its error.
func (w *world) try(task string) error {
	w.t.Helper()
	for _, t := range outreach.Module.Tasks(w.deps) {
		if t.Name == task {
			return t.Run(w.t.Context())
		}
	}
	w.t.Fatalf("no task %s", task)
	return nil
}

// exec changes rows, to let time pass.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.DB("outreach").Pool().Exec(w.t.Context(), sql, args...)
	w.must(err)
}

// count counts rows.
func (w *world) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	w.must(w.DB("outreach").QueryRow(w.t.Context(), sql, args...).Scan(&n))
	return n
}

// tell commits an event of another service; its relay finds it.
func (w *world) tell(service, aggregate, id string, m proto.Message) {
	w.t.Helper()
	w.tellAs(service, event.Event{Aggregate: aggregate, ID: id, Visibility: event.Public, Message: m})
}

func (w *world) tellAs(service string, e event.Event) {
	w.t.Helper()
	_, err := pg.InTx(w.t.Context(), w.DB(service), func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		return struct{}{}, event.Add(ctx, tx, e)
	})
	w.must(err)
}

// until waits for what a consumer or a job brings about.
func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	deadline, tick := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			w.t.Fatalf("waited for %s", what)
		}
	}
}

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

// refused expects a refusal with the reason.
func refused(t *testing.T, err error, want string) {
	t.Helper()
	if got := reason(err); got != want {
		t.Errorf("reason = %q, want %q (%v)", got, want, err)
	}
}

// because states a reason for reading personal data.
func because(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, rpc.MetaReason, rpc.EncodeReason("名簿の作成"))
}

// told are the types of an aggregate's public events in their order.
func (w *world) told(id string) string {
	w.t.Helper()
	rows, err := w.DB("outreach").Query(w.t.Context(), `
		SELECT headers->>'ce-type'
		FROM event_log
		WHERE aggregate_id = $1 AND visibility = 'public'
		ORDER BY position`, id)
	w.must(err)
	var out []string
	for rows.Next() {
		var name string
		w.must(rows.Scan(&name))
		out = append(out, name[strings.LastIndexByte(name, '.')+1:])
	}
	w.must(rows.Err())
	return strings.Join(out, " ")
}
