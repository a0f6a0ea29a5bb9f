package gateway

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// tree finds routes by the segments of a path. A verb stands behind the last
// colon of the last segment.
type tree struct {
	literals map[string]*tree
	variable *tree
	verbs    map[string]map[string]*route // By verb ("" for none), then by method.
}

func (t *tree) add(r *route) error {
	path, verb := cutVerb(strings.TrimPrefix(r.pattern, "/"))
	at := t
	for segment := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(segment, "{") {
			if strings.Contains(segment, "=") || !strings.HasSuffix(segment, "}") {
				return fmt.Errorf("%s: a variable is one whole segment", r.pattern)
			}
			if at.variable == nil {
				at.variable = &tree{}
			}
			at = at.variable
			continue
		}
		if at.literals == nil {
			at.literals = map[string]*tree{}
		}
		if at.literals[segment] == nil {
			at.literals[segment] = &tree{}
		}
		at = at.literals[segment]
	}
	if at.verbs == nil {
		at.verbs = map[string]map[string]*route{}
	}
	if at.verbs[verb] == nil {
		at.verbs[verb] = map[string]*route{}
	}
	if old := at.verbs[verb][r.method]; old != nil {
		return fmt.Errorf("%s %s is declared by %s and %s", r.method, r.pattern, old.rpc.FullName, r.rpc.FullName)
	}
	at.verbs[verb][r.method] = r
	return nil
}

// cutVerb splits the verb off a path that is still escaped.
func cutVerb(path string) (rest, verb string) {
	if i := strings.LastIndexByte(path, ':'); i > strings.LastIndexByte(path, '/') && !strings.HasSuffix(path, "}") {
		return path[:i], path[i+1:]
	}
	return path, ""
}

// find returns the routes of an escaped path by method, and the values of its
// variables in order. A nil map means that there is no such address.
func (t *tree) find(escaped string) (methods map[string]*route, values []string) {
	path, verb := cutVerb(strings.TrimPrefix(escaped, "/"))
	return t.walk(path, verb, nil)
}

func (t *tree) walk(path, verb string, values []string) (map[string]*route, []string) {
	segment, rest, more := strings.Cut(path, "/")
	for _, next := range []*tree{t.literals[segment], t.variable} {
		if next == nil {
			continue
		}
		found := values
		if next == t.variable {
			value, err := url.PathUnescape(segment)
			if err != nil || value == "" {
				continue
			}
			found = append(slices.Clip(values), value)
		}
		if more {
			if m, v := next.walk(rest, verb, found); m != nil {
				return m, v
			}
		} else if m := next.verbs[verb]; m != nil {
			return m, found
		}
	}
	return nil, nil
}

// allow lists the methods of an address for the Allow header.
func allow(methods map[string]*route) string {
	names := slices.Collect(maps.Keys(methods))
	if methods[http.MethodGet] != nil {
		names = append(names, http.MethodHead)
	}
	names = append(names, http.MethodOptions)
	slices.Sort(names)
	return strings.Join(names, ", ")
}
