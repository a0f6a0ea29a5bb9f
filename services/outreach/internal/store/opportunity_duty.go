package store

import "github.com/jackc/pgx/v5"

// opportunityDuties are volunteer calls that a coordinator checks, applications to
// decide and hours to confirm; calls are checked by the desk and approvers like
// other posts.
func opportunityDuties(d *duties, by DutyReader) {
	if by.Intermediary && !by.Desk {
		d.ask(`SELECT 'approve'`+dutyOfPublication+`p.kind = 'OPPORTUNITY' AND p.state = 'PENDING' AND p.organization_id IS NOT NULL
			AND p.opportunity->>'kind' NOT LIKE 'STAFF%'
			AND @me NOT IN (p.created_by, p.edited_by, p.requested_by)`, pgx.StrictNamedArgs{"me": by.ID})
	}
	if by.Staff && by.Department != "" {
		d.askHosts(`p.department_id = @department::uuid`, pgx.StrictNamedArgs{"department": by.Department})
	}
	if len(by.Writers) > 0 {
		d.askHosts(`p.organization_id = ANY(@writers::uuid[])`, pgx.StrictNamedArgs{"writers": by.Writers})
	}
}

// askHosts asks for what waits for who runs a volunteer call.
func (d *duties) askHosts(owned string, args pgx.StrictNamedArgs) {
	for _, w := range []struct{ action, path, from string }{
		{"decideApplications", "/applications", `application w WHERE w.opportunity_id = p.id AND w.state = 'REQUESTED' ORDER BY w.place`},
		{"confirmHours", "/hours", `hours w WHERE w.opportunity_id = p.id AND w.state = 'LOGGED' ORDER BY w.created_at`},
	} {
		d.ask(`SELECT '`+w.action+`', '/v1/opportunities/' || p.id || '`+w.path+`', '', p.title, coalesce(p.organization_id::text, ''), NULL::date, w.created_at
			FROM publication p
			CROSS JOIN LATERAL (SELECT w.created_at FROM `+w.from+` LIMIT 1) AS w
			WHERE p.kind = 'OPPORTUNITY' AND `+owned, args)
	}
}
