package facilities_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// closing is a closure of some days.
func closing(from, to jp.Date) *facilitiesv1.ClosureInput {
	return &facilitiesv1.ClosureInput{
		Kind: facilitiesv1.Closure_DATE_RANGE, Reason: "設備の点検", ValidFrom: from.String(), ValidTo: to.String(),
	}
}

// draftClosure drafts a closure of the hall.
func (w *world) draftClosure(in *facilitiesv1.ClosureInput) *facilitiesv1.Closure {
	w.t.Helper()
	resp, err := w.facilities(clerk).CreateClosure(w.t.Context(), &facilitiesv1.CreateClosureRequest{FacilityId: hall, Closure: in})
	w.must(err)
	return resp.GetClosure()
}

func (w *world) approveClosure(id string) (*facilitiesv1.Closure, error) {
	w.t.Helper()
	resp, err := w.facilities(approver).ApproveClosure(w.t.Context(), &facilitiesv1.ApproveClosureRequest{Id: id})
	return resp.GetClosure(), err
}

func TestAClosureClosesWithItsApproval(t *testing.T) {
	t.Parallel()
	w, d := start(t), openDay(5)
	w.hold(room, d, 1, "BOOKING", "")
	w.hold(room, d.AddDays(1), 1, "BOOKING", "")
	w.hold(otherRoom, d, 1, "BOOKING", "")
	draft := w.draftClosure(closing(d, d))
	if draft.GetAffectedBookings() != 1 || draft.GetState() != facilitiesv1.Rule_DRAFT {
		t.Errorf("%v", draft)
	}
	if got := w.letters(roomB, d); got != "FFF" {
		t.Errorf("drafted: %s", got)
	}
	preview, err := w.facilities(approver).ApproveClosure(t.Context(), &facilitiesv1.ApproveClosureRequest{Id: draft.GetId(), ValidateOnly: true})
	w.must(err)
	if c := preview.GetClosure(); c.GetAffectedBookings() != 1 || c.GetState() != facilitiesv1.Rule_DRAFT {
		t.Errorf("%v", c)
	}
	approved, err := w.approveClosure(draft.GetId())
	w.must(err)
	if approved.GetAffectedBookings() != 1 || approved.GetState() != facilitiesv1.Rule_APPROVED {
		t.Errorf("%v", approved)
	}
	if got := w.letters(roomB, d) + w.letters(otherRoom, d); got != "CCCTFF" {
		t.Errorf("approved: %s", got)
	}
	if got := w.events(hall, "public"); got != "FacilityClosed" {
		t.Errorf("events: %s", got)
	}
	if n := w.count(`SELECT count(*) FROM closure_cascade WHERE closure_id = $1`, draft.GetId()); n != 1 {
		t.Errorf("%d cascades", n)
	}
}

func TestAClosureOfARoomClosesWhatIsMadeOfIt(t *testing.T) {
	t.Parallel()
	w, d := start(t), openDay(5)
	in := closing(d, d)
	in.RoomId = room
	_, err := w.approveClosure(w.draftClosure(in).GetId())
	w.must(err)
	if got := w.letters(room, d) + w.letters(roomB, d) + w.letters(roomAB, d); got != "CCCFFFCCC" {
		t.Error(got)
	}
	for _, id := range []string{roomAB, otherRoom, none} {
		in.RoomId = id
		_, err := w.facilities(clerk).CreateClosure(t.Context(), &facilitiesv1.CreateClosureRequest{FacilityId: hall, Closure: in})
		refused(t, err, "REFERENCE_UNKNOWN")
	}
}

func TestAClosureIsWithdrawnByAVersion(t *testing.T) {
	t.Parallel()
	w, d := start(t), openDay(5)
	c, err := w.approveClosure(w.draftClosure(closing(d, d.AddDays(3))).GetId())
	w.must(err)
	change := &facilitiesv1.ClosureInput{ValidFrom: d.String(), ValidTo: d.AddDays(-1).String()}
	_, err = w.facilities(clerk).UpdateClosure(t.Context(), &facilitiesv1.UpdateClosureRequest{
		Id: c.GetId(), Closure: change, UpdateMask: mask("valid_from", "valid_to"), Etag: c.GetEtag(),
	})
	w.must(err)
	if got := w.letters(room, d); got != "CCC" {
		t.Errorf("drafted: %s", got)
	}
	_, err = w.approveClosure(c.GetId())
	w.must(err)
	if got := w.letters(room, d); got != "FFF" {
		t.Errorf("withdrawn: %s", got)
	}
}

