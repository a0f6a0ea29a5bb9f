// Package hall has the pages of halls and rooms: what is free over all of them,
// and a room with its facts. Everybody reads them without signing in.
package hall

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

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

// search is the vacancy over all halls and what it was asked for.
type search struct {
	form       *ui.Form
	day        jp.Date
	week       bool
	facilities []*facilitiesv1.Facility
	classes    []*facilitiesv1.Rule
	found      *facilitiesv1.GetAvailabilityResponse
	with       func(name, value string) string
}

func list(q *web.Request) error {
	s := &search{day: q.Day("date"), week: q.Query("view") == "week", with: q.With}
	s.form = ui.NewForm(q.URL.Query())
	s.form.Values.Set("date", s.day.String())
	service := q.Site.Service("facilities")
	halls, err := facilitiesv1.NewFacilityServiceClient(service).ListFacilities(q.Context(), &facilitiesv1.ListFacilitiesRequest{PageSize: 200})
	if err != nil {
		return err
	}
	classes, err := facilitiesv1.NewRuleServiceClient(service).ListUserClasses(q.Context(), &facilitiesv1.ListUserClassesRequest{PageSize: 200})
	if err != nil {
		return err
	}
	s.facilities, s.classes = halls.GetFacilities(), classes.GetUserClasses()
	s.found, err = facilitiesv1.NewAvailabilityServiceClient(service).GetAvailability(q.Context(), s.request())
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
	if s.week {
		return s.day.AddDays(weekDays - 1)
	}
	return s.day
}

// move returns the address of the days before or after those shown.
func (s *search) move(days int) string {
	if s.week {
		days *= weekDays
	}
	return s.with("date", s.day.AddDays(days).String())
}

// grid shows the answer: of one day with a row a room, of a week with a column a
// day. A week over all halls has no links at its slots, to stay small.
func (s *search) grid(ctx context.Context) ui.Grid {
	g := ui.Grid{Caption: ui.LongDate(ctx, s.day.String()), Corner: text.S(ctx, "hall.room")}
	linked := !s.week || s.form.Get("facilityId") != ""
	if s.week {
		g.Caption = text.S(ctx, "hall.span", ui.LongDate(ctx, s.day.String()), ui.LongDate(ctx, s.last().String()))
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
			slots := ui.Slots{Marks: marks(ctx, r, d, linked)}
			if s.week {
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

// marks are the slots of a room on a day. A room whose slots change within the
// days stands in two rows; letters that are not of this row's slots are left out.
func marks(ctx context.Context, r *facilitiesv1.GetAvailabilityResponse_Row, d *facilitiesv1.GetAvailabilityResponse_Day, linked bool) []ui.Mark {
	var letters string
	for _, room := range d.GetRooms() {
		if room.GetRoomId() == r.GetRoomId() && d.GetDate() >= r.GetFrom() {
			letters = room.GetSlots()
		}
	}
	if len(letters) != len(r.GetSlots()) {
		return nil
	}
	out := make([]ui.Mark, 0, len(letters))
	for i, slot := range r.GetSlots() {
		m := ui.Mark{Letter: letters[i : i+1], Name: slot.GetName()}
		m.Words = text.S(ctx, "hall.letter."+m.Letter)
		if m.Letter == "F" && linked {
			m.Path = BookingPath(r.GetRoomId(), d.GetDate(), slot.GetCode())
		}
		out = append(out, m)
	}
	return out
}

// BookingPath is where a slot is booked.
func BookingPath(roomID, date, slotCode string) string {
	return "/bookings/new?" + url.Values{"roomId": {roomID}, "date": {date}, "slotCodes": {slotCode}}.Encode()
}

// room is what the page of a room shows.
type room struct {
	*facilitiesv1.Room
	facility *facilitiesv1.Facility
	day      jp.Date
	found    *facilitiesv1.GetAvailabilityResponse
}

func showRoom(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	r := room{day: q.Day("date")}
	service := q.Site.Service("facilities")
	halls := facilitiesv1.NewFacilityServiceClient(service)
	got, err := halls.GetRoom(q.Context(), &facilitiesv1.GetRoomRequest{Id: id})
	if err != nil {
		return err
	}
	r.Room = got.GetRoom()
	hall, err := halls.GetFacility(q.Context(), &facilitiesv1.GetFacilityRequest{Id: r.GetFacilityId()})
	if err != nil {
		return err
	}
	r.facility = hall.GetFacility()
	r.found, err = facilitiesv1.NewAvailabilityServiceClient(service).GetAvailability(q.Context(), &facilitiesv1.GetAvailabilityRequest{
		RoomId: id, From: r.day.String(), To: r.day.AddDays(roomDays - 1).String(),
	})
	if err != nil {
		return err
	}
	return q.Render(roomPage(&r))
}

// grid has a row a day.
func (r *room) grid(ctx context.Context) ui.Grid {
	g := ui.Grid{Caption: text.S(ctx, "hall.span", ui.LongDate(ctx, r.day.String()), ui.LongDate(ctx, r.day.AddDays(roomDays-1).String()))}
	for _, d := range r.found.GetDays() {
		c := column(ctx, d.GetDate(), "")
		row := ui.Row{Title: c.Text, Note: c.Note}
		var slots ui.Slots
		for _, of := range r.found.GetRooms() {
			if m := marks(ctx, of, d, true); len(m) > 0 {
				slots.Marks = m
			}
		}
		row.Cells = []ui.Slots{slots}
		g.Rows = append(g.Rows, row)
	}
	return g
}

func (r *room) move(days int) string {
	return "/rooms/" + r.GetId() + "?date=" + r.day.AddDays(days).String()
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
