package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
)

// gatewayCommand runs the edge alone.
type gatewayCommand struct {
	clusterConfig `embed:""`
	edgeConfig    `embed:""`
	oidcConfig    `embed:""`

	Data string `help:"Folder for the development issuer's key and the origin; needed for the development issuer only." env:"KYODO_DATA" type:"path"`
}

// Run serves until ctx ends.
func (c *gatewayCommand) Run(ctx context.Context) error {
	began := time.Now()
	log, err := newLogger(c.LogLevel)
	if err != nil {
		return err
	}
	if err := c.edgeConfig.check(); err != nil {
		return err
	}
	signer, err := auth.LoadSigner(c.Keys, auth.Gateway)
	if err != nil {
		return err
	}
	secret, err := seal.LoadKey(c.clusterConfig.SecretFile)
	if err != nil {
		return err
	}
	e, err := startEdge(ctx, edgeParts{
		edgeConfig: c.edgeConfig,
		oidcConfig: c.oidcConfig,
		issuerDir:  filepath.Join(c.Data, "keys"),
		signer:     signer,
		secret:     secret,
		dial:       func(service string) (*grpc.ClientConn, error) { return rpc.Dial(c.address(service), nil) },
		broker:     func() (*nats.Conn, error) { return c.connect(broker.Gateway) },
		grace:      readyWait,
		log:        log,
	})
	if err != nil {
		return err
	}
	if c.Data != "" {
		err = rememberOrigin(c.Data, c.origin())
	}
	if err == nil {
		e.announce(time.Since(began))
		err = e.wait(ctx)
	}
	return errors.Join(err, e.stop(context.WithoutCancel(ctx)))
}

// readSecret reads a file that holds one secret.
func readSecret(path string) (string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("secret: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}
