package rpc_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// TestOrderOfChecks: who may not do it does not learn what is wrong with it.
func TestOrderOfChecks(t *testing.T) {
	w := start(t)
	called := 0
	w.create = func(context.Context, *directoryv1.CreateDepartmentRequest) (*directoryv1.CreateDepartmentResponse, error) {
		called++
		return &directoryv1.CreateDepartmentResponse{}, nil
	}
	wrong := &directoryv1.CreateDepartmentRequest{Name: strings.Repeat("あ", 61) + "\x00"}
	longKey := []string{rpc.MetaIdempotencyKey, strings.Repeat("x", 256)}
	_, err := w.client().CreateDepartment(as(t, auth.Anonymous, "idempotency-key", "x"), wrong)
	wantReason(t, "nobody", fault.ErrUnauthenticated, err)
	_, err = w.client().CreateDepartment(as(t, resident, "idempotency-key", "x"), wrong)
	wantReason(t, "without the role", fault.ErrPermissionDenied, err)
	wantEqual(t, "metadata", map[string]string{"action": "directory.department.create"}, refusal(t, err).Metadata)
	_, err = w.client().CreateDepartment(as(t, administrator, longKey...), wrong)
	wantReason(t, "characters", fault.ErrForbiddenCharacter, err)
	wrong.Name = strings.Repeat("あ", 61)
	_, err = w.client().CreateDepartment(as(t, administrator, longKey...), wrong)
	wantEqual(t, "form before the key", "name", refusal(t, err).Fields[0].Path)
	_, err = w.client().CreateDepartment(as(t, administrator, longKey...), good())
	wantEqual(t, "key", "Idempotency-Key", refusal(t, err).Fields[0].Path)
	wantEqual(t, "calls of the handler", 0, called)
	_, err = w.client().CreateDepartment(as(t, administrator), good())
	must(t, err)
	wantEqual(t, "calls of the handler", 1, called)
}

func good() *directoryv1.CreateDepartmentRequest {
	return &directoryv1.CreateDepartmentRequest{Name: "企画総務課", Kind: directoryv1.Department_SECTION}
}

func TestIdentity(t *testing.T) {
	w := start(t)
	var seen auth.Principal
	w.get = func(ctx context.Context, _ *directoryv1.GetDepartmentRequest) (*directoryv1.GetDepartmentResponse, error) {
		seen = auth.From(ctx)
		return &directoryv1.GetDepartmentResponse{}, nil
	}
	expired := "Bearer " + token(t, auth.Gateway, resident, now.Add(-2*time.Minute))
	for name, c := range map[string]struct {
		pairs []string
		want  auth.Principal
		err   *fault.Error
	}{
		"nobody":            {},
		"person":            {pairs: []string{"authorization", "Bearer " + token(t, auth.Gateway, resident, now)}, want: resident},
		"service":           {pairs: []string{"authorization", "Bearer " + token(t, "proposals", auth.Service("proposals"), now)}, want: auth.Service("proposals")},
		"service's forgery": {pairs: []string{"authorization", "Bearer " + token(t, "proposals", administrator, now)}, err: fault.ErrTokenInvalid},
		"garbage":           {pairs: []string{"authorization", "Bearer garbage"}, err: fault.ErrTokenInvalid},
		"empty token":       {pairs: []string{"authorization", "Bearer "}, err: fault.ErrTokenInvalid},
		"another scheme":    {pairs: []string{"authorization", "Basic YTpi"}, err: fault.ErrTokenInvalid},
		"expired":           {pairs: []string{"authorization", expired}, err: fault.ErrTokenExpired},
		"headers": {pairs: []string{
			"x-user-id", "admin", "x-forwarded-user", "admin", "x-kyodo-principal", `{"kind":"person"}`, "grpcgateway-authorization", expired,
			"grpc-metadata-authorization", expired, "principal", "admin", "cookie", "session=1", "x-roles", "ROLE_ADMINISTRATOR",
		}},
	} {
		seen = auth.Principal{ID: "not called"}
		_, err := w.client().GetDepartment(metadata.AppendToOutgoingContext(t.Context(), c.pairs...), &directoryv1.GetDepartmentRequest{Id: id})
		wantReason(t, name, c.err, err)
		if c.err == nil {
			wantEqual(t, name, c.want, seen)
		}
	}
}

// TestServicesOnly: an RPC for services is for those that it lists.
func TestServicesOnly(t *testing.T) {
	w := start(t)
	w.batch = func(context.Context, *directoryv1.BatchGetDepartmentsRequest) (*directoryv1.BatchGetDepartmentsResponse, error) {
		return &directoryv1.BatchGetDepartmentsResponse{}, nil
	}
	for _, c := range []struct {
		caller auth.Principal
		want   *fault.Error
	}{
		{auth.Service("proposals"), nil},
		{auth.Service("directory"), fault.ErrPermissionDenied},
		{administrator, fault.ErrPermissionDenied},
		{auth.Anonymous, fault.ErrUnauthenticated},
	} {
		_, err := w.client().BatchGetDepartments(as(t, c.caller), &directoryv1.BatchGetDepartmentsRequest{Ids: []string{id}})
		wantReason(t, c.caller.Actor(), c.want, err)
	}
	_, err := w.client().CreateDepartment(as(t, auth.Service("proposals")), good())
	wantReason(t, "a service on a person's RPC", fault.ErrPermissionDenied, err)
}

