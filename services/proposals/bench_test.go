package proposals

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

	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/benchmark"
	"github.com/chiyoda-kyodo/kyodo/services/internal/number"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// TestFloor is the floor's process when the benchmark starts it.
func TestFloor(t *testing.T) {
	benchmark.ServeFloor(t, "proposals", func(db *pg.DB) http.Handler {
		f := floor{db: db}
		mux := http.NewServeMux()
		mux.Handle("GET /list", answered(f.list))
		mux.Handle("POST /submit/{id}", answered(f.submit))
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

// readers are who lists.
var readers = map[string]proposal.Reader{
	"":     {},
	"desk": {ID: "desk", Desk: true},
	"representative": {
		ID: "representative", Members: []string{ownOrganization}, Writers: []string{ownOrganization}, Represents: []string{ownOrganization},
	},
}

// plainSummary has the fields of the contract's ProposalSummary.
type plainSummary struct {
	ID                 string `json:"id"`
	Number             string `json:"number"`
	Title              string `json:"title"`
	State              string `json:"state"`
	PublicState        string `json:"publicState"`
	CallID             string `json:"callId"`
	FiscalYear         int    `json:"fiscalYear"`
	OrganizationID     string `json:"organizationId"`
	OrganizationName   string `json:"organizationName"`
	LeadDepartmentID   string `json:"leadDepartmentId"`
	LeadDepartmentName string `json:"leadDepartmentName"`
	UpdateTime         string `json:"updateTime"`
}

func (f floor) list(r *http.Request) (any, error) {
	query := r.URL.Query()
	filter := store.ProposalFilter{}
	if q := query.Get("q"); q != "" {
		words, err := jp.QueryTerms(q)
		if err != nil {
			return nil, err
		}
		filter.Words = &words
	}
	rows, err := store.ListProposals(r.Context(), f.db, readers[query.Get("as")], filter, pg.Page{Size: benchPage, After: query["after"]})
	if err != nil {
		return nil, err
	}
	page := make([]plainSummary, 0, benchPage)
	for _, s := range rows[:min(len(rows), benchPage)] {
		page = append(page, plainSummary{
			ID: s.ID, Number: s.Number, Title: s.Title, State: string(s.State), PublicState: string(s.PublicState), CallID: s.CallID,
			FiscalYear: s.FiscalYear, OrganizationID: s.OrganizationID, OrganizationName: s.OrganizationName,
			LeadDepartmentID: s.LeadID, LeadDepartmentName: s.LeadName, UpdateTime: s.UpdatedAt.UTC().Format(summaryTime),
		})
	}
	return map[string]any{"proposals": page}, nil
}

// submit runs the transaction of SubmitProposal: quota, number, revision,
// history, events and audit.
func (f floor) submit(r *http.Request) (any, error) {
	by := readers["representative"]
	ctx := auth.With(r.Context(), auth.Principal{Kind: auth.KindPerson, ID: by.ID, Roles: []auth.Role{optionsv1.Role_ROLE_REPRESENTATIVE}})
	return pg.InTx(ctx, f.db, func(ctx context.Context, tx *pg.Tx) (any, error) {
		p, err := store.LockProposal(ctx, tx, r.PathValue("id"), by)
		if err != nil {
			return nil, err
		}
		c, err := store.HoldCall(ctx, tx, p.CallID)
		if err != nil {
			return nil, err
		}
		m, err := p.Submit(by, proposal.Submission{Call: c, Now: tx.Now})
		if err != nil {
			return nil, err
		}
		if err := store.TakeQuota(ctx, tx, p, c.MaxProposals); err != nil {
			return nil, err
		}
		serial, err := number.Next(ctx, tx, store.ProposalNumber, p.FiscalYear)
		if err != nil {
			return nil, err
		}
		p.Numbered(serial)
		partner.KeepOrganization(tx, partner.Organization{ID: p.OrganizationID, Name: p.OrganizationName(), Version: 1})
		store.AddRevision(tx, p, false, by.ID)
		return p, record(ctx, tx, p, m, func() string { return uuid.Must(uuid.NewV7()).String() })
	})
}

const (
	ownOrganization  = "01900000-0000-7000-8000-0000000d1001" // Of the sample representative.
	benchPage        = 50
	benchedProposals = 100_000
)

// BenchmarkListProposals lists 100,000 proposals, of which everybody may read
// three quarters: the first page, one in the middle, and searches.
func BenchmarkListProposals(b *testing.B) {
	rig := benchmark.New(b)
	of := rig.Texts(b, "proposals", `SELECT id FROM proposal WHERE fiscal_year = 2002 ORDER BY id LIMIT 1`)[0]
	rig.Fill(b, benchmark.Copies{Service: "proposals", Table: "proposal", Of: of, Count: benchedProposals, Changes: benched})
	for _, as := range []string{"", "desk", "representative"} {
		for _, q := range []string{"", "囲碁", "手話", "図書館", "子育て", "子育ての地域"} {
			if as != "" && q != "" {
				continue
			}
			l := lister{rig: rig, clients: proposalsv1.NewProposalServiceClient(rig.GRPC), as: as, q: q}
			name := strings.TrimSpace(map[string]string{"": "public"}[as] + as + " " + q)
			b.Run(name+" page 1", l.compare)
			if q == "" || q == "子育て" {
				l.deepen(b, map[string]int{"": 100, "子育て": 10}[q])
				b.Run(name+" deep page", l.compare)
			}
		}
	}
}

// lister lists in the three ways.
type lister struct {
	rig     *benchmark.Rig
	clients proposalsv1.ProposalServiceClient
	as, q   string
	token   string   // Of the page.
	after   []string // Its place for the floor.
}

func (l *lister) bearer() string {
	if l.as == "" {
		return ""
	}
	return l.rig.Token(l.as)
}

// signed carries a person's token on gRPC.
func signed(ctx context.Context, token string) context.Context {
	if token == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, rpc.MetaAuthorization, "Bearer "+token)
}

// deepen goes many pages of 200 on, or to the last but one.
func (l *lister) deepen(b *testing.B, pages int) {
	b.Helper()
	ctx := signed(b.Context(), l.bearer())
	for range pages {
		resp, err := l.clients.ListProposals(ctx, &proposalsv1.ListProposalsRequest{Q: l.q, PageSize: pg.MaxPageSize, PageToken: l.token})
		if err != nil {
			b.Fatal(err)
		}
		if resp.GetNextPageToken() == "" {
			return
		}
		last := resp.GetProposals()[pg.MaxPageSize-1]
		l.token, l.after = resp.GetNextPageToken(), []string{last.GetUpdateTime(), last.GetId()}
	}
}

func (l *lister) compare(b *testing.B) {
	floor := l.rig.Floor + "/list?" + url.Values{"as": {l.as}, "q": {l.q}, "after": l.after}.Encode()
	rest := l.rig.Origin + "/v1/proposals?" + url.Values{"q": {l.q}, "pageSize": {strconv.Itoa(benchPage)}, "pageToken": {l.token}}.Encode()
	token := l.bearer()
	l.rig.Compare(b, benchmark.Load{Requests: 80, Clients: 2},
		benchmark.Side{Name: "floor", Do: func(ctx context.Context, _ int) error {
			return benchmark.Fetch(ctx, http.MethodGet, floor, "", nil)
		}},
		benchmark.Side{Name: "REST", Do: func(ctx context.Context, _ int) error {
			return benchmark.Fetch(ctx, http.MethodGet, rest, token, nil)
		}},
		benchmark.Side{Name: "gRPC", Do: func(ctx context.Context, _ int) error {
			_, err := l.clients.ListProposals(signed(ctx, token), &proposalsv1.ListProposalsRequest{Q: l.q, PageSize: benchPage, PageToken: l.token})
			return err
		}})
}

// benched changes a sample proposal into the i-th of many.
func benched(i int) map[string]any {
	title := fmt.Sprintf("地域と区で進める協働の提案 第%d号", i)
	for _, rare := range []struct {
		every int
		text  string
	}{{33_331, "囲碁の"}, {1999, "手話の"}, {49, "図書館の"}, {3, "子育ての"}} {
		if i%rare.every == 1 {
			title = rare.text + title
		}
	}
	state := []proposal.State{proposal.Adopted, proposal.Rejected, proposal.UnderReview, proposal.Accepted}[i%4]
	number := fmt.Sprintf("H14-提-%06d", 10_000+i)
	key, numberKey := jp.SearchKey(title), jp.SearchKey(number)
	at := time.Date(2010, 4, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Minute)
	return map[string]any{
		"id": fmt.Sprintf("01990000-0000-7000-8000-%012d", i), "number": number, "serial": 10_000 + i, "title": title,
		"state": state, "public_state": state.Public(), "published": i%4 != 3, "submitted_at": at, "updated_at": at,
		"search_key": key + " " + numberKey, "search": benchmark.Vector(jp.IndexTerms(key, numberKey)),
	}
}

// drafts fills in submittable drafts of the sample representative's
// organization and returns their ids.
func drafts(b *testing.B, rig *benchmark.Rig, count int) []string {
	b.Helper()
	clients := proposalsv1.NewProposalServiceClient(rig.GRPC)
	call := rig.Texts(b, "proposals", `SELECT id FROM call WHERE mode = 'ALL_YEAR' AND state = 'PUBLISHED' LIMIT 1`)[0]
	raw, err := sampleFiles.ReadFile("sample/proposal_adopted.json")
	if err != nil {
		b.Fatal(err)
	}
	content := &proposalsv1.ProposalContent{}
	if err := protojson.Unmarshal(raw, content); err != nil {
		b.Fatal(err)
	}
	first, err := clients.CreateProposal(signed(b.Context(), rig.Token("representative")), &proposalsv1.CreateProposalRequest{
		CallId: call, OrganizationId: ownOrganization, Content: content,
	})
	if err != nil {
		b.Fatal(err)
	}
	ids := make([]string, count)
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewV7()).String()
	}
	rig.Fill(b, benchmark.Copies{
		Service: "proposals", Table: "proposal", Of: first.GetProposal().GetId(), Count: count,
		Changes: func(i int) map[string]any { return map[string]any{"id": ids[i]} },
	})
	return ids
}

