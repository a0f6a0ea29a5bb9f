package training

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

func matchings(q *web.Request) outreachv1.TrainingMatchingServiceClient {
	return outreachv1.NewTrainingMatchingServiceClient(q.Site.Service("outreach"))
}

// rounds is the list of matchings.
type rounds struct {
	form        *ui.Form
	found       []*outreachv1.TrainingMatching
	first, next string
}

func listMatchings(q *web.Request) error {
	form := ui.NewForm(url.Values{"trainingMatching.fiscalYear": {strconv.Itoa(jp.FiscalYear(q.Today()))}})
	return answerMatchings(q, form, http.StatusOK)
}

func answerMatchings(q *web.Request, form *ui.Form, status int) error {
	resp, err := matchings(q).ListTrainingMatchings(q.Context(), &outreachv1.ListTrainingMatchingsRequest{PageSize: 30, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	r := &rounds{form: form, found: resp.GetTrainingMatchings()}
	r.first, r.next = q.Pages(resp.GetNextPageToken())
	form.Labels = ui.Labels{"trainingMatching.fiscalYear": "training.year", "trainingMatching.level": "training.level"}
	return q.RenderAs(status, matchingsPage(r))
}

func createMatching(q *web.Request) error {
	req := &outreachv1.CreateTrainingMatchingRequest{}
	err := web.Bind(q.PostForm, req)
	var resp *outreachv1.CreateTrainingMatchingResponse
	if err == nil {
		resp, err = matchings(q).CreateTrainingMatching(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerMatchings(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/training-matchings/"+resp.GetTrainingMatching().GetId(), "matchingopened")
}

// round is one matching with the names of its offers.
type round struct {
	*outreachv1.TrainingMatching
	form     *ui.Form
	offers   []*outreachv1.Opportunity
	verified bool
}

// shownRows is how many rows of each table a page shows; the rest stands in the data.
const shownRows = 100

func showMatching(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	return answerMatching(q, id, ui.NewForm(url.Values{}), http.StatusOK)
}

func answerMatching(q *web.Request, id string, form *ui.Form, status int) error {
	got, err := matchings(q).GetTrainingMatching(q.Context(), &outreachv1.GetTrainingMatchingRequest{Id: id})
	if err != nil {
		return err
	}
	r := &round{TrainingMatching: got.GetTrainingMatching(), form: form}
	if r.GetState() == outreachv1.TrainingMatching_RUN {
		check, err := matchings(q).VerifyTrainingMatching(q.Context(), &outreachv1.VerifyTrainingMatchingRequest{Id: id})
		if err != nil {
			return err
		}
		r.verified = check.GetVerified()
	}
	// Without the names of the offers one still reads the result by their ids.
	if resp, err := offers(q).ListOpportunities(q.Context(), &outreachv1.ListOpportunitiesRequest{Kind: r.GetLevel(), OrderBy: "startsOn desc", PageSize: 200}); err == nil {
		r.offers = resp.GetOpportunities()
	}
	return q.RenderAs(status, matchingPage(r))
}

func runMatching(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	_, err = matchings(q).RunTrainingMatching(q.Once(), &outreachv1.RunTrainingMatchingRequest{Id: id, Etag: q.PostFormValue("etag")})
	if form, refused := q.Refused(err); refused {
		return answerMatching(q, id, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/training-matchings/"+id, "matchingrun")
}

// offer is the name of an offer; its id where it cannot be read.
func (r *round) offer(ctx context.Context, id string) string {
	if id == "" {
		return text.S(ctx, "training.alloffers")
	}
	for _, o := range r.offers {
		if o.GetId() == id {
			return offerName(ctx, o)
		}
	}
	return id
}

// excluded are the exclusions of all applications, a row each.
func (r *round) excluded() []exclusion {
	var out []exclusion
	for _, e := range r.GetEntries() {
		for _, x := range e.GetExclusions() {
			out = append(out, exclusion{e.GetApplicationId(), x})
		}
	}
	return out
}

// exclusion is what an application is not matched with.
type exclusion struct {
	application string
	*outreachv1.TrainingExclusion
}

// cut are the rows that a page shows.
func cut[T any](rows []T) []T { return rows[:min(len(rows), shownRows)] }

func levelOptions(ctx context.Context) []ui.Option {
	out := make([]ui.Option, 0, len(levels))
	for _, l := range levels {
		out = append(out, ui.Option{Value: l.String(), Text: text.Enum(ctx, "opportunity.kind", l)})
	}
	return out
}
