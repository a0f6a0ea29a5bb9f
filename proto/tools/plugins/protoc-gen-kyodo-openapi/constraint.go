package main

import (
	"regexp"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// constraints translates rules to JSON Schema keywords. Those of list items and
// map values stand below items and additionalProperties.
func constraints(own *validate.FieldRules, field protoreflect.FieldDescriptor) object {
	switch own.WhichType() {
	case validate.FieldRules_String__case:
		return textConstraints(own.GetString())
	case validate.FieldRules_Bytes_case:
		return bytesConstraints(own.GetBytes())
	case validate.FieldRules_Bool_case:
		if own.GetBool().HasConst() {
			return object{"const": own.GetBool().GetConst()}
		}
	case validate.FieldRules_Enum_case:
		return enumConstraints(own.GetEnum(), field)
	case validate.FieldRules_Repeated_case:
		return listConstraints(own.GetRepeated(), field)
	case validate.FieldRules_Map_case:
		return mapConstraints(own.GetMap(), field)
	case validate.FieldRules_Float_case, validate.FieldRules_Double_case,
		validate.FieldRules_Int32_case, validate.FieldRules_Int64_case,
		validate.FieldRules_Uint32_case, validate.FieldRules_Uint64_case,
		validate.FieldRules_Sint32_case, validate.FieldRules_Sint64_case,
		validate.FieldRules_Fixed32_case, validate.FieldRules_Fixed64_case,
		validate.FieldRules_Sfixed32_case, validate.FieldRules_Sfixed64_case:
		message := own.ProtoReflect()
		set := message.WhichOneof(message.Descriptor().Oneofs().ByName("type"))
		return numberConstraints(message.Get(set).Message())
	}
	return object{}
}

// formats are the well-known texts that JSON Schema has a format for.
var formats = map[protoreflect.Name]string{
	"email": "email", "hostname": "hostname", "ipv4": "ipv4", "ipv6": "ipv6",
	"uri": "uri", "uri_ref": "uri-reference", "uuid": "uuid",
}

// patterns are those it has none for.
var patterns = map[protoreflect.Name]string{
	"tuuid": "^[0-9a-fA-F]{32}$",
	"ulid":  "^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$",
}

func textConstraints(own *validate.StringRules) object {
	found := object{}
	if own.HasLen() {
		found["minLength"], found["maxLength"] = own.GetLen(), own.GetLen()
	}
	if own.HasMinLen() {
		found["minLength"] = own.GetMinLen()
	}
	if own.HasMaxLen() {
		found["maxLength"] = own.GetMaxLen()
	}
	if own.HasConst() {
		found["const"] = own.GetConst()
	}
	if len(own.GetIn()) > 0 {
		found["enum"] = own.GetIn()
	}
	if len(own.GetNotIn()) > 0 {
		found["not"] = object{"enum": own.GetNotIn()}
	}
	expect(found, own)
	message := own.ProtoReflect()
	if known := message.WhichOneof(message.Descriptor().Oneofs().ByName("well_known")); known != nil {
		if format := formats[known.Name()]; format != "" {
			found["format"] = format
		}
		if pattern := patterns[known.Name()]; pattern != "" {
			found["pattern"] = pattern
		}
	}
	return found
}

// expect turns patterns, beginnings and ends into pattern keywords.
func expect(found object, own *validate.StringRules) {
	var all []string
	if own.HasPattern() {
		if portable, ok := portable(own.GetPattern()); ok {
			all = append(all, portable)
		} else {
			found["x-pattern-re2"] = own.GetPattern()
		}
	}
	if own.HasPrefix() {
		all = append(all, "^"+regexp.QuoteMeta(own.GetPrefix()))
	}
	if own.HasSuffix() {
		all = append(all, regexp.QuoteMeta(own.GetSuffix())+"$")
	}
	if own.HasContains() {
		all = append(all, regexp.QuoteMeta(own.GetContains()))
	}
	if len(all) == 1 {
		found["pattern"] = all[0]
	}
	if len(all) > 1 {
		var each []any
		for _, pattern := range all {
			each = append(each, object{"pattern": pattern})
		}
		found["allOf"] = each
	}
}

var (
	script    = regexp.MustCompile(`\\([pP])\{(Han|Hiragana|Katakana|Latin|Greek|Cyrillic)\}`)
	codePoint = regexp.MustCompile(`\\x\{([0-9A-Fa-f]+)\}`)
	foreign   = regexp.MustCompile(`\(\?[a-zA-Z-]+[:)]|\[\[:|\\[QEC]`)
)

// portable writes an RE2 pattern as ECMAScript with the u flag, as JSON Schema
// wants it; ok is false when that has no such construct.
func portable(pattern string) (translated string, ok bool) {
	if foreign.MatchString(pattern) {
		return "", false
	}
	pattern = script.ReplaceAllString(pattern, `\$1{Script=$2}`)
	pattern = codePoint.ReplaceAllString(pattern, `\u{$1}`)
	return strings.NewReplacer(`\\`, `\\`, `\A`, `^`, `\z`, `$`).Replace(pattern), true
}

// bytesConstraints counts in characters of base64, as JSON carries bytes.
func bytesConstraints(own *validate.BytesRules) object {
	found := object{}
	if own.HasMinLen() {
		found["minLength"] = (own.GetMinLen()*4 + 2) / 3
	}
	if own.HasMaxLen() {
		found["maxLength"] = (own.GetMaxLen() + 2) / 3 * 4
	}
	return found
}

func enumConstraints(own *validate.EnumRules, field protoreflect.FieldDescriptor) object {
	found := object{}
	if field.Enum() == nil {
		return found
	}
	if own.HasConst() {
		found["const"] = names(field.Enum(), []int32{own.GetConst()})[0]
	}
	if len(own.GetIn()) > 0 {
		found["enum"] = names(field.Enum(), own.GetIn())
	}
	if len(own.GetNotIn()) > 0 {
		found["not"] = object{"enum": names(field.Enum(), own.GetNotIn())}
	}
	return found
}

// names lists enum values as JSON writes them: unknown ones as numbers.
func names(enum protoreflect.EnumDescriptor, numbers []int32) []any {
	var list []any
	for _, number := range numbers {
		if value := enum.Values().ByNumber(protoreflect.EnumNumber(number)); value != nil {
			list = append(list, string(value.Name()))
		} else {
			list = append(list, number)
		}
	}
	return list
}

func listConstraints(own *validate.RepeatedRules, field protoreflect.FieldDescriptor) object {
	found := object{}
	if own.HasMinItems() {
		found["minItems"] = own.GetMinItems()
	}
	if own.HasMaxItems() {
		found["maxItems"] = own.GetMaxItems()
	}
	if own.GetUnique() {
		found["uniqueItems"] = true
	}
	if own.HasItems() {
		found["items"] = constraints(own.GetItems(), field)
	}
	return found
}

func mapConstraints(own *validate.MapRules, field protoreflect.FieldDescriptor) object {
	found := object{}
	if own.HasMinPairs() {
		found["minProperties"] = own.GetMinPairs()
	}
	if own.HasMaxPairs() {
		found["maxProperties"] = own.GetMaxPairs()
	}
	if own.HasKeys() && field.MapKey().Kind() == protoreflect.StringKind {
		found["propertyNames"] = constraints(own.GetKeys(), field.MapKey())
	}
	if own.HasValues() {
		found["additionalProperties"] = constraints(own.GetValues(), field.MapValue())
	}
	return found
}

// keywords are the names of a number's bounds in JSON Schema.
var keywords = map[protoreflect.Name]string{
	"const": "const", "lt": "exclusiveMaximum", "lte": "maximum",
	"gt": "exclusiveMinimum", "gte": "minimum", "in": "enum",
}

// numberConstraints reads the bounds of any numeric rules. JSON carries 64-bit
// integers as text, on which bounds have no force: they become x-minimum and so on.
func numberConstraints(own protoreflect.Message) object {
	found := object{}
	own.Range(func(rule protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		keyword := keywords[rule.Name()]
		if rule.Name() == "not_in" {
			found["not"] = object{"enum": list(value.List())}
			return true
		}
		if keyword == "" {
			return true
		}
		if wide(rule.Kind()) {
			keyword = "x-" + keyword
		}
		if rule.IsList() {
			found[keyword] = list(value.List())
		} else {
			found[keyword] = value.Interface()
		}
		return true
	})
	return found
}

func list(values protoreflect.List) []any {
	var all []any
	for i := range values.Len() {
		all = append(all, values.Get(i).Interface())
	}
	return all
}

func wide(kind protoreflect.Kind) bool {
	switch kind {
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind,
		protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return true
	}
	return false
}
