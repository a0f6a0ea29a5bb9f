package proposals

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
)

func TestSampleOf2002HasTheKnownFigures(t *testing.T) {
	var organizations []partner.Organization
	for _, id := range sampleOrganizations2002() {
		organizations = append(organizations, partner.Organization{ID: id})
	}
	list, err := read2002(organizations)
	if err != nil {
		t.Fatal(err)
	}
	proposers := map[string]bool{}
	for i, h := range list {
		proposers[h.organization.ID] = true
		if want := fmt.Sprintf("平成14年度 提案（見本）%02d", i+1); h.serial != i+1 || h.title != want {
			t.Errorf("proposal %d is %d %q, want %q", i+1, h.serial, h.title, want)
		}
	}
	if len(list) != 22 || len(proposers) != 13 {
		t.Errorf("%d proposals of %d organizations, want 22 of 13", len(list), len(proposers))
	}
}

func TestSamplesCanBeSubmitted(t *testing.T) {
	input := &proposalsv1.CallInput{}
	read(t, "call_all_year.json", input)
	c, err := callFromProto(input)
	if err != nil {
		t.Fatal(err)
	}
	c.Complete()
	for _, file := range []string{"proposal_under_review.json", "proposal_adopted.json"} {
		p := &proposalsv1.ProposalContent{}
		read(t, file, p)
		content := contentFromProto(p)
		if err := content.Check(c, ""); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestSamplesSaySo(t *testing.T) {
	for _, file := range []string{"call_all_year.json", "call_fixed_period.json"} {
		c := &proposalsv1.CallInput{}
		read(t, file, c)
		if !strings.Contains(c.GetTitle(), "（見本）") {
			t.Errorf("%s: title %q", file, c.GetTitle())
		}
		of, err := callFromProto(c)
		if err != nil {
			t.Fatal(err)
		}
		if of.Complete(); of.Check() != nil || (of.Mode == call.FixedPeriod) != of.ReleaseTogether {
			t.Errorf("%s: mode %s, %v", file, of.Mode, of.Check())
		}
	}
	for _, file := range []string{"proposal_draft.json", "proposal_under_review.json", "proposal_adopted.json"} {
		p := &proposalsv1.ProposalContent{}
		read(t, file, p)
		if !strings.HasSuffix(p.GetTitle(), "（見本）") {
			t.Errorf("%s: title %q", file, p.GetTitle())
		}
	}
}

// Every text of the desk, the challenges, the review and the meeting that a person
// reads says that it is a sample.
func TestSampleTextsSaySo(t *testing.T) {
	for _, file := range []string{
		"consultations.json", "faq.json", "reply_templates.json", "challenges.json", "response.json", "review.json", "meeting.json", "minutes.json",
	} {
		raw, err := sampleFiles.ReadFile("sample/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var parts []json.RawMessage
		var named map[string]json.RawMessage
		if json.Unmarshal(raw, &parts) != nil && json.Unmarshal(raw, &named) == nil && (file == "consultations.json" || file == "challenges.json") {
			for _, p := range named {
				parts = append(parts, p)
			}
		}
		if parts == nil {
			parts = []json.RawMessage{raw}
		}
		for _, p := range parts {
			if !strings.Contains(string(p), "（見本）") {
				t.Errorf("%s: %s", file, p)
			}
		}
	}
}

func read(t *testing.T, file string, into proto.Message) {
	t.Helper()
	if err := sample.Read(sampleFiles, file, into); err != nil {
		t.Fatal(err)
	}
}
