package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/survey"
)

const surveyColumns = `evaluation_id, title, introduction, questions, closes_on, ended, links, replies`

// InsertSurvey writes a new survey. Errors: SURVEY_EXISTS.
func InsertSurvey(ctx context.Context, tx *pg.Tx, s *survey.Survey) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO survey (`+surveyColumns+`)
		VALUES ($1, $2, $3, $4, $5, false, 0, 0)`, s.EvaluationID, s.Title, s.Introduction, s.Questions, s.ClosesOn)
	return pg.Refuse(err, map[string]*fault.Error{"survey_pkey": survey.ErrExists})
}

// GetSurvey reads the survey of an evaluation. Errors: RESOURCE_NOT_FOUND.
func GetSurvey(ctx context.Context, r pg.Reader, evaluationID string) (*survey.Survey, error) {
	return oneSurvey(ctx, r, evaluationID, "")
}

// LockSurvey reads the survey of an evaluation for a change; the evaluation is
// locked before, except for replies. Errors: RESOURCE_NOT_FOUND.
func LockSurvey(ctx context.Context, tx *pg.Tx, evaluationID string) (*survey.Survey, error) {
	return oneSurvey(ctx, tx, evaluationID, "FOR UPDATE")
}

func oneSurvey(ctx context.Context, r pg.Reader, evaluationID, lock string) (*survey.Survey, error) {
	rows, err := r.Query(ctx, `
		SELECT `+surveyColumns+`
		FROM survey
		WHERE evaluation_id = $1
		`+lock, evaluationID)
	if err != nil {
		return nil, err
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[survey.Survey])
	return s, pg.Found(err)
}

// UpdateSurvey queues the write of a locked survey.
func UpdateSurvey(tx *pg.Tx, s *survey.Survey) {
	tx.Queue(`
		UPDATE survey
		SET ended = $2, links = $3, replies = $4
		WHERE evaluation_id = $1`, s.EvaluationID, s.Ended, s.Links, s.Replies)
}

// EndSurvey ends the survey of an evaluation with its publication and returns it
// with its counts; nil where there is none.
func EndSurvey(ctx context.Context, tx *pg.Tx, evaluationID string) (*survey.Survey, map[survey.Score]int, error) {
	rows, err := tx.Query(ctx, `
		UPDATE survey
		SET ended = true
		WHERE evaluation_id = $1
		RETURNING `+surveyColumns, evaluationID)
	if err != nil {
		return nil, nil, err
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[survey.Survey])
	if pg.IsNoRows(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	counts, err := SurveyCounts(ctx, tx, evaluationID)
	return s, counts, err
}

// SurveyCounts reads how often each step was chosen.
func SurveyCounts(ctx context.Context, r pg.Reader, evaluationID string) (map[survey.Score]int, error) {
	rows, err := r.Query(ctx, `
		SELECT question_no, score, replies
		FROM survey_count
		WHERE evaluation_id = $1`, evaluationID)
	if err != nil {
		return nil, err
	}
	out := map[survey.Score]int{}
	var (
		s survey.Score
		n int
	)
	_, err = pgx.ForEachRow(rows, []any{&s.No, &s.Score, &n}, func() error {
		out[s] = n
		return nil
	})
	return out, err
}

// AddSurveyLinks queues links by the hashes of their tokens.
func AddSurveyLinks(tx *pg.Tx, evaluationID string, hashes [][]byte) {
	tx.Queue(`
		INSERT INTO survey_link (hash, evaluation_id)
		SELECT hash, $1
		FROM unnest($2::bytea[]) AS hash`, evaluationID, hashes)
}

// SurveyOfLink reads the survey of a link that was not used. Errors:
// SURVEY_LINK_INVALID.
func SurveyOfLink(ctx context.Context, r pg.Reader, hash []byte) (*survey.Survey, error) {
	rows, err := r.Query(ctx, `
		SELECT evaluation_id, s.title, s.introduction, s.questions, s.closes_on, s.ended, s.links, s.replies
		FROM survey_link
		JOIN survey s USING (evaluation_id)
		WHERE hash = $1`, hash)
	if err != nil {
		return nil, err
	}
	return linked(pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[survey.Survey]))
}

// UseSurveyLink deletes a link and returns its survey, locked. Errors:
// SURVEY_LINK_INVALID.
func UseSurveyLink(ctx context.Context, tx *pg.Tx, hash []byte) (*survey.Survey, error) {
	var evaluationID string
	err := tx.QueryRow(ctx, `
		DELETE FROM survey_link
		WHERE hash = $1
		RETURNING evaluation_id`, hash).Scan(&evaluationID)
	if pg.IsNoRows(err) {
		return nil, survey.ErrLinkInvalid
	}
	if err != nil {
		return nil, err
	}
	return linked(LockSurvey(ctx, tx, evaluationID))
}

func linked(s *survey.Survey, err error) (*survey.Survey, error) {
	if pg.IsNoRows(err) {
		return nil, survey.ErrLinkInvalid
	}
	return s, err
}

// AddReply queues a reply to a locked survey: its scores as counts, its text by
// itself under an id of chance.
func AddReply(tx *pg.Tx, evaluationID string, scores []survey.Score, textID, text string) {
	for _, s := range scores {
		tx.Queue(`
			INSERT INTO survey_count (evaluation_id, question_no, score, replies)
			VALUES ($1, $2, $3, 1)
			ON CONFLICT ON CONSTRAINT survey_count_pkey
			DO UPDATE SET replies = survey_count.replies + 1`, evaluationID, s.No, s.Score)
	}
	if text != "" {
		tx.Queue(`
			INSERT INTO survey_text (id, evaluation_id, text)
			VALUES ($1, $2, $3)`, textID, evaluationID, text)
	}
}

// SurveyText is the text of one reply.
type SurveyText struct{ ID, Text string }

// ListSurveyTexts reads one more than a page of the texts, in an order of chance.
func ListSurveyTexts(ctx context.Context, r pg.Reader, evaluationID string, page pg.Page) ([]SurveyText, error) {
	rows, err := r.Query(ctx, `
		SELECT id, text
		FROM survey_text
		WHERE evaluation_id = $1 AND id > $2::uuid
		ORDER BY id
		LIMIT $3`, evaluationID, page.AfterID(pg.NilID), page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[SurveyText])
}
