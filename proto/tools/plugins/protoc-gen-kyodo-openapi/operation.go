package main

import (
	"regexp"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// documentMessage is answered as it is, not as JSON.
const documentMessage = "kyodo.type.v1.Document"

// complete adds to an operation what its method's options, rules and verb say.
func (r rules) complete(op operation, method protoreflect.MethodDescriptor, rule *annotations.HttpRule) {
	allowed := permissionOf(method)
	r.parameters(op.body, method.Input())
	if rule.GetBody() == "*" {
		r.body(op.body, method.Input())
	}
	addHeaders(op, method, allowed)
	permit(op.body, allowed)
	responses := child(op.body, "responses")
	if answersRaw(method, rule) {
		child(responses, "200")["content"] = object{"*/*": object{}}
	}
	if _, creates := option(method, locationOption); creates {
		created := child(responses, "200")
		created["headers"] = object{"Location": reference("headers", "Location")}
		responses["201"] = created
		delete(responses, "200")
	}
	responses["default"] = reference("responses", "Problem")
}

func reference(kind, name string) object {
	return object{"$ref": "#/components/" + kind + "/" + name}
}

// permit says who may call. Where anybody may, a token is optional, as it may
// show more.
func permit(op object, allowed permission) {
	token := object{"bearer": []any{}}
	op["security"] = []any{token}
	if slices.Contains(allowed.roles, publicRole) {
		op["security"] = []any{object{}, token}
	}
	if allowed.declared {
		op["x-permission"] = object{"action": allowed.action, "roles": allowed.roles}
	}
}

// addHeaders adds the headers of the contract's common rules: what has an effect
// can be retried, PATCH needs the version, requests with an etag accept it.
func addHeaders(op operation, method protoreflect.MethodDescriptor, allowed permission) {
	var names []string
	_, keyNeeded := option(method, keyNeededOption)
	switch {
	case keyNeeded:
		names = append(names, "IdempotencyKeyRequired")
	case op.verb == "post" && !readsOnly(method):
		names = append(names, "IdempotencyKey")
	}
	switch {
	case op.verb == "patch":
		names = append(names, "IfMatchRequired")
	case method.Input().Fields().ByName("etag") != nil:
		names = append(names, "IfMatch")
	}
	if allowed.personalData || asksReason(method) {
		names = append(names, "KyodoReason")
	}
	names = append(names, "AcceptLanguage")
	list, _ := op.body["parameters"].([]any)
	for _, name := range names {
		list = append(list, reference("parameters", name))
	}
	op.body["parameters"] = list
}

var reasonRequired = regexp.MustCompile(`\bREASON_REQUIRED\b`)

// asksReason tells whether the method's errors say that some callers state a reason.
func asksReason(method protoreflect.MethodDescriptor) bool {
	return reasonRequired.MatchString(method.ParentFile().SourceLocations().ByDescriptor(method).LeadingComments)
}

func readsOnly(method protoreflect.MethodDescriptor) bool {
	options, _ := method.Options().(*descriptorpb.MethodOptions)
	return options.GetIdempotencyLevel() == descriptorpb.MethodOptions_NO_SIDE_EFFECTS
}

// answersRaw tells whether REST answers bytes of any media type.
func answersRaw(method protoreflect.MethodDescriptor, rule *annotations.HttpRule) bool {
	field := method.Output().Fields().ByName(protoreflect.Name(rule.GetResponseBody()))
	return field != nil && field.Message() != nil && field.Message().FullName() == documentMessage
}

// parameters applies the rules of the request's fields to the path and
// query parameters that set them.
func (r rules) parameters(op object, request protoreflect.MessageDescriptor) {
	for _, parameter := range parameters(op) {
		name, _ := parameter["name"].(string)
		field := fieldAt(request, name)
		schema, ok := parameter["schema"].(object)
		if field == nil || !ok {
			continue
		}
		r.field(schema, field)
		if parameter["in"] == "query" && !strings.Contains(name, ".") && slices.Contains(r.required[request.FullName()], field.JSONName()) {
			parameter["required"] = true
		}
	}
}

// body applies the rules of the request to a body made of all its
// fields but those in the path.
func (r rules) body(op object, request protoreflect.MessageDescriptor) {
	content, _ := child(op, "requestBody")["content"].(object)
	if content == nil {
		delete(op, "requestBody")
		return
	}
	schema := child(child(content, "application/json"), "schema")
	r.message(schema, request)
}

// fieldAt finds a field by its dotted path of proto or JSON names, or nil.
func fieldAt(message protoreflect.MessageDescriptor, path string) protoreflect.FieldDescriptor {
	var field protoreflect.FieldDescriptor
	for name := range strings.SplitSeq(path, ".") {
		if message == nil {
			return nil
		}
		field = message.Fields().ByJSONName(name)
		if field == nil {
			field = message.Fields().ByName(protoreflect.Name(name))
		}
		if field == nil {
			return nil
		}
		message = field.Message()
	}
	return field
}
