// Package watch sends domain events to browsers and outside systems as
// server-sent events.
package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
)

const (
	keepAlive   = 15 * time.Second // Between comments; also how often the caller is looked at again.
	writeWithin = 10 * time.Second // For a client to take what is sent.
	askWithin   = 3 * time.Second  // For the broker's answers at the start.
	ahead       = 64               // Events of one stream that wait for a slow client.

	maxStreams    = 500 // Connections in all.
	maxPerAddress = 20  // Connections of one address.
)

// MediaType is the type of the answer.
const MediaType = "text/event-stream"

// Config is what a Server needs.
type Config struct {
	// Connect returns the connection to the broker as a user that may read all
	// streams.
	Connect func() (*nats.Conn, error)
	// Secret signs cursors; all replicas share it.
	Secret seal.Key
	// MaxStreams and MaxPerAddress bound the connections; zero for 500 and 20.
	MaxStreams, MaxPerAddress int
	// KeepAlive is the time between comments; zero for 15 seconds.
	KeepAlive time.Duration
	Now       func() time.Time
}

// Server serves event streams.
type Server struct {
	cfg  Config
	stop context.CancelFunc
	done context.Context //nolint:containedctx // the life of the server, not of a call

	mu        sync.Mutex
	total     int
	byAddress map[string]int
}

// New returns a server without connections.
func New(cfg Config) *Server {
	for _, v := range []struct {
		at       *int
		standard int
	}{{&cfg.MaxStreams, maxStreams}, {&cfg.MaxPerAddress, maxPerAddress}} {
		if *v.at == 0 {
			*v.at = v.standard
		}
	}
	if cfg.KeepAlive == 0 {
		cfg.KeepAlive = keepAlive
	}
	s := &Server{cfg: cfg, byAddress: map[string]int{}}
	s.done, s.stop = context.WithCancel(context.Background())
	return s
}

// Close ends all streams; clients come back with the last id they saw.
func (s *Server) Close() { s.stop() }

// Request is one client.
type Request struct {
	Filter  Filter
	Cursor  string // Last-Event-ID, or "" for what comes from now on.
	Address string // Whose connections are counted together.
	// Who identifies the caller, again and again while the stream lasts. An
	// error ends the stream.
	Who func(context.Context) (auth.Principal, error)
}

// Serve sends events until the client goes, the caller's token ends or Close is
// called. Errors, before anything is sent: DEPENDENCY_UNAVAILABLE,
// INVALID_FIELD for a cursor that is not ours, PERMISSION_DENIED and
// UNAUTHENTICATED for the ward's events, RATE_LIMITED.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, req Request) error {
	caller, err := req.Who(r.Context())
	if err != nil {
		return err
	}
	ward := seesWard(caller)
	if req.Filter.Visibility == "ward" && !ward {
		return denied(caller)
	}
	if !s.enter(req.Address) {
		return fault.ErrRateLimited.After(10 * time.Second)
	}
	defer s.leave(req.Address)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.done, cancel)()
	c := &connection{Server: s, req: req, rc: http.NewResponseController(w), w: w, ward: ward}
	if err := c.open(ctx); err != nil {
		return err
	}
	defer c.closeConsumers()
	h := w.Header()
	h.Set("Content-Type", MediaType)
	h.Set("X-Accel-Buffering", "no") // proxies shall not collect events
	if c.rc.SetReadDeadline(time.Time{}) != nil {
		return nil // the client is gone
	}
	c.send(ctx)
	return nil
}

func denied(p auth.Principal) error {
	if p.Kind == auth.KindAnonymous {
		return fault.ErrUnauthenticated
	}
	return fault.ErrPermissionDenied
}

func (s *Server) enter(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total >= s.cfg.MaxStreams || s.byAddress[address] >= s.cfg.MaxPerAddress {
		return false
	}
	s.total++
	s.byAddress[address]++
	return true
}

func (s *Server) leave(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.byAddress[address]--; s.byAddress[address] == 0 {
		delete(s.byAddress, address)
	}
}

// connection is one client's stream.
type connection struct {
	*Server
	req       Request
	w         http.ResponseWriter
	rc        *http.ResponseController
	ward      bool
	cursor    cursor
	events    chan jetstream.Msg
	consumers []jetstream.ConsumeContext
}

