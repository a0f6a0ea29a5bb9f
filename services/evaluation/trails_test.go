package evaluation_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation"
)

const (
	challenge1 = "01980000-0000-7000-8000-0000000000c1"
	number1    = "R8-提-0012"
)

// tellStory tells the story of a proposal as the proposals service does.
func (w *world) tellStory() {
	w.t.Helper()
	// The proposal comes before the challenge: between aggregates there is no order.
	w.tell("proposals", "proposal", proposal1, &proposalsv1.ProposalSubmitted{ProposalId: proposal1, Number: number1, FiscalYear: 2026, OrganizationId: org1, ChallengeId: challenge1})
	w.tell("proposals", "challenge", challenge1, &proposalsv1.ChallengePublished{Challenge: &proposalsv1.Challenge{Id: challenge1, Title: "地域の記憶の継承"}})
	w.tell("proposals", "proposal", proposal1, &proposalsv1.ConsultationConverted{
		ProposalId: proposal1, ProposalNumber: number1, ConsultationNumber: "R8-相-0007", ReceivedOn: today().String(), ConvertedOn: today().String(),
	})
	for version, to := range []proposalsv1.ProgressEntry_PublicState{
		proposalsv1.ProgressEntry_RECEIVED, proposalsv1.ProgressEntry_IN_EXAMINATION, proposalsv1.ProgressEntry_IN_NEGOTIATION, proposalsv1.ProgressEntry_ADOPTED,
	} {
		w.tell("proposals", "proposal", proposal1, &proposalsv1.ProposalStatusChanged{
			ProposalId: proposal1, Number: number1, OrganizationId: org1, PublicFrom: to - 1, PublicTo: to, Version: int64(version + 2),
		})
	}
	w.tell("proposals", "proposal", proposal1, &proposalsv1.ProgressPublished{ProgressEntry: &proposalsv1.ProgressEntry{
		Id: none, ProposalId: proposal1, Title: "説明会を開催", Published: true,
	}})
	w.tell("proposals", "proposal", proposal1, adopted())
	w.until("the project", func() bool { return w.count(`SELECT count(*) FROM project WHERE public_number = $1`, number1) == 1 })
}

func (w *world) entries(number string) []string {
	w.t.Helper()
	trail, err := w.trail(number)
	w.must(err)
	var out []string
	for _, e := range trail.GetEntries() {
		if e.GetDate() != today().String() || e.GetObjectId() == "" {
			w.t.Errorf("entry = %v", e)
		}
		out = append(out, fmt.Sprintf("%v %s", e.GetKind(), e.GetTitle()))
	}
	return out
}