// frame is sent and read as it is, in place of a message.
type frame struct{ bytes []byte }

type frameCodec struct{ encoding.CodecV2 }

func (frameCodec) Name() string { return "proto" }

func (frameCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.(*frame).bytes)}, nil
}

func (frameCodec) Unmarshal(data mem.BufferSlice, v any) error {
	v.(*frame).bytes = data.Materialize()
	return nil
}

func TestUnreadableBytes(t *testing.T) {
	w := start(t)
	errUnreadable := fault.New(fault.Invalid, "INVALID_UTF8", "", "")
	const create, get = "/kyodo.directory.v1.DepartmentService/CreateDepartment", "/kyodo.directory.v1.DepartmentService/GetDepartment"
	for name, body := range map[string]string{
		"not UTF-8":       "\x0a\x02\xff\xfe",
		"cut":             "\x0a\x7fabc",
		"wrong wire type": "\x0d",
		"garbage":         "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"group":           "\x0b",
	} {
		err := w.conn.Invoke(as(t, administrator), create, &frame{[]byte(body)}, &frame{}, grpc.ForceCodecV2(frameCodec{}))
		wantReason(t, name, errUnreadable, err)
		err = w.conn.Invoke(as(t, auth.Anonymous), get, &frame{[]byte(body)}, &frame{}, grpc.ForceCodecV2(frameCodec{}))
		wantReason(t, name+", public", errUnreadable, err)
		err = w.conn.Invoke(as(t, resident), create, &frame{[]byte(body)}, &frame{}, grpc.ForceCodecV2(frameCodec{}))
		wantReason(t, name+", without the role", fault.ErrPermissionDenied, err)
	}
	// A field that the contract does not have is not an error: clients may be newer.
	w.get = func(context.Context, *directoryv1.GetDepartmentRequest) (*directoryv1.GetDepartmentResponse, error) {
		return &directoryv1.GetDepartmentResponse{}, nil
	}
	newer := append([]byte("\x0a\x24"+id), 0xfa, 0x3f, 0x01, 'x')
	must(t, w.conn.Invoke(as(t, auth.Anonymous), get, &frame{newer}, &frame{}, grpc.ForceCodecV2(frameCodec{})))
}

// TestStreams: the checks hold for streams, for every message of them.
func TestStreams(t *testing.T) {
	w := start(t)
	download := func(ctx context.Context, id string) error {
		s, err := proposalsv1.NewAttachmentServiceClient(w.conn).DownloadAttachment(ctx, &proposalsv1.DownloadAttachmentRequest{ProposalId: id, AttachmentId: id})
		must(t, err)
		_, err = s.Recv()
		return err
	}
	w.download = func(*proposalsv1.DownloadAttachmentRequest, grpc.ServerStreamingServer[proposalsv1.DownloadAttachmentResponse]) error {
		return fault.ErrNotFound
	}
	wantReason(t, "refused by the handler", fault.ErrNotFound, download(as(t, editor), id))
	wantReason(t, "malformed", fault.ErrInvalidField, download(as(t, editor), "x"))
	w.download = func(_ *proposalsv1.DownloadAttachmentRequest, s grpc.ServerStreamingServer[proposalsv1.DownloadAttachmentResponse]) error {
		if auth.From(s.Context()).ID != editor.ID {
			t.Error("the caller is not known")
		}
		panic("in the stream")
	}
	wantReason(t, "panic", fault.ErrInternal, download(as(t, editor), id))

	w.upload = func(s grpc.ClientStreamingServer[proposalsv1.UploadAttachmentRequest, proposalsv1.UploadAttachmentResponse]) error {
		for {
			if _, err := s.Recv(); err != nil {
				return err
			}
		}
	}
	s, err := proposalsv1.NewAttachmentServiceClient(w.conn).UploadAttachment(as(t, auth.Anonymous))
	must(t, err)
	_, err = s.CloseAndRecv()
	wantReason(t, "upload by nobody", fault.ErrUnauthenticated, err)
}

// TestOthers: health and reflection are open; what is not declared is shut.
func TestOthers(t *testing.T) {
	w := start(t)
	_, err := healthv1.NewHealthClient(w.conn).Check(as(t, auth.Anonymous, rpc.MetaIdempotencyKey, "0123456789012345678901"), &healthv1.HealthCheckRequest{})
	must(t, err)
	_, err = healthv1.NewHealthClient(w.conn).Check(t.Context(), &healthv1.HealthCheckRequest{Service: "unknown"})
	wantEqual(t, "unknown service", codes.NotFound, status.Code(err))
	for _, method := range []string{"/kyodo.directory.v1.DepartmentService/Nothing", "/kyodo.nothing.v1.Nothing/Nothing", "/x/y"} {
		err := w.conn.Invoke(as(t, administrator), method, &frame{}, &frame{}, grpc.ForceCodecV2(frameCodec{}))
		if status.Code(err) != codes.Unimplemented {
			t.Errorf("%s: %v", method, err)
		}
	}
}

func TestProtect(t *testing.T) {
	s, err := rpc.NewServer(rpc.ServerConfig{})
	must(t, err)
	s.RegisterService(&grpc.ServiceDesc{ServiceName: "kyodo.nothing.v1.NothingService", HandlerType: (*any)(nil)}, struct{}{})
	if s.Protect() == nil {
		t.Error("a service that is not declared is served")
	}
}
