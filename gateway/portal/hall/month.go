package hall

import (
	"context"
	"fmt"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// days are those of a month over all halls: how many rooms have something free.
func (s *search) days(ctx context.Context) []ui.MonthDay {
	return month(ctx, s.found, s.dayPath, func(letters []string) (int, string) {
		free := 0
		for _, l := range letters {
			if strings.Contains(l, "F") {
				free++
			}
		}
		return free, "hall.freerooms"
	})
}

// days are those of a month of a room: how many slots are free.
func (r *room) days(ctx context.Context) []ui.MonthDay {
	path := func(date string) string { return "/rooms/" + r.GetId() + "?date=" + date }
	return month(ctx, r.found, path, func(letters []string) (int, string) {
		return strings.Count(strings.Join(letters, ""), "F"), "hall.freeslots"
	})
}

// month says of every day what there is: how much is free as count says, or why
// nothing is. Days that are past lead nowhere.
func month(ctx context.Context, found *facilitiesv1.GetAvailabilityResponse, path func(date string) string, count func(letters []string) (free int, key string)) []ui.MonthDay {
	var out []ui.MonthDay
	for _, d := range found.GetDays() {
		date, err := jp.ParseDate(d.GetDate())
		if err != nil {
			continue
		}
		day := ui.MonthDay{Date: date}
		if !date.Before(ui.ViewOf(ctx).Today) {
			var letters []string
			for _, r := range found.GetRooms() {
				if l := lettersOf(r, d); l != "" {
					letters = append(letters, l)
				}
			}
			free, key := count(letters)
			day.Tone, day.Path = best(letters), path(d.GetDate())
			if day.Words = text.S(ctx, "hall.letter."+day.Tone); free > 0 {
				day.Words = text.S(ctx, key, free)
			}
		}
		out = append(out, day)
	}
	return out
}

// best is the letter that says most of a day: free, else by lot, taken, not open,
// closed.
func best(letters []string) string {
	all := strings.Join(letters, "")
	for _, l := range []string{"F", "L", "T", "N"} {
		if strings.Contains(all, l) {
			return l
		}
	}
	return "C"
}

// brief are the slots of a room on a day in as few marks as there are letters:
// one for a day on which all is alike. What is free leads to the room on that day.
func brief(ctx context.Context, r *facilitiesv1.GetAvailabilityResponse_Row, d *facilitiesv1.GetAvailabilityResponse_Day) []ui.Mark {
	letters := lettersOf(r, d)
	var out []ui.Mark
	for _, l := range []string{"F", "L", "T", "N", "C"} {
		if !strings.Contains(letters, l) {
			continue
		}
		m := ui.Mark{Letter: l, Words: text.S(ctx, "hall.letter."+l)}
		if strings.Count(letters, l) < len(letters) {
			m.Name = strings.Join(runs(ctx, r.GetSlots(), letters, l[0]), "・")
		}
		if l == "F" {
			m.Path = "/rooms/" + r.GetRoomId() + "?date=" + d.GetDate()
		}
		out = append(out, m)
	}
	return out
}

// runs name the slots with a letter: neighbours of three and more by their hours.
func runs(ctx context.Context, slots []*facilitiesv1.Slot, letters string, letter byte) []string {
	var out []string
	for i := 0; i < len(letters); i++ {
		if letters[i] != letter {
			continue
		}
		first := i
		for i+1 < len(letters) && letters[i+1] == letter {
			i++
		}
		switch i - first {
		case 0:
			out = append(out, slots[i].GetName())
		case 1:
			out = append(out, slots[first].GetName(), slots[i].GetName())
		default:
			out = append(out, ui.Hours(ctx, slots[first].GetStart(), slots[i].GetEnd()))
		}
	}
	return out
}

// capacity is shown beside a room's name.
func capacity(ctx context.Context, r *facilitiesv1.GetAvailabilityResponse_Row) string {
	if r.GetCapacity() == 0 {
		return ""
	}
	return fmt.Sprintf(" %s", people(ctx, r.GetCapacity()))
}
