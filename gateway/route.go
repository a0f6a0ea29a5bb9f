package gateway

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
)

// route is one method at one address.
type route struct {
	method  string // HTTP method.
	pattern string // As in the proto, such as "/v1/proposals/{id}:submit".
	service string // Backend, such as "proposals".
	rpc     auth.Method
	handle  runtime.HandlerFunc // nil while its backend is not connected.

	variables []variable                     // Of the path, in order.
	inPath    []protoreflect.FieldDescriptor // Their fields.
	query     map[string]parameter           // By lowerCamelCase name.
	body      protoreflect.MessageDescriptor // What the body is; nil for none.
	bodyField string                         // JSON name of the request's field that the body is; "" for the whole request.
	etag      []protoreflect.FieldDescriptor // Way from the response to the resource's etag; nil for none.
	location  []locationPart                 // Address of what was created; nil for none.
	document  protoreflect.FieldDescriptor   // What of the response is answered as it is; nil for JSON.
	stream    *stream                        // How a route that has no handler of grpc-gateway is admitted; nil for the others.
}

// variable is one {name} of a pattern.
type variable struct {
	name  string // As in the proto.
	field protoreflect.FieldDescriptor
}

// parameter is one query parameter.
type parameter struct {
	field protoreflect.FieldDescriptor
	list  bool
}

// locationPart is literal text, or the way to a text in the response.
type locationPart struct {
	text string
	path []protoreflect.FieldDescriptor
}

// bindings returns the routes of an RPC, one for each binding of its
// google.api.http option.
func bindings(m auth.Method) ([]*route, error) {
	rule, _ := proto.GetExtension(m.Descriptor.Options(), annotations.E_Http).(*annotations.HttpRule)
	if rule == nil {
		return nil, nil
	}
	var out []*route
	for _, r := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		one, err := binding(m, r)
		if err != nil {
			return nil, fmt.Errorf("route of %s: %w", m.FullName, err)
		}
		out = append(out, one)
	}
	return out, nil
}

func binding(m auth.Method, rule *annotations.HttpRule) (*route, error) {
	r := &route{rpc: m, service: backendOf(m.Descriptor.ParentFile().Package())}
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		r.method, r.pattern = http.MethodGet, p.Get
	case *annotations.HttpRule_Post:
		r.method, r.pattern = http.MethodPost, p.Post
	case *annotations.HttpRule_Patch:
		r.method, r.pattern = http.MethodPatch, p.Patch
	case *annotations.HttpRule_Put:
		r.method, r.pattern = http.MethodPut, p.Put
	case *annotations.HttpRule_Delete:
		r.method, r.pattern = http.MethodDelete, p.Delete
	default:
		return nil, fmt.Errorf("pattern %v is not supported", p)
	}
	input := m.Descriptor.Input()
	for _, name := range variableNames(r.pattern) {
		way, err := fieldWay(input, name)
		if err != nil {
			return nil, err
		}
		r.variables = append(r.variables, variable{name, way[len(way)-1]})
		r.inPath = append(r.inPath, way[0])
	}
	if err := r.setBody(rule.GetBody()); err != nil {
		return nil, err
	}
	r.setQuery(rule.GetBody())
	r.document = documentField(m.Descriptor, rule.GetResponseBody())
	if r.document != nil && r.method != http.MethodGet {
		return nil, fmt.Errorf("%s answers a document, so its method must be GET", r.pattern)
	}
	return r, r.setAnswer(rule.GetResponseBody())
}

// backendOf returns the service of a package: "proposals" for kyodo.proposals.v1.
func backendOf(pkg protoreflect.FullName) string { return string(pkg.Parent().Name()) }

func (r *route) setBody(body string) error {
	switch body {
	case "":
	case "*":
		r.body = r.rpc.Descriptor.Input()
	default:
		fd := r.rpc.Descriptor.Input().Fields().ByName(protoreflect.Name(body))
		if fd == nil || fd.Message() == nil || fd.IsList() || fd.IsMap() {
			return fmt.Errorf("body %q is not a message", body)
		}
		r.body, r.bodyField = fd.Message(), fd.JSONName()
	}
	return nil
}

// setQuery collects what may stand in the query: what neither path nor body has.
func (r *route) setQuery(body string) {
	r.query = map[string]parameter{}
	if body == "*" {
		return
	}
	fields := r.rpc.Descriptor.Input().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		inPath := slices.ContainsFunc(r.variables, func(v variable) bool { return v.name == string(fd.Name()) })
		if inPath || string(fd.Name()) == body {
			continue
		}
		r.addQuery("", fd)
	}
}

func (r *route) addQuery(prefix string, fd protoreflect.FieldDescriptor) {
	name := prefix + fd.JSONName()
	switch {
	case fd.IsMap():
	case fd.Message() == nil, scalarText[fd.Message().FullName()] != nil:
		r.query[name] = parameter{field: fd, list: fd.IsList()}
	case prefix == "" && !fd.IsList():
		inner := fd.Message().Fields()
		for i := range inner.Len() {
			r.addQuery(name+".", inner.Get(i))
		}
	}
}

// setAnswer finds the etag and the address in the response.
func (r *route) setAnswer(responseBody string) error {
	output := r.rpc.Descriptor.Output()
	prefix := ""
	if responseBody != "" {
		prefix = responseBody + "."
	}
	if way, err := fieldWay(output, prefix+"etag"); err == nil && way[len(way)-1].Kind() == protoreflect.StringKind {
		r.etag = way
	}
	rest := r.rpc.Location
	for rest != "" {
		text, after, found := strings.Cut(rest, "{")
		if text != "" {
			r.location = append(r.location, locationPart{text: text})
		}
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		way, err := fieldWay(output, name)
		if err != nil {
			return fmt.Errorf("location %s: %w", r.rpc.Location, err)
		}
		r.location = append(r.location, locationPart{path: way})
		rest = tail
	}
	return nil
}

// fieldWay resolves a dotted path of proto names.
func fieldWay(md protoreflect.MessageDescriptor, path string) ([]protoreflect.FieldDescriptor, error) {
	var way []protoreflect.FieldDescriptor
	for name := range strings.SplitSeq(path, ".") {
		if md == nil {
			return nil, fmt.Errorf("%s leads below a scalar", path)
		}
		fd := md.Fields().ByName(protoreflect.Name(name))
		if fd == nil || fd.Cardinality() == protoreflect.Repeated {
			return nil, fmt.Errorf("%s has no single field %s", md.FullName(), name)
		}
		way = append(way, fd)
		md = fd.Message()
	}
	return way, nil
}

// variableNames returns the names in the braces of a pattern; each stands for
// one segment.
func variableNames(pattern string) []string {
	var names []string
	for {
		_, after, ok := strings.Cut(pattern, "{")
		if !ok {
			return names
		}
		name, rest, _ := strings.Cut(after, "}")
		name, _, _ = strings.Cut(name, "=")
		names = append(names, name)
		pattern = rest
	}
}
