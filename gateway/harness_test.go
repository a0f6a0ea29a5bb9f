package gateway

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth/issuer"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth/oidc"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

const (
	someID  = "0198c2b0-7d5e-7a44-9d6c-3f1f1c7b2a10"
	otherID = "0198c2b0-7d5e-7a44-9d6c-3f1f1c7b2a11"
)

// edge is a gateway before a server with stand-ins for the services. The
// server has all interceptors of the real ones.
type edge struct {
	*Gateway
	t         testing.TB
	url       string
	issuer    *issuer.Issuer
	directory *people
	links     links
	readers   readers
	proposals *desk
	health    *health.Server
	clock     *clock
}

// clock is a clock that tests move.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// start runs an edge; change adapts its settings.
func start(t testing.TB, change ...func(*Config)) *edge {
	t.Helper()
	e := &edge{t: t, clock: &clock{}, health: health.NewServer()}
	e.directory = &people{roles: map[string][]optionsv1.Role{}, sessions: map[string]string{}}
	e.proposals = &desk{}
	seed := sha256.Sum256([]byte("gateway"))
	key := ed25519.NewKeyFromSeed(seed[:])
	signer, err := auth.NewSigner(auth.Gateway, key)
	check(t, err)
	server, err := rpc.NewServer(rpc.ServerConfig{
		Verifier:  auth.NewVerifier(map[string]ed25519.PublicKey{auth.Gateway: key.Public().(ed25519.PublicKey)}),
		Translate: translated, Now: e.clock.now, Log: slog.New(slog.DiscardHandler),
	})
	check(t, err)
	directoryv1.RegisterPrincipalServiceServer(server, e.directory)
	proposalsv1.RegisterProposalServiceServer(server, e.proposals)
	proposalsv1.RegisterAttachmentServiceServer(server, &files{})
	e.registerOutreach(server)
	healthv1.RegisterHealthServer(server, e.health)
	check(t, server.Protect())
	listener := rpc.NewInProcess()
	go func() { _ = server.Serve(listener) }() // ends with Stop
	t.Cleanup(server.Stop)
	conn, err := listener.Dial()
	check(t, err)
	t.Cleanup(func() { _ = conn.Close() })

	web := httptest.NewUnstartedServer(nil)
	e.url = "http://" + web.Listener.Addr().String()
	e.issuer, err = issuer.New(issuer.Config{
		Dir: t.TempDir(), Issuer: e.url + "/dev/oidc", Now: e.clock.now,
		RedirectURIs: []string{e.url + "/auth/callback"}, SignedOutURIs: []string{e.url + "/"},
	})
	check(t, err)
	verifier, err := oidc.NewVerifier(oidc.Options{Now: e.clock.now, Issuers: []oidc.Config{{
		Name: "development", Issuer: e.url + "/dev/oidc", ClientID: issuer.DefaultClientID,
		RedirectURL: e.url + "/auth/callback", Keys: e.issuer.Keys,
	}}})
	check(t, err)
	signIn, err := verifier.SignIn("development")
	check(t, err)
	cfg := Config{
		Backends: map[string]*grpc.ClientConn{"directory": conn, "proposals": conn, "evaluation": conn, "outreach": conn, "facilities": conn},
		Signer:   signer, Verifier: verifier, SignIn: signIn, Issuer: e.issuer.Handler(), IssuerPath: "/dev/oidc",
		Origin: e.url, Secret: seal.Key{1}, Now: e.clock.now, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&cfg)
	}
	e.Gateway, err = New(cfg)
	check(t, err)
	e.problems.NewIncident = func() string { return "00000000deadbeef" }
	web.Config = Server(e.Handler(), Connections{})
	web.Start()
	t.Cleanup(web.Close)
	t.Cleanup(e.Close)
	return e
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// token returns an outside token of a sample person who holds roles.
func (e *edge) token(name string, roles ...optionsv1.Role) string {
	e.t.Helper()
	if roles != nil {
		e.directory.set(name, roles...)
	}
	raw, err := e.issuer.Token(name, time.Hour)
	check(e.t, err)
	return raw
}

// ask is one request; header is "Name: value" a line.
type ask struct {
	method, path, body string
	header             []string
	token              string
}

