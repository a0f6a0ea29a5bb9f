package proposals

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
)

// callFromProto reads what the desk writes. Errors: INVALID_FIELD for days that
// do not exist.
func callFromProto(in *proposalsv1.CallInput) (*call.Call, error) {
	opens, err := convert.Day("call.opensOn", in.GetOpensOn())
	if err != nil {
		return nil, err
	}
	closes, err := convert.Day("call.closesOn", in.GetClosesOn())
	if err != nil {
		return nil, err
	}
	return &call.Call{
		Title: in.GetTitle(), Summary: in.GetSummary(), GuidelineURL: in.GetGuidelineUrl(), FiscalYear: int(in.GetFiscalYear()),
		Round: int(in.GetRound()), Mode: call.Mode(convert.EnumName(in.GetMode())), OpensOn: opens, ClosesOn: closes,
		PostmarkRule: in.GetPostmarkRule(), ThemeKind: call.ThemeKind(convert.EnumName(in.GetThemeKind())),
		Steps:           convert.List(in.GetSteps(), func(s proposalsv1.Call_Step) call.Step { return call.Step(convert.EnumName(s)) }),
		ReleaseTogether: in.GetReleaseTogether(), MaxProposals: int(in.GetMaxProposalsPerOrganization()), Note: in.GetNote(),
		ChallengeIDs: in.GetChallengeIds(),
		Fields: convert.List(in.GetFields(), func(f *proposalsv1.CallField) call.Field {
			return call.Field{
				Key: f.GetKey(), Label: f.GetLabel(), Type: convert.EnumName(f.GetType()), Required: f.GetRequired(),
				Choices: f.GetChoices(), MaxLength: int(f.GetMaxLength()),
			}
		}),

		Criteria: convert.List(in.GetCriteria(), func(c *proposalsv1.Criterion) call.Criterion {
			return call.Criterion{
				No: int(c.GetNo()), Name: c.GetName(), Question: c.GetQuestion(), MaxPoints: int(c.GetMaxPoints()),
				FloorPercent: int(c.GetFloorPercent()),
			}
		}),

		Declarations: convert.List(in.GetDeclarations(), func(d *proposalsv1.Declaration) call.Declaration {
			return call.Declaration{Code: d.GetCode(), Text: d.GetText()}
		}),
	}, nil
}

// callToInput is what the desk would write to get the call as it is.
func callToInput(c *call.Call) *proposalsv1.CallInput {
	return &proposalsv1.CallInput{
		Title: c.Title, Summary: c.Summary, GuidelineUrl: c.GuidelineURL, FiscalYear: int32(c.FiscalYear),
		Round: int32(c.Round), Mode: proposalsv1.Call_Mode(proposalsv1.Call_Mode_value[string(c.Mode)]),
		OpensOn: convert.Date(c.OpensOn), ClosesOn: convert.Date(c.ClosesOn), PostmarkRule: c.PostmarkRule,
		ThemeKind: proposalsv1.Call_ThemeKind(proposalsv1.Call_ThemeKind_value[string(c.ThemeKind)]),
		Steps: convert.List(c.Steps, func(s call.Step) proposalsv1.Call_Step {
			return proposalsv1.Call_Step(proposalsv1.Call_Step_value[string(s)])
		}),

		ReleaseTogether: c.ReleaseTogether, MaxProposalsPerOrganization: int32(c.MaxProposals), Note: c.Note,
		ChallengeIds: c.ChallengeIDs,
		Fields: convert.List(c.Fields, func(f call.Field) *proposalsv1.CallField {
			return &proposalsv1.CallField{
				Key: f.Key, Label: f.Label, Type: proposalsv1.CallField_Type(proposalsv1.CallField_Type_value[f.Type]),
				Required: f.Required, Choices: f.Choices, MaxLength: int32(f.MaxLength),
			}
		}),

		Criteria: convert.List(c.Criteria, func(k call.Criterion) *proposalsv1.Criterion {
			return &proposalsv1.Criterion{
				No: int32(k.No), Name: k.Name, Question: k.Question, MaxPoints: int32(k.MaxPoints), FloorPercent: int32(k.FloorPercent),
			}
		}),

		Declarations: convert.List(c.Declarations, func(d call.Declaration) *proposalsv1.Declaration {
			return &proposalsv1.Declaration{Code: d.Code, Text: d.Text}
		}),
	}
}

func callToProto(c *call.Call) *proposalsv1.Call {
	in := callToInput(c)
	return &proposalsv1.Call{
		Id: c.ID, Title: in.GetTitle(), Summary: in.GetSummary(), GuidelineUrl: in.GetGuidelineUrl(),
		FiscalYear: in.GetFiscalYear(), Round: in.GetRound(), Mode: in.GetMode(), OpensOn: in.GetOpensOn(),
		ClosesOn: in.GetClosesOn(), PostmarkRule: in.GetPostmarkRule(), ThemeKind: in.GetThemeKind(), Steps: in.GetSteps(),
		ReleaseTogether: in.GetReleaseTogether(), Fields: in.GetFields(), Criteria: in.GetCriteria(),
		Declarations: in.GetDeclarations(), MaxProposalsPerOrganization: in.GetMaxProposalsPerOrganization(),
		Note: in.GetNote(), State: proposalsv1.Call_State(proposalsv1.Call_State_value[string(c.State)]),
		CreateTime: convert.Instant(c.CreatedAt), UpdateTime: convert.Instant(c.UpdatedAt), PublishTime: convert.Instant(c.PublishedAt),
		Etag: rpc.ETag(c.Version), ChallengeIds: in.GetChallengeIds(),
	}
}
