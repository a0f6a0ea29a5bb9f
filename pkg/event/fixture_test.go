package event_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
)

// noted is the message of the tests: kyodo.proposals.v1.ProposalNoted.
var noted = func() protoreflect.MessageDescriptor {
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name:    proto.String("kyodo/proposals/v1/noted.proto"),
		Package: proto.String("kyodo.proposals.v1"),
		Syntax:  proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{
			Name: proto.String("ProposalNoted"),
			Field: []*descriptorpb.FieldDescriptorProto{{
				Name:   proto.String("note_text"),
				Number: proto.Int32(1),
				Type:   descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
				Label:  descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
			}},
		}},
	}, protoregistry.GlobalFiles)
	if err != nil {
		panic(err)
	}
	return file.Messages().Get(0)
}()

func note(text string) proto.Message {
	m := dynamicpb.NewMessage(noted)
	m.Set(noted.Fields().Get(0), protoreflect.ValueOfString(text))
	return m
}

func textOf(m event.Message) (string, error) {
	p := dynamicpb.NewMessage(noted)
	err := m.Decode(p)
	return p.Get(noted.Fields().Get(0)).String(), err
}

// fixture is an installation of two services: proposals publishes, directory
// consumes and notes what it took in the table seen.
type fixture struct {
	t       testing.TB
	url     string
	source  *pg.DB
	sink    *pg.DB
	broker  *broker.Broker
	steward jetstream.JetStream

	mu     sync.Mutex
	handle func(m event.Message) error // nil for success.
	resets int
}

