package gateway

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/gateway/limit"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// dial opens the public gRPC listener and connects to it.
func (e *edge) dial() *grpc.ClientConn {
	e.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(e.t, err)
	go func() { _ = e.GRPC().Serve(l) }() // ends with Stop
	e.t.Cleanup(e.GRPC().Stop)
	conn, err := rpc.Dial(l.Addr().String(), nil)
	check(e.t, err)
	e.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func reasonOf(err error) string {
	if f, ok := rpc.FromStatus(status.Convert(err)); ok {
		return f.Reason
	}
	return status.Code(err).String()
}

func as(token string, pairs ...string) context.Context {
	if token != "" {
		pairs = append(pairs, "authorization", "Bearer "+token)
	}
	return metadata.AppendToOutgoingContext(context.Background(), pairs...)
}

func TestGRPC(t *testing.T) {
	e := start(t)
	client := proposalsv1.NewProposalServiceClient(e.dial())
	resp, err := client.CreateProposal(
		as(e.token("member", optionsv1.Role_ROLE_EDITOR), "idempotency-key", "k", "x-user-id", "1", "kyodo-reason", "r", "cookie", "a=b"),
		&proposalsv1.CreateProposalRequest{CallId: someID, OrganizationId: someID},
	)
	check(t, err)
	if resp.GetProposal().GetId() != someID || e.proposals.caller.ID != personID("member") {
		t.Errorf("%v by %+v", resp, e.proposals.caller)
	}
	if got := e.proposals.seen; got.Get("idempotency-key")[0] != "k" || got.Get("kyodo-reason")[0] != "r" || len(got.Get("x-user-id"))+len(got.Get("cookie")) > 0 {
		t.Errorf("the service sees %v", got)
	}
	_, err = client.CreateProposal(as(e.token("member")), &proposalsv1.CreateProposalRequest{CallId: "x"})
	if reasonOf(err) != "INVALID_FIELD" {
		t.Errorf("a wrong field: %v", err)
	}
	e.proposals.say(fault.ErrETagMismatch)
	if _, err = client.ListProposals(as(""), &proposalsv1.ListProposalsRequest{}); reasonOf(err) != "ETAG_MISMATCH" || status.Code(err) != codes.FailedPrecondition {
		t.Errorf("a service's refusal: %v", err)
	}
}

func TestGRPCRefusals(t *testing.T) {
	e := start(t, func(c *Config) { c.Limits.AnonymousReads = limit.Rate{PerMinute: 60, Burst: 3} })
	conn := e.dial()
	client := proposalsv1.NewProposalServiceClient(conn)
	list := func(ctx context.Context) error {
		_, err := client.ListProposals(ctx, &proposalsv1.ListProposalsRequest{})
		return err
	}
	if err := list(as("rubbish")); reasonOf(err) != "TOKEN_INVALID" {
		t.Errorf("a bad token: %v", err)
	}
	if _, err := client.CreateProposal(as(""), &proposalsv1.CreateProposalRequest{}); reasonOf(err) != "UNAUTHENTICATED" {
		t.Errorf("no token: %v", err)
	}
	_, err := directoryv1.NewPrincipalServiceClient(conn).ResolvePrincipal(as(e.token("admin", optionsv1.Role_ROLE_ADMINISTRATOR)), &directoryv1.ResolvePrincipalRequest{Issuer: "a", Subject: "b"})
	if reasonOf(err) != "PERMISSION_DENIED" {
		t.Errorf("an RPC for services: %v", err)
	}
	if err := conn.Invoke(as(""), "/kyodo.proposals.v1.ProposalService/Nothing", &proposalsv1.GetProposalRequest{}, &proposalsv1.GetProposalResponse{}); reasonOf(err) != "ROUTE_NOT_FOUND" {
		t.Errorf("an invented RPC: %v", err)
	}
	var last error
	for range 4 {
		last = list(as(""))
	}
	if reasonOf(last) != "RATE_LIMITED" || status.Code(last) != codes.ResourceExhausted {
		t.Errorf("too many: %v", last)
	}
}

func TestGRPCStreams(t *testing.T) {
	e := start(t)
	client := proposalsv1.NewAttachmentServiceClient(e.dial())
	ctx := as(e.token("desk", optionsv1.Role_ROLE_DESK))
	up, err := client.UploadAttachment(ctx)
	check(t, err)
	check(t, up.Send(&proposalsv1.UploadAttachmentRequest{Part: &proposalsv1.UploadAttachmentRequest_Header{
		Header: &proposalsv1.AttachmentHeader{ProposalId: someID, Kind: "REPORT", FileName: "a.pdf"},
	}}))
	for range 40 {
		check(t, up.Send(&proposalsv1.UploadAttachmentRequest{Part: &proposalsv1.UploadAttachmentRequest_Content{Content: make([]byte, 64<<10)}}))
	}
	resp, err := up.CloseAndRecv()
	check(t, err)
	if resp.GetAttachment().GetSize() != 40*64<<10 {
		t.Errorf("%v", resp)
	}
	down, err := client.DownloadAttachment(ctx, &proposalsv1.DownloadAttachmentRequest{ProposalId: someID, AttachmentId: otherID})
	check(t, err)
	for range 3 {
		_, err := down.Recv()
		check(t, err)
	}
}

func TestGRPCDeadline(t *testing.T) {
	e := start(t)
	client := proposalsv1.NewProposalServiceClient(e.dial())
	e.proposals.delay = time.Second
	ctx, cancel := context.WithTimeout(as(""), 50*time.Millisecond)
	defer cancel()
	if _, err := client.ListProposals(ctx, &proposalsv1.ListProposalsRequest{}); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("%v", err)
	}
}

func TestGRPCHealthAndReflection(t *testing.T) {
	e := start(t)
	conn := e.dial()
	h, err := healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{})
	check(t, err)
	if h.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		t.Errorf("%v", h)
	}
	s, err := reflectionv1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	check(t, err)
	check(t, s.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}))
	resp, err := s.Recv()
	check(t, err)
	names := map[string]bool{}
	for _, n := range resp.GetListServicesResponse().GetService() {
		names[n.GetName()] = true
	}
	if !names["kyodo.proposals.v1.ProposalService"] || !names["kyodo.audit.v1.AuditService"] || names["kyodo.directory.v1.PrincipalService"] {
		t.Errorf("offers %v", names)
	}
	check(t, s.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: "kyodo.proposals.v1.ProposalService"}}))
	if resp, err = s.Recv(); err != nil || len(resp.GetFileDescriptorResponse().GetFileDescriptorProto()) == 0 {
		t.Errorf("%v %v", resp, err)
	}
}

// translated is what services make of an error that is no refusal: the end of the
// call's time is one.
func translated(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.ErrDeadline.Because(err)
	}
	return err
}
