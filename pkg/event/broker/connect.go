package broker

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/nats-io/nats.go"
)

// ClientOptions are the options of every connection of ours, to the embedded
// server or an outside one: the user's own reply subjects and reconnecting for
// ever.
func ClientOptions(user, password string, log *slog.Logger) []nats.Option {
	return []nats.Option{
		nats.Name("kyodo/" + user),
		nats.UserInfo(user, password),
		nats.CustomInboxPrefix(InboxPrefix(user)),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnect),
		nats.ReconnectJitter(reconnect, reconnect),
		// What is published while the connection is down fails at once: the
		// outbox keeps it.
		nats.ReconnectBufSize(-1),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Warn("nats connection", slog.String("user", user), slog.Any("error", err))
		}),
	}
}

// loadPasswords reads the installation's passwords and makes those that are
// missing. The file is readable by its owner only.
func loadPasswords(path string, services []Service) (map[string]string, error) {
	passwords := map[string]string{}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("broker passwords: %w", err)
	default:
		if err := json.Unmarshal(text, &passwords); err != nil {
			return nil, fmt.Errorf("broker passwords in %s: %w", path, err)
		}
	}
	known := len(passwords)
	users := []string{Steward, Gateway, Mirrors}
	for _, s := range services {
		users = append(users, s.Name)
	}
	for _, u := range users {
		if passwords[u] == "" {
			passwords[u] = rand.Text()
		}
	}
	passwords[Subscriber] = Subscriber
	if len(passwords) == known {
		return passwords, nil
	}
	if text, err = json.MarshalIndent(passwords, "", "  "); err != nil {
		return nil, err
	}
	// Written beside and renamed: a crash leaves the old file or the new one.
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return nil, fmt.Errorf("broker passwords: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, fmt.Errorf("broker passwords: %w", err)
	}
	return passwords, nil
}
