package broker_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
)

var services = []broker.Service{
	{Name: "proposals", Consumes: []string{"directory"}},
	{Name: "directory", Consumes: []string{"proposals"}},
}

// start runs a broker with one stream per service, one durable of directory on
// proposals, and three events of proposals, one of each visibility.
func start(t *testing.T, listen string) *broker.Broker {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Config{
		Dir: t.TempDir(), Listen: listen, Services: services, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Shutdown)
	js := stream(t, connect(t, b, broker.Steward))
	for _, s := range services {
		if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
			Name: event.StreamName(s.Name), Subjects: []string{"kyodo." + s.Name + ".>"},
			DenyDelete: true, DenyPurge: true,
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := js.CreateConsumer(t.Context(), "KYODO_PROPOSALS", jetstream.ConsumerConfig{
		Durable: "directory", AckPolicy: jetstream.AckExplicitPolicy,
	}); err != nil {
		t.Fatal(err)
	}
	own := stream(t, connect(t, b, "proposals"))
	for _, visibility := range []string{"public", "ward", "private"} {
		if _, err := own.Publish(t.Context(), "kyodo.proposals."+visibility+".proposal.1", []byte(visibility)); err != nil {
			t.Fatalf("a service publishes its own event: %v", err)
		}
	}
	return b
}

func connect(t *testing.T, b *broker.Broker, user string) *nats.Conn {
	t.Helper()
	nc, err := b.Connect(user)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func stream(t *testing.T, nc *nats.Conn) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// short is the time that a forbidden request is given: the server drops it
// without an answer.
func short(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// ordered opens an ordered consumer as soon as the stream's mirror is there.
func ordered(t *testing.T, js jetstream.JetStream, filter string) jetstream.Consumer {
	t.Helper()
	for {
		c, err := js.OrderedConsumer(t.Context(), "KYODO_PROPOSALS", jetstream.OrderedConsumerConfig{FilterSubjects: []string{filter}})
		if err == nil {
			return c
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
}

func next(t *testing.T, c jetstream.Consumer) jetstream.Msg {
	t.Helper()
	m, err := c.Next(jetstream.FetchMaxWait(5 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSubscriberReadsPublicEvents(t *testing.T) {
	b := start(t, "127.0.0.1:0")
	for name, opt := range map[string]nats.Option{
		"by name":      nats.UserInfo(broker.Subscriber, broker.Subscriber),
		"without name": nats.Name("somebody"),
	} {
		t.Run(name, func(t *testing.T) {
			nc, err := nats.Connect("nats://"+b.Addr(), opt)
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			m := next(t, ordered(t, stream(t, nc), "kyodo.proposals.public.>"))
			if got, want := m.Subject()+" "+string(m.Data()), "kyodo.proposals.public.proposal.1 public"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestSubscriberSeesOnlyPublicEvents(t *testing.T) {
	b := start(t, "")
	js := stream(t, connect(t, b, broker.Subscriber))
	c := ordered(t, js, "kyodo.proposals.public.>")
	next(t, c)
	s, err := js.Stream(t.Context(), "KYODO_PROPOSALS")
	if err != nil {
		t.Fatal(err)
	}
	if n := s.CachedInfo().State.Msgs; n != 1 {
		t.Errorf("mirror holds %d messages, want the public one only", n)
	}
}

func TestSubscriberIsRefused(t *testing.T) {
	b := start(t, "")
	nc := connect(t, b, broker.Subscriber)
	js := stream(t, nc)
	next(t, ordered(t, js, "kyodo.proposals.public.>"))

	for name, try := range forbidden(t, nc, js) {
		if err := try(); err == nil {
			t.Errorf("%s: allowed", name)
		}
	}

	// Everything is as it was.
	steward := stream(t, connect(t, b, broker.Steward))
	s, err := steward.Stream(t.Context(), "KYODO_PROPOSALS")
	if err != nil {
		t.Fatal(err)
	}
	if n := s.CachedInfo().State.Msgs; n != 3 {
		t.Errorf("stream holds %d messages, want 3", n)
	}
	c, err := steward.Consumer(t.Context(), "KYODO_PROPOSALS", "directory")
	if err != nil {
		t.Fatal(err)
	}
	if i := c.CachedInfo(); i.NumPending != 3 || i.NumAckPending != 0 {
		t.Errorf("durable has %d pending and %d delivered, want 3 and 0", i.NumPending, i.NumAckPending)
	}
}

// forbidden lists what a subscriber may not do.
func forbidden(t *testing.T, nc *nats.Conn, js jetstream.JetStream) map[string]func() error {
	consumer := func(cfg jetstream.ConsumerConfig) func() error {
		return func() error {
			_, err := js.CreateOrUpdateConsumer(short(t), "KYODO_PROPOSALS", cfg)
			return err
		}
	}
	return map[string]func() error{
		"consumer on ward":        consumer(jetstream.ConsumerConfig{Name: "w", FilterSubject: "kyodo.proposals.ward.>"}),
		"consumer on everything":  consumer(jetstream.ConsumerConfig{Name: "a", FilterSubject: "kyodo.>"}),
		"consumer without filter": consumer(jetstream.ConsumerConfig{Name: "n"}),
		"consumer with several filters": consumer(jetstream.ConsumerConfig{Name: "s", FilterSubjects: []string{
			"kyodo.proposals.public.a.>", "kyodo.proposals.public.b.>",
		}}),
		"publish": func() error {
			_, err := js.Publish(short(t), "kyodo.proposals.public.proposal.1", []byte("forged"))
			return err
		},
		"read a message": func() error {
			_, err := nc.RequestWithContext(short(t), "$JS.API.STREAM.MSG.GET.KYODO_PROPOSALS", []byte(`{"seq":2}`))
			return err
		},
		"fetch from a service's durable": func() error {
			_, err := nc.RequestWithContext(short(t), "$JS.API.CONSUMER.MSG.NEXT.KYODO_PROPOSALS.directory", nil)
			return err
		},
		"delete a consumer": func() error { return js.DeleteConsumer(short(t), "KYODO_PROPOSALS", "directory") },
		"delete the stream": func() error { return js.DeleteStream(short(t), "KYODO_PROPOSALS") },
		"purge": func() error {
			_, err := nc.RequestWithContext(short(t), "$JS.API.STREAM.PURGE.KYODO_PROPOSALS", nil)
			return err
		},
		"make a stream": func() error {
			_, err := js.CreateStream(short(t), jetstream.StreamConfig{Name: "MINE", Subjects: []string{"mine.>"}})
			return err
		},
		"acknowledge": func() error {
			_, err := nc.RequestWithContext(short(t), "$JS.ACK.KYODO_PROPOSALS.directory.1.1.1.1.1", []byte("+ACK"))
			return err
		},
		"reach the streams behind the mirrors": func() error {
			_, err := nc.RequestWithContext(short(t), "origin.API.CONSUMER.CREATE.KYODO_PROPOSALS.x.kyodo.proposals.public.>", nil)
			return err
		},
	}
}

// TestSubscriberRepliesStayOutside redirects the answers of the mirrors to
// subjects of the streams' account: they must not arrive there.
func TestSubscriberRepliesStayOutside(t *testing.T) {
	b := start(t, "")
	nc := connect(t, b, broker.Subscriber)
	next(t, ordered(t, stream(t, nc), "kyodo.proposals.public.>"))
	for _, reply := range []string{
		"kyodo.proposals.public.proposal.1",
		"origin.API.STREAM.PURGE.KYODO_PROPOSALS",
		"origin.API.CONSUMER.CREATE.KYODO_PROPOSALS.forged.kyodo.proposals.public.>",
		"origin.API.CONSUMER.DELETE.KYODO_PROPOSALS.directory",
		"$JS.API.CONSUMER.DELETE.KYODO_PROPOSALS.directory",
	} {
		if err := nc.PublishRequest("$JS.API.STREAM.INFO.KYODO_PROPOSALS", reply, nil); err != nil {
			t.Fatal(err)
		}
	}
	// An answered request after them on the same connection: they are done.
	if _, err := stream(t, nc).Stream(t.Context(), "KYODO_PROPOSALS"); err != nil {
		t.Fatal(err)
	}
	steward := stream(t, connect(t, b, broker.Steward))
	s, err := steward.Stream(t.Context(), "KYODO_PROPOSALS")
	if err != nil {
		t.Fatal(err)
	}
	if i := s.CachedInfo(); i.State.Msgs != 3 || i.State.Consumers < 1 {
		t.Errorf("stream holds %d messages and %d consumers, want 3 and its durable", i.State.Msgs, i.State.Consumers)
	}
	if _, err := steward.Consumer(t.Context(), "KYODO_PROPOSALS", "directory"); err != nil {
		t.Error(err)
	}
}

func TestServiceStaysWithinItsOwn(t *testing.T) {
	b := start(t, "")
	nc := connect(t, b, "directory")
	js := stream(t, nc)

	c, err := js.Consumer(t.Context(), "KYODO_PROPOSALS", "directory")
	if err != nil {
		t.Fatalf("a service sees its durable: %v", err)
	}
	m := next(t, c)
	if err := m.DoubleAck(t.Context()); err != nil {
		t.Fatalf("a service acknowledges: %v", err)
	}
	if _, err := js.Publish(t.Context(), "kyodo.directory.public.organization.1", nil); err != nil {
		t.Fatalf("a service publishes: %v", err)
	}
	for name, try := range map[string]func() error{
		"publish as another": func() error {
			_, err := js.Publish(short(t), "kyodo.proposals.public.proposal.1", nil)
			return err
		},
		"make a consumer": func() error {
			_, err := js.CreateConsumer(short(t), "KYODO_PROPOSALS", jetstream.ConsumerConfig{Durable: "x"})
			return err
		},
		"change its durable": func() error {
			_, err := js.CreateOrUpdateConsumer(short(t), "KYODO_PROPOSALS", jetstream.ConsumerConfig{Durable: "directory", AckPolicy: jetstream.AckExplicitPolicy})
			return err
		},
		"delete a stream": func() error { return js.DeleteStream(short(t), "KYODO_DIRECTORY") },
		"listen to another's replies": func() error {
			sub, err := nc.SubscribeSync(broker.InboxPrefix("proposals") + ".>")
			if err != nil {
				return err
			}
			_, err = sub.NextMsgWithContext(short(t))
			return err
		},
	} {
		if err := try(); err == nil {
			t.Errorf("%s: allowed", name)
		}
	}
}

func TestGatewayReadsEverythingAndPublishesNothing(t *testing.T) {
	b := start(t, "")
	nc := connect(t, b, broker.Gateway)
	js := stream(t, nc)
	c := ordered(t, js, "kyodo.proposals.ward.>")
	if got := string(next(t, c).Data()); got != "ward" {
		t.Errorf("got %q, want the ward event", got)
	}
	if _, err := js.Publish(short(t), "kyodo.proposals.public.proposal.1", nil); err == nil {
		t.Error("the gateway published an event")
	}
}

// TestSubscriberCannotForgeThroughAnswers has a mirror's answer to a request,
// which repeats the request's configuration, sent on as a request to the
// streams' account: a consumer there could deliver into another stream.
func TestSubscriberCannotForgeThroughAnswers(t *testing.T) {
	b := start(t, "")
	nc := connect(t, b, broker.Subscriber)
	next(t, ordered(t, stream(t, nc), "kyodo.proposals.public.>"))
	err := nc.PublishRequest("$JS.API.CONSUMER.CREATE.KYODO_PROPOSALS.forged.kyodo.proposals.public.>",
		"origin.API.CONSUMER.CREATE.KYODO_PROPOSALS.forged.kyodo.proposals.public.>",
		[]byte(`{"stream_name":"KYODO_PROPOSALS","config":{"name":"forged","filter_subject":"kyodo.proposals.public.>",
			"deliver_policy":"all","ack_policy":"none","deliver_subject":"kyodo.directory.public.organization.1"}}`))
	if err != nil {
		t.Fatal(err)
	}
	// The mirror has made its consumer; its answer was on the way before this one.
	for made := false; !made && t.Context().Err() == nil; {
		_, err := stream(t, nc).PushConsumer(t.Context(), "KYODO_PROPOSALS", "forged")
		made = err == nil
	}
	steward := stream(t, connect(t, b, broker.Steward))
	s, err := steward.Stream(t.Context(), "KYODO_PROPOSALS")
	if err != nil {
		t.Fatal(err)
	}
	lister := s.ConsumerNames(t.Context())
	for name := range lister.Name() {
		if name == "forged" {
			t.Error("a consumer was made in the streams' account")
		}
	}
	d, err := steward.Stream(t.Context(), "KYODO_DIRECTORY")
	if err != nil {
		t.Fatal(err)
	}
	if n := d.CachedInfo().State.Msgs; n != 0 {
		t.Errorf("%d forged events", n)
	}
}
