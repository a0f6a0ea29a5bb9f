package rpc

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Filter returns what a list request asks for apart from its page: the text
// that a page token is bound to.
func Filter(req proto.Message) string {
	c := proto.Clone(req).ProtoReflect()
	for _, name := range []protoreflect.Name{"page_size", "page_token"} {
		if f := c.Descriptor().Fields().ByName(name); f != nil {
			c.Clear(f)
		}
	}
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(c.Interface())
	if err != nil { // only for text that is not UTF-8, which no request has
		panic(err)
	}
	return string(c.Descriptor().FullName()) + "\x00" + string(raw)
}
