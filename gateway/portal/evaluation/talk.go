package evaluation

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// attendeeRows is how many roles the form of the talk takes.
const attendeeRows = 6

// talkLabels name the fields of the talk in the summary of what was refused.
var talkLabels = ui.Labels{
	"discussion.meetingOn": "evaluation.meetingon", "discussion.attendees": "evaluation.attendees",
	"discussion.items": "evaluation.items", "discussion.summary": "evaluation.summary",
}

func talk(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	return answerTalk(q, id, nil, http.StatusOK)
}

// answerTalk shows the form of the record; what is recorded already stands in it.
func answerTalk(q *web.Request, id string, form *ui.Form, status int) error {
	f, err := read(q, id)
	if err != nil {
		return err
	}
	if len(f.items) == 0 {
		return q.Redirect("/evaluations/"+id, "")
	}
	if f.form = form; form == nil {
		f.form = ui.NewForm(f.recorded())
	}
	f.form.Labels = talkLabels
	return q.RenderAs(status, talkPage(f))
}

// recorded are the values of the form: each compared item has its row, so that
// the rows of the record stand at their criteria.
func (f *file) recorded() url.Values {
	d := f.GetDiscussion()
	values := web.Values("discussion.", &evaluationv1.Discussion{MeetingOn: d.GetMeetingOn(), Summary: d.GetSummary(), Attendees: d.GetAttendees()})
	for i, item := range f.items {
		at := slices.IndexFunc(d.GetItems(), func(r *evaluationv1.DiscussionItem) bool { return r.GetCriterionNo() == item.GetCriterion().GetNo() })
		if at >= 0 {
			values.Set(itemName(i, "cause"), d.GetItems()[at].GetCause())
			values.Set(itemName(i, "improvement"), d.GetItems()[at].GetImprovement())
		}
	}
	return values
}

func itemName(i int, field string) string { return fmt.Sprintf("discussion.items[%d].%s", i, field) }

func attendeeName(i int, field string) string {
	return fmt.Sprintf("discussion.attendees[%d].%s", i, field)
}

func record(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	f, err := read(q, id)
	if err != nil {
		return err
	}
	typed := cloned(q.PostForm)
	for i := range f.items { // a row without words is no row
		if q.PostFormValue(itemName(i, "cause")) == "" && q.PostFormValue(itemName(i, "improvement")) == "" {
			q.PostForm.Del(itemName(i, "criterionNo"))
		}
	}
	for i := range attendeeRows {
		if q.PostFormValue(attendeeName(i, "role")) == "" {
			q.PostForm.Del(attendeeName(i, "side"))
		}
	}
	req := &evaluationv1.RecordDiscussionRequest{}
	q.PostForm.Set("id", id)
	if err = web.Bind(q.PostForm, req); err == nil {
		_, err = evaluations(q).RecordDiscussion(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		form.Values = typed
		f.undiscussed(q, form)
		return answerTalk(q, id, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/evaluations/"+id, "step")
}

// cloned is what was typed: binding moves the rows of the form.
func cloned(values url.Values) url.Values {
	out := url.Values{}
	for name, v := range values {
		out[name] = slices.Clone(v)
	}
	return out
}

// undiscussed leads to the items that need their cause and improvement.
func (f *file) undiscussed(q *web.Request, form *ui.Form) {
	if form.Refusal.Reason != "DISCUSSION_INCOMPLETE" {
		return
	}
	refusal := *form.Refusal
	for i, item := range f.items {
		if item.GetClass() != evaluationv1.ComparisonItem_NEEDS_DISCUSSION {
			continue
		}
		for name, key := range map[string]string{"cause": "evaluation.missingcause", "improvement": "evaluation.missingimprovement"} {
			if form.Get(itemName(i, name)) == "" {
				refusal.Fields = append(refusal.Fields, said(q.Context(), itemName(i, name), key, item.GetCriterion().GetNo()))
			}
		}
	}
	form.Refusal = &refusal
}

// sides are the choices of an attendee's side.
func sides(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "ui.choose")}}
	for _, s := range []evaluationv1.Project_Side{evaluationv1.Project_ORGANIZATION, evaluationv1.Project_WARD} {
		out = append(out, ui.Option{Value: s.String(), Text: text.Enum(ctx, "evaluation.side", s)})
	}
	return out
}
