package store

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

const (
	headColumns = `
	p.id, p.kind, p.state, p.organization_id, p.department_id, p.project_id, p.source, p.title, p.summary, p.topics,
	p.public_until, p.event, p.opportunity, p.credits, p.confirmations, p.created_by, p.edited_by, p.requested_by, p.approved_by,
	p.return_reason, p.withdraw_reason, p.publish_at, p.was_public, p.revision, p.created_at, p.updated_at, p.changed_at,
	p.sequence, p.version,
	(SELECT o.name FROM organization_ref o WHERE o.id = p.organization_id) AS organization_name,
	(SELECT d.full_name FROM department_ref d WHERE d.id = p.department_id) AS department_name`
	textColumns = `, p.body, p.plain_ja`
)

// scanHead reads a row of headColumns, and of textColumns into more.
func scanHead(row pgx.CollectableRow, p *publication.Publication, more ...any) error {
	var (
		organization, department, project, source *string
		organizationName, departmentName          *string
		until                                     *jp.Date
		publishAt, changedAt                      *time.Time
	)
	err := row.Scan(append([]any{
		&p.ID, &p.Kind, &p.State, &organization, &department, &project, &source, &p.Title, &p.Summary, &p.Topics,
		&until, &p.Event, &p.Opportunity, &p.Credits, &p.Confirmations, &p.CreatedBy, &p.EditedBy, &p.RequestedBy, &p.ApprovedBy,
		&p.ReturnReason, &p.WithdrawReason, &publishAt, &p.WasPublic, &p.Revision, &p.CreatedAt, &p.UpdatedAt, &changedAt,
		&p.Sequence, &p.Version, &organizationName, &departmentName,
	}, more...)...)
	p.OrganizationID, p.DepartmentID, p.ProjectID, p.Source = pg.Or(organization), pg.Or(department), pg.Or(project), pg.Or(source)
	p.Names = publication.Names{Organization: pg.Or(organizationName), Department: pg.Or(departmentName)}
	p.PublicUntil, p.PublishAt, p.ChangedAt = pg.Or(until), pg.Or(publishAt), pg.Or(changedAt)
	return err
}

// scanPublication reads a row of headColumns and textColumns.
func scanPublication(row pgx.CollectableRow) (*publication.Publication, error) {
	p := &publication.Publication{}
	return p, scanHead(row, p, &p.Body, &p.PlainJa)
}

// searchTexts are the texts in which a publication is found.
func searchTexts(p *publication.Publication) []string {
	texts := append([]string{p.Title, p.Summary, p.Body}, p.Credits.Names()...)
	if e := p.Event; e != nil {
		texts = append(texts, e.TitleKana, e.Subtitle, e.Place.Name, e.Place.Address.Line(), e.Type, strings.Join(e.Keywords, " "))
	}
	if o := p.Opportunity; o != nil {
		texts = append(texts, o.Purpose, o.Role, o.Place.Name, o.Place.Address.Line(), o.Station, o.Requirements)
	}
	return slices.DeleteFunc(texts, func(t string) bool { return t == "" })
}

func publicationArgs(p *publication.Publication) pgx.StrictNamedArgs {
	keys := searchTexts(p)
	for i := range keys {
		keys[i] = jp.SearchKey(keys[i])
	}
	args := pgx.StrictNamedArgs{
		"id": p.ID, "state": p.State, "organization_id": pg.Null(p.OrganizationID), "department_id": pg.Null(p.DepartmentID),
		"project_id": pg.Null(p.ProjectID), "title": p.Title, "summary": p.Summary, "body": p.Body, "plain_ja": p.PlainJa,
		"topics": pg.List(p.Topics), "public_until": pg.Null(p.PublicUntil), "event": p.Event, "opportunity": p.Opportunity, "facets": []string{}, "starts_on": "infinity", "last_on": "infinity",
		"occurs": nil, "credits": append(credit.Lines{}, p.Credits...), "named": named(p),
		"confirmations": pg.List(p.Confirmations), "collaboration": p.Collaboration(), "confirmed": len(p.Unconfirmed()) == 0,
		"visible": p.Visible(), "was_public": p.WasPublic, "edited_by": p.EditedBy, "requested_by": p.RequestedBy,
		"approved_by": p.ApprovedBy, "return_reason": p.ReturnReason, "withdraw_reason": p.WithdrawReason,
		"publish_at": pg.Null(p.PublishAt), "ends_on": pg.Null(p.LastPublicOn()), "revision": p.Revision,
		"search_key": strings.Join(keys, " "), "terms": pg.List(jp.IndexTerms(keys...)), "updated_at": p.UpdatedAt,
		"changed_at": pg.Null(p.ChangedAt), "sequence": p.Sequence, "version": p.Version,
	}
	if p.Event != nil && !p.Event.StartsOn.IsZero() {
		args["starts_on"], args["last_on"], args["occurs"] = p.Event.StartsOn.String(), p.Event.LastOn().String(), occurs(p)
	}
	if o := p.Opportunity; o != nil {
		args["facets"] = o.Facets()
		if !o.StartsOn.IsZero() {
			args["starts_on"], args["last_on"] = o.StartsOn.String(), o.LastOn().String()
			args["occurs"] = "{[" + o.StartsOn.String() + "," + o.LastOn().String() + "]}"
		}
	}
	return args
}

