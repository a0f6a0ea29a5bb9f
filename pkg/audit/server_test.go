package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// serve answers for two services' logs.
func serve(t *testing.T) (s *audit.Server, a, b *ledger) {
	t.Helper()
	a, b = open(t), open(t)
	return &audit.Server{
		Logs:  map[string]*pg.DB{"alpha": a.DB, "beta": b.DB},
		Pages: pg.NewPages([]byte("key")),
		Now:   func() time.Time { return time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC) },
	}, a, b
}

// walk reads all pages and returns "service/object", newest first.
func walk(t *testing.T, s *audit.Server, req *auditv1.ListAuditEntriesRequest) []string {
	t.Helper()
	return walkAs(t, auditor, s, req)
}

var auditor = auth.Principal{Kind: auth.KindPerson, ID: "auditor", Roles: []auth.Role{optionsv1.Role_ROLE_AUDITOR}}

func walkAs(t *testing.T, by auth.Principal, s *audit.Server, req *auditv1.ListAuditEntriesRequest) []string {
	t.Helper()
	ctx := auth.With(t.Context(), by)
	all := []string{}
	for range 1000 {
		resp, err := s.ListAuditEntries(ctx, req)
		must(t, err)
		for _, e := range resp.GetAuditEntries() {
			all = append(all, e.GetService()+"/"+e.GetObjectId())
		}
		if req.PageToken = resp.GetNextPageToken(); req.GetPageToken() == "" {
			return all
		}
		wantEqual(t, "size of a page", int(req.GetPageSize()), len(resp.GetAuditEntries()))
	}
	t.Fatal("the list does not end")
	return nil
}

// TestList: whatever the size of a page, two logs are read without a hole or a
// repeat, also where instants are the same.
func TestList(t *testing.T) {
	s, a, b := serve(t)
	for i := range 6 {
		a.add(t.Context(), fmt.Sprint(i, "x"), fmt.Sprint(i, "y"), fmt.Sprint(i, "z"))
		b.add(t.Context(), fmt.Sprint(i, "x"), fmt.Sprint(i, "y"))
	}
	const same = `UPDATE audit_entry SET at = date_trunc('second', timestamptz '2026-04-01') + substr(object_id, 1, 1)::int / 2 * interval '1 microsecond'`
	a.tamper(same)
	b.tamper(same)
	var want []string
	for i := 5; i > 0; i -= 2 { // two rounds share an instant; in it beta is before alpha
		for _, j := range []int{i, i - 1} {
			want = append(want, fmt.Sprint("beta/", j, "y"), fmt.Sprint("beta/", j, "x"))
		}
		for _, j := range []int{i, i - 1} {
			want = append(want, fmt.Sprint("alpha/", j, "z"), fmt.Sprint("alpha/", j, "y"), fmt.Sprint("alpha/", j, "x"))
		}
	}
	for size := int32(1); size <= 31; size++ {
		wantEqual(t, fmt.Sprint("pages of ", size), want, walk(t, s, &auditv1.ListAuditEntriesRequest{PageSize: size}))
	}
	wantEqual(t, "one service", []string{"beta/5x"}, walk(t, s, &auditv1.ListAuditEntriesRequest{
		Service: "beta", ObjectType: "entry", ObjectId: "5x", PageSize: 1,
	}))
	wantEqual(t, "one object", []string{"beta/3x", "alpha/3x"}, walk(t, s, &auditv1.ListAuditEntriesRequest{ObjectType: "entry", ObjectId: "3x", PageSize: 1}))
	wantEqual(t, "another type", []string{}, walk(t, s, &auditv1.ListAuditEntriesRequest{ObjectType: "other"}))
	wantEqual(t, "another service", []string{}, walk(t, s, &auditv1.ListAuditEntriesRequest{Service: "other"}))
}

// TestListOfADepartment: staff see what was done in their department and nothing
// when they have none.
func TestListOfADepartment(t *testing.T) {
	s, a, _ := serve(t)
	staff := auth.Principal{Kind: auth.KindPerson, ID: "staff", Roles: []auth.Role{optionsv1.Role_ROLE_STAFF}, DepartmentID: "ours"}
	a.add(t.Context(), "nobody's")
	a.add(auth.With(t.Context(), staff), "ours")
	a.add(auth.With(t.Context(), auth.Principal{DepartmentID: "theirs"}), "theirs")
	wantEqual(t, "own department", []string{"alpha/ours"}, walkAs(t, staff, s, &auditv1.ListAuditEntriesRequest{}))
	staff.DepartmentID = ""
	_, err := s.ListAuditEntries(auth.With(t.Context(), staff), &auditv1.ListAuditEntriesRequest{})
	if f, ok := fault.As(err); !ok || f.Reason != fault.ErrPermissionDenied.Reason {
		t.Errorf("without a department: %v", err)
	}
}

func TestListRefuses(t *testing.T) {
	s, a, _ := serve(t)
	ctx := auth.With(t.Context(), auditor)
	a.add(t.Context(), "1", "2")
	first, err := s.ListAuditEntries(ctx, &auditv1.ListAuditEntriesRequest{PageSize: 1})
	must(t, err)
	for name, c := range map[string]struct {
		req  *auditv1.ListAuditEntriesRequest
		want *fault.Error
	}{
		"object without type": {&auditv1.ListAuditEntriesRequest{ObjectId: "1"}, fault.ErrInvalidField},
		"negative size":       {&auditv1.ListAuditEntriesRequest{PageSize: -1}, fault.ErrInvalidPageSize},
		"garbage":             {&auditv1.ListAuditEntriesRequest{PageToken: "x"}, fault.ErrInvalidPageToken},
		"another filter":      {&auditv1.ListAuditEntriesRequest{PageToken: first.GetNextPageToken(), Service: "alpha"}, fault.ErrPageTokenMismatch},
	} {
		_, err := s.ListAuditEntries(ctx, c.req)
		if f, ok := fault.As(err); !ok || f.Reason != c.want.Reason {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVerifyChains(t *testing.T) {
	s, a, b := serve(t)
	now := s.Now()
	s.Now = func() time.Time { return now }
	a.add(t.Context(), "1", "2")
	a.seal()
	b.add(t.Context(), "1")
	b.seal()
	intact := func() []string {
		resp, err := s.VerifyAuditChain(t.Context(), &auditv1.VerifyAuditChainRequest{})
		must(t, err)
		var all []string
		for _, c := range resp.GetChains() {
			all = append(all, fmt.Sprint(c.GetService(), " ", c.GetIntact(), " ", c.GetEntries(), " ", c.GetBrokenAt()))
		}
		return all
	}
	wantEqual(t, "chains", []string{"alpha true 2 0", "beta true 1 0"}, intact())
	b.tamper(`UPDATE audit_entry SET actor = 'x'`)
	now = now.Add(59 * time.Second)
	wantEqual(t, "chains within a minute", []string{"alpha true 2 0", "beta true 1 0"}, intact())
	now = now.Add(time.Second)
	wantEqual(t, "chains after it", []string{"alpha true 2 0", "beta false 0 1"}, intact())
}
