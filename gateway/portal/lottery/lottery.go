// Package lottery has the pages of the lotteries of halls: list, lottery with its
// result, own entries, and what the facility clerks do.
package lottery

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// Routes are the area's pages. The page that verifies a draw is the edge's own.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/lotteries", list),
		web.SignedIn(http.MethodGet, "/lotteries/new", begin).For(facilitiesv1.LotteryService_CreateLottery_FullMethodName),
		web.SignedIn(http.MethodPost, "/lotteries", create).For(facilitiesv1.LotteryService_CreateLottery_FullMethodName),
		web.Public(http.MethodGet, "/lotteries/{id}", show),
		web.SignedIn(http.MethodPost, "/lotteries/{id}/steps/{step}", take),
		web.SignedIn(http.MethodGet, "/lotteries/{id}/enter", write).For(facilitiesv1.LotteryService_EnterLottery_FullMethodName),
		web.SignedIn(http.MethodPost, "/lotteries/{id}/enter", enter).For(facilitiesv1.LotteryService_EnterLottery_FullMethodName),
		web.SignedIn(http.MethodGet, "/lotteries/{id}/entries/{entry}", showEntry),
		web.SignedIn(http.MethodPost, "/lotteries/{id}/entries/{entry}/confirm", confirm).For(facilitiesv1.LotteryService_ConfirmLotteryEntry_FullMethodName),
		web.SignedIn(http.MethodPost, "/lotteries/{id}/entries/{entry}/withdraw", withdraw).For(facilitiesv1.LotteryService_WithdrawLotteryEntry_FullMethodName),
	}
}

func lotteries(q *web.Request) facilitiesv1.LotteryServiceClient {
	return facilitiesv1.NewLotteryServiceClient(q.Site.Service("facilities"))
}

// found is the list of lotteries and what it was asked for.
type found struct {
	form        *ui.Form
	lotteries   []*facilitiesv1.Lottery
	rooms       hall.Rooms
	first, next string
}

func list(q *web.Request) error {
	l := found{form: ui.NewForm(q.URL.Query())}
	err := hall.Together(
		func() error {
			resp, err := lotteries(q).ListLotteries(q.Context(), &facilitiesv1.ListLotteriesRequest{
				State:  facilitiesv1.Lottery_State(facilitiesv1.Lottery_State_value[q.Query("state")]),
				RoomId: q.Query("roomId"), PageSize: 20, PageToken: q.Query("page"),
			})
			if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
				form.Values = l.form.Values
				l.form = form
				return nil
			}
			l.lotteries = resp.GetLotteries()
			l.first, l.next = q.Pages(resp.GetNextPageToken())
			return err
		},
		func() (err error) {
			l.rooms, err = hall.AllRooms(q)
			return err
		},
	)
	if err != nil {
		return err
	}
	return q.Render(listPage(&l))
}

// ticketsShown are those of the result on one page.
const ticketsShown = 100

// file is a lottery with the caller's own entries.
type file struct {
	*facilitiesv1.Lottery
	form     *ui.Form
	rooms    hall.Rooms
	entries  []*facilitiesv1.LotteryEntry
	more     bool // Whether the caller has more entries than are shown.
	from     int  // First ticket that is shown, from 0.
	drawable bool // Whether the hour of the draw has come.
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	f := &file{form: form}
	err = hall.Together(
		func() error {
			resp, err := lotteries(q).GetLottery(q.Context(), &facilitiesv1.GetLotteryRequest{Id: id})
			f.Lottery = resp.GetLottery()
			return err
		},
		func() (err error) {
			f.rooms, err = hall.AllRooms(q)
			return err
		},
		func() error {
			if !q.View.SignedIn() || !q.View.May(facilitiesv1.LotteryService_ListLotteryEntries_FullMethodName) {
				return nil
			}
			resp, err := lotteries(q).ListLotteryEntries(q.Context(), &facilitiesv1.ListLotteryEntriesRequest{LotteryId: id, PageSize: 50})
			f.entries, f.more = resp.GetEntries(), resp.GetNextPageToken() != ""
			return err
		},
	)
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(q.Query("from")); err == nil && n > 0 && n < len(f.GetOrder()) {
		f.from = n
	}
	f.drawable = !q.Site.Now().Before(f.GetDrawTime().AsTime())
	return q.RenderAs(status, showPage(f))
}

