package facilities

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/calendar"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// approvalDocuments answers ApprovalDocumentService.
type approvalDocuments struct {
	facilitiesv1.UnimplementedApprovalDocumentServiceServer
	service.Deps
}

// GetApprovalDocument writes the approval document of an approved booking.
func (s *approvalDocuments) GetApprovalDocument(ctx context.Context, req *facilitiesv1.GetApprovalDocumentRequest) (*facilitiesv1.GetApprovalDocumentResponse, error) {
	b, err := store.GetBooking(ctx, s.DB, req.GetBookingId(), readerOf(ctx))
	if err != nil {
		return nil, err
	}
	if b.ApprovedOn.IsZero() || !b.State.Holds() {
		return nil, booking.ErrNotApproved
	}
	approval := approvalOf(b)
	document := &typev1.Document{MediaType: "application/pdf", FileName: "使用承認書_" + b.Number + ".pdf", ModifyTime: convert.Instant(b.UpdatedAt)}
	if req.GetFormat() == facilitiesv1.GetApprovalDocumentRequest_HTML {
		document.MediaType, document.FileName = "text/html; charset=utf-8", ""
		document.Content, err = approval.html()
	} else {
		document.Content, err = approval.pdf(b.UpdatedAt)
	}
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(document.GetContent())
	document.Etag = hex.EncodeToString(sum[:])
	return &facilitiesv1.GetApprovalDocumentResponse{Document: document}, nil
}

// approval is what the approval document says, in the order of the paper.
type approval struct {
	Number     string
	Date       string // Of the approval, 和暦.
	Recipient  string // Empty for a resident, who is not named.
	Issuer     string
	Facts      [][2]string
	Conditions []string
	Notice     []string
}

func approvalOf(b *booking.Booking) *approval {
	a := &approval{
		Number: b.Number, Date: jp.Wareki(b.ApprovedOn), Recipient: b.OrganizationName, Issuer: jp.ChiyodaName,
		Facts: [][2]string{
			{"施設", b.Place.Facility},
			{"所在地", b.Place.Address},
			{"室", b.Place.Room},
			{"使用日時", fmt.Sprintf("%s %s〜%s（%s）", jp.LongDate(b.Date), b.Place.Start, b.Place.End, strings.Join(b.Place.SlotNames, "・"))},
			{"使用目的", purposeLabels[b.Purpose]},
			{"使用人数", fmt.Sprintf("%d人", b.Headcount)},
		},
		Conditions: append(lines(b.Place.Conditions), b.Conditions...), Notice: lines(b.Place.Notice),
	}
	if b.Title != "" {
		a.Facts = append(a.Facts, [2]string{"催し等の名称", b.Title})
	}
	for _, e := range b.Equipment {
		a.Facts = append(a.Facts, [2]string{"附帯設備", fmt.Sprintf("%s %d", e.Name, e.Count)})
	}
	a.Facts = append(a.Facts, [2]string{"使用料", yen(b.Fee.Amount)})
	if r := b.GrantedReduction(); r != nil {
		a.Facts = append(a.Facts, [2]string{"減額・免除", fmt.Sprintf("%d％（%s）", r.Percent, r.Reason)})
	}
	return a
}

// lines are the lines of a text that are not empty.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// yen writes an amount with its thousands.
func yen(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits + "円"
}

//go:embed documents_approval.html
var approvalPage string

var approvalTemplate = template.Must(template.New("approval").Parse(approvalPage))

func (a *approval) html() ([]byte, error) {
	var out bytes.Buffer
	err := approvalTemplate.Execute(&out, a)
	return out.Bytes(), err
}

func (a *approval) pdf(at time.Time) ([]byte, error) {
	d := pdf.New(pdf.Options{Title: "使用承認書 " + a.Number, Author: a.Issuer, Time: at})
	d.Footer(a.Number)
	d.Heading(1, "使用承認書")
	d.Paragraph("承認番号 " + a.Number + "\n" + a.Date)
	if a.Recipient != "" {
		d.Paragraph(a.Recipient + " 様")
	}
	d.Paragraph(a.Issuer)
	d.Paragraph("申込みのあった施設の使用を、次のとおり承認します。")
	d.Facts(a.Facts)
	if len(a.Conditions) > 0 {
		d.Heading(2, "使用の条件")
		for i, c := range a.Conditions {
			d.Paragraph(fmt.Sprintf("%d. %s", i+1, c))
		}
	}
	if len(a.Notice) > 0 {
		d.Heading(2, "教示")
		d.Small(strings.Join(a.Notice, "\n"))
	}
	return d.Bytes()
}

// purposeLabels are the purposes as the ward calls them.
var purposeLabels = map[string]string{
	"MEETING": "会議・打合せ", "COURSE": "講座・講習会", "CIRCLE": "サークル活動・練習", "EXHIBITION": "展示", "PERFORMANCE": "発表会・演奏会",
	"SPORTS": "スポーツ", "PARTY": "会食・懇親会", "INTERNAL_MEETING": "社内会議", "INTERNAL_TRAINING": "社内研修",
	"VOLUNTEERING": "ボランティア・相談活動", "OTHER": "その他",
}

// GetBookingCalendar writes one booking for calendars.
func (s *bookings) GetBookingCalendar(ctx context.Context, req *facilitiesv1.GetBookingCalendarRequest) (*facilitiesv1.GetBookingCalendarResponse, error) {
	b, err := store.GetBooking(ctx, s.DB, req.GetId(), readerOf(ctx))
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.GetBookingCalendarResponse{Document: calendarOf(s.Deps, b.Number, []*booking.Booking{b})}, nil
}

const (
	ownCalendarDays = 31    // That are kept in the caller's calendar after the use.
	ownCalendarSize = 1_000 // Bookings in it at most.
)

// GetOwnCalendar writes the caller's bookings for calendars.
func (s *bookings) GetOwnCalendar(ctx context.Context, _ *facilitiesv1.GetOwnCalendarRequest) (*facilitiesv1.GetOwnCalendarResponse, error) {
	doc, err := ownCalendar(ctx, s.Deps, readerOf(ctx))
	return &facilitiesv1.GetOwnCalendarResponse{Document: doc}, err
}

// ownCalendar is the calendar of a reader's own bookings.
func ownCalendar(ctx context.Context, d service.Deps, by booking.Reader) (*typev1.Document, error) {
	from := jp.DateOf(d.Now()).AddDays(-ownCalendarDays)
	own, err := store.OwnBookings(ctx, d.DB, by, from, ownCalendarSize)
	if err != nil {
		return nil, err
	}
	return calendarOf(d, "施設の予約", own), nil
}

func calendarOf(d service.Deps, name string, list []*booking.Booking) *typev1.Document {
	c, now := calendar.New(name), d.Now()
	for _, b := range list {
		state := b.StateAt(now)
		summary := b.Place.Room
		if b.Title != "" {
			summary = b.Title
		}
		if state == booking.Tentative {
			summary = "【仮予約】" + summary
		}
		c.Add(calendar.Event{
			UID: b.ID + "@" + host(d.Origin), Sequence: int(b.Version), Start: b.StartsAt, End: b.EndsAt, Summary: summary,
			Description: b.Number + " " + purposeLabels[b.Purpose], Location: b.Place.Facility + " " + b.Place.Room,
			Cancelled: !state.Holds(), Updated: b.UpdatedAt,
		})
	}
	return &typev1.Document{MediaType: "text/calendar; charset=utf-8", FileName: "bookings.ics", Content: c.Bytes()}
}

// host is the name in the public origin.
func host(origin string) string {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return "kyodo.invalid"
	}
	return u.Hostname()
}