// do sends a request. A body is JSON unless the header says otherwise.
func (e *edge) do(a ask) *http.Response {
	e.t.Helper()
	var body io.Reader
	if a.body != "" {
		body = strings.NewReader(a.body)
	}
	req, err := http.NewRequest(a.method, e.url, body)
	check(e.t, err)
	if req.URL, err = url.Parse(e.url + a.path); err != nil {
		req.URL = &url.URL{Scheme: "http", Host: strings.TrimPrefix(e.url, "http://"), Opaque: a.path}
	}
	if a.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	for _, line := range a.header {
		name, value, _ := strings.Cut(line, ": ")
		if value == "" {
			req.Header.Del(name)
			continue
		}
		req.Header.Add(name, value)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	check(e.t, err)
	e.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// problem sends a request that is refused and returns the document.
func (e *edge) problem(a ask) (problem.Document, *http.Response) {
	e.t.Helper()
	resp := e.do(a)
	var doc problem.Document
	raw := text(e.t, resp)
	if err := json.Unmarshal([]byte(raw), &doc); err != nil {
		e.t.Fatalf("%s %s: %s: %s: %v", a.method, a.path, resp.Status, raw, err)
	}
	if got := resp.Header.Get("Content-Type"); got != problem.MediaType {
		e.t.Errorf("%s %s: type %s", a.method, a.path, got)
	}
	return doc, resp
}

func text(t testing.TB, resp *http.Response) string {
	t.Helper()
	raw, err := io.ReadAll(resp.Body)
	check(t, err)
	return string(raw)
}

// people stands in for directory: persons are known by their subject.
type people struct {
	directoryv1.UnimplementedPrincipalServiceServer
	mu       sync.Mutex
	roles    map[string][]optionsv1.Role
	sessions map[string]string // Subject by secret.
	asked    int
}

func (p *people) set(name string, roles ...optionsv1.Role) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.roles[name] = roles
}

func (p *people) calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// personID derives an id from a name.
func personID(name string) string {
	sum := sha256.Sum256([]byte(name))
	id := []byte(someID)
	const hex = "0123456789abcdef"
	for i := range 12 {
		id[len(id)-1-i] = hex[sum[i]&15]
	}
	return string(id)
}

func (p *people) of(name string) *directoryv1.Principal {
	roles := p.roles[name]
	if roles == nil {
		roles = []optionsv1.Role{optionsv1.Role_ROLE_RESIDENT}
	}
	return &directoryv1.Principal{PersonId: personID(name), DisplayName: "見本 " + name, Roles: roles}
}

func (p *people) ResolvePrincipal(_ context.Context, req *directoryv1.ResolvePrincipalRequest) (*directoryv1.ResolvePrincipalResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	return &directoryv1.ResolvePrincipalResponse{Principal: p.of(req.GetSubject())}, nil
}

func (p *people) CreateSession(_ context.Context, req *directoryv1.CreateSessionRequest) (*directoryv1.CreateSessionResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	secret := strings.Repeat("A", 42) + string(rune('A'+len(p.sessions)))
	for _, person := range issuer.SamplePeople {
		if personID(person.Name) == req.GetPersonId() {
			p.sessions[secret] = person.Name
		}
	}
	return &directoryv1.CreateSessionResponse{SessionId: otherID, Token: secret, ExpireTime: timestamppb.New(time.Now().Add(time.Hour))}, nil
}

func (p *people) ResolveSession(_ context.Context, req *directoryv1.ResolveSessionRequest) (*directoryv1.ResolveSessionResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name, ok := p.sessions[req.GetToken()]
	if !ok {
		return nil, fault.New(fault.Unauthenticated, "SESSION_ENDED", "ログインし直してください。", "Sign in again.")
	}
	return &directoryv1.ResolveSessionResponse{SessionId: otherID, Principal: p.of(name), ExpireTime: timestamppb.New(time.Now().Add(time.Hour))}, nil
}

func (p *people) RevokeSession(_ context.Context, req *directoryv1.RevokeSessionRequest) (*directoryv1.RevokeSessionResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sessions, req.GetToken())
	return &directoryv1.RevokeSessionResponse{}, nil
}

// desk stands in for proposals. answer, when set, decides what every RPC says;
// seen is the metadata of the last call.
type desk struct {
	proposalsv1.UnimplementedProposalServiceServer
	mu     sync.Mutex
	answer error
	panics bool
	delay  time.Duration
	seen   metadata.MD
	caller auth.Principal
	last   any
	rows   int
}

