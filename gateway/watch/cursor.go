package watch

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
)

// cursor is a place in all streams, by a hash of their names.
type cursor map[uint32]position

type position struct {
	made int64  // When the stream was made, in Unix seconds: tells a rebuilt stream.
	seq  uint64 // The last message that was sent or passed over.
}

var bound = []byte("watch")

func keyOf(stream string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(stream)) // a hash takes everything
	return h.Sum32()
}

func (c cursor) move(stream string, seq uint64) {
	p := c[keyOf(stream)]
	p.seq = seq
	c[keyOf(stream)] = p
}

// seal writes the cursor as an event id: opaque, and of no use when changed.
func (c cursor) seal(secret seal.Key) string {
	var b []byte
	for _, k := range slices.Sorted(maps.Keys(c)) {
		b = binary.BigEndian.AppendUint32(b, k)
		b = binary.AppendVarint(b, c[k].made)
		b = binary.AppendUvarint(b, c[k].seq)
	}
	return base64.RawURLEncoding.EncodeToString(secret.Seal(b, bound))
}

var errCursor = fault.ErrInvalidField.On(fault.Field{
	Path: "Last-Event-ID", Reason: fault.ErrInvalidField.Reason,
	Ja: "この値は使えません。付けずに接続し直してください。", En: "This is not an id of ours; connect without it.",
})

// openCursor reads an event id. Errors: INVALID_FIELD.
func openCursor(secret seal.Key, id string) (cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return nil, errCursor.Because(err)
	}
	b, err := secret.Open(raw, bound)
	if err != nil {
		return nil, errCursor.Because(err)
	}
	c := cursor{}
	for len(b) > 4 {
		k := binary.BigEndian.Uint32(b)
		made, n := binary.Varint(b[4:])
		if n <= 0 {
			return nil, errCursor
		}
		seq, m := binary.Uvarint(b[4+n:])
		if m <= 0 {
			return nil, errCursor
		}
		c[k] = position{made, seq}
		b = b[4+n+m:]
	}
	return c, nil
}
