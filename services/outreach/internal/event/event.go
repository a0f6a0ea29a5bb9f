// Package event is what an event (イベント) has beyond the text: days, place,
// price, admission. Its fields are those of GIF DS-43C. It does no I/O and has no
// clock.
package event

import (
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// The bounds of one occurrence and of a repetition.
const (
	MaxDays        = 366 // From the first to the last day of one occurrence.
	MaxOccurrences = 200
	MaxRepeatYears = 2
)

// Mode is how places are given; the values are those of the contract.
type Mode string

// The modes.
const (
	NoRegistration Mode = ""
	FirstCome      Mode = "FIRST_COME"
	Approval       Mode = "APPROVAL"
	Lottery        Mode = "LOTTERY"
)

// FeeKind is whether an event costs.
type FeeKind string

// The kinds of fee.
const (
	Free FeeKind = "FREE"
	Paid FeeKind = "PAID"
)

// Availability is whether there is something; "" for unknown.
type Availability string

// The availabilities.
const (
	Available    Availability = "AVAILABLE"
	NotAvailable Availability = "NOT_AVAILABLE"
)

// Details are what an event has beyond the text.
type Details struct {
	TitleKana        string        `json:"titleKana,omitempty"`
	TitleEn          string        `json:"titleEn,omitempty"`
	Subtitle         string        `json:"subtitle,omitempty"`
	Keywords         []string      `json:"keywords,omitempty"`
	Type             string        `json:"type,omitempty"`
	StartsOn         jp.Date       `json:"startsOn,omitzero"`
	EndsOn           jp.Date       `json:"endsOn,omitzero"`     // Of one occurrence; zero for the first day.
	StartTime        string        `json:"startTime,omitempty"` // HH:MM; empty for all day.
	EndTime          string        `json:"endTime,omitempty"`
	TimeNote         string        `json:"timeNote,omitempty"`
	Recurrence       string        `json:"recurrence,omitempty"` // RRULE without its name.
	ExceptOn         []jp.Date     `json:"exceptOn,omitempty"`
	OccursOn         []jp.Date     `json:"occursOn,omitempty"` // First days of all occurrences, earliest first.
	Place            Place         `json:"place,omitzero"`
	Online           Online        `json:"online,omitzero"`
	Target           string        `json:"target,omitempty"`
	TargetNote       string        `json:"targetNote,omitempty"`
	Condition        string        `json:"condition,omitempty"`
	Fee              Fee           `json:"fee,omitzero"`
	Contact          Contact       `json:"contact,omitzero"`
	ContactExtension string        `json:"contactExtension,omitempty"`
	URL              string        `json:"url,omitempty"`
	Admission        Admission     `json:"admission,omitzero"`
	Accessibility    Accessibility `json:"accessibility,omitzero"`
	Image            Image         `json:"image,omitzero"`
	Note             string        `json:"note,omitempty"`
}

// Place is where an event is.
type Place struct {
	Name           string  `json:"name,omitempty"`
	Reception      string  `json:"reception,omitempty"`
	Address        Address `json:"address,omitzero"`
	Latitude       float64 `json:"latitude,omitempty"` // Degrees, WGS 84.
	Longitude      float64 `json:"longitude,omitempty"`
	Access         string  `json:"access,omitempty"`
	Parking        string  `json:"parking,omitempty"`
	BicycleParking string  `json:"bicycleParking,omitempty"`
}

// Address is an address in the parts of GIF DS-442.
type Address struct {
	PostalCode       string `json:"postalCode,omitempty"`
	MunicipalityCode string `json:"municipalityCode,omitempty"`
	Prefecture       string `json:"prefecture,omitempty"`
	City             string `json:"city,omitempty"`
	Town             string `json:"town,omitempty"`
	StreetNumber     string `json:"streetNumber,omitempty"`
	Building         string `json:"building,omitempty"`
}

// Line is the address from prefecture to number (連結表記).
func (a Address) Line() string { return a.Prefecture + a.City + a.Town + a.StreetNumber }

// Online is how to take part online.
type Online struct {
	Available bool   `json:"available,omitempty"`
	URL       string `json:"url,omitempty"`
	Tools     string `json:"tools,omitempty"`
}

// Fee is what an event costs.
type Fee struct {
	Kind   FeeKind `json:"kind,omitempty"`
	Amount int64   `json:"amount,omitempty"` // Yen.
	Note   string  `json:"note,omitempty"`
}

// Contact is a published way to reach the host, in the parts of GIF DS-432.
type Contact struct {
	Name        string `json:"name,omitempty"`
	PhoneNumber string `json:"phoneNumber,omitempty"`
	Email       string `json:"email,omitempty"`
	URL         string `json:"url,omitempty"`
}

// Admission is how an event takes registrations.
type Admission struct {
	Mode         Mode    `json:"mode,omitempty"`
	Capacity     int     `json:"capacity,omitempty"` // Places; 0 for no limit.
	CapacityNote string  `json:"capacityNote,omitempty"`
	OpensOn      jp.Date `json:"opensOn,omitzero"`
	OpensTime    string  `json:"opensTime,omitempty"`
	ClosesOn     jp.Date `json:"closesOn,omitzero"`
	ClosesTime   string  `json:"closesTime,omitempty"`
	Method       string  `json:"method,omitempty"`
	URL          string  `json:"url,omitempty"`
	MaxParty     int     `json:"maxParty,omitempty"` // People a registration; 0 for 1.
	DrawsOn      jp.Date `json:"drawsOn,omitzero"`   // Of a lottery.
}

// drawDays are the days between the last registration and the draw, at least: one
// for the confirmations, one for the ballot to be public.
const drawDays = 2

// Accessibility is what eases taking part.
type Accessibility struct {
	Wheelchair     Availability `json:"wheelchair,omitempty"`
	SignLanguage   Availability `json:"signLanguage,omitempty"`
	Captioning     Availability `json:"captioning,omitempty"`
	HearingLoop    Availability `json:"hearingLoop,omitempty"`
	NursingRoom    Availability `json:"nursingRoom,omitempty"`
	DiaperCorner   Availability `json:"diaperCorner,omitempty"`
	FoodAndDrink   Availability `json:"foodAndDrink,omitempty"`
	StrollerRental Availability `json:"strollerRental,omitempty"`
	StrollerUse    Availability `json:"strollerUse,omitempty"`
	Languages      []string     `json:"languages,omitempty"`
	Note           string       `json:"note,omitempty"`
}

// Image is the picture of an event.
type Image struct {
	URL         string `json:"url,omitempty"`
	Alternative string `json:"alternative,omitempty"`
	License     string `json:"license,omitempty"`
}

// Check refuses values that contradict each other. Errors: INVALID_FIELD.
func (d *Details) Check() error {
	var wrong []fault.Field
	add := func(path, ja, en string) {
		wrong = append(wrong, fault.Wrong("event."+path, ja, en))
	}
	if !d.EndsOn.IsZero() && (d.StartsOn.IsZero() || d.EndsOn.Before(d.StartsOn) || d.StartsOn.DaysUntil(d.EndsOn) > MaxDays) {
		add("endsOn", "終了日は、開始日から1年以内の日にしてください。", "The last day must be within a year from the first.")
	}
	if d.EndTime != "" && (d.StartTime == "" || !d.Starts().Before(d.Ends())) {
		add("endTime", "終了時間は、開始時間より後にしてください。", "The end must be after the beginning.")
	}
	if d.Recurrence != "" && d.StartsOn.IsZero() {
		add("recurrence", "繰り返しには開始日が必要です。", "A repetition needs a first day.")
	}
	a := d.Admission
	if !a.OpensOn.IsZero() && !a.ClosesOn.IsZero() && !d.Opens().Before(d.Closes()) {
		add("admission.closesOn", "申込終了は、申込開始より後にしてください。", "Registration must close after it opens.")
	}
	if a.Mode == Approval && a.Capacity == 0 {
		add("admission.capacity", "承認制の申込みには定員が必要です。", "Registration by approval needs a capacity.")
	}
	if a.Capacity > 0 && a.MaxParty > a.Capacity {
		add("admission.maxParty", "一度に申し込める人数は、定員以内にしてください。", "A registration cannot bring more people than there are places.")
	}
	switch {
	case a.Mode != Lottery && !a.DrawsOn.IsZero():
		add("admission.drawsOn", "抽選日は、抽選の申込みだけに指定できます。", "Only a lottery has a day of the draw.")
	case a.Mode != Lottery:
	case a.Capacity == 0:
		add("admission.capacity", "抽選の申込みには定員が必要です。", "A lottery needs a capacity.")
	case a.DrawsOn.IsZero():
		add("admission.drawsOn", "抽選日を指定してください。", "A lottery needs the day of its draw.")
	case !d.StartsOn.IsZero() && (d.Draws().Before(d.Closes().Add(drawDays*24*time.Hour-12*time.Hour)) || !d.Draws().Before(d.Starts())):
		add("admission.drawsOn", "抽選日は、申込終了の2日後から開催前日までの日にしてください。", "The draw must be two days after the last registration and before the event.")
	}
	if (d.Place.Latitude == 0) != (d.Place.Longitude == 0) {
		add("place.latitude", "緯度と経度は両方を入力してください。", "Give both latitude and longitude.")
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

// Missing are the fields that the approval needs and that are empty.
func (d *Details) Missing() []fault.Field {
	var missing []fault.Field
	for _, f := range []struct {
		path  string
		empty bool
	}{
		{"startsOn", d.StartsOn.IsZero()},
		{"place.name", d.Place.Name == "" && !d.Online.Available},
		{"contact.name", d.Contact.Name == ""},
		{"image.alternative", d.Image.URL != "" && d.Image.Alternative == ""},
	} {
		if f.empty {
			missing = append(missing, fault.Missing("event."+f.path))
		}
	}
	return missing
}

// AllDay reports whether no time of day is given.
func (d *Details) AllDay() bool { return d.StartTime == "" }

// Starts is the beginning of the first occurrence.
func (d *Details) Starts() time.Time { return At(d.StartsOn, d.StartTime) }

// Ends is the first instant after the first occurrence: its end time, or the end
// of its last day.
func (d *Details) Ends() time.Time {
	last := d.EndsOn
	if last.IsZero() {
		last = d.StartsOn
	}
	if d.EndTime != "" {
		return At(last, d.EndTime)
	}
	return last.NextMidnight()
}

// LastOn is the last day of the last occurrence; zero without a first day.
func (d *Details) LastOn() jp.Date {
	if d.StartsOn.IsZero() {
		return jp.Date{}
	}
	last := d.StartsOn
	if n := len(d.OccursOn); n > 0 {
		last = d.OccursOn[n-1]
	}
	if !d.EndsOn.IsZero() {
		last = last.AddDays(d.StartsOn.DaysUntil(d.EndsOn))
	}
	return last
}

// Opens is the first instant at which registrations are taken; zero for the
// publication.
func (d *Details) Opens() time.Time { return At(d.Admission.OpensOn, d.Admission.OpensTime) }

// Closes is the first instant at which registrations are taken no more: the
// closing minute is still in time, and without one the event's beginning ends it.
func (d *Details) Closes() time.Time {
	a := d.Admission
	switch {
	case a.ClosesOn.IsZero() && d.AllDay():
		return d.LastOn().NextMidnight()
	case a.ClosesOn.IsZero():
		return d.Starts()
	case a.ClosesTime == "":
		return a.ClosesOn.NextMidnight()
	default:
		return At(a.ClosesOn, a.ClosesTime).Add(time.Minute)
	}
}

// Draws is when lots decide: noon of the day; zero where they do not.
func (d *Details) Draws() time.Time {
	if d.Admission.Mode != Lottery {
		return time.Time{}
	}
	return At(d.Admission.DrawsOn, "12:00")
}

// At is a time of a day in Tokyo; midnight without one.
func At(day jp.Date, hhmm string) time.Time {
	if day.IsZero() {
		return time.Time{}
	}
	start := day.StartOfDay()
	if len(hhmm) != len("15:04") {
		return start
	}
	clock, err := time.Parse("15:04", hhmm)
	if err != nil { // The contract has checked the form.
		return start
	}
	return start.Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute)
}

// Period is when the event is, for readers: 2026年4月1日（令和8年）水曜日 10:00〜12:00.
func (d *Details) Period() string {
	if d.StartsOn.IsZero() {
		return ""
	}
	var b strings.Builder
	b.WriteString(jp.LongDate(d.StartsOn))
	if d.StartTime != "" {
		b.WriteString(" " + d.StartTime)
	}
	last := d.LastOn()
	switch {
	case d.EndsOn.After(d.StartsOn) && d.Recurrence == "":
		b.WriteString("から" + jp.LongDate(last))
		if d.EndTime != "" {
			b.WriteString(" " + d.EndTime)
		}
		b.WriteString("まで")
	case d.EndTime != "":
		b.WriteString("〜" + d.EndTime)
	}
	if d.Recurrence != "" && last.After(d.StartsOn) {
		b.WriteString("（" + jp.LongDate(last) + "まで繰り返し）")
	}
	return b.String()
}
