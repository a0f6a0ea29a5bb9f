package facilities_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// export reads the open data file.
func (w *world) export() (first *typev1.Document, file []byte) {
	w.t.Helper()
	stream, err := w.facilities(nobody).ExportFacilities(w.t.Context(), &facilitiesv1.ExportFacilitiesRequest{})
	w.must(err)
	for {
		resp, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return first, file
		}
		w.must(err)
		if first == nil {
			first = resp.GetDocument()
		}
		file = append(file, resp.GetDocument().GetContent()...)
	}
}

func TestOpenDataHasTheColumnsOfTheStandard(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.facility(facilityInput())
	first, file := w.export()
	if first.GetFileName() != "131016_public_facility.csv" || first.GetMediaType() != "text/csv; charset=utf-8" {
		t.Errorf("%v", first.GetFileName())
	}
	text, ok := bytes.CutPrefix(file, []byte("\ufeff"))
	if !ok || bytes.Count(text, []byte("\n")) != bytes.Count(text, []byte("\r\n")) {
		t.Error("no BOM, or line ends that are not CRLF")
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	w.must(err)
	if len(lines) != 24 || len(lines[0]) != 56 || lines[0][0] != "全国地方公共団体コード" || lines[0][55] != "備考" {
		t.Fatalf("%d lines of %d columns", len(lines), len(lines[0]))
	}
	cells := func(code string) map[string]string {
		out := map[string]string{}
		for _, line := range lines {
			if line[1] != code {
				continue
			}
			for i, c := range line {
				if c != "" {
					out[lines[0][i]] = c
				}
			}
		}
		return out
	}
	want := map[string]string{
		"全国地方公共団体コード": "131016", "ID": "F002", "地方公共団体名": "千代田区", "名称": "麹町区民館", "名称_カナ": "コウジマチクミンカン",
		"名称_通称": "麹町出張所・区民館", "POIコード": "1309", "所在地_全国地方公共団体コード": "131016", "所在地_連結表記": "東京都千代田区麹町二丁目8",
		"所在地_都道府県": "東京都", "所在地_市区町村": "千代田区", "所在地_町字": "麹町二丁目", "所在地_番地以下": "8", "建物名等（方書）": "麹町二丁目公共施設",
		"緯度": "35.685583", "経度": "139.739954", "郵便番号": "1020083", "利用可能曜日": "月火水木金土日", "開始時間": "09:00", "終了時間": "21:00",
		"利用可能時間特記事項": "休館: 年末年始（12月29日から1月3日まで）",
		"備考":         "東京都福祉局「車椅子使用者対応トイレのバリアフリー情報」を加工して作成（CC BY 4.0）。郵便番号は未確認",
	}
	if diff := cmp.Diff(want, cells("F002")); diff != "" {
		t.Error(diff)
	}
	if own := cells("F901"); own["多目的トイレ"] != "有" || own["飲食可否"] != "不可" || own["開始時間"] != "" {
		t.Errorf("%v", own)
	}
	if slices.ContainsFunc(lines[1:], func(line []string) bool { return line[0] != "131016" || line[3] == "" }) {
		t.Error("a line lacks code or name")
	}
}

func TestRoomCalendarHasNoNames(t *testing.T) {
	t.Parallel()
	w := start(t)
	d := today().FirstOfMonth().AddMonths(1).AddDays(4)
	w.hold(room, d, 2, "BOOKING", "")
	client := facilitiesv1.NewCalendarServiceClient(w.As(nobody))
	resp, err := client.GetRoomCalendar(t.Context(), &facilitiesv1.GetRoomCalendarRequest{RoomId: roomAB})
	w.must(err)
	text := strings.ReplaceAll(string(resp.GetDocument().GetContent()), "\r\n ", "")
	for _, want := range []string{
		"BEGIN:VCALENDAR\r\n", "X-WR-CALNAME:麹町区民館 洋室A+B\r\n", "SUMMARY:予約済\r\n",
		"DTSTART;TZID=Asia/Tokyo:" + strings.ReplaceAll(d.String(), "-", "") + "T130000\r\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in it:\n%s", want, text)
		}
	}
	var holder string
	w.must(w.DB("facilities").QueryRow(t.Context(), `SELECT holder_id::text FROM booking_atom WHERE holder_kind = 'BOOKING'`).Scan(&holder))
	if strings.Contains(text, holder) || strings.Count(text, "予約済") != 1 {
		t.Error("it says more than that the slot is taken")
	}
	_, err = client.GetRoomCalendar(t.Context(), &facilitiesv1.GetRoomCalendarRequest{RoomId: none})
	refused(t, err, "RESOURCE_NOT_FOUND")
}
