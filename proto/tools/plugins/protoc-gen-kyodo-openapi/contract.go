package main

import (
	"fmt"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/pluginpb"
)

const (
	permissionOption = "kyodo.options.v1.permission"
	locationOption   = "kyodo.options.v1.location"
	keyNeededOption  = "kyodo.options.v1.idempotency_key_required"
	publicRole       = "ROLE_PUBLIC"
)

// contract is what the compiler handed over, with the options of all packages
// readable.
type contract struct {
	files    *protoregistry.Files
	generate []string
}

// readContract decodes a request twice: the first pass learns the extensions the
// contract declares itself, the second reads the options with them.
func readContract(request []byte) (*contract, error) {
	first, files, err := link(request, proto.UnmarshalOptions{})
	if err != nil {
		return nil, err
	}
	resolver := extensions{Types: protoregistry.GlobalTypes, own: dynamicpb.NewTypes(files)}
	_, files, err = link(request, proto.UnmarshalOptions{Resolver: resolver})
	if err != nil {
		return nil, err
	}
	return &contract{files: files, generate: first.GetFileToGenerate()}, nil
}

func link(request []byte, options proto.UnmarshalOptions) (*pluginpb.CodeGeneratorRequest, *protoregistry.Files, error) {
	decoded := &pluginpb.CodeGeneratorRequest{}
	if err := options.Unmarshal(request, decoded); err != nil {
		return nil, nil, fmt.Errorf("decode request: %w", err)
	}
	files, err := protodesc.NewFiles(&descriptorpb.FileDescriptorSet{File: decoded.GetProtoFile()})
	if err != nil {
		return nil, nil, fmt.Errorf("link files: %w", err)
	}
	return decoded, files, nil
}

// extensions finds those compiled into this program first, then the contract's own.
type extensions struct {
	*protoregistry.Types
	own *dynamicpb.Types
}

// FindExtensionByNumber implements the resolver of package proto.
func (e extensions) FindExtensionByNumber(message protoreflect.FullName, field protoreflect.FieldNumber) (protoreflect.ExtensionType, error) {
	if found, err := e.Types.FindExtensionByNumber(message, field); err == nil {
		return found, nil
	}
	return e.own.FindExtensionByNumber(message, field)
}

// find returns the declaration of that full name, or nil.
func (c *contract) find(name string) protoreflect.Descriptor {
	found, err := c.files.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	return found
}

// option returns the value of a declaration's option, if it is set.
func option(declaration protoreflect.Descriptor, name protoreflect.FullName) (value protoreflect.Value, ok bool) {
	declaration.Options().ProtoReflect().Range(func(field protoreflect.FieldDescriptor, set protoreflect.Value) bool {
		if field.FullName() == name {
			value, ok = set, true
		}
		return !ok
	})
	return value, ok
}

// permission is the method option of the same name.
type permission struct {
	declared     bool
	action       string
	roles        []string
	personalData bool
}

func permissionOf(method protoreflect.MethodDescriptor) permission {
	set, ok := option(method, permissionOption)
	if !ok {
		return permission{}
	}
	result := permission{declared: true}
	set.Message().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch field.Name() {
		case "action":
			result.action = value.String()
		case "personal_data":
			result.personalData = value.Bool()
		case "roles":
			for i := range value.List().Len() {
				if role := field.Enum().Values().ByNumber(value.List().Get(i).Enum()); role != nil {
					result.roles = append(result.roles, string(role.Name()))
				}
			}
		}
		return true
	})
	return result
}

// bindings lists the REST mappings of a method in the order of their operation
// ids, empty when it has none.
func bindings(method protoreflect.MethodDescriptor) []*annotations.HttpRule {
	rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	if rule == nil {
		return nil
	}
	return append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...)
}
