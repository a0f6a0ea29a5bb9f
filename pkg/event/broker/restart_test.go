package broker_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
)

func TestPasswordsAreKeptAndClosedToOthers(t *testing.T) {
	dir := t.TempDir()
	var first map[string]string
	for i := range 2 {
		b, err := broker.Start(t.Context(), broker.Config{Dir: dir, Services: services, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		b.Shutdown()
		path := filepath.Join(dir, "passwords.json")
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, want 0600", info.Mode().Perm())
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]string
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = got
		} else if got["proposals"] != first["proposals"] {
			t.Error("passwords changed on the second start")
		}
	}
	if len(first["proposals"]) < 20 || first["proposals"] == first["directory"] {
		t.Error("passwords are short or the same")
	}
}

func TestRestart(t *testing.T) {
	b := start(t, "127.0.0.1:0")
	addr := b.Addr()
	nc := connect(t, b, broker.Steward)
	back := make(chan struct{}, 1)
	nc.SetReconnectHandler(func(*nats.Conn) { back <- struct{}{} })
	if err := b.Restart(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-back:
	case <-time.After(20 * time.Second):
		t.Fatal("the connection did not come back")
	}
	if b.Addr() != addr {
		t.Errorf("address %s, want %s again", b.Addr(), addr)
	}
	s, err := stream(t, nc).Stream(t.Context(), "KYODO_PROPOSALS")
	if err != nil {
		t.Fatal(err)
	}
	if n := s.CachedInfo().State.Msgs; n != 3 {
		t.Errorf("stream holds %d messages after the restart, want 3", n)
	}
	// The mirror fills itself again.
	next(t, ordered(t, stream(t, connect(t, b, broker.Subscriber)), "kyodo.proposals.public.>"))
}
