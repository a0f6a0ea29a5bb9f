package event

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// doubleAck waits for the broker's word that the acknowledgement is stored. It
// gives up before the messages fetched ahead grow old.
func doubleAck(ctx context.Context, msg jetstream.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	return msg.DoubleAck(ctx)
}

// settle notes an answer that did not reach the broker: it delivers again later,
// and what is committed has no second effect. The messages fetched
// ahead are still good, so the consumer goes on with them.
func (c *consumer) settle(ctx context.Context, err error) {
	if err != nil {
		c.said.failed(ctx, fmt.Errorf("answer to the broker: %w", err))
	} else {
		c.said.healed(ctx)
	}
}
