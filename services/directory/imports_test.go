package directory

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// importing sends a file with a header.
func (w *world) importing(ctx context.Context, by caller, h *directoryv1.ImportHeader, content io.Reader) (*directoryv1.ImportOrganizationsResponse, error) {
	w.t.Helper()
	stream, err := by.ImportOrganizations(ctx)
	w.must(err)
	h.FileName = "見本の一覧.csv"
	err = stream.Send(&directoryv1.ImportOrganizationsRequest{Part: &directoryv1.ImportOrganizationsRequest_Header{Header: h}})
	for err == nil {
		piece := make([]byte, 64<<10)
		n, readErr := io.ReadFull(content, piece)
		if n > 0 {
			err = stream.Send(&directoryv1.ImportOrganizationsRequest{Part: &directoryv1.ImportOrganizationsRequest_Content{Content: piece[:n]}})
		}
		if readErr != nil {
			break
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		w.t.Fatal(err)
	}
	return stream.CloseAndRecv()
}

// imports sends a file as the desk.
func (w *world) imports(h *directoryv1.ImportHeader, file string) (*directoryv1.ImportOrganizationsResponse, error) {
	w.t.Helper()
	return w.importing(because(w.t), w.desk(), h, strings.NewReader(file))
}

func (w *world) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	w.must(w.DB("directory").QueryRow(w.t.Context(), sql, args...).Scan(&n))
	return n
}

func (w *world) organizationCount() int { return w.count(`SELECT count(*) FROM organization`) }

const (
	listHead = "名称,フリガナ,種別,法人番号,活動分野,活動目的,代表者氏名,所在地,設立年月日,会員数,覚え\r\n"
	goodRow  = "髙橋の会,タカハシノカイ,任意団体,,3;子どもの健全育成,見守り,見本 一郎,千代田区九段南1-2-1,2003/4/1,１２,社内用\r\n"
)

