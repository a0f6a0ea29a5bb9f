package facilities_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/history"
)

// crowd is many clients that book, move, cancel and look at the rooms A, B and
// A+B. Each day is an object of its own with a history of its own: where all of
// them are linearizable, the whole is.
type crowd struct {
	as    func(auth.Principal) grpc.ClientConnInterface
	days  []*roomDay
	steps atomic.Int64
	// disturb is called after every so many steps; nil for nothing.
	disturb func()
	every   int64
}

type roomDay struct {
	history.Recorder

	day jp.Date
}

const (
	crowdClients = 32
	crowdDays    = 4
	crowdSteps   = 12
)

var crowdSlots = []string{"AM", "PM", "NI"}

// randomUse is a use of the rooms: its room, its slots, and the atoms that it
// needs, of which A has 0 to 2 and B 3 to 5.
func randomUse(r *rand.Rand) (roomID string, codes []string, atoms history.Set) {
	rooms := [][]int{{0}, {1}, {0, 1}}
	pick := r.IntN(3)
	first := r.IntN(3)
	for s := first; s <= min(first+r.IntN(2), 2); s++ {
		codes = append(codes, crowdSlots[s])
		for _, room := range rooms[pick] {
			atoms |= history.Atoms(3*room + s)
		}
	}
	return []string{room, roomB, roomAB}[pick], codes, atoms
}

// client is one organization with its bookings.
type client struct {
	*crowd

	n     int
	stub  facilitiesv1.BookingServiceClient
	look  facilitiesv1.AvailabilityServiceClient
	rand  *rand.Rand
	owned []owned
}

type owned struct {
	*roomDay

	id      string
	booking history.Booking
}

func (c *client) step(ctx context.Context) {
	switch at := c.rand.IntN(10); {
	case at < 4 || len(c.owned) == 0 && at < 7:
		c.book(ctx)
	case at < 6:
		c.move(ctx)
	case at < 8 && len(c.owned) > 0:
		c.cancel(ctx)
	default:
		d := c.day()
		d.Read(c.n, func() (history.Set, error) { return c.read(ctx, d.day) })
	}
}

func (c *client) day() *roomDay { return c.days[c.rand.IntN(len(c.days))] }

// until repeats a call, with its one idempotency key, until its answer is
// certain, and says whether it did what was asked.
func until(ctx context.Context, call func(context.Context) error, refusals ...string) (bool, error) {
	ctx = withKey(ctx, uuid.NewString())
	for {
		err := call(ctx)
		got := reason(err)
		switch got {
		case "":
			return true, nil
		case "DEPENDENCY_UNAVAILABLE", "OVERLOADED", "IDEMPOTENCY_IN_PROGRESS":
			if ctx.Err() == nil {
				continue
			}
		}
		if status.Code(err) == codes.Unavailable && ctx.Err() == nil { // The process is gone.
			continue
		}
		for _, r := range refusals {
			if got == r {
				return false, nil
			}
		}
		return false, err
	}
}

// patiently is until for one of a crowd: on a machine with other work the last one
// waits longer for a row than a lock is waited for, and is asked to come again.
func patiently(t *testing.T, call func(context.Context) error) error {
	_, err := until(t.Context(), call)
	return err
}

func (c *client) book(ctx context.Context) {
	roomID, codes, atoms := randomUse(c.rand)
	d := c.day()
	var id string
	b, had := d.Book(c.n, atoms, func() (bool, error) {
		return until(ctx, func(ctx context.Context) error {
			resp, err := c.stub.CreateBooking(ctx, order(func(r *facilitiesv1.CreateBookingRequest) {
				r.OrganizationId, r.RoomId, r.SlotCodes, r.Date = groupID(c.n), roomID, codes, d.day.String()
			}))
			id = resp.GetBooking().GetId()
			return err
		}, "SLOT_TAKEN")
	})
	if had {
		c.owned = append(c.owned, owned{d, id, b})
	}
}