// named are the owner and all who are credited.
func named(p *publication.Publication) []string {
	ids := append(p.Credits.Organizations(), p.Credits.Departments()...)
	for _, id := range []string{p.OrganizationID, p.DepartmentID} {
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// occurs writes the days of all occurrences as a multirange.
func occurs(p *publication.Publication) string {
	days := 0
	if e := p.Event; !e.EndsOn.IsZero() {
		days = e.StartsOn.DaysUntil(e.EndsOn)
	}
	firsts := p.Event.OccursOn
	if len(firsts) == 0 {
		firsts = []jp.Date{p.Event.StartsOn}
	}
	ranges := make([]string, len(firsts))
	for i, d := range firsts {
		ranges[i] = "[" + d.String() + "," + d.AddDays(days).String() + "]"
	}
	return "{" + strings.Join(ranges, ",") + "}"
}

// InsertPublication adds a draft. A second one of the same source is not added,
// and that is reported.
func InsertPublication(ctx context.Context, tx *pg.Tx, p *publication.Publication) (bool, error) {
	p.CreatedAt, p.UpdatedAt, p.Version = tx.Now, tx.Now, 1
	args := publicationArgs(p)
	args["kind"], args["source"], args["created_by"] = p.Kind, pg.Null(p.Source), p.CreatedBy
	tag, err := tx.Exec(ctx, `
		INSERT INTO publication (
			id, kind, state, organization_id, department_id, project_id, source, title, summary, body, plain_ja, topics,
			public_until, event, opportunity, facets, starts_on, last_on, occurs, credits, named, confirmations, collaboration, confirmed, visible,
			was_public, created_by, edited_by, requested_by, approved_by, return_reason, withdraw_reason, publish_at, ends_on,
			revision, search_key, search, created_at, updated_at, changed_at, sequence, version)
		VALUES (
			@id, @kind, @state, @organization_id, @department_id, @project_id, @source, @title, @summary, @body, @plain_ja,
			@topics, @public_until, @event, @opportunity, @facets, @starts_on, @last_on, @occurs, @credits, @named, @confirmations, @collaboration,
			@confirmed, @visible, @was_public, @created_by, @edited_by, @requested_by, @approved_by, @return_reason,
			@withdraw_reason, @publish_at, @ends_on, @revision, @search_key, array_to_tsvector(@terms), @updated_at,
			@updated_at, @changed_at, @sequence, @version)
		ON CONFLICT ON CONSTRAINT publication_source_unique DO NOTHING`, args)
	return tag.RowsAffected() == 1, err
}

// UpdatePublication queues the write of a locked publication and counts its
// version up.
func UpdatePublication(tx *pg.Tx, p *publication.Publication) {
	p.UpdatedAt = tx.Now
	tx.Queue(updatePublication, publicationArgs(p))
	p.Version++
}

// WritePublication is UpdatePublication at once, where the transaction reads it
// again.
func WritePublication(ctx context.Context, tx *pg.Tx, p *publication.Publication) error {
	p.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, updatePublication, publicationArgs(p))
	p.Version++
	return err
}

const updatePublication = `
		UPDATE publication
		SET state = @state, organization_id = @organization_id, department_id = @department_id, project_id = @project_id,
			title = @title, summary = @summary, body = @body, plain_ja = @plain_ja, topics = @topics,
			public_until = @public_until, event = @event, opportunity = @opportunity, facets = @facets, starts_on = @starts_on, last_on = @last_on, occurs = @occurs,
			credits = @credits, named = @named, confirmations = @confirmations, collaboration = @collaboration,
			confirmed = @confirmed, visible = @visible, was_public = @was_public, edited_by = @edited_by,
			requested_by = @requested_by, approved_by = @approved_by, return_reason = @return_reason,
			withdraw_reason = @withdraw_reason, publish_at = @publish_at, ends_on = @ends_on, revision = @revision,
			search_key = @search_key, search = array_to_tsvector(@terms), updated_at = @updated_at,
			changed_at = @changed_at, sequence = @sequence, version = version + 1
		WHERE id = @id AND version = @version`

// AddRevision queues the version that is put forward.
func AddRevision(tx *pg.Tx, p *publication.Publication) {
	tx.Queue(`
		INSERT INTO publication_revision (publication_id, number, content, created_by, created_at)
		VALUES ($1, $2, $3, $4, $5)`, p.ID, p.Revision, p.Content, p.RequestedBy, tx.Now)
}

// Revision is a kept version.
type Revision struct {
	Number    int
	Content   publication.Content
	CreatedAt time.Time
}

// RevisionAfter are the sort values of a row, for a page token.
func RevisionAfter(r Revision) []string { return []string{strconv.Itoa(r.Number)} }

// ListRevisions reads one more than a page of the versions, newest first.
func ListRevisions(ctx context.Context, r pg.Reader, id string, page pg.Page) ([]Revision, error) {
	before, err := page.AfterNumber(math.MaxInt32)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, `
		SELECT number, content, created_at
		FROM publication_revision
		WHERE publication_id = $1 AND number < $2
		ORDER BY number DESC
		LIMIT $3`, id, before, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Revision])
}

