package wire

import (
	"sync"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	_ "google.golang.org/protobuf/types/known/durationpb"
	_ "google.golang.org/protobuf/types/known/fieldmaskpb"
	_ "google.golang.org/protobuf/types/known/structpb"
	_ "google.golang.org/protobuf/types/known/timestamppb"
	_ "google.golang.org/protobuf/types/known/wrapperspb"
)

const specimenFile = `
name: "specimen.proto" package: "specimen" syntax: "proto3"
dependency: ["google/protobuf/timestamp.proto", "google/protobuf/duration.proto", "google/protobuf/struct.proto", "google/protobuf/field_mask.proto", "google/protobuf/wrappers.proto"]
enum_type { name: "Color" value { name: "COLOR_UNSPECIFIED" number: 0 } value { name: "RED" number: 1 } }
message_type {
  name: "Specimen"
  field { name: "title" json_name: "title" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "full_name" json_name: "fullName" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "small" json_name: "small" number: 3 type: TYPE_INT32 label: LABEL_OPTIONAL }
  field { name: "big" json_name: "big" number: 4 type: TYPE_INT64 label: LABEL_OPTIONAL }
  field { name: "flag" json_name: "flag" number: 5 type: TYPE_BOOL label: LABEL_OPTIONAL }
  field { name: "color" json_name: "color" number: 6 type: TYPE_ENUM type_name: ".specimen.Color" label: LABEL_OPTIONAL }
  field { name: "raw" json_name: "raw" number: 7 type: TYPE_BYTES label: LABEL_OPTIONAL }
  field { name: "at" json_name: "at" number: 8 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL }
  field { name: "tags" json_name: "tags" number: 9 type: TYPE_STRING label: LABEL_REPEATED }
  field { name: "child" json_name: "child" number: 10 type: TYPE_MESSAGE type_name: ".specimen.Specimen" label: LABEL_OPTIONAL }
  field { name: "rows" json_name: "rows" number: 11 type: TYPE_MESSAGE type_name: ".specimen.Specimen" label: LABEL_REPEATED }
  field { name: "labels" json_name: "labels" number: 12 type: TYPE_MESSAGE type_name: ".specimen.Specimen.LabelsEntry" label: LABEL_REPEATED }
  field { name: "left" json_name: "left" number: 13 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "right" json_name: "right" number: 14 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 }
  field { name: "span" json_name: "span" number: 15 type: TYPE_MESSAGE type_name: ".google.protobuf.Duration" label: LABEL_OPTIONAL }
  field { name: "answers" json_name: "answers" number: 16 type: TYPE_MESSAGE type_name: ".google.protobuf.Struct" label: LABEL_OPTIONAL }
  field { name: "any" json_name: "any" number: 17 type: TYPE_MESSAGE type_name: ".google.protobuf.Value" label: LABEL_OPTIONAL }
  field { name: "mask" json_name: "mask" number: 18 type: TYPE_MESSAGE type_name: ".google.protobuf.FieldMask" label: LABEL_OPTIONAL }
  field { name: "wrapped" json_name: "wrapped" number: 19 type: TYPE_MESSAGE type_name: ".google.protobuf.Int64Value" label: LABEL_OPTIONAL }
  field { name: "ratio" json_name: "ratio" number: 20 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
  field { name: "unsigned" json_name: "unsigned" number: 21 type: TYPE_UINT64 label: LABEL_OPTIONAL }
  field { name: "narrow" json_name: "narrow" number: 22 type: TYPE_FLOAT label: LABEL_OPTIONAL }
  field { name: "counts" json_name: "counts" number: 23 type: TYPE_MESSAGE type_name: ".specimen.Specimen.CountsEntry" label: LABEL_REPEATED }
  field { name: "colors" json_name: "colors" number: 24 type: TYPE_ENUM type_name: ".specimen.Color" label: LABEL_REPEATED }
  field { name: "list" json_name: "list" number: 25 type: TYPE_MESSAGE type_name: ".google.protobuf.ListValue" label: LABEL_OPTIONAL }
  nested_type {
    name: "LabelsEntry" options { map_entry: true }
    field { name: "key" json_name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
    field { name: "value" json_name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  }
  nested_type {
    name: "CountsEntry" options { map_entry: true }
    field { name: "key" json_name: "key" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
    field { name: "value" json_name: "value" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL }
  }
  oneof_decl { name: "side" }
}`

// specimen describes a message with a field of every kind.
func specimen(t testing.TB) protoreflect.MessageDescriptor {
	t.Helper()
	md, err := specimenOnce()
	if err != nil {
		t.Fatal(err)
	}
	return md
}

var specimenOnce = sync.OnceValues(func() (protoreflect.MessageDescriptor, error) {
	var file descriptorpb.FileDescriptorProto
	if err := prototext.Unmarshal([]byte(specimenFile), &file); err != nil {
		return nil, err
	}
	fd, err := protodesc.NewFile(&file, protoregistry.GlobalFiles)
	if err != nil {
		return nil, err
	}
	return fd.Messages().ByName("Specimen"), nil
})
