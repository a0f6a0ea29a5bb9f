package acceptance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	_ "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1" // the contract is walked by its descriptors
	_ "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	_ "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	_ "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// transport carries one call; a refusal comes back as a fault.
type transport interface {
	call(ctx context.Context, m auth.Method, token string, headers map[string]string, req, resp proto.Message) error
	String() string
}

// client makes the calls of a story.
type client struct {
	t         testing.TB
	world     *world
	transport transport
	headers   map[string]string
}

// methods are all RPCs, by full name and by name; no two have the same name.
var methods = func() map[string]auth.Method {
	all, err := auth.AllMethods()
	if err != nil {
		panic(err)
	}
	out := maps.Clone(all)
	for _, m := range all {
		name := string(m.Descriptor.Name())
		if _, taken := out[name]; taken {
			panic("two RPCs are called " + name)
		}
		out[name] = m
	}
	return out
}()

// obj is a message as protojson writes it.
type obj = map[string]any

// answer is a response as protojson writes it, the same over both transports.
type answer obj

// at returns what stands at a path such as "proposal.assignments.0.response",
// or nil.
func (a answer) at(path string) any {
	var here any = obj(a)
	for part := range strings.SplitSeq(path, ".") {
		switch v := here.(type) {
		case obj:
			here = v[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(v) {
				return nil
			}
			here = v[i]
		default:
			return nil
		}
	}
	return here
}

// str returns the text at a path, "" for none.
func (a answer) str(path string) string {
	if v := a.at(path); v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

// list returns the messages at a path.
func (a answer) list(path string) []answer {
	items, _ := a.at(path).([]any)
	out := make([]answer, len(items))
	for i, v := range items {
		out[i], _ = v.(obj)
	}
	return out
}

// text returns the answer as JSON with sorted keys.
func (a answer) text() string {
	raw, err := json.Marshal(a)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// with returns a client that sends a header (metadata over gRPC) too.
func (c *client) with(name, value string) *client {
	d := *c
	d.headers = maps.Clone(c.headers)
	if d.headers == nil {
		d.headers = map[string]string{}
	}
	d.headers[name] = value
	return &d
}

// on returns a client of another test, such as a subtest.
func (c *client) on(t testing.TB) *client {
	d := *c
	d.t = t
	return &d
}

// try calls an RPC as a person; "" is nobody.
func (c *client) try(as, name string, in obj) (answer, error) {
	c.t.Helper()
	m, ok := methods[name]
	if !ok {
		c.t.Fatalf("no RPC %s", name)
	}
	raw, err := json.Marshal(in)
	if err != nil {
		c.t.Fatal(err)
	}
	req, resp := c.message(m.Descriptor.Input()), c.message(m.Descriptor.Output())
	if in != nil {
		if err := protojson.Unmarshal(raw, req); err != nil {
			c.t.Fatalf("%s: %v", name, err)
		}
	}
	err = c.transport.call(c.t.Context(), m, c.world.token(c.t, as), c.headers, req, resp)
	if err != nil {
		if f, ok := fault.As(err); ok {
			listed(c.t, name, f.Reason)
		}
		return nil, err
	}
	return c.read(resp), nil
}

func (c *client) message(d protoreflect.MessageDescriptor) proto.Message {
	c.t.Helper()
	mt, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		c.t.Fatal(err)
	}
	return mt.New().Interface()
}

func (c *client) read(m proto.Message) answer {
	c.t.Helper()
	raw, err := protojson.Marshal(m)
	if err != nil {
		c.t.Fatal(err)
	}
	var out answer
	if err := json.Unmarshal(raw, &out); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// ok calls an RPC that must succeed.
func (c *client) ok(as, name string, in obj) answer {
	c.t.Helper()
	a, err := c.try(as, name, in)
	if err != nil {
		c.t.Fatalf("%s as %q: %s", name, as, explain(err))
	}
	return a
}

// refused calls an RPC that must be refused for a reason.
func (c *client) refused(as, name, reason string, in obj) *fault.Error {
	c.t.Helper()
	a, err := c.try(as, name, in)
	var f *fault.Error
	switch {
	case err == nil:
		c.t.Fatalf("%s as %q: got %s, want %s", name, as, a.text(), reason)
	case !errors.As(err, &f) || f.Reason != reason:
		c.t.Fatalf("%s as %q: got %s, want %s", name, as, explain(err), reason)
	}
	return f
}

// reasonOf returns the reason of a refusal, "" for success and the error's text
// for anything else.
func reasonOf(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := fault.As(err); ok {
		return f.Reason
	}
	return err.Error()
}

// explain says all that a refusal says.
func explain(err error) string {
	f, ok := fault.As(err)
	if !ok {
		return err.Error()
	}
	return fmt.Sprintf("%s %q metadata %v fields %+v", f.Reason, f.Ja, f.Metadata, f.Fields)
}

// all reads every page of a list.
func (c *client) all(as, name, field string, in obj) []answer {
	c.t.Helper()
	in = maps.Clone(in)
	if in == nil {
		in = obj{}
	}
	var out []answer
	for {
		page := c.ok(as, name, in)
		out = append(out, page.list(field)...)
		next := page.str("nextPageToken")
		if next == "" {
			return out
		}
		in["pageToken"] = next
	}
}

type grpcTransport struct{ world *world }

// String names the transport.
func (grpcTransport) String() string { return "gRPC" }

func (g grpcTransport) call(ctx context.Context, m auth.Method, token string, headers map[string]string, req, resp proto.Message) error {
	ctx = outgoing(ctx, token, headers)
	var err error
	if m.Descriptor.IsStreamingServer() {
		err = g.stream(ctx, m, req, resp)
	} else {
		err = g.world.grpc.Invoke(ctx, m.FullName, req, resp)
	}
	if err == nil {
		return nil
	}
	if f, ok := rpc.FromStatus(status.Convert(err)); ok {
		return f
	}
	return err
}

// stream puts the pieces of a streamed document together in resp.
func (g grpcTransport) stream(ctx context.Context, m auth.Method, req, resp proto.Message) error {
	in, err := g.world.grpc.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, m.FullName)
	if err != nil {
		return err
	}
	if err := errors.Join(in.SendMsg(req), in.CloseSend()); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	whole, _ := documentOf(resp, "document")
	for first := true; ; first = false {
		piece := resp.ProtoReflect().New().Interface()
		if err := in.RecvMsg(piece); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		fd := piece.ProtoReflect().Descriptor().Fields().ByName("document")
		part, ok := piece.ProtoReflect().Get(fd).Message().Interface().(*typev1.Document)
		if !ok || whole == nil {
			return fmt.Errorf("%s streams no document", m.FullName)
		}
		if first {
			proto.Merge(whole, part)
			continue
		}
		whole.Content = append(whole.Content, part.GetContent()...)
	}
}

func outgoing(ctx context.Context, token string, headers map[string]string) context.Context {
	for name, value := range headers {
		ctx = metadata.AppendToOutgoingContext(ctx, name, value)
	}
	if token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, rpc.MetaAuthorization, "Bearer "+token)
	}
	return ctx
}
