package servicetest_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// ledger is a service without RPCs of its own whose sample is one audit entry.
var ledger = service.Module{
	Name:       "ledger",
	Migrations: fstest.MapFS{"00001_note.sql": {Data: []byte("-- +goose Up\nCREATE TABLE note (text text NOT NULL);")}},
	Register:   func(service.Deps, grpc.ServiceRegistrar) {},
	Sample: func(ctx context.Context, deps service.Deps) error {
		_, err := pg.InTx(ctx, deps.DB, func(ctx context.Context, tx *pg.Tx) (int, error) {
			audit.Add(ctx, tx, audit.Entry{Action: "ledger.sample.load"})
			return 0, nil
		})
		return err
	},
}

func TestWorld(t *testing.T) {
	auditor := servicetest.Staff("a", "d", optionsv1.Role_ROLE_AUDITOR)
	editor := servicetest.Member("m", "o", optionsv1.Role_ROLE_EDITOR)
	empty, sample := servicetest.Start(t, ledger), servicetest.StartWith(t, servicetest.Options{Sample: true}, ledger)
	list := func(w *servicetest.World, p auth.Principal) (int, codes.Code) {
		resp, err := auditv1.NewAuditServiceClient(w.As(p)).ListAuditEntries(t.Context(), &auditv1.ListAuditEntriesRequest{})
		return len(resp.GetAuditEntries()), status.Code(err)
	}
	for _, c := range []struct {
		world   *servicetest.World
		caller  auth.Principal
		entries int
		code    codes.Code
	}{
		{empty, auditor, 0, codes.OK},
		{sample, auditor, 1, codes.OK},
		{sample, editor, 0, codes.PermissionDenied},
		{sample, servicetest.Resident("r"), 0, codes.PermissionDenied},
		{sample, auth.Service("ledger"), 0, codes.PermissionDenied},
		{sample, auth.Anonymous, 0, codes.Unauthenticated},
	} {
		if entries, code := list(c.world, c.caller); entries != c.entries || code != c.code {
			t.Errorf("%s sees %d entries, %s", c.caller.Actor(), entries, code)
		}
	}
	var rows int
	if err := sample.DB("ledger").QueryRow(t.Context(), `SELECT count(*) FROM audit_entry`).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows, %v", rows, err)
	}
	nc, err := sample.Broker.Connect(broker.Subscriber)
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
}

func TestPeople(t *testing.T) {
	resident, editor := optionsv1.Role_ROLE_RESIDENT, optionsv1.Role_ROLE_EDITOR
	for _, c := range []struct{ want, got auth.Principal }{
		{auth.Principal{Kind: auth.KindPerson, ID: "p", Roles: []auth.Role{resident}}, servicetest.Resident("p")},
		{auth.Principal{
			Kind: auth.KindPerson, ID: "p", Roles: []auth.Role{resident, editor},
			Memberships: []auth.Membership{{OrganizationID: "o", Role: editor}},
		}, servicetest.Member("p", "o", editor)},
		{auth.Principal{
			Kind: auth.KindPerson, ID: "p", DepartmentID: "d", Roles: []auth.Role{optionsv1.Role_ROLE_DESK},
		}, servicetest.Staff("p", "d", optionsv1.Role_ROLE_DESK)},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("principal (-want +got):\n%s", diff)
		}
	}
}
