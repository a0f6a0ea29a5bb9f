// Package hall has the pages of halls and rooms: what is free over all of them,
// and a room with its facts. Everybody reads them without signing in.
package hall

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/halls", list),
		web.Public(http.MethodGet, "/rooms/{id}", showRoom),
	}
}

// Days that a week and the page of a room show.
const (
	weekDays = 7
	roomDays = 14
)

// The ways to look at what is free.
const (
	viewDay   = "day"
	viewWeek  = "week"
	viewMonth = "month"
)

// search is the vacancy over all halls and what it was asked for.
type search struct {
	form       *ui.Form
	day        jp.Date
	view       string
	facilities []*facilitiesv1.Facility
	classes    []*facilitiesv1.Rule
	found      *facilitiesv1.GetAvailabilityResponse
	with       func(name, value string) string
}

func list(q *web.Request) error {
	s := &search{day: q.Day("date"), view: viewOf(q.Query("view")), with: q.With}
	s.form = ui.NewForm(q.URL.Query())
	s.form.Values.Set("date", s.day.String())
	if s.view == viewMonth {
		s.day = s.day.FirstOfMonth()
	}
	service := q.Site.Service("facilities")
	var (
		halls   *facilitiesv1.ListFacilitiesResponse
		classes *facilitiesv1.ListUserClassesResponse
		all     sync.WaitGroup
		errs    [2]error
	)
	all.Go(func() {
		halls, errs[0] = facilitiesv1.NewFacilityServiceClient(service).ListFacilities(q.Context(), &facilitiesv1.ListFacilitiesRequest{PageSize: 200})
	})
	all.Go(func() {
		classes, errs[1] = facilitiesv1.NewRuleServiceClient(service).ListUserClasses(q.Context(), &facilitiesv1.ListUserClassesRequest{PageSize: 200})
	})
	found, err := facilitiesv1.NewAvailabilityServiceClient(service).GetAvailability(q.Context(), s.request())
	all.Wait()
	if other := errors.Join(errs[:]...); other != nil {
		return other
	}
	s.facilities, s.classes, s.found = halls.GetFacilities(), classes.GetUserClasses(), found
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = s.form.Values
		s.form = form
		return q.RenderAs(form.Status, listPage(s))
	}
	if err != nil && !web.NotFound(err) { // no room is like what was asked for
		return err
	}
	return q.Render(listPage(s))
}

func viewOf(view string) string {
	if view == viewWeek || view == viewMonth {
		return view
	}
	return viewDay
}

func (s *search) request() *facilitiesv1.GetAvailabilityRequest {
	req := &facilitiesv1.GetAvailabilityRequest{
		FacilityId: s.form.Get("facilityId"), From: s.day.String(), To: s.last().String(), UserClass: s.form.Get("userClass"),
		Purpose: facilitiesv1.UserClass_Purpose(facilitiesv1.UserClass_Purpose_value[s.form.Get("purpose")]),
	}
	if n, err := strconv.ParseInt(s.form.Get("capacity"), 10, 32); err == nil {
		req.Capacity = int32(n)
	}
	return req
}

func (s *search) last() jp.Date {
	switch s.view {
	case viewWeek:
		return s.day.AddDays(weekDays - 1)
	case viewMonth:
		return s.day.AddMonths(1).AddDays(-1)
	default:
		return s.day
	}
}

// move returns the address of the days before or after those shown.
func (s *search) move(times int) string {
	day := s.day.AddDays(times)
	switch s.view {
	case viewWeek:
		day = s.day.AddDays(times * weekDays)
	case viewMonth:
		day = s.day.AddMonths(times)
	}
	return s.with("date", day.String())
}

// span names the days shown.
func (s *search) span(ctx context.Context) string {
	if s.view == viewDay {
		return ui.LongDate(ctx, s.day.String())
	}
	return text.S(ctx, "hall.span", ui.LongDate(ctx, s.day.String()), ui.LongDate(ctx, s.last().String()))
}

