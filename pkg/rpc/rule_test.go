package rpc

import (
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	_ "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
	_ "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	_ "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// TestRulesAreInJapanese: every rule that a request of the contract declares has
// its text.
func TestRulesAreInJapanese(t *testing.T) {
	methods, err := auth.AllMethods()
	if err != nil {
		t.Fatal(err)
	}
	seen, rules := map[protoreflect.FullName]bool{}, 0
	var walk func(protoreflect.MessageDescriptor)
	walk = func(md protoreflect.MessageDescriptor) {
		if seen[md.FullName()] {
			return
		}
		seen[md.FullName()] = true
		for i := range md.Fields().Len() {
			fd := md.Fields().Get(i)
			declared, _ := proto.GetExtension(fd.Options(), validate.E_Field).(*validate.FieldRules)
			for _, rule := range ruleIDs(declared) {
				rules++
				if ruleTexts[rule] == "" {
					t.Errorf("%s: no text for %s", fd.FullName(), rule)
				}
			}
			if fd.Message() != nil {
				walk(fd.Message())
			}
		}
	}
	for _, m := range methods {
		walk(m.Descriptor.Input())
	}
	if rules < 50 {
		t.Errorf("only %d rules found", rules)
	}
}

// ruleIDs names the rules as violations do.
func ruleIDs(r *validate.FieldRules) []string {
	var ids []string
	if r.GetRequired() {
		ids = append(ids, "required")
	}
	if r.GetRepeated() != nil {
		ids = append(ids, ruleIDs(r.GetRepeated().GetItems())...)
	}
	if r.GetMap() != nil {
		ids = append(append(ids, ruleIDs(r.GetMap().GetKeys())...), ruleIDs(r.GetMap().GetValues())...)
	}
	m := r.ProtoReflect()
	kind := m.WhichOneof(m.Descriptor().Oneofs().ByName("type"))
	if kind == nil {
		return ids
	}
	set := map[string]bool{}
	m.Get(kind).Message().Range(func(fd protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		set[string(fd.Name())] = true
		return true
	})
	for _, nested := range []string{"items", "keys", "values", "example"} {
		delete(set, nested)
	}
	if set["gte"] && set["lte"] {
		delete(set, "gte")
		delete(set, "lte")
		set["gte_lte"] = true
	}
	for name := range set {
		ids = append(ids, string(kind.Name())+"."+name)
		if name == "uuid" || name == "email" {
			ids = append(ids, string(kind.Name())+"."+name+"_empty")
		}
	}
	return ids
}
