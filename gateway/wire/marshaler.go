package wire

import (
	"fmt"
	"io"
	"reflect"
	"sync"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Marshaler is the JSON of all routes of grpc-gateway. Bodies have passed Check
// before it reads them.
type Marshaler struct{ fallback runtime.JSONPb }

var _ runtime.Marshaler = (*Marshaler)(nil)

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 16<<10); return &b }}

// Marshal writes a message by Append; other values, such as a list taken out of
// a response, by runtime.JSONPb.
func (j *Marshaler) Marshal(v any) ([]byte, error) {
	m, ok := v.(proto.Message)
	if !ok {
		return j.fallback.Marshal(v)
	}
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	out, err := Append((*buf)[:0], m.ProtoReflect())
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", m.ProtoReflect().Descriptor().FullName(), err)
	}
	if cap(out) <= 1<<20 { // what a rare large answer needed is given back
		*buf = out
	}
	return append(make([]byte, 0, len(out)), out...), nil
}

// Unmarshal reads a message.
func (j *Marshaler) Unmarshal(data []byte, v any) error {
	m, err := target(v)
	if err != nil {
		return err
	}
	return protojson.Unmarshal(data, m)
}

// NewDecoder reads one message from all of r.
func (j *Marshaler) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		data, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		return j.Unmarshal(data, v)
	})
}

// NewEncoder writes messages to w.
func (j *Marshaler) NewEncoder(w io.Writer) runtime.Encoder {
	return runtime.EncoderFunc(func(v any) error {
		data, err := j.Marshal(v)
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
}

// ContentType returns application/json.
func (j *Marshaler) ContentType(any) string { return "application/json" }

// target returns the message that v is or that v points to, made when missing.
func target(v any) (proto.Message, error) {
	if m, ok := v.(proto.Message); ok {
		return m, nil
	}
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || p.Elem().Kind() != reflect.Pointer {
		return nil, fmt.Errorf("cannot read JSON into %T", v)
	}
	if p.Elem().IsNil() {
		p.Elem().Set(reflect.New(p.Elem().Type().Elem()))
	}
	m, ok := p.Elem().Interface().(proto.Message)
	if !ok {
		return nil, fmt.Errorf("cannot read JSON into %T", v)
	}
	return m, nil
}
