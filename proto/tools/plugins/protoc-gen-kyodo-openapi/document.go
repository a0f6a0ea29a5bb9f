package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// object is a JSON object of the document.
type object = map[string]any

// child returns the object below key and makes it when there is none.
func child(parent object, key string) object {
	if existing, ok := parent[key].(object); ok {
		return existing
	}
	made := object{}
	parent[key] = made
	return made
}

// verbs are the keys of a path item that hold operations.
var verbs = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// operation is one verb of one path.
type operation struct {
	path, verb string
	body       object
}

// operations lists those of a document by path, then verb.
func operations(document object) []operation {
	var list []operation
	paths, _ := document["paths"].(object)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item, _ := paths[path].(object)
		for _, verb := range verbs {
			if body, ok := item[verb].(object); ok {
				list = append(list, operation{path: path, verb: verb, body: body})
			}
		}
	}
	return list
}

var placeholder = regexp.MustCompile(`\{([^}]*)\}`)

// unify gives placeholders their JSON names and makes paths that differ in these
// only one path: OpenAPI refuses /v1/calls/{callId} beside /v1/calls/{id}.
func unify(list []operation) {
	names := map[string][]string{}
	for _, op := range list {
		shape, own := split(op.path)
		for i, name := range own {
			if i < len(names[shape]) {
				own[i] = clearer(name, names[shape][i])
			}
		}
		names[shape] = own
	}
	for i := range list {
		shape, _ := split(list[i].path)
		rename(&list[i], names[shape])
	}
}

// split returns the path with empty placeholders and their names in camel case.
func split(path string) (shape string, names []string) {
	for _, match := range placeholder.FindAllStringSubmatch(path, -1) {
		names = append(names, camel(match[1]))
	}
	return placeholder.ReplaceAllString(path, "{}"), names
}

// clearer picks the name that says more about what it identifies.
func clearer(a, b string) string {
	if len(a) != len(b) {
		if len(a) > len(b) {
			return a
		}
		return b
	}
	return min(a, b)
}

// camel makes thingId of thing_id and of thing.id.
func camel(path string) string {
	words := strings.FieldsFunc(path, func(r rune) bool { return r == '_' || r == '.' })
	for i := 1; i < len(words); i++ {
		words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
	}
	return strings.Join(words, "")
}

func rename(op *operation, names []string) {
	next := 0
	renamed := map[string]string{}
	op.path = placeholder.ReplaceAllStringFunc(op.path, func(match string) string {
		renamed[strings.Trim(match, "{}")] = names[next]
		next++
		return "{" + names[next-1] + "}"
	})
	for _, parameter := range parameters(op.body) {
		if parameter["in"] == "path" {
			parameter["name"] = renamed[parameter["name"].(string)]
		}
	}
}

// parameters lists the inline parameters of an operation.
func parameters(op object) []object {
	var list []object
	all, _ := op["parameters"].([]any)
	for _, each := range all {
		if parameter, ok := each.(object); ok && parameter["$ref"] == nil {
			list = append(list, parameter)
		}
	}
	return list
}

// prune removes component schemas that nothing refers to.
func prune(document object) {
	schemas := child(child(document, "components"), "schemas")
	used := map[string]bool{}
	var mark func(node any)
	mark = func(node any) {
		switch node := node.(type) {
		case object:
			for _, value := range node {
				mark(value)
			}
			reference, _ := node["$ref"].(string)
			name, found := strings.CutPrefix(reference, "#/components/schemas/")
			if found && !used[name] {
				used[name] = true
				mark(schemas[name])
			}
		case []any:
			for _, value := range node {
				mark(value)
			}
		}
	}
	mark(document["paths"])
	mark(child(document, "components")["responses"])
	maps.DeleteFunc(schemas, func(name string, _ any) bool { return !used[name] })
}

// render writes the document with its top-level keys in the order of the
// specification and all others sorted, so that equal input gives equal bytes.
func render(document object) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(struct {
		OpenAPI    any `json:"openapi"`
		Info       any `json:"info"`
		Servers    any `json:"servers"`
		Tags       any `json:"tags"`
		Paths      any `json:"paths"`
		Components any `json:"components"`
	}{
		document["openapi"], document["info"], document["servers"],
		document["tags"], document["paths"], document["components"],
	})
	if err != nil {
		return nil, fmt.Errorf("encode document: %w", err)
	}
	return out.Bytes(), nil
}