func TestClosuresAreListedBeforeTheyBegin(t *testing.T) {
	t.Parallel()
	w, d := start(t), openDay(5)
	list := func(draft bool) (out []string) {
		resp, err := w.facilities(clerk).ListClosures(t.Context(), &facilitiesv1.ListClosuresRequest{FacilityId: hall, Draft: draft})
		w.must(err)
		for _, c := range resp.GetClosures() {
			out = append(out, c.GetReason())
		}
		return out
	}
	c := w.draftClosure(closing(d, d))
	if got := list(true); len(got) != 1 || got[0] != "設備の点検" {
		t.Errorf("drafts: %v", got)
	}
	_, err := w.facilities(nobody).GetClosure(t.Context(), &facilitiesv1.GetClosureRequest{Id: c.GetId(), On: d.String()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.approveClosure(c.GetId())
	w.must(err)
	if got := list(false); len(got) != 2 || got[0] != "年末年始（12月29日から1月3日まで）" {
		t.Errorf("approved: %v", got)
	}
	got, err := w.facilities(nobody).GetClosure(t.Context(), &facilitiesv1.GetClosureRequest{Id: c.GetId(), On: d.String()})
	w.must(err)
	if got.GetClosure().GetKind() != facilitiesv1.Closure_DATE_RANGE {
		t.Errorf("%v", got)
	}
}

func TestClosureRefusals(t *testing.T) {
	t.Parallel()
	w, d := start(t), openDay(5)
	create := func(change func(*facilitiesv1.ClosureInput)) error {
		in := proto.CloneOf(closing(d, d))
		change(in)
		_, err := w.facilities(clerk).CreateClosure(t.Context(), &facilitiesv1.CreateClosureRequest{FacilityId: hall, Closure: in})
		return err
	}
	refused(t, create(func(in *facilitiesv1.ClosureInput) { in.Reason = "" }), "INVALID_FIELD")
	refused(t, create(func(in *facilitiesv1.ClosureInput) { in.Kind = facilitiesv1.Closure_WEEKLY }), "INVALID_FIELD")
	refused(t, create(func(in *facilitiesv1.ClosureInput) { in.ValidTo = "" }), "INVALID_FIELD")
	_, err := w.facilities(clerk).CreateClosure(t.Context(), &facilitiesv1.CreateClosureRequest{FacilityId: none, Closure: closing(d, d)})
	refused(t, err, "RESOURCE_NOT_FOUND")
	late := w.draftClosure(closing(today().AddDays(-1), d))
	_, err = w.approveClosure(late.GetId())
	refused(t, err, "RETROACTIVE_CHANGE")
	_, err = w.approveClosure(none)
	refused(t, err, "RESOURCE_NOT_FOUND")
	c, err := w.approveClosure(w.draftClosure(closing(d, d)).GetId())
	w.must(err)
	_, err = w.facilities(approver).ApproveClosure(t.Context(), &facilitiesv1.ApproveClosureRequest{Id: c.GetId(), ValidateOnly: true})
	refused(t, err, "DRAFT_MISSING")
}

// A draft is approved once, however many approve it at the same time.
func TestApprovalsDoNotRace(t *testing.T) {
	t.Parallel()
	w, d := start(t), openDay(5)
	c := w.draftClosure(closing(d, d))
	var wg sync.WaitGroup
	reasons := make([]string, 8)
	for i := range reasons {
		wg.Go(func() {
			reasons[i] = reason(patiently(t, func(ctx context.Context) error {
				_, err := w.facilities(approver).ApproveClosure(ctx, &facilitiesv1.ApproveClosureRequest{Id: c.GetId()})
				return err
			}))
		})
	}
	wg.Wait()
	won := 0
	for _, r := range reasons {
		switch r {
		case "":
			won++
		case "DRAFT_MISSING":
		default:
			t.Errorf("refused with %s", r)
		}
	}
	if events := w.events(hall, "public"); won != 1 || events != "FacilityClosed" {
		t.Errorf("%d approvals, events %s", won, events)
	}
}

// A booking that moves to an open day while the bookings of a closure are being
// cancelled is not cancelled.
func TestAClosureMeetsAMove(t *testing.T) {
	t.Parallel()
	w, d := start(t), openDay(5)
	id := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.Date = d.String() }).GetId()
	tx, err := w.DB("facilities").Pool().Begin(t.Context())
	w.must(err)
	_, err = tx.Exec(t.Context(), `SELECT FROM organization_quota WHERE holder_id = $1 FOR UPDATE`, org1)
	w.must(err)
	_, err = w.approveClosure(w.draftClosure(closing(d, d)).GetId())
	w.must(err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.run("cancel-for-closures"); err != nil && !errors.Is(err, fault.ErrOverloaded) {
			t.Error(err)
		}
	}()
	for n := 0; n == 0; {
		n = w.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
	}
	for _, move := range []string{
		`UPDATE booking SET use_date = $2, starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day' WHERE id = $1`,
		`UPDATE booking_atom SET use_date = $2 WHERE holder_id = $1`,
	} {
		_, err = tx.Exec(t.Context(), move, id, openDay(6))
		w.must(err)
	}
	w.must(tx.Commit(t.Context()))
	<-done
	if got := w.booking(id).GetState(); got != facilitiesv1.Booking_TENTATIVE {
		t.Errorf("the booking that moved is %v", got)
	}
}

