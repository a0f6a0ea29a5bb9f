package facilities

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// lotteries answers LotteryService.
type lotteries struct {
	facilitiesv1.UnimplementedLotteryServiceServer
	service.Deps
	rules     *store.Rules
	directory directory
}

func registerLotteries(d service.Deps, r grpc.ServiceRegistrar, rules *store.Rules) {
	facilitiesv1.RegisterLotteryServiceServer(r, &lotteries{Deps: d, rules: rules, directory: newDirectory(d)})
}

// seedBytes is the length of a lottery's seed.
const seedBytes = 32

// seedBound binds a sealed seed to its lottery.
func seedBound(l *lottery.Lottery) []byte { return []byte(l.ID + " " + l.Commitment) }

// CreateLottery announces a lottery.
func (s *lotteries) CreateLottery(ctx context.Context, req *facilitiesv1.CreateLotteryRequest) (*facilitiesv1.CreateLotteryResponse, error) {
	l, err := lotteryFromProto(req.GetLottery())
	if err != nil {
		return nil, err
	}
	l.ID, l.CreatedBy = s.NewID(), auth.From(ctx).Actor()
	l.Complete()
	s.commit(l)
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.CreateLotteryResponse, error) {
		catalogue, err := s.rules.Hold(ctx, tx)
		if err != nil {
			return nil, err
		}
		if err := l.Check(tx.Now); err != nil {
			return nil, err
		}
		shown, err := s.open(ctx, tx, l, catalogue)
		if err != nil {
			return nil, err
		}
		return &facilitiesv1.CreateLotteryResponse{Lottery: shown}, nil
	})
}

// commit makes the seed of a new lottery and the commitment to it.
func (s *lotteries) commit(l *lottery.Lottery) {
	seed := make([]byte, seedBytes)
	_, _ = rand.Read(seed) // It never fails.
	l.Commitment = draw.Commitment(seed)
	l.SealedSeed = s.Key("lottery seed").Seal(seed, seedBound(l))
}

// open announces a new lottery and holds its slots, those that nobody has
// already. Errors: CLASS_UNKNOWN, ROOM_UNKNOWN, SLOT_UNKNOWN, SLOTS_IN_LOTTERY.
func (s *lotteries) open(ctx context.Context, tx *pg.Tx, l *lottery.Lottery, c *facility.Catalogue) (*facilitiesv1.Lottery, error) {
	spans, err := spansOfLottery(l, c)
	if err != nil {
		return nil, err
	}
	l.CreatedAt = tx.Now
	if err := store.InsertLottery(ctx, tx, l, spans); err != nil {
		return nil, err
	}
	if err := store.TakeFree(ctx, tx, store.Holder{Kind: store.Held, ID: l.ID}, spans); err != nil {
		return nil, err
	}
	shown := lotteryToProto(l, nil, tx.Now)
	audit.Add(ctx, tx, audit.Entry{Action: "facilities.lottery.create", ObjectType: "lottery", ObjectID: l.ID})
	return shown, tellLottery(ctx, tx, l.ID, &facilitiesv1.LotteryOpened{Lottery: shown})
}

// tellLottery adds a public event of a lottery.
func tellLottery(ctx context.Context, tx *pg.Tx, id string, message proto.Message) error {
	return event.Add(ctx, tx, event.Event{Aggregate: "lottery", ID: id, Visibility: event.Public, Message: message})
}

// spansOfLottery are the places of a new lottery. Errors: CLASS_UNKNOWN,
// ROOM_UNKNOWN, SLOT_UNKNOWN.
func spansOfLottery(l *lottery.Lottery, c *facility.Catalogue) ([]store.Span, error) {
	for _, class := range l.Classes {
		if _, ok := c.Class(class.Code, l.UseFrom); !ok {
			return nil, lottery.ErrClassUnknown.With("userClass", class.Code).OnPath("lottery.classes")
		}
	}
	var spans []store.Span
	for _, id := range l.RoomIDs {
		for _, day := range l.Days() {
			room, ok := c.Room(id, day)
			if !ok {
				return nil, lottery.ErrRoomUnknown.With("roomId", id).With("date", day.String()).OnPath("lottery.roomIds")
			}
			span := store.Span{AtomIDs: room.Atoms, Date: day}
			pattern := c.Pattern(room, day)
			for _, code := range l.SlotCodes {
				slot, ok := pattern.Coded(code)
				if !ok {
					return nil, booking.ErrSlotUnknown.With("slotCode", code).OnPath("lottery.slotCodes")
				}
				span.SlotNos = append(span.SlotNos, slot.No)
			}
			spans = append(spans, span)
		}
	}
	return spans, nil
}

// GetLottery shows a lottery with its ballot and order.
func (s *lotteries) GetLottery(ctx context.Context, req *facilitiesv1.GetLotteryRequest) (*facilitiesv1.GetLotteryResponse, error) {
	l, tickets, err := s.published(ctx, s.DB, req.GetId())
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.GetLotteryResponse{Lottery: lotteryToProto(l, tickets, s.Now())}, nil
}

// published reads a lottery with what everybody sees of its entries: nothing
// before the closing, no order before the draw.
func (s *lotteries) published(ctx context.Context, r pg.Reader, id string) (*lottery.Lottery, []draw.Drawn, error) {
	l, err := store.GetLottery(ctx, r, id)
	if err != nil || l.Closing == nil {
		return l, nil, err
	}
	tickets, err := store.ListTickets(ctx, r, id)
	if l.Draw == nil { // The draw may have come between the two reads.
		for i := range tickets {
			tickets[i].Outcome = 0
		}
		slices.SortFunc(tickets, func(a, b draw.Drawn) int { return cmp.Compare(a.ID, b.ID) })
	}
	return l, tickets, err
}

// ListLotteries lists lotteries without their order.
func (s *lotteries) ListLotteries(ctx context.Context, req *facilitiesv1.ListLotteriesRequest) (*facilitiesv1.ListLotteriesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListLotteries(ctx, s.DB, store.LotteryFilter{State: lottery.State(convert.EnumName(req.GetState())), RoomID: req.GetRoomId()}, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(l *lottery.Lottery) []string {
		return []string{l.DrawAt.UTC().Format(time.RFC3339Nano), l.ID}
	})

	now := s.Now()
	resp := &facilitiesv1.ListLotteriesResponse{}
	for _, l := range rows {
		resp.Lotteries = append(resp.Lotteries, lotteryToProto(l, nil, now))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// VerifyLottery recomputes a lottery from what is public.
func (s *lotteries) VerifyLottery(ctx context.Context, req *facilitiesv1.VerifyLotteryRequest) (*facilitiesv1.VerifyLotteryResponse, error) {
	l, tickets, err := s.published(ctx, s.DB, req.GetId())
	if err != nil {
		return nil, err
	}
	checks := draw.Verify(recordOf(l, tickets))
	return &facilitiesv1.VerifyLotteryResponse{
		Lottery: lotteryToProto(l, tickets, s.Now()), Checks: convert.List(checks, checkToProto), Valid: draw.Valid(checks),
	}, nil
}
