package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// failedSentence is the refusal, except where its words are for programs.
func failedSentence(ctx context.Context, f *fault.Error, status int) string {
	switch {
	case f.Reason == problem.ErrRouteNotFound.Reason, f.Reason == problem.ErrMethodNotAllowed.Reason:
		return text.S(ctx, "error.address")
	case status == http.StatusInternalServerError:
		return text.S(ctx, "error.internal")
	}
	return ui.Sentence(ctx, f)
}

// shown are the texts that a person typed, by the name of the field.
func shown(form *ui.Form) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(form.Values)) {
		if strings.HasPrefix(name, "_") {
			continue
		}
		for _, v := range form.Values[name] {
			if strings.TrimSpace(v) != "" {
				out = append(out, v)
			}
		}
	}
	return out
}
