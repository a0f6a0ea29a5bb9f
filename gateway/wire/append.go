package wire

import (
	"encoding/base64"
	"math"
	"slices"
	"strconv"
	"sync"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Append writes m as compact JSON, deterministically: fields by their order in
// the proto, lowerCamelCase, 64-bit integers as strings, enumerations by name.
// Fields without presence are always written, also when they are empty, false or
// zero; unset messages, optional fields and members of a oneof never. It is what
// protojson writes with EmitDefaultValues.
func Append(dst []byte, m protoreflect.Message) ([]byte, error) {
	return planOf(m.Descriptor()).append(dst, m)
}

// plan says how messages of one type are written. It is made once a type.
type plan struct {
	special func(dst []byte, m protoreflect.Message) ([]byte, error)
	fields  []field
}

type field struct {
	desc     protoreflect.FieldDescriptor
	name     string // Quoted, with the colon.
	presence bool
	scalar   func(dst []byte, v protoreflect.Value) []byte // nil for messages.
	message  *plan                                         // Of the field, its items or its entries.
}

var plans struct {
	sync.RWMutex
	known map[protoreflect.MessageDescriptor]*plan
}

func planOf(md protoreflect.MessageDescriptor) *plan {
	plans.RLock()
	p := plans.known[md]
	plans.RUnlock()
	if p != nil {
		return p
	}
	plans.Lock()
	defer plans.Unlock()
	return makePlan(md)
}

// makePlan makes the plan of md and of all messages below it, under the lock. A
// message that contains itself finds the plan that is being made.
func makePlan(md protoreflect.MessageDescriptor) *plan {
	if p := plans.known[md]; p != nil {
		return p
	}
	if plans.known == nil {
		plans.known = map[protoreflect.MessageDescriptor]*plan{}
	}
	p := &plan{special: specialOf(md)}
	plans.known[md] = p
	if p.special != nil {
		return p
	}
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		f := field{desc: fd, name: `"` + fd.JSONName() + `":`, presence: fd.HasPresence()}
		value := fd
		if fd.IsMap() {
			value = fd.MapValue()
		}
		if inner := value.Message(); inner != nil {
			f.message = makePlan(inner)
		} else {
			f.scalar = scalarOf(value)
		}
		p.fields = append(p.fields, f)
	}
	return p
}

func (p *plan) append(dst []byte, m protoreflect.Message) ([]byte, error) {
	if p.special != nil {
		return p.special(dst, m)
	}
	dst = append(dst, '{')
	first := true
	var err error
	for i := range p.fields {
		f := &p.fields[i]
		if f.presence && !m.Has(f.desc) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, f.name...)
		if dst, err = f.append(dst, m.Get(f.desc)); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func (f *field) append(dst []byte, v protoreflect.Value) ([]byte, error) {
	switch {
	case f.desc.IsList():
		return f.appendList(dst, v.List())
	case f.desc.IsMap():
		return f.appendMap(dst, v.Map())
	default:
		return f.appendOne(dst, v)
	}
}

func (f *field) appendOne(dst []byte, v protoreflect.Value) ([]byte, error) {
	if f.message != nil {
		return f.message.append(dst, v.Message())
	}
	return f.scalar(dst, v), nil
}

func (f *field) appendList(dst []byte, l protoreflect.List) ([]byte, error) {
	dst = append(dst, '[')
	var err error
	for i := range l.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = f.appendOne(dst, l.Get(i)); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

// appendMap writes the entries by key.
func (f *field) appendMap(dst []byte, m protoreflect.Map) ([]byte, error) {
	keys := make([]protoreflect.MapKey, 0, m.Len())
	m.Range(func(k protoreflect.MapKey, _ protoreflect.Value) bool {
		keys = append(keys, k)
		return true
	})
	slices.SortFunc(keys, func(a, b protoreflect.MapKey) int { return compare(a, b) })
	dst = append(dst, '{')
	var err error
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, k.String()), ':')
		if dst, err = f.appendOne(dst, m.Get(k)); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func compare(a, b protoreflect.MapKey) int {
	if a.String() < b.String() {
		return -1
	}
	return 1
}

func scalarOf(fd protoreflect.FieldDescriptor) func([]byte, protoreflect.Value) []byte {
	switch fd.Kind() {
	case protoreflect.StringKind:
		return func(dst []byte, v protoreflect.Value) []byte { return appendText(dst, v.String()) }
	case protoreflect.BoolKind:
		return func(dst []byte, v protoreflect.Value) []byte { return strconv.AppendBool(dst, v.Bool()) }
	case protoreflect.EnumKind:
		return enumOf(fd.Enum())
	case protoreflect.BytesKind:
		return func(dst []byte, v protoreflect.Value) []byte {
			return append(base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes()), '"')
		}
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return func(dst []byte, v protoreflect.Value) []byte { return strconv.AppendInt(dst, v.Int(), 10) }
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return func(dst []byte, v protoreflect.Value) []byte { return strconv.AppendUint(dst, v.Uint(), 10) }
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return func(dst []byte, v protoreflect.Value) []byte {
			return append(strconv.AppendUint(append(dst, '"'), v.Uint(), 10), '"')
		}
	case protoreflect.FloatKind:
		return func(dst []byte, v protoreflect.Value) []byte { return appendFloat(dst, v.Float(), 32) }
	case protoreflect.DoubleKind:
		return func(dst []byte, v protoreflect.Value) []byte { return appendFloat(dst, v.Float(), 64) }
	default: // the signed 64-bit kinds
		return func(dst []byte, v protoreflect.Value) []byte {
			return append(strconv.AppendInt(append(dst, '"'), v.Int(), 10), '"')
		}
	}
}

// enumOf writes names; a number that this version does not know stays a number.
func enumOf(ed protoreflect.EnumDescriptor) func([]byte, protoreflect.Value) []byte {
	names := map[protoreflect.EnumNumber]string{}
	for i := range ed.Values().Len() {
		v := ed.Values().Get(i)
		if _, alias := names[v.Number()]; !alias {
			names[v.Number()] = `"` + string(v.Name()) + `"`
		}
	}
	return func(dst []byte, v protoreflect.Value) []byte {
		if name, ok := names[v.Enum()]; ok {
			return append(dst, name...)
		}
		return strconv.AppendInt(dst, int64(v.Enum()), 10)
	}
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	default:
		return strconv.AppendFloat(dst, f, 'g', -1, bits)
	}
}

const hexDigits = "0123456789abcdef"

// appendText writes a JSON string; s is UTF-8, as every text of a message is.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		b := s[i]
		if b >= 0x20 && b != '"' && b != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch b {
		case '"', '\\':
			dst = append(dst, '\\', b)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
		}
	}
	return append(append(dst, s[start:]...), '"')
}
