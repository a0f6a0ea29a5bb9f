package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/chiyoda-kyodo/kyodo/gateway"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth/issuer"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth/oidc"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail/sink"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/services/cmd/internal/installed"
)

// developmentIssuer is the name under which directory knows the sample people.
const developmentIssuer = "development"

// edgeParts is what the edge is put together from.
type edgeParts struct {
	edgeConfig
	oidcConfig
	issuerDir string // Of the development issuer's key.
	signer    *auth.Signer
	secret    seal.Key
	dial      func(service string) (*grpc.ClientConn, error)
	broker    func() (*nats.Conn, error)
	mails     *sink.Sink    // Shown to developers; nil for none.
	grace     time.Duration // Between saying that it stops and stopping.
	log       *slog.Logger
}

// edge is the running REST edge with its public gRPC listener.
type edge struct {
	gateway *gateway.Gateway
	http    *http.Server
	failed  chan error
	stopRun context.CancelFunc
	ran     chan struct{}
	parts   edgeParts
	sampled bool // Whether the development issuer is there.
}

// startEdge serves REST and gRPC until stop.
func startEdge(ctx context.Context, p edgeParts) (*edge, error) {
	e := &edge{failed: make(chan error, 2), ran: make(chan struct{}), parts: p}
	cfg := gateway.Config{
		Backends:       map[string]*grpc.ClientConn{},
		Signer:         p.signer,
		Broker:         p.broker,
		Origin:         p.origin(),
		AllowedOrigins: p.CORS,
		TrustedProxies: p.Proxies,
		Secret:         p.secret.Derive("edge"),
		Now:            time.Now,
		Log:            p.log,
	}
	if p.mails != nil {
		cfg.Mails = p.mails
	}
	if p.Profile == "production" {
		cfg.Limits = gateway.ProductionLimits()
	}
	for _, name := range installed.Names() {
		conn, err := p.dial(name)
		if err != nil {
			return nil, err
		}
		cfg.Backends[name] = conn
	}
	if err := e.signIn(&cfg); err != nil {
		return nil, err
	}
	if p.TLSCert != "" {
		creds, err := credentials.NewServerTLSFromFile(p.TLSCert, p.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("certificate: %w", err)
		}
		cfg.GRPCOptions = []grpc.ServerOption{grpc.Creds(creds)}
	}
	var err error
	if e.gateway, err = gateway.New(cfg); err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.stopRun = stop
	go func() {
		defer close(e.ran)
		if err := e.gateway.Run(running); err != nil {
			p.log.Error("edge", "error", err)
		}
	}()
	return e, e.listen()
}

// signIn sets the issuer whose tokens are taken: the configured one, or the
// development issuer, which serves nothing but this machine.
func (e *edge) signIn(cfg *gateway.Config) error {
	p := e.parts
	source := oidc.Config{
		Name: p.IssuerName, Issuer: p.Issuer, Audiences: p.Audiences, ClientID: p.ClientID,
		RedirectURL: cfg.Origin + "/auth/callback",
	}
	if p.Issuer == "" {
		if p.Profile == "production" || !loopback(p.HTTP) {
			return errors.New("the development issuer serves this machine only: give --oidc-issuer")
		}
		dev, err := issuer.New(issuer.Config{
			Dir: p.issuerDir, Issuer: cfg.Origin + issuerPath, People: issuer.SamplePeople, ClientID: issuer.DefaultClientID,
			RedirectURIs: []string{source.RedirectURL}, SignedOutURIs: []string{cfg.Origin + "/"}, Now: time.Now, Log: p.log,
		})
		if err != nil {
			return err
		}
		cfg.Issuer, cfg.IssuerPath = dev.Handler(), issuerPath
		source.Name, source.Issuer, source.ClientID = developmentIssuer, cfg.Origin+issuerPath, issuer.DefaultClientID
		source.Keys = func() jose.JSONWebKeySet { return dev.Keys() }
		e.sampled = true
	}
	if p.ClientSecretFile != "" {
		secret, err := readSecret(p.ClientSecretFile)
		if err != nil {
			return err
		}
		source.ClientSecret = secret
	}
	if len(source.Audiences) == 0 {
		source.Audiences = []string{source.ClientID}
	}
	verifier, err := oidc.NewVerifier(oidc.Options{Issuers: []oidc.Config{source}, Now: time.Now, Log: p.log})
	if err != nil {
		return err
	}
	cfg.Verifier = verifier
	cfg.SignIn, err = verifier.SignIn(source.Name)
	return err
}

// listen serves both protocols; a listener that fails ends the process.
func (e *edge) listen() error {
	p := e.parts
	rest, err := net.Listen("tcp", p.HTTP)
	if err != nil {
		return fmt.Errorf("listen for REST: %w (another program may use the address; choose one with --http-addr)", err)
	}
	e.http = gateway.Server(e.gateway.Handler(), gateway.Connections{Exempt: p.Proxies})
	go func() {
		if p.TLSCert != "" {
			e.failed <- e.http.ServeTLS(rest, p.TLSCert, p.TLSKey)
			return
		}
		e.failed <- e.http.Serve(rest)
	}()
	if p.GRPC == "" {
		return nil
	}
	public, err := net.Listen("tcp", p.GRPC)
	if err != nil {
		return fmt.Errorf("listen for gRPC: %w (choose another address with --grpc-addr)", err)
	}
	go func() { e.failed <- e.gateway.GRPC().Serve(public) }()
	return nil
}

// wait returns when ctx ends or a listener fails.
func (e *edge) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-e.failed:
		return err
	}
}

// stop says that the edge is going, waits for balancers to see it, and lets
// calls in flight end, for at most ten seconds.
func (e *edge) stop(ctx context.Context) error {
	e.gateway.Drain()
	if e.parts.grace > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(e.parts.grace):
		}
	}
	short, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	e.gateway.Close()
	e.stopRun()
	<-e.ran
	var err error
	if e.http != nil {
		err = e.http.Shutdown(short)
	}
	done := make(chan struct{})
	go func() { e.gateway.GRPC().GracefulStop(); close(done) }()
	select {
	case <-done:
	case <-short.Done():
		e.gateway.GRPC().Stop()
	}
	return err
}

// announce tells a person at the terminal what to do next.
func (e *edge) announce(took time.Duration) {
	origin := e.parts.origin()
	var t strings.Builder
	fmt.Fprintf(&t, "Kyodo is ready (%.1f s).\n  Web pages               %s\n  REST and documentation  %s/docs\n", took.Seconds(), origin, origin)
	if e.parts.GRPC != "" {
		fmt.Fprintf(&t, "  gRPC                    %s\n", e.parts.GRPC)
	}
	if e.parts.mails != nil {
		fmt.Fprintf(&t, "  Mails that were sent    %s%s\n", origin, gateway.MailsPath)
	}
	if e.sampled {
		t.WriteString("  A sample person's token ./bin/kyodo token --as desk\n")
	}
	t.WriteString("  Follow domain events    ./bin/kyodo watch\n")
	fmt.Print(t.String())
}
