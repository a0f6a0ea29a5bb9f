package rpc

import (
	"slices"
	"strings"
	"unicode"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Paths is the set of fields that an update changes, as snake_case paths.
type Paths []string

// Has reports whether the update changes path or something below or above it.
func (p Paths) Has(path string) bool {
	return slices.ContainsFunc(p, func(q string) bool {
		return q == path || strings.HasPrefix(q, path+".") || strings.HasPrefix(path, q+".")
	})
}

// Mask reads an update mask; allowed are the snake_case paths that this caller
// may change. Paths in lowerCamelCase are accepted too, and the path "etag",
// which carries the precondition, is ignored. Errors: INVALID_FIELD_MASK for an
// empty mask or a path that is not allowed; it names every such path.
func Mask(mask *fieldmaskpb.FieldMask, allowed ...string) (Paths, error) {
	var paths Paths
	var wrong []fault.Field
	for _, p := range mask.GetPaths() {
		snake := snakeCase(p)
		switch {
		case snake == "etag":
		case slices.Contains(allowed, snake):
			paths = append(paths, snake)
		default:
			e := fault.ErrInvalidFieldMask
			wrong = append(wrong, fault.Field{Path: camelCase(p), Reason: e.Reason, Ja: "この項目は変更できません。", En: "This field cannot be changed."})
		}
	}
	if len(wrong) > 0 {
		return nil, fault.ErrInvalidFieldMask.On(wrong...)
	}
	if len(paths) == 0 {
		return nil, fault.ErrInvalidFieldMask.On(fault.Missing("updateMask"))
	}
	return paths, nil
}

// PathsOf are the paths that an update mask of an input message may have: its
// fields but those named.
func PathsOf(input proto.Message, but ...string) []string {
	fields := input.ProtoReflect().Descriptor().Fields()
	fixed := map[string]bool{"etag": true}
	for _, name := range but {
		fixed[name] = true
	}
	var paths []string
	for i := range fields.Len() {
		if name := string(fields.Get(i).Name()); !fixed[name] {
			paths = append(paths, name)
		}
	}
	return paths
}

// Merge puts the fields that paths name from in over those of old, which it
// returns: what the author would have written for the resource as it shall be.
func Merge[M proto.Message](old, in M, paths Paths) M {
	dst, src := old.ProtoReflect(), in.ProtoReflect()
	fields := dst.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if !paths.Has(string(f.Name())) {
			continue
		}
		dst.Clear(f)
		if src.Has(f) {
			dst.Set(f, src.Get(f))
		}
	}
	return old
}

// snakeCase turns a lowerCamelCase path into snake_case.
func snakeCase(path string) string {
	var b strings.Builder
	for _, r := range path {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// camelCase turns a snake_case path into lowerCamelCase, as JSON has it.
func camelCase(path string) string {
	var b strings.Builder
	up := false
	for _, r := range path {
		if r == '_' {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		up = false
		b.WriteRune(r)
	}
	return b.String()
}
