package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// fail calls an RPC whose handler ends with err.
func (w *world) fail(ctx context.Context, err error) error {
	w.get = func(context.Context, *directoryv1.GetDepartmentRequest) (*directoryv1.GetDepartmentResponse, error) {
		return nil, err
	}
	_, err = w.client().GetDepartment(ctx, &directoryv1.GetDepartmentRequest{Id: id})
	return err
}

const trace = "0af7651916cd43dd8448eb211c80319c"

// TestUnexpected: of a panic and of an unknown error the caller sees an incident
// number, and the log has the rest in one line.
func TestUnexpected(t *testing.T) {
	secret := errors.New("password of the database is 1234")
	for name, end := range map[string]func() error{
		"panic":               func() error { panic(secret) },
		"panic with a fault":  func() error { panic(fault.ErrNotFound) },
		"unknown error":       func() error { return fmt.Errorf("query: %w", secret) },
		"INTERNAL of a peer":  func() error { return status.Error(codes.Internal, secret.Error()) },
		"UNKNOWN of a peer":   func() error { return status.Error(codes.Unknown, secret.Error()) },
		"incident of a peer":  func() error { return rpc.Status(fault.ErrInternal.With("incident", secret.Error()), "").Err() },
		"NOT_FOUND of others": func() error { return status.Error(codes.NotFound, secret.Error()) },
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t)
			w.get = func(context.Context, *directoryv1.GetDepartmentRequest) (*directoryv1.GetDepartmentResponse, error) {
				return nil, end()
			}
			_, err := w.client().GetDepartment(as(t, resident, rpc.MetaTraceParent, "00-"+trace+"-b7ad6b7169203331-01"), &directoryv1.GetDepartmentRequest{Id: id})
			f := refusal(t, err)
			incident := f.Metadata["incident"]
			if f.Kind != fault.Internal || f.Reason != "INTERNAL" || !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(incident) {
				t.Errorf("answered %v", err)
			}
			if all := fmt.Sprint(status.Convert(err).Proto()); strings.Contains(all, "1234") || strings.Contains(all, "goroutine") {
				t.Errorf("the caller sees %s", all)
			}
			lines := w.lines(t)
			if len(lines) != 1 {
				t.Fatalf("%d lines", len(lines))
			}
			logged, _ := lines[0]["error"].(string)
			if !strings.Contains(logged, "1234") && name != "panic with a fault" && name != "incident of a peer" {
				t.Errorf("logged %q", logged)
			}
			if strings.HasPrefix(name, "panic") && !strings.Contains(logged, "answer_test.go") {
				t.Errorf("no stack in %q", logged)
			}
			delete(lines[0], "error")
			wantEqual(t, "line", map[string]any{
				"time": lines[0]["time"], "level": "ERROR", "msg": "rpc", "method": "/kyodo.directory.v1.DepartmentService/GetDepartment",
				"code": "Internal", "took": 0.0, "actor": "resident", "trace": trace, "reason": "INTERNAL", "incident": incident,
			}, lines[0])
			w.get = func(context.Context, *directoryv1.GetDepartmentRequest) (*directoryv1.GetDepartmentResponse, error) {
				return &directoryv1.GetDepartmentResponse{}, nil
			}
			_, err = w.client().GetDepartment(as(t, resident), &directoryv1.GetDepartmentRequest{Id: id})
			must(t, err) // the process goes on
		})
	}
}

// TestLogLines: one line a call, with who and how it ended, and nothing of what
// was sent.
func TestLogLines(t *testing.T) {
	w := start(t)
	w.create = func(context.Context, *directoryv1.CreateDepartmentRequest) (*directoryv1.CreateDepartmentResponse, error) {
		return &directoryv1.CreateDepartmentResponse{}, nil
	}
	_, err := w.client().CreateDepartment(as(t, administrator), good())
	must(t, err)
	_ = w.fail(as(t, auth.Anonymous), fault.ErrNotFound.Because(errors.New("canary")))
	_ = w.fail(as(t, auth.Service("proposals")), errTranslated)
	_, _ = w.client().CreateDepartment(as(t, resident), good())
	type line struct{ level, code, actor, reason string }
	var got []line
	for _, l := range w.lines(t) {
		one := func(k string) string { s, _ := l[k].(string); return s }
		got = append(got, line{one("level"), one("code"), one("actor"), one("reason")})
		if strings.Contains(fmt.Sprint(l), "企画総務課") || strings.Contains(fmt.Sprint(l), "canary") {
			t.Errorf("logged %v", l)
		}
	}
	wantEqual(t, "lines", []line{
		{"INFO", "OK", "admin", ""},
		{"INFO", "NotFound", "anonymous", "RESOURCE_NOT_FOUND"},
		{"WARN", "Unavailable", "service:proposals", "STORAGE_FULL"},
		{"INFO", "PermissionDenied", "resident", "PERMISSION_DENIED"},
	}, got, cmp.AllowUnexported(line{}))
}

