package acceptance

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
)

// forbiddenSubjects are what a subscriber may not publish to.
var forbiddenSubjects = []string{
	"kyodo.proposals.public.proposal.x",
	"$JS.API.STREAM.DELETE.KYODO_PROPOSALS",
	"$JS.API.STREAM.PURGE.KYODO_PROPOSALS",
	"$JS.API.STREAM.CREATE.EVIL",
	"$JS.API.STREAM.MSG.GET.KYODO_PROPOSALS",
	"$JS.API.CONSUMER.CREATE.KYODO_PROPOSALS",
	"$JS.API.CONSUMER.CREATE.KYODO_PROPOSALS.x.kyodo.proposals.ward.>",
	"$JS.API.CONSUMER.CREATE.KYODO_PROPOSALS.x.kyodo.>",
	"$JS.API.CONSUMER.DURABLE.CREATE.KYODO_DIRECTORY.proposals",
	"$JS.API.CONSUMER.DELETE.KYODO_DIRECTORY.proposals",
	"$JS.ACK.KYODO_DIRECTORY.proposals.1.1.1.1.0",
}

// outsider connects as the read-only account and tells what is refused.
func (w *world) outsider(t testing.TB) (*nats.Conn, chan error) {
	t.Helper()
	refused := make(chan error, 8)
	nc, err := nats.Connect(w.natsURL, nats.UserInfo(broker.Subscriber, broker.Subscriber),
		nats.CustomInboxPrefix(broker.InboxPrefix(broker.Subscriber)),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc, refused
}

func (w *world) mayPublish(t testing.TB, subject string) bool {
	t.Helper()
	nc, refused := w.outsider(t)
	if err := nc.PublishMsg(&nats.Msg{Subject: subject, Reply: nc.NewRespInbox(), Data: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	return allowed(t, nc, refused)
}

func (w *world) maySubscribe(t testing.TB, subject string) bool {
	t.Helper()
	nc, refused := w.outsider(t)
	if _, err := nc.SubscribeSync(subject); err != nil {
		t.Fatal(err)
	}
	return allowed(t, nc, refused)
}

// allowed waits for the server's word: it answers in order, so that a refusal
// stands before the answer to a ping.
func allowed(t testing.TB, nc *nats.Conn, refused chan error) bool {
	t.Helper()
	if err := nc.FlushTimeout(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-refused:
		return !errors.Is(err, nats.ErrPermissionViolation)
	case <-time.After(100 * time.Millisecond): // the handler runs beside
		return true
	}
}
