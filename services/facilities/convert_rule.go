package facilities

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

// contentFields are the fields of an input's content, by kind.
var contentFields = map[facility.Kind]string{
	facility.KindSlotPattern: "slotPattern", facility.KindUserClass: "userClass", facility.KindOpeningRule: "openingRule",
	facility.KindFeeTable: "feeTable", facility.KindPenalty: "penaltyRule",
}

// ruleItem reads a rule of a kind. Errors: INVALID_FIELD.
func ruleItem(kind facility.Kind, in *facilitiesv1.RuleInput) (*facility.Item, error) {
	given, content := ruleContent(in)
	if given != kind {
		return nil, fault.ErrInvalidField.On(fault.Missing(contentFields[kind]))
	}
	i, err := newItem(kind, in, content)
	if err != nil {
		return nil, err
	}
	i.Code, i.Name, i.Source = in.GetCode(), in.GetName(), in.GetSource()
	return i, nil
}

func ruleContent(in *facilitiesv1.RuleInput) (facility.Kind, facility.Content) {
	switch in.GetContent().(type) {
	case *facilitiesv1.RuleInput_SlotPattern:
		p := &slot.Pattern{Slots: convert.List(in.GetSlotPattern().GetSlots(), func(s *facilitiesv1.Slot) slot.Slot {
			return slot.Slot{Code: s.GetCode(), Name: s.GetName(), Start: s.GetStart(), End: s.GetEnd()}
		})}
		p.Number()
		return facility.KindSlotPattern, p
	case *facilitiesv1.RuleInput_UserClass:
		return facility.KindUserClass, classFromProto(in.GetUserClass())
	case *facilitiesv1.RuleInput_OpeningRule:
		o := in.GetOpeningRule()
		return facility.KindOpeningRule, &rule.OpeningRule{
			MonthsBefore: int(o.GetMonthsBefore()), Day: int(o.GetDay()), Shift: rule.Shift(convert.EnumName(o.GetShift())), Time: o.GetTime(),
			After: o.GetAfter(), ClosesDaysBefore: int(o.GetClosesDaysBefore()),
		}
	case *facilitiesv1.RuleInput_FeeTable:
		return facility.KindFeeTable, feesFromProto(in.GetFeeTable())
	case *facilitiesv1.RuleInput_PenaltyRule:
		p := in.GetPenaltyRule()
		return facility.KindPenalty, &rule.Penalty{
			NoShowHalfPoints: int(p.GetNoShowHalfPoints()), LateCancelHalfPoints: int(p.GetLateCancelHalfPoints()),
			LimitHalfPoints: int(p.GetLimitHalfPoints()), CountMonths: int(p.GetCountMonths()), SuspendMonths: int(p.GetSuspendMonths()),
		}
	}
	return "", nil
}

func classFromProto(c *facilitiesv1.UserClass) *rule.UserClass {
	return &rule.UserClass{
		Who: c.GetWho(), Documents: c.GetDocuments(), OrganizationKinds: c.GetOrganizationKinds(), Individuals: c.GetIndividuals(),
		Purposes: purposeNames(c.GetPurposes()), MaxActive: int(c.GetMaxActive()), MaxPerMonth: int(c.GetMaxPerMonth()),
		Num: int64(c.GetMultiplierNum()), Den: int64(c.GetMultiplierDen()),
		Openings: convert.List(c.GetOpenings(), func(o *facilitiesv1.UserClass_Opening) rule.Opening {
			return rule.Opening{
				Channels: convert.List(o.GetChannels(), func(ch facilitiesv1.UserClass_Channel) rule.Channel { return rule.Channel(convert.EnumName(ch)) }),
				Purposes: purposeNames(o.GetPurposes()), Rule: o.GetOpeningRule(),
			}
		}),
	}
}

func feesFromProto(t *facilitiesv1.FeeTable) *rule.FeeTable {
	return &rule.FeeTable{
		Rates: convert.List(t.GetRates(), func(r *facilitiesv1.FeeTable_Rate) rule.Rate {
			return rule.Rate{RoomID: r.GetRoomId(), SlotNo: int(r.GetSlotNo()), Amount: r.GetAmount()}
		}),

		Reductions: convert.List(t.GetReductions(), func(r *facilitiesv1.FeeTable_Reduction) rule.Reduction {
			return rule.Reduction{Code: r.GetCode(), Name: r.GetName(), Percent: int(r.GetPercent())}
		}),

		Refunds: convert.List(t.GetRefunds(), func(r *facilitiesv1.FeeTable_Refund) rule.Refund {
			return rule.Refund{DaysBefore: int(r.GetDaysBefore()), Percent: int(r.GetPercent())}
		}),
	}
}

