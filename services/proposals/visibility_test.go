package proposals_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// everyState makes proposals of organization 1 in every state, some published,
// one joint with organization 2, one written down by the desk.
func (w *world) everyState() []string {
	w.t.Helper()
	one := w.call(nil).GetId()
	together := w.call(func(c *proposalsv1.CallInput) { c.Round, c.ReleaseTogether = 2, true }).GetId()
	var ids []string
	for s := proposalsv1.Proposal_DRAFT; s <= proposalsv1.Proposal_DECISION_DRAFTED; s++ {
		if s != proposalsv1.Proposal_RETURNED {
			ids = append(ids, w.bring(one, s, nil))
		}
	}
	for _, id := range ids {
		if w.state(id) == proposalsv1.Proposal_UNDER_REVIEW {
			w.assignReviewer(id, reviewer)
		}
	}
	decided := func(call string, o proposalsv1.Decision_Outcome, consent bool) string {
		id := w.bring(call, proposalsv1.Proposal_IN_NEGOTIATION, func(c *proposalsv1.ProposalContent) { c.PublishConsent = consent })
		w.must(w.decide(id, o))
		w.must(err2(w.proposals(approver).ApproveDecision(w.t.Context(), &proposalsv1.ApproveDecisionRequest{Id: id})))
		return id
	}
	ids = append(ids,
		decided(one, proposalsv1.Decision_ADOPTED, true),
		decided(one, proposalsv1.Decision_CONDITIONALLY_ADOPTED, true),
		decided(one, proposalsv1.Decision_REJECTED, true),
		decided(one, proposalsv1.Decision_REJECTED, false),
		decided(one, proposalsv1.Decision_CARRIED_OVER, true),
		decided(together, proposalsv1.Decision_ADOPTED, true))
	reopened := decided(one, proposalsv1.Decision_CARRIED_OVER, true)
	w.must(err2(w.proposals(desk).StartReview(w.t.Context(), &proposalsv1.StartReviewRequest{Id: reopened})))
	joint := func(c *proposalsv1.ProposalContent) { c.JointOrganizationIds = []string{org2} }
	ids = append(ids, reopened, w.bring(one, proposalsv1.Proposal_DRAFT, joint), w.bring(one, proposalsv1.Proposal_SUBMITTED, joint))
	paper, err := w.proposals(desk).CreateProposal(w.t.Context(), &proposalsv1.CreateProposalRequest{
		CallId: one, OrganizationId: org2, Channel: proposalsv1.Proposal_DESK, PaperNote: "窓口で受領",
	})
	w.must(err)
	withdrawn := w.draft(one, nil).GetId()
	w.must(err2(w.proposals(head).WithdrawProposal(w.t.Context(), &proposalsv1.WithdrawProposalRequest{Id: withdrawn, Reason: "x"})))
	return append(ids, paper.GetProposal().GetId(), withdrawn)
}

// For every role: the list shows exactly what get shows, in the same state, in
// every order, whatever the page size.
func TestListIsFilterOfGet(t *testing.T) {
	t.Parallel()
	w := start(t)
	ids := w.everyState()
	deskStaff := auth.Principal{Kind: auth.KindPerson, ID: "all", DepartmentID: dept1, Roles: []auth.Role{
		optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_DESK, optionsv1.Role_ROLE_APPROVER,
	}}
	for _, by := range []auth.Principal{
		auth.Anonymous, resident, viewer, editor, head, head2, head3, coordinator(), staff, staff2, desk, approver, headStaff, reviewer,
		clerk, auditor, admin, deskStaff,
	} {
		client := w.proposals(by)
		want := map[string]string{}
		for _, id := range ids {
			got, err := client.GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
			if err == nil {
				want[id] = got.GetProposal().GetState().String()
			} else if reason(err) != "RESOURCE_NOT_FOUND" {
				t.Errorf("%s: %v", by.ID, err)
			}
		}
		for _, order := range []string{"", "number", "number desc"} {
			rows := w.listAll(by, &proposalsv1.ListProposalsRequest{PageSize: 3, OrderBy: order})
			got := map[string]string{}
			for _, r := range rows {
				got[r.GetId()] = r.GetState().String()
			}
			if diff := cmp.Diff(want, got); diff != "" || len(rows) != len(want) {
				t.Errorf("%s, %q: %s", by.ID, order, diff)
			}
			numbers := make([]string, len(rows))
			for i, r := range rows {
				numbers[i] = r.GetNumber()
			}
			if order == "number" && !slices.IsSorted(numbers) {
				t.Errorf("%s: numbers %v", by.ID, numbers)
			}
		}
		// A filter by state finds what is shown in the state.
		for s := range proposalsv1.Proposal_State_name {
			state := proposalsv1.Proposal_State(s)
			if s == 0 {
				continue
			}
			n := 0
			for _, v := range want {
				if v == state.String() {
					n++
				}
			}
			if rows := w.listAll(by, &proposalsv1.ListProposalsRequest{State: state}); len(rows) != n {
				t.Errorf("%s lists %d in %v, gets %d", by.ID, len(rows), state, n)
			}
		}
	}
}

