package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/benchmark"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// TestFloor is the floor's process when the benchmark starts it.
func TestFloor(t *testing.T) {
	benchmark.ServeFloor(t, "directory", func(db *pg.DB) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
			query := r.URL.Query()
			q, err := jp.QueryTerms(query.Get("q"))
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			found, err := store.SearchOrganizations(r.Context(), db, q, store.OrganizationFilter{}, pg.Page{Size: pageSize, After: query["after"]})
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(plainPage(found)) // the caller is gone when it fails
		})
		return mux
	})
}

const (
	pageSize             = 50
	benchedOrganizations = 50_000
)

// plainOrganization has the fields of the contract's Organization.
type plainOrganization struct {
	ID                     string     `json:"id"`
	State                  string     `json:"state"`
	Name                   string     `json:"name"`
	NameKana               string     `json:"nameKana"`
	NameEn                 string     `json:"nameEn"`
	AlternateName          string     `json:"alternateName"`
	Kind                   string     `json:"kind"`
	LegalForm              string     `json:"legalForm"`
	CorporateNumber        string     `json:"corporateNumber"`
	Jurisdiction           string     `json:"jurisdiction"`
	Purpose                string     `json:"purpose"`
	Description            string     `json:"description"`
	ActivityFields         []int32    `json:"activityFields"`
	RepresentativeName     string     `json:"representativeName"`
	RepresentativeNameKana string     `json:"representativeNameKana"`
	RepresentativeTitle    string     `json:"representativeTitle"`
	EstablishedOn          string     `json:"establishedOn"`
	CertifiedOn            string     `json:"certifiedOn"`
	RegisteredOn           string     `json:"registeredOn"`
	Certification          string     `json:"certification"`
	CertificationFrom      string     `json:"certificationFrom"`
	CertificationUntil     string     `json:"certificationUntil"`
	MemberCount            int32      `json:"memberCount"`
	AnnualBudget           int64      `json:"annualBudget,string"`
	Address                plainPlace `json:"address"`
	URL                    string     `json:"url"`
	Capabilities           []string   `json:"capabilities"`
	VerifiedOn             string     `json:"verifiedOn"`
	ValidUntil             string     `json:"validUntil"`
	LastConfirmedOn        string     `json:"lastConfirmedOn"`
	StateReason            string     `json:"stateReason"`
	UpdateTime             time.Time  `json:"updateTime"`
	ETag                   string     `json:"etag"`
}

type plainPlace struct {
	PostalCode       string `json:"postalCode"`
	MunicipalityCode string `json:"municipalityCode"`
	Prefecture       string `json:"prefecture"`
	City             string `json:"city"`
	Town             string `json:"town"`
	StreetNumber     string `json:"streetNumber"`
	Building         string `json:"building"`
}

// plainPage is the answer of the floor.
func plainPage(found []*store.Seen) any {
	page := make([]plainOrganization, 0, pageSize)
	for _, o := range found[:min(len(found), pageSize)] {
		page = append(page, plainOrganization{
			ID: o.ID, State: string(o.State), Name: o.Name, NameKana: o.NameKana, NameEn: o.NameEn, AlternateName: o.AlternateName,
			Kind: string(o.Kind), LegalForm: o.LegalForm, CorporateNumber: o.CorporateNumber, Jurisdiction: o.Jurisdiction,
			Purpose: o.Purpose, Description: o.Description, ActivityFields: o.ActivityFields,
			EstablishedOn: dayText(o.EstablishedOn), CertifiedOn: dayText(o.CertifiedOn), RegisteredOn: dayText(o.RegisteredOn),
			Certification: o.Certification, CertificationFrom: dayText(o.CertificationFrom), CertificationUntil: dayText(o.CertificationUntil),
			Address: plainPlace{MunicipalityCode: o.MunicipalityCode, Prefecture: o.Prefecture, City: o.City, Town: o.Town},
			URL:     o.URL, Capabilities: o.Capabilities, VerifiedOn: dayText(o.VerifiedOn), ValidUntil: dayText(o.ValidUntil),
			LastConfirmedOn: dayText(o.LastConfirmedOn), UpdateTime: o.UpdatedAt, ETag: strconv.FormatInt(o.Version, 10),
		})
	}
	return map[string]any{"organizations": page}
}

// BenchmarkSearchOrganizations searches 50,000 organizations for words of two
// and three characters, from rare to so common that nearly all hold them.
func BenchmarkSearchOrganizations(b *testing.B) {
	rig := benchmark.New(b)
	rig.Fill(b, benchmark.Copies{
		Service: "directory", Table: "organization", Of: sampleID("1001"), Count: benchedOrganizations, Changes: benched,
	})
	for _, word := range []string{
		"盆栽", "囲碁", "三味線", "手話", "図書館", "防災", "子育て", "一ツ橋", "活動", "目的と", "三味線 活動", "防災 子育て",
	} {
		search := searcher{rig: rig, word: word, clients: directoryv1.NewOrganizationServiceClient(rig.GRPC)}
		hits := rig.Texts(b, "directory", `
			SELECT count(*)::text
			FROM organization
			WHERE state IN ('VERIFIED', 'EXPIRED') AND search_key LIKE ALL($1)`, search.query().LikePatterns())[0]
		b.Run(word+" "+hits+" hits", search.compare)
		if n, err := strconv.Atoi(hits); err == nil && n >= 10_000 {
			search.next(b)
			b.Run(word+" "+hits+" hits page 2", search.compare)
		}
	}
}

