package broker

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	watchEvery = time.Second // Between looks at the server's health.
	patience   = 3           // Looks in a row that must find it sick: a stream being made looks sick too.
	minPause   = time.Second // After a restart; doubled while it does not help.
	maxPause   = 20 * time.Second
)

// supervise restarts the server when it, JetStream in it or one of its streams
// stopped working: after a full disk a stream refuses to store for ever, until
// it is opened anew.
func (b *Broker) supervise(ctx context.Context) {
	wait, again, seen := watchEvery, minPause, 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		sick := b.sickness()
		if sick == "" {
			wait, again, seen = watchEvery, minPause, 0
			continue
		}
		if seen++; seen < patience {
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

// natsLog hands the server's log lines on. What it calls notice is of no
// interest to the operator, nor is what it warns of while it starts: it speaks
// of the configuration, which is ours.
type natsLog struct {
	log   *slog.Logger
	ready atomic.Bool
}

func (l *natsLog) line(level slog.Level, format string, v []any) {
	l.log.Log(context.Background(), level, "nats: "+fmt.Sprintf(format, v...))
}

// Warnf logs a warning of the running server.
func (l *natsLog) Warnf(format string, v ...any) {
	level := slog.LevelDebug
	if l.ready.Load() {
		level = slog.LevelWarn
	}
	l.line(level, format, v)
}

// Fatalf logs an error; the server does not end the process.
func (l *natsLog) Fatalf(format string, v ...any) { l.line(slog.LevelError, format, v) }

// Errorf logs an error.
func (l *natsLog) Errorf(format string, v ...any) { l.line(slog.LevelError, format, v) }

// Noticef logs for debugging.
func (l *natsLog) Noticef(format string, v ...any) { l.line(slog.LevelDebug, format, v) }

// Debugf logs for debugging.
func (l *natsLog) Debugf(format string, v ...any) { l.line(slog.LevelDebug, format, v) }

// Tracef logs for debugging.
func (l *natsLog) Tracef(format string, v ...any) { l.line(slog.LevelDebug, format, v) }