// TestStatus holds the whole answer against the contract, in both languages.
func TestStatus(t *testing.T) {
	w := start(t)
	f := fault.New(fault.Exhausted, "FULL", "満員です。", "Full.").
		With("seats", "3").
		On(fault.Field{Path: "budget.rows[2].amount", Reason: "INVALID_FIELD", Ja: "多すぎます。", En: "Too much."}).
		After(90 * time.Second).
		Because(errors.New("hidden"))
	for accept, lang := range map[string]string{
		"": "ja", "ja": "ja", "en": "en", "en-US,en;q=0.9": "en", "fr": "ja", "fr, en;q=0.5, ja;q=0.1": "en", "JA-jp": "ja", ";;,": "ja",
	} {
		texts := map[string][2]string{"ja": {"満員です。", "多すぎます。"}, "en": {"Full.", "Too much."}}[lang]
		st := status.Convert(w.fail(as(t, auth.Anonymous, rpc.MetaLanguage, accept), f))
		wantEqual(t, "code for "+accept, codes.ResourceExhausted, st.Code())
		wantEqual(t, "message for "+accept, "Full.", st.Message())
		want := []any{
			&errdetails.ErrorInfo{Reason: "FULL", Domain: "kyodo", Metadata: map[string]string{"seats": "3"}},
			&errdetails.LocalizedMessage{Locale: lang, Message: texts[0]},
			&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{
				Field: "budget.rows[2].amount", Reason: "INVALID_FIELD", Description: "Too much.",
				LocalizedMessage: &errdetails.LocalizedMessage{Locale: lang, Message: texts[1]},
			}}},
			&errdetails.RetryInfo{RetryDelay: durationpb.New(90 * time.Second)},
		}
		wantEqual(t, "details for "+accept, want, st.Details(), protocmp.Transform())
	}
	wantEqual(t, "details without fields and retry", 2, len(status.Convert(w.fail(t.Context(), fault.ErrNotFound)).Details()))
}

// TestCodes: each kind has its code, and no other kind has the same.
func TestCodes(t *testing.T) {
	want := map[fault.Kind]codes.Code{
		fault.Internal: codes.Internal, fault.Invalid: codes.InvalidArgument, fault.Unauthenticated: codes.Unauthenticated,
		fault.Denied: codes.PermissionDenied, fault.NotFound: codes.NotFound, fault.Exists: codes.AlreadyExists,
		fault.Precondition: codes.FailedPrecondition, fault.Aborted: codes.Aborted, fault.Exhausted: codes.ResourceExhausted,
		fault.Unavailable: codes.Unavailable, fault.Deadline: codes.DeadlineExceeded, fault.Cancelled: codes.Canceled,
	}
	for _, kind := range slices.Sorted(maps.Keys(want)) {
		f := fault.New(kind, "REASON", "日本語", "English").With("k", "v").On(fault.Missing("a.b")).After(time.Second)
		st := rpc.Status(f, "ja")
		wantEqual(t, fmt.Sprint("code of ", kind), want[kind], st.Code())
		back, ok := rpc.FromStatus(st)
		if !ok {
			t.Errorf("kind %d is not read back", kind)
		}
		wantEqual(t, "read back", f, back, cmpopts.IgnoreUnexported(fault.Error{}))
	}
	if _, ok := rpc.FromStatus(status.New(codes.NotFound, "")); ok {
		t.Error("a status of others is a refusal of ours")
	}
	foreign, err := status.New(codes.NotFound, "").WithDetails(&errdetails.ErrorInfo{Reason: "X", Domain: "googleapis.com"})
	must(t, err)
	if _, ok := rpc.FromStatus(foreign); ok {
		t.Error("a status of another domain is a refusal of ours")
	}
}

// TestPassedOn: what a service that was asked answered reaches the caller as it
// was, and its absence as that of a dependency.
func TestPassedOn(t *testing.T) {
	w := start(t)
	full := fault.New(fault.Precondition, "FULL", "満員です。", "Full.").With("seats", "3").On(fault.Missing("name")).After(time.Second)
	for name, c := range map[string]struct {
		err  error
		want *fault.Error
	}{
		"refusal":          {rpc.Status(full, "ja").Err(), full},
		"wrapped refusal":  {fmt.Errorf("organization 5: %w", rpc.Status(full, "ja").Err()), full},
		"joined refusal":   {errors.Join(errors.New("inner detail"), rpc.Status(full, "ja").Err()), full},
		"absence":          {status.Error(codes.Unavailable, "dial unix /secret: refused"), fault.ErrDependencyUnavailable.After(2 * time.Second)},
		"time is over":     {status.Error(codes.DeadlineExceeded, "x"), fault.ErrDeadline},
		"caller went away": {status.Error(codes.Canceled, "x"), fault.ErrCancelled},
		"not served":       {status.Error(codes.Unimplemented, "x"), fault.ErrDependencyUnavailable},
		"translated":       {fmt.Errorf("x: %w", errTranslated), fault.ErrStorageFull.After(30 * time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			got := status.Convert(w.fail(as(t, auth.Anonymous, rpc.MetaLanguage, "ja"), c.err)).Proto()
			if want := rpc.Status(c.want, "ja").Proto(); !proto.Equal(want, got) {
				t.Errorf("got\n%v\nwant\n%v", got, want)
			}
		})
	}
}