func TestImportAsDraftsAndPublished(t *testing.T) {
	w := start(t)
	sjis, lost := jp.ToCP932(listHead + goodRow)
	if lost != nil {
		t.Fatal(lost)
	}
	dry, err := w.imports(&directoryv1.ImportHeader{ValidateOnly: true, Publish: true}, string(sjis))
	w.must(err)
	want := &directoryv1.ImportOrganizationsResponse{RowCount: 1, ImportedCount: 1, Charset: "CP932", IgnoredColumns: []string{"覚え"}}
	if diff := cmp.Diff(want.String(), dry.String()); diff != "" || w.organizationCount() != 0 {
		t.Errorf("dry run (-want +got):\n%s", diff)
	}
	done, err := w.imports(&directoryv1.ImportHeader{Publish: true, SourceName: "見本の一覧", SourceUrl: "https://example.jp/list"}, string(sjis))
	w.must(err)
	list := w.listAll(w.public(), &directoryv1.ListOrganizationsRequest{})
	if len(list) != 1 || done.GetImportId() == "" {
		t.Fatalf("%v: %v", done, list)
	}
	o := list[0]
	got := []any{o.GetName(), o.GetNameKana(), o.GetKind(), o.GetActivityFields(), o.GetAddress().GetTown(), o.GetEstablishedOn(), o.GetSourceName(), o.GetSourceUrl(), o.GetRepresentativeName(), o.GetState()}
	if diff := cmp.Diff([]any{
		"髙橋の会", "タカハシノカイ", directoryv1.Organization_VOLUNTEER_GROUP, []int32{3, 13}, "九段南一丁目", "2003-04-01", "見本の一覧", "https://example.jp/list", "", directoryv1.Organization_VERIFIED,
	}, got); diff != "" {
		t.Errorf("imported (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ward OrganizationStateChanged", "public OrganizationVerified"}, w.events(o.GetId())); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	found, err := w.public().SearchOrganizations(t.Context(), &directoryv1.SearchOrganizationsRequest{Q: "高橋"})
	w.must(err)
	if len(found.GetOrganizations()) != 1 {
		t.Errorf("found %v", found)
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'directory.organization.import' AND object_id = $1 AND reason <> ''`, done.GetImportId()); n != 1 {
		t.Errorf("%d audit entries", n)
	}
	// A draft needs name and kind alone; nobody but the desk sees it.
	_, err = w.imports(&directoryv1.ImportHeader{}, "\uFEFF名称,団体種別\n下書きの会,NPO法人\n\n")
	w.must(err)
	if n := len(w.listAll(w.public(), &directoryv1.ListOrganizationsRequest{})); n != 1 {
		t.Errorf("everybody sees %d", n)
	}
	if drafts := w.listAll(w.desk(), &directoryv1.ListOrganizationsRequest{State: directoryv1.Organization_DRAFT}); len(drafts) != 1 {
		t.Errorf("drafts %v", drafts)
	}
}

// TestImportOfOneBadRow changes nothing and names row and column, whatever is
// wrong.
func TestImportOfOneBadRow(t *testing.T) {
	w := start(t)
	for name, c := range map[string]struct{ row, path, reason string }{
		"a number of another":  {"甲の会,コウノカイ,NPO法人,1234567891012,3,目的,見本,三番町1,,,", "rows[3].法人番号", "INVALID_CORPORATE_NUMBER"},
		"kana":                 {"甲の会,甲,NPO法人,,3,目的,見本,三番町1,,,", "rows[3].名称_カナ", "INVALID_KANA"},
		"a kind of nobody":     {"甲の会,コウ,会派,,3,目的,見本,三番町1,,,", "rows[3].団体種別", "UNKNOWN_KIND"},
		"an activity field":    {"甲の会,コウ,NPO法人,,3;21,目的,見本,三番町1,,,", "rows[3].活動分野", "UNKNOWN_ACTIVITY_FIELD"},
		"no purpose":           {"甲の会,コウ,NPO法人,,3,,見本,三番町1,,,", "rows[3].活動目的", "INVALID_FIELD"},
		"no name":              {",コウ,NPO法人,,3,目的,見本,三番町1,,,", "rows[3].名称", "INVALID_FIELD"},
		"a long name":          {strings.Repeat("長", 101) + ",コウ,NPO法人,,3,目的,見本,三番町1,,,", "rows[3].名称", "INVALID_FIELD"},
		"a day that is none":   {"甲の会,コウ,NPO法人,,3,目的,見本,三番町1,2003-02-30,,", "rows[3].設立年月日", "INVALID_DATE"},
		"a day of no form":     {"甲の会,コウ,NPO法人,,3,目的,見本,三番町1,去年,,", "rows[3].設立年月日", "INVALID_FIELD"},
		"a formula":            {"=HYPERLINK(1),コウ,NPO法人,,3,目的,見本,三番町1,,,", "rows[3].名称", "TEXT_LIKE_FORMULA"},
		"a formula made mild":  {"'=HYPERLINK(1),コウ,NPO法人,,3,目的,見本,三番町1,,,", "rows[3].名称", "TEXT_LIKE_FORMULA"},
		"members in words":     {"甲の会,コウ,NPO法人,,3,目的,見本,三番町1,,百人,", "rows[3].会員数", "INVALID_NUMBER"},
		"fewer than none":      {"甲の会,コウ,NPO法人,,3,目的,見本,三番町1,,-5,", "rows[3].会員数", "INVALID_FIELD"},
		"an address elsewhere": {"甲の会,コウ,NPO法人,,3,目的,見本,どこか,,,", "rows[3].所在地_町字", "INVALID_ADDRESS"},
		"a cell too few":       {"甲の会,コウ,NPO法人", "rows[3]", "COLUMN_COUNT_DIFFERS"},
		"a quote left open":    {`甲の会,"コウ,NPO法人`, "rows[3]", "CSV_MALFORMED"},
		"the same once more":   {strings.TrimSpace(goodRow), "rows[3].名称", "DUPLICATE_NAME"},
		"a control character":  {"甲の\u202e会,コウ,NPO法人,,3,目的,見本,三番町1,,,", "rows[3].名称", "FORBIDDEN_CHARACTER"},
		"a personal number":    {"甲の会,コウ,NPO法人,123456789012,3,目的,見本,三番町1,,,", "rows[3].法人番号", "MY_NUMBER_NOT_ACCEPTED"},
	} {
		t.Run(name, func(t *testing.T) {
			w := w.in(t)
			_, err := w.imports(&directoryv1.ImportHeader{Publish: true}, listHead+goodRow+c.row+"\r\n")
			f := w.refused(err, "IMPORT_REJECTED")
			if len(f.Fields) != 1 || f.Fields[0].Path != c.path || f.Fields[0].Reason != c.reason || !strings.HasPrefix(f.Fields[0].Ja, "3行目 ") || f.Metadata["findingCount"] != "1" {
				t.Errorf("fields %+v, %v", f.Fields, f.Metadata)
			}
			dry, err := w.imports(&directoryv1.ImportHeader{Publish: true, ValidateOnly: true}, listHead+goodRow+c.row+"\r\n")
			w.must(err)
			if n := dry.GetFindings(); len(n) != 1 || n[0].GetRow() != 3 || n[0].GetReason() != c.reason || dry.GetImportedCount() != 0 {
				t.Errorf("dry run: %v", dry)
			}
		})
	}
	broken := append([]byte(listHead), []byte("甲の会\x81\xff,コウ,NPO法人,,3,目的,見本,三番町1,,,")...)
	if sjis, _ := jp.ToCP932(listHead); sjis != nil {
		broken = append(sjis, []byte("\x8d\x62\x81\xff,,NPO,,,,,,,,\r\n")...)
	}
	_, err := w.imports(&directoryv1.ImportHeader{}, string(broken))
	if f := w.refused(err, "IMPORT_REJECTED"); f.Fields[0].Reason != "INVALID_TEXT_ENCODING" || f.Fields[0].Path != "rows[2].名称" {
		t.Errorf("fields %+v", f.Fields)
	}
	if n := w.organizationCount() + w.count(`SELECT count(*) FROM event_log`); n != 0 {
		t.Errorf("%d rows of organizations and events", n)
	}
}

