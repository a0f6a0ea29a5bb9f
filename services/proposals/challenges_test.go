package proposals_test

import (
	"testing"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// challenge publishes a challenge of department 1.
func (w *world) challenge() *proposalsv1.Challenge {
	w.t.Helper()
	made, err := w.challenges(staff).CreateChallenge(w.t.Context(), &proposalsv1.CreateChallengeRequest{Challenge: &proposalsv1.ChallengeInput{
		Title: "商店街の空き店舗", Body: "空き店舗の使い方を考えたい。", Wish: "若い人の居場所",
	}})
	w.must(err)
	published, err := w.challenges(staff).PublishChallenge(w.t.Context(), &proposalsv1.PublishChallengeRequest{Id: made.GetChallenge().GetId()})
	w.must(err)
	return published.GetChallenge()
}

// contribute answers a challenge for organization 1.
func (w *world) contribute(challengeID string, consent bool) *proposalsv1.Contribution {
	w.t.Helper()
	resp, err := w.challenges(editor).CreateContribution(w.t.Context(), &proposalsv1.CreateContributionRequest{
		ChallengeId: challengeID, Kind: proposalsv1.Contribution_OFFER, Body: "週末に開く喫茶室を運営します。", PublishConsent: consent,
	})
	w.must(err)
	return resp.GetResponse()
}

func TestChallengeFromDraftToClosed(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	_, err := w.challenges(desk).CreateChallenge(ctx, &proposalsv1.CreateChallengeRequest{Challenge: &proposalsv1.ChallengeInput{Title: "x", DepartmentId: dept9}})
	refused(t, err, "DEPARTMENT_UNKNOWN")
	_, err = w.challenges(staff).CreateChallenge(ctx, &proposalsv1.CreateChallengeRequest{Challenge: &proposalsv1.ChallengeInput{DepartmentId: dept2}})
	refused(t, err, "PERMISSION_DENIED")
	made, err := w.challenges(staff).CreateChallenge(ctx, &proposalsv1.CreateChallengeRequest{Challenge: &proposalsv1.ChallengeInput{Title: "空き店舗"}})
	w.must(err)
	c := made.GetChallenge()
	for by, sees := range map[*auth.Principal]bool{&auth.Anonymous: false, &staff2: false, &head: false, &staff: true, &desk: true} {
		_, err := w.challenges(*by).GetChallenge(ctx, &proposalsv1.GetChallengeRequest{Id: c.GetId()})
		list, listErr := w.challenges(*by).ListChallenges(ctx, &proposalsv1.ListChallengesRequest{})
		w.must(listErr)
		if sees != (err == nil) || sees != (len(list.GetChallenges()) == 1) || !sees && reason(err) != "RESOURCE_NOT_FOUND" {
			t.Errorf("%s: %v, lists %d", by.ID, err, len(list.GetChallenges()))
		}
	}
	_, err = w.challenges(staff).PublishChallenge(ctx, &proposalsv1.PublishChallengeRequest{Id: c.GetId()})
	refused(t, err, "CHALLENGE_INCOMPLETE")
	update := func(etag string, in *proposalsv1.ChallengeInput, path string) error {
		return err2(w.challenges(staff).UpdateChallenge(ctx, &proposalsv1.UpdateChallengeRequest{
			Id: c.GetId(), Etag: etag, Challenge: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{path}},
		}))
	}
	body := &proposalsv1.ChallengeInput{Body: "使い方を考えたい。"}
	refused(t, update("", body, "body"), "PRECONDITION_REQUIRED")
	refused(t, update(`"7"`, body, "body"), "ETAG_MISMATCH")
	refused(t, update(c.GetEtag(), body, "state"), "INVALID_FIELD_MASK")
	w.must(update(c.GetEtag(), body, "body"))
	w.must(err2(w.challenges(staff).PublishChallenge(ctx, &proposalsv1.PublishChallengeRequest{Id: c.GetId()})))
	refused(t, update("*", body, "body"), "CHALLENGE_NOT_EDITABLE")
	_, err = w.challenges(staff2).CloseChallenge(ctx, &proposalsv1.CloseChallengeRequest{Id: c.GetId()})
	refused(t, err, "PERMISSION_DENIED")
	w.must(err2(w.challenges(staff).CloseChallenge(ctx, &proposalsv1.CloseChallengeRequest{Id: c.GetId(), Outcome: "2件の提案を採択しました。"})))
	_, err = w.challenges(staff).CloseChallenge(ctx, &proposalsv1.CloseChallengeRequest{Id: c.GetId()})
	refused(t, err, "INVALID_STATE_TRANSITION")
	found, err := w.challenges(auth.Anonymous).ListChallenges(ctx, &proposalsv1.ListChallengesRequest{Q: "店舗", State: proposalsv1.Challenge_CLOSED})
	w.must(err)
	if got := found.GetChallenges(); len(got) != 1 || got[0].GetOutcome() == "" || got[0].GetDepartmentName() != "区民生活部商工振興課" {
		t.Errorf("found = %v", got)
	}
	_, err = w.challenges(editor).CreateContribution(ctx, &proposalsv1.CreateContributionRequest{ChallengeId: c.GetId(), Kind: proposalsv1.Contribution_IDEA, Body: "x"})
	refused(t, err, "CHALLENGE_CLOSED")
	if got := w.events(c.GetId(), "public"); got != "ChallengePublished" {
		t.Errorf("events = %s", got)
	}
}

