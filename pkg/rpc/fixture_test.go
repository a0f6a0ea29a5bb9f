package rpc_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

var now = time.Date(2026, time.April, 1, 9, 0, 0, 0, time.UTC)

const id = "0190aaaa-0000-7000-8000-000000000001"

var (
	administrator = auth.Principal{Kind: auth.KindPerson, ID: "admin", Roles: []auth.Role{optionsv1.Role_ROLE_ADMINISTRATOR}}
	editor        = auth.Principal{Kind: auth.KindPerson, ID: "editor", Roles: []auth.Role{optionsv1.Role_ROLE_EDITOR}}
	resident      = auth.Principal{Kind: auth.KindPerson, ID: "resident", Roles: []auth.Role{optionsv1.Role_ROLE_RESIDENT}}
)

// departments answers as a test says.
type departments struct {
	directoryv1.UnimplementedDepartmentServiceServer
	get    func(context.Context, *directoryv1.GetDepartmentRequest) (*directoryv1.GetDepartmentResponse, error)
	create func(context.Context, *directoryv1.CreateDepartmentRequest) (*directoryv1.CreateDepartmentResponse, error)
	update func(context.Context, *directoryv1.UpdateDepartmentRequest) (*directoryv1.UpdateDepartmentResponse, error)
	batch  func(context.Context, *directoryv1.BatchGetDepartmentsRequest) (*directoryv1.BatchGetDepartmentsResponse, error)
}

func (d *departments) GetDepartment(ctx context.Context, req *directoryv1.GetDepartmentRequest) (*directoryv1.GetDepartmentResponse, error) {
	return d.get(ctx, req)
}

func (d *departments) CreateDepartment(ctx context.Context, req *directoryv1.CreateDepartmentRequest) (*directoryv1.CreateDepartmentResponse, error) {
	return d.create(ctx, req)
}

func (d *departments) UpdateDepartment(ctx context.Context, req *directoryv1.UpdateDepartmentRequest) (*directoryv1.UpdateDepartmentResponse, error) {
	return d.update(ctx, req)
}

func (d *departments) BatchGetDepartments(ctx context.Context, req *directoryv1.BatchGetDepartmentsRequest) (*directoryv1.BatchGetDepartmentsResponse, error) {
	return d.batch(ctx, req)
}

// attachments answers a stream as a test says.
type attachments struct {
	proposalsv1.UnimplementedAttachmentServiceServer
	upload   func(grpc.ClientStreamingServer[proposalsv1.UploadAttachmentRequest, proposalsv1.UploadAttachmentResponse]) error
	download func(*proposalsv1.DownloadAttachmentRequest, grpc.ServerStreamingServer[proposalsv1.DownloadAttachmentResponse]) error
}

func (a *attachments) UploadAttachment(s grpc.ClientStreamingServer[proposalsv1.UploadAttachmentRequest, proposalsv1.UploadAttachmentResponse]) error {
	return a.upload(s)
}

func (a *attachments) DownloadAttachment(req *proposalsv1.DownloadAttachmentRequest, s grpc.ServerStreamingServer[proposalsv1.DownloadAttachmentResponse]) error {
	return a.download(req, s)
}

// proposals answers as a test says.
type proposals struct {
	proposalsv1.UnimplementedProposalServiceServer
	make func(context.Context, *proposalsv1.CreateProposalRequest) (*proposalsv1.CreateProposalResponse, error)
}

func (p *proposals) CreateProposal(ctx context.Context, req *proposalsv1.CreateProposalRequest) (*proposalsv1.CreateProposalResponse, error) {
	return p.make(ctx, req)
}

// world is a server whose handlers are set by the test.
type world struct {
	departments
	attachments
	proposals
	conn *grpc.ClientConn

	mu  sync.Mutex
	out bytes.Buffer
}

// errTranslated is an error that the world's Translate knows.
var errTranslated = errors.New("the database is full")

func start(t *testing.T) *world {
	t.Helper()
	w := &world{}
	keys := map[string]ed25519.PublicKey{}
	for _, name := range []string{auth.Gateway, "directory", "proposals"} {
		keys[name] = key(name).Public().(ed25519.PublicKey)
	}
	s, err := rpc.NewServer(rpc.ServerConfig{
		Verifier: auth.NewVerifier(keys),
		Answers:  seal.Key{1},
		Translate: func(err error) error {
			if errors.Is(err, errTranslated) {
				return fault.ErrStorageFull.After(30 * time.Second).Because(err)
			}
			return err
		},
		Now: func() time.Time { return now },
		Log: slog.New(slog.NewJSONHandler(w, nil)),
	})
	must(t, err)
	directoryv1.RegisterDepartmentServiceServer(s, &w.departments)
	proposalsv1.RegisterAttachmentServiceServer(s, &w.attachments)
	proposalsv1.RegisterProposalServiceServer(s, &w.proposals)
	healthv1.RegisterHealthServer(s, health.NewServer())
	must(t, s.Protect())
	l := rpc.NewInProcess()
	go s.Serve(l)
	t.Cleanup(s.Stop)
	w.conn, err = l.Dial()
	must(t, err)
	t.Cleanup(func() { w.conn.Close() })
	return w
}

// Write takes the server's log.
func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}

// lines returns the log so far.
func (w *world) lines(t *testing.T) []map[string]any {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []map[string]any
	for line := range bytes.Lines(w.out.Bytes()) {
		var one map[string]any
		must(t, json.Unmarshal(line, &one))
		all = append(all, one)
	}
	return all
}

func (w *world) client() directoryv1.DepartmentServiceClient {
	return directoryv1.NewDepartmentServiceClient(w.conn)
}

func key(name string) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, name)
	return ed25519.NewKeyFromSeed(seed)
}

func token(t *testing.T, signer string, p auth.Principal, at time.Time) string {
	t.Helper()
	s, err := auth.NewSigner(signer, key(signer))
	must(t, err)
	raw, err := s.Sign(p, at)
	must(t, err)
	return raw
}

// as returns the context of a call by p with further metadata.
func as(t *testing.T, p auth.Principal, pairs ...string) context.Context {
	t.Helper()
	ctx := metadata.AppendToOutgoingContext(t.Context(), pairs...)
	if p.Kind == auth.KindAnonymous {
		return ctx
	}
	signer := auth.Gateway
	if p.Kind == auth.KindService {
		signer = p.ID
	}
	return metadata.AppendToOutgoingContext(ctx, rpc.MetaAuthorization, "Bearer "+token(t, signer, p, now))
}

// refusal returns the fault that a call was answered with.
func refusal(t *testing.T, err error) *fault.Error {
	t.Helper()
	f, ok := rpc.FromStatus(status.Convert(err))
	if !ok {
		t.Fatalf("not a refusal of ours: %v", err)
	}
	return f
}

func wantReason(t *testing.T, what string, want *fault.Error, err error) {
	t.Helper()
	if want == nil {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		return
	}
	if f := refusal(t, err); f.Reason != want.Reason || f.Kind != want.Kind {
		t.Errorf("%s: %v instead of %s", what, err, want.Reason)
	}
}

func wantEqual[T any](t *testing.T, what string, want, got T, opts ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
