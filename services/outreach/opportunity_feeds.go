package outreach

import (
	"context"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/calendar"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

func (s *feeds) opportunityFeed(ctx context.Context, f store.FeedFilter) (sheaf, error) {
	f.Kind = publication.Opportunity
	return s.publicationFeed(ctx, f, "千代田区 協働のボランティア募集")
}

// opportunityFacts are what an opportunity says beyond its text, for readers; none
// for other kinds.
func (a announcement) opportunityFacts() [][2]string {
	d := a.Opportunity
	if d == nil {
		return nil
	}
	people := strconv.Itoa(d.Headcount) + "人"
	if d.TrialPlaces > 0 {
		people += "（うち体験" + strconv.Itoa(d.TrialPlaces) + "人）"
	}
	return [][2]string{
		{"目的", d.Purpose},
		{"活動内容", d.Role},
		{"日時", d.Period()},
		{"場所", placeLine(d.Place, d.Station)},
		{"募集人数", people},
		{"対象", d.Requirements},
		{"費用", d.Cost},
		{"保険", d.Insurance},
		{"持ち物", d.Bring},
		{"申込締切", jp.LongDate(jp.DateOf(d.Closes()).AddDays(-1))},
		{"申込方法", d.ApplyNote},
		{"出典", d.SourceNote},
		{"問い合わせ", strings.TrimSpace(d.Contact.Name + " " + d.Contact.PhoneNumber + " " + d.Contact.Email)},
	}
}

// shiftCalendar writes the coming shifts of public opportunities as iCalendar.
func (s *feeds) shiftCalendar(ctx context.Context, f store.FeedFilter) (*typev1.Document, error) {
	f.Kind, f.Limit = publication.Opportunity, calendarEntries
	rows, err := store.PublicShifts(ctx, s.DB, f, jp.DateOf(s.Now()).StartOfDay())
	if err != nil {
		return nil, err
	}
	of, err := store.PublicationsOf(ctx, s.DB, convert.List(rows, func(sh *application.Shift) string { return sh.OpportunityID }))
	if err != nil {
		return nil, err
	}
	c := calendar.New("千代田区 協働のボランティア活動日")
	for _, sh := range rows {
		if p := of[sh.OpportunityID]; p != nil {
			c.Add(s.announce(p).shiftEvent(sh))
		}
	}
	return &typev1.Document{MediaType: "text/calendar; charset=utf-8", Content: c.Bytes()}, nil
}

// shiftEvent is a shift as calendars have it.
func (a announcement) shiftEvent(sh *application.Shift) calendar.Event {
	d := a.Opportunity
	return calendar.Event{
		UID: sh.ID + "@" + host(a.origin), Sequence: int(sh.Version) - 1, Start: sh.StartsAt, End: sh.EndsAt, Summary: a.title,
		Description: strings.TrimSpace(a.summary() + "\n" + a.credits.Text()), Location: placeLine(d.Place, d.Station), URL: a.page,
		Cancelled: sh.Cancelled, Updated: a.ChangedAt, Categories: a.Topics,
	}
}
