package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// frameJSON holds the parts of the document that are written by hand: title,
// components and the routes the edge serves itself. An operation with x-method
// stands for that RPC and takes its permission; a schema with x-field takes that
// field's description and rules.
//
//go:embed frame.json
var frameJSON []byte

// frame reads the hand-written parts and completes them from the contract.
// Routes of RPCs that the contract does not have are left out.
func (r rules) frame(source *contract) (object, error) {
	var document object
	if err := json.Unmarshal(frameJSON, &document); err != nil {
		return nil, fmt.Errorf("decode frame.json: %w", err)
	}
	for _, op := range operations(document) {
		name, linked := op.body["x-method"].(string)
		if !linked {
			continue
		}
		delete(op.body, "x-method")
		method, ok := source.find(name).(protoreflect.MethodDescriptor)
		if !ok {
			drop(document, op)
			continue
		}
		permit(op.body, permissionOf(method))
		op.body["tags"] = []any{string(method.Parent().Name())}
		if err := r.link(source, op.body); err != nil {
			return nil, err
		}
	}
	return document, nil
}

// drop removes an operation and its path when that was the only one.
func drop(document object, op operation) {
	paths := child(document, "paths")
	item := child(paths, op.path)
	delete(item, op.verb)
	if len(item) == 0 {
		delete(paths, op.path)
	}
}

// link completes every schema below node that names its field.
func (r rules) link(source *contract, node any) error {
	switch node := node.(type) {
	case []any:
		for _, value := range node {
			if err := r.link(source, value); err != nil {
				return err
			}
		}
	case object:
		if name, ok := node["x-field"].(string); ok {
			field, ok := source.find(name).(protoreflect.FieldDescriptor)
			if !ok {
				return fmt.Errorf("frame.json: no field %s", name)
			}
			delete(node, "x-field")
			r.field(node, field)
			comment := field.ParentFile().SourceLocations().ByDescriptor(field).LeadingComments
			node["description"] = strings.ReplaceAll(strings.TrimSpace(comment), "\n ", "\n")
		}
		for _, value := range node {
			if err := r.link(source, value); err != nil {
				return err
			}
		}
	}
	return nil
}
