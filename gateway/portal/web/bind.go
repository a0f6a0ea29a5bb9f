package web

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// maxRows bounds the rows of one list in a form.
const maxRows = 200

// Bind fills a request from a form whose fields are named by their paths in it,
// such as content.title, content.roles[0].item or content.answers.years. What
// the request does not have is left. Rows of which nothing is filled in are taken
// out of values, and the rest moves up, so that a refusal finds its row. Errors:
// INVALID_FIELD for what is no number or no choice.
func Bind(values url.Values, into proto.Message) error {
	compact(values)
	var wrong []fault.Field
	for _, name := range slices.SortedFunc(maps.Keys(values), byPath) {
		if strings.HasPrefix(name, "_") {
			continue
		}
		if err := set(into.ProtoReflect(), name, values[name]); err != nil {
			err.Path = name
			wrong = append(wrong, *err)
		}
	}
	if len(wrong) > 0 {
		return fault.ErrInvalidField.On(wrong...)
	}
	return nil
}

var row = regexp.MustCompile(`^(.+)\[(\d{1,3})\](\..+)?$`)

// byPath orders names so that rows come by their numbers.
func byPath(a, b string) int {
	x, y := row.FindStringSubmatch(a), row.FindStringSubmatch(b)
	if x == nil || y == nil || x[1] != y[1] {
		return strings.Compare(a, b)
	}
	n, _ := strconv.Atoi(x[2])
	m, _ := strconv.Atoi(y[2])
	return cmp.Or(cmp.Compare(n, m), strings.Compare(a, b))
}

// compact takes empty rows out.
func compact(values url.Values) {
	filled := map[string]map[int]bool{}
	for name, v := range values {
		m := row.FindStringSubmatch(name)
		if m == nil || strings.TrimSpace(strings.Join(v, "")) == "" {
			continue
		}
		n, _ := strconv.Atoi(m[2]) // the expression takes digits only
		if filled[m[1]] == nil {
			filled[m[1]] = map[int]bool{}
		}
		filled[m[1]][n] = true
	}
	for _, name := range slices.SortedFunc(maps.Keys(values), byPath) {
		m := row.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[2])
		at := slices.Index(slices.Sorted(maps.Keys(filled[m[1]])), n)
		v := values[name]
		delete(values, name)
		if at >= 0 && at < maxRows {
			values[fmt.Sprintf("%s[%d]%s", m[1], at, m[3])] = v
		}
	}
}

// set sets one field. Names that lead nowhere are left.
func set(m protoreflect.Message, path string, v []string) *fault.Field {
	head, rest, deeper := strings.Cut(path, ".")
	name, index, listed := cutIndex(head)
	fd := m.Descriptor().Fields().ByJSONName(name)
	switch {
	case fd == nil:
		return nil
	case fd.IsMap():
		if deeper && fd.MapValue().Kind() == protoreflect.StringKind {
			m.Mutable(fd).Map().Set(protoreflect.ValueOfString(rest).MapKey(), protoreflect.ValueOfString(v[0]))
		}
		return nil
	case fd.IsList() && fd.Message() != nil:
		if !listed || !deeper {
			return nil
		}
		list := m.Mutable(fd).List()
		for list.Len() <= index {
			list.AppendMutable()
		}
		return set(list.Get(index).Message(), rest, v)
	case fd.IsList():
		return setList(m.Mutable(fd).List(), fd, v)
	case fd.Message() != nil:
		if !deeper || listed {
			return nil
		}
		return set(m.Mutable(fd).Message(), rest, v)
	}
	value, wrong := scalar(fd, v[0])
	if wrong == nil && value.IsValid() {
		m.Set(fd, value)
	}
	return wrong
}

func setList(list protoreflect.List, fd protoreflect.FieldDescriptor, v []string) *fault.Field {
	for _, one := range v {
		value, wrong := scalar(fd, one)
		if wrong != nil {
			return wrong
		}
		if value.IsValid() {
			list.Append(value)
		}
	}
	return nil
}

// cutIndex splits roles[2] into its parts.
func cutIndex(s string) (name string, index int, ok bool) {
	name, rest, found := strings.Cut(s, "[")
	if !found {
		return s, 0, false
	}
	n, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
	return name, n, err == nil && n >= 0 && n < maxRows
}

