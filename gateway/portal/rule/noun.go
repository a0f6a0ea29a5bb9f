// Package rule has the ward's pages of halls and rules: what is in force, drafts
// of changes clause by clause, what they would do to a booking, and their
// approval by a second person.
package rule

import (
	"context"
	"net/http"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	out := []web.Route{
		web.SignedIn(http.MethodGet, "/desk/rules", list).For(drafting),
		web.SignedIn(http.MethodGet, "/desk/rules/new", begin(&rules)).For(rules.drafts),
		web.SignedIn(http.MethodPost, "/desk/rules", create(&rules)).For(rules.drafts),
		web.SignedIn(http.MethodGet, "/desk/halls/new", begin(&halls)).For(halls.drafts),
		web.SignedIn(http.MethodPost, "/desk/halls", create(&halls)).For(halls.drafts),
		web.SignedIn(http.MethodGet, "/desk/halls/{hall}/rooms/new", begin(&rooms)).For(rooms.drafts),
		web.SignedIn(http.MethodPost, "/desk/halls/{hall}/rooms", create(&rooms)).For(rooms.drafts),
		web.SignedIn(http.MethodGet, "/desk/halls/{hall}/closures/new", begin(&closures)).For(closures.drafts),
		web.SignedIn(http.MethodPost, "/desk/halls/{hall}/closures", create(&closures)).For(closures.drafts),
	}
	for _, n := range []*noun{&rules, &halls, &rooms, &closures} {
		path := "/desk/" + n.name + "/{id}"
		out = append(out,
			web.SignedIn(http.MethodGet, path, show(n)).For(drafting), web.SignedIn(http.MethodGet, path+"/edit", write(n)).For(n.drafts),
			web.SignedIn(http.MethodPost, path, save(n)).For(n.drafts), web.SignedIn(http.MethodPost, path+"/approve", approve(n)).For(n.admits),
		)
	}
	return out
}

// drafting is an RPC of those who see drafts: clerks, desk and approvers.
const drafting = facilitiesv1.PenaltyService_DecideAppeal_FullMethodName

// item is what is drafted by one person and approved by another.
type item interface {
	proto.Message
	GetId() string
	GetValidFrom() string
	GetValidTo() string
	GetSource() string
	GetState() facilitiesv1.Rule_State
	GetDraftOpen() bool
	GetUpdateTime() *timestamppb.Timestamp
	GetApproveTime() *timestamppb.Timestamp
	GetEtag() string
}

// closure is a Closure, which has no source.
type closure struct{ *facilitiesv1.Closure }

// GetSource is that of no closure.
func (closure) GetSource() string { return "" }

// noun is one of the four sorts of items with the RPCs that work on it.
type noun struct {
	name           string // In addresses, and of texts.
	drafts, admits string // RPCs that change and approve.
	get            func(q *web.Request, id, on string, draft bool) (item, error)
	create         func(q *web.Request, form *ui.Form) (id string, err error)
	update         func(q *web.Request, id string, form *ui.Form) error
	approve        func(q *web.Request, id, etag string) error
}

func service(q *web.Request) facilitiesv1.FacilityServiceClient {
	return facilitiesv1.NewFacilityServiceClient(q.Site.Service("facilities"))
}

func ruleService(q *web.Request) facilitiesv1.RuleServiceClient {
	return facilitiesv1.NewRuleServiceClient(q.Site.Service("facilities"))
}

var halls = noun{
	name: "halls", drafts: facilitiesv1.FacilityService_UpdateFacility_FullMethodName, admits: facilitiesv1.FacilityService_ApproveFacility_FullMethodName,
	get: func(q *web.Request, id, on string, draft bool) (item, error) {
		resp, err := service(q).GetFacility(q.Context(), &facilitiesv1.GetFacilityRequest{Id: id, On: on, Draft: draft})
		return resp.GetFacility(), err
	},
	create: func(q *web.Request, form *ui.Form) (string, error) {
		in := &facilitiesv1.FacilityInput{}
		if err := web.Bind(form.Values, in); err != nil {
			return "", err
		}
		resp, err := service(q).CreateFacility(q.Once(), &facilitiesv1.CreateFacilityRequest{Facility: in})
		return resp.GetFacility().GetId(), err
	},
	update: func(q *web.Request, id string, form *ui.Form) error {
		in := &facilitiesv1.FacilityInput{}
		if err := web.Bind(form.Values, in); err != nil {
			return err
		}
		_, err := service(q).UpdateFacility(q.Once(), &facilitiesv1.UpdateFacilityRequest{
			Id: id, Facility: in, Etag: form.Get("etag"), UpdateMask: mask(in, "code", "etag"),
		})
		return err
	},
	approve: func(q *web.Request, id, etag string) error {
		_, err := service(q).ApproveFacility(q.Once(), &facilitiesv1.ApproveFacilityRequest{Id: id, Etag: etag})
		return err
	},
}