// BenchmarkSubmitProposal submits complete drafts, each with number, revision,
// public entry, three events and audit entry.
func BenchmarkSubmitProposal(b *testing.B) {
	rig := benchmark.New(b)
	for _, clients := range []int{1, 8} {
		load := benchmark.Load{Requests: 120, Clients: clients}
		ids := drafts(b, rig, load.All(3))
		b.Run(fmt.Sprintf("%d at once", clients), func(b *testing.B) { compareSubmit(b, rig, load, ids) })
	}
}

func compareSubmit(b *testing.B, rig *benchmark.Rig, load benchmark.Load, ids []string) {
	client, token := proposalsv1.NewProposalServiceClient(rig.GRPC), rig.Token("representative")
	rig.Compare(b, load,
		benchmark.Side{Name: "floor", Do: func(ctx context.Context, i int) error {
			return benchmark.Fetch(ctx, http.MethodPost, rig.Floor+"/submit/"+ids[i], "", nil)
		}},
		benchmark.Side{Name: "REST", Do: func(ctx context.Context, i int) error {
			return submitREST(ctx, rig, ids[i], token)
		}},
		benchmark.Side{Name: "gRPC", Do: func(ctx context.Context, i int) error {
			_, err := client.SubmitProposal(signed(ctx, token), &proposalsv1.SubmitProposalRequest{Id: ids[i]})
			return err
		}})
}

func submitREST(ctx context.Context, rig *benchmark.Rig, id, token string) error {
	return benchmark.Fetch(ctx, http.MethodPost, rig.Origin+"/v1/proposals/"+id+":submit", token, strings.NewReader("{}"))
}

// BenchmarkEvents measures the way of an event from the commit to subscribers,
// at 100 events a second: a submission makes three.
func BenchmarkEvents(b *testing.B) {
	rig := benchmark.New(b)
	rig.StampCommits(b)
	ids, token := drafts(b, rig, 400), rig.Token("representative")
	rig.Latency(b, benchmark.Stream{
		Service: "proposals", Count: len(ids), Every: 30 * time.Millisecond, EventsEach: 2,
		Cause: func(ctx context.Context, i int) (string, error) { return ids[i], submitREST(ctx, rig, ids[i], token) },
	})
}
