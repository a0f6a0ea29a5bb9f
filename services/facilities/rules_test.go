package facilities_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// ruleKind creates and lists one kind of rules.
type ruleKind struct {
	input  *facilitiesv1.RuleInput
	create func(context.Context, facilitiesv1.RuleServiceClient, *facilitiesv1.RuleInput) (*facilitiesv1.Rule, error)
	list   func(context.Context, facilitiesv1.RuleServiceClient, *facilitiesv1.ListFeesRequest) ([]*facilitiesv1.Rule, error)
}

func input(code string, content any) *facilitiesv1.RuleInput {
	in := &facilitiesv1.RuleInput{Code: code, Name: "試験", ValidFrom: today().String(), Source: "見本"}
	switch c := content.(type) {
	case *facilitiesv1.SlotPattern:
		in.Content = &facilitiesv1.RuleInput_SlotPattern{SlotPattern: c}
	case *facilitiesv1.UserClass:
		in.Content = &facilitiesv1.RuleInput_UserClass{UserClass: c}
	case *facilitiesv1.OpeningRule:
		in.Content = &facilitiesv1.RuleInput_OpeningRule{OpeningRule: c}
	case *facilitiesv1.FeeTable:
		in.Content = &facilitiesv1.RuleInput_FeeTable{FeeTable: c}
	case *facilitiesv1.PenaltyRule:
		in.Content = &facilitiesv1.RuleInput_PenaltyRule{PenaltyRule: c}
	}
	return in
}

// kinds are all kinds of rules, each with a new rule.
func kinds() map[string]ruleKind {
	return map[string]ruleKind{
		"slot pattern": {
			input("2KU", &facilitiesv1.SlotPattern{Slots: []*facilitiesv1.Slot{
				{No: 1, Code: "AM", Name: "午前", Start: "09:00", End: "12:00"}, {No: 2, Code: "PM", Name: "午後", Start: "13:00", End: "17:00"},
			}}),
			func(ctx context.Context, c facilitiesv1.RuleServiceClient, in *facilitiesv1.RuleInput) (*facilitiesv1.Rule, error) {
				resp, err := c.CreateSlotPattern(ctx, &facilitiesv1.CreateSlotPatternRequest{Rule: in})
				return resp.GetRule(), err
			},
			func(ctx context.Context, c facilitiesv1.RuleServiceClient, r *facilitiesv1.ListFeesRequest) ([]*facilitiesv1.Rule, error) {
				resp, err := c.ListSlotPatterns(ctx, &facilitiesv1.ListSlotPatternsRequest{On: r.GetOn(), Draft: r.GetDraft()})
				return resp.GetSlotPatterns(), err
			},
		},
		"user class": {
			input("STUDENT", &facilitiesv1.UserClass{
				Who: "学生の団体", Purposes: []facilitiesv1.UserClass_Purpose{facilitiesv1.UserClass_CIRCLE}, MaxPerMonth: 2, MultiplierNum: 1, MultiplierDen: 2,
				Openings: []*facilitiesv1.UserClass_Opening{{Channels: []facilitiesv1.UserClass_Channel{facilitiesv1.UserClass_ONLINE}, OpeningRule: "SIXTH_OF_MONTH"}},
			}),
			func(ctx context.Context, c facilitiesv1.RuleServiceClient, in *facilitiesv1.RuleInput) (*facilitiesv1.Rule, error) {
				resp, err := c.CreateUserClass(ctx, &facilitiesv1.CreateUserClassRequest{Rule: in})
				return resp.GetRule(), err
			},
			func(ctx context.Context, c facilitiesv1.RuleServiceClient, r *facilitiesv1.ListFeesRequest) ([]*facilitiesv1.Rule, error) {
				resp, err := c.ListUserClasses(ctx, &facilitiesv1.ListUserClassesRequest{On: r.GetOn(), Draft: r.GetDraft()})
				return resp.GetUserClasses(), err
			},
		},
		"opening rule": {
			input("TENTH", &facilitiesv1.OpeningRule{
				MonthsBefore: 2, Day: 10, Shift: facilitiesv1.OpeningRule_NONE, Time: "10:30", After: "FIRST_OF_MONTH", ClosesDaysBefore: 3,
			}),
			func(ctx context.Context, c facilitiesv1.RuleServiceClient, in *facilitiesv1.RuleInput) (*facilitiesv1.Rule, error) {
				resp, err := c.CreateOpeningRule(ctx, &facilitiesv1.CreateOpeningRuleRequest{Rule: in})
				return resp.GetRule(), err
			},
			func(ctx context.Context, c facilitiesv1.RuleServiceClient, r *facilitiesv1.ListFeesRequest) ([]*facilitiesv1.Rule, error) {
				resp, err := c.ListOpeningRules(ctx, &facilitiesv1.ListOpeningRulesRequest{On: r.GetOn(), Draft: r.GetDraft()})
				return resp.GetOpeningRules(), err
			},
		},
		"fee table": {
			input("F001", &facilitiesv1.FeeTable{
				Reductions: []*facilitiesv1.FeeTable_Reduction{{Code: "HALF", Name: "半額", Percent: 50}},
				Refunds:    []*facilitiesv1.FeeTable_Refund{{DaysBefore: 20, Percent: 100}, {DaysBefore: 10, Percent: 50}},
			}),
			func(ctx context.Context, c facilitiesv1.RuleServiceClient, in *facilitiesv1.RuleInput) (*facilitiesv1.Rule, error) {
				resp, err := c.CreateFee(ctx, &facilitiesv1.CreateFeeRequest{Rule: in})
				return resp.GetRule(), err
			},
			func(ctx context.Context, c facilitiesv1.RuleServiceClient, r *facilitiesv1.ListFeesRequest) ([]*facilitiesv1.Rule, error) {
				resp, err := c.ListFees(ctx, r)
				return resp.GetFees(), err
			},
		},
	}
}