// What a closure frees is offered to nobody and opens to nobody; a room that is not
// closed is, though it was booked together with one that is.
func TestAClosureFreesForNobody(t *testing.T) {
	t.Parallel()
	w, d := start(t), openDay(5)
	id := w.book(func(r *facilitiesv1.CreateBookingRequest) {
		r.RoomId, r.Date, r.SlotCodes = roomAB, d.String(), []string{"AM"}
	}).GetId()
	waits := func(i int, roomID string) string {
		in := placeInput(groupID(i), d, "AM")
		in.RoomId = roomID
		p, err := w.join(group(i), in)
		w.must(err)
		return p.GetId()
	}
	both, closed, open := waits(1, roomAB), waits(2, room), waits(3, roomB)
	in := closing(d, d)
	in.RoomId = room
	_, err := w.approveClosure(w.draftClosure(in).GetId())
	w.must(err)
	w.task("cancel-for-closures")
	if got := w.booking(id).GetState(); got != facilitiesv1.Booking_CANCELLED {
		t.Errorf("the booking is %v", got)
	}
	w.stands(1, both, facilitiesv1.WaitlistPlace_WAITING)
	w.stands(2, closed, facilitiesv1.WaitlistPlace_WAITING)
	w.stands(3, open, facilitiesv1.WaitlistPlace_OFFERED)
	freed, err := w.waitlist(nobody).ListFreedSlots(t.Context(), &facilitiesv1.ListFreedSlotsRequest{FacilityId: hall})
	w.must(err)
	if len(freed.GetFreedSlots()) != 0 {
		t.Errorf("freed: %v", freed)
	}
	if n := w.count(`SELECT count(*) FROM booking_atom WHERE use_date = $1 AND holder_kind = 'HOLD'`, d); n != 1 {
		t.Errorf("%d places are held", n)
	}
}

// What is closed after a lottery has opened is won by nobody, and who wants it
// together with what is open does not keep the open from others.
func TestAClosureOfWhatIsDrawn(t *testing.T) {
	t.Parallel()
	w := start(t)
	l := w.lottery(func(in *facilitiesv1.LotteryInput) { in.Classes[1].Priority = 2 })
	two := entryFor(l.GetId(), groupID(0), "AM")
	two.Uses = append(two.Uses, &facilitiesv1.RoomUse{RoomId: otherRoom, Date: drawDay(1).String(), SlotCodes: []string{"AM"}})
	_, err := w.enter(group(0), two)
	w.must(err)
	one := entryFor(l.GetId(), org2, "AM") // Comes after the other in every draw.
	one.UserClass, one.Uses[0].Date = "NPO", drawDay(1).String()
	_, err = w.enter(head2, one)
	w.must(err)
	closure, err := w.facilities(clerk).CreateClosure(t.Context(), &facilitiesv1.CreateClosureRequest{
		FacilityId: otherHall, Closure: closing(drawDay(0), drawDay(0)),
	})
	w.must(err)
	_, err = w.approveClosure(closure.GetClosure().GetId())
	w.must(err)
	w.drawn(l.GetId())
	if p, _ := w.winner(l.GetId()); !p.IsMember(org2) {
		t.Errorf("%v has won", p)
	}
	if got := w.verify(l.GetId()); got != "" {
		t.Errorf("%s does not hold", got)
	}
}
