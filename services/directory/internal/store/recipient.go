package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// RecipientLimit is how many people of one audience are told at most.
const RecipientLimit = 50

// Audience is whom something concerns: one of the three, with functions.
type Audience struct {
	OrganizationID string
	DepartmentID   string
	PersonID       string
	Roles          []string // Of members or of staff, without ROLE_.
}

// Recipient is a person of an audience with the verified address.
type Recipient struct {
	Audience int    `db:"audience"` // Its place, from 0.
	PersonID string `db:"person_id"`
	Email    string `db:"email"`
}

// recipientsSQL asks for each audience its own bounded question.
const recipientsSQL = `
	SELECT (a.place - 1)::integer AS audience, r.person_id, r.email
	FROM unnest(@organizations::uuid[], @departments::uuid[], @persons::uuid[], @roles::text[])
		WITH ORDINALITY AS a (organization_id, department_id, person_id, roles, place)
	CROSS JOIN LATERAL (
		(
			SELECT p.id::text AS person_id, p.email
			FROM member AS m
			JOIN organization AS o ON o.id = m.organization_id AND o.state NOT IN ('CLOSED', 'MERGED')
			JOIN person AS p ON p.id = m.person_id AND p.email_verified AND p.email <> ''
			WHERE m.organization_id = a.organization_id AND m.state = 'ACTIVE' AND m.role = ANY(string_to_array(a.roles, ' '))
				AND NOT EXISTS (
					SELECT FROM staff_assignment AS s
					WHERE s.person_id = m.person_id AND s.removed_at IS NULL
						AND s.valid_from <= @today AND COALESCE(s.valid_to, 'infinity') >= @today)
			ORDER BY m.created_at, m.id
			LIMIT @limit
		)
		UNION ALL
		(
			SELECT p.id::text, p.email
			FROM staff_assignment AS s
			JOIN person AS p ON p.id = s.person_id AND p.email_verified AND p.email <> ''
			WHERE s.department_id = a.department_id AND s.removed_at IS NULL AND s.roles && string_to_array(a.roles, ' ')
				AND s.valid_from <= @today AND COALESCE(s.valid_to, 'infinity') >= @today
			ORDER BY s.created_at, s.id
			LIMIT @limit
		)
		UNION ALL
		SELECT p.id::text, p.email
		FROM person AS p
		WHERE p.id = a.person_id AND p.email_verified AND p.email <> ''
	) AS r
	ORDER BY a.place, r.person_id`

// Recipients returns the people of the audiences who have a verified address
// today, by audience.
func Recipients(ctx context.Context, r pg.Reader, audiences []Audience, today jp.Date) ([]*Recipient, error) {
	var organizations, departments, persons []*string
	var roles []string
	for _, a := range audiences {
		organizations, departments = append(organizations, pg.Null(a.OrganizationID)), append(departments, pg.Null(a.DepartmentID))
		persons, roles = append(persons, pg.Null(a.PersonID)), append(roles, strings.Join(a.Roles, " "))
	}
	return many[Recipient](ctx, r, recipientsSQL, pgx.StrictNamedArgs{
		"organizations": organizations, "departments": departments, "persons": persons, "roles": roles,
		"today": today, "limit": RecipientLimit,
	})
}
