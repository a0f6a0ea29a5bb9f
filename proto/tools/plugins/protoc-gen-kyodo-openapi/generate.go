package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/pluginpb"
)

// generate answers the document of the whole contract. drawer is the command
// that runs protoc-gen-openapiv3.
func generate(request []byte, drawer *exec.Cmd) ([]byte, error) {
	source, err := readContract(request)
	if err != nil {
		return nil, err
	}
	own, err := readRules(source)
	if err != nil {
		return nil, err
	}
	drawn, err := draw(request, drawer)
	if err != nil {
		return nil, err
	}
	document, err := own.frame(source)
	if err != nil {
		return nil, err
	}
	schemas := child(child(document, "components"), "schemas")
	tags, _ := document["tags"].([]any)
	var list []operation
	for _, name := range slices.Sorted(maps.Keys(drawn)) {
		part := drawn[name]
		maps.Copy(schemas, child(child(part, "components"), "schemas"))
		more, _ := part["tags"].([]any)
		tags = append(tags, more...)
		refined, err := own.refine(source, strings.TrimSuffix(name, ".openapi.json")+".proto", operations(part))
		if err != nil {
			return nil, err
		}
		list = append(list, refined...)
	}
	document["tags"] = tags
	for name, schema := range schemas {
		if message, ok := source.find(name).(protoreflect.MessageDescriptor); ok {
			own.message(schema.(object), message)
		}
	}
	if err := assemble(document, list); err != nil {
		return nil, err
	}
	prune(document)
	return render(document)
}

// assemble puts the operations beside those of the frame. Where both describe
// the same route, the edge serves it by hand and the frame is right.
func assemble(document object, list []operation) error {
	list = append(list, operations(document)...)
	unify(list)
	paths := object{}
	ids := map[string]string{}
	for _, op := range list {
		child(paths, op.path)[op.verb] = op.body
	}
	document["paths"] = paths
	for _, op := range operations(document) {
		id, _ := op.body["operationId"].(string)
		if other, taken := ids[id]; taken {
			return fmt.Errorf("operation id %s on %s and %s: give one of the services another name", id, other, op.path)
		}
		ids[id] = op.path
	}
	return nil
}

// draw runs protoc-gen-openapiv3 on the same request and decodes its documents,
// by file name.
func draw(request []byte, drawer *exec.Cmd) (map[string]object, error) {
	asked := &pluginpb.CodeGeneratorRequest{}
	if err := proto.Unmarshal(request, asked); err != nil {
		return nil, fmt.Errorf("decode request: %w", err)
	}
	asked.Parameter = proto.String("disable_default_errors=true")
	input, err := proto.Marshal(asked)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	var complaints bytes.Buffer
	drawer.Stdin, drawer.Stderr = bytes.NewReader(input), &complaints
	output, err := drawer.Output()
	if err != nil {
		return nil, fmt.Errorf("run %s: %w: %s", path.Base(drawer.Path), err, complaints.String())
	}
	answer := &pluginpb.CodeGeneratorResponse{}
	if err := proto.Unmarshal(output, answer); err != nil {
		return nil, fmt.Errorf("decode answer of %s: %w", path.Base(drawer.Path), err)
	}
	if answer.Error != nil {
		return nil, errors.New(answer.GetError())
	}
	documents := map[string]object{}
	for _, file := range answer.GetFile() {
		var document object
		if err := json.Unmarshal([]byte(file.GetContent()), &document); err != nil {
			return nil, fmt.Errorf("decode %s: %w", file.GetName(), err)
		}
		documents[file.GetName()] = document
	}
	return documents, nil
}

// refine completes the operations of one file from its methods.
func (r rules) refine(source *contract, name string, list []operation) ([]operation, error) {
	file, err := source.files.FindFileByPath(name)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", name, err)
	}
	byID := map[string]operation{}
	for _, op := range list {
		id, _ := op.body["operationId"].(string)
		byID[id] = op
	}
	var refined []operation
	for i := range file.Services().Len() {
		service := file.Services().Get(i)
		for j := range service.Methods().Len() {
			method := service.Methods().Get(j)
			for k, rule := range bindings(method) {
				op, ok := byID[operationID(service, method, k)]
				if !ok {
					return nil, fmt.Errorf("%s: mapping %d was not drawn", method.FullName(), k)
				}
				r.complete(op, method, rule)
				refined = append(refined, op)
			}
		}
	}
	return refined, nil
}

// operationID repeats how protoc-gen-openapiv3 names operations.
func operationID(service protoreflect.ServiceDescriptor, method protoreflect.MethodDescriptor, binding int) string {
	id := fmt.Sprintf("%s_%s", service.Name(), method.Name())
	if binding > 0 {
		id = fmt.Sprintf("%s_%d", id, binding)
	}
	return id
}
