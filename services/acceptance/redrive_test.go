package acceptance

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestDeadLettersAreTakenAgain: an event that a service cannot take becomes a dead
// letter; the administrator has it taken again, in vain before the cause is mended
// and for good behind it, and a repeat answers the same and does nothing.
func TestDeadLettersAreTakenAgain(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		db, name := c.world.database(t), "受け取れない会 "+somebody("dead")
		constraint := fmt.Sprintf("test_%d", time.Now().UnixNano())
		exec := func(sql string, args ...any) {
			t.Helper()
			if _, err := db.Exec(t.Context(), sql, args...); err != nil {
				t.Fatal(err)
			}
		}
		exec(`ALTER TABLE outreach.organization_ref ADD CONSTRAINT ` + constraint + ` CHECK (name <> '` + name + `') NOT VALID`)
		t.Cleanup(func() { // t's context is over by then
			_, err := db.Exec(context.Background(), `ALTER TABLE outreach.organization_ref DROP CONSTRAINT IF EXISTS `+constraint)
			if err != nil {
				t.Error(err)
			}
		})
		id := c.organization(somebody("rep"), name)
		mine := func() (text string) {
			for _, l := range c.all("admin", "ListDeadLetters", "deadLetters", obj{"service": "outreach"}) {
				if strings.Contains(l.str("subject"), id) {
					text += l.text()
				}
			}
			return text
		}
		eventually(t, 30*time.Second, "the dead letter", func() bool {
			// The failure before the last one, so that nobody waits a quarter of an hour.
			exec(`UPDATE outreach.inbox_failure SET attempts = 7 WHERE error LIKE '%' || $1 || '%'`, constraint)
			return mine() != ""
		})
		if strings.Contains(mine(), name) {
			t.Errorf("the list has content: %s", mine())
		}

		in := obj{"service": "outreach"}
		c.refused("admin", "RedriveDeadLetters", "REASON_REQUIRED", in)
		why := c.with("Kyodo-Reason", "mended "+constraint)
		why.refused("desk", "RedriveDeadLetters", "PERMISSION_DENIED", in)
		why.refused("admin", "RedriveDeadLetters", "RESOURCE_NOT_FOUND", obj{"service": "nothing"})
		again := why.with("Idempotency-Key", "in-vain-"+constraint)
		vain := again.ok("admin", "RedriveDeadLetters", in)
		if text := vain.text(); !strings.Contains(text, id) || !strings.Contains(text, `"INTERNAL"`) || strings.Contains(text, name) || strings.Contains(text, constraint) || mine() == "" {
			t.Errorf("before the cause is mended: %s", text)
		}
		exec(`ALTER TABLE outreach.organization_ref DROP CONSTRAINT ` + constraint)
		if repeat := again.ok("admin", "RedriveDeadLetters", in); repeat.text() != vain.text() || mine() == "" {
			t.Errorf("a repeat answers %s after %s, or did something", repeat.text(), vain.text())
		}
		done := why.with("Idempotency-Key", "mended-"+constraint).ok("admin", "RedriveDeadLetters", in)
		if mine() != "" || strings.Contains(done.text(), id) {
			t.Errorf("after the cause is mended: %s, left: %s", done.text(), mine())
		}
		var known string
		if err := db.QueryRow(t.Context(), `SELECT name FROM outreach.organization_ref WHERE id = $1`, id).Scan(&known); err != nil || known != name {
			t.Errorf("outreach knows the organization as %q, %v", known, err)
		}
		logged := c.all("auditor", "ListAuditEntries", "auditEntries", obj{"service": "outreach", "objectType": "service", "objectId": "outreach"})
		if n := strings.Count(together(logged), "mended "+constraint); n != 2 {
			t.Errorf("%d entries of the audit log, want one for each call that was no repeat", n)
		}
	})
}