// tickets are those of the page.
func (f *file) tickets() []*facilitiesv1.LotteryTicket {
	return f.GetOrder()[f.from:min(f.from+ticketsShown, len(f.GetOrder()))]
}

// pages are the addresses of the first and the next tickets.
func (f *file) pages() (first, next string) {
	path := "/lotteries/" + f.GetId()
	if f.from > 0 {
		first = path
	}
	if f.from+ticketsShown < len(f.GetOrder()) {
		next = path + "?from=" + strconv.Itoa(f.from+ticketsShown)
	}
	return first, next
}

// mine reports whether a ticket is one of the caller's entries.
func (f *file) mine(t *facilitiesv1.LotteryTicket) bool {
	return slices.ContainsFunc(f.entries, func(e *facilitiesv1.LotteryEntry) bool { return e.GetTicketId() == t.GetId() })
}

// steps are what the ward does with a lottery.
var steps = &step.Table[facilitiesv1.Lottery_State]{
	Texts: "lottery", Labels: ui.Labels{"entropy.publicEntropy": "lottery.entropy"},
	Steps: []step.Step[facilitiesv1.Lottery_State]{
		{
			Name: "entropy", Method: facilitiesv1.LotteryService_RecordEntropy_FullMethodName, Sure: true, Done: "lotteryentropy",
			From: step.In(facilitiesv1.Lottery_CLOSED), Take: step.By(lotteries, facilitiesv1.LotteryServiceClient.RecordEntropy),
		},
		{
			Name: "draw", Method: facilitiesv1.LotteryService_DrawLottery_FullMethodName, Sure: true, Done: "lotterydrawn",
			From: step.In(facilitiesv1.Lottery_CLOSED), Take: step.By(lotteries, facilitiesv1.LotteryServiceClient.DrawLottery),
		},
	},
}

// offers are the steps that the page offers.
func (f *file) offers(ctx context.Context) []step.Offer {
	return steps.Offers(ctx, &step.Thing[facilitiesv1.Lottery_State]{
		State: f.GetState(), Path: "/lotteries/" + f.GetId(), Form: f.form,
		Asks: map[string][]step.Ask{"entropy": {{Input: ui.Input{Name: "publicEntropy", Label: "lottery.entropy", Hint: "lottery.entropy.hint", Required: true, Max: 200}}}},
		Not: func(name string) bool {
			return name == "entropy" && (f.GetPublicEntropySource() == "" || f.GetPublicEntropy() != "")
		},
	})
}

func take(q *web.Request) error { return steps.Take(q, "/lotteries/"+q.PathValue("id"), answer) }

func tone(s facilitiesv1.Lottery_State) ui.Tone {
	switch s {
	case facilitiesv1.Lottery_OPEN:
		return ui.Warning
	case facilitiesv1.Lottery_DRAWN:
		return ui.Good
	case facilitiesv1.Lottery_ENDED:
		return ui.Ended
	default:
		return ui.Calm
	}
}

func states(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "hall.any")}}
	for n := facilitiesv1.Lottery_ANNOUNCED; n <= facilitiesv1.Lottery_ENDED; n++ {
		out = append(out, ui.Option{Value: n.String(), Text: text.Enum(ctx, "lottery.state", n)})
	}
	return out
}

// slotNames names the slots that a lottery draws, by the pattern of its first
// room.
func slotNames(ctx context.Context, rooms hall.Rooms, l *facilitiesv1.Lottery) string {
	if len(l.GetRoomIds()) == 0 {
		return ""
	}
	return rooms.Slots(ctx, l.GetRoomIds()[0], l.GetSlotCodes())
}

// moment reads a local time of a form, in Tokyo; false for what is none.
func moment(s string, zone *time.Location) (time.Time, bool) {
	at, err := time.ParseInLocation("2006-01-02T15:04", s, zone)
	return at, err == nil
}
