package evaluation

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/google/uuid"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/survey"
)

// surveys answers SurveyService.
type surveys struct {
	evaluationv1.UnimplementedSurveyServiceServer
	service.Deps
}

// holdForSurvey holds an evaluation for who makes its survey: either side, or the
// desk.
func holdForSurvey(ctx context.Context, tx *pg.Tx, id string) (held, error) {
	h, err := hold(ctx, tx, id)
	if err != nil {
		return h, err
	}
	if h.by.Party.Side(h.project) == project.None {
		return h, fault.ErrPermissionDenied
	}
	return h, nil
}

// CreateSurvey makes the survey of an evaluation.
func (s *surveys) CreateSurvey(ctx context.Context, req *evaluationv1.CreateSurveyRequest) (*evaluationv1.CreateSurveyResponse, error) {
	closes, err := convert.Day("survey.closesOn", req.GetSurvey().GetClosesOn())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.CreateSurveyResponse, error) {
		h, err := holdForSurvey(ctx, tx, req.GetEvaluationId())
		if err != nil {
			return nil, err
		}
		if err := h.TakesSurvey(); err != nil {
			return nil, err
		}
		sv := &survey.Survey{
			EvaluationID: h.ID, Title: req.GetSurvey().GetTitle(), Introduction: req.GetSurvey().GetIntroduction(),
			Questions: req.GetSurvey().GetQuestions(), ClosesOn: closes,
		}
		if err := sv.Begin(tx.Now); err != nil {
			return nil, err
		}
		if err := store.InsertSurvey(ctx, tx, sv); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.survey.create", ObjectType: "evaluation", ObjectID: h.ID})
		return &evaluationv1.CreateSurveyResponse{Survey: surveyToProto(sv, false, nil)}, nil
	})
}

// tokenSize is the length of a link's token in bytes.
const tokenSize = 16

// IssueSurveyLinks makes one-time links.
func (s *surveys) IssueSurveyLinks(ctx context.Context, req *evaluationv1.IssueSurveyLinksRequest) (*evaluationv1.IssueSurveyLinksResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.IssueSurveyLinksResponse, error) {
		h, err := holdForSurvey(ctx, tx, req.GetEvaluationId())
		if err != nil {
			return nil, err
		}
		sv, err := store.LockSurvey(ctx, tx, h.ID)
		if err != nil {
			return nil, err
		}
		if err := sv.Issue(int(req.GetCount()), tx.Now); err != nil {
			return nil, err
		}
		resp := &evaluationv1.IssueSurveyLinksResponse{}
		hashes := make([][]byte, req.GetCount())
		for i := range hashes {
			raw := make([]byte, tokenSize)
			rand.Read(raw)
			token := base64.RawURLEncoding.EncodeToString(raw)
			hashes[i] = hashOf(token)
			resp.Links = append(resp.Links, s.Origin+"/survey#"+token)
		}
		store.AddSurveyLinks(tx, h.ID, hashes)
		store.UpdateSurvey(tx, sv)
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.survey.issueLinks", ObjectType: "evaluation", ObjectID: h.ID})
		return resp, nil
	})
}

// tokenOf is the token of a link.
func tokenOf(link string) string {
	_, token, _ := strings.Cut(link, "#")
	return token
}

// hashOf is how a token is stored; its 128 random bits cannot be tried out.
func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// CloseSurvey ends a survey.
func (s *surveys) CloseSurvey(ctx context.Context, req *evaluationv1.CloseSurveyRequest) (*evaluationv1.CloseSurveyResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.CloseSurveyResponse, error) {
		h, err := holdForSurvey(ctx, tx, req.GetEvaluationId())
		if err != nil {
			return nil, err
		}
		sv, err := store.LockSurvey(ctx, tx, h.ID)
		if err != nil {
			return nil, err
		}
		if err := sv.End(tx.Now); err != nil {
			return nil, err
		}
		counts, err := store.SurveyCounts(ctx, tx, h.ID)
		if err != nil {
			return nil, err
		}
		store.UpdateSurvey(tx, sv)
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.survey.close", ObjectType: "evaluation", ObjectID: h.ID})
		return &evaluationv1.CloseSurveyResponse{Survey: surveyToProto(sv, true, counts)}, nil
	})
}

