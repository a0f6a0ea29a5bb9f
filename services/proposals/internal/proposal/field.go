package proposal

import (
	"reflect"
	"slices"
	"strings"
)

// Difference is one field that differs between two contents; nil is an empty
// value.
type Difference struct {
	Field    string
	From, To any
}

// fieldNames are the JSON names of Content, in the order of the form.
var fieldNames = func() []string {
	t := reflect.TypeFor[Content]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return names
}()

// Take copies the named fields from another content; unknown names are left.
func (c *Content) Take(from *Content, names []string) {
	dst, src := reflect.ValueOf(c).Elem(), reflect.ValueOf(from).Elem()
	for i, name := range fieldNames {
		if slices.Contains(names, name) {
			dst.Field(i).Set(src.Field(i))
		}
	}
}

// Compare returns the fields that differ, in the order of the form.
func Compare(from, to *Content) []Difference {
	a, b := reflect.ValueOf(from).Elem(), reflect.ValueOf(to).Elem()
	var out []Difference
	for i, name := range fieldNames {
		x, y := a.Field(i), b.Field(i)
		if empty(x) && empty(y) || reflect.DeepEqual(x.Interface(), y.Interface()) {
			continue
		}
		out = append(out, Difference{Field: name, From: value(x), To: value(y)})
	}
	return out
}

func empty(v reflect.Value) bool {
	if k := v.Kind(); k == reflect.Slice || k == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}

func value(v reflect.Value) any {
	if empty(v) {
		return nil
	}
	return v.Interface()
}
