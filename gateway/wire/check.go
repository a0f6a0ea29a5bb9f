// Package wire is the JSON of the REST edge. It checks what comes in more
// strictly than protojson does, directed by the message's descriptor, and writes
// what goes out faster.
package wire

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

const (
	maxDepth = 64
	maxItems = 1000
	maxPath  = 200 // Bytes of a path in an answer.
)

// Check reports the first thing in body that a message of type md does not
// take: text that is not JSON, unknown, doubled or mistyped fields, lists of
// more than 1,000 items, more than 64 levels, forbidden characters. What passes
// is read by protojson without an error. The fields in elsewhere are not part of
// the body: the path names them. Errors: BODY_REQUIRED, DUPLICATE_FIELD,
// FORBIDDEN_CHARACTER, INVALID_ENUM, INVALID_FIELD, INVALID_UTF8,
// JSON_TOO_DEEP, MALFORMED_JSON, TRAILING_DATA, UNKNOWN_FIELD.
func Check(body []byte, md protoreflect.MessageDescriptor, elsewhere ...protoreflect.FieldDescriptor) error {
	if !utf8.Valid(body) {
		return problem.ErrInvalidUTF8
	}
	if tooDeep(body) {
		return problem.ErrJSONTooDeep
	}
	c := checker{data: body, elsewhere: elsewhere}
	c.space()
	if c.pos == len(body) {
		return problem.ErrBodyRequired
	}
	if body[c.pos] != '{' && wellKnown(md) == nil {
		return c.malformed()
	}
	if err := c.message(md); err != nil {
		return err
	}
	if c.space(); c.pos < len(body) {
		return problem.ErrTrailingData.With("offset", strconv.Itoa(c.pos))
	}
	return nil
}

// checker walks over one body. path names the place it stands at.
type checker struct {
	data []byte
	pos  int
	path []byte

	elsewhere []protoreflect.FieldDescriptor
}

func (c *checker) malformed() error {
	return problem.ErrMalformedJSON.With("offset", strconv.Itoa(c.pos))
}

// place returns the present path, cut where a caller made it absurdly long.
func (c *checker) place() string {
	if len(c.path) <= maxPath {
		return string(c.path)
	}
	return strings.ToValidUTF8(string(c.path[:maxPath]), "") + "…"
}

// at refuses the value at the present path.
func (c *checker) at(f *fault.Error) error { return f.OnPath(c.place()) }

// wrong refuses the value at the present path as INVALID_FIELD.
func (c *checker) wrong(ja, en string) error {
	return fault.ErrInvalidField.On(fault.Field{Path: c.place(), Reason: fault.ErrInvalidField.Reason, Ja: ja, En: en})
}

func (c *checker) space() {
	for c.pos < len(c.data) {
		switch c.data[c.pos] {
		case ' ', '\t', '\r', '\n':
			c.pos++
		default:
			return
		}
	}
}

// peek returns the next byte that is not white space, or 0 at the end.
func (c *checker) peek() byte {
	c.space()
	if c.pos == len(c.data) {
		return 0
	}
	return c.data[c.pos]
}

func (c *checker) take(b byte) bool {
	if c.peek() != b {
		return false
	}
	c.pos++
	return true
}

func (c *checker) word(w string) bool {
	if c.space(); len(c.data)-c.pos < len(w) || string(c.data[c.pos:c.pos+len(w)]) != w {
		return false
	}
	c.pos += len(w)
	return true
}