func (w *world) listAll(by auth.Principal, req *proposalsv1.ListProposalsRequest) []*proposalsv1.ProposalSummary {
	w.t.Helper()
	var rows []*proposalsv1.ProposalSummary
	for {
		resp, err := w.proposals(by).ListProposals(w.t.Context(), req)
		w.must(err)
		rows = append(rows, resp.GetProposals()...)
		if req.PageToken = resp.GetNextPageToken(); req.GetPageToken() == "" {
			return rows
		}
	}
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	adopted := w.bring(c.GetId(), proposalsv1.Proposal_ADOPTED, nil)
	w.bring(c.GetId(), proposalsv1.Proposal_SUBMITTED, func(c *proposalsv1.ProposalContent) { c.Title = "子ども食堂" })
	for _, tt := range []struct {
		name string
		req  *proposalsv1.ListProposalsRequest
		want int
	}{
		{"all", &proposalsv1.ListProposalsRequest{}, 2},
		{"public state", &proposalsv1.ListProposalsRequest{PublicState: proposalsv1.ProgressEntry_ADOPTED}, 1},
		{"call", &proposalsv1.ListProposalsRequest{CallId: c.GetId()}, 2},
		{"another call", &proposalsv1.ListProposalsRequest{CallId: none}, 0},
		{"organization", &proposalsv1.ListProposalsRequest{OrganizationId: org1}, 2},
		{"department", &proposalsv1.ListProposalsRequest{DepartmentId: dept1}, 1},
		{"fiscal year", &proposalsv1.ListProposalsRequest{FiscalYear: 2026}, 2},
		{"another year", &proposalsv1.ListProposalsRequest{FiscalYear: 2025}, 0},
		{"two characters", &proposalsv1.ListProposalsRequest{Q: "食堂"}, 1},
		{"kana of another kind", &proposalsv1.ListProposalsRequest{Q: "ドモ"}, 1},
		{"number", &proposalsv1.ListProposalsRequest{Q: "R8-提-0001"}, 1},
		{"two words", &proposalsv1.ListProposalsRequest{Q: "神田 記憶"}, 1},
		{"parts that do not meet", &proposalsv1.ListProposalsRequest{Q: "記神"}, 0},
	} {
		if rows := w.listAll(desk, tt.req); len(rows) != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, len(rows), tt.want)
		}
	}
	rows := w.listAll(auth.Anonymous, &proposalsv1.ListProposalsRequest{})
	if len(rows) != 1 || rows[0].GetId() != adopted || rows[0].GetOrganizationName() != "団体1" || rows[0].GetLeadDepartmentName() != "区民生活部商工振興課" {
		t.Errorf("public list = %v", rows)
	}
	for want, req := range map[string]*proposalsv1.ListProposalsRequest{
		"QUERY_TOO_SHORT":    {Q: "食"},
		"INVALID_PAGE_SIZE":  {PageSize: -1},
		"INVALID_PAGE_TOKEN": {PageToken: "x"},
		"INVALID_FIELD":      {OrderBy: "title"},
	} {
		_, err := w.proposals(desk).ListProposals(t.Context(), req)
		refused(t, err, want)
	}
	first, err := w.proposals(desk).ListProposals(t.Context(), &proposalsv1.ListProposalsRequest{PageSize: 1})
	w.must(err)
	_, err = w.proposals(desk).ListProposals(t.Context(), &proposalsv1.ListProposalsRequest{PageSize: 1, FiscalYear: 2026, PageToken: first.GetNextPageToken()})
	refused(t, err, "PAGE_TOKEN_MISMATCH")
}
