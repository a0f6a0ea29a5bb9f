package wire

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

var accepted = []string{
	`{}`, ` {"title":"協働"} `, "{\n\t\"small\": -5, \"big\": \"9007199254740993\"}", `{"big":12}`,
	`{"flag":true,"color":"RED","raw":"aGk=","at":"2026-04-01T09:00:00+09:00"}`,
	`{"tags":[],"child":{"child":{"title":"x"}},"rows":[{"title":"a"},{"small":1}],"labels":{"a":"b"}}`,
	`{"left":"a"}`, `{"left":null,"right":"b"}`, `{"title":null}`, `{"span":"3.5s"}`,
	`{"answers":{"q":[1,"二",{"x":null}]},"any":null,"list":[1,[2]]}`, `{"any":{"a":true}}`, `{"mask":"title,child.fullName"}`,
	`{"wrapped":"5"}`, `{"ratio":1.5e3,"unsigned":"18446744073709551615","narrow":0.25}`,
	`{"title":"\u5354\ud83d\ude00\n\"\\\/"}`, `{"counts":{"-1":2}}`, `{"colors":["RED","COLOR_UNSPECIFIED"]}`, `{"raw":"_-8"}`,
}

var refused = []struct{ name, body, reason, field string }{
	{"empty", ``, "BODY_REQUIRED", ""},
	{"white space only", " \n", "BODY_REQUIRED", ""},
	{"no object", `[]`, "MALFORMED_JSON", ""},
	{"null", `null`, "MALFORMED_JSON", ""},
	{"cut", `{"title":"a`, "MALFORMED_JSON", ""},
	{"comma at the end", `{"title":"a",}`, "MALFORMED_JSON", ""},
	{"single quotes", `{'title':'a'}`, "MALFORMED_JSON", ""},
	{"raw control character", "{\"title\":\"a\x01\"}", "MALFORMED_JSON", ""},
	{"bad escape", `{"title":"\x"}`, "MALFORMED_JSON", ""},
	{"leading zero", `{"small":01}`, "MALFORMED_JSON", ""},
	{"byte order mark", "\ufeff{}", "MALFORMED_JSON", ""},
	{"trailing", `{} {}`, "TRAILING_DATA", ""},
	{"trailing comma", `{},`, "TRAILING_DATA", ""},
	{"double field", `{"title":"a","title":"b"}`, "DUPLICATE_FIELD", "title"},
	{"double null", `{"title":null,"title":null}`, "DUPLICATE_FIELD", "title"},
	{"double map key", `{"labels":{"a":"b","\u0061":"c"}}`, "DUPLICATE_FIELD", `labels["a"]`},
	{"double in struct", `{"answers":{"a":1,"a":2}}`, "DUPLICATE_FIELD", "answers.a"},
	{"unknown", `{"owner":"me"}`, "UNKNOWN_FIELD", "owner"},
	{"snake case", `{"full_name":"x"}`, "UNKNOWN_FIELD", "full_name"},
	{"unknown below", `{"rows":[{},{"child":{"owner":1}}]}`, "UNKNOWN_FIELD", "rows[1].child.owner"},
	{"unknown and long", `{"` + strings.Repeat("長", 1000) + `":1}`, "UNKNOWN_FIELD", strings.Repeat("長", 66) + "…"},
	{"enum text", `{"color":"BLUE"}`, "INVALID_ENUM", "color"},
	{"enum number", `{"color":1}`, "INVALID_ENUM", "color"},
	{"enum item", `{"colors":["RED",2]}`, "INVALID_ENUM", "colors[1]"},
	{"number for text", `{"title":1}`, "INVALID_FIELD", "title"},
	{"text for number", `{"small":"1"}`, "INVALID_FIELD", "small"},
	{"fraction", `{"small":1.5}`, "INVALID_FIELD", "small"},
	{"overflow 32", `{"small":2147483648}`, "INVALID_FIELD", "small"},
	{"overflow 64", `{"big":"9223372036854775808"}`, "INVALID_FIELD", "big"},
	{"negative unsigned", `{"unsigned":-1}`, "INVALID_FIELD", "unsigned"},
	{"overflow float", `{"ratio":1e999}`, "INVALID_FIELD", "ratio"},
	{"text for bool", `{"flag":"true"}`, "INVALID_FIELD", "flag"},
	{"object for list", `{"tags":{}}`, "INVALID_FIELD", "tags"},
	{"null in list", `{"tags":[null]}`, "INVALID_FIELD", "tags[0]"},
	{"text for object", `{"child":"x"}`, "INVALID_FIELD", "child"},
	{"bad instant", `{"at":"2026-02-30T00:00:00Z"}`, "INVALID_FIELD", "at"},
	{"instant with comma", `{"at":"2026-02-20T00:00:00,5Z"}`, "INVALID_FIELD", "at"},
	{"bad duration", `{"span":"3 s"}`, "INVALID_FIELD", "span"},
	{"bad base64", `{"raw":"***"}`, "INVALID_FIELD", "raw"},
	{"bad mask", `{"mask":"full_name"}`, "INVALID_FIELD_MASK", "mask"},
	{"two of one", `{"left":"a","right":"b"}`, "INVALID_FIELD", "right"},
	{"map key", `{"counts":{"x":1}}`, "INVALID_FIELD", `counts["x"]`},
	{"nul", `{"title":"a\u0000"}`, "FORBIDDEN_CHARACTER", "title"},
	{"direction", `{"title":"a\u202e"}`, "FORBIDDEN_CHARACTER", "title"},
	{"lone surrogate", `{"title":"\ud800"}`, "INVALID_UTF8", ""},
	{"latin 1", "{\"title\":\"\xe9\"}", "INVALID_UTF8", ""},
	{"too deep", strings.Repeat(`{"child":`, 70) + `{}` + strings.Repeat(`}`, 70), "JSON_TOO_DEEP", ""},
	{"too deep where any value goes", `{"any":` + strings.Repeat(`[`, 100000), "JSON_TOO_DEEP", ""},
	{"too many items", `{"tags":[` + strings.Repeat(`"a",`, 1000) + `"a"]}`, "INVALID_FIELD", "tags"},
}

