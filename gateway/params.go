package gateway

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

const maxValues = 1000 // Of one repeated query parameter.

// scalarText are the messages that the query writes as one text.
var scalarText = map[protoreflect.FullName]func(string) bool{
	"google.protobuf.Timestamp": func(s string) bool {
		_, err := time.Parse(time.RFC3339, s)
		return err == nil
	},
	"google.protobuf.FieldMask": func(string) bool { return true }, // the service names the wrong paths
}

// checkQuery refuses what the route does not know or cannot read. Errors:
// DUPLICATE_PARAMETER, FORBIDDEN_CHARACTER, INVALID_ENUM, INVALID_FIELD,
// INVALID_UTF8, MALFORMED_PATH, UNKNOWN_PARAMETER.
func (r *route) checkQuery(raw string) error {
	if raw == "" {
		return nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return problem.ErrMalformedPath.Because(err)
	}
	for name, given := range values {
		p, known := r.query[name]
		if !known {
			return problem.ErrUnknownParameter.OnPath(strings.ToValidUTF8(name, "\uFFFD"))
		}
		if len(given) > 1 && !p.list {
			return problem.ErrDuplicateParameter.OnPath(name)
		}
		if len(given) > maxValues {
			return invalid(name, "1,000件以内で指定してください。", "At most 1,000 values are taken.")
		}
		for _, v := range given {
			if err := checkText(name, p.field, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkPath refuses values of the path that the request's field cannot hold.
func (r *route) checkPath(values []string) error {
	for i, v := range r.variables {
		if err := checkText(jsonPath(v.name, v.field), v.field, values[i]); err != nil {
			return err
		}
	}
	return nil
}

func jsonPath(name string, fd protoreflect.FieldDescriptor) string {
	if strings.Contains(name, ".") {
		return name
	}
	return fd.JSONName()
}

func invalid(path, ja, en string) error {
	return fault.ErrInvalidField.On(fault.Field{Path: path, Reason: fault.ErrInvalidField.Reason, Ja: ja, En: en})
}

// checkText checks a value that stands in the address.
func checkText(name string, fd protoreflect.FieldDescriptor, v string) error {
	if !utf8.ValidString(v) {
		return problem.ErrInvalidUTF8.OnPath(name)
	}
	if _, bad := jp.ForbiddenRune(v, true); bad {
		return fault.ErrForbiddenCharacter.OnPath(name)
	}
	var err error
	switch fd.Kind() {
	case protoreflect.StringKind:
		return nil
	case protoreflect.EnumKind:
		if fd.Enum().Values().ByName(protoreflect.Name(v)) == nil {
			return fault.ErrInvalidEnum.OnPath(name)
		}
		return nil
	case protoreflect.BoolKind:
		if v != "true" && v != "false" {
			return invalid(name, "true か false で指定してください。", "true or false is needed.")
		}
		return nil
	case protoreflect.MessageKind:
		if ok := scalarText[fd.Message().FullName()]; ok != nil && !ok(v) {
			return invalid(name, "日時は 2026-04-01T09:00:00Z の形で指定してください。", "An instant such as 2026-04-01T00:00:00Z is needed.")
		}
		return nil
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		_, err = strconv.ParseInt(v, 10, 32)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		_, err = strconv.ParseUint(v, 10, 32)
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		_, err = strconv.ParseUint(v, 10, 64)
	case protoreflect.FloatKind, protoreflect.DoubleKind, protoreflect.BytesKind:
		return invalid(name, "この項目は検索条件にできません。", "This cannot be given in the address.")
	default:
		_, err = strconv.ParseInt(v, 10, 64)
	}
	if err != nil {
		return invalid(name, "範囲内の整数で指定してください。", "A whole number within the type's range is needed.")
	}
	return nil
}

// checkAddress refuses addresses that are too long or cannot be read, before a
// route is looked for. Errors: MALFORMED_PATH, URI_TOO_LONG.
func checkAddress(requestURI string, u *url.URL) error {
	if len(requestURI) > maxURI {
		return problem.ErrURITooLong
	}
	if !utf8.ValidString(u.Path) || strings.ContainsFunc(u.Path, func(r rune) bool { return r < 0x20 || r == 0x7F || r == '\\' }) {
		return problem.ErrMalformedPath
	}
	return nil
}
