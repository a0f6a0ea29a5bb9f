package rpc_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// propose sends a proposal's content and returns the refusal, nil for none.
func (w *world) propose(t *testing.T, c *proposalsv1.ProposalContent) *fault.Error {
	t.Helper()
	w.make = func(context.Context, *proposalsv1.CreateProposalRequest) (*proposalsv1.CreateProposalResponse, error) {
		return &proposalsv1.CreateProposalResponse{}, nil
	}
	_, err := proposalsv1.NewProposalServiceClient(w.conn).CreateProposal(as(t, editor, rpc.MetaLanguage, "ja"),
		&proposalsv1.CreateProposalRequest{CallId: id, OrganizationId: id, Content: c})
	if err == nil {
		return nil
	}
	return refusal(t, err)
}

func TestForbiddenCharacters(t *testing.T) {
	w := start(t)
	for name, c := range map[string]struct {
		content *proposalsv1.ProposalContent
		path    string // "" for allowed
	}{
		"nested":             {&proposalsv1.ProposalContent{Publicity: "a\x00b"}, "content.publicity"},
		"direction":          {&proposalsv1.ProposalContent{Publicity: "a\u202eb"}, "content.publicity"},
		"escape sequence":    {&proposalsv1.ProposalContent{Publicity: "\x1b[31m"}, "content.publicity"},
		"C1 control":         {&proposalsv1.ProposalContent{Publicity: "\u0085"}, "content.publicity"},
		"list":               {&proposalsv1.ProposalContent{Declarations: []string{"good", "b\u2066ad"}}, "content.declarations[1]"},
		"message in a list":  {&proposalsv1.ProposalContent{Budget: []*proposalsv1.BudgetRow{{}, {Account: "\x07"}}}, "content.budget[1].account"},
		"value of a map":     {&proposalsv1.ProposalContent{Answers: map[string]string{"theme": "\x00"}}, `content.answers["theme"]`},
		"key of a map":       {&proposalsv1.ProposalContent{Answers: map[string]string{"the\x00me": "x"}}, "content.answers"},
		"lines":              {content: &proposalsv1.ProposalContent{Publicity: "広報紙\n\t掲示板"}},
		"wide and astral":    {content: &proposalsv1.ProposalContent{Publicity: "𠮷野家🌸é"}},
		"nothing at all":     {},
		"answers in a map":   {content: &proposalsv1.ProposalContent{Answers: map[string]string{"theme": "x"}}},
		"replacement letter": {content: &proposalsv1.ProposalContent{Publicity: "\ufffd"}},
	} {
		f := w.propose(t, c.content)
		switch {
		case c.path == "" && f != nil:
			t.Errorf("%s: %v %+v", name, f, f.Fields)
		case c.path != "" && (f == nil || f.Reason != "FORBIDDEN_CHARACTER" || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Path != c.path):
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestForm(t *testing.T) {
	w := start(t)
	field := func(path, reason, ja string) fault.Field { return fault.Field{Path: path, Reason: reason, Ja: ja} }
	for name, c := range map[string]struct {
		content *proposalsv1.ProposalContent
		want    []fault.Field
	}{
		"characters, not bytes": {content: &proposalsv1.ProposalContent{Publicity: strings.Repeat("𠮷", 400)}},
		"too long":              {&proposalsv1.ProposalContent{Publicity: strings.Repeat("あ", 401)}, []fault.Field{field("content.publicity", "INVALID_FIELD", "400文字以内で入力してください。")}},
		"number in a list":      {&proposalsv1.ProposalContent{ActivityFields: []int32{1, 21}}, []fault.Field{field("content.activityFields[1]", "INVALID_FIELD", "範囲外の数です。")}},
		"twice in a list":       {&proposalsv1.ProposalContent{ActivityFields: []int32{1, 1}}, []fault.Field{field("content.activityFields", "INVALID_FIELD", "同じ値が重複しています。")}},
		"key of a map":          {&proposalsv1.ProposalContent{Answers: map[string]string{"Theme": "x"}}, []fault.Field{field(`content.answers["Theme"]`, "INVALID_FIELD", "形式が正しくありません。")}},
		"value of a map":        {&proposalsv1.ProposalContent{Answers: map[string]string{"theme": strings.Repeat("x", 2001)}}, []fault.Field{field(`content.answers["theme"]`, "INVALID_FIELD", "2000文字以内で入力してください。")}},
	} {
		f := w.propose(t, c.content)
		if c.want == nil {
			if f != nil {
				t.Errorf("%s: %+v", name, f)
			}
			continue
		}
		if f == nil || f.Reason != "INVALID_FIELD" {
			t.Fatalf("%s: %+v", name, f)
		}
		for i := range f.Fields {
			if f.Fields[i].En == "" {
				t.Errorf("%s: no English text", name)
			}
			f.Fields[i].En = ""
		}
		wantEqual(t, name, c.want, f.Fields)
	}
}

// TestAllWrongFields: the caller learns of everything at once, in the request's
// order.
func TestAllWrongFields(t *testing.T) {
	w := start(t)
	_, err := w.client().CreateDepartment(as(t, administrator), &directoryv1.CreateDepartmentRequest{
		Kind: 99, ParentId: "not-a-uuid", ValidFrom: "yesterday",
	})
	f := refusal(t, err)
	for i := range f.Fields {
		f.Fields[i].En = ""
	}
	wantEqual(t, "fields", []fault.Field{
		{Path: "name", Reason: "INVALID_FIELD", Ja: "1文字以上で入力してください。"},
		{Path: "kind", Reason: "INVALID_ENUM", Ja: "選択肢にない値です。"},
		{Path: "parentId", Reason: "INVALID_FIELD", Ja: "識別子（UUID）の形式が正しくありません。"},
		{Path: "validFrom", Reason: "INVALID_FIELD", Ja: "形式が正しくありません。"},
	}, f.Fields)
}

// TestEnglishRules: an English reader gets the rule in English.
func TestEnglishRules(t *testing.T) {
	w := start(t)
	_, err := w.client().CreateDepartment(as(t, administrator, rpc.MetaLanguage, "en"), &directoryv1.CreateDepartmentRequest{
		Name: strings.Repeat("x", 61), Kind: directoryv1.Department_SECTION,
	})
	f := refusal(t, err)
	if f.Fields[0].Ja != f.Fields[0].En || !strings.Contains(f.Fields[0].En, "60") {
		t.Errorf("%+v", f.Fields)
	}
}

func TestETag(t *testing.T) {
	w := start(t)
	var got string
	w.update = func(_ context.Context, req *directoryv1.UpdateDepartmentRequest) (*directoryv1.UpdateDepartmentResponse, error) {
		got = req.GetEtag()
		return &directoryv1.UpdateDepartmentResponse{}, rpc.RequireETag(req.GetEtag(), 7)
	}
	for name, c := range map[string]struct {
		header, body, own string
		seen              string
		want              *fault.Error
	}{
		"none":                 {want: fault.ErrPreconditionRequired},
		"header":               {header: `"7"`, seen: `"7"`},
		"old header":           {header: `"6"`, seen: `"6"`, want: fault.ErrETagMismatch},
		"weak header":          {header: `W/"7"`, seen: `W/"7"`},
		"any":                  {header: "*", seen: "*"},
		"several":              {header: `"6", "7"`, seen: `"6", "7"`, want: fault.ErrETagMismatch},
		"body":                 {body: `"7"`, seen: `"7"`},
		"old body":             {body: `"6"`, seen: `"6"`, want: fault.ErrETagMismatch},
		"own field":            {own: `"7"`, seen: `"7"`},
		"header before body":   {header: `"7"`, body: `"6"`, seen: `"7"`},
		"own before the other": {header: `"6"`, body: `"5"`, own: `"7"`, seen: `"7"`},
		"too long":             {header: strings.Repeat("x", 65), want: fault.ErrInvalidField},
		"control character":    {body: "\x01", want: fault.ErrForbiddenCharacter},
	} {
		got = ""
		pairs := []string{}
		if c.header != "" {
			pairs = append(pairs, rpc.MetaIfMatch, c.header)
		}
		_, err := w.client().UpdateDepartment(as(t, administrator, pairs...), &directoryv1.UpdateDepartmentRequest{
			Id: id, Etag: c.own, Department: &directoryv1.DepartmentInput{Etag: c.body},
		})
		wantReason(t, name, c.want, err)
		wantEqual(t, name, c.seen, got)
	}
	wantEqual(t, "etag", `"7"`, rpc.ETag(7))
	must(t, rpc.CheckETag("", 7))
	f, _ := fault.As(rpc.CheckETag(`"6"`, 7))
	wantEqual(t, "current", `"7"`, f.Metadata["current"])
	_, err := w.client().GetDepartment(as(t, auth.Anonymous, rpc.MetaIfMatch, `"1"`), &directoryv1.GetDepartmentRequest{})
	wantReason(t, "a request without etag", fault.ErrInvalidField, err)
}
