package consultation

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

var (
	noon   = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	desk   = Reader{ID: "desk", SignedIn: true, Desk: true, Department: "d0"}
	holder = Reader{ID: "staff", SignedIn: true, Staff: true, Department: "d1"}
	former = Reader{ID: "former", SignedIn: true, Staff: true, Department: "d2"}
	other  = Reader{ID: "other", SignedIn: true, Staff: true, Department: "d3"}
	asker  = Reader{ID: "asker", SignedIn: true}
)

func in(s State) *Consultation {
	return &Consultation{
		State: s, AskerID: "asker", DepartmentID: "d1", DepartmentIDs: []string{"d2", "d1"}, Entries: 1,
		ReceivedOn: jp.DateOf(noon), DueOn: Due(jp.DateOf(noon)), CodeHash: HashCode("ABCD"),
	}
}

// Five office days: over Golden Week, over the New Year, over a weekend.
func TestAnswersAreDueInOfficeDays(t *testing.T) {
	for received, want := range map[string]string{
		"2026-06-01": "2026-06-08", // A Monday.
		"2026-06-05": "2026-06-12", // A Friday.
		"2026-06-06": "2026-06-12", // A Saturday: the count begins on Monday.
		"2026-04-27": "2026-05-08", // 昭和の日, then May 3 to 6 (振替休日).
		"2026-04-28": "2026-05-11",
		"2026-05-01": "2026-05-13",
		"2026-05-03": "2026-05-13",
		"2027-04-28": "2027-05-11", // May 3 to 5, and the weekends.
		"2025-12-22": "2026-01-05", // December 29 to January 3 are closed.
		"2026-12-24": "2027-01-06",
		"2026-12-28": "2027-01-08",
		"2026-12-31": "2027-01-08",
		"2027-01-01": "2027-01-08",
		"2026-09-18": "2026-09-30", // 敬老の日, 国民の休日, 秋分の日.
	} {
		d, err := jp.ParseDate(received)
		if err != nil {
			t.Fatal(err)
		}
		if got := Due(d).String(); got != want {
			t.Errorf("received on %s: due on %s, want %s", received, got, want)
		}
	}
}

func TestOpen(t *testing.T) {
	c := &Consultation{}
	// March 31, 23:30 in Tokyo is still the old fiscal year.
	if err := c.Open(jp.Date{}, time.Date(2026, 3, 31, 14, 30, 0, 0, time.UTC)); err != nil || c.FiscalYear != 2025 || c.ReceivedOn.String() != "2026-03-31" {
		t.Errorf("%v: %+v", err, c)
	}
	if c.Numbered(7); c.Number != "R7-相-0007" {
		t.Errorf("number %s", c.Number)
	}
	if err := c.Open(jp.DateOf(noon).AddDays(1), noon); !errors.Is(err, fault.ErrInvalidField) {
		t.Errorf("received tomorrow: %v", err)
	}
}

// verbs are all steps with what they may answer.
var verbs = map[Action]func(*Consultation, Reader) error{
	Route: func(c *Consultation, r Reader) error {
		_, err := c.Route(r, Handover{DepartmentID: "d4"}, noon)
		return err
	},
	Refer:  func(c *Consultation, r Reader) error { _, err := c.Refer(r, Referral{OrganizationID: "o"}); return err },
	Start:  func(c *Consultation, r Reader) error { _, err := c.Start(r); return err },
	Reply:  func(c *Consultation, r Reader) error { _, err := c.Reply(r, "x", false, noon); return err },
	Close:  func(c *Consultation, r Reader) error { _, err := c.Close(r); return err },
	Reopen: func(c *Consultation, r Reader) error { _, err := c.Reopen(r, "x", noon); return err },
	Convert: func(c *Consultation, r Reader) error {
		_, err := c.Convert(r, Target{ProposalID: "p"}, noon)
		return err
	},
	Promote: func(c *Consultation, r Reader) error { _, err := c.Promote(r, "f"); return err },
}

// Every verb in every state by every party: the graph and nothing else.
func TestEveryVerbInEveryStateByEverybody(t *testing.T) {
	for _, row := range Graph {
		for _, s := range States {
			for who, by := range map[string]Reader{"desk": desk, "holder": holder, "former": former, "other": other, "asker": asker} {
				c := in(s)
				err := verbs[row.Action](c, by)
				allowed := who == "desk" || who == "holder" && row.By != ByDesk || who == "asker" && row.By == ByAsker
				has := false
				for _, from := range row.From {
					has = has || from == s
				}
				switch {
				case !allowed && !errors.Is(err, fault.ErrPermissionDenied),
					allowed && !has && !errors.Is(err, fault.ErrInvalidStateTransition),
					allowed && has && err != nil:
					t.Errorf("%s in %s by %s: %v", row.Action, s, who, err)
				case err == nil:
					reached := false
					for _, to := range row.To {
						reached = reached || to == c.State
					}
					if !reached {
						t.Errorf("%s in %s: %s", row.Action, s, c.State)
					}
				}
			}
		}
	}
}

