package wire

import (
	"regexp"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

func startsNumber(b byte) bool { return b == '-' || b >= '0' && b <= '9' }

var numberText = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`)

// number reads a number as it is written.
func (c *checker) number() (string, error) {
	c.space()
	m := numberText.Find(c.data[c.pos:])
	if m == nil {
		return "", c.malformed()
	}
	c.pos += len(m)
	if c.pos < len(c.data) {
		switch c.data[c.pos] {
		case ' ', '\t', '\r', '\n', ',', ']', '}':
		default:
			return "", c.malformed()
		}
	}
	return string(m), nil
}

// text reads a string and undoes its escapes.
func (c *checker) text() (string, error) {
	if !c.take('"') {
		return "", c.malformed()
	}
	start := c.pos
	for ; c.pos < len(c.data); c.pos++ {
		switch b := c.data[c.pos]; {
		case b == '"':
			c.pos++
			return string(c.data[start : c.pos-1]), nil
		case b == '\\':
			return c.escaped(append([]byte(nil), c.data[start:c.pos]...))
		case b < 0x20:
			return "", c.malformed()
		}
	}
	return "", c.malformed()
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escaped reads the rest of a string from its first escape on.
func (c *checker) escaped(out []byte) (string, error) {
	for c.pos < len(c.data) {
		b := c.data[c.pos]
		switch {
		case b == '"':
			c.pos++
			return string(out), nil
		case b < 0x20:
			return "", c.malformed()
		case b != '\\':
			out = append(out, b)
			c.pos++
			continue
		}
		c.pos++
		if c.pos == len(c.data) {
			break
		}
		if plain, ok := escapes[c.data[c.pos]]; ok {
			out = append(out, plain)
			c.pos++
			continue
		}
		r, err := c.unicode()
		if err != nil {
			return "", err
		}
		out = utf8.AppendRune(out, r)
	}
	return "", c.malformed()
}

// unicode reads uXXXX, and the second half of a surrogate pair after it.
func (c *checker) unicode() (rune, error) {
	r, ok := c.hex()
	if !ok {
		return 0, c.malformed()
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if c.pos == len(c.data) || c.data[c.pos] != '\\' {
		return 0, problem.ErrInvalidUTF8
	}
	c.pos++
	low, ok := c.hex()
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return 0, problem.ErrInvalidUTF8
	}
	return r, nil
}

func (c *checker) hex() (rune, bool) {
	if len(c.data)-c.pos < 5 || c.data[c.pos] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(c.data[c.pos+1:c.pos+5]), 16, 16)
	c.pos += 5
	return rune(n), err == nil
}

// clean refuses control and direction-changing characters in a text.
func (c *checker) clean(s string) error {
	if _, bad := jp.ForbiddenRune(s, true); bad {
		return c.at(fault.ErrForbiddenCharacter)
	}
	return nil
}
