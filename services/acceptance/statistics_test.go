package acceptance

import "testing"

// TestFiscalYear2002 reads the figures of the ward's first call, which the
// sample data hold: 13 organizations, 22 proposals.
func TestFiscalYear2002(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		calls := c.all("", "ListCalls", "calls", obj{"fiscalYear": 2002})
		if len(calls) != 1 {
			t.Fatalf("fiscal year 2002 has %d calls", len(calls))
		}
		for what, a := range map[string]answer{
			"the call": c.ok("", "GetCallStatistics", obj{"id": calls[0].str("id")}),
			"the year": c.ok("", "GetProposalStatistics", obj{"fiscalYear": 2002}),
		} {
			if a.str("statistics.organizations") != "13" || a.str("statistics.proposals") != "22" || a.str("statistics.fiscalYear") != "2002" {
				t.Errorf("%s: %s", what, a.text())
			}
		}
		if got := c.ok("", "GetProposalStatistics", obj{"fiscalYear": 1999}); got.str("statistics.proposals") != "" && got.str("statistics.proposals") != "0" {
			t.Errorf("a year without proposals: %s", got.text())
		}
		listed := c.all("", "ListProposals", "proposals", obj{"fiscalYear": 2002, "pageSize": 10})
		organizations := map[string]bool{}
		for _, p := range listed {
			organizations[p.str("organizationId")] = true
		}
		if len(listed) > 22 || len(organizations) > 13 {
			t.Errorf("%d proposals of %d organizations are listed", len(listed), len(organizations))
		}
	})
}
