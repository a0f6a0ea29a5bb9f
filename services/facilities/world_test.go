package facilities_test

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

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities"
)

// The organizations and the department of the tests.
const (
	org1  = "01980000-0000-7000-8000-000000000001" // Volunteers: class GENERAL.
	org2  = "01980000-0000-7000-8000-000000000002" // NPO corporation: class NPO.
	org3  = "01980000-0000-7000-8000-000000000003" // Volunteers, pending.
	org4  = "01980000-0000-7000-8000-000000000004" // Company: class COMPANY.
	dept1 = "01980000-0000-7000-8000-0000000000d1"
	none  = "01980000-0000-7000-8000-00000000ffff"
)

// The halls of the sample data that the tests use; see sample/README.md.
const (
	hall       = "01900000-0000-7000-8000-0000000f0002" // 麹町区民館.
	room       = "01900000-0000-7000-8000-0000000f1001" // 洋室A: 40 people, 3KU, 1,000/1,300/1,300 yen.
	roomB      = "01900000-0000-7000-8000-0000000f1002" // 洋室B.
	roomAB     = "01900000-0000-7000-8000-0000000f1003" // Both.
	otherHall  = "01900000-0000-7000-8000-0000000f0004" // 神保町区民館.
	otherRoom  = "01900000-0000-7000-8000-0000000f1009" // 集会室1.
	hourlyRoom = "01900000-0000-7000-8000-0000000f1021" // 体育室: 1H, SPORTS only.
)

var (
	viewer   = servicetest.Member("viewer", org1, optionsv1.Role_ROLE_VIEWER)
	editor   = servicetest.Member("editor", org1, optionsv1.Role_ROLE_EDITOR)
	head     = servicetest.Member("head", org1, optionsv1.Role_ROLE_REPRESENTATIVE)
	head2    = servicetest.Member("head2", org2, optionsv1.Role_ROLE_REPRESENTATIVE)
	head3    = servicetest.Member("head3", org3, optionsv1.Role_ROLE_REPRESENTATIVE)
	head4    = servicetest.Member("head4", org4, optionsv1.Role_ROLE_REPRESENTATIVE)
	resident = servicetest.Resident("resident")
	staff    = servicetest.Staff("staff", dept1, optionsv1.Role_ROLE_STAFF)
	desk     = servicetest.Staff("desk", dept1, optionsv1.Role_ROLE_DESK)
	approver = servicetest.Staff("approver", dept1, optionsv1.Role_ROLE_APPROVER)
	clerk    = servicetest.Staff("clerk", dept1, optionsv1.Role_ROLE_FACILITY_CLERK)
	both     = servicetest.Staff("both", dept1, optionsv1.Role_ROLE_FACILITY_CLERK, optionsv1.Role_ROLE_APPROVER)
	auditor  = servicetest.Staff("auditor", dept1, optionsv1.Role_ROLE_AUDITOR)
	admin    = servicetest.Staff("admin", dept1, optionsv1.Role_ROLE_ADMINISTRATOR)
	nobody   = auth.Anonymous
)

// peer stands for directory: it answers what the tests say. Its own tests are
// where the real one is.
type peer struct {
	directoryv1.UnimplementedOrganizationServiceServer
	directoryv1.UnimplementedPrincipalServiceServer

	mu          sync.Mutex
	down        bool
	memberships map[string]string // Organization by person.
}

func (d *peer) setDown(down bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.down = down
}

// joins makes a person a member of one organization, or of none.
func (d *peer) joins(person, organization string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.memberships = map[string]string{person: organization}
}

func (d *peer) ResolveMemberships(_ context.Context, req *directoryv1.ResolveMembershipsRequest) (*directoryv1.ResolveMembershipsResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down {
		return nil, errors.New("directory is down")
	}
	resp := &directoryv1.ResolveMembershipsResponse{}
	if id := d.memberships[req.GetPersonId()]; id != "" {
		resp.Memberships = []*directoryv1.Principal_Membership{{OrganizationId: id, Role: optionsv1.Role_ROLE_VIEWER}}
	}
	return resp, nil
}