// An answer is public with consent and after the department's answer only.
func TestWhoSeesAContribution(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	c := w.challenge()
	open, private := w.contribute(c.GetId(), true), w.contribute(c.GetId(), false)
	count := func(by auth.Principal) int {
		list, err := w.challenges(by).ListContributions(ctx, &proposalsv1.ListContributionsRequest{ChallengeId: c.GetId()})
		w.must(err)
		for _, id := range []string{open.GetId(), private.GetId()} {
			_, err := w.challenges(by).GetContribution(ctx, &proposalsv1.GetContributionRequest{ChallengeId: c.GetId(), Id: id})
			listed := false
			for _, r := range list.GetResponses() {
				listed = listed || r.GetId() == id
			}
			if listed != (err == nil) {
				t.Errorf("%s lists %s: %v, gets it: %v", by.ID, id, listed, err)
			}
		}
		return len(list.GetResponses())
	}
	for by, want := range map[*auth.Principal]int{&auth.Anonymous: 0, &head2: 0, &staff2: 0, &viewer: 2, &staff: 2, &desk: 2} {
		if got := count(*by); got != want {
			t.Errorf("%s sees %d before the answer", by.ID, got)
		}
	}
	answer := func(by auth.Principal, id string) error {
		return err2(w.challenges(by).AnswerContribution(ctx, &proposalsv1.AnswerContributionRequest{ChallengeId: c.GetId(), Id: id, Answer: "一緒に検討します。"}))
	}
	refused(t, answer(staff2, open.GetId()), "RESOURCE_NOT_FOUND")
	w.must(answer(staff, open.GetId()))
	w.must(answer(desk, private.GetId()))
	refused(t, answer(staff, open.GetId()), "INVALID_STATE_TRANSITION")
	refused(t, answer(staff2, open.GetId()), "PERMISSION_DENIED") // Public now.
	for by, want := range map[*auth.Principal]int{&auth.Anonymous: 1, &head2: 1, &staff2: 1, &viewer: 2, &staff: 2} {
		if got := count(*by); got != want {
			t.Errorf("%s sees %d after the answer", by.ID, got)
		}
	}
	_, err := w.challenges(editor).CreateContribution(ctx, &proposalsv1.CreateContributionRequest{
		ChallengeId: c.GetId(), OrganizationId: org2, Kind: proposalsv1.Contribution_IDEA, Body: "x",
	})
	refused(t, err, "RESOURCE_NOT_FOUND")
	if got := w.events(c.GetId(), "ward"); got != "ChallengeResponded ChallengeResponded" {
		t.Errorf("events = %s", got)
	}
}

