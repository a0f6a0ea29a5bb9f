package web

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// wrongAddress are the reasons that tell a person no more than that there is
// nothing at the address.
var wrongAddress = []string{problem.ErrRouteNotFound.Reason, problem.ErrMethodNotAllowed.Reason, problem.ErrMalformedPath.Reason, fault.ErrNotFound.Reason}

// failedSentence is the refusal, except where its words are for programs.
func failedSentence(ctx context.Context, f *fault.Error, status int) string {
	switch {
	case slices.Contains(wrongAddress, f.Reason):
		return text.S(ctx, "error.address")
	case text.Has(fmt.Sprintf("error.why.%d", status)):
		return text.S(ctx, fmt.Sprintf("error.why.%d", status))
	case status == http.StatusInternalServerError:
		return text.S(ctx, "error.internal")
	}
	return ui.Sentence(ctx, f)
}

func interruptedTitle(ctx context.Context, f *fault.Error) string {
	if f.Kind == fault.Unauthenticated {
		return text.S(ctx, "interrupted.title")
	}
	return failedTitle(ctx, problem.Status(f))
}

// waiting is how many seconds it is until another try makes sense.
func waiting(f *fault.Error) int { return int(math.Ceil(f.RetryAfter.Seconds())) }

// encoding is how a form is sent: with files or without.
func encoding(files []string) string {
	if len(files) > 0 {
		return "multipart/form-data"
	}
	return "application/x-www-form-urlencoded"
}

// names are the fields of a form in a fixed order.
func names(form *ui.Form) []string { return slices.Sorted(maps.Keys(form.Values)) }

// shown are the texts that a person typed, by the name of the field.
func shown(form *ui.Form) []string {
	var out []string
	for _, name := range names(form) {
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