// grid shows the answer: of one day with a row a room, of a week of one hall with
// a column a day.
func (s *search) grid(ctx context.Context) ui.Grid {
	g := ui.Grid{Caption: s.span(ctx), Corner: text.S(ctx, "hall.room")}
	if s.view == viewWeek {
		for _, d := range s.found.GetDays() {
			g.Columns = append(g.Columns, column(ctx, d.GetDate(), s.dayPath(d.GetDate())))
		}
	}
	facility := ""
	for _, r := range s.found.GetRooms() {
		row := ui.Row{Title: r.GetName(), Path: "/rooms/" + r.GetRoomId() + "?date=" + s.day.String(), Note: people(ctx, r.GetCapacity())}
		if r.GetFacilityId() != facility {
			facility, row.Group = r.GetFacilityId(), r.GetFacilityName()
		}
		for _, d := range s.found.GetDays() {
			slots := ui.Slots{Marks: marks(ctx, r, d)}
			if s.view == viewWeek {
				slots.Label = ui.ShortDate(ctx, d.GetDate())
			}
			row.Cells = append(row.Cells, slots)
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

func (s *search) dayPath(date string) string {
	query := url.Values{"date": {date}}
	for _, name := range []string{"facilityId", "capacity", "purpose", "userClass"} {
		if v := s.form.Get(name); v != "" {
			query.Set(name, v)
		}
	}
	return "/halls?" + query.Encode()
}

func column(ctx context.Context, date, path string) ui.Column {
	c := ui.Column{Text: ui.ShortDate(ctx, date), Path: path}
	if d, err := jp.ParseDate(date); err == nil {
		name, holiday := jp.Holiday(d)
		c.Quiet = holiday || d.Weekday() == 0
		if text.Of(ctx) != text.English {
			c.Note = name
		} else if holiday {
			c.Note = text.S(ctx, "hall.holiday")
		}
	}
	return c
}

func people(ctx context.Context, n int32) string {
	if n == 0 {
		return ""
	}
	return text.S(ctx, "hall.people", n)
}

// lettersOf returns the letters of a room on a day, one a slot; "" where the row
// is not that of the day: a room whose slots change within the days stands in two
// rows.
func lettersOf(r *facilitiesv1.GetAvailabilityResponse_Row, d *facilitiesv1.GetAvailabilityResponse_Day) string {
	var letters string
	for _, room := range d.GetRooms() {
		if room.GetRoomId() == r.GetRoomId() && d.GetDate() >= r.GetFrom() {
			letters = room.GetSlots()
		}
	}
	if len(letters) != len(r.GetSlots()) {
		return ""
	}
	return letters
}

// marks are the slots of a room on a day, each with where it leads.
func marks(ctx context.Context, r *facilitiesv1.GetAvailabilityResponse_Row, d *facilitiesv1.GetAvailabilityResponse_Day) []ui.Mark {
	letters := lettersOf(r, d)
	out := make([]ui.Mark, 0, len(letters))
	for i := range letters {
		slot := r.GetSlots()[i]
		m := ui.Mark{Letter: letters[i : i+1], Name: SlotName(ctx, slot)}
		m.Words = text.S(ctx, "hall.letter."+m.Letter)
		switch m.Letter {
		case "F":
			if Books(ctx) {
				m.Path = BookingPath(r.GetRoomId(), d.GetDate(), slot.GetCode())
			}
		case "T":
			if Waits(ctx) && d.GetDate() >= ui.ViewOf(ctx).Today.String() {
				m.Path = WaitPath(r.GetRoomId(), d.GetDate(), slot.GetCode())
			}
		case "L":
			m.Path = "/lotteries?roomId=" + r.GetRoomId()
		}
		out = append(out, m)
	}
	return out
}

// SlotName names a slot as marks do: in English, which has no name of it, by its
// hours.
func SlotName(ctx context.Context, s *facilitiesv1.Slot) string {
	if text.Of(ctx) == text.English {
		return ui.Hours(ctx, s.GetStart(), s.GetEnd())
	}
	return s.GetName()
}

// slotWords are the name and the hours of a slot; of one that is named by its
// hours, and in English, the hours alone.
func slotWords(ctx context.Context, s *facilitiesv1.Slot) string {
	hours := ui.Hours(ctx, s.GetStart(), s.GetEnd())
	if text.Of(ctx) == text.English || strings.ContainsAny(s.GetName(), "0123456789") {
		return hours
	}
	return s.GetName() + " " + hours
}

// Books reports whether the caller can book, or could once signed in.
func Books(ctx context.Context) bool {
	return !ui.ViewOf(ctx).SignedIn() || ui.Can(ctx, facilitiesv1.BookingService_CreateBooking_FullMethodName)
}

// Waits reports whether the caller can wait for a taken slot, or could once
// signed in.
func Waits(ctx context.Context) bool {
	return !ui.ViewOf(ctx).SignedIn() || ui.Can(ctx, facilitiesv1.WaitlistService_JoinWaitlist_FullMethodName)
}

// BookingPath is where a slot is booked.
func BookingPath(roomID, date, slotCode string) string {
	return "/bookings/new?" + url.Values{"roomId": {roomID}, "date": {date}, "slotCodes": {slotCode}}.Encode()
}

// WaitPath is where the wait-list for a slot is joined.
func WaitPath(roomID, date, slotCode string) string {
	return "/waitlist/new?" + url.Values{"roomId": {roomID}, "date": {date}, "slotCodes": {slotCode}}.Encode()
}

// legend explains the words of the marks with the service's own texts.
func legend(ctx context.Context, letters []*facilitiesv1.GetAvailabilityResponse_Letter) []ui.Mark {
	var out []ui.Mark
	for _, l := range letters {
		m := ui.Mark{Letter: l.GetLetter(), Words: text.S(ctx, "hall.letter."+l.GetLetter()), Name: l.GetJa()}
		if text.Of(ctx) == text.English {
			m.Name = l.GetEn()
		}
		out = append(out, m)
	}
	return out
}

// Purposes are the purposes as choices; any of them when none is named.
func Purposes(ctx context.Context, only ...facilitiesv1.UserClass_Purpose) []ui.Option {
	if len(only) == 0 {
		for n := range facilitiesv1.UserClass_Purpose_name {
			if n != 0 {
				only = append(only, facilitiesv1.UserClass_Purpose(n))
			}
		}
	}
	var out []ui.Option
	for _, p := range sorted(only) {
		out = append(out, ui.Option{Value: p.String(), Text: text.Enum(ctx, "hall.purpose", p)})
	}
	return out
}