func (c *client) move(ctx context.Context) {
	if len(c.owned) == 0 {
		return
	}
	b := c.owned[c.rand.IntN(len(c.owned))]
	roomID, codes, atoms := randomUse(c.rand)
	b.Move(c.n, b.booking, atoms, func() (bool, error) {
		return until(ctx, func(ctx context.Context) error {
			_, err := c.stub.AmendBooking(ctx, &facilitiesv1.AmendBookingRequest{Id: b.id, RoomId: proto.String(roomID), SlotCodes: codes})
			return err
		}, "SLOT_TAKEN")
	})
}

func (c *client) cancel(ctx context.Context) {
	b := c.owned[0]
	c.owned = c.owned[1:]
	b.Cancel(c.n, b.booking, func() (bool, error) {
		return until(ctx, func(ctx context.Context) error {
			_, err := c.stub.CancelBooking(ctx, &facilitiesv1.CancelBookingRequest{Id: b.id})
			return err
		}, "INVALID_STATE_TRANSITION")
	})
}

// read is which atoms are taken, as everybody sees it.
func (c *client) read(ctx context.Context, day jp.Date) (taken history.Set, err error) {
	_, err = until(ctx, func(ctx context.Context) error {
		taken = 0
		resp, err := c.look.GetAvailability(ctx, &facilitiesv1.GetAvailabilityRequest{FacilityId: hall, From: day.String()})
		if err != nil {
			return err
		}
		for _, r := range resp.GetDays()[0].GetRooms() {
			for s, letter := range r.GetSlots() {
				switch {
				case letter != 'T':
				case r.GetRoomId() == room:
					taken |= history.Atoms(s)
				case r.GetRoomId() == roomB:
					taken |= history.Atoms(3 + s)
				}
			}
		}
		return nil
	})
	return taken, err
}

func newCrowd(as func(auth.Principal) grpc.ClientConnInterface, first int) *crowd {
	c := &crowd{as: as}
	for i := range crowdDays {
		c.days = append(c.days, &roomDay{day: openDay(first + i)})
	}
	return c
}

// run has all clients do their steps side by side, and checks what they saw.
func (c *crowd) run(t *testing.T, seed uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for n := range crowdClients {
		cl := &client{
			crowd: c, n: n, stub: facilitiesv1.NewBookingServiceClient(c.as(group(n))),
			look: facilitiesv1.NewAvailabilityServiceClient(c.as(nobody)), rand: rand.New(rand.NewPCG(seed, uint64(n))),
		}
		wg.Go(func() {
			for range crowdSteps {
				cl.step(ctx)
				if n := c.steps.Add(1); c.disturb != nil && n%c.every == 0 {
					c.disturb()
				}
			}
		})
	}
	wg.Wait()
	for _, d := range c.days {
		if err := d.Check(5 * time.Minute); err != nil {
			t.Errorf("%s: %v", d.day, err)
		}
	}
}

// Every history of the rooms is linearizable.
func TestBookingsAreLinearizable(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.general(`{"maxActive": 0, "maxPerMonth": 0}`)
	for round := range 4 {
		newCrowd(w.As, crowdDays*round).run(t, uint64(round))
	}
}

// The same while all connections of the service to the database break again and
// again: nothing that was answered is lost, nothing is done twice.
func TestBookingsAreLinearizableWhenConnectionsBreak(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.general(`{"maxActive": 0, "maxPerMonth": 0}`)
	c := newCrowd(w.As, 0)
	c.every, c.disturb = 40, func() {
		w.exec(`
			SELECT pg_terminate_backend(pid)
			FROM pg_stat_activity
			WHERE datname = current_database() AND usename <> current_user`)
	}
	c.run(t, 99)
	if n := w.count(`SELECT count(*) FROM booking b WHERE state = 'TENTATIVE' AND NOT EXISTS (SELECT FROM booking_atom a WHERE a.holder_id = b.id)`); n != 0 {
		t.Errorf("%d bookings without atoms", n)
	}
}
