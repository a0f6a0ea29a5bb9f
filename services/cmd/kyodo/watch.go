package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/services/cmd/internal/installed"
)

// watchCommand is the example subscriber: it follows domain events on the
// terminal, one JSON line each, and comes back after every interruption where
// it was.
type watchCommand struct {
	Data   string `help:"Folder of the installation, for its origin." default:".data" env:"KYODO_DATA" type:"path"`
	Origin string `help:"Origin of the installation; the one it last ran with when empty." env:"KYODO_ORIGIN"`
	From   string `help:"Cursor of the last event seen: events after it. 'start' for all that the broker keeps." placeholder:"CURSOR"`
	Filter string `help:"Subjects to follow, such as 'kyodo.proposals.public.proposal.>'." default:"kyodo.*.public.>"`
	NATS   string `help:"Read from the broker itself, at this URL, with the read-only account." placeholder:"URL" name:"nats"`
	Token  string `help:"File with a token, to see more than public events." type:"path" placeholder:"FILE"`
}

// Run follows until ctx ends.
func (c *watchCommand) Run(ctx context.Context) error {
	if c.NATS != "" {
		return c.followBroker(ctx)
	}
	for {
		err := c.followREST(ctx)
		if ctx.Err() != nil {
			return nil
		}
		var refused refusal
		if errors.As(err, &refused) {
			return err
		}
		fmt.Fprintln(os.Stderr, "kyodo watch: connection lost, coming back:", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(2 * time.Second):
		}
	}
}

// refusal is an answer that trying again does not change.
type refusal struct{ text string }

// Error returns the problem document's text.
func (r refusal) Error() string { return r.text }

// followREST reads server-sent events and keeps the cursor of the last one.
func (c *watchCommand) followREST(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, originOf(c.Data, c.Origin)+"/v1/domainEvents:watch?subject="+url.QueryEscape(c.Filter), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "text/event-stream")
	if c.From != "" {
		req.Header.Set("Last-Event-ID", c.From)
	}
	if c.Token != "" {
		raw, err := os.ReadFile(c.Token)
		if err != nil {
			return refusal{err.Error()}
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(raw)))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 && resp.StatusCode < 500 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
		return refusal{fmt.Sprintf("%s: %s", resp.Status, text)}
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if id, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			c.From = id
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			fmt.Println(data)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.EOF
}

// followBroker reads each stream through an ordered consumer, as an outside
// program would.
func (c *watchCommand) followBroker(ctx context.Context) error {
	nc, err := nats.Connect(c.NATS, broker.ClientOptions(broker.Subscriber, broker.Subscriber, slog.Default())...)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", c.NATS, err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	for _, name := range installed.Names() {
		stop, err := follow(ctx, js, name, c.Filter, c.From == "start")
		if err != nil {
			return err
		}
		defer stop()
	}
	<-ctx.Done()
	return nil
}

// follow prints one service's events that match the filter.
func follow(ctx context.Context, js jetstream.JetStream, service, filter string, all bool) (stop func(), err error) {
	cfg := jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{strings.Replace(filter, "kyodo.*.", "kyodo."+service+".", 1)},
		DeliverPolicy:  jetstream.DeliverNewPolicy,
	}
	if all {
		cfg.DeliverPolicy = jetstream.DeliverAllPolicy
	}
	consumer, err := js.OrderedConsumer(ctx, event.StreamName(service), cfg)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", event.StreamName(service), err)
	}
	reading, err := consumer.Consume(func(m jetstream.Msg) {
		line := map[string]any{"data": json.RawMessage(m.Data())}
		for key := range m.Headers() {
			if name, ok := strings.CutPrefix(strings.ToLower(key), "ce-"); ok {
				line[name] = m.Headers().Get(key)
			}
		}
		if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
			fmt.Fprintln(os.Stderr, "kyodo watch:", err)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", event.StreamName(service), err)
	}
	return reading.Stop, nil
}
