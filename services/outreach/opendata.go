package outreach

import (
	"bytes"
	"context"
	_ "embed" // The list of columns.
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/opendata"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

//go:embed opendata/131016_event_columns.csv
var columnList string

// columns are the columns of the event list (イベント一覧), in their order.
var columns = strings.Split(strings.TrimSpace(columnList), "\n")

const (
	wardCode = "131016" // 全国地方公共団体コード.
	wardName = "東京都千代田区"
)

// The states of an event as the open data name them.
var stateNames = map[publication.State]string{
	publication.Published: "開催予定", publication.Ended: "終了", publication.Cancelled: "中止",
}

// datum is one value of an event under its two names; gif is empty for what GIF
// DS-43C does not have.
type datum struct{ column, gif, value string }

// data are the values of an event for the open data, without the columns that are
// not known of any event.
func (a announcement) data() []datum {
	d := a.Event
	return append([]datum{
		{"全国地方公共団体コード", "", wardCode},
		{"ID", "id", strings.ReplaceAll(a.ID, "-", "")},
		{"地方公共団体名", "", wardName},
		{"イベント名", "eventName", a.Title},
		{"言語コード", "", "ja"},
		{"サブタイトル", "subTitle", d.Subtitle},
		{"イベント名_カナ", "eventNameKana", d.TitleKana},
		{"イベント名_英語", "eventNameEn", d.TitleEn},
		{"コンテンツURL", "eventUrl", a.page},
		{"状態", "status", stateNames[a.State]},
		{"キーワード", "keyword", strings.Join(d.Keywords, ";")},
		{"タグ", "tag", strings.Join(a.Topics, ";")},
		{"開催パターン", "holdingPattern", pattern(d)},
		{"開始日", "dateOfStart", convert.Date(d.StartsOn)},
		{"終了日", "dateOfEnd", convert.Date(d.LastOn())},
		{"開始時間", "startTime", d.StartTime},
		{"終了時間", "endTime", d.EndTime},
		{"開始日時特記事項", "dateTimeDescription", d.TimeNote},
		{"所要時間", "timeRequired", duration(d)},
		{"掲載開始日", "startDateOfPublication", jp.DateOf(a.PublishAt).String()},
		{"掲載終了日", "endDateOfPublication", convert.Date(a.LastPublicOn())},
		{"概要", "abstract", a.summary()},
		{"説明", "description", plainText(a.Body)},
		{"イベント種類", "eventType", d.Type},
		{"連絡先名称", "", d.Contact.Name},
		{"連絡先電話番号", "", d.Contact.PhoneNumber},
		{"連絡先内線番号", "", d.ContactExtension},
		{"主催者", "organizer", strings.Join(a.credits.Names(credit.Organizer), ";")},
		{"共催団体", "coorganizer", strings.Join(a.credits.Names(credit.CoOrganizer), ";")},
		{"関連組織", "relatedGroup", strings.Join(a.credits.Names(credit.Patron, credit.Supporter, credit.Contractor), ";")},
		{"対象者", "targetPerson", d.Target},
		{"対象者備考", "targetRemark", d.TargetNote},
		{"開催条件", "holdingCondition", d.Condition},
		{"URL", "", d.URL},
		{"画像", "", d.Image.URL},
		{"画像_ライセンス", "", d.Image.License},
		{"備考", "", remarks(d)},
	}, append(placeData(d), append(admissionData(a), accessData(d.Accessibility)...)...)...)
}

func placeData(d *event.Details) []datum {
	a := d.Place.Address
	return []datum{
		{"場所名称", "location", d.Place.Name},
		{"集合（受付）場所", "locationOfReception", d.Place.Reception},
		{"所在地_全国地方公共団体コード", "", a.MunicipalityCode},
		{"所在地_連結表記", "locationAddress", a.Line()},
		{"所在地_都道府県", "", a.Prefecture},
		{"所在地_市区町村", "", a.City},
		{"所在地_町字", "", a.Town},
		{"所在地_番地以下", "", a.StreetNumber},
		{"建物名等(方書)", "", a.Building},
		{"緯度", "", degrees(d.Place.Latitude)},
		{"経度", "", degrees(d.Place.Longitude)},
		{"アクセス方法", "accessMethod", d.Place.Access},
		{"駐車場情報", "parkingStatus", d.Place.Parking},
		{"駐輪場情報", "", d.Place.BicycleParking},
		{"Web開催", "webinarStatus", online(d.Online)},
		{"Web開催URL", "webinarUrl", d.Online.URL},
		{"ツール・環境", "", d.Online.Tools},
	}
}

func admissionData(a announcement) []datum {
	d := a.Event
	m, method, form := d.Admission, d.Admission.Method, d.Admission.URL
	if m.Mode != event.NoRegistration {
		if method == "" {
			method = "インターネット"
		}
		if form == "" {
			form = a.page
		}
	}
	capacity, fee := "", ""
	if m.Capacity > 0 {
		capacity = strconv.Itoa(m.Capacity)
	}
	if d.Fee.Kind == event.Paid && d.Fee.Amount > 0 {
		fee = strconv.FormatInt(d.Fee.Amount, 10)
	}
	return []datum{
		{"定員", "capacity", capacity},
		{"定員備考", "capacityRemark", m.CapacityNote},
		{"料金(基本)", "fee_JPY", fee},
		{"料金(詳細)", "feeDescription", d.Fee.Note},
		{"料金種別", "feeStatus", map[event.FeeKind]string{event.Free: "無料", event.Paid: "有料"}[d.Fee.Kind]},
		{"申込開始日", "startDateOfApplication", convert.Date(m.OpensOn)},
		{"申込開始時刻", "applicationStartTime", m.OpensTime},
		{"参加申込終了日", "deadlineDateOfApplication", convert.Date(m.ClosesOn)},
		{"参加申込終了時間", "applicationDeadlineTime", m.ClosesTime},
		{"参加申込方法", "applicationMethod", method},
		{"申込URL", "applicationUrl", form},
	}
}

func accessData(a event.Accessibility) []datum {
	return []datum{
		{"外国語対応", "", strings.Join(a.Languages, ";")},
		{"外国語対応備考", "", a.Note},
		{"授乳室", "", isThere(a.NursingRoom)},
		{"おむつ替えコーナー", "", isThere(a.DiaperCorner)},
		{"飲食可否", "", isPossible(a.FoodAndDrink)},
		{"ベビーカー貸出", "", isThere(a.StrollerRental)},
		{"ベビーカー利用", "", isPossible(a.StrollerUse)},
	}
}

func isThere(v event.Availability) string {
	return map[event.Availability]string{event.Available: "有", event.NotAvailable: "無"}[v]
}

func isPossible(v event.Availability) string {
	return map[event.Availability]string{event.Available: "可", event.NotAvailable: "不可"}[v]
}

func online(o event.Online) string {
	if o.Available {
		return "有"
	}
	return "無"
}

func pattern(d *event.Details) string {
	if d.Recurrence != "" {
		return "繰り返し"
	}
	return "単発"
}

// duration is how long one occurrence takes as HH:MM; empty where it is not said
// or longer than a day.
func duration(d *event.Details) string {
	if d.EndTime == "" || d.Ends().Sub(d.Starts()) > 24*time.Hour {
		return ""
	}
	took := d.Ends().Sub(d.Starts())
	return fmt.Sprintf("%02d:%02d", int(took.Hours()), int(took.Minutes())%60)
}

func degrees(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// remarks are the notes and what the columns have no place for.
func remarks(d *event.Details) string {
	var out []string
	if d.Note != "" {
		out = append(out, d.Note)
	}
	for _, f := range []struct {
		name  string
		value event.Availability
	}{
		{"車いす", d.Accessibility.Wheelchair},
		{"手話通訳", d.Accessibility.SignLanguage},
		{"要約筆記", d.Accessibility.Captioning},
		{"ヒアリングループ", d.Accessibility.HearingLoop},
	} {
		if f.value != "" {
			out = append(out, f.name+"："+isThere(f.value))
		}
	}
	return strings.Join(out, "／")
}

// csv is the event's line of the open data, with its line end.
func (a announcement) csv() (string, error) {
	values := map[string]string{}
	for _, d := range a.data() {
		values[d.column] = d.value
	}
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = values[c]
	}
	line, err := csvLine(cells)
	return strings.TrimPrefix(line, byteOrderMark), err
}

const byteOrderMark = "\ufeff"

// csvLine is a file of one line.
func csvLine(cells []string) (string, error) {
	var out bytes.Buffer
	w := opendata.NewWriter(&out)
	if err := w.Write(cells); err != nil {
		return "", err
	}
	err := w.Flush()
	return out.String(), err
}

// gif is the event as a JSON object with the names of GIF DS-43C. Fields that are
// not known are left out.
func (a announcement) gif() (string, error) {
	values := map[string]any{}
	for _, d := range a.data() {
		if d.gif != "" && d.value != "" {
			values[d.gif] = d.value
		}
	}
	c := a.Event.Contact
	contact := map[string]string{}
	for name, v := range map[string]string{
		"contactPointName": c.Name, "contactPointPhoneNumber": c.PhoneNumber, "contactPointEmailAddress": c.Email, "contactPointUrl": c.URL,
	} {
		if v != "" {
			contact[name] = v
		}
	}
	values["contactPointInformation"] = contact
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(true)
	err := enc.Encode(values)
	return strings.TrimSpace(out.String()), err
}

// place is where an event is, for readers.
func place(d *event.Details) string {
	if d.Place.Name == "" && d.Online.Available {
		return "オンライン"
	}
	parts := []string{d.Place.Name}
	if line := d.Place.Address.Line() + d.Place.Address.Building; line != "" {
		parts = append(parts, "（"+line+"）")
	}
	return strings.Join(parts, "")
}

// exportPiece is the size of a message of an export, give or take a line.
const exportPiece = 256 << 10

// ExportEvents streams the open data of all public events.
func (s *feeds) ExportEvents(req *outreachv1.ExportEventsRequest, stream grpc.ServerStreamingServer[outreachv1.ExportEventsResponse]) error {
	changed, err := store.FeedChanged(stream.Context(), s.DB, store.FeedFilter{Kind: publication.Event})
	if err != nil {
		return err
	}
	first := &typev1.Document{
		MediaType: "text/csv; charset=utf-8; header=present", FileName: wardCode + "_event.csv", ModifyTime: convert.Instant(changed), MaxAge: exportAge,
	}
	out := &pieces{stream: stream, next: first}
	if req.GetProfile() == "gif" {
		first.MediaType, first.FileName = "application/json", wardCode+"_event.json"
		return out.gif(stream.Context(), s)
	}
	return out.csv(stream.Context(), s)
}

// exportAge is how long anybody may keep an export, in seconds.
const exportAge = 300

// pieces sends a file in pieces; its memory is one of them.
type pieces struct {
	stream grpc.ServerStreamingServer[outreachv1.ExportEventsResponse]
	next   *typev1.Document
}

func (p *pieces) csv(ctx context.Context, s *feeds) error {
	header, err := csvLine(columns)
	if err != nil {
		return err
	}
	p.next.Content = append(p.next.Content, header...)
	if err := store.Export(ctx, s.DB, store.ExportCSV, p.add); err != nil {
		return err
	}
	return p.send()
}

func (p *pieces) gif(ctx context.Context, s *feeds) error {
	p.next.Content = append(p.next.Content, "["...)
	separator := "\n"
	err := store.Export(ctx, s.DB, store.ExportGIF, func(line []byte) error {
		p.next.Content = append(p.next.Content, separator...)
		separator = ",\n"
		return p.add(line)
	})
	if err != nil {
		return err
	}
	p.next.Content = append(p.next.Content, "\n]\n"...)
	return p.send()
}

func (p *pieces) add(line []byte) error {
	p.next.Content = append(p.next.Content, line...)
	if len(p.next.Content) < exportPiece {
		return nil
	}
	return p.send()
}

// send sends what is gathered. The bytes are gathered anew after it: in one
// process the reader may still have them.
func (p *pieces) send() error {
	err := p.stream.Send(&outreachv1.ExportEventsResponse{Document: p.next})
	p.next = &typev1.Document{Content: make([]byte, 0, exportPiece+exportPiece/4)}
	return err
}
