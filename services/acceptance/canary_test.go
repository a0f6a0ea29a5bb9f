package acceptance

import (
	"fmt"
	"strings"
	"time"
)

// keeps checks that none of the words can be read by anybody outside: neither
// without a token nor by a person who has no part in the proposal, in no
// answer, list, search, statistics or event, and not in the server's log.
func (p *course) keeps(words ...string) {
	p.t.Helper()
	for _, person := range []string{"", "resident", "member2", "coordinator", "reviewer"} {
		for what, text := range p.outside(person) {
			contains(p.client, what+" as "+person, text, words)
		}
	}
	contains(p.client, "the log", p.world.log(), words)
	contains(p.client, "the events", p.eventsWritten(), words)
}

func contains(c *client, what, text string, words []string) {
	c.t.Helper()
	for _, word := range words {
		if i := strings.Index(text, word); i >= 0 {
			c.t.Errorf("%s shows %q: …%s…", what, word, text[max(0, i-200):min(len(text), i+100)])
		}
	}
}

// outside is everything that a person without a part reads.
func (p *course) outside(person string) map[string]string {
	p.t.Helper()
	out := map[string]string{}
	read := func(name string, in obj) {
		a, err := p.try(person, name, in)
		if err != nil {
			out[fmt.Sprint(name, in)] = explain(err)
			return
		}
		out[fmt.Sprint(name, in)] = a.text()
	}
	read("GetProposal", obj{"id": p.id})
	read("ListProposals", obj{"callId": p.call.str("id")})
	read("ListProposals", obj{"q": "読み聞かせ", "pageSize": 200})
	read("ListProgress", obj{"proposalId": p.id})
	read("ListCallProgress", obj{"callId": p.call.str("id")})
	read("GetCallStatistics", obj{"id": p.call.str("id")})
	read("ListLogEntries", obj{"proposalId": p.id})
	read("ListRevisions", obj{"proposalId": p.id})
	read("GetRevision", obj{"proposalId": p.id, "number": 1})
	read("ListAttachments", obj{"proposalId": p.id})
	read("GetOrganization", obj{"id": p.organization})
	read("ListOrganizations", obj{"pageSize": 200, "orderBy": "updateTime"})
	read("SearchOrganizations", obj{"q": "物語を書く会"})
	read("ListMembers", obj{"organizationId": p.organization})
	read("UpdateProposal", obj{"id": p.id, "proposal": obj{"content": obj{"title": "x"}}, "updateMask": "content.title", "etag": `"1"`})
	return out
}

// eventsWritten are all events with all visibilities, as the services wrote
// them: no personal data and no free text in any.
func (p *course) eventsWritten() string {
	p.t.Helper()
	db := p.world.database(p.t)
	var all strings.Builder
	for _, schema := range []string{"directory", "proposals"} {
		rows, err := db.Query(p.t.Context(), `SELECT headers::text || convert_from(data, 'UTF8') FROM `+schema+`.event_log`)
		if err != nil {
			p.t.Fatal(err)
		}
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				p.t.Fatal(err)
			}
			all.WriteString(text + "\n")
		}
		if err := rows.Err(); err != nil {
			p.t.Fatal(err)
		}
	}
	return all.String()
}

// isLogged checks that every step has its entry in the audit log, with actor
// and trace and without names or content.
func (p *course) isLogged() {
	p.t.Helper()
	want := []string{
		"create", "update", "submit", "return", "update", "update", "resubmit", "accept", "assign", "respondToAssignment", "respondToAssignment",
		"startReview", "negotiate", "draftDecision", "returnDecision", "draftDecision", "approveDecision",
	}
	eventually(p.t, 20*time.Second, "the steps are in the audit log, sealed", func() bool {
		var got []string
		entries := p.all("auditor", "ListAuditEntries", "auditEntries", obj{"objectType": "proposal", "objectId": p.id})
		for i := len(entries) - 1; i >= 0; i-- {
			if entries[i].str("seal") == "" || entries[i].str("actor") == "" {
				return false
			}
			got = append(got, strings.TrimPrefix(entries[i].str("action"), "proposals.proposal."))
		}
		return subsequence(got, want)
	})
}

// subsequence reports whether want stands in got in this order.
func subsequence(got, want []string) bool {
	for _, g := range got {
		if len(want) > 0 && g == want[0] {
			want = want[1:]
		}
	}
	return len(want) == 0
}