// scalar reads one value; an empty one is not set.
func scalar(fd protoreflect.FieldDescriptor, s string) (protoreflect.Value, *fault.Field) {
	switch fd.Kind() {
	case protoreflect.StringKind:
		if s == "" {
			return protoreflect.Value{}, nil
		}
		return protoreflect.ValueOfString(strings.ReplaceAll(s, "\r\n", "\n")), nil
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(s == "true"), nil
	case protoreflect.EnumKind:
		if s == "" {
			return protoreflect.Value{}, nil
		}
		choice := fd.Enum().Values().ByName(protoreflect.Name(s))
		if choice == nil {
			return protoreflect.Value{}, &fault.Field{Reason: "INVALID_ENUM", Ja: "選択肢から選んでください。", En: "Choose one of the choices."}
		}
		return protoreflect.ValueOfEnum(choice.Number()), nil
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		return number(fd, s)
	case protoreflect.DoubleKind:
		return decimal(s)
	default:
		return protoreflect.Value{}, nil
	}
}

var decimalForm = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

// decimal takes full-width digits and commas too, but no powers of ten and no
// words such as NaN.
func decimal(s string) (protoreflect.Value, *fault.Field) {
	s = strings.ReplaceAll(strings.TrimSpace(norm.NFKC.String(s)), ",", "")
	if s == "" {
		return protoreflect.Value{}, nil
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || !decimalForm.MatchString(s) {
		return protoreflect.Value{}, &fault.Field{Reason: "INVALID_FIELD", Ja: "数字で入力してください。小数点も使えます。", En: "Enter a number, with a decimal point where needed."}
	}
	return protoreflect.ValueOfFloat64(x), nil
}

// number takes full-width digits and commas too.
func number(fd protoreflect.FieldDescriptor, s string) (protoreflect.Value, *fault.Field) {
	s = strings.ReplaceAll(strings.TrimSpace(norm.NFKC.String(s)), ",", "")
	if s == "" {
		return protoreflect.Value{}, nil
	}
	bits := 64
	if fd.Kind() == protoreflect.Int32Kind {
		bits = 32
	}
	n, err := strconv.ParseInt(s, 10, bits)
	if err != nil {
		return protoreflect.Value{}, &fault.Field{Reason: "INVALID_FIELD", Ja: "数字で入力してください。", En: "Enter a whole number."}
	}
	if bits == 32 {
		return protoreflect.ValueOfInt32(int32(n)), nil
	}
	return protoreflect.ValueOfInt64(n), nil
}

// Values are the fields of a message as a form shows them; names begin with the
// prefix, such as "content.".
func Values(prefix string, m proto.Message) url.Values {
	out := url.Values{}
	collect(out, prefix, m.ProtoReflect())
	return out
}

func collect(out url.Values, prefix string, m protoreflect.Message) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		name := prefix + fd.JSONName()
		switch {
		case fd.IsMap():
			v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
				out.Set(name+"."+k.String(), v.String())
				return true
			})
		case fd.IsList():
			for i := range v.List().Len() {
				if fd.Message() != nil {
					collect(out, fmt.Sprintf("%s[%d].", name, i), v.List().Get(i).Message())
				} else {
					out.Add(name, shownScalar(fd, v.List().Get(i)))
				}
			}
		case fd.Message() != nil:
			collect(out, name+".", v.Message())
		default:
			out.Set(name, shownScalar(fd, v))
		}
		return true
	})
}

func shownScalar(fd protoreflect.FieldDescriptor, v protoreflect.Value) string {
	if fd.Kind() == protoreflect.EnumKind {
		if d := fd.Enum().Values().ByNumber(v.Enum()); d != nil {
			return string(d.Name())
		}
	}
	return fmt.Sprint(v.Interface())
}

// Max returns how many characters the contract allows in a field of a request,
// by its path; 0 for no limit.
func Max(m proto.Message, path string) int {
	md := m.ProtoReflect().Descriptor()
	for part := range strings.SplitSeq(path, ".") {
		if md == nil {
			return 0
		}
		name, _, _ := cutIndex(part)
		fd := md.Fields().ByJSONName(name)
		if fd == nil {
			return 0
		}
		if md = fd.Message(); md == nil {
			rules, _ := proto.GetExtension(fd.Options(), validate.E_Field).(*validate.FieldRules)
			return int(rules.GetString().GetMaxLen())
		}
	}
	return 0
}