// What became of each answer: a consultation, a proposal that names the challenge,
// a themed call.
func TestWhatBecomesOfContributions(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	c, k := w.challenge(), w.call(nil)
	convert := func(by auth.Principal, req *proposalsv1.ConvertContributionRequest) (*proposalsv1.Contribution_Conversion, error) {
		if req.GetId() == "" {
			req.Id = w.contribute(c.GetId(), true).GetId()
		}
		req.ChallengeId = c.GetId()
		resp, err := w.challenges(by).ConvertContribution(ctx, req)
		return resp.GetResponse().GetConversion(), err
	}
	consult := &proposalsv1.ConvertContributionRequest{Target: &proposalsv1.ConvertContributionRequest_Consultation_{Consultation: &proposalsv1.ConvertContributionRequest_Consultation{}}}
	into, err := convert(staff, consult)
	w.must(err)
	if m := w.seen(viewer, into.GetConsultationId(), ""); m.GetState() != proposalsv1.Consultation_ROUTED || m.GetDepartmentId() != dept1 || m.GetSubject() != c.GetTitle() {
		t.Errorf("consultation = %v", m)
	}
	if got := w.events(into.GetConsultationId(), "ward"); got != "ConsultationReceived ConsultationRouted" {
		t.Errorf("events = %s", got)
	}
	_, err = convert(staff, consult)
	refused(t, err, "ALREADY_CONVERTED")

	propose := &proposalsv1.ConvertContributionRequest{Target: &proposalsv1.ConvertContributionRequest_Proposal_{Proposal: &proposalsv1.ConvertContributionRequest_Proposal{CallId: k.GetId()}}}
	_, err = convert(staff, propose)
	refused(t, err, "PERMISSION_DENIED")
	into, err = convert(editor, propose)
	w.must(err)
	p, err := w.proposals(editor).GetProposal(ctx, &proposalsv1.GetProposalRequest{Id: into.GetProposalId()})
	w.must(err)
	if p.GetProposal().GetContent().GetChallengeId() != c.GetId() || p.GetProposal().GetContent().GetTheme() != c.GetTitle() {
		t.Errorf("proposal = %v", p)
	}

	theme := func() *proposalsv1.ConvertContributionRequest {
		return &proposalsv1.ConvertContributionRequest{Target: &proposalsv1.ConvertContributionRequest_Call{Call: &proposalsv1.ConvertContributionRequest_ThemedCall{FiscalYear: 2027}}}
	}
	_, err = convert(staff, theme())
	refused(t, err, "PERMISSION_DENIED")
	into, err = convert(desk, theme())
	w.must(err)
	made, err := w.calls(desk).GetCall(ctx, &proposalsv1.GetCallRequest{Id: into.GetCallId()})
	w.must(err)
	if made.GetCall().GetThemeKind() != proposalsv1.Call_THEMED || made.GetCall().GetChallengeIds()[0] != c.GetId() {
		t.Errorf("call = %v", made)
	}
	_, err = convert(desk, theme())
	refused(t, err, "ROUND_TAKEN")
}

