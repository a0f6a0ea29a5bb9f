package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/services/cmd/internal/installed"
)

var update = flag.Bool("update", false, "write deploy/nats/nats.conf")

// An outside broker has the users and permissions of the embedded one.
func TestDeployedBrokerConfiguration(t *testing.T) {
	const file = "../../../deploy/nats/nats.conf"
	passwords := map[string]string{broker.Subscriber: broker.Subscriber}
	for _, user := range append(installed.Names(), broker.Gateway, broker.Steward, broker.Mirrors) {
		passwords[user] = "$NATS_PASSWORD_" + strings.ToUpper(user)
	}
	want := broker.Configuration(broker.ServerConfig{StoreDir: "/data", Services: installed.Participants(), Passwords: passwords})
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("run: go test ./services/cmd/kyodo -run TestDeployedBrokerConfiguration -update\n%s", diff)
	}
}
