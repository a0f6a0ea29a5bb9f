package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/source"
)

const selectSource = `
	SELECT s.id, s.name, s.description, s.kind, s.url, s.site_url, s.organization_id, s.interval_minutes, s.state, s.released,
		s.failures, s.failure, s.status_code, s.etag, s.last_modified, s.modified_at, s.checked_at, s.due_at, s.created_at,
		s.updated_at, s.version, o.name AS organization_name
	FROM source AS s
	LEFT JOIN organization_ref AS o ON o.id = s.organization_id`

func scanSource(row pgx.CollectableRow) (*source.Source, error) {
	var (
		s                  source.Source
		organization, name *string
		minutes            int
		modified, checked  *time.Time
	)
	err := row.Scan(&s.ID, &s.Name, &s.Description, &s.Kind, &s.URL, &s.SiteURL, &organization, &minutes, &s.State, &s.Released,
		&s.Failures, &s.Failure, &s.StatusCode, &s.ETag, &s.LastModified, &modified, &checked, &s.DueAt, &s.CreatedAt,
		&s.UpdatedAt, &s.Version, &name)
	s.OrganizationID, s.OrganizationName, s.Interval = pg.Or(organization), pg.Or(name), time.Duration(minutes)*time.Minute
	s.ModifiedAt, s.CheckedAt = pg.Or(modified), pg.Or(checked)
	return &s, err
}

func sourceArgs(s *source.Source) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{
		"id": s.ID, "name": s.Name, "name_key": jp.SearchKey(s.Name), "description": s.Description, "kind": s.Kind, "url": s.URL,
		"host": s.Host(), "site_url": s.SiteURL, "organization_id": pg.Null(s.OrganizationID),
		"interval_minutes": int(s.Interval / time.Minute), "state": s.State, "released": s.Released, "failures": s.Failures,
		"failure": s.Failure, "status_code": s.StatusCode, "etag": s.ETag, "last_modified": s.LastModified,
		"modified_at": pg.Null(s.ModifiedAt), "checked_at": pg.Null(s.CheckedAt), "due_at": s.DueAt, "updated_at": s.UpdatedAt,
		"version": s.Version,
	}
}

var sourceConstraints = map[string]*fault.Error{"source_url_unique": source.ErrExists}

// InsertSource adds a source. Errors: SOURCE_EXISTS.
func InsertSource(ctx context.Context, tx *pg.Tx, s *source.Source) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO source (
			id, name, name_key, description, kind, url, host, site_url, organization_id, interval_minutes, state, released,
			failures, failure, status_code, etag, last_modified, modified_at, checked_at, due_at, created_at, updated_at, version)
		VALUES (
			@id, @name, @name_key, @description, @kind, @url, @host, @site_url, @organization_id, @interval_minutes, @state,
			@released, @failures, @failure, @status_code, @etag, @last_modified, @modified_at, @checked_at, @due_at, @updated_at,
			@updated_at, @version)`, sourceArgs(s))
	if err != nil {
		return pg.Refuse(err, sourceConstraints)
	}
	return keepHost(ctx, tx, s)
}

func keepHost(ctx context.Context, tx *pg.Tx, s *source.Source) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO source_host (host, free_at)
		VALUES ($1, $2)
		ON CONFLICT ON CONSTRAINT source_host_pkey
		DO NOTHING`, s.Host(), tx.Now)
	return err
}

// UpdateSource writes a locked source with its next version, and shows or hides
// its items. Errors: SOURCE_EXISTS.
func UpdateSource(ctx context.Context, tx *pg.Tx, s *source.Source) error {
	s.UpdatedAt = tx.Now
	s.Version++
	if _, err := tx.Exec(ctx, `
		UPDATE source
		SET name = @name, name_key = @name_key, description = @description, kind = @kind, url = @url, host = @host,
			site_url = @site_url, organization_id = @organization_id, interval_minutes = @interval_minutes, state = @state,
			released = @released, failures = @failures, failure = @failure, status_code = @status_code, etag = @etag,
			last_modified = @last_modified, modified_at = @modified_at, checked_at = @checked_at, due_at = @due_at,
			updated_at = @updated_at, version = @version
		WHERE id = @id`, sourceArgs(s)); err != nil {
		return pg.Refuse(err, sourceConstraints)
	}
	if err := keepHost(ctx, tx, s); err != nil {
		return err
	}
	return showItems(ctx, tx, s)
}

