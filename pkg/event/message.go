package event

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

// parse reads an event of stream and holds its headers against its subject,
// which the broker's permissions vouch for. The Message of an error has what
// could be read.
func parse(stream, subject string, headers map[string]string, data []byte) (Message, error) {
	m := Message{
		ID:      headers["ce-id"],
		Type:    headers["ce-type"],
		Source:  headers["ce-source"],
		Epoch:   headers["ce-epoch"],
		Subject: subject,
		Data:    data,
	}
	token := strings.Split(subject, ".")
	if len(token) != 5 || token[0] != "kyodo" || token[1] != stream {
		return m, fmt.Errorf("subject %q is not one of %s", subject, stream)
	}
	if _, err := uuid.Parse(m.ID); err != nil {
		return m, fmt.Errorf("ce-id: %w", err)
	}
	for _, h := range []struct{ name, want string }{
		{"ce-specversion", "1.0"},
		{"ce-source", "/kyodo/" + stream},
		{"ce-subject", token[4]},
	} {
		if got := headers[h.name]; got != h.want {
			return m, fmt.Errorf("%s is %q, not %q", h.name, got, h.want)
		}
	}
	if service, err := serviceOf(m.Type); err != nil || service != stream {
		return m, fmt.Errorf("ce-type %q is not one of %s", m.Type, stream)
	}
	var err error
	if m.Sequence, err = strconv.ParseInt(headers["ce-sequence"], 10, 64); err != nil || m.Sequence < 1 {
		return m, fmt.Errorf("ce-sequence is %q", headers["ce-sequence"])
	}
	if m.Time, err = time.Parse(time.RFC3339Nano, headers["ce-time"]); err != nil {
		return m, fmt.Errorf("ce-time: %w", err)
	}
	if m.Epoch == "" {
		return m, fmt.Errorf("ce-epoch is missing")
	}
	return m, nil
}

// substituteID names a message without a usable id by its place.
func substituteID(stream string, position uint64) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "kyodo:%s:%d", stream, position)).String()
}

// singleValues keeps the first value of each header.
func singleValues(h nats.Header) map[string]string {
	single := make(map[string]string, len(h))
	for k, v := range h {
		if len(v) > 0 {
			single[k] = v[0]
		}
	}
	return single
}