func (w *world) approveRule(id string) (*facilitiesv1.Rule, error) {
	resp, err := w.rules(approver).ApproveRule(w.t.Context(), &facilitiesv1.ApproveRuleRequest{Id: id})
	return resp.GetRule(), err
}

func TestEveryKindOfRuleIsDraftedAndApproved(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	for name, k := range kinds() {
		codes := func(draft bool) map[string]bool {
			rules, err := k.list(ctx, w.rules(clerk), &facilitiesv1.ListFeesRequest{Draft: draft})
			w.must(err)
			out := map[string]bool{}
			for _, r := range rules {
				out[r.GetCode()] = true
			}
			return out
		}
		draft, err := k.create(ctx, w.rules(clerk), k.input)
		w.must(err)
		if in, there := codes(false), codes(true); in[draft.GetCode()] || !there[draft.GetCode()] {
			t.Errorf("%s: drafted: %v, drafts %v", name, in, there)
		}
		_, err = w.rules(nobody).GetRule(ctx, &facilitiesv1.GetRuleRequest{Id: draft.GetId()})
		refused(t, err, "RESOURCE_NOT_FOUND")
		_, err = w.approveRule(draft.GetId())
		w.must(err)
		if in := codes(false); !in[draft.GetCode()] {
			t.Errorf("%s: approved: %v", name, in)
		}
		got, err := w.rules(nobody).GetRule(ctx, &facilitiesv1.GetRuleRequest{Id: draft.GetId()})
		w.must(err)
		want := &facilitiesv1.Rule{}
		switch c := k.input.GetContent().(type) {
		case *facilitiesv1.RuleInput_SlotPattern:
			want.Content = &facilitiesv1.Rule_SlotPattern{SlotPattern: c.SlotPattern}
		case *facilitiesv1.RuleInput_UserClass:
			want.Content = &facilitiesv1.Rule_UserClass{UserClass: c.UserClass}
		case *facilitiesv1.RuleInput_OpeningRule:
			want.Content = &facilitiesv1.Rule_OpeningRule{OpeningRule: c.OpeningRule}
		case *facilitiesv1.RuleInput_FeeTable:
			want.Content = &facilitiesv1.Rule_FeeTable{FeeTable: c.FeeTable}
		}
		head := &facilitiesv1.Rule{Content: got.GetRule().GetContent()}
		if diff := cmp.Diff(want, head, protocmp.Transform()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		_, err = k.create(ctx, w.rules(clerk), k.input)
		refused(t, err, "CODE_TAKEN")
		other := proto.CloneOf(k.input)
		other.Content = &facilitiesv1.RuleInput_PenaltyRule{PenaltyRule: &facilitiesv1.PenaltyRule{LimitHalfPoints: 1, CountMonths: 1, SuspendMonths: 1}}
		_, err = k.create(ctx, w.rules(clerk), other)
		refused(t, err, "INVALID_FIELD")
	}
}

func TestThePenaltyRuleChangesOnItsDay(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	in := input("OTHER", &facilitiesv1.PenaltyRule{LimitHalfPoints: 4, CountMonths: 12, SuspendMonths: 6})
	_, err := w.rules(clerk).CreatePenaltyRule(ctx, &facilitiesv1.CreatePenaltyRuleRequest{Rule: in})
	refused(t, err, "INVALID_FIELD")
	list := func(on string) *facilitiesv1.Rule {
		resp, err := w.rules(nobody).ListPenaltyRules(ctx, &facilitiesv1.ListPenaltyRulesRequest{On: on})
		w.must(err)
		return resp.GetPenaltyRules()[0]
	}
	now := list("")
	update := func(etag string, paths ...string) (*facilitiesv1.Rule, error) {
		resp, err := w.rules(clerk).UpdateRule(ctx, &facilitiesv1.UpdateRuleRequest{Id: now.GetId(), Rule: in, UpdateMask: mask(paths...), Etag: etag})
		return resp.GetRule(), err
	}
	_, err = update("", "penalty_rule")
	refused(t, err, "PRECONDITION_REQUIRED")
	_, err = update(now.GetEtag(), "user_class")
	refused(t, err, "INVALID_FIELD_MASK")
	_, err = update(now.GetEtag(), "code")
	refused(t, err, "INVALID_FIELD_MASK")
	in.ValidFrom = today().AddDays(10).String()
	draft, err := update(now.GetEtag(), "penalty_rule", "valid_from")
	w.must(err)
	if draft.GetCode() != "WARD" || draft.GetPenaltyRule().GetNoShowHalfPoints() != 0 {
		t.Errorf("%v", draft)
	}
	_, err = update(now.GetEtag(), "penalty_rule")
	refused(t, err, "ETAG_MISMATCH")
	_, err = w.approveRule(now.GetId())
	w.must(err)
	before, after := list("").GetPenaltyRule().GetNoShowHalfPoints(), list(in.GetValidFrom()).GetPenaltyRule().GetNoShowHalfPoints()
	if before != 2 || after != 0 {
		t.Errorf("%d, then %d", before, after)
	}
}

func TestRuleRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	overlap := input("2KU", &facilitiesv1.SlotPattern{Slots: []*facilitiesv1.Slot{
		{Code: "AM", Name: "午前", Start: "09:00", End: "12:00"}, {Code: "PM", Name: "午後", Start: "11:00", End: "17:00"},
	}})
	_, err := w.rules(clerk).CreateSlotPattern(ctx, &facilitiesv1.CreateSlotPatternRequest{Rule: overlap})
	refused(t, err, "INVALID_FIELD")
	class := input("STUDENT", &facilitiesv1.UserClass{Openings: []*facilitiesv1.UserClass_Opening{{OpeningRule: "NINTH"}}})
	created, err := w.rules(clerk).CreateUserClass(ctx, &facilitiesv1.CreateUserClassRequest{Rule: class})
	w.must(err)
	_, err = w.approveRule(created.GetRule().GetId())
	refused(t, err, "REFERENCE_UNKNOWN")
	_, err = w.rules(both).ApproveRule(ctx, &facilitiesv1.ApproveRuleRequest{Id: none})
	refused(t, err, "RESOURCE_NOT_FOUND")
	mine, err := w.rules(both).CreateOpeningRule(ctx, &facilitiesv1.CreateOpeningRuleRequest{Rule: input("TENTH", &facilitiesv1.OpeningRule{Day: 10})})
	w.must(err)
	_, err = w.rules(both).ApproveRule(ctx, &facilitiesv1.ApproveRuleRequest{Id: mine.GetRule().GetId()})
	refused(t, err, "SELF_APPROVAL_FORBIDDEN")
	_, err = w.rules(desk).UpdateRule(ctx, &facilitiesv1.UpdateRuleRequest{
		Id: mine.GetRule().GetId(), Rule: input("", &facilitiesv1.OpeningRule{Day: 11}), UpdateMask: mask("opening_rule"), Etag: mine.GetRule().GetEtag(),
	})
	w.must(err)
	_, err = w.rules(both).ApproveRule(ctx, &facilitiesv1.ApproveRuleRequest{Id: mine.GetRule().GetId()})
	refused(t, err, "SELF_APPROVAL_FORBIDDEN") // although the desk wrote last
	_, err = w.approveRule(mine.GetRule().GetId())
	w.must(err)
	_, err = w.rules(head).CreateFee(ctx, &facilitiesv1.CreateFeeRequest{Rule: input("F001", &facilitiesv1.FeeTable{})})
	refused(t, err, "PERMISSION_DENIED")
}