func (d *peer) BatchGetOrganizations(_ context.Context, req *directoryv1.BatchGetOrganizationsRequest) (*directoryv1.BatchGetOrganizationsResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down {
		return nil, errors.New("directory is down")
	}
	known := map[string]*directoryv1.OrganizationSummary{
		org1: {Kind: directoryv1.Organization_VOLUNTEER_GROUP, State: directoryv1.Organization_VERIFIED},
		org2: {Kind: directoryv1.Organization_NPO_CORPORATION, State: directoryv1.Organization_VERIFIED},
		org3: {Kind: directoryv1.Organization_VOLUNTEER_GROUP, State: directoryv1.Organization_PENDING},
		org4: {Kind: directoryv1.Organization_COMPANY, State: directoryv1.Organization_VERIFIED},
	}
	resp := &directoryv1.BatchGetOrganizationsResponse{}
	for _, id := range req.GetIds() {
		o := known[id]
		if o == nil && strings.HasPrefix(id, "01980000-0000-7000-9000-") { // As many verified groups as a test wants.
			o = &directoryv1.OrganizationSummary{Kind: directoryv1.Organization_VOLUNTEER_GROUP, State: directoryv1.Organization_VERIFIED}
		}
		if o != nil {
			o.Id, o.Name, o.Version = id, "団体"+id[len(id)-1:], 1
			resp.Organizations = append(resp.Organizations, o)
		}
	}
	return resp, nil
}

// world is the service with the sample halls and its people.
type world struct {
	*servicetest.World
	t         testing.TB
	directory *peer
	deps      service.Deps // Of facilities.
}

func start(t testing.TB) *world {
	t.Helper()
	d, w := &peer{}, &world{t: t}
	module := facilities.Module
	module.Register = func(deps service.Deps, r grpc.ServiceRegistrar) {
		w.deps = deps
		facilities.Module.Register(deps, r)
	}
	w.directory = d
	w.World = servicetest.StartWith(t, servicetest.Options{Sample: true}, service.Module{
		Name:       "directory",
		Migrations: fstest.MapFS{"00001_nothing.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n")}},
		Register: func(_ service.Deps, r grpc.ServiceRegistrar) {
			directoryv1.RegisterOrganizationServiceServer(r, d)
			directoryv1.RegisterPrincipalServiceServer(r, d)
		},
	}, module)
	w.exec(`DELETE FROM booking_atom`) // of the sample lotteries
	return w
}

func (w *world) facilities(p auth.Principal) facilitiesv1.FacilityServiceClient {
	return facilitiesv1.NewFacilityServiceClient(w.As(p))
}

func (w *world) rules(p auth.Principal) facilitiesv1.RuleServiceClient {
	return facilitiesv1.NewRuleServiceClient(w.As(p))
}

func (w *world) availability(p auth.Principal) facilitiesv1.AvailabilityServiceClient {
	return facilitiesv1.NewAvailabilityServiceClient(w.As(p))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v %+v", err, status.Convert(err).Details())
	}
}

func today() jp.Date { return jp.DateOf(time.Now()) }

// openDay is the n-th day from tomorrow on, counted from 0, on which halls are
// open and booking online is open already. There are at least 20.
func openDay(n int) jp.Date {
	for d := today().AddDays(1); ; d = d.AddDays(1) {
		newYear := d.Month == time.December && d.Day >= 29 || d.Month == time.January && d.Day <= 3
		if newYear {
			continue
		}
		if n == 0 {
			return d
		}
		n--
	}
}

// exec changes rows as the service itself could.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.DB("facilities").Pool().Exec(w.t.Context(), sql, args...)
	w.must(err)
}

// count reads one number.
func (w *world) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	w.must(w.DB("facilities").QueryRow(w.t.Context(), sql, args...).Scan(&n))
	return n
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
func refused(t testing.TB, err error, want string) {
	t.Helper()
	if got := reason(err); got != want {
		t.Errorf("reason = %q, want %q (%v)", got, want, err)
	}
}

func withKey(ctx context.Context, key string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, rpc.MetaIdempotencyKey, key)
}

// events are the types of an aggregate's events in their order.
func (w *world) events(id, visibility string) string {
	w.t.Helper()
	rows, err := w.DB("facilities").Query(w.t.Context(), `
		SELECT headers->>'ce-type'
		FROM event_log
		WHERE aggregate_id = $1 AND visibility = $2
		ORDER BY position`, id, visibility)
	w.must(err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		w.must(rows.Scan(&name))
		out = append(out, name[strings.LastIndexByte(name, '.')+1:])
	}
	w.must(rows.Err())
	return strings.Join(out, " ")
}
