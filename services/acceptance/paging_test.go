package acceptance

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestPages walks lists in pages of two and compares them with the whole.
func TestPages(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		call := c.publishedCall(nil)
		rep := somebody("rep")
		organization := c.organization(rep, "頁の会 "+rep)
		for i := range 7 {
			c.draftOf(rep, organization, call, obj{"title": fmt.Sprintf("頁をめくる提案 %d", i)})
		}
		for _, list := range []struct {
			as, rpc, field string
			in             obj
		}{
			{rep, "ListProposals", "proposals", obj{"callId": call.str("id")}},
			{"", "ListProposals", "proposals", obj{"fiscalYear": 2002, "orderBy": "number"}},
			{"", "ListProposals", "proposals", obj{"fiscalYear": 2002, "orderBy": "number desc"}},
			{"", "ListDepartments", "departments", obj{}},
			{"", "ListOrganizations", "organizations", obj{"kind": "UNIVERSITY"}},
			{"", "ListOrganizations", "organizations", obj{"kind": "UNIVERSITY", "orderBy": "updateTime"}},
			{"", "SearchOrganizations", "organizations", obj{"q": "大学"}},
			{rep, "ListMembers", "members", obj{"organizationId": organization}},
			{"auditor", "ListAuditEntries", "auditEntries", obj{"objectType": "organization", "objectId": organization}},
		} {
			c.pages(list.as, list.rpc, list.field, list.in)
		}
	})
}

// pages checks that pages of two hold what one large page holds, in its order.
func (c *client) pages(as, rpc, field string, in obj) {
	c.t.Helper()
	whole := ids(c.all(as, rpc, field, merge(obj{"pageSize": 200}, in)))
	parts := ids(c.all(as, rpc, field, merge(obj{"pageSize": 2}, in)))
	if len(whole) == 0 || !slices.Equal(whole, parts) {
		c.t.Errorf("%s %v: pages of two hold\n%v, one page holds\n%v", rpc, in, parts, whole)
	}
	first := c.ok(as, rpc, merge(obj{"pageSize": 2}, in))
	if n := len(first.list(field)); n > 2 {
		c.t.Errorf("%s: a page of two has %d", rpc, n)
	}
	// More than 200 is cut to 200, a negative size is refused.
	c.ok(as, rpc, merge(obj{"pageSize": 1_000_000}, in))
	c.refused(as, rpc, "INVALID_PAGE_SIZE", merge(obj{"pageSize": -1}, in))
	token := first.str("nextPageToken")
	if token == "" {
		return
	}
	c.refused(as, rpc, "INVALID_PAGE_TOKEN", merge(obj{"pageToken": "x"}, in))
	for _, i := range []int{0, len(token) / 2, len(token) - 2} {
		c.refused(as, rpc, "INVALID_PAGE_TOKEN", merge(obj{"pageToken": token[:i] + swap(token[i]) + token[i+1:]}, in))
	}
}

func swap(b byte) string {
	if b == 'A' {
		return "B"
	}
	return "A"
}

func ids(list []answer) []string {
	var out []string
	for _, a := range list {
		out = append(out, a.str("service")+a.str("id"))
	}
	return out
}

// TestPageTokenBelongsToItsFilter uses a token with another filter, another list
// and as another person.
func TestPageTokenBelongsToItsFilter(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		token := c.ok("", "ListProposals", obj{"fiscalYear": 2002, "pageSize": 2}).str("nextPageToken")
		if token == "" {
			t.Fatal("the list of 2002 has one page")
		}
		c.refused("", "ListProposals", "PAGE_TOKEN_MISMATCH", obj{"fiscalYear": 2003, "pageSize": 2, "pageToken": token})
		c.refused("", "ListProposals", "PAGE_TOKEN_MISMATCH", obj{"fiscalYear": 2002, "orderBy": "number", "pageToken": token})
		_, err := c.try("", "ListDepartments", obj{"pageToken": token})
		if reason := reasonOf(err); !strings.Contains(reason, "PAGE_TOKEN") {
			t.Errorf("another list takes the token: %q", reason)
		}
		// The size is no part of the filter.
		c.ok("", "ListProposals", obj{"fiscalYear": 2002, "pageSize": 3, "pageToken": token})
		// Nobody gets more with the token of somebody who sees more.
		call, outsider := c.publishedCall(nil), "member2"
		p, q := c.draft(call, "頁の一"), c.draft(call, "頁の二")
		for _, d := range []*course{p, q} {
			d.step(d.rep, "SubmitProposal", "SUBMITTED", nil)
		}
		staffs := c.ok("desk", "ListProposals", obj{"callId": call.str("id"), "pageSize": 1}).str("nextPageToken")
		a, err := c.try(outsider, "ListProposals", obj{"callId": call.str("id"), "pageSize": 1, "pageToken": staffs})
		if len(a.list("proposals")) > 0 {
			t.Errorf("with the desk's token %s reads %s (%v)", outsider, a.text(), err)
		}
	})
}
