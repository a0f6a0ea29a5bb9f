package hall

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// Slot is a slot of a room on a day, with its letter.
type Slot struct {
	*facilitiesv1.Slot
	Letter string
}

// Choice is what can be chosen for a room on a day.
type Choice struct {
	Room          *facilitiesv1.Room
	Facility      *facilitiesv1.Facility
	Slots         []Slot
	Organizations []*directoryv1.Organization
	Classes       []*facilitiesv1.Rule // Those that the facility admits.
	Prices        Prices               // Of the room.
	// OnBehalf tells that the caller chooses for others: organizations are those
	// that were found, and nobody has it in his own name.
	OnBehalf bool
}

// Choose reads what can be chosen. find are words by which the ward finds an
// organization; the caller's own are there without. Errors: those of the RPCs.
func Choose(q *web.Request, roomID, date, find string) (*Choice, error) {
	c := &Choice{OnBehalf: OnBehalf(q.Context())}
	service := q.Site.Service("facilities")
	halls := facilitiesv1.NewFacilityServiceClient(service)
	got, err := halls.GetRoom(q.Context(), &facilitiesv1.GetRoomRequest{Id: roomID, On: date})
	if err != nil {
		return nil, err
	}
	c.Room = got.GetRoom()
	var fees []*facilitiesv1.Rule
	err = Together(
		func() (err error) {
			fees, err = readFees(q, date)
			return err
		},
		func() error {
			got, err := halls.GetFacility(q.Context(), &facilitiesv1.GetFacilityRequest{Id: c.Room.GetFacilityId(), On: date})
			c.Facility = got.GetFacility()
			return err
		},
		func() error {
			found, err := facilitiesv1.NewAvailabilityServiceClient(service).GetAvailability(q.Context(), &facilitiesv1.GetAvailabilityRequest{RoomId: roomID, From: date})
			c.Slots = slotsOf(found)
			return err
		},
		func() error {
			found, err := facilitiesv1.NewRuleServiceClient(service).ListUserClasses(q.Context(), &facilitiesv1.ListUserClassesRequest{On: date, PageSize: 200})
			c.Classes = found.GetUserClasses()
			return err
		},
		func() (err error) {
			c.Organizations, err = Organizations(q, find)
			return err
		},
	)
	if err != nil {
		return nil, err
	}
	c.Prices = pricesOf(fees, c.Facility.GetCode(), roomID)
	c.Classes = slices.DeleteFunc(c.Classes, func(r *facilitiesv1.Rule) bool {
		return !slices.Contains(c.Facility.GetUserClasses(), r.GetCode())
	})
	return c, nil
}

// OnBehalf reports whether the caller books for others, not for himself.
func OnBehalf(ctx context.Context) bool {
	return ui.Can(ctx, facilitiesv1.BookingService_RequestInformation_FullMethodName)
}

// Together runs calls side by side and returns the first error in their order.
func Together(calls ...func() error) error {
	errs := make([]error, len(calls))
	var all sync.WaitGroup
	for i, call := range calls {
		all.Go(func() { errs[i] = call() })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// foundShown is how many organizations a search on behalf offers.
const foundShown = 30

// Organizations are those for which the caller can ask: the own ones, and on
// behalf those with the words in their names. Errors: those of the RPCs.
func Organizations(q *web.Request, find string) ([]*directoryv1.Organization, error) {
	c := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory"))
	if !OnBehalf(q.Context()) {
		own, err := c.ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{Mine: true, PageSize: 50})
		return own.GetOrganizations(), err
	}
	if len([]rune(find)) < 2 {
		found, err := c.ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{PageSize: foundShown, State: directoryv1.Organization_VERIFIED})
		return found.GetOrganizations(), err
	}
	found, err := c.SearchOrganizations(q.Context(), &directoryv1.SearchOrganizationsRequest{Q: find, PageSize: foundShown})
	return found.GetOrganizations(), err
}

func slotsOf(found *facilitiesv1.GetAvailabilityResponse) []Slot {
	var out []Slot
	for _, d := range found.GetDays() {
		for _, r := range found.GetRooms() {
			letters := lettersOf(r, d)
			for n := range letters {
				out = append(out, Slot{r.GetSlots()[n], letters[n : n+1]})
			}
		}
	}
	return out
}

