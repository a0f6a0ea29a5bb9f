// Package opportunity is what an opportunity (募集) has beyond the text: what there
// is to do, when, where, for how many and on what conditions. It does no I/O and
// has no clock.
package opportunity

import (
	"slices"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
)

// MaxDays is how many days after the first the last day is at most.
const MaxDays = 366

// Kind is what an opportunity is; the values are those of the contract.
type Kind string

// The kinds.
const (
	Volunteer      Kind = "VOLUNTEER"
	Experience     Kind = "EXPERIENCE"
	StaffLecture   Kind = "STAFF_LECTURE"
	StaffExchange  Kind = "STAFF_EXCHANGE"
	StaffPlacement Kind = "STAFF_PLACEMENT"
)

// Training reports whether it is for staff of the ward.
func (k Kind) Training() bool { return k == StaffLecture || k == StaffExchange || k == StaffPlacement }

// Selection is how places are given; the values are those of the contract.
type Selection string

// The selections.
const (
	HostDecides Selection = "HOST_DECIDES"
	FirstCome   Selection = "FIRST_COME"
)

// Screening is how the host checks who applies; the values are those of the
// contract.
type Screening string

// The screenings.
const (
	Interview Screening = "INTERVIEW"
	Pledge    Screening = "PLEDGE"
)

// Weekday is a day of the week; the values are those of the contract.
type Weekday string

// weekdays has the days of the week as they are printed, in their order.
var weekdays = []struct {
	day Weekday
	ja  string
}{
	{"MONDAY", "月"}, {"TUESDAY", "火"}, {"WEDNESDAY", "水"}, {"THURSDAY", "木"}, {"FRIDAY", "金"}, {"SATURDAY", "土"}, {"SUNDAY", "日"},
}

// Details are what an opportunity has beyond the text.
type Details struct {
	Kind          Kind          `json:"kind"`
	Purpose       string        `json:"purpose,omitempty"`
	Role          string        `json:"role,omitempty"`
	ActivityField int           `json:"activityField,omitempty"` // 1 to 20; 0 for none.
	StartsOn      jp.Date       `json:"startsOn,omitzero"`
	EndsOn        jp.Date       `json:"endsOn,omitzero"` // Zero for the first day.
	Weekdays      []Weekday     `json:"weekdays,omitempty"`
	StartTime     string        `json:"startTime,omitempty"` // HH:MM; empty for all day or by arrangement.
	EndTime       string        `json:"endTime,omitempty"`
	TimeNote      string        `json:"timeNote,omitempty"`
	Place         event.Place   `json:"place,omitzero"`
	Station       string        `json:"station,omitempty"`
	Headcount     int           `json:"headcount,omitempty"` // People wanted.
	Selection     Selection     `json:"selection,omitempty"`
	TrialPlaces   int           `json:"trialPlaces,omitempty"` // Of the headcount.
	Requirements  string        `json:"requirements,omitempty"`
	Beginners     bool          `json:"beginners,omitempty"`
	ParentChild   bool          `json:"parentChild,omitempty"`
	SchoolGroups  bool          `json:"schoolGroups,omitempty"`
	CompanyGroups bool          `json:"companyGroups,omitempty"`
	Cost          string        `json:"cost,omitempty"`
	Insurance     string        `json:"insurance,omitempty"`
	Bring         string        `json:"bring,omitempty"`
	ApplyUntil    jp.Date       `json:"applyUntil,omitzero"` // Inclusive; zero for the last day.
	ApplyNote     string        `json:"applyNote,omitempty"`
	Contact       event.Contact `json:"contact,omitzero"`
	Screening     []Screening   `json:"screening,omitempty"`
	Pledge        string        `json:"pledge,omitempty"`
	URL           string        `json:"url,omitempty"`
	SourceNote    string        `json:"sourceNote,omitempty"`
	TrainingDays  int           `json:"trainingDays,omitempty"` // Of each participant.
	HoursPerDay   int           `json:"hoursPerDay,omitempty"`  // Of training.
}

