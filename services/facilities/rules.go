package facilities

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// ruleKinds are the kinds of items that are rules.
var ruleKinds = []facility.Kind{
	facility.KindSlotPattern, facility.KindUserClass, facility.KindOpeningRule, facility.KindFeeTable, facility.KindPenalty,
}

// CreateSlotPattern drafts a slot pattern.
func (s *ruleService) CreateSlotPattern(ctx context.Context, req *facilitiesv1.CreateSlotPatternRequest) (*facilitiesv1.CreateSlotPatternResponse, error) {
	return createRule(ctx, s, facility.KindSlotPattern, req.GetRule(), func(r *facilitiesv1.Rule) *facilitiesv1.CreateSlotPatternResponse {
		return &facilitiesv1.CreateSlotPatternResponse{Rule: r}
	})
}

// CreateUserClass drafts a user class.
func (s *ruleService) CreateUserClass(ctx context.Context, req *facilitiesv1.CreateUserClassRequest) (*facilitiesv1.CreateUserClassResponse, error) {
	return createRule(ctx, s, facility.KindUserClass, req.GetRule(), func(r *facilitiesv1.Rule) *facilitiesv1.CreateUserClassResponse {
		return &facilitiesv1.CreateUserClassResponse{Rule: r}
	})
}

// CreateOpeningRule drafts an opening rule.
func (s *ruleService) CreateOpeningRule(ctx context.Context, req *facilitiesv1.CreateOpeningRuleRequest) (*facilitiesv1.CreateOpeningRuleResponse, error) {
	return createRule(ctx, s, facility.KindOpeningRule, req.GetRule(), func(r *facilitiesv1.Rule) *facilitiesv1.CreateOpeningRuleResponse {
		return &facilitiesv1.CreateOpeningRuleResponse{Rule: r}
	})
}

// CreateFee drafts a fee table.
func (s *ruleService) CreateFee(ctx context.Context, req *facilitiesv1.CreateFeeRequest) (*facilitiesv1.CreateFeeResponse, error) {
	return createRule(ctx, s, facility.KindFeeTable, req.GetRule(), func(r *facilitiesv1.Rule) *facilitiesv1.CreateFeeResponse {
		return &facilitiesv1.CreateFeeResponse{Rule: r}
	})
}

// CreatePenaltyRule drafts the penalty rule.
func (s *ruleService) CreatePenaltyRule(ctx context.Context, req *facilitiesv1.CreatePenaltyRuleRequest) (*facilitiesv1.CreatePenaltyRuleResponse, error) {
	return createRule(ctx, s, facility.KindPenalty, req.GetRule(), func(r *facilitiesv1.Rule) *facilitiesv1.CreatePenaltyRuleResponse {
		return &facilitiesv1.CreatePenaltyRuleResponse{Rule: r}
	})
}

// createRule drafts a rule of a kind.
func createRule[R proto.Message](ctx context.Context, s *ruleService, kind facility.Kind, in *facilitiesv1.RuleInput, answer func(*facilitiesv1.Rule) R) (R, error) {
	var none R
	i, err := ruleItem(kind, in)
	if err != nil {
		return none, err
	}
	if i.Code == "" || kind == facility.KindPenalty && i.Code != facility.PenaltyCode {
		return none, fault.ErrInvalidField.On(fault.Missing("code"))
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		if err := s.begin(ctx, tx, i); err != nil {
			return none, err
		}
		return answer(ruleProto(i)), nil
	})
}

// rulePaths are the paths that an update mask of a kind's rule may have.
func rulePaths(kind facility.Kind) []string {
	own := map[facility.Kind]string{
		facility.KindSlotPattern: "slot_pattern", facility.KindUserClass: "user_class", facility.KindOpeningRule: "opening_rule",
		facility.KindFeeTable: "fee_table", facility.KindPenalty: "penalty_rule",
	}
	return []string{"name", "valid_from", "valid_to", "source", own[kind]}
}

