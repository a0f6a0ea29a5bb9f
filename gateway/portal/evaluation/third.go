package evaluation

import (
	"context"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// readThird reads whom the desk can name as third persons, which are the reviewers.
// Who is named already and reviews no more can stay so.
func (f *file) readThird(q *web.Request) error {
	if !ui.Can(q.Context(), directoryv1.ReviewerService_ListReviewers_FullMethodName) {
		return nil
	}
	resp, err := directoryv1.NewReviewerServiceClient(q.Site.Service("directory")).ListReviewers(q.Context(), &directoryv1.ListReviewersRequest{PageSize: 200})
	if err != nil {
		return err
	}
	for _, r := range resp.GetReviewers() {
		f.third = append(f.third, ui.Option{Value: r.GetPersonId(), Text: r.GetDisplayName()})
	}
	for _, id := range f.GetCommentatorIds() {
		if !slices.ContainsFunc(f.third, func(o ui.Option) bool { return o.Value == id }) {
			f.third = append(f.third, ui.Option{Value: id, Text: text.S(q.Context(), "review.formerreviewer")})
		}
	}
	if !step.Open(f.form, "assign") {
		f.form.Values["assign.commentatorIds"] = slices.Clone(f.GetCommentatorIds())
	}
	return nil
}

// commentators are the names of the third persons for the desk.
func (f *file) commentators(ctx context.Context) string {
	var names []string
	for _, o := range f.third {
		if slices.Contains(f.GetCommentatorIds(), o.Value) {
			names = append(names, o.Text)
		}
	}
	return strings.Join(names, text.S(ctx, "evaluation.comma"))
}
