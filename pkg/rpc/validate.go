package rpc

import (
	"errors"
	"fmt"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// validate checks the form that the proto declares. Errors: INVALID_UTF8 for a
// message that cannot be read, FORBIDDEN_CHARACTER, INVALID_FIELD.
func (s *guard) validate(m proto.Message) error {
	if isUnreadable(m) {
		return errUnreadable
	}
	return checkForm(s.validator, m)
}

// Form checks messages that reach a service inside of others, such as the rows of
// a file, by the rules of requests. Make one a process: it compiles the rules.
type Form struct{ validator protovalidate.Validator }

// NewForm returns a Form.
func NewForm() (*Form, error) {
	v, err := protovalidate.New()
	return &Form{validator: v}, err
}

// Check checks the form that the proto declares. Errors: FORBIDDEN_CHARACTER,
// INVALID_FIELD.
func (f *Form) Check(m proto.Message) error { return checkForm(f.validator, m) }

func checkForm(validator protovalidate.Validator, m proto.Message) error {
	if path, bad := forbidden(m.ProtoReflect(), ""); bad {
		return fault.ErrForbiddenCharacter.OnPath(path)
	}
	err := validator.Validate(m)
	var ve *protovalidate.ValidationError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &ve):
		return err
	}
	fields := make([]fault.Field, 0, len(ve.Violations))
	for _, v := range ve.Violations {
		fields = append(fields, fieldOf(v))
	}
	return fault.ErrInvalidField.On(fields...)
}

var errUnreadable = fault.New(fault.Invalid, "INVALID_UTF8", "送られたデータを読み取れません。文字は UTF-8 で送ってください。", "The message cannot be read; text must be UTF-8.")

func fieldOf(v *protovalidate.Violation) fault.Field {
	f := fault.Field{Path: jsonPath(v.Proto.GetField()), Reason: fault.ErrInvalidField.Reason, En: v.Proto.GetMessage()}
	if fd := v.FieldDescriptor; fd != nil && fd.Kind() == protoreflect.EnumKind {
		f.Reason = fault.ErrInvalidEnum.Reason
	}
	f.Ja = japanese(v)
	return f
}

// jsonPath writes the path of a violation as JSON has it: "budget.rows[2].amount".
func jsonPath(p *validate.FieldPath) string {
	var b strings.Builder
	for i, e := range p.GetElements() {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(camelCase(e.GetFieldName()))
		switch k := e.GetSubscript().(type) {
		case *validate.FieldPathElement_Index:
			fmt.Fprintf(&b, "[%d]", k.Index)
		case *validate.FieldPathElement_StringKey:
			fmt.Fprintf(&b, "[%q]", k.StringKey)
		}
	}
	return b.String()
}

// ruleTexts says in Japanese what the rules of protovalidate ask, by rule id;
// %v is the rule's bound.
var ruleTexts = map[string]string{
	"required":                "入力してください。",
	"string.min_len":          "%v文字以上で入力してください。",
	"string.max_len":          "%v文字以内で入力してください。",
	"string.len":              "%v文字で入力してください。",
	"string.pattern":          "形式が正しくありません。",
	"string.email":            "メールアドレスの形式が正しくありません。",
	"string.email_empty":      "メールアドレスを入力してください。",
	"string.uuid":             "識別子（UUID）の形式が正しくありません。",
	"string.uuid_empty":       "識別子を指定してください。",
	"string.uri":              "URL の形式が正しくありません。",
	"string.in":               "選択肢にない値です。",
	"enum.defined_only":       "選択肢にない値です。",
	"enum.not_in":             "選択してください。",
	"enum.in":                 "選択肢にない値です。",
	"repeated.min_items":      "%v件以上指定してください。",
	"repeated.max_items":      "%v件以内で指定してください。",
	"repeated.unique":         "同じ値が重複しています。",
	"map.max_pairs":           "%v件以内で指定してください。",
	"int32.gte":               "%v以上の数を入力してください。",
	"int32.lte":               "%v以下の数を入力してください。",
	"int32.gte_lte":           "範囲外の数です。",
	"int32.gt":                "%vより大きい数を入力してください。",
	"int64.gte":               "%v以上の数を入力してください。",
	"int64.lte":               "%v以下の数を入力してください。",
	"int64.gte_lte":           "範囲外の数です。",
	"int64.gt":                "%vより大きい数を入力してください。",
	"bytes.max_len":           "%vバイト以内にしてください。",
	"bool.const":              "確認してチェックを入れてください。",
	"timestamp.lt_now":        "過去の日時を指定してください。",
	"string.well_known_regex": "形式が正しくありません。",
}

func japanese(v *protovalidate.Violation) string {
	text, ok := ruleTexts[v.Proto.GetRuleId()]
	if !ok {
		return "入力内容を確認してください。"
	}
	if strings.Contains(text, "%v") {
		return fmt.Sprintf(text, v.RuleValue.Interface())
	}
	return text
}

// forbidden finds the first text with a control or direction-changing
// character. Line breaks and tabs are allowed: where they do not belong, the
// field's pattern says so.
func forbidden(m protoreflect.Message, prefix string) (path string, found bool) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		here := prefix + fd.JSONName()
		switch {
		case fd.IsMap():
			path, found = forbiddenInMap(fd, v.Map(), here)
		case fd.IsList():
			for i := 0; i < v.List().Len() && !found; i++ {
				path, found = forbiddenValue(fd, v.List().Get(i), fmt.Sprintf("%s[%d]", here, i))
			}
		default:
			path, found = forbiddenValue(fd, v, here)
		}
		return !found
	})
	return path, found
}

func forbiddenInMap(fd protoreflect.FieldDescriptor, m protoreflect.Map, here string) (path string, found bool) {
	m.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		if path, found = forbiddenValue(fd.MapKey(), k.Value(), here); !found {
			path, found = forbiddenValue(fd.MapValue(), v, fmt.Sprintf("%s[%q]", here, k.String()))
		}
		return !found
	})
	return path, found
}

func forbiddenValue(fd protoreflect.FieldDescriptor, v protoreflect.Value, here string) (string, bool) {
	switch fd.Kind() {
	case protoreflect.StringKind:
		_, bad := jp.ForbiddenRune(v.String(), true)
		return here, bad
	case protoreflect.MessageKind:
		return forbidden(v.Message(), here+".")
	default:
		return "", false
	}
}
