package rpc_test

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/idempotency"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// TestNoDatabase: the gateway, which imports this package, cannot reach a
// database.
func TestNoDatabase(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	must(t, err)
	for dep := range strings.Lines(string(out)) {
		dep = strings.TrimSpace(dep)
		if strings.Contains(dep, "jackc/pgx") || dep == "database/sql" || strings.HasSuffix(dep, "/kyodo/pkg/pg") {
			t.Errorf("imports %s", dep)
		}
	}
	if !bytes.Contains(out, []byte("kyodo/pkg/auth\n")) {
		t.Errorf("not the dependencies: %.200s", out)
	}
}

// TestIdentityOfCalls: a service speaks in its own name unless it says that it
// speaks in the caller's, and then with the caller's own token.
func TestIdentityOfCalls(t *testing.T) {
	type call struct {
		caller          auth.Principal
		language, trace string
	}
	var seen call
	asked := start(t)
	asked.get = func(ctx context.Context, _ *directoryv1.GetDepartmentRequest) (*directoryv1.GetDepartmentResponse, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		seen = call{auth.From(ctx), strings.Join(md.Get(rpc.MetaLanguage), ","), rpc.TraceID(ctx)}
		if md.Get(rpc.MetaIdempotencyKey) != nil || md.Get(rpc.MetaIfMatch) != nil {
			t.Errorf("passed on: %v", md)
		}
		return &directoryv1.GetDepartmentResponse{}, nil
	}
	signer, err := auth.NewSigner("proposals", key("proposals"))
	must(t, err)
	clock := now
	identity := &rpc.Identity{Signer: signer, Name: "proposals", Now: func() time.Time { return clock }}
	behalf := false
	asking := start(t)
	asking.get = func(ctx context.Context, req *directoryv1.GetDepartmentRequest) (*directoryv1.GetDepartmentResponse, error) {
		if behalf {
			ctx = rpc.OnBehalf(ctx)
		}
		out := &directoryv1.GetDepartmentResponse{}
		return out, identity.Unary(ctx, directoryv1.DepartmentService_GetDepartment_FullMethodName, req, out, asked.conn,
			func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, opts ...grpc.CallOption) error {
				return cc.Invoke(ctx, method, req, reply, opts...)
			})
	}
	for name, c := range map[string]struct {
		behalf bool
		caller auth.Principal
		want   auth.Principal
	}{
		"own name":               {false, editor, auth.Service("proposals")},
		"own name, nobody asked": {false, auth.Anonymous, auth.Service("proposals")},
		"in the caller's":        {true, editor, editor},
		"in nobody's":            {true, auth.Anonymous, auth.Anonymous},
	} {
		behalf = c.behalf
		ctx := as(t, c.caller, rpc.MetaLanguage, "en", rpc.MetaTraceParent, "00-"+trace+"-b7ad6b7169203331-01", rpc.MetaIfMatch, `"1"`)
		_, err := asking.client().GetDepartment(ctx, &directoryv1.GetDepartmentRequest{Id: id})
		must(t, err)
		wantEqual(t, name, c.want.Actor(), seen.caller.Actor())
		wantEqual(t, name+": language", "en", seen.language)
		wantEqual(t, name+": trace", trace, seen.trace)
	}
	// The token is signed anew long before it ends: the asked server, whose clock
	// stands still, refuses one from the future.
	behalf = false
	clock = now.Add(50 * time.Second)
	_, err = asking.client().GetDepartment(as(t, auth.Anonymous), &directoryv1.GetDepartmentRequest{Id: id})
	if err == nil {
		t.Error("the token of 50 s ago was sent")
	}
}

// TestKeyReachesTransaction: a call with a key has a claim, a read has none.
func TestKeyReachesTransaction(t *testing.T) {
	w := start(t)
	var claim *idempotency.Claim
	w.create = func(ctx context.Context, _ *directoryv1.CreateDepartmentRequest) (*directoryv1.CreateDepartmentResponse, error) {
		claim = idempotency.Take(ctx)
		if idempotency.Take(ctx) != nil {
			t.Error("taken twice")
		}
		return &directoryv1.CreateDepartmentResponse{}, nil
	}
	w.get = func(ctx context.Context, _ *directoryv1.GetDepartmentRequest) (*directoryv1.GetDepartmentResponse, error) {
		claim = idempotency.Take(ctx)
		return &directoryv1.GetDepartmentResponse{}, nil
	}
	_, err := w.client().GetDepartment(as(t, administrator, rpc.MetaIdempotencyKey, "key"), &directoryv1.GetDepartmentRequest{Id: id})
	must(t, err)
	if claim != nil {
		t.Error("a read has a claim")
	}
	_, err = w.client().CreateDepartment(as(t, administrator), good())
	must(t, err)
	if claim != nil {
		t.Error("a call without a key has a claim")
	}
	prints := map[string]bool{}
	for range 2 {
		_, err = w.client().CreateDepartment(as(t, administrator, rpc.MetaIdempotencyKey, "key"), good())
		must(t, err)
		wantEqual(t, "claim", []string{"admin", directoryv1.DepartmentService_CreateDepartment_FullMethodName, "key"},
			[]string{claim.Caller, claim.Method, claim.Key})
		prints[string(claim.Fingerprint)] = true
	}
	wantEqual(t, "fingerprints of one request", 1, len(prints))

	answer := &directoryv1.CreateDepartmentResponse{Department: &directoryv1.Department{Name: "企画総務課"}}
	sealed, err := claim.Seal(answer)
	must(t, err)
	if bytes.Contains(sealed, []byte("企画")) {
		t.Error("stored in plain")
	}
	for _, wrong := range []any{nil, "text", &directoryv1.GetDepartmentResponse{}} {
		if _, err := claim.Seal(wrong); err == nil {
			t.Errorf("%T would be given again as the answer", wrong)
		}
	}
}
