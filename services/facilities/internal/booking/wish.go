package booking

import (
	"slices"
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

// Wish is what somebody wants to book.
type Wish struct {
	OrganizationID    string // Empty for a resident's own booking.
	OrganizationKind  string // As directory names it; empty for a resident.
	RoomID            string
	Date              jp.Date
	SlotCodes         []string
	UserClass         string // Empty for the first that fits; see ClassFor.
	Purpose           string
	Title, Note       string
	Headcount         int
	Equipment         []Equipment
	PublishAsEvent    bool
	CallForVolunteers bool
	VolunteersWanted  int
	Channel           Channel
	PaperNote         string
	SeriesID          string
}

// Use is what a holder has already, counted while its quota is locked.
type Use struct {
	Active     int // Tentative and approved bookings from today on.
	MonthSlots int // Slots in the month of the wish, with those of open lottery entries.
}

// Setting is all that decides about a wish.
type Setting struct {
	Now            time.Time
	By             Reader
	ID             string // Of the new booking.
	Terms          *facility.Terms
	Use            Use
	SuspendedUntil time.Time // Zero for not suspended.
	// Settled tells that day and slots are those of a booking that is there: what
	// opens and closes does not count again.
	Settled bool
}

// HolderID is whose booking it will be.
func (w *Wish) HolderID(by Reader) string {
	if w.OrganizationID != "" {
		return w.OrganizationID
	}
	return by.ID
}

// CheckForm refuses what is wrong whatever the rules of the room say. Errors:
// INVALID_FIELD.
func (w *Wish) CheckForm(by Reader) error {
	onBehalf := w.Channel == Desk || w.Channel == Phone
	var wrong []fault.Field
	switch {
	case by.Desk && !onBehalf:
		wrong = append(wrong, fault.Wrong("channel", "代行入力では、申込みの方法（窓口または電話）を指定してください。", "Say DESK or PHONE when booking on behalf."))
	case !by.Desk && onBehalf:
		wrong = append(wrong, fault.Wrong("channel", "窓口・電話の申込みは職員だけが入力できます。", "Only the desk books by DESK or PHONE."))
	}
	switch {
	case by.Desk && w.PaperNote == "":
		wrong = append(wrong, fault.Missing("paperNote"))
	case !by.Desk && w.PaperNote != "":
		wrong = append(wrong, fault.Wrong("paperNote", "職員だけが入力できます。", "Only the desk may give it."))
	}
	if wrong = append(wrong, w.wrongCalls()...); len(wrong) > 0 {
		return fault.ErrInvalidField.On(wrong...)
	}
	return nil
}

// CheckCalls is the part of CheckForm about events and volunteers. Errors:
// INVALID_FIELD.
func (w *Wish) CheckCalls() error {
	if wrong := w.wrongCalls(); len(wrong) > 0 {
		return fault.ErrInvalidField.On(wrong...)
	}
	return nil
}

func (w *Wish) wrongCalls() []fault.Field {
	var wrong []fault.Field
	if (w.PublishAsEvent || w.CallForVolunteers) && w.Title == "" {
		wrong = append(wrong, fault.Wrong("title",
			"催しの公開またはボランティアの募集を希望するときは、催しの名称を入力してください。", "Give a title for an event or a call for volunteers."))
	}
	switch {
	case w.CallForVolunteers && w.VolunteersWanted < 1:
		wrong = append(wrong, fault.Wrong("volunteersWanted", "募集する人数を1人以上で入力してください。", "Say how many volunteers are wanted."))
	case !w.CallForVolunteers && w.VolunteersWanted != 0:
		wrong = append(wrong, fault.Wrong("volunteersWanted", "ボランティアを募集しないときは0にしてください。", "Must be 0 without a call for volunteers."))
	}
	return wrong
}

// Book makes the booking that fulfils the wish. It has no number yet, and its
// slots are still to be taken. Errors: those of the rules, in this order:
// those of Admit, CHANNEL_NOT_ALLOWED, NOT_OPEN_YET, BOOKING_CLOSED,
// EQUIPMENT_UNKNOWN, SUSPENDED_BY_PENALTY, QUOTA_EXCEEDED.
func (w *Wish) Book(s Setting) (*Booking, error) {
	slots, err := w.Admit(s.Terms, s.Now)
	if err != nil {
		return nil, err
	}
	if err := w.inTime(s, slots); err != nil {
		return nil, err
	}
	equipment, err := equip(s.Terms.Room, w.Equipment)
	if err != nil {
		return nil, err
	}
	if err := w.withinCaps(s, len(slots)); err != nil {
		return nil, err
	}
	b := &Booking{
		ID: s.ID, FiscalYear: jp.FiscalYear(jp.DateOf(s.Now)), State: Tentative, HolderID: w.HolderID(s.By), OrganizationID: w.OrganizationID,
		SeriesID: w.SeriesID, CreatedBy: s.By.ID, CreatedAt: s.Now, UpdatedAt: s.Now, Version: 1,
		Detail: Detail{
			UserClass: s.Terms.Class.Code, OrganizationKind: w.OrganizationKind, Purpose: w.Purpose, Title: w.Title, Note: w.Note, Headcount: w.Headcount, Equipment: equipment,
			PublishAsEvent: w.PublishAsEvent, CallForVolunteers: w.CallForVolunteers, VolunteersWanted: w.VolunteersWanted,
			Channel: w.Channel, PaperNote: w.PaperNote,
			GraceUntil: s.Now.Add(time.Duration(s.Terms.Facility.GraceMinutes) * time.Minute),
		},
	}
	b.settle(s.Terms, slots)
	b.ExpiresAt = b.paymentDeadline(s.Terms, s.Now)
	b.approveIfFree(s.Now)
	return b, nil
}

// Admit decides about slots, day, class, purpose and people, and returns the
// slots in the order of the day. Errors, in this order: SLOT_UNKNOWN, PAST_DATE,
// FACILITY_CLOSED, CLASS_NOT_ALLOWED, PURPOSE_NOT_ALLOWED, CAPACITY_EXCEEDED.
func (w *Wish) Admit(t *facility.Terms, now time.Time) ([]slot.Slot, error) {
	slots := make([]slot.Slot, 0, len(w.SlotCodes))
	for _, code := range w.SlotCodes {
		s, ok := t.Pattern.Coded(code)
		if !ok {
			return nil, ErrSlotUnknown.With("slotCode", code).OnPath("slotCodes")
		}
		slots = append(slots, s)
	}
	slices.SortFunc(slots, func(a, b slot.Slot) int { return a.No - b.No })
	purpose := rule.Purpose(w.Purpose)
	switch {
	case !now.Before(slots[0].StartsAt(w.Date)):
		return nil, ErrPastDate
	case t.Closure != nil:
		return nil, ErrFacilityClosed.With("closure", t.Closure.Reason)
	case t.Class == nil || !Admits(t.Class, w.OrganizationKind):
		return nil, ErrClassNotAllowed.With("userClass", w.UserClass)
	case !t.Room.Allows(purpose) || !t.Class.Allows(purpose):
		return nil, ErrPurposeNotAllowed.With("purpose", w.Purpose)
	case t.Room.Capacity > 0 && w.Headcount > t.Room.Capacity:
		return nil, ErrCapacityExceeded.With("capacity", strconv.Itoa(t.Room.Capacity))
	}
	return slots, nil
}

// inTime refuses what is not open yet or not any more; what was won or offered
// has been open.
func (w *Wish) inTime(s Setting, slots []slot.Slot) error {
	if s.Settled || w.Channel == Lottery || w.Channel == Waitlist {
		return nil
	}
	purpose, channel := rule.Purpose(w.Purpose), rule.Channel(w.Channel)
	opens, ok := s.Terms.OpensAt(purpose, channel)
	if !ok {
		return ErrChannelNotAllowed.With("channel", string(w.Channel))
	}
	if s.Now.Before(opens) {
		refusal := *ErrNotOpenYet
		local := opens.In(jp.Tokyo)
		refusal.Ja = "まだ受付が始まっていません。" + jp.LongDate(jp.DateOf(opens)) + local.Format(" 15:04") + "から受け付けます。その日時になってから申し込んでください。"
		refusal.En = "Bookings open at " + local.Format("2006-01-02 15:04") + " (Tokyo); apply from then on."
		return refusal.With("opensAt", opens.UTC().Format(time.RFC3339))
	}
	if closes := s.Terms.ClosesAt(purpose, channel, slots[0].No); !s.Now.Before(closes) {
		return ErrBookingClosed.With("closedAt", closes.UTC().Format(time.RFC3339))
	}
	return nil
}

// withinCaps refuses suspended holders and what goes beyond the caps of the
// class. The slots of a won lottery entry were counted in their month when it was
// made.
func (w *Wish) withinCaps(s Setting, slots int) error {
	if s.Now.Before(s.SuspendedUntil) {
		return Suspended(s.SuspendedUntil)
	}
	class := s.Terms.Class
	if class.MaxActive > 0 && s.Use.Active+1 > class.MaxActive {
		return Exceeded("ACTIVE", class.MaxActive, s.Use.Active)
	}
	if w.Channel != Lottery && class.MaxPerMonth > 0 && s.Use.MonthSlots+slots > class.MaxPerMonth {
		return Exceeded("MONTH", class.MaxPerMonth, s.Use.MonthSlots)
	}
	return nil
}

// Suspended is SUSPENDED_BY_PENALTY until an instant.
func Suspended(until time.Time) error {
	return ErrSuspended.With("until", until.UTC().Format(time.RFC3339))
}

// Exceeded is QUOTA_EXCEEDED for ACTIVE bookings or the slots of a MONTH.
func Exceeded(quota string, limit, used int) error {
	return ErrQuotaExceeded.With("quota", quota).With("limit", strconv.Itoa(limit)).With("used", strconv.Itoa(used))
}

// equip names the equipment. Errors: EQUIPMENT_UNKNOWN.
func equip(room *facility.Room, wanted []Equipment) ([]Equipment, error) {
	out := make([]Equipment, 0, len(wanted))
	for i, w := range wanted {
		at := slices.IndexFunc(room.Equipment, func(e facility.Equipment) bool { return e.Code == w.Code })
		twice := slices.ContainsFunc(wanted[:i], func(e Equipment) bool { return e.Code == w.Code })
		if at < 0 || twice || w.Count > room.Equipment[at].Count {
			return nil, ErrEquipmentUnknown.With("code", w.Code).OnPath("equipment")
		}
		w.Name = room.Equipment[at].Name
		out = append(out, w)
	}
	return out, nil
}

// Admits reports whether the class is for a kind of organization; an empty kind
// is a resident.
func Admits(c *rule.UserClass, kind string) bool {
	if kind == "" {
		return c.Individuals
	}
	return c.AdmitsKind(kind)
}

// ClassFor returns the first user class of the room's facility that admits the
// kind of organization on the day; "" for none.
func ClassFor(c *facility.Catalogue, roomID, kind string, on jp.Date) string {
	room, ok := c.Room(roomID, on)
	if !ok {
		return ""
	}
	f, ok := c.Facility(room.FacilityID, on)
	if !ok {
		return ""
	}
	for _, code := range f.Classes {
		if class, ok := c.Class(code, on); ok && Admits(class, kind) {
			return code
		}
	}
	return ""
}
