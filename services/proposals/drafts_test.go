package proposals_test

import (
	"sync"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func TestWhoBeginsDrafts(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	draftCall, err := w.calls(desk).CreateCall(t.Context(), &proposalsv1.CreateCallRequest{Call: &proposalsv1.CallInput{FiscalYear: 2027}})
	w.must(err)
	paper := &proposalsv1.CreateProposalRequest{CallId: c.GetId(), OrganizationId: org1, Channel: proposalsv1.Proposal_FAX, PaperNote: "7月1日受信"}
	mine := &proposalsv1.CreateProposalRequest{CallId: c.GetId(), OrganizationId: org1}
	for _, tt := range []struct {
		name string
		by   auth.Principal
		req  *proposalsv1.CreateProposalRequest
		want string
	}{
		{"public", auth.Anonymous, mine, "UNAUTHENTICATED"},
		{"resident", resident, mine, "PERMISSION_DENIED"},
		{"viewer", viewer, mine, "PERMISSION_DENIED"},
		{"staff", staff, mine, "PERMISSION_DENIED"},
		{"auditor", auditor, mine, "PERMISSION_DENIED"},
		{"administrator", admin, mine, "PERMISSION_DENIED"},
		{"editor", editor, mine, ""},
		{"representative", head, mine, ""},
		{"coordinator by delegation", coordinator(), mine, ""},
		{"coordinator without delegation", coordinator(), &proposalsv1.CreateProposalRequest{CallId: c.GetId(), OrganizationId: org2}, "RESOURCE_NOT_FOUND"},
		{"another organization", head2, mine, "RESOURCE_NOT_FOUND"},
		{"desk on behalf", desk, paper, ""},
		{"desk without channel", desk, mine, "INVALID_FIELD"},
		{"editor with channel", editor, paper, "INVALID_FIELD"},
		{"desk for an unknown organization", desk, &proposalsv1.CreateProposalRequest{CallId: c.GetId(), OrganizationId: none, Channel: proposalsv1.Proposal_FAX, PaperNote: "写"}, "ORGANIZATION_UNKNOWN"},
		{"call that is not public", editor, &proposalsv1.CreateProposalRequest{CallId: draftCall.GetCall().GetId(), OrganizationId: org1}, "RESOURCE_NOT_FOUND"},
		{"call that is not public, desk", desk, &proposalsv1.CreateProposalRequest{CallId: draftCall.GetCall().GetId(), OrganizationId: org1, Channel: proposalsv1.Proposal_FAX, PaperNote: "写"}, "CALL_NOT_OPEN"},
		{"title too long", editor, &proposalsv1.CreateProposalRequest{CallId: c.GetId(), OrganizationId: org1, Content: &proposalsv1.ProposalContent{Title: "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一"}}, "INVALID_FIELD"},
	} {
		_, err := w.proposals(tt.by).CreateProposal(t.Context(), tt.req)
		if got := reason(err); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	w.directory.setDown(true)
	_, err = w.proposals(editor).CreateProposal(t.Context(), mine)
	refused(t, err, "DEPENDENCY_UNAVAILABLE")
}

func TestUpdateNeedsMaskAndETag(t *testing.T) {
	t.Parallel()
	w := start(t)
	p := w.draft(w.call(nil).GetId(), nil)
	update := func(by auth.Principal, etag string, paths ...string) (*proposalsv1.Proposal, error) {
		resp, err := w.proposals(by).UpdateProposal(t.Context(), &proposalsv1.UpdateProposalRequest{
			Id: p.GetId(), Etag: etag, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths},
			Proposal: &proposalsv1.ProposalInput{Content: &proposalsv1.ProposalContent{Title: "新しい題"}},
		})
		return resp.GetProposal(), err
	}
	_, err := update(editor, "", "content.title")
	refused(t, err, "PRECONDITION_REQUIRED")
	_, err = update(editor, `"9"`, "content.title")
	refused(t, err, "ETAG_MISMATCH")
	_, err = update(editor, p.GetEtag())
	refused(t, err, "INVALID_FIELD_MASK")
	_, err = update(editor, p.GetEtag(), "state")
	refused(t, err, "INVALID_FIELD_MASK")
	_, err = update(head2, p.GetEtag(), "content.title")
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = update(viewer, p.GetEtag(), "content.title")
	refused(t, err, "PERMISSION_DENIED")
	got, err := update(editor, p.GetEtag(), "content.title", "content.contactName")
	w.must(err)
	if got.GetContent().GetTitle() != "新しい題" || got.GetContent().GetContactName() != "" || got.GetContent().GetPurpose() == "" {
		t.Errorf("only what the mask names changes: %v", got.GetContent())
	}
	_, err = update(editor, p.GetEtag(), "content.title")
	refused(t, err, "ETAG_MISMATCH")
	_, err = w.proposals(head).SubmitProposal(t.Context(), &proposalsv1.SubmitProposalRequest{Id: p.GetId()})
	refused(t, err, "PROPOSAL_INCOMPLETE") // The contact was cleared.
	w.must(err2(update(editor, got.GetEtag(), "content.contactName")))
}

func err2[T any](_ T, err error) error { return err }

// One key, twenty calls at once: one proposal, one answer.
func TestIdempotencyKeyMakesOneProposal(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	ctx := withKey(t.Context(), "0198f3a0-6f2b-7c55-9d3e-4b1a2c3d4e5f")
	req := &proposalsv1.CreateProposalRequest{CallId: c.GetId(), OrganizationId: org1, Content: content()}
	var (
		wg  sync.WaitGroup
		mu  sync.Mutex
		ids = map[string]bool{}
	)
	client := w.proposals(editor)
	for range 20 {
		wg.Go(func() {
			resp, err := client.CreateProposal(ctx, req)
			mu.Lock()
			defer mu.Unlock()
			if err != nil && reason(err) != "IDEMPOTENCY_IN_PROGRESS" {
				t.Error(err)
			}
			if err == nil {
				ids[resp.GetProposal().GetId()] = true
			}
		})
	}
	wg.Wait()
	var n int
	w.must(w.DB("proposals").QueryRow(t.Context(), `SELECT count(*) FROM proposal`).Scan(&n))
	if n != 1 || len(ids) != 1 {
		t.Errorf("%d proposals, ids %v", n, ids)
	}
	other := proto.CloneOf(req)
	other.Content.Title = "別の題"
	_, err := client.CreateProposal(ctx, other)
	refused(t, err, "IDEMPOTENCY_KEY_REUSED")
}

// What is hidden is answered as what is not there, to the byte but for the id.
func TestHiddenIsNotFound(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	hidden := map[string]string{
		"draft":        w.draft(c.GetId(), nil).GetId(),
		"under review": w.bring(c.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil),
	}
	for name, id := range hidden {
		for _, by := range []auth.Principal{auth.Anonymous, resident, head2, staff2, reviewer, clerk, approver, admin} {
			answer := func(id string) string {
				_, err := w.proposals(by).GetProposal(t.Context(), &proposalsv1.GetProposalRequest{Id: id})
				return status.Convert(err).Proto().String()
			}
			if got, want := answer(id), answer(none); got != want {
				t.Errorf("%s by %s: %s, want %s", name, by.ID, got, want)
			}
		}
	}
	for _, by := range []auth.Principal{desk, head2} { // Their own verbs, on what they may not know of.
		_, err := w.proposals(by).WithdrawProposal(t.Context(), &proposalsv1.WithdrawProposalRequest{Id: hidden["draft"], Reason: "x"})
		refused(t, err, "RESOURCE_NOT_FOUND")
	}
}

func TestIfMatchOnVerbs(t *testing.T) {
	t.Parallel()
	w := start(t)
	p := w.draft(w.call(nil).GetId(), nil)
	ctx := metadata.AppendToOutgoingContext(t.Context(), rpc.MetaIfMatch, `"7"`)
	_, err := w.proposals(head).SubmitProposal(ctx, &proposalsv1.SubmitProposalRequest{Id: p.GetId()})
	refused(t, err, "ETAG_MISMATCH")
	_, err = w.proposals(head).SubmitProposal(t.Context(), &proposalsv1.SubmitProposalRequest{Id: p.GetId(), Etag: p.GetEtag()})
	w.must(err)
}