func TestWhoReads(t *testing.T) {
	c := in(Referred)
	c.OrganizationID, c.ReferredOrganizationID = "own", "intermediary"
	for name, tt := range map[string]struct {
		by   Reader
		want View
	}{
		"desk": {desk, ForWard}, "holder": {holder, ForWard}, "former holder": {former, ForWard}, "other staff": {other, Nothing},
		"asker": {asker, ForAsker}, "nobody": {Reader{ID: "anonymous"}, Nothing},
		"member":       {Reader{SignedIn: true, ID: "m", Members: []string{"own"}}, ForAsker},
		"intermediary": {Reader{SignedIn: true, ID: "i", Members: []string{"intermediary"}}, ForIntermediary},
		"code":         {Reader{ID: "anonymous", CodeHash: HashCode("ab-cd ")}, ForAsker},
		"wrong code":   {Reader{ID: "anonymous", CodeHash: HashCode("ABCE")}, Nothing},
	} {
		if got := tt.by.View(c); got != tt.want {
			t.Errorf("%s sees %d, want %d", name, got, tt.want)
		}
	}
	if (Reader{}).View(&Consultation{}) != Nothing || (Reader{ID: "anonymous"}).View(Nobody) != Nothing {
		t.Error("an empty code opens")
	}
}

func TestRouteToADayOfTheOffice(t *testing.T) {
	for due, ok := range map[string]bool{"2026-06-01": true, "2026-05-29": false, "2026-06-06": false, "2026-07-20": false, "2026-07-21": true} {
		d, _ := jp.ParseDate(due)
		c := in(Received)
		_, err := c.Route(desk, Handover{DepartmentID: "d4", DueOn: d}, noon)
		if ok != (err == nil) || ok && c.DueOn != d {
			t.Errorf("due on %s: %v, %v", due, err, c.DueOn)
		}
	}
}

func TestTheFirstFullAnswerCounts(t *testing.T) {
	c := in(InProgress)
	if _, err := c.Reply(holder, "x", true, noon); err != nil || c.State != InProgress || !c.AnsweredOn.IsZero() {
		t.Errorf("interim: %v, %+v", err, c)
	}
	late := c.DueOn.NextMidnight()
	if _, err := c.Reply(holder, "x", false, late); err != nil || c.AnsweredInTime || c.AnsweredOn != jp.DateOf(late) {
		t.Errorf("late: %v, %+v", err, c)
	}
	if _, err := c.Reply(holder, "x", true, late); !errors.Is(err, fault.ErrInvalidStateTransition) {
		t.Errorf("interim after the answer: %v", err)
	}
	if _, err := c.Reopen(asker, "x", late); err != nil || c.DueOn != Due(jp.DateOf(late)) {
		t.Errorf("reopened: %v, due on %v", err, c.DueOn)
	}
	if _, err := c.Reply(holder, "x", false, late.AddDate(0, 0, 1)); err != nil || c.AnsweredOn != jp.DateOf(late) {
		t.Errorf("second answer: %v, %v", err, c.AnsweredOn)
	}
}

func TestEntriesAreBounded(t *testing.T) {
	c := in(InProgress)
	c.Entries = MaxEntries - 1
	if _, err := c.Note(holder, "x"); err != nil {
		t.Error(err)
	}
	if _, err := c.Note(holder, "x"); !errors.Is(err, ErrFull) {
		t.Errorf("one too many: %v", err)
	}
	if _, err := c.Note(asker, "x"); !errors.Is(err, fault.ErrPermissionDenied) {
		t.Errorf("a note of who asked: %v", err)
	}
}

func TestAskerInText(t *testing.T) {
	a := Asker{Name: "千代田 花子", Phone: "03-5211-0000", Email: "Hanako@example.jp", Address: "九段南1-2-1"}
	for text, want := range map[string]bool{
		"千代田花子さんの質問": true, "電話 ０３（５２１１）００００": true, "HANAKO@EXAMPLE.JP へ": true, "九段南1-2-1 の方": true,
		"会場の予約はいつからですか。": false, "": false, "受付番号 0352": false,
	} {
		if got := a.In(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if (Asker{}).In("x") || !(Asker{}).IsEmpty() {
		t.Error("nobody is in a text")
	}
}
