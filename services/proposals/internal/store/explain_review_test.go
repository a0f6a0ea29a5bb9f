package store

import (
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/meeting"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// manyReviews adds to 100,000 proposals in 20 calls as many sheets of 500
// reviewers, one in a hundred of them pending, and as many meetings; one proposal
// in a thousand is without an owner.
const manyReviews = manyProposals + `
	INSERT INTO review_phase (id, call_id, no, name, floor_x100, closed, venue, presentations, created_at, version)
	SELECT id, id, 1, 'x', 0, true, '', '[]', now(), 1
	FROM call;
	INSERT INTO review (
		id, phase_id, call_id, proposal_id, reviewer_id, state, scores, comment, reason, created_by, created_at, updated_at,
		version)
	SELECT id, call_id, call_id, id, 'reviewer' || row_number() OVER () % 500,
		CASE WHEN serial % 100 = 0 THEN 'ASSIGNED' ELSE 'SUBMITTED' END, '[]', '', '', 'x', now(), now(), 1
	FROM proposal;
	UPDATE proposal
	SET unowned_since = submitted_at, escalated_at = CASE WHEN serial % 100 = 0 THEN now() END
	WHERE serial % 50 = 0 AND submitted_at IS NOT NULL;
	INSERT INTO meeting (
		id, title, start_at, place, agenda, attendees, proposal_ids, organization_ids, department_ids, state, minutes,
		created_by, created_at, updated_at, version)
	SELECT id, 'x', updated_at, '', '[]', '[]', ARRAY[id], ARRAY[organization_id], department_ids,
		CASE WHEN serial % 100 = 0 THEN 'RECORDED' WHEN serial % 2 = 0 THEN 'CONFIRMED' ELSE 'PUBLISHED' END, '{"version": 1}',
		'x', now(), now(), 1
	FROM proposal;
	ANALYZE;`

func TestReviewAndMeetingListsUseIndexes(t *testing.T) {
	t.Parallel()
	db := filled(t, manyReviews)
	var call string
	if err := db.Pool().QueryRow(t.Context(), `SELECT id FROM call LIMIT 1`).Scan(&call); err != nil {
		t.Fatal(err)
	}
	organization, department := "a0000000-0000-7000-8000-000000000007", "d0000000-0000-7000-8000-000000000007"
	of := "b0000000-0000-7000-8000-000000000777"
	reviewer, desk := proposal.Reader{ID: "reviewer7", Reviewer: true}, proposal.Reader{ID: "desk", Desk: true}
	first := pg.Page{Size: 50}
	lists := map[string]asked{}
	for name, q := range map[string]struct {
		by proposal.Reader
		f  ReviewFilter
	}{
		"queue": {reviewer, ReviewFilter{}}, "queue, pending": {reviewer, ReviewFilter{Pending: true}},
		"queue, done": {reviewer, ReviewFilter{Done: true}}, "reviews": {desk, ReviewFilter{}},
		"reviews, pending": {desk, ReviewFilter{Pending: true}}, "reviews, proposal": {desk, ReviewFilter{ProposalID: of}},
		"reviews, call": {desk, ReviewFilter{CallID: call}},
	} {
		sql, args := reviewListSQL(q.by, q.f, first)
		lists[name] = asked{sql: sql, args: args}
	}
	later := pg.Page{Size: 50, After: []string{time.Now().Add(-500 * time.Hour).Format(time.RFC3339Nano), organization}}
	for name, q := range map[string]struct {
		by   proposal.Reader
		f    MeetingFilter
		page pg.Page
	}{
		"meetings": {proposal.Reader{}, MeetingFilter{}, later}, "meetings, desk": {desk, MeetingFilter{}, later},
		"meetings, desk, recorded": {desk, MeetingFilter{State: meeting.Recorded}, first},
		"meetings, member":         {proposal.Reader{Members: []string{organization}}, MeetingFilter{}, first},
		"meetings, staff":          {proposal.Reader{Staff: true, Department: department}, MeetingFilter{}, first},
		"meetings, proposal":       {proposal.Reader{}, MeetingFilter{ProposalID: of}, first},
	} {
		sql, args, err := meetingListSQL(q.by, q.f, q.page)
		if err != nil {
			t.Fatal(err)
		}
		lists[name] = asked{sql: sql, args: args}
	}
	for name, escalated := range map[string]bool{"unowned": false, "unowned, escalated": true} {
		sql, args, err := unownedSQL(escalated, first)
		if err != nil {
			t.Fatal(err)
		}
		lists[name] = asked{sql: sql, args: args}
	}
	sql, args, err := listSQL(reviewer, ProposalFilter{}, later)
	if err != nil {
		t.Fatal(err)
	}
	lists["proposals of a reviewer"] = asked{sql: sql, args: args}
	for name, by := range map[string]proposal.Reader{
		"desk": desk, "staff": {Staff: true, Department: department}, "approver": {ID: "x", Approver: true},
		"reviewer": reviewer, "head": {Represents: []string{organization}},
	} {
		sql, args := dutySQL(by, 101)
		lists["duties of "+name] = asked{sql: sql, args: args}
	}
	lists["summary"] = asked{sql: reviewOfSelect + ` WHERE r.proposal_id = $1 GROUP BY h.id, p.id, c.id`, rest: []any{of}}
	reads(t, db, lists, "review r", "review v", "meeting m", "proposal p")
}
