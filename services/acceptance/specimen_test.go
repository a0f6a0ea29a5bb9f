package acceptance

import (
	"cmp"
	"regexp"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// sampleDepartment is in the sample data of every installation.
const sampleDepartment = "01900000-0000-7000-8000-0000000d0006"

// invented is the id of nothing.
const invented = "01890000-0000-7000-8000-00000000dead"

// specimen makes the smallest request that is valid in form, with id for every
// id. What the form cannot say stands in specimenText.
func specimen(t testing.TB, md protoreflect.MessageDescriptor, id string) proto.Message {
	t.Helper()
	mt, err := protoregistry.GlobalTypes.FindMessageByName(md.FullName())
	if err != nil {
		t.Fatal(err)
	}
	m := mt.New()
	fill(m, id)
	for path, value := range specimenText[md.Name()] {
		m.Set(md.Fields().ByName(path), protoreflect.ValueOfString(value))
	}
	if err := protovalidate.Validate(m.Interface()); err != nil {
		t.Fatalf("specimen of %s: %v", md.FullName(), err)
	}
	return m.Interface()
}

// specimenText fills what a rule over several fields asks for, and keeps the
// requests that would be carried out from doing so.
var specimenText = map[protoreflect.Name]map[protoreflect.Name]string{
	"AssignStaffRequest":      {"person_id": invented},
	"FindDuplicatesRequest":   {"name": "物語"},
	"CreateDepartmentRequest": {"parent_id": invented},
	"SearchOrganizationsRequest": {
		"q": "物語",
	},
}

// specimenMask is the field that the specimen of an update changes.
var specimenMask = map[protoreflect.Name]string{
	"UpdateProposalRequest": "content.title",
	"UpdateCallRequest":     "title",
	"UpdateMemberRequest":   "role",
}

func fill(m protoreflect.Message, id string) {
	if m.Descriptor().Name() == "AssignmentInput" {
		id = sampleDepartment // An unknown one is told before the proposal is looked for.
	}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		rules, _ := proto.GetExtension(fd.Options(), validate.E_Field).(*validate.FieldRules)
		switch {
		case rules.GetIgnore() == validate.Ignore_IGNORE_IF_ZERO_VALUE, fd.IsMap():
		case fd.IsList():
			if rules.GetRepeated().GetMinItems() > 0 {
				list := m.Mutable(fd).List()
				if fd.Message() != nil {
					fill(list.AppendMutable().Message(), id)
				} else {
					list.Append(scalar(fd, rules.GetRepeated().GetItems(), id))
				}
			}
		case fd.Message() != nil:
			if rules.GetRequired() || needed(fd) {
				fill(m.Mutable(fd).Message(), id)
			}
			if fd.Message().FullName() == "google.protobuf.FieldMask" {
				path := cmp.Or(specimenMask[m.Descriptor().Name()], "name")
				m.Mutable(fd).Message().Mutable(fd.Message().Fields().ByName("paths")).List().Append(protoreflect.ValueOfString(path))
			}
		case fd.ContainingOneof() != nil && !fd.HasOptionalKeyword():
			if fd.ContainingOneof().Fields().Get(0) == fd {
				m.Set(fd, scalar(fd, rules, id))
			}
		default:
			if v := scalar(fd, rules, id); v.IsValid() {
				m.Set(fd, v)
			}
		}
	}
}

// needed reports whether a message is the first choice of a oneof that must be
// set.
func needed(fd protoreflect.FieldDescriptor) bool {
	oneof := fd.ContainingOneof()
	if oneof == nil || oneof.Fields().Get(0) != fd {
		return false
	}
	rules, _ := proto.GetExtension(oneof.Options(), validate.E_Oneof).(*validate.OneofRules)
	return rules.GetRequired()
}

// scalar returns the simplest value that the rules admit.
func scalar(fd protoreflect.FieldDescriptor, rules *validate.FieldRules, id string) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(text(rules.GetString(), id))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(choice(rules.GetEnum()))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(max(rules.GetInt32().GetGte(), 0))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(max(rules.GetInt64().GetGte(), 0))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(rules.GetBool().GetConst())
	default:
		return fd.Default()
	}
}

func text(r *validate.StringRules, id string) string {
	switch {
	case r.GetUuid():
		return id
	case r.GetEmail():
		return "nobody@story.example.com"
	case r.GetPattern() == "^[0-9]{4}-[0-9]{2}-[0-9]{2}$":
		return today(1)
	case r.GetPattern() == "^[A-Za-z0-9_-]{43}$":
		return "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	case r.GetPattern() == "^[a-z][a-zA-Z0-9]{0,39}$":
		return "title"
	case len(r.GetIn()) > 0:
		return r.GetIn()[0]
	case r.GetMinLen() > 0, !regexp.MustCompile(r.GetPattern()).MatchString(""):
		return "物語"
	}
	return ""
}

func choice(r *validate.EnumRules) protoreflect.EnumNumber {
	if len(r.GetIn()) > 0 {
		return protoreflect.EnumNumber(r.GetIn()[0])
	}
	if len(r.GetNotIn()) > 0 {
		return 1
	}
	return 0
}

func TestSpecimens(t *testing.T) {
	for name, m := range methods {
		if name[0] == '/' && !m.Descriptor.IsStreamingClient() {
			t.Run(string(m.Descriptor.Name()), func(t *testing.T) { specimen(t, m.Descriptor.Input(), invented) })
		}
	}
}
