package event

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// gather returns a message with those that came with it, at most fetchAhead; where
// events come fast, also those of the next gatherWait.
func (c *consumer) gather(ctx context.Context, batch jetstream.MessageBatch, first jetstream.Msg) []jetstream.Msg {
	group := []jetstream.Msg{first}
	var wait time.Duration
	if c.fast(first) {
		wait = gatherWait
	}
	enough := time.NewTimer(wait)
	defer enough.Stop()
	for len(group) < fetchAhead {
		select {
		case msg, more := <-batch.Messages():
			if !more {
				return group
			}
			c.fast(msg)
			group = append(group, msg)
		case <-enough.C:
			return group
		case <-ctx.Done():
			return group
		}
	}
	return group
}

// fast reports whether the last events, up to this one, were published so close to
// each other that it is worth waiting for more.
func (c *consumer) fast(msg jetstream.Msg) bool {
	meta, err := msg.Metadata()
	if err != nil {
		return false
	}
	c.published = append(c.published, meta.Timestamp)
	if len(c.published) <= fastGaps {
		return false
	}
	c.published = c.published[len(c.published)-fastGaps-1:]
	return meta.Timestamp.Sub(c.published[0]) < fastGaps*fastGap
}

// takeGroup takes messages together where nothing stands in the way, else each for
// itself. What it could not take it gives back.
func (c *consumer) takeGroup(ctx context.Context, group []jetstream.Msg) error {
	if len(group) > 1 {
		if next, together := c.takeTogether(ctx, group); together {
			group = next
		}
	}
	for i, msg := range group {
		err := c.takeInTurn(ctx, msg)
		if err == nil && i < len(group)-1 {
			err = ctx.Err()
		}
		if err != nil {
			for _, rest := range group[i+1:] {
				_ = rest.Nak() // Lost, it is delivered again all the same.
			}
			return err
		}
	}
	return nil
}

// takeTogether takes the messages in one transaction and returns those that were
// held for them. False when one of them is anything but a first delivery in turn
// that succeeds: nothing is taken then, and taken alone each comes to its own end.
func (c *consumer) takeTogether(ctx context.Context, group []jetstream.Msg) (held []jetstream.Msg, ok bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleWait)
	defer cancel()
	deliveries := make([]delivery, len(group))
	for i, msg := range group {
		meta, err := msg.Metadata()
		if err != nil || meta.NumDelivered > 1 {
			return nil, false
		}
		m, err := parse(c.Stream, msg.Subject(), singleValues(msg.Headers()), msg.Data())
		if err != nil {
			return nil, false
		}
		deliveries[i] = delivery{Message: m}
	}
	ends, err := c.apply(ctx, deliveries...)
	if err != nil || len(ends) < len(group) || ends[len(ends)-1] == endGap || ends[len(ends)-1] == endUnknown {
		return nil, false
	}
	last := len(group) - 1
	for i, msg := range group {
		c.count(ends[i])
		if i < last {
			_ = msg.Ack() // Lost, it is a repeat when it comes again.
		}
	}
	c.settle(ctx, doubleAck(ctx, group[last])) // The broker takes them in order.
	for _, d := range deliveries {
		next := turn{d.Subject, d.Sequence + 1}
		if msg := c.held[next]; msg != nil {
			held = append(held, msg)
			delete(c.held, next)
		}
	}
	return held, true
}