func TestCheckAccepts(t *testing.T) {
	md := specimen(t)
	for _, body := range accepted {
		if err := Check([]byte(body), md); err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if err := protojson.Unmarshal([]byte(body), dynamicpb.NewMessage(md)); err != nil {
			t.Errorf("%s passes, but protojson says %v", body, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	md := specimen(t)
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) {
			f, ok := fault.As(Check([]byte(c.body), md))
			if !ok {
				t.Fatal("passes")
			}
			path := ""
			if len(f.Fields) > 0 {
				path = f.Fields[0].Path
			}
			if f.Reason != c.reason || path != c.field {
				t.Errorf("%s at %q, want %s at %q", f.Reason, path, c.reason, c.field)
			}
		})
	}
}

// FuzzStrictJSON holds that what passes is read without an error.
func FuzzStrictJSON(f *testing.F) {
	md := specimen(f)
	for _, body := range accepted {
		f.Add([]byte(body))
	}
	for _, c := range refused {
		f.Add([]byte(c.body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if err := Check(body, md); err != nil {
			if _, ok := fault.As(err); !ok {
				t.Fatalf("%v is no fault", err)
			}
			return
		}
		m := dynamicpb.NewMessage(md)
		if err := protojson.Unmarshal(body, m); err != nil {
			t.Fatalf("%q passes, but protojson says %v", body, err)
		}
		out, err := Append(nil, m)
		if err != nil {
			t.Fatalf("write %q: %v", body, err)
		}
		again := dynamicpb.NewMessage(md)
		if err := protojson.Unmarshal(out, again); err != nil {
			t.Fatalf("%q was written as %q: %v", body, out, err)
		}
	})
}