// Check refuses values that contradict each other. Errors: INVALID_FIELD.
func (d *Details) Check() error {
	var wrong []fault.Field
	add := func(path, ja, en string) {
		wrong = append(wrong, fault.Wrong("opportunity."+path, ja, en))
	}
	if !d.EndsOn.IsZero() && (d.StartsOn.IsZero() || d.EndsOn.Before(d.StartsOn) || d.StartsOn.DaysUntil(d.EndsOn) > MaxDays) {
		add("endsOn", "終了日は、開始日から1年以内の日にしてください。", "The last day must be within a year from the first.")
	}
	if d.EndTime != "" && (d.StartTime == "" || d.EndTime <= d.StartTime) {
		add("endTime", "終了時間は、開始時間より後にしてください。", "The end must be after the beginning.")
	}
	if !d.ApplyUntil.IsZero() && d.ApplyUntil.After(d.LastOn()) {
		add("applyUntil", "申込締切は、最終日までの日にしてください。", "The last day to apply must not be after the last day.")
	}
	if !d.Kind.Training() && (d.TrainingDays > 0 || d.HoursPerDay > 0) {
		add("trainingDays", "研修の日数と時間は、職員研修の募集にだけ入力してください。", "Days and hours of training are for training of the staff.")
	}
	if d.TrialPlaces > d.Headcount {
		add("trialPlaces", "体験の人数は、募集人数以内にしてください。", "Places for trying must not be more than the people wanted.")
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
		{"purpose", d.Purpose == ""},
		{"role", d.Role == ""},
		{"activityField", d.ActivityField == 0},
		{"startsOn", d.StartsOn.IsZero()},
		{"place.name", d.Place.Name == ""},
		{"headcount", d.Headcount == 0},
		{"insurance", d.Insurance == ""},
		{"contact.name", d.Contact.Name == ""},
		{"trainingDays", d.Kind.Training() && d.TrainingDays == 0},
		{"hoursPerDay", d.Kind.Training() && d.HoursPerDay == 0},
		{"pledge", d.Pledge == "" && slices.Contains(d.Screening, Pledge)},
	} {
		if f.empty {
			missing = append(missing, fault.Missing("opportunity."+f.path))
		}
	}
	return missing
}

// LastOn is the last day; zero without a first day.
func (d *Details) LastOn() jp.Date {
	if d.EndsOn.IsZero() {
		return d.StartsOn
	}
	return d.EndsOn
}

// Starts is the beginning on the first day; zero without one.
func (d *Details) Starts() time.Time { return event.At(d.StartsOn, d.StartTime) }

// Closes is the first instant that is too late to apply.
func (d *Details) Closes() time.Time {
	last := d.ApplyUntil
	if last.IsZero() {
		last = d.LastOn()
	}
	return last.NextMidnight()
}

// Needs reports whether the host checks who applies in this way.
func (d *Details) Needs(s Screening) bool { return slices.Contains(d.Screening, s) }

// timeOfDay is when in a day it begins; "" for all day or by arrangement.
func (d *Details) timeOfDay() string {
	switch {
	case d.StartTime == "":
		return ""
	case d.StartTime < "12:00":
		return "MORNING"
	case d.StartTime < "17:00":
		return "AFTERNOON"
	}
	return "EVENING"
}

// Period is when it is, for readers.
func (d *Details) Period() string {
	if d.StartsOn.IsZero() {
		return ""
	}
	var b strings.Builder
	b.WriteString(jp.LongDate(d.StartsOn))
	if d.LastOn().After(d.StartsOn) {
		b.WriteString("から" + jp.LongDate(d.LastOn()) + "まで")
	}
	if len(d.Weekdays) > 0 {
		var days []string
		for _, w := range weekdays {
			if slices.Contains(d.Weekdays, w.day) {
				days = append(days, w.ja)
			}
		}
		b.WriteString("の毎週" + strings.Join(days, "・") + "曜日")
	}
	if d.StartTime != "" {
		b.WriteString(" " + d.StartTime)
	}
	if d.EndTime != "" {
		b.WriteString("〜" + d.EndTime)
	}
	if d.TimeNote != "" {
		b.WriteString("（" + d.TimeNote + "）")
	}
	return b.String()
}