func TestImportRefusals(t *testing.T) {
	w := start(t)
	for name, file := range map[string]string{
		"empty": "", "no kind": "名称\n見本\n", "twice": "名称,団体種別,団体名\n", "no CSV": "\"名称", "a picture": "\x89PNG\r\n\x1a\n",
	} {
		t.Run(name, func(t *testing.T) {
			w := w.in(t)
			_, err := w.imports(&directoryv1.ImportHeader{}, file)
			w.refused(err, "IMPORT_UNREADABLE")
		})
	}
	_, err := w.importing(t.Context(), w.desk(), &directoryv1.ImportHeader{}, strings.NewReader(listHead))
	w.refused(err, "REASON_REQUIRED")
	_, err = w.importing(because(t), w.signIn("resident"), &directoryv1.ImportHeader{}, strings.NewReader(listHead))
	w.refused(err, "PERMISSION_DENIED")
	_, err = w.imports(&directoryv1.ImportHeader{SourceUrl: "javascript:1"}, listHead)
	w.refused(err, "INVALID_FIELD")
	_, err = w.importing(because(t), w.desk(), &directoryv1.ImportHeader{}, io.LimitReader(endless("見"), maxImport+1))
	w.refused(err, "PAYLOAD_TOO_LARGE")
}

// endless repeats a text for ever.
type endless string

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e[i%len(e)]
	}
	return len(p), nil
}

// TestImportFindsDuplicates by number and by name in a town, in the register and
// in the file.
func TestImportFindsDuplicates(t *testing.T) {
	w := start(t)
	in := input("NPO法人 見本の会", "ミホンノカイ")
	in.CorporateNumber = "7123456789012"
	_, o := w.verified("head", in)
	file := "名称,団体種別,法人番号,所在地_町字\n" +
		"別の名の会,NPO法人,7123456789012,三番町\n" +
		"特定非営利活動法人　見本の会,NPO法人,,九段南1-2-1\n" +
		"見本の会,NPO法人,,三番町\n" +
		"新しい会,NPO法人,8000012010038,三番町\n" +
		"もう一つの会,NPO法人,8000012010038,三番町\n"
	dry, err := w.imports(&directoryv1.ImportHeader{ValidateOnly: true, Duplicates: directoryv1.ImportHeader_SKIP}, file)
	w.must(err)
	var got []string
	for _, d := range dry.GetDuplicates() {
		got = append(got, fmt.Sprintf("%d %s %t %d", d.GetRow(), d.GetColumn(), d.GetOrganizationId() == o.GetId(), d.GetEarlierRow()))
	}
	if diff := cmp.Diff([]string{"2 法人番号 true 0", "3 名称 true 0", "6 法人番号 false 5"}, got); diff != "" {
		t.Errorf("duplicates (-want +got):\n%s", diff)
	}
	_, err = w.imports(&directoryv1.ImportHeader{}, file)
	if f := w.refused(err, "IMPORT_REJECTED"); len(f.Fields) != 3 {
		t.Errorf("fields %+v", f.Fields)
	}
	done, err := w.imports(&directoryv1.ImportHeader{Duplicates: directoryv1.ImportHeader_SKIP}, file)
	w.must(err)
	if done.GetImportedCount() != 2 || done.GetSkippedCount() != 3 || done.GetDuplicateCount() != 3 || w.organizationCount() != 3 {
		t.Errorf("%v; %d organizations", done, w.organizationCount())
	}
	key := metadata.AppendToOutgoingContext(because(t), rpc.MetaIdempotencyKey, "the-list")
	news := "名称,団体種別\nさらに新しい会,NPO法人\n"
	first, err := w.importing(key, w.desk(), &directoryv1.ImportHeader{}, strings.NewReader(news))
	w.must(err)
	repeat, err := w.importing(key, w.desk(), &directoryv1.ImportHeader{}, strings.NewReader(news))
	w.must(err)
	if diff := cmp.Diff(first, repeat, protocmp.Transform()); diff != "" || first.GetImportedCount() != 1 || w.organizationCount() != 4 {
		t.Errorf("sent again with its key (-first +again):\n%s", diff)
	}
	_, err = w.importing(key, w.desk(), &directoryv1.ImportHeader{}, strings.NewReader(file))
	w.refused(err, "IDEMPOTENCY_KEY_REUSED")
	again, err := w.imports(&directoryv1.ImportHeader{Duplicates: directoryv1.ImportHeader_SKIP}, file)
	w.must(err)
	if again.GetImportedCount() != 0 || w.organizationCount() != 4 {
		t.Errorf("again: %v", again)
	}
}