// searcher searches one word in the three ways.
type searcher struct {
	rig     *benchmark.Rig
	clients directoryv1.OrganizationServiceClient
	word    string
	token   string   // Of the page.
	after   []string // Its place for the floor.
}

func (s *searcher) query() jp.Query {
	q, err := jp.QueryTerms(s.word)
	if err != nil {
		panic(err)
	}
	return q
}

// next goes on to the second page.
func (s *searcher) next(b *testing.B) {
	b.Helper()
	resp, err := s.clients.SearchOrganizations(b.Context(), &directoryv1.SearchOrganizationsRequest{Q: s.word, PageSize: pageSize})
	if err != nil {
		b.Fatal(err)
	}
	s.token = resp.GetNextPageToken()
	last := resp.GetOrganizations()[pageSize-1]
	key := s.rig.Texts(b, "directory", `SELECT kana_sort_key FROM organization WHERE id = $1`, last.GetId())[0]
	s.after = []string{key, last.GetNameKana(), last.GetId()}
}

func (s *searcher) compare(b *testing.B) {
	floor := s.rig.Floor + "/search?" + url.Values{"q": {s.word}, "after": s.after}.Encode()
	rest := s.rig.Origin + "/v1/organizations:search?" + url.Values{"q": {s.word}, "pageSize": {strconv.Itoa(pageSize)}, "pageToken": {s.token}}.Encode()
	s.rig.Compare(b, benchmark.Load{Requests: 40, Clients: 2},
		benchmark.Side{Name: "floor", Do: func(ctx context.Context, _ int) error {
			return benchmark.Fetch(ctx, http.MethodGet, floor, "", nil)
		}},
		benchmark.Side{Name: "REST", Do: func(ctx context.Context, _ int) error {
			return benchmark.Fetch(ctx, http.MethodGet, rest, "", nil)
		}},
		benchmark.Side{Name: "gRPC", Do: func(ctx context.Context, _ int) error {
			_, err := s.clients.SearchOrganizations(ctx, &directoryv1.SearchOrganizationsRequest{Q: s.word, PageSize: pageSize, PageToken: s.token})
			return err
		}})
}

// benched changes a sample organization into the i-th of a ward that has many.
// The words of rare stand in every so many of them; a place stands at one place
// of the order.
func benched(i int) map[string]any {
	pick := func(from []string, salt int) string { return from[(i*7919+salt*104729+i/len(from))%len(from)] }
	forms := []string{"特定非営利活動法人", "NPO法人", "一般社団法人", "", "", ""}
	places := []string{"神田", "麹町", "番町", "九段", "富士見", "飯田橋", "駿河台", "秋葉原", "永田町", "霞が関", "岩本町", "一ツ橋"}
	themes := []string{"こども", "みどり", "ふれあい", "まちなみ", "食と農", "音楽", "国際交流", "高齢者支援", "川と水辺", "歴史探訪", "情報化", "見守り"}
	groups := []string{"の会", "ネットワーク", "クラブ", "協議会", "サポートセンター", "を考える会", "実行委員会", "ひろば"}
	readings := []string{"カンダ", "コウジマチ", "バンチョウ", "クダン", "フジミ", "イイダバシ", "スルガダイ", "アキハバラ", "ナガタチョウ", "カスミガセキ", "イワモトチョウ", "ヒトツバシ"}
	name := fmt.Sprintf("%s%s%s%s 第%d", pick(forms, 1), pick(places, 2), pick(themes, 3), pick(groups, 4), i)
	kana := fmt.Sprintf("%s%s%s %d", pick(readings, 2), pick([]string{"コドモ", "ミドリ", "オンガク", "レキシ"}, 6), pick([]string{"ノカイ", "ネットワーク", "クラブ"}, 7), i)
	var purpose strings.Builder
	fmt.Fprintf(&purpose, "%sの住民と在勤者に対し、%sに関する事業を行い、豊かで安心な地域社会に寄与する。", pick(places, 8), pick(themes, 9))
	for _, rare := range []struct {
		every int
		text  string
	}{
		{5, ""},
		{16_667, "囲碁を教える。"},
		{16_661, "三味線を伝える。"},
		{1000, "手話を学ぶ。"},
		{997, "点訳者を育てる。"},
		{50, "観光客を案内する。"},
		{49, "図書館で読み聞かせをする。"},
		{5, "防災訓練を行う。"},
		{7, "子育てを支える。"},
	} {
		if i%rare.every == 1 {
			purpose.WriteString(rare.text)
		}
	}
	if i%5 != 0 {
		purpose.WriteString("地域の活動を広げることを目的とする。")
	}
	keys := []string{jp.SearchKey(name), jp.SearchKey(kana), jp.SearchKey(purpose.String())}
	return map[string]any{
		"id": fmt.Sprintf("01990000-0000-7000-8000-%012d", i), "name": name, "name_kana": kana, "purpose": purpose.String(), "description": "",
		"corporate_number": "", "state": "VERIFIED", "verified_on": "2026-04-01", "valid_until": "2029-03-31",
		"kana_sort_key": jp.KanaSortKey(kana), "gojuon_row": jp.GojuonRow(kana), "name_key": jp.NameKey(name),
		"search_key": strings.Join(keys, "\n"), "terms": benchmark.Vector(jp.IndexTerms(keys...)),
	}
}
