package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
)

// NewsletterTopics reads all topics, in their order; there are few.
func NewsletterTopics(ctx context.Context, r pg.Reader) (newsletter.Topics, error) {
	rows, err := r.Query(ctx, `
		SELECT code, name, description, sections, ended, position, version
		FROM newsletter_topic
		ORDER BY position, code
		LIMIT $1`, newsletter.TopicLimit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[newsletter.Topic])
}

// InsertNewsletterTopic adds a topic. Errors: TOPIC_EXISTS, TOPIC_LIMIT_REACHED.
func InsertNewsletterTopic(ctx context.Context, tx *pg.Tx, t *newsletter.Topic) error {
	if _, err := tx.Exec(ctx, `LOCK TABLE newsletter_topic IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO newsletter_topic (code, name, description, sections, ended, position, version)
		SELECT $1, $2, $3, $4, $5, $6, 1
		WHERE (SELECT count(*) FROM newsletter_topic) < $7`,
		t.Code, t.Name, t.Description, pg.List(t.Sections), t.Ended, t.Position, newsletter.TopicLimit)
	if err == nil && tag.RowsAffected() == 0 {
		return newsletter.ErrTopicLimit
	}
	t.Version = 1
	return pg.Refuse(err, map[string]*fault.Error{"newsletter_topic_pkey": newsletter.ErrTopicExists})
}

// LockNewsletterTopic reads a topic for a change. Errors: RESOURCE_NOT_FOUND.
func LockNewsletterTopic(ctx context.Context, tx *pg.Tx, code string) (*newsletter.Topic, error) {
	rows, err := tx.Query(ctx, `
		SELECT code, name, description, sections, ended, position, version
		FROM newsletter_topic
		WHERE code = $1
		FOR UPDATE`, code)
	if err != nil {
		return nil, err
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[newsletter.Topic])
	return t, pg.Found(err)
}

// UpdateNewsletterTopic writes a locked topic with its next version.
func UpdateNewsletterTopic(ctx context.Context, tx *pg.Tx, t *newsletter.Topic) error {
	t.Version++
	_, err := tx.Exec(ctx, `
		UPDATE newsletter_topic
		SET name = $2, description = $3, sections = $4, ended = $5, position = $6, version = $7
		WHERE code = $1`, t.Code, t.Name, t.Description, pg.List(t.Sections), t.Ended, t.Position, t.Version)
	return err
}

// CountReaders counts readers by state, and those that get issues by topic.
func CountReaders(ctx context.Context, r pg.Reader) (states map[newsletter.ReaderState]int, topics map[string]int, err error) {
	states, topics = map[newsletter.ReaderState]int{}, map[string]int{}
	rows, err := r.Query(ctx, `
		SELECT state, '', count(*)::integer
		FROM newsletter_reader
		GROUP BY state
		UNION ALL
		SELECT '', topic, count(*)::integer
		FROM newsletter_reader, unnest(topics) AS topic
		WHERE state = 'ACTIVE'
		GROUP BY topic`)
	if err != nil {
		return nil, nil, err
	}
	var state, topic string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&state, &topic, &n}, func() error {
		if state != "" {
			states[newsletter.ReaderState(state)] = n
		} else {
			topics[topic] = n
		}
		return nil
	})
	return states, topics, err
}
