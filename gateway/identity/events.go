package identity

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	subject   = "kyodo.directory.>"
	typeName  = "ce-type"
	retryWait = time.Second
)

// aboutOnePerson are the events that change what one person may do. Any other
// event of directory may change it for many, such as everybody of an
// intermediary that is suspended.
var aboutOnePerson = map[string]bool{
	"kyodo.directory.v1.MemberChanged":  true,
	"kyodo.directory.v1.StaffChanged":   true,
	"kyodo.directory.v1.SessionRevoked": true,
}

// Follow forgets persons as the events of directory tell, until ctx ends. broker
// is asked again until it answers. After a lost connection everything is
// forgotten, for events may have been missed.
func (x *Exchange) Follow(ctx context.Context, broker func() (*nats.Conn, error), log *slog.Logger) {
	for first := true; ; first = false {
		nc, err := broker()
		if err == nil {
			err = x.follow(ctx, nc)
		}
		if ctx.Err() != nil {
			return
		}
		if first {
			log.LogAttrs(ctx, slog.LevelWarn, "changes of persons are noticed late: no broker", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(retryWait):
		}
	}
}

// follow returns when ctx ends or the subscription cannot be had.
func (x *Exchange) follow(ctx context.Context, nc *nats.Conn) error {
	states := nc.StatusChanged(nats.CONNECTED, nats.CLOSED)
	defer nc.RemoveStatusListener(states)
	sub, err := nc.Subscribe(subject, func(m *nats.Msg) { x.observe(m.Header.Get(typeName), m.Data) })
	if err != nil {
		return err
	}
	defer func() { _ = sub.Unsubscribe() }() // a closed connection has no subscriptions
	if err := nc.Flush(); err != nil {
		return err
	}
	x.ForgetAll()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s, ok := <-states:
			if !ok || s == nats.CLOSED {
				return nats.ErrConnectionClosed
			}
			x.ForgetAll()
		}
	}
}

// observe forgets what an event makes untrue.
func (x *Exchange) observe(eventType string, data []byte) {
	var about struct {
		PersonID string `json:"personId"`
	}
	if aboutOnePerson[eventType] && json.Unmarshal(data, &about) == nil && about.PersonID != "" {
		x.Forget(about.PersonID)
		return
	}
	if !harmless(eventType) {
		x.ForgetAll()
	}
}

// harmless reports whether the event changes nobody's roles.
func harmless(eventType string) bool {
	name := strings.TrimPrefix(eventType, "kyodo.directory.v1.")
	return strings.HasPrefix(name, "Listing") || strings.HasPrefix(name, "Introduction") || strings.HasPrefix(name, "Referral")
}
