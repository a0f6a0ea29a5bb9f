package wire

import (
	"encoding/base64"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// mistyped refuses a value of another JSON type, unless it is no JSON at all.
func (c *checker) mistyped(ja, en string) error {
	if err := c.anything(); err != nil {
		return err
	}
	return c.wrong(ja, en)
}

// value checks one value of a field: the field itself or one item of it.
func (c *checker) value(fd protoreflect.FieldDescriptor) error {
	if md := fd.Message(); md != nil {
		return c.message(md)
	}
	switch fd.Kind() {
	case protoreflect.StringKind:
		_, err := c.stringValue()
		return err
	case protoreflect.BoolKind:
		if c.word("true") || c.word("false") {
			return nil
		}
		return c.mistyped("true か false で指定してください。", "true or false is needed.")
	case protoreflect.EnumKind:
		return c.enum(fd.Enum())
	case protoreflect.BytesKind:
		return c.bytesValue()
	default:
		return c.numberValue(fd.Kind())
	}
}

// stringValue checks a text and returns it.
func (c *checker) stringValue() (string, error) {
	if c.peek() != '"' {
		return "", c.mistyped("文字列で指定してください。", "A string is needed.")
	}
	s, err := c.text()
	if err != nil {
		return "", err
	}
	return s, c.clean(s)
}

func (c *checker) bytesValue() error {
	s, err := c.stringValue()
	if err != nil {
		return err
	}
	enc := base64.StdEncoding
	if strings.ContainsAny(s, "-_") {
		enc = base64.URLEncoding
	}
	if len(s)%4 != 0 {
		enc = enc.WithPadding(base64.NoPadding)
	}
	if _, err := enc.DecodeString(s); err != nil || strings.ContainsAny(s, "\r\n") {
		return c.wrong("base64 で指定してください。", "Base64 is needed.")
	}
	return nil
}

func (c *checker) enum(ed protoreflect.EnumDescriptor) error {
	if ed.FullName() == "google.protobuf.NullValue" && c.peek() == 'n' {
		return c.null()
	}
	if c.peek() != '"' {
		if err := c.anything(); err != nil {
			return err
		}
		return c.at(fault.ErrInvalidEnum)
	}
	s, err := c.text()
	if err != nil {
		return err
	}
	if ed.Values().ByName(protoreflect.Name(s)) == nil {
		return c.at(fault.ErrInvalidEnum)
	}
	return nil
}

func (c *checker) numberValue(kind protoreflect.Kind) error {
	if c.peek() == '"' && !wide(kind) || c.peek() != '"' && !startsNumber(c.peek()) {
		return c.mistyped("数値で指定してください。", "A number is needed.")
	}
	var s string
	var err error
	if c.peek() == '"' {
		s, err = c.text()
	} else {
		s, err = c.number()
	}
	if err != nil {
		return err
	}
	switch kind {
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		bits := 64
		if kind == protoreflect.FloatKind {
			bits = 32
		}
		if f, err := strconv.ParseFloat(s, bits); err != nil || math.IsInf(f, 0) {
			return c.wrong("範囲外の数です。", "The number is out of range.")
		}
	default:
		if !integer(s, kind) {
			return c.wrong("範囲内の整数で指定してください。", "A whole number within the type's range is needed.")
		}
	}
	return nil
}

// wide reports whether numbers of the kind may come as strings.
func wide(k protoreflect.Kind) bool {
	switch k {
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return true
	default:
		return false
	}
}

var plainInteger = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

// integer reports whether s is a whole number that fits the kind.
func integer(s string, kind protoreflect.Kind) bool {
	if !plainInteger.MatchString(s) {
		return false
	}
	var err error
	switch kind {
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		_, err = strconv.ParseInt(s, 10, 32)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		_, err = strconv.ParseUint(s, 10, 32)
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		_, err = strconv.ParseUint(s, 10, 64)
	default:
		_, err = strconv.ParseInt(s, 10, 64)
	}
	return err == nil
}

// wellKnown returns how a message is checked that JSON writes in a form of its
// own, or nil for other messages.
func wellKnown(md protoreflect.MessageDescriptor) func(*checker) error {
	name := md.FullName()
	if name.Parent() != "google.protobuf" {
		return nil
	}
	switch name.Name() {
	case "BoolValue", "StringValue", "BytesValue", "Int32Value", "Int64Value", "UInt32Value", "UInt64Value", "FloatValue", "DoubleValue":
		return func(c *checker) error { return c.value(md.Fields().ByName("value")) }
	case "Timestamp":
		return (*checker).timestamp
	case "Duration":
		return (*checker).duration
	case "FieldMask":
		return (*checker).fieldMask
	case "Any":
		return func(c *checker) error {
			return c.mistyped("この項目は指定できません。", "This field cannot be given.")
		}
	case "Value":
		return (*checker).anything
	case "Struct":
		return func(c *checker) error {
			if c.peek() != '{' {
				return c.mistyped("名前と値の組（{ }）で指定してください。", "An object is needed.")
			}
			return c.anything()
		}
	case "ListValue":
		return func(c *checker) error {
			if c.peek() != '[' {
				return c.mistyped("リスト（[ ]）で指定してください。", "A list is needed.")
			}
			return c.anything()
		}
	default:
		return nil
	}
}

// takesNull reports whether null is a value of the field and not its absence.
func takesNull(fd protoreflect.FieldDescriptor) bool {
	if fd.Cardinality() == protoreflect.Repeated {
		return false
	}
	return fd.Message() != nil && fd.Message().FullName() == "google.protobuf.Value" ||
		fd.Enum() != nil && fd.Enum().FullName() == "google.protobuf.NullValue"
}

func (c *checker) message(md protoreflect.MessageDescriptor) error {
	if f := wellKnown(md); f != nil {
		return f(c)
	}
	if c.peek() != '{' {
		return c.mistyped("名前と値の組（{ }）で指定してください。", "An object is needed.")
	}
	return c.object(md)
}

var instant = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$`)

// timestamp takes RFC 3339 within the years 1 to 9999.
func (c *checker) timestamp() error {
	s, err := c.stringValue()
	if err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || !instant.MatchString(s) || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return c.wrong("日時は 2026-04-01T09:00:00Z の形で指定してください。", "An instant such as 2026-04-01T00:00:00Z is needed.")
	}
	return nil
}

var span = regexp.MustCompile(`^-?[0-9]{1,11}(\.[0-9]{1,9})?s$`)

func (c *checker) duration() error {
	s, err := c.stringValue()
	if err != nil {
		return err
	}
	if !span.MatchString(s) {
		return c.wrong("長さは 3.5s の形で指定してください。", "A duration such as 3.5s is needed.")
	}
	return nil
}

var maskText = regexp.MustCompile(`^([a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)*(,[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)*)*)?$`)

func (c *checker) fieldMask() error {
	s, err := c.stringValue()
	if err != nil {
		return err
	}
	if !maskText.MatchString(s) {
		return c.at(fault.ErrInvalidFieldMask)
	}
	return nil
}

// anything checks a value of any type.
func (c *checker) anything() error {
	switch b := c.peek(); {
	case b == '{':
		seen := map[string]bool{}
		return c.members(c.dotted, func(key string) error {
			if seen[key] {
				return c.at(problem.ErrDuplicateField)
			}
			if seen[key] = true; len(seen) > maxItems {
				return c.wrong("1,000件以内で指定してください。", "At most 1,000 entries are taken.")
			}
			if err := c.clean(key); err != nil {
				return err
			}
			return c.anything()
		})
	case b == '[':
		return c.items(c.anything)
	case b == '"':
		_, err := c.stringValue()
		return err
	case startsNumber(b):
		s, err := c.number()
		if err != nil {
			return err
		}
		if f, err := strconv.ParseFloat(s, 64); err != nil || math.IsInf(f, 0) {
			return c.wrong("範囲外の数です。", "The number is out of range.")
		}
		return nil
	case c.word("true"), c.word("false"), c.word("null"):
		return nil
	default:
		return c.malformed()
	}
}
