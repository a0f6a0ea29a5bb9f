package acceptance

import (
	"strings"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
)

// TestAuditChain changes one byte of the audit log behind the system's back and
// finds it, by the command and by the public RPC.
func TestAuditChain(t *testing.T) {
	w := own(t, "audited")
	c := w.over(t, grpcTransport{w})
	p := c.draft(c.publishedCall(nil), "記録される提案").assigned()
	p.with("kyodo-reason", rpc.EncodeReason("CANARYR 電話の照会に答えるため")).ok("desk", "ListMembers", obj{"organizationId": p.organization})
	eventually(t, 20*time.Second, "all entries are sealed", func() bool {
		for _, e := range c.all("auditor", "ListAuditEntries", "auditEntries", nil) {
			if e.str("seal") == "" {
				return false
			}
		}
		return true
	})
	read := c.all("auditor", "ListAuditEntries", "auditEntries", obj{"service": "directory", "objectType": "organization", "objectId": p.organization})
	if !strings.Contains(together(read), "CANARYR") {
		t.Errorf("the desk's reason for reading members is not in the log: %s", together(read))
	}
	w.verifiesAudit(t)

	db := w.database(t)
	var id int64
	err := db.QueryRow(t.Context(), `
		UPDATE proposals.audit_entry
		SET action = overlay(action PLACING 'X' FROM 1 FOR 1)
		WHERE id = (SELECT min(id) + 1 FROM proposals.audit_entry)
		RETURNING id`).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.kyodo(t, "verify", "audit", "--data", w.data)
	if err == nil || !strings.Contains(out, "proposals: BROKEN") || !strings.Contains(out, "directory: intact") {
		t.Errorf("a changed byte: %v\n%s", err, out)
	}
	broken := chains(c)
	if broken["proposals"].str("intact") == "true" || broken["proposals"].str("brokenAt") == "" || broken["directory"].str("intact") != "true" {
		t.Errorf("a changed byte: %v", broken)
	}
	// Neither service may change or delete what it has logged.
	for _, statement := range []string{
		`UPDATE proposals.audit_entry SET reason = ''`, `DELETE FROM proposals.audit_entry`, `DELETE FROM proposals.audit_seal`, `UPDATE proposals.event_log SET subject = ''`,
		`SELECT count(*) FROM directory.organization`,
	} {
		if _, err := db.Exec(t.Context(), `SET ROLE kyodo_proposals`); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(t.Context(), statement); err == nil {
			t.Errorf("the runtime role may %s", statement)
		}
	}
}

// TestAuditChainIsPublic proves the chains as everybody can.
func TestAuditChainIsPublic(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		intact := chains(c.on(t))
		for _, service := range []string{"directory", "proposals"} {
			if a := intact[service]; a.str("intact") != "true" || a.str("head") == "" || a.str("brokenAt") != "" && a.str("brokenAt") != "0" {
				t.Errorf("the chains are %v", intact)
			}
		}
	})
}

// TestAuditLogByRole reads the log as those who may: auditor, desk and
// administrator all of it, staff what their own department did.
func TestAuditLogByRole(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		p := c.draft(c.publishedCall(nil), "記録を読む提案").assigned()
		about := obj{"objectType": "proposal", "objectId": p.id}
		all := c.all("auditor", "ListAuditEntries", "auditEntries", about)
		for _, person := range []string{"desk", "admin"} {
			if got := c.all(person, "ListAuditEntries", "auditEntries", about); len(got) != len(all) {
				t.Errorf("%s reads %d entries, the auditor %d", person, len(got), len(all))
			}
		}
		for _, person := range []string{"staff", "staff2"} {
			got := c.all(person, "ListAuditEntries", "auditEntries", about)
			if len(got) != 1 || got[0].str("departmentId") != c.departmentOf(person) || got[0].str("action") != "proposals.proposal.respondToAssignment" {
				t.Errorf("%s reads %s", person, together(got))
			}
		}
		c.refused("representative", "ListAuditEntries", "PERMISSION_DENIED", about)
	})
}

// chains returns the state of the chains by service, as everybody reads it.
func chains(c *client) map[string]answer {
	c.t.Helper()
	out := map[string]answer{}
	for _, chain := range c.ok("", "VerifyAuditChain", nil).list("chains") {
		out[chain.str("service")] = chain
	}
	return out
}
