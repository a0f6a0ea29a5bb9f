package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth/issuer"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/services/cmd/internal/installed"
)

// issuerPath is where the edge shows the development issuer.
const issuerPath = "/dev/oidc"

// tokenCommand prints a token of a sample person.
type tokenCommand struct {
	Data   string `help:"Folder of the installation." default:".data" env:"KYODO_DATA" type:"path"`
	Origin string `help:"Origin of the installation; the one it last ran with when empty." env:"KYODO_ORIGIN"`
	As     string `help:"Sample person: resident, member, representative, member2, representative2, coordinator, staff, staff2, desk, approver, reviewer, reviewer2, clerk, auditor or admin." required:"" placeholder:"NAME"`
}

// Run prints the token alone, so that shells can use it.
func (c *tokenCommand) Run() error {
	raw, err := issuer.TokenFromDir(filepath.Join(c.Data, "keys"), originOf(c.Data, c.Origin)+issuerPath, c.As, time.Now())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s has no development issuer: start one with `kyodo all` (make run) first", c.Data)
	}
	if err != nil {
		return err
	}
	fmt.Println(raw)
	return nil
}

// keysCommand makes what the processes of a cluster need to trust each other.
type keysCommand struct {
	Folder string `arg:"" help:"Folder for NAME.key, NAME.pub and installation.secret." type:"path"`
}

// Run makes missing keys and leaves those that are there.
func (c *keysCommand) Run() error {
	for _, name := range append(installed.Names(), auth.Gateway) {
		if _, err := auth.LoadSigner(c.Folder, name); err != nil {
			return err
		}
		fmt.Printf("%s: private, for the process %q alone\n", filepath.Join(c.Folder, name+".key"), name)
	}
	if _, err := seal.LoadKey(filepath.Join(c.Folder, "installation.secret")); err != nil {
		return err
	}
	fmt.Printf("%s: private, for every process\n", filepath.Join(c.Folder, "installation.secret"))
	fmt.Printf("%s: for every process\n", filepath.Join(c.Folder, "*.pub"))
	return nil
}

const defaultOrigin = "http://127.0.0.1:8080"

// rememberOrigin keeps the origin for commands that run beside the process.
func rememberOrigin(data, origin string) error {
	return os.WriteFile(filepath.Join(data, "origin"), []byte(origin+"\n"), 0o644)
}

// originOf returns the given origin, or the one that the installation in data
// last ran with.
func originOf(data, given string) string {
	if given != "" {
		return given
	}
	if raw, err := os.ReadFile(filepath.Join(data, "origin")); err == nil {
		return strings.TrimSpace(string(raw))
	}
	return defaultOrigin
}