// Proposals and calls name a public challenge, which counts them.
func TestProposalsAnswerAChallenge(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	c := w.challenge()
	_, err := w.calls(desk).CreateCall(ctx, &proposalsv1.CreateCallRequest{Call: &proposalsv1.CallInput{ChallengeIds: []string{c.GetId(), none}}})
	refused(t, err, "CHALLENGE_UNKNOWN")
	k := w.call(func(in *proposalsv1.CallInput) { in.ChallengeIds = []string{c.GetId()} })
	_, err = w.proposals(editor).CreateProposal(ctx, &proposalsv1.CreateProposalRequest{
		CallId: k.GetId(), OrganizationId: org1, Content: &proposalsv1.ProposalContent{ChallengeId: none},
	})
	refused(t, err, "CHALLENGE_UNKNOWN")
	draft := w.draft(k.GetId(), nil)
	update := func(challengeID string) error {
		return err2(w.proposals(editor).UpdateProposal(ctx, &proposalsv1.UpdateProposalRequest{
			Id: draft.GetId(), Etag: "*", Proposal: &proposalsv1.ProposalInput{Content: &proposalsv1.ProposalContent{ChallengeId: challengeID}},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"content.challengeId"}},
		}))
	}
	refused(t, update(none), "CHALLENGE_UNKNOWN")
	w.must(update(c.GetId()))
	w.must(err2(w.proposals(head).SubmitProposal(ctx, &proposalsv1.SubmitProposalRequest{Id: draft.GetId()})))
	got, err := w.challenges(auth.Anonymous).GetChallenge(ctx, &proposalsv1.GetChallengeRequest{Id: c.GetId()})
	w.must(err)
	answers := w.listAll(desk, &proposalsv1.ListProposalsRequest{ChallengeId: c.GetId()})
	if others := w.listAll(desk, &proposalsv1.ListProposalsRequest{ChallengeId: none}); len(answers) != 1 || len(others) != 0 {
		t.Errorf("%d proposals answer it, %d another one", len(answers), len(others))
	}
	if got.GetChallenge().GetProposalCount() != 1 || len(got.GetChallenge().GetCallIds()) != 1 {
		t.Errorf("challenge = %v", got)
	}
}

func TestWhatBecomesOfConsultations(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	k, c := w.call(nil), w.challenge()
	id := w.ask(desk, func(r *proposalsv1.CreateConsultationRequest) {
		r.Channel, r.OrganizationId = proposalsv1.Consultation_PHONE, org1
	}).GetId()
	convert := func(by auth.Principal, req *proposalsv1.ConvertConsultationRequest) (*proposalsv1.Consultation, error) {
		resp, err := w.desk(by).ConvertConsultation(ctx, req)
		return resp.GetConsultation(), err
	}
	propose := &proposalsv1.ConvertConsultationRequest{Id: id, Target: &proposalsv1.ConvertConsultationRequest_Proposal_{Proposal: &proposalsv1.ConvertConsultationRequest_Proposal{CallId: k.GetId()}}}
	_, err := convert(staff, propose)
	refused(t, err, "PERMISSION_DENIED")
	got, err := convert(desk, propose)
	w.must(err)
	p, err := w.proposals(head).GetProposal(ctx, &proposalsv1.GetProposalRequest{Id: got.GetProposalId()})
	w.must(err)
	if got.GetState() != proposalsv1.Consultation_ANSWERED || p.GetProposal().GetConsultationId() != id ||
		p.GetProposal().GetContent().GetPreConsultation() != got.GetNumber() || p.GetProposal().GetChannel() != proposalsv1.Proposal_PHONE {
		t.Errorf("%v, %v", got, p)
	}
	_, err = convert(desk, propose)
	refused(t, err, "ALREADY_CONVERTED")

	id = w.ask(auth.Anonymous, nil).GetId()
	offer := &proposalsv1.ConvertConsultationRequest{Id: id, Target: &proposalsv1.ConvertConsultationRequest_Response_{Response: &proposalsv1.ConvertConsultationRequest_Response{ChallengeId: c.GetId()}}}
	_, err = convert(desk, offer)
	refused(t, err, "INVALID_FIELD") // Nobody knows for which organization.
	offer.GetResponse().OrganizationId = org2
	got, err = convert(desk, offer)
	w.must(err)
	r, err := w.challenges(head2).GetContribution(ctx, &proposalsv1.GetContributionRequest{ChallengeId: c.GetId(), Id: got.GetChallengeResponseId()})
	w.must(err)
	if r.GetResponse().GetKind() != proposalsv1.Contribution_OFFER || r.GetResponse().GetConsultationId() != "" {
		t.Errorf("answer = %v", r)
	}
}
