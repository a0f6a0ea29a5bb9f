package proxy

import (
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the codec that is wrapped
	"google.golang.org/grpc/mem"
)

// frame is a message that nobody here reads.
type frame struct{ data mem.BufferSlice }

func (f *frame) free() {
	f.data.Free()
	f.data = nil
}

// codec passes frames through and leaves real messages to the usual codec.
type codec struct{}

// Marshal hands a frame's bytes over; the frame is empty afterwards.
func (codec) Marshal(v any) (mem.BufferSlice, error) {
	if f, ok := v.(*frame); ok {
		data := f.data
		f.data = nil
		return data, nil
	}
	return encoding.GetCodecV2("proto").Marshal(v)
}

// Unmarshal keeps the bytes of a frame.
func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	if f, ok := v.(*frame); ok {
		data.Ref()
		f.data = data
		return nil
	}
	return encoding.GetCodecV2("proto").Unmarshal(data, v)
}

// Name is the name of the codec on the wire.
func (codec) Name() string { return "proto" }
