package broker

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

const (
	watchEvery = time.Second // Between looks at the server's health.
	minPause   = time.Second // After a restart; doubled while it does not help.
	maxPause   = 20 * time.Second
)

// supervise restarts the server when it, JetStream in it or one of its streams
// stopped working: after a full disk a stream refuses to store for ever, until
// it is opened anew.
func (b *Broker) supervise(ctx context.Context) {
	wait, again := watchEvery, minPause
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		sick := b.sickness()
		if sick == "" {
			wait, again = watchEvery, minPause
			continue
		}
		if err := b.Restart(ctx, sick); err != nil {
			b.log.ErrorContext(ctx, "broker does not start", slog.Any("error", err))
		}
		wait, again = again, min(2*again, maxPause)
	}
}

// sickness says what is wrong with the server; empty for nothing.
func (b *Broker) sickness() string {
	b.mu.Lock()
	srv := b.srv
	b.mu.Unlock()
	if srv == nil {
		return "it is not running"
	}
	return srv.Healthz(nil).Error
}

// Restart stops the server and starts it again. Connections made with Connect
// come back, those over TCP find the same address.
func (b *Broker) Restart(ctx context.Context, reason string) error {
	b.restarting.Lock()
	defer b.restarting.Unlock()
	b.log.WarnContext(ctx, "broker restarts", slog.String("reason", reason))
	b.down()
	if err := b.up(); err != nil {
		return err
	}
	b.log.InfoContext(ctx, "broker is back")
	return nil
}

// natsLog hands the server's log lines on; what it calls notice is of no
// interest to the operator.
type natsLog struct{ log *slog.Logger }

func (l natsLog) Noticef(format string, v ...any) { l.log.Debug("nats: " + fmt.Sprintf(format, v...)) }
func (l natsLog) Warnf(format string, v ...any)   { l.log.Warn("nats: " + fmt.Sprintf(format, v...)) }
func (l natsLog) Fatalf(format string, v ...any)  { l.log.Error("nats: " + fmt.Sprintf(format, v...)) }
func (l natsLog) Errorf(format string, v ...any)  { l.log.Error("nats: " + fmt.Sprintf(format, v...)) }
func (l natsLog) Debugf(format string, v ...any)  { l.log.Debug("nats: " + fmt.Sprintf(format, v...)) }
func (l natsLog) Tracef(format string, v ...any)  { l.log.Debug("nats: " + fmt.Sprintf(format, v...)) }