// SlotOptions are the slots of the day with their prices; one that is not free
// says so.
func (c *Choice) SlotOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for n, s := range c.Slots {
		words := slotWords(ctx, s.Slot)
		if price, known := c.Prices.Of(n); known {
			words += " " + ui.Yen(ctx, price)
		}
		if s.Letter != "F" {
			words = text.S(ctx, "hall.slotnot", words, text.S(ctx, "hall.letter."+s.Letter))
		}
		out = append(out, ui.Option{Value: s.GetCode(), Text: words})
	}
	return out
}

// OrganizationOptions are the organizations as choices, and the caller in person.
func (c *Choice) OrganizationOptions(ctx context.Context) []ui.Option {
	return OrganizationOptions(ctx, c.Organizations, c.OnBehalf)
}

// OrganizationOptions are organizations as choices: on behalf after one that names
// none, else before the caller in person.
func OrganizationOptions(ctx context.Context, found []*directoryv1.Organization, onBehalf bool) []ui.Option {
	var out []ui.Option
	if onBehalf { // nothing is chosen for others
		out = append(out, ui.Option{Text: text.S(ctx, "ui.choose")})
	}
	for _, o := range found {
		out = append(out, ui.Option{Value: o.GetId(), Text: o.GetName()})
	}
	if !onBehalf {
		out = append(out, ui.Option{Text: text.S(ctx, "booking.person")})
	}
	return out
}

// Purposes are the purposes that the room admits as choices.
func (c *Choice) Purposes(ctx context.Context) []ui.Option {
	return Purposes(ctx, c.Room.GetPurposes()...)
}

// ClassOptions are the user classes as choices.
func (c *Choice) ClassOptions() []ui.Option {
	var out []ui.Option
	for _, r := range c.Classes {
		out = append(out, ui.Option{Value: r.GetCode(), Text: ClassText(r)})
	}
	return out
}

// ClassText names a user class with who belongs to it.
func ClassText(r *facilitiesv1.Rule) string {
	if who := r.GetUserClass().GetWho(); who != "" {
		return r.GetName() + "（" + who + "）"
	}
	return r.GetName()
}

// Rooms are rooms by their id, with the names of their slots.
type Rooms map[string]*facilitiesv1.GetAvailabilityResponse_Row

// AllRooms reads the rooms of today. Errors: those of the RPC.
func AllRooms(q *web.Request) (Rooms, error) {
	found, err := facilitiesv1.NewAvailabilityServiceClient(q.Site.Service("facilities")).GetAvailability(q.Context(), &facilitiesv1.GetAvailabilityRequest{})
	if err != nil && !web.NotFound(err) {
		return nil, err
	}
	out := Rooms{}
	for _, r := range found.GetRooms() {
		out[r.GetRoomId()] = r
	}
	return out, nil
}

// Sorted are the rooms by hall and name.
func (r Rooms) Sorted() []*facilitiesv1.GetAvailabilityResponse_Row {
	return slices.SortedFunc(maps.Values(r), func(a, b *facilitiesv1.GetAvailabilityResponse_Row) int {
		return cmp.Or(cmp.Compare(a.GetFacilityId(), b.GetFacilityId()), cmp.Compare(a.GetName(), b.GetName()))
	})
}

// Name is that of the hall and the room.
func (r Rooms) Name(ctx context.Context, id string) string {
	row, ok := r[id]
	if !ok {
		return text.S(ctx, "hall.gone")
	}
	return row.GetFacilityName() + " " + row.GetName()
}

// Slots names slots of a room by their codes, with their hours.
func (r Rooms) Slots(ctx context.Context, id string, codes []string) string {
	out := ""
	for i, code := range codes {
		if i > 0 {
			out += "・"
		}
		name := code
		for _, s := range r[id].GetSlots() {
			if s.GetCode() == code {
				name = slotWords(ctx, s)
			}
		}
		out += name
	}
	return out
}

// OptionText is the text of the option with a value; "" without one.
func OptionText(options []ui.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Text
		}
	}
	return ""
}