// lines makes a file of n organizations as it is read.
type lines struct {
	n, at int
	rest  string
}

// Read implements io.Reader.
func (l *lines) Read(p []byte) (int, error) {
	if l.rest == "" {
		switch {
		case l.at > l.n:
			return 0, io.EOF
		case l.at == 0:
			l.rest = "名称,名称_カナ,団体種別,活動分野,活動目的,代表者氏名,所在地_町字,連絡先電話番号,URL\r\n"
		default:
			l.rest = fmt.Sprintf("見本の会 第%d,ミホンノカイ,NPO法人,保健・医療・福祉;環境保全,川の清掃,見本 太郎,三番町,03-5211-3656,https://example.jp/%d\r\n", l.at, l.at)
		}
		l.at++
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// TestImportOfFiftyThousand imports as many organizations as a file can have in
// one go and exports them again; the heap does not grow with them.
func TestImportOfFiftyThousand(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 50,000 rows")
	}
	w := start(t)
	peak := watchHeap(t)
	done, err := w.importing(because(t), w.desk(), &directoryv1.ImportHeader{Publish: true}, &lines{n: maxImportRows})
	w.must(err)
	if grown := peak(); grown > 64<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	if done.GetImportedCount() != maxImportRows || w.organizationCount() != maxImportRows {
		t.Errorf("%v", done)
	}
	if n := w.count(`SELECT count(*) FROM event_log WHERE visibility = 'public'`); n != maxImportRows {
		t.Errorf("%d events", n)
	}
	export, err := w.exported(w.public(), "")
	w.must(err)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(export, "\uFEFF"))).ReadAll()
	w.must(err)
	if len(rows) != maxImportRows+1 {
		t.Errorf("%d rows exported", len(rows))
	}
}

func TestImportOfTooManyRows(t *testing.T) {
	w := start(t)
	dry, err := w.imports(&directoryv1.ImportHeader{ValidateOnly: true}, listHead+strings.Repeat("見本\r\n", maxImportRows+2))
	w.must(err)
	if dry.GetRowCount() != maxImportRows+2 || dry.GetFindingCount() != maxImportRows+1 || len(dry.GetFindings()) != maxTold {
		t.Errorf("%d rows, %d findings", dry.GetRowCount(), dry.GetFindingCount())
	}
	_, err = w.imports(&directoryv1.ImportHeader{}, listHead+strings.Repeat("\r\n", 10)+strings.Repeat("見本\r\n", 200))
	if f := w.refused(err, "IMPORT_REJECTED"); len(f.Fields) != maxRefused || f.Metadata["findingCount"] != "200" {
		t.Errorf("%d fields, %v", len(f.Fields), f.Metadata)
	}
}

// watchHeap begins to watch what lives on the heap, garbage apart; peak ends it and
// answers by how much it grew at most.
func watchHeap(t *testing.T) (peak func() uint64) {
	t.Helper()
	runtime.GC()
	heap := func() uint64 {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		return live[0].Value.Uint64()
	}
	base, end, most := heap(), make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for top := heap(); ; {
			select {
			case <-end:
				most <- top
				return
			case <-tick.C:
				top = max(top, heap())
			}
		}
	}()
	return func() uint64 {
		close(end)
		return max(<-most, base) - base
	}
}

// exported reads an export.
func (w *world) exported(by caller, profile string) (string, error) {
	w.t.Helper()
	stream, err := by.ExportOrganizations(w.t.Context(), &directoryv1.ExportOrganizationsRequest{Profile: profile})
	w.must(err)
	var out strings.Builder
	for first := true; ; first = false {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return out.String(), nil
		}
		if err != nil {
			return "", err
		}
		if d := part.GetDocument(); first != (d.GetFileName() != "" && slices.Contains([]string{"text/csv; charset=utf-8", "application/json"}, d.GetMediaType())) {
			w.t.Errorf("the first piece is %v", d)
		}
		out.Write(part.GetDocument().GetContent())
	}
}
