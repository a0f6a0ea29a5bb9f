package proposals

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/survey"
)

// surveys answers SchemeSurveyService.
type surveys struct {
	proposalsv1.UnimplementedSchemeSurveyServiceServer
	service.Deps
}

// ReplySchemeSurvey takes one reply in. Neither the audit entry nor the answer
// says anything of it.
func (s *surveys) ReplySchemeSurvey(ctx context.Context, req *proposalsv1.ReplySchemeSurveyRequest) (*proposalsv1.ReplySchemeSurveyResponse, error) {
	scores := convert.List(req.GetScores(), func(a *proposalsv1.SchemeSurveyScore) survey.Score {
		return survey.Score{No: int(a.GetNo()), Score: int(a.GetScore())}
	})

	if err := survey.Check(scores); err != nil {
		return nil, err
	}
	own := auth.From(ctx).Organizations(optionsv1.Role_ROLE_EDITOR, optionsv1.Role_ROLE_REPRESENTATIVE)
	if !slices.Contains(own, req.GetOrganizationId()) {
		return nil, fault.ErrNotFound
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.ReplySchemeSurveyResponse, error) {
		c, err := store.GetCall(ctx, tx, req.GetCallId(), false)
		if err != nil {
			return nil, err
		}
		decided, err := store.Decided(ctx, tx, req.GetOrganizationId(), c.ID)
		if err != nil {
			return nil, err
		}
		if !decided {
			return nil, survey.ErrBeforeDecision
		}
		if err := store.AddSurveyReply(ctx, tx, c.ID, req.GetOrganizationId()); err != nil {
			return nil, err
		}
		if err := store.CountSurveyReply(ctx, tx, survey.Reply{FiscalYear: c.FiscalYear, Scores: scores, TextID: uuid.NewString(), Text: req.GetText()}); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.schemeSurvey.reply", ObjectType: "call", ObjectID: c.ID,
			Detail: map[string]string{"organization": req.GetOrganizationId()},
		})
		return &proposalsv1.ReplySchemeSurveyResponse{}, nil
	})
}

// GetSchemeSurvey shows the result of a fiscal year.
func (s *surveys) GetSchemeSurvey(ctx context.Context, req *proposalsv1.GetSchemeSurveyRequest) (*proposalsv1.GetSchemeSurveyResponse, error) {
	out, err := surveyOf(ctx, s.DB, req.GetFiscalYear())
	return &proposalsv1.GetSchemeSurveyResponse{Survey: out}, err
}

// surveyOf reads the result of a fiscal year.
func surveyOf(ctx context.Context, r pg.Reader, fiscalYear int32) (*proposalsv1.SchemeSurvey, error) {
	shown, err := store.SurveyCounts(ctx, r, int(fiscalYear))
	if err != nil {
		return nil, err
	}
	replies, results := survey.Results(shown)
	return &proposalsv1.SchemeSurvey{
		FiscalYear: fiscalYear, Replies: int32(replies),
		Results: convert.List(results, func(r survey.Result) *proposalsv1.SchemeSurveyResult {
			return &proposalsv1.SchemeSurveyResult{
				No: int32(r.No), Question: r.Question, AverageX100: int32(r.AverageX100),
				Counts: convert.List(r.Counts, func(n int) int32 { return int32(n) }),
			}
		}),
	}, nil
}

// ListSchemeSurveyTexts lists the texts of a fiscal year.
func (s *surveys) ListSchemeSurveyTexts(ctx context.Context, req *proposalsv1.ListSchemeSurveyTextsRequest) (*proposalsv1.ListSchemeSurveyTextsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListSurveyTexts(ctx, s.DB, int(req.GetFiscalYear()), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(t store.SurveyText) []string { return []string{t.ID} })
	resp := &proposalsv1.ListSchemeSurveyTextsResponse{Texts: convert.List(rows, func(t store.SurveyText) string { return t.Text })}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
