package directory

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// recipients asks as the service that sends notices.
func (w *world) recipients(audiences ...*directoryv1.Audience) []string {
	w.t.Helper()
	resp, err := directoryv1.NewRecipientServiceClient(w.As(auth.Service("outreach"))).BatchGetRecipients(
		metadata.AppendToOutgoingContext(w.t.Context(), rpc.MetaReason, rpc.EncodeReason("通知の送付")),
		&directoryv1.BatchGetRecipientsRequest{Audiences: audiences})
	w.must(err)
	var out []string
	for _, r := range resp.GetRecipients() {
		name, _, _ := strings.Cut(r.GetEmail(), "@")
		if r.GetPersonId() == "" {
			w.t.Errorf("incomplete: %v", r)
		}
		out = append(out, strconv.Itoa(int(r.GetAudience()))+" "+name)
	}
	slices.Sort(out)
	return out
}

func TestRecipients(t *testing.T) {
	t.Parallel()
	w := startWithSample(t)
	head, editor, clerk := w.signIn("representative"), w.signIn("member"), w.signIn("staff")
	organization := head.Memberships[0].OrganizationID
	members := func(roles ...optionsv1.Role) *directoryv1.Audience {
		return &directoryv1.Audience{Of: &directoryv1.Audience_OrganizationId{OrganizationId: organization}, Roles: roles}
	}
	staff := &directoryv1.Audience{Of: &directoryv1.Audience_DepartmentId{DepartmentId: clerk.DepartmentID}, Roles: []optionsv1.Role{optionsv1.Role_ROLE_STAFF}}
	self := &directoryv1.Audience{Of: &directoryv1.Audience_PersonId{PersonId: editor.ID}}
	got := w.recipients(members(optionsv1.Role_ROLE_REPRESENTATIVE), members(optionsv1.Role_ROLE_EDITOR), staff, self)
	for _, want := range []string{"0 representative", "1 member", "2 staff", "3 member"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not told: %q", want, got)
		}
	}
	if slices.Contains(got, "0 member") || slices.Contains(got, "1 representative") {
		t.Errorf("functions are mixed up: %q", got)
	}
	// An address that nobody vouches for gets nothing, and no closed organization does.
	_, err := w.DB("directory").Pool().Exec(t.Context(), `UPDATE person SET email_verified = false WHERE id = $1`, editor.ID)
	w.must(err)
	if got := w.recipients(members(optionsv1.Role_ROLE_EDITOR), self); slices.Contains(got, "0 member") || slices.Contains(got, "1 member") {
		t.Errorf("unverified: %q", got)
	}
	_, err = w.DB("directory").Pool().Exec(t.Context(), `UPDATE organization SET state = 'CLOSED' WHERE id = $1`, organization)
	w.must(err)
	if got := w.recipients(members(optionsv1.Role_ROLE_REPRESENTATIVE)); len(got) != 0 {
		t.Errorf("closed: %q", got)
	}
	// It is logged with its reason, and for the one service only.
	var logged int
	w.must(w.DB("directory").QueryRow(t.Context(), `
		SELECT count(*) FROM audit_entry WHERE action = 'directory.recipient.batchGet' AND reason = '通知の送付'`).Scan(&logged))
	if logged != 3 {
		t.Errorf("%d readings are logged, want 3", logged)
	}
	ask := func(ctx context.Context, by auth.Principal) error {
		_, err := directoryv1.NewRecipientServiceClient(w.As(by)).BatchGetRecipients(ctx, &directoryv1.BatchGetRecipientsRequest{Audiences: []*directoryv1.Audience{self}})
		return err
	}
	w.refused(ask(t.Context(), auth.Service("outreach")), "REASON_REQUIRED")
	w.refused(ask(t.Context(), auth.Service("facilities")), "PERMISSION_DENIED")
	w.refused(ask(t.Context(), w.desk().Principal), "PERMISSION_DENIED")
}

// An audience is bounded, and each is asked for by its index.
func TestRecipientsAreBounded(t *testing.T) {
	t.Parallel()
	w := startWithSample(t)
	head := w.signIn("representative")
	organization := head.Memberships[0].OrganizationID
	for _, sql := range []string{
		`INSERT INTO person (id, issuer, subject, email, email_verified, display_name, version, created_at, updated_at)
		SELECT gen_random_uuid(), 'many', n::text, 'p' || n || '@example.com', true, '見本', 1, now(), now() FROM generate_series(1, 20000) AS n`,
		`INSERT INTO member (id, organization_id, person_id, email, role, state, created_at, updated_at, version)
		SELECT gen_random_uuid(), o.id, p.id, '', 'VIEWER', 'ACTIVE', now(), now(), 1
		FROM (SELECT id, row_number() OVER () AS n FROM organization) AS o
		JOIN (SELECT id, row_number() OVER () AS n FROM person WHERE issuer = 'many') AS p ON p.n % (SELECT count(*) FROM organization) = o.n - 1`,
		`INSERT INTO member (id, organization_id, person_id, email, role, state, created_at, updated_at, version)
		SELECT gen_random_uuid(), '` + organization + `', id, '', 'EDITOR', 'ACTIVE', now(), now(), 1
		FROM (SELECT id FROM person WHERE issuer = 'many' LIMIT 300) AS p
		ON CONFLICT DO NOTHING`,
		`ANALYZE person, member`,
	} {
		_, err := w.DB("directory").Pool().Exec(t.Context(), sql)
		w.must(err)
	}
	all := &directoryv1.Audience{
		Of: &directoryv1.Audience_OrganizationId{OrganizationId: organization}, Roles: []optionsv1.Role{optionsv1.Role_ROLE_EDITOR, optionsv1.Role_ROLE_VIEWER},
	}
	if got := w.recipients(all); len(got) != store.RecipientLimit {
		t.Errorf("%d recipients, want %d", len(got), store.RecipientLimit)
	}
	p := &planner{DB: w.DB("directory")}
	_, err := store.Recipients(t.Context(), p, []store.Audience{{OrganizationID: organization, Roles: []string{"EDITOR"}}}, jp.DateOf(time.Now()))
	w.must(err)
	for _, table := range []string{"member", "person"} {
		if strings.Contains(p.plan, "Seq Scan on "+table) {
			t.Errorf("%s is read as a whole:\n%s", table, p.plan)
		}
	}
}

// planner notes the plan of each query before it runs.
type planner struct {
	*pg.DB
	plan string
}

// Query implements pg.Reader.
func (p *planner) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	rows, err := p.DB.Query(ctx, "EXPLAIN "+sql, args...)
	if err != nil {
		return nil, err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	p.plan = strings.Join(lines, "\n")
	return p.DB.Query(ctx, sql, args...)
}
