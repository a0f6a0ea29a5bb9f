package lottery

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// draft is a lottery that a clerk writes.
type draft struct {
	form    *ui.Form
	rooms   hall.Rooms
	classes []*facilitiesv1.Rule
}

// fieldPriority begins the fields of the classes' priorities; empty for a class
// that may not enter.
const fieldPriority = "priority."

var draftLabels = ui.Labels{
	"title": "lottery.title", "roomIds": "lottery.rooms", "useFrom": "lottery.usefrom", "useTo": "lottery.useto", "slotCodes": "lottery.slots",
	"applyFromTime": "lottery.applyfrom", "applyToTime": "lottery.applyto", "drawTime": "lottery.drawat", "confirmByTime": "lottery.confirmby",
	"classes": "lottery.classes", "maxEntriesPerOrganization": "lottery.maxentries", "capSlots": "lottery.cap", "publicEntropySource": "lottery.source",
}

func begin(q *web.Request) error { return answerDraft(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answerDraft(q *web.Request, form *ui.Form, status int) error {
	d := &draft{form: form}
	err := hall.Together(
		func() (err error) {
			d.rooms, err = hall.AllRooms(q)
			return err
		},
		func() error {
			resp, err := facilitiesv1.NewRuleServiceClient(q.Site.Service("facilities")).ListUserClasses(q.Context(), &facilitiesv1.ListUserClassesRequest{PageSize: 200})
			d.classes = resp.GetUserClasses()
			return err
		},
	)
	if err != nil {
		return err
	}
	return q.RenderAs(status, newPage(d))
}

func create(q *web.Request) error {
	in := &facilitiesv1.LotteryInput{}
	err := web.Bind(q.PostForm, in)
	var resp *facilitiesv1.CreateLotteryResponse
	if err == nil {
		complete(in, q.Posted())
		resp, err = lotteries(q).CreateLottery(q.Once(), &facilitiesv1.CreateLotteryRequest{Lottery: in})
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = draftLabels
		return answerDraft(q, form.Trim("lottery."), form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/lotteries/"+resp.GetLottery().GetId(), "lotteryopened")
}

// complete reads the times and the priorities. What is none is left out, for the
// service to say.
func complete(in *facilitiesv1.LotteryInput, f *ui.Form) {
	for name, into := range map[string]**timestamppb.Timestamp{
		"applyFromTime": &in.ApplyFromTime, "applyToTime": &in.ApplyToTime, "drawTime": &in.DrawTime, "confirmByTime": &in.ConfirmByTime,
	} {
		if at, ok := moment(f.Get(name), jp.Tokyo); ok {
			*into = timestamppb.New(at)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		if n, err := strconv.ParseInt(f.Get(name), 10, 32); err == nil && len(name) > len(fieldPriority) && name[:len(fieldPriority)] == fieldPriority {
			in.Classes = append(in.Classes, &facilitiesv1.LotteryClass{Code: name[len(fieldPriority):], Priority: int32(n)})
		}
	}
}

// roomOptions are all rooms by hall.
func (d *draft) roomOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, r := range d.rooms.Sorted() {
		out = append(out, ui.Option{Value: r.GetRoomId(), Text: d.rooms.Name(ctx, r.GetRoomId())})
	}
	return out
}

// slotOptions are the slots of all patterns, each code once.
func (d *draft) slotOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, o := range d.roomOptions(ctx) {
		for _, s := range d.rooms[o.Value].GetSlots() {
			if !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == s.GetCode() }) {
				out = append(out, ui.Option{Value: s.GetCode(), Text: s.GetName()})
			}
		}
	}
	return out
}

func priorities(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "lottery.priority.none")}}
	for n := 1; n <= 3; n++ {
		out = append(out, ui.Option{Value: strconv.Itoa(n), Text: text.S(ctx, "lottery.priority.rank", n)})
	}
	return out
}
