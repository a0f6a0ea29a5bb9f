package browser

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// hallPages are those over the halls: vacancy, bookings, wait-list, lotteries,
// penalties, and the ward's.
var hallPages = []page{
	{"/halls?view=month", []string{"", "representative"}},
	{"/rooms/" + room + "?view=month", []string{""}},
	{"/freed-slots", []string{""}},
	{"/bookings?past=1", []string{"representative"}},
	{"/bookings/calendar", []string{"resident"}},
	{"/bookings/{mine}", []string{"resident", "desk", "approver", "clerk"}},
	{"/bookings/{mine}/amend", []string{"resident"}},
	{"/bookings/new?roomId=" + room + "&date={day}&slotCodes=AM", []string{"clerk"}},
	{"/desk/bookings", []string{"desk", "approver", "clerk"}},
	{"/desk/bookings/today", []string{"clerk"}},
	{"/waitlist", []string{"resident"}},
	{"/waitlist/new?roomId=" + room + "&date={day}&slotCodes=PM", []string{"representative"}},
	{"/waitlist/{place}", []string{"representative2"}},
	{"/lotteries", []string{"", "clerk"}},
	{"/lotteries/{lottery}", []string{"", "representative", "clerk"}},
	{"/lotteries/{drawn}", []string{"", "representative"}},
	{"/lotteries/{lottery}/enter", []string{"representative", "clerk"}},
	{"/lotteries/{lottery}/entries/{entry}", []string{"representative"}},
	{"/lotteries/new", []string{"clerk"}},
	{"/penalties", []string{"representative", "clerk"}},
	{"/penalties/new", []string{"clerk"}},
	{"/penalties/new?bookingId={mine}", []string{"clerk"}},
	{"/desk/rules", []string{"desk", "approver", "clerk"}},
	{"/desk/rules?kind=userClass", []string{"clerk"}},
	{"/desk/rules/{class}", []string{"desk", "approver"}},
	{"/desk/rules/{class}/edit", []string{"clerk"}},
	{"/desk/rules/{fees}/edit", []string{"clerk"}},
	{"/desk/rules/{slots}/edit", []string{"clerk"}},
	{"/desk/rules/new?kind=openingRule", []string{"clerk"}},
	{"/desk/halls/{hall}", []string{"clerk", "approver"}},
	{"/desk/halls/{hall}/edit", []string{"clerk"}},
	{"/desk/halls/{hall}/rooms/new", []string{"clerk"}},
	{"/desk/halls/{hall}/closures/new", []string{"clerk"}},
	{"/desk/rooms/" + room, []string{"clerk"}},
	{"/desk/rooms/" + room + "/edit", []string{"clerk"}},
}

var hallSamples = []sample{
	{"{mine}", func(t *testing.T) string { return shelf.of(t).booking }},
	{"{place}", func(t *testing.T) string { return shelf.of(t).place }},
	{"{lottery}", listed("", "/v1/lotteries?state=OPEN")},
	{"{drawn}", listed("", "/v1/lotteries?state=DRAWN")},
	{"{entry}", func(t *testing.T) string {
		t.Helper()
		return listed("representative", "/v1/lotteries/"+listed("", "/v1/lotteries?state=OPEN")(t)+"/entries")(t)
	}},
	{"{class}", func(*testing.T) string { return sampleHall("3001") }},
	{"{fees}", func(*testing.T) string { return sampleHall("5002") }},
	{"{slots}", func(*testing.T) string { return sampleHall("2001") }},
	{"{hall}", func(*testing.T) string { return sampleHall("0002") }},
}

// sampleHall is the id of a row of the sample data of facilities.
func sampleHall(number string) string { return "01900000-0000-7000-8000-0000000f" + number }

// booked is what the tests of pages need: a booking of the resident, and a place
// of sample organization 2 that waits for it. They are made once.
type booked struct {
	once           sync.Once
	booking, place string
}

var shelf booked

func (b *booked) of(t *testing.T) *booked {
	t.Helper()
	b.once.Do(func() {
		s := free(t, sampleHall("1017"))
		b.booking = as(t, "resident").book(s, "")
		b.place = as(t, "representative2").wait(s)
	})
	if b.place == "" {
		t.Fatal("the booking of the pages was not made")
	}
	return b
}

// spot is a slot of a room on a day.
type spot struct{ room, date, slot string }

// free finds a slot of a room that is free in the next weeks.
func free(t testing.TB, room string) spot {
	t.Helper()
	found := newClient(t).call(http.MethodGet, "/v1/availability?roomId="+room+"&from="+day(1)+"&to="+day(24), nil)
	slots := found["rooms"].([]any)[0].(map[string]any)["slots"].([]any)
	for _, d := range found["days"].([]any) {
		one := d.(map[string]any)
		for i, letter := range one["rooms"].([]any)[0].(map[string]any)["slots"].(string) {
			if letter == 'F' {
				return spot{room, fmt.Sprint(one["date"]), fmt.Sprint(slots[i].(map[string]any)["code"])}
			}
		}
	}
	t.Fatalf("room %s has nothing free", room)
	return spot{}
}

// organization2 is sample organization 2.
const organization2 = "01900000-0000-7000-8000-0000000d1002"

// book books a slot for an organization, or in the person's own name.
func (c *client) book(s spot, organization string) (id string) {
	c.t.Helper()
	return fmt.Sprint(c.call(http.MethodPost, "/v1/bookings", map[string]any{
		"organizationId": organization, "roomId": s.room, "date": s.date, "slotCodes": []string{s.slot}, "purpose": "MEETING",
		"title": "定例会（見本）", "headcount": 8,
	})["id"])
}

// wait joins the wait-list for a slot.
func (c *client) wait(s spot) (id string) {
	c.t.Helper()
	return fmt.Sprint(c.call(http.MethodPost, "/v1/waitlist", map[string]any{
		"organizationId": organization2, "userClass": "GENERAL", "roomId": s.room, "date": s.date, "slotCodes": []string{s.slot}, "purpose": "MEETING",
		"title": "定例会（見本）", "headcount": 8,
	})["id"])
}
