package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// bus is an embedded broker with the streams of two services.
type bus struct {
	*broker.Broker
	t    testing.TB
	dir  string
	js   jetstream.JetStream
	nats *nats.Conn
	sent map[string]int
}

var busServices = []broker.Service{{Name: "directory"}, {Name: "proposals", Consumes: []string{"directory"}}}

func startBus(t testing.TB) *bus {
	t.Helper()
	b := &bus{t: t, dir: t.TempDir(), sent: map[string]int{}}
	b.open()
	for _, s := range busServices {
		_, err := b.js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "KYODO_" + strings.ToUpper(s.Name), Subjects: []string{"kyodo." + s.Name + ".>"}})
		check(t, err)
	}
	t.Cleanup(func() { b.close() })
	return b
}

func (b *bus) open() {
	b.t.Helper()
	var err error
	b.Broker, err = broker.Start(context.Background(), broker.Config{Dir: b.dir, Services: busServices, Log: slog.New(slog.DiscardHandler)})
	check(b.t, err)
	b.nats, err = b.Connect(broker.Steward)
	check(b.t, err)
	b.js, err = jetstream.New(b.nats)
	check(b.t, err)
}

func (b *bus) close() {
	b.nats.Close()
	b.Shutdown()
}

// publish sends an event as a service's relay does.
func (b *bus) publish(service, visibility, aggregate, id, name, data string) {
	b.t.Helper()
	subject := fmt.Sprintf("kyodo.%s.%s.%s.%s", service, visibility, aggregate, id)
	b.sent[subject]++
	m := nats.NewMsg(subject)
	m.Data = []byte(data)
	for k, v := range map[string]string{
		"ce-specversion": "1.0", "ce-id": fmt.Sprintf("0198c2b0-7d5e-7a44-9d6c-%012d", len(b.sent)*1000+b.sent[subject]), "ce-source": "/kyodo/" + service,
		"ce-type": "kyodo." + service + ".v1." + name, "ce-subject": id, "ce-time": "2026-04-01T00:00:00Z",
		"ce-sequence": fmt.Sprint(b.sent[subject]), "ce-epoch": "1",
	} {
		m.Header[k] = []string{v}
	}
	_, err := b.js.PublishMsg(b.t.Context(), m)
	check(b.t, err)
}

// gateway lets an edge use the bus.
func (b *bus) gateway(c *Config) {
	c.Broker = func() (*nats.Conn, error) { return b.Connect(broker.Gateway) }
}

// run keeps Run running until the test ends.
func (e *edge) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = e.Run(ctx) }) // it only ends with ctx
	e.t.Cleanup(func() { cancel(); wg.Wait() })
}

// eventually waits until ok holds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal(what)
		}
	}
}

func TestPrincipalsAreRemembered(t *testing.T) {
	e := start(t)
	token := e.token("member", optionsv1.Role_ROLE_EDITOR)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { e.do(ask{method: "GET", path: "/v1/proposals", token: token}) })
	}
	wg.Wait()
	if n := e.directory.calls(); n != 1 {
		t.Errorf("20 calls at once ask directory %d times", n)
	}
	e.clock.forward(59 * time.Second)
	e.do(ask{method: "GET", path: "/v1/proposals", token: token})
	if n := e.directory.calls(); n != 1 {
		t.Errorf("asked %d times within 60 s", n)
	}
	e.clock.forward(2 * time.Second)
	e.do(ask{method: "GET", path: "/v1/proposals", token: token})
	if n := e.directory.calls(); n != 2 {
		t.Errorf("asked %d times after 61 s", n)
	}
}

// TestRemovedMember holds that a change of a person ends what is remembered at
// once, and that of another person does not.
func TestRemovedMember(t *testing.T) {
	b := startBus(t)
	e := start(t, b.gateway)
	e.run()
	token := e.token("member", optionsv1.Role_ROLE_EDITOR)
	other := e.token("member2")
	body := `{"callId":"` + someID + `","organizationId":"` + someID + `"}`
	create := func() int {
		return e.do(ask{method: "POST", path: "/v1/proposals", body: body, token: token}).StatusCode
	}
	before := e.directory.calls()
	eventually(t, "the edge follows", func() bool {
		b.publish("directory", "public", "organization", otherID, "OrganizationVerified", `{}`)
		e.do(ask{method: "GET", path: "/v1/proposals", token: other})
		return e.directory.calls() > before+1
	})
	if status := create(); status != 201 {
		t.Fatal(status)
	}
	e.directory.set("member", optionsv1.Role_ROLE_RESIDENT)
	began := time.Now()
	b.publish("directory", "ward", "member", otherID, "MemberChanged", `{"memberId":"x","personId":"`+personID("member")+`"}`)
	eventually(t, "the removed member may still write", func() bool { return create() == 403 })
	t.Logf("refused after %s", time.Since(began).Round(time.Millisecond))
	asked := e.directory.calls()
	e.do(ask{method: "GET", path: "/v1/proposals", token: other})
	if e.directory.calls() != asked {
		t.Error("somebody else was forgotten too")
	}
	e.directory.set("member", optionsv1.Role_ROLE_EDITOR)
	b.publish("directory", "public", "organization", otherID, "OrganizationVerified", `{}`)
	eventually(t, "an event about many is not noticed", func() bool { return create() == 201 })
}
