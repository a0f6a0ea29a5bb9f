// Package penalty has the pages of penalty points: of one's own organizations
// with the appeal, and of all for the ward, which records them and decides it.
package penalty

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/penalties", list),
		web.SignedIn(http.MethodGet, "/penalties/{id}", show),
		web.SignedIn(http.MethodGet, "/penalties/new", begin).For(facilitiesv1.PenaltyService_RecordPenalty_FullMethodName),
		web.SignedIn(http.MethodPost, "/penalties", record).For(facilitiesv1.PenaltyService_RecordPenalty_FullMethodName),
		web.SignedIn(http.MethodPost, "/penalties/{id}/appeal", appeal).For(facilitiesv1.PenaltyService_AppealPenalty_FullMethodName),
		web.SignedIn(http.MethodPost, "/penalties/{id}/decide", decide).For(facilitiesv1.PenaltyService_DecideAppeal_FullMethodName),
	}
}

func penalties(q *web.Request) facilitiesv1.PenaltyServiceClient {
	return facilitiesv1.NewPenaltyServiceClient(q.Site.Service("facilities"))
}

// found is the list of penalties and what it was asked for.
type found struct {
	form        *ui.Form
	penalties   []*facilitiesv1.Penalty
	first, next string
}

func list(q *web.Request) error {
	l := found{form: ui.NewForm(q.URL.Query())}
	resp, err := penalties(q).ListPenalties(q.Context(), &facilitiesv1.ListPenaltiesRequest{
		State:    facilitiesv1.Penalty_State(facilitiesv1.Penalty_State_value[q.Query("state")]),
		PageSize: 30, PageToken: q.Query("page"),
	})
	if err != nil {
		return err
	}
	l.penalties = resp.GetPenalties()
	l.first, l.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&l))
}

// file is a penalty with the booking that it is for.
type file struct {
	*facilitiesv1.Penalty
	booking *facilitiesv1.Booking
	form    *ui.Form
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	resp, err := penalties(q).GetPenalty(q.Context(), &facilitiesv1.GetPenaltyRequest{Id: id})
	if err != nil {
		return err
	}
	booked, err := facilitiesv1.NewBookingServiceClient(q.Site.Service("facilities")).GetBooking(q.Context(), &facilitiesv1.GetBookingRequest{Id: resp.GetPenalty().GetBookingId()})
	if err != nil && !web.NotFound(err) {
		return err
	}
	return q.RenderAs(status, showPage(&file{resp.GetPenalty(), booked.GetBooking(), form}))
}

var labels = ui.Labels{"reason": "penalty.reason"}

func appeal(q *web.Request) error {
	return step(q, "appealed", func(ctx context.Context, id string) error {
		_, err := penalties(q).AppealPenalty(ctx, &facilitiesv1.AppealPenaltyRequest{Id: id, Reason: q.PostFormValue("reason")})
		return err
	})
}

func decide(q *web.Request) error {
	return step(q, "appealdecided", func(ctx context.Context, id string) error {
		_, err := penalties(q).DecideAppeal(ctx, &facilitiesv1.DecideAppealRequest{Id: id, Lift: q.PostFormValue("lift") == "true", Reason: q.PostFormValue("reason")})
		return err
	})
}

func step(q *web.Request, done string, take func(context.Context, string) error) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	err = take(q.Once(), id)
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return answer(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/penalties/"+id, done)
}

// points shows half points as points.
func points(ctx context.Context, half int32) string {
	n := fmt.Sprint(half / 2)
	if half%2 != 0 {
		n += ".5"
	}
	return text.S(ctx, "penalty.points", n)
}

func tone(s facilitiesv1.Penalty_State) ui.Tone {
	switch s {
	case facilitiesv1.Penalty_APPEALED:
		return ui.Calm
	case facilitiesv1.Penalty_LIFTED:
		return ui.Ended
	default:
		return ui.Warning
	}
}

func states(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "hall.any")}}
	for n := facilitiesv1.Penalty_RECORDED; n <= facilitiesv1.Penalty_LIFTED; n++ {
		out = append(out, ui.Option{Value: n.String(), Text: text.Enum(ctx, "penalty.state", n)})
	}
	return out
}

// appealable reports whether an appeal can still be in time; the service decides.
func (f *file) appealable(ctx context.Context) bool {
	return f.GetState() == facilitiesv1.Penalty_RECORDED && f.GetAppealBy() >= ui.ViewOf(ctx).Today.String() && ui.Can(ctx, facilitiesv1.PenaltyService_AppealPenalty_FullMethodName)
}
