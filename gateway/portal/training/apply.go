package training

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// wish is the form of an application.
type wish struct {
	form   *ui.Form
	level  outreachv1.Opportunity_Kind
	offers []*outreachv1.Opportunity
}

// offered is how many offers of a level a page knows.
const offered = 50

// offersOf are the public offers of a level, the earliest first.
func offersOf(q *web.Request, level outreachv1.Opportunity_Kind) ([]*outreachv1.Opportunity, error) {
	resp, err := offers(q).ListOpportunities(q.Context(), &outreachv1.ListOpportunitiesRequest{
		State: outreachv1.Opportunity_PUBLISHED, Kind: level, OrderBy: "startsOn", PageSize: offered,
	})
	return resp.GetOpportunities(), err
}

func begin(q *web.Request) error {
	if !ui.Can(q.Context(), outreachv1.TrainingApplicationService_CreateTrainingApplication_FullMethodName) {
		return fault.ErrPermissionDenied
	}
	return answerBegin(q, ui.NewForm(q.URL.Query()), http.StatusOK)
}

func answerBegin(q *web.Request, form *ui.Form, status int) error {
	w := &wish{form: form, level: levelOf(form.Get("level"))}
	var err error
	if w.offers, err = offersOf(q, w.level); err != nil {
		return err
	}
	form.Labels = ui.Labels{
		wishField: "training.wishes", "trainingApplication.motive": "training.motive", "trainingApplication.conflicts": "training.conflicts",
	}
	return q.RenderAs(status, applyPage(w))
}

const (
	// wishField is the field of the wishes; the first choice has its name.
	wishField = "trainingApplication.wishes"
	// wishes is how many offers can be wished.
	wishes = 3
	// conflictRows is how many conflicts of interest the form takes.
	conflictRows = 3
)

// wishName is the name of the choice of a wish, from 0.
func wishName(i int) string {
	if i == 0 {
		return wishField
	}
	return fmt.Sprintf("_wish%d", i+1)
}

func create(q *web.Request) error {
	req := &outreachv1.CreateTrainingApplicationRequest{}
	values := map[string][]string{wishField: nil}
	for name, v := range q.PostForm {
		values[name] = slices.Clone(v)
	}
	for i := 1; i < wishes; i++ {
		values[wishField] = append(values[wishField], q.PostForm[wishName(i)]...)
	}
	err := web.Bind(values, req)
	var resp *outreachv1.CreateTrainingApplicationResponse
	if err == nil {
		resp, err = applications(q).CreateTrainingApplication(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerBegin(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/trainings/"+resp.GetTrainingApplication().GetId(), "trainingapplied")
}

// offerOptions are the offers as choices.
func (w *wish) offerOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "training.nowish")}}
	for _, o := range w.offers {
		out = append(out, ui.Option{Value: o.GetId(), Text: offerName(ctx, o)})
	}
	return out
}

// offerName says of an offer what it is, whose and when.
func offerName(ctx context.Context, o *outreachv1.Opportunity) string {
	return text.S(ctx, "training.offer", o.GetTitle(), hostName(o), ui.ShortDate(ctx, o.GetStartsOn()))
}

func hostName(o *outreachv1.Opportunity) string {
	return o.GetOrganizationName() + o.GetDepartmentName()
}

// hostOptions are the organizations that made offers, as choices.
func hostOptions(ctx context.Context, all []*outreachv1.Opportunity) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "training.noconflict")}}
	for _, o := range all {
		if id := o.GetOrganizationId(); id != "" && !slices.ContainsFunc(out, func(h ui.Option) bool { return h.Value == id }) {
			out = append(out, ui.Option{Value: id, Text: o.GetOrganizationName()})
		}
	}
	return out
}
