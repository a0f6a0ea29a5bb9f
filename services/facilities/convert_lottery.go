package facilities

import (
	"fmt"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
)

// lotteryFromProto reads what a clerk writes. Errors: INVALID_FIELD for days that
// do not exist.
func lotteryFromProto(in *facilitiesv1.LotteryInput) (*lottery.Lottery, error) {
	from, err := convert.Day("lottery.useFrom", in.GetUseFrom())
	if err != nil {
		return nil, err
	}
	to, err := convert.Day("lottery.useTo", in.GetUseTo())
	if err != nil {
		return nil, err
	}
	return &lottery.Lottery{
		Title: in.GetTitle(), RoomIDs: in.GetRoomIds(), UseFrom: from, UseTo: to, SlotCodes: in.GetSlotCodes(),
		ApplyFrom: in.GetApplyFromTime().AsTime(), ApplyTo: in.GetApplyToTime().AsTime(), DrawAt: in.GetDrawTime().AsTime(),
		ConfirmBy: in.GetConfirmByTime().AsTime(), MaxEntries: int(in.GetMaxEntriesPerOrganization()),
		Cap: int(in.GetCapSlots()), EntropySource: in.GetPublicEntropySource(),
		Classes: convert.List(in.GetClasses(), func(c *facilitiesv1.LotteryClass) lottery.Class {
			return lottery.Class{Code: c.GetCode(), Priority: int(c.GetPriority())}
		}),
	}, nil
}

// lotteryToProto shows a lottery to everybody. The seed leaves with the draw and
// not before.
func lotteryToProto(l *lottery.Lottery, tickets []draw.Drawn, now time.Time) *facilitiesv1.Lottery {
	out := &facilitiesv1.Lottery{
		Id: l.ID, Title: l.Title, RoomIds: l.RoomIDs, UseFrom: convert.Date(l.UseFrom), UseTo: convert.Date(l.UseTo), SlotCodes: l.SlotCodes,
		ApplyFromTime: convert.Instant(l.ApplyFrom), ApplyToTime: convert.Instant(l.ApplyTo), DrawTime: convert.Instant(l.DrawAt),
		ConfirmByTime: convert.Instant(l.ConfirmBy), MaxEntriesPerOrganization: int32(l.MaxEntries), CapSlots: int32(l.Cap),
		PublicEntropySource: l.EntropySource, PublicEntropy: l.Entropy, Commitment: l.Commitment,
		State:      facilitiesv1.Lottery_State(facilitiesv1.Lottery_State_value[string(l.StateAt(now))]),
		EntryCount: int32(l.Entries), CreateTime: convert.Instant(l.CreatedAt),
		Classes: convert.List(l.Classes, func(c lottery.Class) *facilitiesv1.LotteryClass {
			return &facilitiesv1.LotteryClass{Code: c.Code, Priority: int32(c.Priority)}
		}),
	}
	if c := l.Closing; c != nil {
		out.Root, out.BallotHash, out.CloseTime, out.EntryCount = c.Root, c.Ballot, convert.Instant(c.At), int32(c.Entries)
	}
	if d := l.Draw; d != nil {
		out.Seed, out.Key, out.TakenPlaces, out.DrawnTime = d.Seed, d.Key, d.Taken, convert.Instant(d.At)
	}
	for i, t := range tickets {
		shown := &facilitiesv1.LotteryTicket{
			Id: t.ID, Group: t.Group, Priority: int32(t.Priority), Slots: int32(t.Slots), Places: t.Places,
			Result: resultToProto(t.Outcome),
		}
		if l.Draw != nil {
			shown.Rank = int32(i + 1)
		}
		out.Order = append(out.Order, shown)
	}
	return out
}

func resultToProto(o draw.Outcome) facilitiesv1.LotteryTicket_Result {
	switch o {
	case draw.Won:
		return facilitiesv1.LotteryTicket_WON
	case draw.LostCap:
		return facilitiesv1.LotteryTicket_LOST_CAP
	case draw.LostTaken:
		return facilitiesv1.LotteryTicket_LOST_TAKEN
	}
	return facilitiesv1.LotteryTicket_RESULT_UNSPECIFIED
}