// GetPublication reads a publication of a kind that the reader sees. Errors:
// RESOURCE_NOT_FOUND.
func GetPublication(ctx context.Context, r pg.Reader, of Ref, by publication.Reader) (*publication.Publication, error) {
	return onePublication(ctx, r, of, by, "")
}

// LockPublication reads a publication that the reader sees, for a change of it.
// Errors: RESOURCE_NOT_FOUND.
func LockPublication(ctx context.Context, tx *pg.Tx, of Ref, by publication.Reader) (*publication.Publication, error) {
	return onePublication(ctx, tx, of, by, "FOR UPDATE OF p")
}

// Ref names a publication; one of another kind with the identifier is not it.
type Ref struct {
	Kind publication.Kind
	ID   string
}

func onePublication(ctx context.Context, r pg.Reader, of Ref, by publication.Reader, lock string) (*publication.Publication, error) {
	s := scopeOf(by)
	s.args["id"], s.args["kind"] = of.ID, of.Kind
	rows, err := r.Query(ctx, `
		SELECT `+headColumns+textColumns+`
		FROM publication p
		WHERE p.id = @id AND p.kind = @kind AND (`+s.any()+`)
		`+lock, s.args)
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPublication)
	return p, pg.Found(err)
}

// PublicationsOf reads publications by their ids, whoever may see them, without
// their long texts.
func PublicationsOf(ctx context.Context, r pg.Reader, ids []string) (map[string]*publication.Publication, error) {
	rows, err := r.Query(ctx, `
		SELECT `+headColumns+`
		FROM publication p
		WHERE p.id = ANY($1::uuid[])`, pg.List(ids))
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*publication.Publication, error) {
		p := &publication.Publication{}
		return p, scanHead(row, p)
	})
	out := map[string]*publication.Publication{}
	for _, p := range all {
		out[p.ID] = p
	}
	return out, err
}

// LockBySource reads what was drafted from a source. Errors: RESOURCE_NOT_FOUND.
func LockBySource(ctx context.Context, tx *pg.Tx, source string) (*publication.Publication, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+headColumns+textColumns+`
		FROM publication p
		WHERE p.source = $1
		FOR UPDATE OF p`, source)
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPublication)
	return p, pg.Found(err)
}

// LockNaming reads up to 100 publications that name an organization, in the order
// of their ids.
func LockNaming(ctx context.Context, tx *pg.Tx, organizationID string) ([]*publication.Publication, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+headColumns+textColumns+`
		FROM publication p
		WHERE p.named @> ARRAY[$1::uuid]
		ORDER BY p.id
		LIMIT 100
		FOR UPDATE OF p`, organizationID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPublication)
}

// DuePublications returns up to 100 scheduled publications whose time has come,
// and published ones whose last day is before today.
func DuePublications(ctx context.Context, r pg.Reader, now time.Time) ([]Ref, error) {
	rows, err := r.Query(ctx, `
		(SELECT kind, id
		FROM publication
		WHERE state = 'SCHEDULED' AND publish_at <= $1
		ORDER BY publish_at, id
		LIMIT 100)
		UNION ALL
		(SELECT kind, id
		FROM publication
		WHERE state = 'PUBLISHED' AND ends_on < $2
		ORDER BY ends_on, id
		LIMIT 100)`, now, jp.DateOf(now))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Ref])
}

// AnybodyWrote reports whether a person has written anything yet; drafts of
// consumers do not count.
func AnybodyWrote(ctx context.Context, r pg.Reader) (bool, error) {
	var yes bool
	err := r.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT
			FROM publication
			WHERE source IS NULL)`).Scan(&yes)
	return yes, err
}
