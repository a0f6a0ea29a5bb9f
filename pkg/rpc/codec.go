package rpc

import (
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the codec that is wrapped
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// unreadable is the only unknown field of a request that could not be decoded:
// field 536870911 (the last number there is), varint 1.
var unreadable = protoreflect.RawFields{0xf8, 0xff, 0xff, 0xff, 0x0f, 0x01}

// codec decodes requests so that bad bytes reach the interceptors, which answer
// INVALID_ARGUMENT; grpc-go itself would answer INTERNAL.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2("proto")} }

// Unmarshal never fails for a message: what cannot be read is marked.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	err := c.CodecV2.Unmarshal(data, v)
	if m, ok := v.(proto.Message); ok && err != nil {
		proto.Reset(m)
		m.ProtoReflect().SetUnknown(unreadable)
		return nil
	}
	return err
}

func isUnreadable(m proto.Message) bool {
	return string(m.ProtoReflect().GetUnknown()) == string(unreadable)
}