var quiet = slog.New(slog.DiscardHandler)

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{t: t, url: pgtest.Database(t, "event", migrate)}
	f.source, f.sink = f.pool("proposals"), f.pool("directory")
	var err error
	f.broker, err = broker.Start(t.Context(), broker.Config{
		Dir: t.TempDir(), Log: quiet,
		Services: []broker.Service{{Name: "proposals"}, {Name: "directory", Consumes: []string{"proposals"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.broker.Shutdown)
	f.steward = f.connect(broker.Steward)
	f.ensure()
	return f
}

// migrate makes the schemas of both services.
func migrate(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, schema := range []string{"proposals", "directory"} {
		if _, err := conn.Exec(ctx, `CREATE SCHEMA `+schema); err != nil {
			return err
		}
		if err := pg.Migrate(ctx, url, schema, "platform_version", os.DirFS("../service/platform")); err != nil {
			return err
		}
	}
	_, err = conn.Exec(ctx, `
		CREATE TABLE directory.seen (
			number   bigint GENERATED ALWAYS AS IDENTITY,
			subject  text   NOT NULL,
			sequence bigint NOT NULL,
			note     text   NOT NULL
		)`)
	return err
}

// pool opens the database as a service.
func (f *fixture) pool(schema string) *pg.DB {
	f.t.Helper()
	db, err := pg.Open(f.t.Context(), pg.Config{URL: f.url, Schema: schema})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(db.Close)
	return db
}

func (f *fixture) connect(user string) jetstream.JetStream {
	f.t.Helper()
	nc, err := f.broker.Connect(user)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		f.t.Fatal(err)
	}
	return js
}

// ensure makes the stream and the durable.
func (f *fixture) ensure() {
	f.t.Helper()
	if err := event.EnsureStreams(f.t.Context(), f.steward, event.StreamConfig{}, "proposals"); err != nil {
		f.t.Fatal(err)
	}
	if err := event.EnsureConsumers(f.t.Context(), f.steward, f.consumer().Consumer); err != nil {
		f.t.Fatal(err)
	}
}

// run has f run until stop, or the test's end.
func (f *fixture) run(work func(ctx context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(f.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- work(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			f.t.Errorf("ended with %v", err)
		}
	})
	f.t.Cleanup(stop)
	return stop
}

func (f *fixture) relay() (stop func()) {
	js := f.connect("proposals")
	return f.run(func(ctx context.Context) error {
		return event.RunRelay(ctx, event.RelayConfig{DB: f.source, JS: js, Service: "proposals", Log: quiet})
	})
}

func (f *fixture) consumer() event.ConsumerConfig {
	return event.ConsumerConfig{
		Consumer: event.Consumer{
			Name: "directory", Stream: "proposals",
			Handle: func(ctx context.Context, tx *pg.Tx, m event.Message) error {
				f.mu.Lock()
				defer f.mu.Unlock()
				text, err := textOf(m)
				if err != nil {
					return err
				}
				if f.handle != nil {
					if err := f.handle(m); err != nil {
						return err
					}
				}
				_, err = tx.Exec(ctx, `INSERT INTO seen (subject, sequence, note) VALUES ($1, $2, $3)`, m.Subject, m.Sequence, text)
				return err
			},
			Reset: func(ctx context.Context, tx *pg.Tx) error {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.resets++
				_, err := tx.Exec(ctx, `DELETE FROM seen`)
				return err
			},
		},
		DB: f.sink, Log: quiet,
	}
}

func (f *fixture) setHandle(handle func(m event.Message) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.handle = handle
}

func (f *fixture) consume() (stop func()) {
	cfg := f.consumer()
	cfg.JS = f.connect("directory")
	return f.run(func(ctx context.Context) error { return event.RunConsumer(ctx, cfg) })
}

// add commits one transaction with an event for each text.
func (f *fixture) add(id string, texts ...string) {
	f.t.Helper()
	_, err := pg.InTx(context.Background(), f.source, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		for _, text := range texts {
			err := event.Add(ctx, tx, event.Event{Aggregate: "proposal", ID: id, Visibility: event.Public, Message: note(text)})
			if err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	if err != nil {
		f.t.Errorf("add: %v", err)
	}
}

// publish puts a message of a given sequence and epoch on the stream without
// the outbox.
func (f *fixture) publish(id string, sequence int, epoch string, change ...func(*nats.Msg)) {
	f.t.Helper()
	m := nats.NewMsg("kyodo.proposals.public.proposal." + id)
	for k, v := range map[string]string{
		"ce-specversion": "1.0", "ce-id": eventID(id, sequence), "ce-source": "/kyodo/proposals",
		"ce-type": "kyodo.proposals.v1.ProposalNoted", "ce-subject": id, "ce-time": "2026-11-23T09:00:00Z",
		"ce-sequence": fmt.Sprint(sequence), "ce-epoch": epoch,
	} {
		m.Header[k] = []string{v}
	}
	m.Data = fmt.Appendf(nil, `{"noteText":"%d of %s"}`, sequence, epoch)
	for _, c := range change {
		c(m)
	}
	if _, err := f.steward.PublishMsg(f.t.Context(), m); err != nil {
		f.t.Fatal(err)
	}
}

func eventID(id string, sequence int) string {
	return fmt.Sprintf("00000000-0000-4000-8000-%04x%08x", len(id)+int(id[0]), sequence)
}

func (f *fixture) exec(db *pg.DB, sql string, args ...any) {
	f.t.Helper()
	if _, err := db.Pool().Exec(f.t.Context(), sql, args...); err != nil {
		f.t.Fatal(err)
	}
}

// seen returns "<id> <sequence>" of what was taken, in order.
func (f *fixture) seen() []string {
	f.t.Helper()
	rows, err := f.sink.Query(f.t.Context(), `
		SELECT split_part(subject, '.', 5) || ' ' || sequence
		FROM seen
		ORDER BY number`)
	if err != nil {
		f.t.Fatal(err)
	}
	seen, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		f.t.Fatal(err)
	}
	return seen
}

func (f *fixture) count(db *pg.DB, table string) (n int) {
	f.t.Helper()
	if err := db.QueryRow(f.t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
		f.t.Fatal(err)
	}
	return n
}

// eventually waits until ok holds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			t.Fatalf("%s: not within 60 s", what)
		case <-tick.C:
		}
	}
}