func TestTrailOfAProposal(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	_, err := w.trail(number1)
	refused(t, err, "RESOURCE_NOT_FOUND")
	w.tellStory()
	w.until("the challenge", func() bool { return w.count(`SELECT count(*) FROM trail_challenge`) == 1 })
	got := w.entries(number1)
	for _, want := range []string{
		"CHALLENGE 区の課題：地域の記憶の継承", "CONSULTATION 総合窓口に相談（R8-相-0007）", "CONSULTATION 相談から提案を作成",
		"PROPOSAL 提案を提出", "PROPOSAL 審査を開始", "NEGOTIATION 区との協議を開始", "DECISION 採択", "PROPOSAL 説明会を開催",
	} {
		if !contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	trail, err := w.trail(number1)
	w.must(err)
	if trail.GetTitle() != "放課後の読み聞かせ" {
		t.Errorf("title = %s", trail.GetTitle())
	}

	// Told again from the start, nothing changes.
	before := w.count(`SELECT count(*) FROM trail_entry`)
	w.tellStory()
	w.until("everything told twice", func() bool {
		return w.count(`SELECT count(*) FROM inbox WHERE consumer = 'evaluation'`) >= 18
	})
	if n := w.count(`SELECT count(*) FROM trail_entry`); n != before {
		t.Errorf("%d entries, then %d", before, n)
	}
	if diff := cmp.Diff(got, w.entries(number1)); diff != "" {
		t.Error(diff)
	}
}

func contains(list []string, want string) bool {
	for _, s := range list {
		if s == want {
			return true
		}
	}
	return false
}

// What is told to the ward alone never enters a trail.
func TestTrailKeepsOutWhatIsNotPublic(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	w.tell("proposals", "proposal", proposal1, &proposalsv1.ProposalStatusChanged{
		ProposalId: proposal1, Number: number1, From: proposalsv1.Proposal_UNDER_REVIEW, To: proposalsv1.Proposal_DECISION_DRAFTED,
		PublicFrom: proposalsv1.ProgressEntry_RECEIVED, PublicTo: proposalsv1.ProgressEntry_IN_EXAMINATION, Version: 9,
	})
	w.tellStory()
	if n := w.count(`SELECT count(*) FROM trail_entry WHERE step = 'v9'`); n != 0 {
		t.Error("a trail tells what only the ward knows")
	}
}

// One public number leads from the challenge to the improvement's end.
func TestTrailOfAnEvaluation(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	e := w.opened()
	w.lead(e.GetId(), evaluationv1.Evaluation_PUBLISHED)
	i := w.improvement(e.GetId())
	w.must(err2(w.improvements(staff).CloseImprovement(t.Context(), &evaluationv1.CloseImprovementRequest{Id: i.GetId(), Result: "年間の日程表を作った"})))
	got := w.entries(e.GetPublicNumber())
	for _, want := range []string{"EVALUATION 最終評価を公表", "IMPROVEMENT 改善事項：対等性", "IMPROVEMENT 改善事項の完了：対等性（実施済み）"} {
		if !contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

// Replayed from the start, in the order of the log and under other ids, the events
// of proposals change no row but the inbox.
func TestReplayOfAllProposals(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	w.tellStory()
	w.until("the challenge", func() bool { return w.count(`SELECT count(*) FROM trail_challenge`) == 1 })
	w.must(err2(w.update(editor, w.projectOf(proposal1).GetId(), "*", &evaluationv1.ProjectInput{Title: "変えた名"}, "title")))
	told := w.told("proposals")
	if len(told) < 9 {
		t.Fatalf("only %d events are told", len(told))
	}
	before := w.everything()
	handle := evaluation.Module.Consumers(w.deps)[1].Handle
	for i, m := range told {
		m.ID = fmt.Sprintf("replayed-%d", i)
		_, err := pg.InTx(t.Context(), w.deps.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) { return struct{}{}, handle(ctx, tx, m) })
		w.must(err)
	}
	after := w.everything()
	for _, table := range []string{"project", "trail_entry", "trail_proposal", "trail_challenge", "event_log", "project_progress", "project_transition", "organization_ref", "number_counter"} {
		name := "evaluation." + table
		if before[name] != after[name] {
			t.Errorf("%s changed:\n%s\n%s", name, before[name], after[name])
		}
	}
	if before["evaluation.trail_entry"] == "" || before["evaluation.project"] == "" {
		t.Error("nothing was there that could have changed")
	}
}

// told are the events of a service, oldest first, as its stream has them.
func (w *world) told(service string) []event.Message {
	w.t.Helper()
	rows, err := w.DB(service).Query(w.t.Context(), `
		SELECT headers->>'ce-type', subject, data, headers->>'ce-time'
		FROM event_log
		ORDER BY position`)
	w.must(err)
	var out []event.Message
	for rows.Next() {
		var (
			m  event.Message
			at string
		)
		w.must(rows.Scan(&m.Type, &m.Subject, &m.Data, &at))
		m.Time, err = time.Parse(time.RFC3339Nano, at)
		w.must(err)
		out = append(out, m)
	}
	w.must(rows.Err())
	return out
}
