package directory

import (
	_ "embed" // for the lists of columns and of values
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

// The files are described in opendata/README.md.
var (
	//go:embed opendata/131016_npo_columns.csv
	columnsFile string
	//go:embed opendata/values.csv
	valuesFile string
)

// column is one column of the list of organizations.
type column struct {
	name string
	path string                         // Field of Organization in JSON, "@…" for the ward's own, or "".
	gif  string                         // Name in GIF; "" for none.
	out  []protoreflect.FieldDescriptor // Way in Organization; nil for none.
	in   []protoreflect.FieldDescriptor // Way in OrganizationInput; nil for what nobody writes.
}

var (
	// columns are all columns in their order; columnsByName finds them by their
	// name and their aliases, folded.
	columns, columnsByName = readColumns()
	// vocabulary translates between the codes of a field and what people write, by
	// path; a field that is not there is written as it is.
	vocabulary = readVocabulary()
)

// dictionary has the words of one field.
type dictionary struct {
	words map[string]string // By code.
	codes map[string]string // By word, folded.
}

func readVocabulary() map[string]*dictionary {
	all := map[string]*dictionary{}
	spell := func(path, code, word string, aliases ...string) {
		d := all[path]
		if d == nil {
			d = &dictionary{words: map[string]string{}, codes: map[string]string{}}
			all[path] = d
		}
		d.words[code] = word
		for _, w := range append(aliases, code, word) {
			if key := fold(w); key != "" {
				d.codes[key] = code
			}
		}
	}
	for _, r := range embedded(valuesFile) {
		spell(r[0], r[1], r[2], strings.Split(r[3], ";")...)
	}
	for _, f := range organization.LegalForms() {
		spell("legalForm", f.Code, f.Name)
	}
	for _, f := range organization.ActivityFields(jp.Date{Year: 9999, Month: 12, Day: 31}) {
		spell("activityFields", strconv.Itoa(int(f.Number)), f.ShortName, f.Name)
	}
	return all
}

// fold is a name or a word as names are compared: without width and spaces.
func fold(s string) string { return strings.ReplaceAll(jp.SearchKey(s), " ", "") }

func readColumns() (all []*column, byName map[string]*column) {
	byName = map[string]*column{}
	for _, r := range embedded(columnsFile) {
		c := &column{name: r[0], path: r[1], gif: r[2]}
		if c.path != "" && c.path[0] != '@' {
			c.out = fieldsTo((&directoryv1.Organization{}).ProtoReflect().Descriptor(), c.path)
			c.in = fieldsTo((&directoryv1.OrganizationInput{}).ProtoReflect().Descriptor(), c.path)
			if c.out == nil {
				panic("opendata: no field " + c.path)
			}
		}
		all = append(all, c)
		for _, name := range append(strings.Split(r[3], ";"), c.name) {
			if key := fold(name); key != "" {
				byName[key] = c
			}
		}
	}
	return all, byName
}

// embedded reads an embedded file without its header; a broken one is a mistake
// of the build.
func embedded(file string) [][]string {
	all, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		panic(err)
	}
	return all[1:]
}

// fieldsTo resolves a path in JSON names, or answers nil.
func fieldsTo(md protoreflect.MessageDescriptor, path string) []protoreflect.FieldDescriptor {
	var way []protoreflect.FieldDescriptor
	for name := range strings.SplitSeq(path, ".") {
		fd := md.Fields().ByJSONName(name)
		if fd == nil {
			return nil
		}
		way = append(way, fd)
		md = fd.Message()
	}
	return way
}

// text is the cell of an organization: lists joined by ";", empty for what is
// not known.
func (c *column) text(o *directoryv1.Organization) string {
	switch {
	case c.path == "@code":
		return jp.ChiyodaCode
	case c.path == "@ward":
		return jp.ChiyodaName
	case c.out == nil:
		return ""
	}
	m, last := o.ProtoReflect(), c.out[len(c.out)-1]
	for _, fd := range c.out[:len(c.out)-1] {
		m = m.Get(fd).Message()
	}
	if !m.Has(last) {
		return ""
	}
	if !last.IsList() {
		return c.word(m.Get(last))
	}
	var parts []string
	for list, i := m.Get(last).List(), 0; i < list.Len(); i++ {
		parts = append(parts, c.word(list.Get(i)))
	}
	return strings.Join(parts, ";")
}

// word is one value as people read it.
func (c *column) word(v protoreflect.Value) string {
	text := v.String()
	if fd := c.out[len(c.out)-1]; fd.Kind() == protoreflect.EnumKind {
		text = string(fd.Enum().Values().ByNumber(v.Enum()).Name())
	}
	if d := vocabulary[c.path]; d != nil {
		return d.words[text]
	}
	return text
}

// unknown are the reasons for words that are not in a list.
var unknown = map[string]string{"kind": "UNKNOWN_KIND", "activityFields": "UNKNOWN_ACTIVITY_FIELD", "legalForm": "UNKNOWN_LEGAL_FORM"}

// set writes the cell into what the organization is made of; nil is success.
func (c *column) set(in *directoryv1.OrganizationInput, cell string) *fault.Field {
	m, last := in.ProtoReflect(), c.in[len(c.in)-1]
	for _, fd := range c.in[:len(c.in)-1] {
		m = m.Mutable(fd).Message()
	}
	parts := []string{cell}
	if last.IsList() {
		parts = strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == '；' })
	}
	for _, part := range parts {
		v, wrong := c.value(last, strings.TrimSpace(part))
		switch {
		case wrong != nil:
			wrong.Path = c.path
			return wrong
		case last.IsList():
			m.Mutable(last).List().Append(v)
		default:
			m.Set(last, v)
		}
	}
	return nil
}

// value reads one value.
func (c *column) value(fd protoreflect.FieldDescriptor, text string) (protoreflect.Value, *fault.Field) {
	if d := vocabulary[c.path]; d != nil {
		code, ok := d.codes[fold(text)]
		if !ok {
			reason := unknown[c.path]
			if reason == "" {
				reason = fault.ErrInvalidEnum.Reason
			}
			return protoreflect.Value{}, &fault.Field{Reason: reason, Ja: fmt.Sprintf("「%s」は一覧にありません。一覧の言葉で入力してください。", text), En: "The word is not in the list."}
		}
		text = code
	}
	switch fd.Kind() {
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(fd.Enum().Values().ByName(protoreflect.Name(text)).Number()), nil
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		bits := 64
		if fd.Kind() == protoreflect.Int32Kind {
			bits = 32
		}
		n, err := strconv.ParseInt(halfWidth.Replace(text), 10, bits)
		if err != nil {
			return protoreflect.Value{}, &fault.Field{Reason: "INVALID_NUMBER", Ja: "数字だけで入力してください（桁区切りのカンマや単位は付けません）。", En: "Enter digits only."}
		}
		if bits == 32 {
			return protoreflect.ValueOfInt32(int32(n)), nil
		}
		return protoreflect.ValueOfInt64(n), nil
	default:
		if strings.HasSuffix(string(fd.Name()), "_on") || strings.HasPrefix(string(fd.Name()), "certification_") {
			text = hyphened(text)
		}
		return protoreflect.ValueOfString(text), nil
	}
}

// halfWidth makes digits ASCII.
var halfWidth = strings.NewReplacer("０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9")

// hyphened writes a date such as 2003/4/1, as spreadsheet programs leave it, with
// hyphens; everything else stays.
func hyphened(s string) string {
	var y, m, d int
	if n, err := fmt.Sscanf(strings.ReplaceAll(s, ".", "/"), "%d/%d/%d", &y, &m, &d); n != 3 || err != nil {
		return s
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}