// open starts a consumer on every stream the filter leads to, behind the
// cursor's place in it.
func (c *connection) open(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	nc, err := c.cfg.Connect()
	if err != nil || !nc.IsConnected() {
		return unavailable(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return unavailable(err)
	}
	var old cursor
	if c.req.Cursor != "" {
		if old, err = openCursor(c.cfg.Secret, c.req.Cursor); err != nil {
			return err
		}
	}
	names := js.StreamNames(short)
	c.cursor = cursor{}
	c.events = make(chan jetstream.Msg, ahead)
	for name := range names.Name() {
		if !c.req.Filter.wants(name) {
			if p, ok := old[keyOf(name)]; ok {
				c.cursor[keyOf(name)] = p
			}
			continue
		}
		if err := c.consume(ctx, short, js, name, old); err != nil {
			c.closeConsumers()
			return unavailable(err)
		}
	}
	if err := names.Err(); err != nil || len(c.consumers) == 0 {
		c.closeConsumers()
		return unavailable(err)
	}
	return nil
}

func unavailable(err error) error {
	return fault.ErrDependencyUnavailable.With("dependency", "broker").Because(err)
}

func (c *connection) consume(ctx, short context.Context, js jetstream.JetStream, name string, old cursor) error {
	stream, err := js.Stream(short, name)
	if err != nil {
		return err
	}
	info := stream.CachedInfo()
	place := position{made: info.Created.Unix(), seq: info.State.LastSeq}
	if was, ok := old[keyOf(name)]; ok && was.made == place.made && was.seq <= place.seq {
		place.seq = was.seq
	} else if ok {
		place.seq = 0 // The stream was rebuilt: all of it, so that nothing is missed.
	}
	c.cursor[keyOf(name)] = place
	cons, err := js.OrderedConsumer(short, name, jetstream.OrderedConsumerConfig{
		FilterSubjects:    c.req.Filter.subjects(name, c.ward),
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       place.seq + 1,
		InactiveThreshold: 2 * keepAlive,
	})
	if err != nil {
		return err
	}
	cc, err := cons.Consume(func(m jetstream.Msg) {
		select {
		case c.events <- m:
		case <-ctx.Done():
		}
	}, jetstream.PullMaxMessages(ahead))
	if err != nil {
		return err
	}
	c.consumers = append(c.consumers, cc)
	return nil
}

func (c *connection) closeConsumers() {
	for _, cc := range c.consumers {
		cc.Stop()
	}
}

// send writes events and comments until the client goes or may not hear more.
func (c *connection) send(ctx context.Context) {
	if !c.write(ctx, fmt.Appendf(nil, "retry: 2000\nid: %s\n\n", c.cursor.seal(c.cfg.Secret))) {
		return
	}
	tick := time.NewTicker(c.cfg.KeepAlive)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if !c.write(ctx, []byte(":\n\n")) {
				return
			}
		case m := <-c.events:
			text, err := c.format(m)
			if err != nil || !c.write(ctx, text) {
				return
			}
		}
	}
}

// write sends text if the caller may still hear what he heard at the start.
func (c *connection) write(ctx context.Context, text []byte) bool {
	caller, err := c.req.Who(ctx)
	if err != nil || c.ward && !seesWard(caller) {
		return false
	}
	if c.rc.SetWriteDeadline(c.cfg.Now().Add(writeWithin)) != nil {
		return false
	}
	if _, err := c.w.Write(text); err != nil {
		return false
	}
	return c.rc.Flush() == nil
}

// event is a CloudEvent in its structured JSON form.
type event struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"`
	Time        string          `json:"time"`
	Sequence    json.Number     `json:"sequence"`
	Epoch       string          `json:"epoch"`
	TraceParent string          `json:"traceparent,omitempty"`
	Data        json.RawMessage `json:"data"`
}

// format writes an event and moves the cursor behind it.
func (c *connection) format(m jetstream.Msg) ([]byte, error) {
	meta, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	h := m.Headers()
	data, err := json.Marshal(event{
		SpecVersion: h.Get("ce-specversion"), ID: h.Get("ce-id"), Source: h.Get("ce-source"), Type: h.Get("ce-type"),
		Subject: h.Get("ce-subject"), Time: h.Get("ce-time"), Sequence: json.Number(h.Get("ce-sequence")), Epoch: h.Get("ce-epoch"),
		TraceParent: h.Get("traceparent"), Data: m.Data(),
	})
	if err != nil {
		return nil, err
	}
	c.cursor.move(meta.Stream, meta.Sequence.Stream)
	return fmt.Appendf(nil, "id: %s\nevent: %s\ndata: %s\n\n", c.cursor.seal(c.cfg.Secret), shortName(h.Get("ce-type")), data), nil
}
