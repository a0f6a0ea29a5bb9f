package facilities

import (
	_ "embed"
	"encoding/csv"
	"strconv"
	"strings"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/opendata"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
)

// The columns of 公共施設一覧 in their order, as published files of the national
// standard data set have them.
//
//go:embed opendata_columns.csv
var columnsFile string

var openDataColumns = func() []string {
	lines, err := csv.NewReader(strings.NewReader(columnsFile)).ReadAll()
	if err != nil { // The file is embedded.
		panic(err)
	}
	var names []string
	for _, line := range lines[1:] {
		names = append(names, line[1])
	}
	return names
}()

const (
	openDataName   = "131016_public_facility.csv"
	openDataMaxAge = 3600 // Seconds.
)

// ExportFacilities writes the facilities of today as open data.
func (s *facilities) ExportFacilities(_ *facilitiesv1.ExportFacilitiesRequest, stream grpc.ServerStreamingServer[facilitiesv1.ExportFacilitiesResponse]) error {
	c, err := s.rules.Read(stream.Context(), s.DB)
	if err != nil {
		return err
	}
	today := jp.DateOf(s.Now())
	w := opendata.NewWriter(&exportPieces{stream: stream})
	if err := w.Write(openDataColumns); err != nil {
		return err
	}
	for _, f := range c.Facilities(today) {
		cells, row := openDataCells(c, f, today), make([]string, len(openDataColumns))
		for i, name := range openDataColumns {
			row[i] = cells[name]
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return w.Flush()
}

// exportPieces sends what is written, the first piece with name and type.
type exportPieces struct {
	stream grpc.ServerStreamingServer[facilitiesv1.ExportFacilitiesResponse]
	begun  bool
}

// Write implements io.Writer.
func (p *exportPieces) Write(content []byte) (int, error) {
	d := &typev1.Document{Content: content}
	if !p.begun {
		p.begun = true
		d.MediaType, d.FileName, d.MaxAge = "text/csv; charset=utf-8", openDataName, openDataMaxAge
	}
	return len(content), p.stream.Send(&facilitiesv1.ExportFacilitiesResponse{Document: d})
}

// openDataCells are the cells of a facility by column; what is not known is left
// out.
func openDataCells(c *facility.Catalogue, f *facility.Facility, on jp.Date) map[string]string {
	a := f.Address
	cells := map[string]string{
		"全国地方公共団体コード": jp.ChiyodaCode, "ID": f.Code, "地方公共団体名": jp.ChiyodaName, "名称": f.Name, "名称_カナ": f.NameKana,
		"名称_英字": f.NameEn, "名称_通称": f.AlternateName, "POIコード": f.POICode, "所在地_全国地方公共団体コード": a.MunicipalityCode,
		"所在地_連結表記": a.String(), "所在地_都道府県": a.Prefecture, "所在地_市区町村": a.City, "所在地_町字": a.Town,
		"所在地_番地以下": a.StreetNumber, "建物名等（方書）": a.Building, "緯度": degrees(f.Latitude), "経度": degrees(f.Longitude),
		"電話番号": f.PhoneNumber, "郵便番号": a.PostalCode, "説明": f.Description, "URL": f.URL, "備考": f.Source,
	}
	for _, x := range f.Features {
		cells[x.Name] = featureMark(x)
	}
	if len(f.Classes) > 0 {
		openHours(cells, c, f, on)
	}
	return cells
}

func degrees(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func featureMark(x facility.Feature) string {
	yes, no := "有", "無"
	if x.Name == "飲食可否" || x.Name == "ベビーカー利用" {
		yes, no = "可", "不可"
	}
	if x.Available {
		return yes
	}
	return no
}

// openHours writes when the rooms of a facility can be used.
func openHours(cells map[string]string, c *facility.Catalogue, f *facility.Facility, on jp.Date) {
	start, end := "", ""
	for _, room := range c.Rooms(on) {
		p := c.Pattern(room, on)
		if room.FacilityID != f.ID || p == nil {
			continue
		}
		if first := p.Slots[0].Start; start == "" || first < start {
			start = first
		}
		if last := p.Slots[len(p.Slots)-1].End; last > end {
			end = last
		}
	}
	if start == "" {
		return
	}
	closed := map[int]bool{}
	var reasons []string
	for _, closure := range c.ClosuresOf(f.ID, on) {
		if closure.Kind == facility.Weekly {
			for _, w := range closure.Weekdays {
				closed[w] = true
			}
		}
		if closure.Kind != facility.DateRange {
			reasons = append(reasons, closure.Reason)
		}
	}
	days := ""
	for i, name := range []string{"月", "火", "水", "木", "金", "土", "日"} {
		if !closed[i+1] {
			days += name
		}
	}
	cells["利用可能曜日"], cells["開始時間"], cells["終了時間"] = days, start, end
	if len(reasons) > 0 {
		cells["利用可能時間特記事項"] = "休館: " + strings.Join(reasons, ";")
	}
}
