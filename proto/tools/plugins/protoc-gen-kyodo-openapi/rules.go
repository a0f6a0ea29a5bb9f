package main

import (
	"errors"
	"fmt"
	"slices"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// rules answers what buf.validate demands of the contract's messages.
type rules struct {
	required map[protoreflect.FullName][]string // JSON names
}

// readRules validates an empty message of every type to learn which fields a
// sender cannot leave out: `required`, but also a text of at least one
// character. It fails on rules that do not compile.
func readRules(source *contract) (rules, error) {
	validator, err := protovalidate.New()
	if err != nil {
		return rules{}, fmt.Errorf("make validator: %w", err)
	}
	result := rules{required: map[protoreflect.FullName][]string{}}
	for _, name := range source.generate {
		file, err := source.files.FindFileByPath(name)
		if err != nil {
			return rules{}, fmt.Errorf("find %s: %w", name, err)
		}
		if err := result.read(validator, file.Messages()); err != nil {
			return rules{}, err
		}
	}
	return result, nil
}

func (r rules) read(validator protovalidate.Validator, messages protoreflect.MessageDescriptors) error {
	for i := range messages.Len() {
		message := messages.Get(i)
		if message.IsMapEntry() {
			continue
		}
		err := validator.Validate(dynamicpb.NewMessage(message))
		var violated *protovalidate.ValidationError
		if err != nil && !errors.As(err, &violated) {
			return fmt.Errorf("rules of %s: %w", message.FullName(), err)
		}
		if violated != nil {
			r.required[message.FullName()] = missing(message, violated)
		}
		if err := r.read(validator, message.Messages()); err != nil {
			return err
		}
	}
	return nil
}

// missing lists the fields that a violation of an empty message names, without
// those only the server sets.
func missing(message protoreflect.MessageDescriptor, violated *protovalidate.ValidationError) []string {
	var names []string
	for _, violation := range violated.Violations {
		path := violation.Proto.GetField().GetElements()
		if len(path) != 1 {
			continue
		}
		field := message.Fields().ByName(protoreflect.Name(path[0].GetFieldName()))
		if field == nil || outputOnly(field) || slices.Contains(names, field.JSONName()) {
			continue
		}
		names = append(names, field.JSONName())
	}
	slices.Sort(names)
	return names
}

func outputOnly(field protoreflect.FieldDescriptor) bool {
	behaviours, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(behaviours, annotations.FieldBehavior_OUTPUT_ONLY)
}

// message applies a message's rules to the schema that describes it. A schema
// may hold only some of the fields, as a body does without those of the path.
func (r rules) message(schema object, message protoreflect.MessageDescriptor) {
	properties, _ := schema["properties"].(object)
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		if property, ok := properties[field.JSONName()].(object); ok {
			r.field(property, field)
		}
	}
	var names []any
	for _, name := range r.required[message.FullName()] {
		if properties[name] != nil {
			names = append(names, name)
		}
	}
	declared, _ := schema["required"].([]any)
	for _, name := range declared {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		schema["required"] = names
	}
	own, _ := proto.GetExtension(message.Options(), validate.E_Message).(*validate.MessageRules)
	note(schema, own.GetCel(), own.GetCelExpression())
}

// field applies a field's rules to its schema.
func (r rules) field(schema object, field protoreflect.FieldDescriptor) {
	own, _ := proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules)
	if own == nil || own.GetIgnore() == validate.Ignore_IGNORE_ALWAYS {
		return
	}
	found := constraints(own, field)
	if own.GetRequired() && !field.HasPresence() {
		demandValue(found, field)
	}
	if items, ok := schema["items"].(object); ok {
		merge(items, take(found, "items"))
	}
	if values, ok := schema["additionalProperties"].(object); ok {
		merge(values, take(found, "additionalProperties"))
	}
	if own.GetIgnore() == validate.Ignore_IGNORE_IF_ZERO_VALUE && !field.HasPresence() && !field.IsList() && !field.IsMap() {
		found = orZero(found, field)
	}
	merge(schema, found)
	note(schema, own.GetCel(), own.GetCelExpression())
}

// demandValue says of a field without presence that its zero value is refused.
func demandValue(found object, field protoreflect.FieldDescriptor) {
	switch {
	case field.IsMap():
		found["minProperties"] = max(number(found["minProperties"]), 1)
	case field.IsList():
		found["minItems"] = max(number(found["minItems"]), 1)
	case field.Kind() == protoreflect.StringKind:
		found["minLength"] = max(number(found["minLength"]), 1)
	case field.Enum() != nil && found["not"] == nil:
		found["not"] = object{"enum": []any{zero(field)}}
	}
}

func number(value any) uint64 {
	found, _ := value.(uint64)
	return found
}

// orZero admits the zero value beside what the constraints admit.
func orZero(found object, field protoreflect.FieldDescriptor) object {
	result := object{}
	if limit, ok := found["maxLength"]; ok {
		result["maxLength"] = limit
		delete(found, "maxLength")
	}
	if len(found) > 0 {
		result["anyOf"] = []any{object{"const": zero(field)}, found}
	}
	return result
}

// zero is the JSON of a field's zero value.
func zero(field protoreflect.FieldDescriptor) any {
	switch field.Kind() {
	case protoreflect.StringKind, protoreflect.BytesKind:
		return ""
	case protoreflect.BoolKind:
		return false
	case protoreflect.EnumKind:
		return string(field.Enum().Values().ByNumber(0).Name())
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind,
		protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return "0"
	default:
		return 0
	}
}

func take(from object, key string) object {
	found, _ := from[key].(object)
	delete(from, key)
	return found
}

func merge(schema, more object) {
	for key, value := range more {
		schema[key] = value
	}
}

// note lists rules that JSON Schema cannot say by their messages.
func note(schema object, cel []*validate.Rule, expressions []string) {
	var messages []any
	for _, rule := range cel {
		if rule.GetMessage() != "" {
			messages = append(messages, rule.GetMessage())
		} else {
			messages = append(messages, rule.GetExpression())
		}
	}
	for _, expression := range expressions {
		messages = append(messages, expression)
	}
	if len(messages) > 0 {
		schema["x-rules"] = messages
	}
}