func ruleProto(i *facility.Item) *facilitiesv1.Rule {
	out := &facilitiesv1.Rule{
		Id: i.ID, Code: i.Code, Name: i.Name, ValidFrom: convert.Date(i.From), ValidTo: convert.Date(i.To), Source: i.Source,
		State: stateProto(i.State), UpdateTime: convert.Instant(i.UpdatedAt), ApproveTime: convert.Instant(i.ApprovedAt),
		DraftOpen: i.DraftOpen, Etag: rpc.ETag(i.Version),
	}
	switch x := i.Content.(type) {
	case *slot.Pattern:
		out.Content = &facilitiesv1.Rule_SlotPattern{SlotPattern: &facilitiesv1.SlotPattern{Slots: convert.List(x.Slots, slotProto)}}
	case *rule.UserClass:
		out.Content = &facilitiesv1.Rule_UserClass{UserClass: classProto(x)}
	case *rule.OpeningRule:
		out.Content = &facilitiesv1.Rule_OpeningRule{OpeningRule: &facilitiesv1.OpeningRule{
			MonthsBefore: int32(x.MonthsBefore), Day: int32(x.Day), Time: x.Time, After: x.After, ClosesDaysBefore: int32(x.ClosesDaysBefore),
			Shift: facilitiesv1.OpeningRule_Shift(facilitiesv1.OpeningRule_Shift_value[string(x.Shift)]),
		}}
	case *rule.FeeTable:
		out.Content = &facilitiesv1.Rule_FeeTable{FeeTable: feesProto(x)}
	case *rule.Penalty:
		out.Content = &facilitiesv1.Rule_PenaltyRule{PenaltyRule: &facilitiesv1.PenaltyRule{
			NoShowHalfPoints: int32(x.NoShowHalfPoints), LateCancelHalfPoints: int32(x.LateCancelHalfPoints),
			LimitHalfPoints: int32(x.LimitHalfPoints), CountMonths: int32(x.CountMonths), SuspendMonths: int32(x.SuspendMonths),
		}}
	}
	return out
}

func slotProto(s slot.Slot) *facilitiesv1.Slot {
	return &facilitiesv1.Slot{No: int32(s.No), Code: s.Code, Name: s.Name, Start: s.Start, End: s.End}
}

func classProto(c *rule.UserClass) *facilitiesv1.UserClass {
	return &facilitiesv1.UserClass{
		Who: c.Who, Documents: c.Documents, OrganizationKinds: c.OrganizationKinds, Individuals: c.Individuals,
		Purposes: purposesProto(c.Purposes), MaxActive: int32(c.MaxActive), MaxPerMonth: int32(c.MaxPerMonth),
		MultiplierNum: int32(c.Num), MultiplierDen: int32(c.Den),
		Openings: convert.List(c.Openings, func(o rule.Opening) *facilitiesv1.UserClass_Opening {
			return &facilitiesv1.UserClass_Opening{
				Channels: convert.List(o.Channels, func(ch rule.Channel) facilitiesv1.UserClass_Channel {
					return facilitiesv1.UserClass_Channel(facilitiesv1.UserClass_Channel_value[string(ch)])
				}),

				Purposes: purposesProto(o.Purposes), OpeningRule: o.Rule,
			}
		}),
	}
}

func feesProto(t *rule.FeeTable) *facilitiesv1.FeeTable {
	return &facilitiesv1.FeeTable{
		Rates: convert.List(t.Rates, func(r rule.Rate) *facilitiesv1.FeeTable_Rate {
			return &facilitiesv1.FeeTable_Rate{RoomId: r.RoomID, SlotNo: int32(r.SlotNo), Amount: r.Amount}
		}),

		Reductions: convert.List(t.Reductions, func(r rule.Reduction) *facilitiesv1.FeeTable_Reduction {
			return &facilitiesv1.FeeTable_Reduction{Code: r.Code, Name: r.Name, Percent: int32(r.Percent)}
		}),

		Refunds: convert.List(t.Refunds, func(r rule.Refund) *facilitiesv1.FeeTable_Refund {
			return &facilitiesv1.FeeTable_Refund{DaysBefore: int32(r.DaysBefore), Percent: int32(r.Percent)}
		}),
	}
}
