package fault_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// TestCopies: a declared refusal is never changed, whatever is made of it.
func TestCopies(t *testing.T) {
	declared := func() *fault.Error { return fault.New(fault.Precondition, "FULL", "満員です。", "Full.") }
	full := declared()
	cause := errors.New("cause")
	first := full.With("seats", "3").On(fault.Missing("name")).OnPath("date").After(time.Second).Because(cause)
	second := first.With("rows", "2").On(fault.Missing("kana"))
	third := first.With("seats", "4").On(fault.Missing("mail"))

	same := cmpopts.IgnoreUnexported(fault.Error{})
	if diff := cmp.Diff(declared(), full, same); diff != "" || full.Unwrap() != nil {
		t.Errorf("the declared refusal changed (-want +got):\n%s", diff)
	}
	own := fault.Field{Path: "date", Reason: "FULL", Ja: "満員です。", En: "Full."}
	want := declared()
	want.Fields, want.Metadata, want.RetryAfter = []fault.Field{fault.Missing("name"), own}, map[string]string{"seats": "3"}, time.Second
	if diff := cmp.Diff(want, first, same); diff != "" {
		t.Errorf("first copy (-want +got):\n%s", diff)
	}
	want.Fields, want.Metadata = []fault.Field{fault.Missing("name"), own, fault.Missing("kana")}, map[string]string{"seats": "3", "rows": "2"}
	if diff := cmp.Diff(want, second, same); diff != "" {
		t.Errorf("second copy (-want +got):\n%s", diff)
	}
	want.Fields, want.Metadata = []fault.Field{fault.Missing("name"), own, fault.Missing("mail")}, map[string]string{"seats": "4"}
	if diff := cmp.Diff(want, third, same); diff != "" {
		t.Errorf("third copy (-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("cause")
	full := fault.New(fault.Precondition, "FULL", "満員です。", "Full.")
	err := fmt.Errorf("book: %w", full.With("seats", "3").Because(cause))
	if !errors.Is(err, full) || !errors.Is(err, cause) || errors.Is(err, fault.ErrNotFound) {
		t.Errorf("%v is the wrong thing", err)
	}
	if got, ok := fault.As(err); !ok || got.Metadata["seats"] != "3" {
		t.Errorf("As: %v, %v", got, ok)
	}
	if _, ok := fault.As(cause); ok {
		t.Error("another error is a fault")
	}
	if got := err.Error(); got != "book: FULL: Full.: cause" {
		t.Error(got)
	}
	if got := full.Error(); got != "FULL: Full." {
		t.Error(got)
	}
}

func TestTransition(t *testing.T) {
	got := fault.Transition("DRAFT", "ADOPTED", "SUBMITTED", "WITHDRAWN")
	want := map[string]string{"from": "DRAFT", "to": "ADOPTED", "allowed": "SUBMITTED,WITHDRAWN"}
	if diff := cmp.Diff(want, got.Metadata); diff != "" || !errors.Is(got, fault.ErrInvalidStateTransition) {
		t.Errorf("%v (-want +got):\n%s", got, diff)
	}
}

// TestRefusals reads the declarations: every reason is declared once, in its
// form, with a Japanese sentence and an English one.
func TestRefusals(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "refusals.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`^[A-Z]+(_[A-Z0-9]+)*$`)
	seen := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if name, ok := call.Fun.(*ast.Ident); !ok || name.Name != "New" {
			return true
		}
		var texts []string
		for _, a := range call.Args[1:] {
			text, err := strconv.Unquote(a.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, text)
		}
		reason, ja, en := texts[0], texts[1], texts[2]
		if !form.MatchString(reason) || seen[reason] {
			t.Errorf("%s is malformed or declared twice", reason)
		}
		seen[reason] = true
		if !regexp.MustCompile(`(です|ます|ません|ました|でした|ください)。$`).MatchString(ja) {
			t.Errorf("%s: %q", reason, ja)
		}
		if !regexp.MustCompile(`^[A-Za-z].*\.$`).MatchString(en) || regexp.MustCompile(`\p{Han}`).MatchString(en) {
			t.Errorf("%s: %q", reason, en)
		}
		return true
	})
	if len(seen) < 20 {
		t.Errorf("only %d refusals found", len(seen))
	}
}