// tooDeep reports whether brackets are nested more than 64 levels. It bounds the
// recursion of everything that reads the body after it.
func tooDeep(body []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case quoted && b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{' || b == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return false
}

// members walks over an object and calls each for every member, standing before
// its value with the path extended by name.
func (c *checker) members(step func(key string) string, each func(key string) error) error {
	if !c.take('{') {
		return c.malformed()
	}
	if c.take('}') {
		return nil
	}
	for {
		if c.peek() != '"' {
			return c.malformed()
		}
		mark := len(c.path)
		key, err := c.text()
		if err != nil {
			return err
		}
		if !c.take(':') {
			return c.malformed()
		}
		c.path = append(c.path, step(key)...)
		if err := each(key); err != nil {
			return err
		}
		c.path = c.path[:mark]
		if c.take('}') {
			return nil
		}
		if !c.take(',') {
			return c.malformed()
		}
	}
}

// items walks over an array and calls each before every item.
func (c *checker) items(each func() error) error {
	if !c.take('[') {
		return c.malformed()
	}
	if c.take(']') {
		return nil
	}
	mark := len(c.path)
	for i := 0; ; i++ {
		if i == maxItems {
			return c.wrong("1,000件以内で指定してください。", "At most 1,000 items are taken.")
		}
		c.path = append(append(append(c.path, '['), strconv.Itoa(i)...), ']')
		if err := each(); err != nil {
			return err
		}
		c.path = c.path[:mark]
		if c.take(']') {
			return nil
		}
		if !c.take(',') {
			return c.malformed()
		}
	}
}

// dotted extends the path by a field's name.
func (c *checker) dotted(key string) string {
	if len(c.path) == 0 {
		return key
	}
	return "." + key
}

func (c *checker) object(md protoreflect.MessageDescriptor) error {
	seen, oneofs := set{}, set{}
	return c.members(c.dotted, func(key string) error {
		fd := md.Fields().ByJSONName(key)
		if fd == nil || fd.JSONName() != key || slices.Contains(c.elsewhere, fd) {
			return c.at(problem.ErrUnknownField)
		}
		if !seen.add(fd.Index()) {
			return c.at(problem.ErrDuplicateField)
		}
		if c.peek() == 'n' && !takesNull(fd) {
			return c.null()
		}
		if od := fd.ContainingOneof(); od != nil && !od.IsSynthetic() && !oneofs.add(od.Index()) {
			return c.wrong("同時に指定できない項目です。どちらか一方にしてください。", "Only one of these fields can be given.")
		}
		return c.field(fd)
	})
}

func (c *checker) null() error {
	if !c.word("null") {
		return c.malformed()
	}
	return nil
}

func (c *checker) field(fd protoreflect.FieldDescriptor) error {
	switch {
	case fd.IsMap():
		return c.mapping(fd)
	case fd.IsList():
		if c.peek() != '[' {
			return c.mistyped("リスト（[ ]）で指定してください。", "A list is needed.")
		}
		return c.items(func() error { return c.value(fd) })
	default:
		return c.value(fd)
	}
}

func (c *checker) mapping(fd protoreflect.FieldDescriptor) error {
	if c.peek() != '{' {
		return c.mistyped("名前と値の組（{ }）で指定してください。", "An object is needed.")
	}
	seen := map[string]bool{}
	return c.members(func(key string) string { return fmt.Sprintf("[%q]", key) }, func(key string) error {
		if seen[key] {
			return c.at(problem.ErrDuplicateField)
		}
		if seen[key] = true; len(seen) > maxItems {
			return c.wrong("1,000件以内で指定してください。", "At most 1,000 entries are taken.")
		}
		if err := c.mapKey(fd.MapKey(), key); err != nil {
			return err
		}
		return c.value(fd.MapValue())
	})
}

func (c *checker) mapKey(fd protoreflect.FieldDescriptor, key string) error {
	var ok bool
	switch fd.Kind() {
	case protoreflect.StringKind:
		return c.clean(key)
	case protoreflect.BoolKind:
		ok = key == "true" || key == "false"
	default:
		ok = integer(key, fd.Kind())
	}
	if !ok {
		return c.wrong("名前の形式が正しくありません。", "The key is not of the right type.")
	}
	return nil
}

// set is a set of small numbers.
type set struct {
	low  uint64
	high map[int]bool
}

// add reports whether i was new.
func (s *set) add(i int) bool {
	if i < 64 {
		old := s.low
		s.low |= 1 << i
		return old != s.low
	}
	if s.high[i] {
		return false
	}
	if s.high == nil {
		s.high = map[int]bool{}
	}
	s.high[i] = true
	return true
}
