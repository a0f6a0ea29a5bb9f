package lottery

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// useRows is how many room days the form of an entry takes.
const useRows = 3

// wish is an entry that is being written, with what its form offers.
type wish struct {
	*facilitiesv1.Lottery
	form          *ui.Form
	rooms         hall.Rooms
	classes       []*facilitiesv1.Rule
	organizations []*directoryv1.Organization
	onBehalf      bool
}

var labels = ui.Labels{
	"organizationId": "booking.organization", "userClass": "hall.class", "purpose": "hall.purposename", "title": "booking.title",
	"headcount": "booking.headcount", "uses": "lottery.uses", "paperNote": "booking.paper",
}

func write(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	return answerWish(q, id, ui.NewForm(q.URL.Query()), http.StatusOK)
}

func answerWish(q *web.Request, id string, form *ui.Form, status int) error {
	w := &wish{form: form, onBehalf: hall.OnBehalf(q.Context())}
	err := hall.Together(
		func() error {
			resp, err := lotteries(q).GetLottery(q.Context(), &facilitiesv1.GetLotteryRequest{Id: id})
			w.Lottery = resp.GetLottery()
			return err
		},
		func() (err error) {
			w.rooms, err = hall.AllRooms(q)
			return err
		},
		func() error {
			resp, err := facilitiesv1.NewRuleServiceClient(q.Site.Service("facilities")).ListUserClasses(q.Context(), &facilitiesv1.ListUserClassesRequest{PageSize: 200})
			w.classes = resp.GetUserClasses()
			return err
		},
		func() (err error) {
			w.organizations, err = hall.Organizations(q, form.Get("find"))
			return err
		},
	)
	if err != nil {
		return err
	}
	if len(w.organizations) > 0 && form.Get("organizationId") == "" && form.Refusal == nil && !w.onBehalf {
		form.Values.Set("organizationId", w.organizations[0].GetId())
	}
	return q.RenderAs(status, enterPage(w))
}

func enter(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	if q.PostFormValue("step") == "find" {
		return answerWish(q, id, q.Posted(), http.StatusOK)
	}
	req := &facilitiesv1.EnterLotteryRequest{}
	err = web.Bind(q.PostForm, req)
	var resp *facilitiesv1.EnterLotteryResponse
	if err == nil {
		req.Id = id
		resp, err = lotteries(q).EnterLottery(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return answerWish(q, id, form, form.Status)
	}
	if err != nil {
		return err
	}
	if hall.OnBehalf(q.Context()) { // who entered is shown to the organization alone
		return q.Redirect("/lotteries/"+id, "lotteryentered")
	}
	return q.Redirect("/lotteries/"+id+"/entries/"+resp.GetEntry().GetId(), "lotteryentered")
}

func (w *wish) roomOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "ui.choose")}}
	for _, id := range w.GetRoomIds() {
		out = append(out, ui.Option{Value: id, Text: w.rooms.Name(ctx, id)})
	}
	return out
}

func (w *wish) slotOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, code := range w.GetSlotCodes() {
		out = append(out, ui.Option{Value: code, Text: w.rooms.Slots(ctx, w.GetRoomIds()[0], []string{code})})
	}
	return out
}

// classOptions are the classes that may enter.
func (w *wish) classOptions() []ui.Option {
	var out []ui.Option
	for _, r := range w.classes {
		if slices.ContainsFunc(w.GetClasses(), func(c *facilitiesv1.LotteryClass) bool { return c.GetCode() == r.GetCode() }) {
			out = append(out, ui.Option{Value: r.GetCode(), Text: hall.ClassText(r)})
		}
	}
	return out
}

func useField(i int, name string) string { return fmt.Sprintf("uses[%d].%s", i, name) }

// ownEntry is an entry with its lottery.
type ownEntry struct {
	*facilitiesv1.LotteryEntry
	lottery *facilitiesv1.Lottery
	rooms   hall.Rooms
	form    *ui.Form
}

func showEntry(q *web.Request) error {
	return answerEntry(q, ui.NewForm(url.Values{}), http.StatusOK)
}

func answerEntry(q *web.Request, form *ui.Form, status int) error {
	id, entry, err := ids(q)
	if err != nil {
		return err
	}
	e := &ownEntry{form: form}
	err = hall.Together(
		func() error {
			resp, err := lotteries(q).GetLotteryEntry(q.Context(), &facilitiesv1.GetLotteryEntryRequest{LotteryId: id, Id: entry})
			e.LotteryEntry = resp.GetEntry()
			return err
		},
		func() error {
			resp, err := lotteries(q).GetLottery(q.Context(), &facilitiesv1.GetLotteryRequest{Id: id})
			e.lottery = resp.GetLottery()
			return err
		},
		func() (err error) {
			e.rooms, err = hall.AllRooms(q)
			return err
		},
	)
	if err != nil {
		return err
	}
	return q.RenderAs(status, entryPage(e))
}

func ids(q *web.Request) (id, entry string, err error) {
	if id, err = q.ID("id"); err != nil {
		return "", "", err
	}
	entry, err = q.ID("entry")
	return id, entry, err
}

func confirm(q *web.Request) error {
	return entryStep(q, "lotteryconfirmed", func(ctx context.Context, id, entry string) error {
		_, err := lotteries(q).ConfirmLotteryEntry(ctx, &facilitiesv1.ConfirmLotteryEntryRequest{Id: id, EntryId: entry})
		return err
	})
}

func withdraw(q *web.Request) error {
	return entryStep(q, "lotterywithdrawn", func(ctx context.Context, id, entry string) error {
		_, err := lotteries(q).WithdrawLotteryEntry(ctx, &facilitiesv1.WithdrawLotteryEntryRequest{Id: id, EntryId: entry})
		return err
	})
}

func entryStep(q *web.Request, done string, take func(ctx context.Context, id, entry string) error) error {
	id, entry, err := ids(q)
	if err != nil {
		return err
	}
	err = take(q.Once(), id, entry)
	if form, refused := q.Refused(err); refused {
		return answerEntry(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/lotteries/"+id+"/entries/"+entry, done)
}

// standing reports whether an entry can be taken back.
func standing(e *facilitiesv1.LotteryEntry) bool {
	return e.GetState() == facilitiesv1.LotteryEntry_ENTERED || e.GetState() == facilitiesv1.LotteryEntry_WON
}

func entryTone(s facilitiesv1.LotteryEntry_State) ui.Tone {
	switch s {
	case facilitiesv1.LotteryEntry_WON:
		return ui.Warning
	case facilitiesv1.LotteryEntry_CONFIRMED:
		return ui.Good
	case facilitiesv1.LotteryEntry_ENTERED:
		return ui.Calm
	default:
		return ui.Ended
	}
}
