package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// specials write the well-known types that JSON has in a form of their own.
var specials = map[protoreflect.FullName]func([]byte, protoreflect.Message) ([]byte, error){
	"google.protobuf.Timestamp": appendTimestamp,
	"google.protobuf.Value":     appendValueMessage,
	"google.protobuf.Struct":    appendStructMessage,
	"google.protobuf.ListValue": appendListMessage,
}

// specialOf returns how a well-known type is written, or nil for other messages.
func specialOf(md protoreflect.MessageDescriptor) func([]byte, protoreflect.Message) ([]byte, error) {
	if f := specials[md.FullName()]; f != nil {
		return f
	}
	if wellKnown(md) != nil {
		return appendStandard
	}
	return nil
}

// appendStandard leaves the rare types to protojson.
func appendStandard(dst []byte, m protoreflect.Message) ([]byte, error) {
	raw, err := protojson.Marshal(m.Interface())
	if err != nil {
		return dst, err
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return dst, err
	}
	return append(dst, b.Bytes()...), nil
}

// appendTimestamp writes RFC 3339 in UTC with as many digits of a second as
// there are: none, 3, 6 or 9.
func appendTimestamp(dst []byte, m protoreflect.Message) ([]byte, error) {
	t, ok := m.Interface().(*timestamppb.Timestamp)
	if !ok {
		return appendStandard(dst, m)
	}
	if err := t.CheckValid(); err != nil {
		return dst, fmt.Errorf("write instant: %w", err)
	}
	layout := `"2006-01-02T15:04:05.000000000Z"`
	switch nanos := t.GetNanos(); {
	case nanos == 0:
		layout = `"2006-01-02T15:04:05Z"`
	case nanos%1e6 == 0:
		layout = `"2006-01-02T15:04:05.000Z"`
	case nanos%1e3 == 0:
		layout = `"2006-01-02T15:04:05.000000Z"`
	}
	return time.Unix(t.GetSeconds(), int64(t.GetNanos())).UTC().AppendFormat(dst, layout), nil
}

func appendValueMessage(dst []byte, m protoreflect.Message) ([]byte, error) {
	if v, ok := m.Interface().(*structpb.Value); ok {
		return appendAny(dst, v), nil
	}
	return appendStandard(dst, m)
}

func appendStructMessage(dst []byte, m protoreflect.Message) ([]byte, error) {
	if s, ok := m.Interface().(*structpb.Struct); ok {
		return appendStruct(dst, s), nil
	}
	return appendStandard(dst, m)
}

func appendListMessage(dst []byte, m protoreflect.Message) ([]byte, error) {
	if l, ok := m.Interface().(*structpb.ListValue); ok {
		return appendList(dst, l), nil
	}
	return appendStandard(dst, m)
}

func appendAny(dst []byte, v *structpb.Value) []byte {
	switch k := v.GetKind().(type) {
	case *structpb.Value_StringValue:
		return appendText(dst, k.StringValue)
	case *structpb.Value_NumberValue:
		return appendFloat(dst, k.NumberValue, 64)
	case *structpb.Value_BoolValue:
		if k.BoolValue {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case *structpb.Value_StructValue:
		return appendStruct(dst, k.StructValue)
	case *structpb.Value_ListValue:
		return appendList(dst, k.ListValue)
	default:
		return append(dst, "null"...)
	}
}

func appendStruct(dst []byte, s *structpb.Struct) []byte {
	dst = append(dst, '{')
	for i, key := range slices.Sorted(maps.Keys(s.GetFields())) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, key), ':')
		dst = appendAny(dst, s.GetFields()[key])
	}
	return append(dst, '}')
}

func appendList(dst []byte, l *structpb.ListValue) []byte {
	dst = append(dst, '[')
	for i, v := range l.GetValues() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendAny(dst, v)
	}
	return append(dst, ']')
}