// inside reads the survey of an evaluation for who sees more of it than everybody.
func (s *surveys) inside(ctx context.Context, evaluationID string) (*survey.Survey, error) {
	by := evaluationReader(ctx, s.Now())
	e, p, err := readEvaluation(ctx, s.DB, evaluationID, by)
	if err != nil {
		return nil, err
	}
	if !by.Inside(e, p) {
		return nil, fault.ErrPermissionDenied
	}
	return store.GetSurvey(ctx, s.DB, e.ID)
}

// GetSurvey shows a survey, and its result after its end.
func (s *surveys) GetSurvey(ctx context.Context, req *evaluationv1.GetSurveyRequest) (*evaluationv1.GetSurveyResponse, error) {
	sv, err := s.inside(ctx, req.GetEvaluationId())
	if err != nil {
		return nil, err
	}
	closed := sv.Closed(s.Now())
	var counts map[survey.Score]int
	if closed {
		if counts, err = store.SurveyCounts(ctx, s.DB, sv.EvaluationID); err != nil {
			return nil, err
		}
	}
	return &evaluationv1.GetSurveyResponse{Survey: surveyToProto(sv, closed, counts)}, nil
}

// ListSurveyTexts lists the texts of the replies after the end.
func (s *surveys) ListSurveyTexts(ctx context.Context, req *evaluationv1.ListSurveyTextsRequest) (*evaluationv1.ListSurveyTextsResponse, error) {
	page, filter, err := pageOf(s.Deps, req)
	if err != nil {
		return nil, err
	}
	sv, err := s.inside(ctx, req.GetEvaluationId())
	if err != nil {
		return nil, err
	}
	resp := &evaluationv1.ListSurveyTextsResponse{}
	if !sv.Closed(s.Now()) || sv.Replies < survey.MinReplies {
		return resp, nil
	}
	rows, err := store.ListSurveyTexts(ctx, s.DB, sv.EvaluationID, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(t store.SurveyText) []string { return []string{t.ID} })
	resp.Texts = convert.List(rows, func(t store.SurveyText) string { return t.Text })
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// GetSurveyForm shows the questions to who holds a link.
func (s *surveys) GetSurveyForm(ctx context.Context, req *evaluationv1.GetSurveyFormRequest) (*evaluationv1.GetSurveyFormResponse, error) {
	sv, err := store.SurveyOfLink(ctx, s.DB, hashOf(req.GetToken()))
	if err != nil {
		return nil, err
	}
	if sv.Closed(s.Now()) {
		return nil, survey.ErrLinkInvalid
	}
	return &evaluationv1.GetSurveyFormResponse{Form: &evaluationv1.SurveyForm{
		Title: sv.Title, Introduction: sv.Introduction, Questions: sv.Questions, ClosesOn: convert.Date(sv.ClosesOn),
	}}, nil
}

// AnswerSurvey takes a reply in. There is no audit entry and no time: nothing may
// join the reply to who gave it.
func (s *surveys) AnswerSurvey(ctx context.Context, req *evaluationv1.AnswerSurveyRequest) (*evaluationv1.AnswerSurveyResponse, error) {
	scores := convert.List(req.GetScores(), func(r *evaluationv1.SurveyScore) survey.Score {
		return survey.Score{No: int(r.GetNo()), Score: int(r.GetScore())}
	})

	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.AnswerSurveyResponse, error) {
		sv, err := store.UseSurveyLink(ctx, tx, hashOf(req.GetToken()))
		if err != nil {
			return nil, err
		}
		if sv.Closed(tx.Now) {
			return nil, survey.ErrLinkInvalid
		}
		if err := sv.Check(scores); err != nil {
			return nil, err
		}
		sv.Replies++
		store.UpdateSurvey(tx, sv)
		// By chance, not by time as other identifiers.
		store.AddReply(tx, sv.EvaluationID, scores, uuid.NewString(), req.GetText())
		return &evaluationv1.AnswerSurveyResponse{}, nil
	})
}

func surveyToProto(s *survey.Survey, closed bool, counts map[survey.Score]int) *evaluationv1.Survey {
	out := &evaluationv1.Survey{
		EvaluationId: s.EvaluationID, Title: s.Title, Introduction: s.Introduction, Questions: s.Questions,
		ClosesOn: convert.Date(s.ClosesOn), Closed: closed, Links: int32(s.Links), Replies: int32(s.Replies),
	}
	if closed {
		out.Results = convert.List(s.Results(counts), resultToProto)
	}
	return out
}