// DeleteSource removes a source with its items.
func DeleteSource(ctx context.Context, tx *pg.Tx, s *source.Source) error {
	if _, err := tx.Exec(ctx, `
		DELETE FROM search_entry
		WHERE id IN (SELECT id FROM item WHERE source_id = $1)`, s.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM source WHERE id = $1`, s.ID)
	return err
}

// dueSource is the source that is due longest among those whose host is free.
const dueSource = `
	SELECT s.id, h.host
	FROM source AS s
	JOIN source_host AS h ON h.host = s.host
	WHERE s.state <> 'PAUSED' AND s.due_at <= @now AND h.free_at <= @now
	ORDER BY s.due_at, s.id
	LIMIT 1
	FOR UPDATE OF s, h SKIP LOCKED`

// ClaimSource takes the source that is due longest among those whose host is free,
// and keeps both from others for the lease; nil for none. What somebody else is
// about to take is passed over.
func ClaimSource(ctx context.Context, tx *pg.Tx, lease time.Duration) (*source.Source, error) {
	rows, err := tx.Query(ctx, `
		WITH due AS (`+dueSource+`), held AS (
			UPDATE source_host AS h
			SET free_at = @until
			FROM due
			WHERE h.host = due.host
		)
		UPDATE source AS s
		SET due_at = @until
		FROM due
		WHERE s.id = due.id
		RETURNING s.id`, pgx.StrictNamedArgs{"now": tx.Now, "until": tx.Now.Add(lease)})
	if err != nil {
		return nil, err
	}
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	if pg.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return oneSource(ctx, tx, selectSource+` WHERE s.id = @id`, pgx.StrictNamedArgs{"id": id})
}

// LockClaimed takes a claimed source to write what was read; nil where it was
// claimed again, changed, paused or removed since.
func LockClaimed(ctx context.Context, tx *pg.Tx, claimed *source.Source) (*source.Source, error) {
	s, err := oneSource(ctx, tx, selectSource+`
		WHERE s.id = @id AND s.due_at = @due_at AND s.url = @url AND s.state <> 'PAUSED'
		FOR UPDATE OF s`, pgx.StrictNamedArgs{"id": claimed.ID, "due_at": claimed.DueAt, "url": claimed.URL})
	if errors.Is(err, fault.ErrNotFound) {
		return nil, nil
	}
	return s, err
}

// KeepReading writes how a reading went and when the host is free again; it is no
// new version.
func KeepReading(ctx context.Context, tx *pg.Tx, s *source.Source, free time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE source_host SET free_at = $2 WHERE host = $1`, s.Host(), free); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE source
		SET failures = $2, failure = $3, status_code = $4, etag = $5, last_modified = $6, modified_at = $7, checked_at = $8, due_at = $9
		WHERE id = $1`,
		s.ID, s.Failures, s.Failure, s.StatusCode, s.ETag, s.LastModified, pg.Null(s.ModifiedAt), s.CheckedAt, s.DueAt)
	return err
}

// sourceScope returns the conditions that hold for active sources and exactly where
// Reader.Inside does.
func sourceScope(by source.Reader) scope {
	s := scope{args: pgx.StrictNamedArgs{}}
	if by.Desk {
		s.branches = []string{`true`}
		return s
	}
	s.branches = []string{`s.state = 'ACTIVE'`}
	if len(by.Members) > 0 {
		s.args["members"] = by.Members
		s.branches = append(s.branches, `s.organization_id = ANY(@members::uuid[])`)
	}
	return s
}

// GetSource reads a source that the reader sees. Errors: RESOURCE_NOT_FOUND.
func GetSource(ctx context.Context, r pg.Reader, id string, by source.Reader) (*source.Source, error) {
	s := sourceScope(by)
	s.args["id"] = id
	return oneSource(ctx, r, selectSource+` WHERE s.id = @id AND (`+s.any()+`)`, s.args)
}

// LockSource is GetSource for a change. Errors: RESOURCE_NOT_FOUND.
func LockSource(ctx context.Context, tx *pg.Tx, id string, by source.Reader) (*source.Source, error) {
	s := sourceScope(by)
	s.args["id"] = id
	return oneSource(ctx, tx, selectSource+` WHERE s.id = @id AND (`+s.any()+`) FOR UPDATE OF s`, s.args)
}

func oneSource(ctx context.Context, r pg.Reader, sql string, args pgx.StrictNamedArgs) (*source.Source, error) {
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	s, err := pgx.CollectExactlyOneRow(rows, scanSource)
	return s, pg.Found(err)
}
