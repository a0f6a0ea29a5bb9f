// Package event carries facts from the service where they happened to those
// that want to know: outbox, relay, JetStream, inbox.
//
// # Guarantees
//
// Add writes the event in the transaction of the change: both are there or
// neither. The relay publishes at least once and in commit order per aggregate.
// A Consumer of ours has exactly one effect per event in its database, in order
// per aggregate and visibility; there is no order between aggregates. What a
// consumer cannot handle becomes a dead letter and blocks nothing. Postgres is
// the source: a lost stream is rebuilt from event_log.
package event

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// Visibility says who may read an event; it is a part of its subject.
type Visibility string

// The visibilities.
const (
	Public  Visibility = "public"  // Everybody.
	Ward    Visibility = "ward"    // The ward's staff and services.
	Private Visibility = "private" // Services only.
)

// maxData is the size of an event's body at most; with headers it stays below
// the streams' limit of 256 KiB. One oversized row would stop the relay.
const maxData = 240 << 10

// Event is a fact about one aggregate, to be added to a transaction.
type Event struct {
	Aggregate  string        // Kind of the aggregate, lower case: "proposal".
	ID         string        // The aggregate's id.
	Visibility Visibility    // Who may read it.
	Message    proto.Message // One of the service's events.proto; no personal data.
}

// Add queues e in tx: with the change it is committed and given the next
// sequence of its aggregate and visibility, 1, 2, 3 without holes. The service
// is the one of the message's package, kyodo.<service>.v1.
//
// Events of several aggregates are best added in one order everywhere: two
// transactions that add them crosswise deadlock and one is run again.
//
// An error means that e can never be published (unknown package, an id that is
// no subject token, more than 240 KiB); the transaction must then fail.
func Add(ctx context.Context, tx *pg.Tx, e Event) error {
	r, err := e.entry(ctx, tx)
	if err != nil {
		return err
	}
	tx.Announce()
	tx.Queue(addSQL, e.Aggregate, e.ID, e.Visibility, r.id, r.subject, r.headers, r.data)
	return nil
}

// entry is an event as it is stored, but for its sequence.
type entry struct {
	id      uuid.UUID
	subject string
	headers map[string]string
	data    []byte
}

func (e Event) entry(ctx context.Context, tx *pg.Tx) (*entry, error) {
	name := string(e.Message.ProtoReflect().Descriptor().FullName())
	service, err := serviceOf(name)
	if err != nil {
		return nil, err
	}
	for _, token := range []string{e.Aggregate, e.ID, string(e.Visibility)} {
		if !isToken(token) {
			return nil, fmt.Errorf("event %s: %q cannot be a part of a subject", name, token)
		}
	}
	data, err := encode(e.Message)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", name, err)
	}
	// Random, not ordered by time: nobody can guess an id and have the broker
	// drop the event as a duplicate.
	id, err := uuid.NewRandom()
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", name, err)
	}
	headers := propagation.MapCarrier{
		"ce-specversion": "1.0",
		"ce-id":          id.String(),
		"ce-source":      "/kyodo/" + service,
		"ce-type":        name,
		"ce-subject":     e.ID,
		"ce-time":        tx.Now.UTC().Format(time.RFC3339Nano),
		"content-type":   "application/json",
	}
	propagation.TraceContext{}.Inject(ctx, headers)
	subject := strings.Join([]string{"kyodo", service, string(e.Visibility), e.Aggregate, e.ID}, ".")
	return &entry{id: id, subject: subject, headers: headers, data: data}, nil
}

// addSQL takes the sequence first: the row lock on event_sequence lasts until
// COMMIT, so transactions of one aggregate run one after the other from here,
// and the positions that they are given below follow the order of their
// commits. Between aggregates positions say nothing.
const addSQL = `
	WITH next AS (
		INSERT INTO event_sequence (aggregate, aggregate_id, visibility, last)
		VALUES ($1, $2, $3, 1)
		ON CONFLICT ON CONSTRAINT event_sequence_pkey
		DO UPDATE SET last = event_sequence.last + 1
		RETURNING last
	), complete AS (
		SELECT next.last AS sequence, epoch.epoch, $6::jsonb || jsonb_build_object(
			'ce-sequence', next.last::text,
			'ce-epoch', epoch.epoch) AS headers
		FROM next
		LEFT JOIN event_epoch AS epoch ON true
	), logged AS (
		INSERT INTO event_log (id, aggregate, aggregate_id, visibility, sequence, epoch, subject, headers, data, created_at)
		SELECT $4::uuid, $1, $2, $3, sequence, epoch, $5, headers, $7::bytea, transaction_timestamp()
		FROM complete
	)
	INSERT INTO outbox (id, subject, headers, data, created_at)
	SELECT $4::uuid, $5, headers, $7::bytea, transaction_timestamp()
	FROM complete`

// encode writes m as JSON without the spaces that protojson puts at random.
func encode(m proto.Message) ([]byte, error) {
	raw, err := protojson.Marshal(m)
	if err != nil {
		return nil, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return nil, err
	}
	if compact.Len() > maxData {
		return nil, fmt.Errorf("%d bytes are more than %d", compact.Len(), maxData)
	}
	return compact.Bytes(), nil
}

// serviceOf returns the service of a message kyodo.<service>.v1.<Name>.
func serviceOf(message string) (string, error) {
	part := strings.Split(message, ".")
	if len(part) != 4 || part[0] != "kyodo" || !isToken(part[1]) {
		return "", fmt.Errorf("event %s: not a message of kyodo.<service>.v<n>", message)
	}
	return part[1], nil
}

// isToken reports whether s can stand between the dots of a subject.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == '.' || r == '*' || r == '>' || r >= 0x7f
	})
}

// Message is an event as a consumer gets it.
type Message struct {
	ID       string    // ce-id: the same on every delivery.
	Type     string    // ce-type: full name of the proto message.
	Source   string    // ce-source: "/kyodo/<service>".
	Subject  string    // As published: kyodo.<service>.<visibility>.<aggregate>.<id>.
	Sequence int64     // 1, 2, 3 per aggregate and visibility.
	Epoch    string    // Greater after a restore of the source; compared as text.
	Time     time.Time // Of the change, by the source's database.
	Data     []byte    // protojson of the message.
}

// AggregateID returns the last part of the subject.
func (m Message) AggregateID() string { return m.Subject[strings.LastIndexByte(m.Subject, '.')+1:] }

// Decode reads the body into p, which must be of the message's Type. Fields
// that p does not know, of a newer source, are left out. An error is permanent:
// returned from Handle it makes a dead letter at once.
func (m Message) Decode(p proto.Message) error {
	if name := string(p.ProtoReflect().Descriptor().FullName()); name != m.Type {
		return Permanent(fmt.Errorf("event %s is a %s, not a %s", m.ID, m.Type, name))
	}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(m.Data, p); err != nil {
		return Permanent(fmt.Errorf("event %s (%s): %w", m.ID, m.Type, err))
	}
	return nil
}

// Permanent marks an error of Handle that no repetition will heal.
func Permanent(err error) error { return permanentError{err} }

type permanentError struct{ error }

func (e permanentError) Unwrap() error { return e.error }

func isPermanent(err error) bool {
	var p permanentError
	return errors.As(err, &p)
}