// Slots that bookings count on keep their times.
func TestSlotsInUseStay(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	d := openDay(10)
	w.hold(room, d, 1, "BOOKING", "")
	const pattern = "01900000-0000-7000-8000-0000000f2001"
	change := func(from string) error {
		got, err := w.rules(clerk).GetRule(ctx, &facilitiesv1.GetRuleRequest{Id: pattern})
		w.must(err)
		in := input("", kinds()["slot pattern"].input.GetSlotPattern())
		in.ValidFrom = from
		_, err = w.rules(clerk).UpdateRule(ctx, &facilitiesv1.UpdateRuleRequest{
			Id: pattern, Rule: in, UpdateMask: mask("slot_pattern", "valid_from"), Etag: got.GetRule().GetEtag(),
		})
		w.must(err)
		_, err = w.approveRule(pattern)
		return err
	}
	refused(t, change(today().String()), "SLOT_PATTERN_IN_USE")
	refused(t, change(d.String()), "SLOT_PATTERN_IN_USE")
	refused(t, change(d.AddDays(1).String()), "")
	if got := w.letters(room, d); got != "TFF" {
		t.Errorf("before: %s", got)
	}
	resp, err := w.availability(nobody).GetAvailability(ctx, &facilitiesv1.GetAvailabilityRequest{RoomId: room, From: d.String(), To: d.AddDays(1).String()})
	w.must(err)
	if rows := resp.GetRooms(); len(rows) != 2 || len(rows[1].GetSlots()) != 2 {
		t.Errorf("%v", rows)
	}
}
