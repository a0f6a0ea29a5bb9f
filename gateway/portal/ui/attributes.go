package ui

import (
	"context"
	"fmt"
	"maps"

	"github.com/a-h/templ"
)

// attributes are those that depend on the form's state.
func attributes(ctx context.Context, f *Form, in Input) templ.Attributes {
	out := templ.Attributes{}
	maps.Copy(out, in.Attrs)
	if in.Max > 0 {
		out["maxlength"] = fmt.Sprint(in.Max)
	}
	if in.Required {
		out["required"] = true
	}
	if in.Auto != "" {
		out["autocomplete"] = in.Auto
	}
	if by := in.described(ctx, f); by != "" {
		out["aria-describedby"] = by
	}
	if f.Problem(ctx, in.Name) != "" {
		out["aria-invalid"] = "true"
	}
	return out
}

func choiceID(in Input, i int) string { return fmt.Sprintf("%s-%d", in.id(), i) }