// UpdateRule drafts a change of a rule.
func (s *ruleService) UpdateRule(ctx context.Context, req *facilitiesv1.UpdateRuleRequest) (*facilitiesv1.UpdateRuleResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.UpdateRuleResponse, error) {
		draft, err := s.open(ctx, tx, req.GetId(), req.GetEtag(), ruleKinds...)
		if err != nil {
			return nil, err
		}
		paths, err := rpc.Mask(req.GetUpdateMask(), rulePaths(draft.Kind)...)
		if err != nil {
			return nil, err
		}
		written, err := ruleItem(draft.Kind, merge(&facilitiesv1.RuleInput{}, ruleProto(draft), req.GetRule(), paths))
		if err != nil {
			return nil, err
		}
		if err := s.rewrite(ctx, tx, draft, written); err != nil {
			return nil, err
		}
		return &facilitiesv1.UpdateRuleResponse{Rule: ruleProto(draft)}, nil
	})
}

// ApproveRule puts the draft of a rule into force.
func (s *ruleService) ApproveRule(ctx context.Context, req *facilitiesv1.ApproveRuleRequest) (*facilitiesv1.ApproveRuleResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.ApproveRuleResponse, error) {
		i, _, err := s.approve(ctx, tx, req.GetId(), req.GetEtag(), ruleKinds...)
		if err != nil {
			return nil, err
		}
		if i.Kind == facility.KindSlotPattern {
			used, err := store.PatternInUse(ctx, tx, i.Code, i.From)
			if err != nil {
				return nil, err
			}
			if used {
				return nil, facility.ErrPatternInUse
			}
		}
		return &facilitiesv1.ApproveRuleResponse{Rule: ruleProto(i)}, nil
	})
}

// GetRule shows a rule.
func (s *ruleService) GetRule(ctx context.Context, req *facilitiesv1.GetRuleRequest) (*facilitiesv1.GetRuleResponse, error) {
	i, err := s.find(ctx, req.GetId(), req, ruleKinds...)
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.GetRuleResponse{Rule: ruleProto(i)}, nil
}

// ruleList is a request for rules of one kind.
type ruleList interface {
	listing
	proto.Message
}

func (s *ruleService) list(ctx context.Context, req ruleList, kind facility.Kind) ([]*facilitiesv1.Rule, string, error) {
	f, err := s.filter(req, kind)
	if err != nil {
		return nil, "", err
	}
	rows, next, err := s.page(ctx, rpc.Filter(req), req, f)
	return convert.List(rows, ruleProto), next, err
}

// ListSlotPatterns lists the slot patterns of a day.
func (s *ruleService) ListSlotPatterns(ctx context.Context, req *facilitiesv1.ListSlotPatternsRequest) (*facilitiesv1.ListSlotPatternsResponse, error) {
	rules, next, err := s.list(ctx, req, facility.KindSlotPattern)
	return &facilitiesv1.ListSlotPatternsResponse{SlotPatterns: rules, NextPageToken: next}, err
}

// ListUserClasses lists the user classes of a day.
func (s *ruleService) ListUserClasses(ctx context.Context, req *facilitiesv1.ListUserClassesRequest) (*facilitiesv1.ListUserClassesResponse, error) {
	rules, next, err := s.list(ctx, req, facility.KindUserClass)
	return &facilitiesv1.ListUserClassesResponse{UserClasses: rules, NextPageToken: next}, err
}

// ListOpeningRules lists the opening rules of a day.
func (s *ruleService) ListOpeningRules(ctx context.Context, req *facilitiesv1.ListOpeningRulesRequest) (*facilitiesv1.ListOpeningRulesResponse, error) {
	rules, next, err := s.list(ctx, req, facility.KindOpeningRule)
	return &facilitiesv1.ListOpeningRulesResponse{OpeningRules: rules, NextPageToken: next}, err
}

// ListFees lists the fee tables of a day.
func (s *ruleService) ListFees(ctx context.Context, req *facilitiesv1.ListFeesRequest) (*facilitiesv1.ListFeesResponse, error) {
	rules, next, err := s.list(ctx, req, facility.KindFeeTable)
	return &facilitiesv1.ListFeesResponse{Fees: rules, NextPageToken: next}, err
}

// ListPenaltyRules lists the penalty rule of a day.
func (s *ruleService) ListPenaltyRules(ctx context.Context, req *facilitiesv1.ListPenaltyRulesRequest) (*facilitiesv1.ListPenaltyRulesResponse, error) {
	rules, next, err := s.list(ctx, req, facility.KindPenalty)
	return &facilitiesv1.ListPenaltyRulesResponse{PenaltyRules: rules, NextPageToken: next}, err
}