// recordOf is a lottery as it is published, for its verification.
func recordOf(l *lottery.Lottery, tickets []draw.Drawn) draw.Record {
	r := draw.Record{Commitment: l.Commitment, Entropy: l.Entropy, Cap: l.Cap, Tickets: tickets}
	if l.Closing != nil {
		r.Root, r.Ballot = l.Closing.Root, l.Closing.Ballot
	}
	if l.Draw != nil {
		r.Seed, r.Key, r.Taken = l.Draw.Seed, l.Draw.Key, l.Draw.Taken
	}
	return r
}

var checkSteps = map[draw.Step]facilitiesv1.LotteryCheck_Step{
	draw.StepCommitment: facilitiesv1.LotteryCheck_COMMITMENT, draw.StepRoot: facilitiesv1.LotteryCheck_ROOT,
	draw.StepBallot: facilitiesv1.LotteryCheck_BALLOT, draw.StepKey: facilitiesv1.LotteryCheck_KEY,
	draw.StepOrder: facilitiesv1.LotteryCheck_ORDER, draw.StepResult: facilitiesv1.LotteryCheck_RESULT,
}

func checkToProto(c draw.Check) *facilitiesv1.LotteryCheck {
	return &facilitiesv1.LotteryCheck{Step: checkSteps[c.Step], Valid: c.Valid, Published: c.Published, Computed: c.Computed}
}

// entryToProto shows an entry to its organization.
func entryToProto(e *lottery.Entry, l *lottery.Lottery, now time.Time) *facilitiesv1.LotteryEntry {
	return &facilitiesv1.LotteryEntry{
		Id: e.ID, LotteryId: e.LotteryID, OrganizationId: e.OrganizationID, OrganizationName: e.OrganizationName,
		UserClass: e.UserClass, Purpose: purposeToProto(e.Purpose), Title: e.Title, Headcount: int32(e.Headcount),
		Uses: convert.List(e.Uses, func(u lottery.Use) *facilitiesv1.RoomUse {
			return &facilitiesv1.RoomUse{RoomId: u.RoomID, Date: convert.Date(u.Date), SlotCodes: u.SlotCodes}
		}),

		State:    facilitiesv1.LotteryEntry_State(facilitiesv1.LotteryEntry_State_value[string(e.StateAt(l, now))]),
		TicketId: e.TicketID, Rank: int32(e.Rank),
		Result:     facilitiesv1.LotteryTicket_Result(facilitiesv1.LotteryTicket_Result_value[e.Outcome]),
		BookingIds: e.BookingIDs, PaperNote: e.PaperNote, CreateTime: convert.Instant(e.CreatedAt), UpdateTime: convert.Instant(e.UpdatedAt),
		Etag: rpc.ETag(e.Version),
	}
}

// purposeToProto writes a purpose by its name in the contract.
func purposeToProto(name string) facilitiesv1.UserClass_Purpose {
	return facilitiesv1.UserClass_Purpose(facilitiesv1.UserClass_Purpose_value[name])
}

// entryFromProto reads an entry and for whom it is. Errors: PERMISSION_DENIED,
// INVALID_FIELD.
func entryFromProto(req *facilitiesv1.EnterLotteryRequest, by booking.Reader) (*lottery.Entry, error) {
	if err := by.Books(req.GetOrganizationId()); err != nil {
		return nil, err
	}
	if by.Desk == (req.GetPaperNote() == "") { // Required on behalf, and nobody else's.
		return nil, fault.ErrInvalidField.OnPath("paperNote")
	}
	e := &lottery.Entry{
		OrganizationID: req.GetOrganizationId(), HolderID: req.GetOrganizationId(), UserClass: req.GetUserClass(),
		Purpose: convert.EnumName(req.GetPurpose()), Title: req.GetTitle(), Headcount: int(req.GetHeadcount()),
		PaperNote: req.GetPaperNote(), CreatedBy: by.ID,
	}
	if e.HolderID == "" {
		e.HolderID = by.ID
	}
	for i, u := range req.GetUses() {
		d, err := convert.Day(fmt.Sprintf("uses[%d].date", i), u.GetDate())
		if err != nil {
			return nil, err
		}
		e.Uses = append(e.Uses, lottery.Use{RoomID: u.GetRoomId(), Date: d, SlotCodes: u.GetSlotCodes()})
	}
	return e, nil
}
