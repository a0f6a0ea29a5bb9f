// Package waitlist has the pages of who waits for a taken slot: joining, own
// places with their offers, and the slots that became free.
package waitlist

import (
	"context"
	"net/http"
	"net/url"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/waitlist", list),
		web.SignedIn(http.MethodGet, "/waitlist/new", write).For(facilitiesv1.WaitlistService_JoinWaitlist_FullMethodName),
		web.SignedIn(http.MethodPost, "/waitlist", join).For(facilitiesv1.WaitlistService_JoinWaitlist_FullMethodName),
		web.SignedIn(http.MethodGet, "/waitlist/{id}", show),
		web.SignedIn(http.MethodPost, "/waitlist/{id}/accept", accept).For(facilitiesv1.WaitlistService_AcceptWaitlistOffer_FullMethodName),
		web.SignedIn(http.MethodPost, "/waitlist/{id}/leave", leave).For(facilitiesv1.WaitlistService_LeaveWaitlist_FullMethodName),
		web.Public(http.MethodGet, "/freed-slots", listFreed),
	}
}

func places(q *web.Request) facilitiesv1.WaitlistServiceClient {
	return facilitiesv1.NewWaitlistServiceClient(q.Site.Service("facilities"))
}

// wish is a place that is being written, with what its form offers.
type wish struct {
	*hall.Choice
	form *ui.Form
}

var labels = ui.Labels{
	"slotCodes": "booking.slots", "organizationId": "booking.organization", "userClass": "hall.class", "purpose": "hall.purposename",
	"title": "booking.title", "headcount": "booking.headcount",
}

func write(q *web.Request) error { return answer(q, ui.NewForm(q.URL.Query()), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	choice, err := hall.Choose(q, form.Get("roomId"), form.Get("date"), "")
	if err != nil {
		return err
	}
	if form.Get("organizationId") == "" && len(choice.Organizations) > 0 && form.Refusal == nil {
		form.Values.Set("organizationId", choice.Organizations[0].GetId())
	}
	return q.RenderAs(status, joinPage(&wish{choice, form}))
}

func join(q *web.Request) error {
	place := &facilitiesv1.WaitlistPlaceInput{}
	err := web.Bind(q.PostForm, place)
	var resp *facilitiesv1.JoinWaitlistResponse
	if err == nil {
		resp, err = places(q).JoinWaitlist(q.Once(), &facilitiesv1.JoinWaitlistRequest{Place: place})
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return answer(q, form.Trim("place."), form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/waitlist/"+resp.GetPlace().GetId(), "waitjoined")
}

// own are the caller's places.
type own struct {
	form        *ui.Form
	found       []*facilitiesv1.WaitlistPlace
	rooms       hall.Rooms
	first, next string
}

func list(q *web.Request) error {
	o := own{form: ui.NewForm(q.URL.Query())}
	err := hall.Together(
		func() error {
			resp, err := places(q).ListWaitlistPlaces(q.Context(), &facilitiesv1.ListWaitlistPlacesRequest{
				State:    facilitiesv1.WaitlistPlace_State(facilitiesv1.WaitlistPlace_State_value[q.Query("state")]),
				PageSize: 30, PageToken: q.Query("page"),
			})
			o.found = resp.GetPlaces()
			o.first, o.next = q.Pages(resp.GetNextPageToken())
			return err
		},
		func() (err error) {
			o.rooms, err = hall.AllRooms(q)
			return err
		},
	)
	if err != nil {
		return err
	}
	return q.Render(listPage(&o))
}

// place is a place with what the page shows beside it.
type place struct {
	*facilitiesv1.WaitlistPlace
	rooms hall.Rooms
	form  *ui.Form
}

func show(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	return answerPlace(q, id, ui.NewForm(url.Values{}), http.StatusOK)
}

func answerPlace(q *web.Request, id string, form *ui.Form, status int) error {
	resp, err := places(q).GetWaitlistPlace(q.Context(), &facilitiesv1.GetWaitlistPlaceRequest{Id: id})
	if err != nil {
		return err
	}
	rooms, err := hall.AllRooms(q)
	if err != nil {
		return err
	}
	return q.RenderAs(status, placePage(&place{resp.GetPlace(), rooms, form}))
}

// accept takes an offer: it becomes a booking, where the caller then is.
func accept(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	resp, err := places(q).AcceptWaitlistOffer(q.Once(), &facilitiesv1.AcceptWaitlistOfferRequest{Id: id})
	if form, refused := q.Refused(err); refused {
		return answerPlace(q, id, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/bookings/"+resp.GetPlace().GetBookingId(), "waitaccepted")
}

func leave(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	_, err = places(q).LeaveWaitlist(q.Once(), &facilitiesv1.LeaveWaitlistRequest{Id: id})
	if form, refused := q.Refused(err); refused {
		return answerPlace(q, id, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/waitlist/"+id, "waitleft")
}

// freed are slots that became free.
type freed struct {
	form        *ui.Form
	found       []*facilitiesv1.FreedSlot
	rooms       hall.Rooms
	halls       []*facilitiesv1.Facility
	first, next string
}

func listFreed(q *web.Request) error {
	f := freed{form: ui.NewForm(q.URL.Query())}
	err := hall.Together(
		func() error {
			resp, err := places(q).ListFreedSlots(q.Context(), &facilitiesv1.ListFreedSlotsRequest{FacilityId: q.Query("facilityId"), PageSize: 50, PageToken: q.Query("page")})
			if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
				form.Values = f.form.Values
				f.form = form
				return nil
			}
			f.found = resp.GetFreedSlots()
			f.first, f.next = q.Pages(resp.GetNextPageToken())
			return err
		},
		func() (err error) {
			f.rooms, err = hall.AllRooms(q)
			return err
		},
		func() error {
			halls, err := facilitiesv1.NewFacilityServiceClient(q.Site.Service("facilities")).ListFacilities(q.Context(), &facilitiesv1.ListFacilitiesRequest{PageSize: 200})
			f.halls = halls.GetFacilities()
			return err
		},
	)
	if err != nil {
		return err
	}
	return q.Render(freedPage(&f))
}

func tone(s facilitiesv1.WaitlistPlace_State) ui.Tone {
	switch s {
	case facilitiesv1.WaitlistPlace_OFFERED:
		return ui.Warning
	case facilitiesv1.WaitlistPlace_ACCEPTED:
		return ui.Good
	case facilitiesv1.WaitlistPlace_WAITING:
		return ui.Calm
	default:
		return ui.Ended
	}
}

// open reports whether the place still waits or has an offer.
func (p *place) open() bool {
	return p.GetState() == facilitiesv1.WaitlistPlace_WAITING || p.GetState() == facilitiesv1.WaitlistPlace_OFFERED
}

func states(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "hall.any")}}
	for n := facilitiesv1.WaitlistPlace_WAITING; n <= facilitiesv1.WaitlistPlace_PASSED; n++ {
		out = append(out, ui.Option{Value: n.String(), Text: text.Enum(ctx, "waitlist.state", n)})
	}
	return out
}
