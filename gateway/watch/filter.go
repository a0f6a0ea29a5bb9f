package watch

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

const streamPrefix = "KYODO_"

// Filter selects events by the parts of their subject; empty parts select all.
type Filter struct {
	Service    string // Such as "proposals".
	Visibility string // "public" or "ward"; empty for all that the caller may see.
	Aggregate  string // Such as "proposal".
	ID         string // Of the aggregate.
}

var (
	word    = regexp.MustCompile(`^[a-zA-Z]{1,40}$`)
	id      = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	subject = regexp.MustCompile(`^kyodo\.([a-z]{1,40}|\*)\.(public|ward|\*)\.(?:([a-zA-Z]{1,40}|\*)\.([A-Za-z0-9_-]{1,64}|\*|>)|>)$`)
)

// ParseFilter reads the query of a watch: service, aggregate and id, or subject
// with all of them as on the broker; lastEventId stands there too. Errors:
// DUPLICATE_PARAMETER, INVALID_FIELD, UNKNOWN_PARAMETER.
func ParseFilter(q url.Values) (Filter, error) {
	var f Filter
	for name, values := range q {
		if len(values) > 1 {
			return f, problem.ErrDuplicateParameter.OnPath(name)
		}
		v, form := values[0], word
		switch name {
		case "service":
			f.Service = v
		case "aggregate":
			f.Aggregate = v
		case "id":
			f.ID, form = v, id
		case "subject":
			form = subject
		case "lastEventId":
			continue
		default:
			return f, problem.ErrUnknownParameter.OnPath(strings.ToValidUTF8(name, "\uFFFD"))
		}
		if !form.MatchString(v) {
			return f, fault.ErrInvalidField.OnPath(name)
		}
	}
	if s := q.Get("subject"); s != "" {
		if f != (Filter{}) {
			return f, fault.ErrInvalidField.OnPath("subject")
		}
		part := subject.FindStringSubmatch(s)
		for i, at := range []*string{&f.Service, &f.Visibility, &f.Aggregate, &f.ID} {
			if part[i+1] != "*" && part[i+1] != ">" {
				*at = part[i+1]
			}
		}
	}
	return f, nil
}

// wants reports whether a stream can hold events of the filter.
func (f Filter) wants(stream string) bool {
	service, ours := strings.CutPrefix(stream, streamPrefix)
	return ours && (f.Service == "" || strings.EqualFold(service, f.Service))
}

// subjects returns what to read of a stream.
func (f Filter) subjects(stream string, ward bool) []string {
	head := "kyodo." + strings.ToLower(strings.TrimPrefix(stream, streamPrefix))
	rest := or(f.Aggregate, "*") + "." + or(f.ID, "*")
	var out []string
	for _, v := range []string{"public", "ward"} {
		if (f.Visibility == "" || f.Visibility == v) && (v == "public" || ward) {
			out = append(out, head+"."+v+"."+rest)
		}
	}
	return out
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// seesWard reports whether the caller works with the ward's own events.
func seesWard(p auth.Principal) bool {
	return p.Kind == auth.KindPerson && p.Has(optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_DESK, optionsv1.Role_ROLE_APPROVER)
}

// shortName returns the message's name of a type: "ProposalSubmitted".
func shortName(eventType string) string { return eventType[strings.LastIndexByte(eventType, '.')+1:] }