var rooms = noun{
	name: "rooms", drafts: facilitiesv1.FacilityService_UpdateRoom_FullMethodName, admits: facilitiesv1.FacilityService_ApproveRoom_FullMethodName,
	get: func(q *web.Request, id, on string, draft bool) (item, error) {
		resp, err := service(q).GetRoom(q.Context(), &facilitiesv1.GetRoomRequest{Id: id, On: on, Draft: draft})
		return resp.GetRoom(), err
	},
	create: func(q *web.Request, form *ui.Form) (string, error) {
		in := &facilitiesv1.RoomInput{}
		if err := web.Bind(form.Values, in); err != nil {
			return "", err
		}
		resp, err := service(q).CreateRoom(q.Once(), &facilitiesv1.CreateRoomRequest{FacilityId: q.PathValue("hall"), Room: in})
		return resp.GetRoom().GetId(), err
	},
	update: func(q *web.Request, id string, form *ui.Form) error {
		in := &facilitiesv1.RoomInput{}
		if err := web.Bind(form.Values, in); err != nil {
			return err
		}
		_, err := service(q).UpdateRoom(q.Once(), &facilitiesv1.UpdateRoomRequest{
			Id: id, Room: in, Etag: form.Get("etag"), UpdateMask: mask(in, "slot_pattern", "part_ids", "etag"),
		})
		return err
	},
	approve: func(q *web.Request, id, etag string) error {
		_, err := service(q).ApproveRoom(q.Once(), &facilitiesv1.ApproveRoomRequest{Id: id, Etag: etag})
		return err
	},
}

var closures = noun{
	name: "closures", drafts: facilitiesv1.FacilityService_UpdateClosure_FullMethodName, admits: facilitiesv1.FacilityService_ApproveClosure_FullMethodName,
	get: func(q *web.Request, id, on string, draft bool) (item, error) {
		resp, err := service(q).GetClosure(q.Context(), &facilitiesv1.GetClosureRequest{Id: id, On: on, Draft: draft})
		return closure{resp.GetClosure()}, err
	},
	create: func(q *web.Request, form *ui.Form) (string, error) {
		in := &facilitiesv1.ClosureInput{}
		if err := web.Bind(form.Values, in); err != nil {
			return "", err
		}
		resp, err := service(q).CreateClosure(q.Once(), &facilitiesv1.CreateClosureRequest{FacilityId: q.PathValue("hall"), Closure: in})
		return resp.GetClosure().GetId(), err
	},
	update: func(q *web.Request, id string, form *ui.Form) error {
		in := &facilitiesv1.ClosureInput{}
		if err := web.Bind(form.Values, in); err != nil {
			return err
		}
		_, err := service(q).UpdateClosure(q.Once(), &facilitiesv1.UpdateClosureRequest{
			Id: id, Closure: in, Etag: form.Get("etag"), UpdateMask: mask(in, "room_id", "etag"),
		})
		return err
	},
	approve: func(q *web.Request, id, etag string) error {
		_, err := service(q).ApproveClosure(q.Once(), &facilitiesv1.ApproveClosureRequest{Id: id, Etag: etag})
		return err
	},
}

var rules = noun{
	name: "rules", drafts: facilitiesv1.RuleService_UpdateRule_FullMethodName, admits: facilitiesv1.RuleService_ApproveRule_FullMethodName,
	get: func(q *web.Request, id, on string, draft bool) (item, error) {
		resp, err := ruleService(q).GetRule(q.Context(), &facilitiesv1.GetRuleRequest{Id: id, On: on, Draft: draft})
		return resp.GetRule(), err
	},
	create: func(q *web.Request, form *ui.Form) (string, error) {
		in := &facilitiesv1.RuleInput{}
		if err := web.Bind(form.Values, in); err != nil {
			return "", err
		}
		return kindOf(form.Get("kind")).create(q.Once(), ruleService(q), in)
	},
	update: func(q *web.Request, id string, form *ui.Form) error {
		in := &facilitiesv1.RuleInput{}
		if err := web.Bind(form.Values, in); err != nil {
			return err
		}
		_, err := ruleService(q).UpdateRule(q.Once(), &facilitiesv1.UpdateRuleRequest{
			Id: id, Rule: in, Etag: form.Get("etag"),
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"name", "valid_from", "valid_to", "source", kindOf(form.Get("kind")).field}},
		})
		return err
	},
	approve: func(q *web.Request, id, etag string) error {
		_, err := ruleService(q).ApproveRule(q.Once(), &facilitiesv1.ApproveRuleRequest{Id: id, Etag: etag})
		return err
	},
}