func (d *desk) say(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = err
}

func (d *desk) note(ctx context.Context, req any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen, _ = metadata.FromIncomingContext(ctx)
	d.caller, d.last = auth.From(ctx), req
	if d.panics {
		panic("a service panics")
	}
	if d.delay > 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	return d.answer
}

func (d *desk) CreateProposal(ctx context.Context, req *proposalsv1.CreateProposalRequest) (*proposalsv1.CreateProposalResponse, error) {
	return &proposalsv1.CreateProposalResponse{Proposal: sample(req.GetContent())}, d.note(ctx, req)
}

func (d *desk) UpdateProposal(ctx context.Context, req *proposalsv1.UpdateProposalRequest) (*proposalsv1.UpdateProposalResponse, error) {
	return &proposalsv1.UpdateProposalResponse{Proposal: sample(req.GetProposal().GetContent())}, d.note(ctx, req)
}

func (d *desk) GetProposal(ctx context.Context, req *proposalsv1.GetProposalRequest) (*proposalsv1.GetProposalResponse, error) {
	return &proposalsv1.GetProposalResponse{Proposal: sample(nil)}, d.note(ctx, req)
}

func (d *desk) SubmitProposal(ctx context.Context, req *proposalsv1.SubmitProposalRequest) (*proposalsv1.SubmitProposalResponse, error) {
	return &proposalsv1.SubmitProposalResponse{Proposal: sample(nil)}, d.note(ctx, req)
}

func (d *desk) ListProposals(ctx context.Context, req *proposalsv1.ListProposalsRequest) (*proposalsv1.ListProposalsResponse, error) {
	return &proposalsv1.ListProposalsResponse{Proposals: rows(d.rows), NextPageToken: "next"}, d.note(ctx, req)
}

// rows makes a page of a list.
func rows(n int) []*proposalsv1.ProposalSummary {
	var out []*proposalsv1.ProposalSummary
	for range n {
		out = append(out, &proposalsv1.ProposalSummary{
			Id: someID, Number: "R8-提-0012", Title: "地域の居場所づくり事業（見本）", State: proposalsv1.Proposal_ADOPTED, CallId: otherID, FiscalYear: 2026,
			OrganizationId: otherID, OrganizationName: "見本団体1", LeadDepartmentId: otherID, LeadDepartmentName: "見本 担当課1", UpdateTime: "2026-04-01T01:02:03.456789Z",
		})
	}
	return out
}

func sample(c *proposalsv1.ProposalContent) *proposalsv1.Proposal {
	return &proposalsv1.Proposal{Id: someID, State: proposalsv1.Proposal_DRAFT, Content: c, Etag: `"3"`}
}

// files stands in for the attachments of proposals.
type files struct {
	proposalsv1.UnimplementedAttachmentServiceServer
}

func (*files) UploadAttachment(in grpc.ClientStreamingServer[proposalsv1.UploadAttachmentRequest, proposalsv1.UploadAttachmentResponse]) error {
	first, err := in.Recv()
	if err != nil {
		return err
	}
	a := &typev1.Attachment{Id: otherID, Kind: first.GetHeader().GetKind(), FileName: first.GetHeader().GetFileName()}
	sum := sha256.New()
	for {
		part, err := in.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		a.Size += int64(len(part.GetContent()))
		sum.Write(part.GetContent())
	}
	return in.SendAndClose(&proposalsv1.UploadAttachmentResponse{ProposalId: first.GetHeader().GetProposalId(), Attachment: a})
}

func (*files) DownloadAttachment(_ *proposalsv1.DownloadAttachmentRequest, out grpc.ServerStreamingServer[proposalsv1.DownloadAttachmentResponse]) error {
	a := &typev1.Attachment{Id: otherID, FileName: "会則 2002.pdf", MediaType: "application/pdf", Size: 8, Sha256: "abc"}
	if err := out.Send(&proposalsv1.DownloadAttachmentResponse{Part: &proposalsv1.DownloadAttachmentResponse_Attachment{Attachment: a}}); err != nil {
		return err
	}
	for range 2 {
		if err := out.Send(&proposalsv1.DownloadAttachmentResponse{Part: &proposalsv1.DownloadAttachmentResponse_Content{Content: []byte("%PDF")}}); err != nil {
			return err
		}
	}
	return nil
}
