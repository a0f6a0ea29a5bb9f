package evaluation

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/benchmark"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// TestFloor is the floor's process when the benchmark starts it.
func TestFloor(t *testing.T) {
	benchmark.ServeFloor(t, "evaluation", func(db *pg.DB) http.Handler {
		f := floor{db: db}
		mux := http.NewServeMux()
		mux.Handle("GET /projects", answered(f.projects))
		mux.Handle("GET /evaluations", answered(f.evaluations))
		mux.Handle("GET /year", answered(f.year))
		return mux
	})
}

// floor is the plain handler: the same SQL, without login, contract and gRPC.
type floor struct{ db *pg.DB }

// answered writes what a handler returns as JSON.
func answered(do func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, err := do(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(out) // the caller is gone when it fails
	})
}

// plainProject has the fields of the contract's ProjectSummary.
type plainProject struct {
	ID                 string           `json:"id"`
	PublicNumber       string           `json:"publicNumber"`
	Title              string           `json:"title"`
	State              string           `json:"state"`
	FiscalYear         int              `json:"fiscalYear"`
	Form               string           `json:"form"`
	OrganizationIDs    []string         `json:"organizationIds"`
	LeadDepartmentID   string           `json:"leadDepartmentId"`
	JointDepartmentIDs []string         `json:"jointDepartmentIds"`
	Credits            []project.Credit `json:"credits"`
	PeriodFrom         string           `json:"periodFrom"`
	PeriodTo           string           `json:"periodTo"`
	Published          bool             `json:"published"`
	UpdateTime         time.Time        `json:"updateTime"`
}

func (f floor) projects(r *http.Request) (any, error) {
	query := r.URL.Query()
	year, err := strconv.Atoi(query.Get("year"))
	if err != nil {
		return nil, err
	}
	rows, err := store.ListProjects(r.Context(), f.db, project.Reader{ID: "desk", Desk: query.Get("as") == "desk"},
		store.ProjectFilter{FiscalYear: year}, pg.Page{Size: benchPage, After: query["after"]})
	if err != nil {
		return nil, err
	}
	page := make([]plainProject, 0, benchPage)
	for _, p := range rows[:min(len(rows), benchPage)] {
		page = append(page, plainProject{
			ID: p.ID, PublicNumber: p.PublicNumber, Title: p.Title, State: string(p.State), FiscalYear: p.FiscalYear, Form: p.Form,
			OrganizationIDs: p.OrganizationIDs, LeadDepartmentID: p.LeadDepartmentID, JointDepartmentIDs: p.JointDepartmentIDs,
			Credits: p.Credits(), PeriodFrom: convert.Date(p.PeriodFrom), PeriodTo: convert.Date(p.PeriodTo), Published: p.Published, UpdateTime: p.UpdatedAt,
		})
	}
	return map[string]any{"projects": page}, nil
}

const (
	benchPage       = 50
	benchedProjects = 100_000
)

// BenchmarkListProjects lists 100,000 projects of 20 years, of which everybody may
// read nine tenths: all of them and those of one year, the first page and one in
// the middle.
func BenchmarkListProjects(b *testing.B) {
	rig := benchmark.New(b)
	of := rig.Texts(b, "evaluation", `SELECT id FROM project WHERE state = 'RUNNING' ORDER BY id LIMIT 1`)[0]
	rig.Fill(b, benchmark.Copies{Service: "evaluation", Table: "project", Of: of, Count: benchedProjects, Changes: benchedProject})
	for _, as := range []string{"", "desk"} {
		for _, year := range []int{0, 2010} {
			l := projectLister{rig: rig, client: evaluationv1.NewProjectServiceClient(rig.GRPC), as: as, year: year}
			name := map[string]string{"": "public"}[as] + as
			if year > 0 {
				name += " one year"
			}
			b.Run(name+" page 1", l.compare)
			l.deepen(b, map[int]int{0: 100, 2010: 10}[year])
			b.Run(name+" deep page", l.compare)
		}
	}
}

// benchedProject changes a sample project into the i-th of many.
func benchedProject(i int) map[string]any {
	at := time.Date(2010, 4, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Minute)
	return map[string]any{
		"id": fmt.Sprintf("01990000-0000-7000-8000-%012d", i), "public_number": fmt.Sprintf("H22-協-%06d", i), "number_year": 2010,
		"serial": 10_000 + i, "agreement_number": fmt.Sprintf("H22-協定-%06d", i), "title": fmt.Sprintf("地域と区の協働事業 第%d号", i),
		"fiscal_year": 2001 + i%20, "published": i%10 > 0, "created_at": at, "updated_at": at,
	}
}

// projectLister lists in the three ways.
type projectLister struct {
	rig    *benchmark.Rig
	client evaluationv1.ProjectServiceClient
	as     string
	year   int
	token  string   // Of the page.
	after  []string // Its place for the floor.
}

func (l *projectLister) signed(ctx context.Context) context.Context {
	if l.as == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, rpc.MetaAuthorization, "Bearer "+l.rig.Token(l.as))
}

func (l *projectLister) list(ctx context.Context, size int32) (*evaluationv1.ListProjectsResponse, error) {
	return l.client.ListProjects(l.signed(ctx), &evaluationv1.ListProjectsRequest{FiscalYear: int32(l.year), PageSize: size, PageToken: l.token})
}

// deepen goes many pages of 200 on.
func (l *projectLister) deepen(b *testing.B, pages int) {
	b.Helper()
	for range pages {
		resp, err := l.list(b.Context(), pg.MaxPageSize)
		if err != nil {
			b.Fatal(err)
		}
		if resp.GetNextPageToken() == "" {
			return
		}
		last := resp.GetProjects()[pg.MaxPageSize-1]
		l.token, l.after = resp.GetNextPageToken(), []string{last.GetUpdateTime().AsTime().Format(time.RFC3339Nano), last.GetId()}
	}
}

func (l *projectLister) compare(b *testing.B) {
	floor := l.rig.Floor + "/projects?" + url.Values{"as": {l.as}, "year": {strconv.Itoa(l.year)}, "after": l.after}.Encode()
	query := url.Values{"pageSize": {strconv.Itoa(benchPage)}, "pageToken": {l.token}}
	if l.year > 0 {
		query.Set("fiscalYear", strconv.Itoa(l.year))
	}
	rest, token := l.rig.Origin+"/v1/projects?"+query.Encode(), ""
	if l.as != "" {
		token = l.rig.Token(l.as)
	}
	l.rig.Compare(b, benchmark.Load{Requests: 80, Clients: 2},
		benchmark.Side{Name: "floor", Do: func(ctx context.Context, _ int) error {
			return benchmark.Fetch(ctx, http.MethodGet, floor, "", nil)
		}},
		benchmark.Side{Name: "REST", Do: func(ctx context.Context, _ int) error {
			return benchmark.Fetch(ctx, http.MethodGet, rest, token, nil)
		}},
		benchmark.Side{Name: "gRPC", Do: func(ctx context.Context, _ int) error {
			_, err := l.list(ctx, benchPage)
			return err
		}})
}
