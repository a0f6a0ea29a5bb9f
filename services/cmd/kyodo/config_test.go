package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refused runs the program and returns what it says when it refuses to.
func refused(t *testing.T, args ...string) string {
	t.Helper()
	err := run(t.Context(), args)
	if err == nil {
		t.Fatalf("kyodo %s: no refusal", strings.Join(args, " "))
	}
	return err.Error()
}

func TestRefusesToServeInClearText(t *testing.T) {
	data := t.TempDir()
	for want, args := range map[string][]string{
		"without TLS":                                {"all", "--data", data, "--http-addr", "0.0.0.0:8080"},
		"belong together":                            {"all", "--data", data, "--tls-cert", "cert.pem"},
		"log level":                                  {"all", "--data", data, "--log-level", "loud"},
		"holds no installation":                      {"verify", "audit", "--data", filepath.Join(data, "none")},
		"start one with `kyodo all`":                 {"token", "--data", data, "--as", "desk"},
		"did you mean \"--http-addr\"":               {"all", "--http-adr", "127.0.0.1:1"},
		"must be one of \"directory\",\"proposals\"": {"dead-letters", "redrive", "nothing"},
		"missing flags":                              {"proposals"},
		"--profile must be one of":                   {"all", "--profile", "test"},
	} {
		got := refused(t, args...)
		if !strings.Contains(got, want) {
			t.Errorf("kyodo %s: %q, want %q", strings.Join(args, " "), got, want)
		}
	}
}

func TestUnknownSettingsAreRefusedByName(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kyodo.yaml")
	if err := os.WriteFile(file, []byte("http-adr: 127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := refused(t, "all", "--config", file), `did you mean "http-addr"`; !strings.Contains(got, want) {
		t.Errorf("configuration file: %q, want %q", got, want)
	}
	t.Setenv("KYODO_HTTP_ADRR", "127.0.0.1:1")
	if got, want := refused(t, "token", "--as", "desk", "--data", t.TempDir()), "did you mean KYODO_HTTP_ADDR"; !strings.Contains(got, want) {
		t.Errorf("environment: %q, want %q", got, want)
	}
}

func TestLoopback(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:80": true, "localhost:80": true, "[::1]:80": true, "127.9.9.9:80": true,
		":80": false, "0.0.0.0:80": false, "[::]:80": false, "10.0.0.1:80": false, "example.jp:80": false, "80": false,
	} {
		if got := loopback(addr); got != want {
			t.Errorf("loopback(%q) = %v", addr, got)
		}
	}
}