// mask names all fields of an input but some.
func mask(in proto.Message, except ...string) *fieldmaskpb.FieldMask {
	out := &fieldmaskpb.FieldMask{}
	fields := in.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		name := string(fields.Get(i).Name())
		if !strings.Contains(" "+strings.Join(except, " ")+" ", " "+name+" ") {
			out.Paths = append(out.Paths, name)
		}
	}
	return out
}

// kind is one of the kinds of rules.
type kind struct {
	name   string // In addresses; the beginning of its fields' names.
	field  string // Of the content.
	list   func(q *web.Request, draft bool, token string) ([]*facilitiesv1.Rule, string, error)
	create func(ctx context.Context, c facilitiesv1.RuleServiceClient, in *facilitiesv1.RuleInput) (string, error)
}

var kinds = []kind{
	{
		name: "userClass", field: "user_class",
		list: func(q *web.Request, draft bool, token string) ([]*facilitiesv1.Rule, string, error) {
			r, err := ruleService(q).ListUserClasses(q.Context(), &facilitiesv1.ListUserClassesRequest{Draft: draft, PageSize: 50, PageToken: token})
			return r.GetUserClasses(), r.GetNextPageToken(), err
		},
		create: func(ctx context.Context, c facilitiesv1.RuleServiceClient, in *facilitiesv1.RuleInput) (string, error) {
			r, err := c.CreateUserClass(ctx, &facilitiesv1.CreateUserClassRequest{Rule: in})
			return r.GetRule().GetId(), err
		},
	},
	{
		name: "openingRule", field: "opening_rule",
		list: func(q *web.Request, draft bool, token string) ([]*facilitiesv1.Rule, string, error) {
			r, err := ruleService(q).ListOpeningRules(q.Context(), &facilitiesv1.ListOpeningRulesRequest{Draft: draft, PageSize: 50, PageToken: token})
			return r.GetOpeningRules(), r.GetNextPageToken(), err
		},
		create: func(ctx context.Context, c facilitiesv1.RuleServiceClient, in *facilitiesv1.RuleInput) (string, error) {
			r, err := c.CreateOpeningRule(ctx, &facilitiesv1.CreateOpeningRuleRequest{Rule: in})
			return r.GetRule().GetId(), err
		},
	},
	{
		name: "slotPattern", field: "slot_pattern",
		list: func(q *web.Request, draft bool, token string) ([]*facilitiesv1.Rule, string, error) {
			r, err := ruleService(q).ListSlotPatterns(q.Context(), &facilitiesv1.ListSlotPatternsRequest{Draft: draft, PageSize: 50, PageToken: token})
			return r.GetSlotPatterns(), r.GetNextPageToken(), err
		},
		create: func(ctx context.Context, c facilitiesv1.RuleServiceClient, in *facilitiesv1.RuleInput) (string, error) {
			r, err := c.CreateSlotPattern(ctx, &facilitiesv1.CreateSlotPatternRequest{Rule: in})
			return r.GetRule().GetId(), err
		},
	},
	{
		name: "feeTable", field: "fee_table",
		list: func(q *web.Request, draft bool, token string) ([]*facilitiesv1.Rule, string, error) {
			r, err := ruleService(q).ListFees(q.Context(), &facilitiesv1.ListFeesRequest{Draft: draft, PageSize: 50, PageToken: token})
			return r.GetFees(), r.GetNextPageToken(), err
		},
		create: func(ctx context.Context, c facilitiesv1.RuleServiceClient, in *facilitiesv1.RuleInput) (string, error) {
			r, err := c.CreateFee(ctx, &facilitiesv1.CreateFeeRequest{Rule: in})
			return r.GetRule().GetId(), err
		},
	},
	{
		name: "penaltyRule", field: "penalty_rule",
		list: func(q *web.Request, draft bool, token string) ([]*facilitiesv1.Rule, string, error) {
			r, err := ruleService(q).ListPenaltyRules(q.Context(), &facilitiesv1.ListPenaltyRulesRequest{Draft: draft, PageSize: 50, PageToken: token})
			return r.GetPenaltyRules(), r.GetNextPageToken(), err
		},
		create: func(ctx context.Context, c facilitiesv1.RuleServiceClient, in *facilitiesv1.RuleInput) (string, error) {
			r, err := c.CreatePenaltyRule(ctx, &facilitiesv1.CreatePenaltyRuleRequest{Rule: in})
			return r.GetRule().GetId(), err
		},
	},
}

// kindOf returns the kind with a name; the first one for what is none.
func kindOf(name string) kind {
	for _, k := range kinds {
		if k.name == name {
			return k
		}
	}
	return kinds[0]
}

// contentOf names the kind of a rule; "" for what is no rule.
func contentOf(i item) string {
	r, ok := i.(*facilitiesv1.Rule)
	if !ok || r == nil {
		return ""
	}
	if fd := r.ProtoReflect().WhichOneof(r.ProtoReflect().Descriptor().Oneofs().ByName("content")); fd != nil {
		return fd.JSONName()
	}
	return ""
}
