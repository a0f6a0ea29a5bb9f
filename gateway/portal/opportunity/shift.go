package opportunity

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/publication"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// timetable are the shifts of a call before who runs it.
type timetable struct {
	*call
	form *ui.Form
}

func shiftClient(q *web.Request) outreachv1.ShiftServiceClient {
	return outreachv1.NewShiftServiceClient(q.Site.Service("outreach"))
}

// kept gets a call whose shifts the caller keeps. Errors: RESOURCE_NOT_FOUND.
func kept(q *web.Request) (*call, error) {
	c, err := get(q)
	if err == nil && !publication.Writes(q.Context(), c) {
		err = fault.ErrNotFound
	}
	return c, err
}

func listShifts(q *web.Request) error {
	return answerShifts(q, ui.NewForm(url.Values{}), http.StatusOK)
}

func answerShifts(q *web.Request, form *ui.Form, status int) error {
	c, err := kept(q)
	if err != nil {
		return err
	}
	if form.Get("shift.startTime") == "" {
		form.Values.Set("shift.startTime", c.GetStartsOn())
	}
	form.Labels = ui.Labels{"shift.startTime": "timetable.day", "shift.endTime": "timetable.to", "shift.capacity": "opportunity.capacity"}
	return q.RenderAs(status, shiftsPage(&timetable{c, form}))
}

func addShift(q *web.Request) error {
	c, err := kept(q)
	if err != nil {
		return err
	}
	in := &outreachv1.ShiftInput{Capacity: people(q.PostFormValue("shift.capacity"))}
	day := q.PostFormValue("shift.startTime")
	in.StartTime, in.EndTime = instant(day, q.PostFormValue("_from")), instant(day, q.PostFormValue("shift.endTime"))
	_, err = shiftClient(q).CreateShift(q.Once(), &outreachv1.CreateShiftRequest{OpportunityId: c.GetId(), Shift: in})
	return afterShift(q, c, err, "shiftadded")
}

// instant is a day and time in Tokyo; nil for what is none, which the service
// refuses.
func instant(day, at string) *timestamppb.Timestamp {
	t, err := time.ParseInLocation(time.DateOnly+" 15:04", day+" "+at, jp.Tokyo)
	if err != nil {
		return nil
	}
	return timestamppb.New(t)
}

// people reads a number of people, also in full width; 0 for what is none, which
// the service refuses.
func people(s string) int32 {
	n, err := strconv.ParseInt(strings.TrimSpace(norm.NFKC.String(s)), 10, 32)
	if err != nil {
		return 0
	}
	return int32(n)
}

func changeShift(q *web.Request) error {
	c, err := kept(q)
	if err != nil {
		return err
	}
	id, err := q.ID("shift")
	if err != nil {
		return err
	}
	switch q.PathValue("step") {
	case "capacity":
		_, err = shiftClient(q).UpdateShift(q.Context(), &outreachv1.UpdateShiftRequest{
			OpportunityId: c.GetId(), Id: id, Etag: q.PostFormValue("etag"), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"capacity"}},
			Shift: &outreachv1.ShiftChange{Capacity: people(q.PostFormValue("capacity"))},
		})
		return afterShift(q, c, err, "shiftchanged")
	case "cancel":
		_, err = shiftClient(q).CancelShift(q.Once(), &outreachv1.CancelShiftRequest{OpportunityId: c.GetId(), Id: id, Etag: q.PostFormValue("etag")})
		return afterShift(q, c, err, "shiftcancelled")
	}
	return problem.ErrRouteNotFound
}

func afterShift(q *web.Request, c *call, err error, done string) error {
	if form, refused := q.Refused(err); refused {
		return answerShifts(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/opportunities/"+c.GetId()+"/shifts", done)
}
