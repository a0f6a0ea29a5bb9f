package outreach_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/services/outreach"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/notice"
)

var updateNotices = flag.Bool("update-notices", false, "write testdata/notice")

// states are what a kind says where it says a state.
var states = map[string][]string{
	"challenge_responded": {"アイデア", "協力の申出"}, "proposal_decided": {"採択", "条件付採択", "不採択", "継続検討"},
	"evaluation_due": {"近づいています", "過ぎました"}, "booking_ended": {"取り消されました", "期限までに手続がなかったため無効になりました"},
	"lottery_decided": {"当選", "落選"}, "penalty_decided": {"点数を取り消します", "点数はそのままです"},
	"posting_decided": {"承認されました", "承認されませんでした"}, "sponsorship_decided": {"承認されました", "承認されませんでした"},
}

// Every text reads as a clerk would write it: the golden files are read by people.
func TestNoticeTexts(t *testing.T) {
	t.Parallel()
	var names []string
	for _, k := range notice.Kinds() {
		for version := 1; version <= k.Version; version++ {
			name := fmt.Sprintf("%s.%d.txt", k.Code, version)
			names = append(names, name)
			var b strings.Builder
			for _, state := range append(states[k.Code], "") {
				f := notice.Facts{
					Number: "R8-見-0001", Title: "見本の集い", State: state, Day: "2026年12月1日（令和8年）火曜日", Due: "2026年12月15日（令和8年）火曜日",
					Time: "10:00〜12:00", Place: "見本区民館 洋室A", Side: "共催", Reason: "区の都合",
				}
				if state == "" && states[k.Code] != nil {
					continue
				}
				subject, text, err := outreach.NoticeText(k.Code, version, f)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "Subject: %s\n\n%s\n", subject, text)
			}
			golden := filepath.Join("testdata", "notice", name)
			if *updateNotices {
				if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			if s := b.String(); strings.Contains(s, "<no value>") || strings.Contains(s, "\n\n\n\n") || !strings.Contains(s, "https://kyodo.example/things/0198") {
				t.Errorf("%s:\n%s", name, s)
			}
		}
	}
	files := outreach.NoticeFiles()
	slices.Sort(files)
	slices.Sort(names)
	if diff := cmp.Diff(names, files); diff != "" {
		t.Errorf("kinds and files differ (-kinds +files):\n%s", diff)
	}
}

// A title can neither end the subject nor turn the text around.
func TestNoticeTextsAreOneLine(t *testing.T) {
	t.Parallel()
	subject, text, err := outreach.NoticeText("publication_published", 1, notice.Facts{Title: "題\r\nBcc: x@example.com\n\n本文\u202e逆\u2066\x00<b>𠮷😀"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "公開しました：題  Bcc: x@example.com  本文逆<b>𠮷😀"; subject != want {
		t.Errorf("subject = %q, want %q", subject, want)
	}
	if !strings.Contains(text, "「題  Bcc: x@example.com  本文逆<b>𠮷😀」を公開しました。") {
		t.Errorf("text = %q", text)
	}
}
