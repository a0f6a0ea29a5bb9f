package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/survey"
)

var surveyConstraints = map[string]*fault.Error{"scheme_survey_reply_once": survey.ErrReplied}

// decidedSQL asks whether a proposal of an organization to a call has its outcome.
const decidedSQL = `
	SELECT EXISTS (
		SELECT
		FROM proposal
		WHERE organization_id = $1 AND call_id = $2
			AND public_state IN ('ADOPTED', 'CONDITIONALLY_ADOPTED', 'REJECTED', 'CARRIED_OVER'))`

// Decided reports whether a proposal of the organization to the call has its
// outcome.
func Decided(ctx context.Context, r pg.Reader, organizationID, callID string) (bool, error) {
	var decided bool
	err := r.QueryRow(ctx, decidedSQL, organizationID, callID).Scan(&decided)
	return decided, err
}

// AddSurveyReply notes that an organization has replied to a call. Errors:
// SURVEY_REPLIED.
func AddSurveyReply(ctx context.Context, tx *pg.Tx, callID, organizationID string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO scheme_survey_reply (call_id, organization_id)
		VALUES ($1, $2)`, callID, organizationID)
	return pg.Refuse(err, surveyConstraints)
}

// CountSurveyReply adds a reply to the figures of its year, which stay locked: its
// scores as counts, its text by itself under an id of chance. With each full five
// replies, all that came so far is shown.
func CountSurveyReply(ctx context.Context, tx *pg.Tx, reply survey.Reply) error {
	var replies int
	err := tx.QueryRow(ctx, `
		INSERT INTO scheme_survey (fiscal_year, replies)
		VALUES ($1, 1)
		ON CONFLICT ON CONSTRAINT scheme_survey_pkey
		DO UPDATE SET replies = scheme_survey.replies + 1
		RETURNING replies`, reply.FiscalYear).Scan(&replies)
	if err != nil {
		return err
	}
	for _, s := range reply.Scores {
		tx.Queue(`
			INSERT INTO scheme_survey_count (fiscal_year, question_no, score, replies)
			VALUES ($1, $2, $3, 1)
			ON CONFLICT ON CONSTRAINT scheme_survey_count_pkey
			DO UPDATE SET replies = scheme_survey_count.replies + 1`, reply.FiscalYear, s.No, s.Score)
	}
	if reply.Text != "" {
		tx.Queue(`
			INSERT INTO scheme_survey_text (id, fiscal_year, text)
			VALUES ($1, $2, $3)`, reply.TextID, reply.FiscalYear, reply.Text)
	}
	if replies%survey.Together == 0 {
		tx.Queue(`
			UPDATE scheme_survey_count
			SET shown = replies
			WHERE fiscal_year = $1`, reply.FiscalYear)
		tx.Queue(`
			UPDATE scheme_survey_text
			SET shown = true
			WHERE fiscal_year = $1 AND NOT shown`, reply.FiscalYear)
	}
	return nil
}

// SurveyCounts reads the replies of a fiscal year that are shown.
func SurveyCounts(ctx context.Context, r pg.Reader, fiscalYear int) (map[survey.Score]int, error) {
	rows, err := r.Query(ctx, `
		SELECT question_no, score, shown
		FROM scheme_survey_count
		WHERE fiscal_year = $1`, fiscalYear)
	if err != nil {
		return nil, err
	}
	var (
		s   survey.Score
		n   int
		out = map[survey.Score]int{}
	)
	_, err = pgx.ForEachRow(rows, []any{&s.No, &s.Score, &n}, func() error {
		out[s] = n
		return nil
	})
	return out, err
}

// SurveyText is the text of one reply.
type SurveyText struct{ ID, Text string }

const surveyTextsSQL = `
	SELECT id, text
	FROM scheme_survey_text
	WHERE fiscal_year = @year::integer AND shown AND id > @after::uuid
	ORDER BY id
	LIMIT @limit`

// ListSurveyTexts reads one more than a page of the texts that are shown, in an
// order of chance.
func ListSurveyTexts(ctx context.Context, r pg.Reader, fiscalYear int, page pg.Page) ([]SurveyText, error) {
	rows, err := r.Query(ctx, surveyTextsSQL, surveyTextsArgs(fiscalYear, page))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[SurveyText])
}

func surveyTextsArgs(fiscalYear int, page pg.Page) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{"year": fiscalYear, "after": page.AfterID(pg.NilID), "limit": page.Size + 1}
}
