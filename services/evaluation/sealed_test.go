package evaluation_test

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation"
)

// everything is all that the service has stored: every row of every table as text,
// bytes also as they are, and the files that the test's processes write.
func (w *world) everything() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	db := w.DB("evaluation")
	tables, err := db.Query(w.t.Context(), `
		SELECT schemaname || '.' || quote_ident(tablename)
		FROM pg_tables
		WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`)
	w.must(err)
	var names []string
	for tables.Next() {
		var name string
		w.must(tables.Scan(&name))
		names = append(names, name)
	}
	w.must(tables.Err())
	if len(names) < 40 {
		w.t.Fatalf("%d tables", len(names))
	}
	for _, name := range names {
		rows, err := db.Query(w.t.Context(), `SELECT row::text FROM `+name+` AS row`)
		w.must(err)
		for rows.Next() {
			var row string
			w.must(rows.Scan(&row))
			out[name] += row + "\n" + unhex(row) + "\n"
		}
		w.must(rows.Err())
	}
	return out
}

// unhex reads the bytea columns in the text of a row.
func unhex(row string) string {
	var out strings.Builder
	for _, part := range strings.Split(row, `\\x`)[1:] {
		var n int
		for n+2 <= len(part) && strings.ContainsRune("0123456789abcdef", rune(part[n])) {
			n++
		}
		var raw []byte
		if _, err := fmt.Sscanf(part[:n/2*2], "%x", &raw); err == nil {
			out.Write(raw)
		}
	}
	return out.String()
}

// files are the contents of all files below a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // a file that went away while the broker runs
		}
		raw, err := os.ReadFile(path)
		if err == nil {
			out[path] = string(raw)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// answers are what every RPC that a person could ask tells of an evaluation, the
// answers and the refusals.
func (w *world) answers(p auth.Principal, id, project, number string) map[string]string {
	w.t.Helper()
	ctx, out := w.t.Context(), map[string]string{}
	keep := func(name string, m proto.Message, err error) {
		if err != nil {
			out[name] = fmt.Sprint(err)
			return
		}
		raw, err := protojson.Marshal(m)
		w.must(err)
		out[name] = string(raw)
	}
	e, reports := w.evaluations(p), w.published(p)
	one, err := e.GetEvaluation(ctx, &evaluationv1.GetEvaluationRequest{Id: id})
	keep("get", one, err)
	list, err := e.ListEvaluations(ctx, &evaluationv1.ListEvaluationsRequest{})
	keep("list", list, err)
	comparison, err := e.GetComparison(ctx, &evaluationv1.GetComparisonRequest{Id: id})
	keep("comparison", comparison, err)
	for _, side := range []string{"organization", "ward"} {
		sheet, err := e.GetSheet(ctx, &evaluationv1.GetSheetRequest{EvaluationId: id, Side: side})
		keep("sheet of "+side, sheet, err)
		first, err := e.GetSheet(ctx, &evaluationv1.GetSheetRequest{EvaluationId: id, Side: side, Revision: 1})
		keep("revision of "+side, first, err)
	}
	report, err := reports.GetEvaluationReport(ctx, &evaluationv1.GetEvaluationReportRequest{Id: id})
	keep("report", report, err)
	page, err := reports.GetEvaluationReportPage(ctx, &evaluationv1.GetEvaluationReportPageRequest{Id: id})
	keep("page", page, err)
	csv, err := reports.GetEvaluationReportCsv(ctx, &evaluationv1.GetEvaluationReportCsvRequest{Id: id})
	keep("csv", csv, err)
	pdf, err := reports.GetEvaluationReportPdf(ctx, &evaluationv1.GetEvaluationReportPdfRequest{Id: id})
	keep("pdf", pdf, err)
	versions, err := reports.ListEvaluationReportVersions(ctx, &evaluationv1.ListEvaluationReportVersionsRequest{Id: id})
	keep("versions", versions, err)
	improvements, err := w.improvements(p).ListImprovements(ctx, &evaluationv1.ListImprovementsRequest{})
	keep("improvements", improvements, err)
	year, err := evaluationv1.NewEvaluationStatisticsServiceClient(w.As(p)).GetEvaluationStatistics(ctx, &evaluationv1.GetEvaluationStatisticsRequest{FiscalYear: int32(today().Year)})
	keep("statistics", year, err)
	trail, err := evaluationv1.NewTrailServiceClient(w.As(p)).GetTrail(ctx, &evaluationv1.GetTrailRequest{PublicNumber: number})
	keep("trail", trail, err)
	mine, err := w.projects(p).GetProject(ctx, &evaluationv1.GetProjectRequest{Id: project})
	keep("project", mine, err)
	course, err := w.projects(p).ListProjectProgress(ctx, &evaluationv1.ListProjectProgressRequest{ProjectId: project})
	keep("course", course, err)
	survey, err := w.surveys(p).GetSurvey(ctx, &evaluationv1.GetSurveyRequest{EvaluationId: id})
	keep("survey", survey, err)
	// What is asked of verbs that cannot be: their refusals tell nothing either.
	_, err = e.RecordDiscussion(ctx, &evaluationv1.RecordDiscussionRequest{Id: id, Discussion: discussion()})
	keep("discussion", nil, orNothing(err))
	_, err = e.AgreeEvaluation(ctx, &evaluationv1.AgreeEvaluationRequest{Id: id})
	keep("agreement", nil, orNothing(err))
	_, err = e.CommentEvaluation(ctx, &evaluationv1.CommentEvaluationRequest{Id: id, Comment: "x"})
	keep("comment", nil, orNothing(err))
	_, err = e.PublishEvaluation(ctx, &evaluationv1.PublishEvaluationRequest{Id: id, Reason: "x"})
	keep("publication", nil, orNothing(err))
	return out
}

// orNothing turns the absence of a refusal into one that no answer has.
func orNothing(err error) error {
	if err == nil {
		return fs.ErrExist
	}
	return err
}

// lines keep a log.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// startLogged starts a world that logs everything, with the rulebook in force.
func startLogged(t *testing.T, log io.Writer) *world {
	t.Helper()
	d, w := &peer{}, &world{t: t}
	w.directory = d
	w.World = servicetest.StartWith(t, servicetest.Options{Log: log}, quiet("directory", func(_ service.Deps, r grpc.ServiceRegistrar) {
		directoryv1.RegisterOrganizationServiceServer(r, d)
		directoryv1.RegisterDepartmentServiceServer(r, d)
	}), quiet("proposals", func(service.Deps, grpc.ServiceRegistrar) {}), evaluation.Module)
	w.rulebook()
	return w
}

// canary is a sheet that answers with words which stand nowhere else.
func canary(word string) func(*evaluationv1.SheetInput) {
	return func(in *evaluationv1.SheetInput) {
		in.Strengths, in.Issues, in.Next = word+"強み", word+"課題", word+"今後"
		for _, a := range in.GetAnswers() {
			a.Score, a.Reason = five(1), fmt.Sprintf("%s理由%d", word, a.GetCriterionNo())
		}
	}
}

// Until both sides have submitted, nobody learns anything of the other side's
// sheet.
func TestSealedSheets(t *testing.T) {
	t.Parallel()
	words := map[string]string{"organization": "カナリア金糸雀", "ward": "カナリア銀糸雀"}
	others := []auth.Principal{
		auth.Anonymous, resident, head2, coordinator(), desk, desk2, reviewer, auditor, admin,
		servicetest.Staff("clerk", dept1, optionsv1.Role_ROLE_FACILITY_CLERK), servicetest.Staff("commentator", none, optionsv1.Role_ROLE_REVIEWER),
	}
	for side, word := range words {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			log := &lines{}
			w := startLogged(t, log)
			made := w.opened()
			id := made.GetId()
			w.must(err2(w.evaluations(desk).AssignCommentators(t.Context(), &evaluationv1.AssignCommentatorsRequest{Id: id, CommentatorIds: []string{reviewer.ID, "commentator"}})))
			strangers := append([]auth.Principal{viewer, editor, head, both()}, others...)
			writer, submitter := staff, approver
			if side == "organization" {
				strangers = append([]auth.Principal{staff, staff2, approver, approver2}, others...)
				writer, submitter = editor, head
			}
			seen := func() map[string]map[string]string {
				out := map[string]map[string]string{}
				for _, p := range strangers {
					out[p.ID] = w.answers(p, id, made.GetProjectId(), made.GetPublicNumber())
				}
				return out
			}
			before := seen()
			w.must(w.save(writer, id, side, canary(word)))
			w.must(w.save(writer, id, side, canary(word)))
			w.unchanged(before, seen())
			w.nowhere(word)

			w.must(w.submit(submitter, id, side))
			for _, answers := range seen() {
				for name, text := range answers {
					if strings.Contains(text, word) || strings.Contains(text, `core":`) {
						t.Errorf("%s tells %s", name, text)
					}
				}
			}
			w.nowhere(word)
			if text := log.String(); strings.Contains(text, word) || !strings.Contains(text, "EvaluationService/UpdateSheet") {
				t.Errorf("the log has the word, or lacks the calls: %d bytes", len(text))
			}

			// The search finds what is there: with the second sheet both are open.
			other, wrote, submits := "ward", staff, approver
			if side == "ward" {
				other, wrote, submits = "organization", editor, head
			}
			w.must(w.save(wrote, id, other, nil))
			w.must(w.submit(submits, id, other))
			open, err := w.sheet(desk, id, side)
			w.must(err)
			if open.GetStrengths() != word+"強み" || !strings.Contains(w.everything()["evaluation.sheet_revision"], word) {
				t.Errorf("the open sheet = %v", open)
			}
			if w.clusterIsReadable() && len(w.filesWith(word)) == 0 {
				t.Error("the open sheet stands in no file, so that the search of the files finds nothing")
			}
		})
	}
}

// unchanged expects that drafts of the other side show nowhere: not in an answer,
// a refusal, a list, a count or an etag.
func (w *world) unchanged(before, after map[string]map[string]string) {
	w.t.Helper()
	for who, answers := range before {
		for name, text := range answers {
			if got := after[who][name]; compact(got) != compact(text) {
				w.t.Errorf("%s learns by %s:\n%s\n%s", who, name, text, got)
			}
		}
	}
}

// compact takes out the spaces that protojson puts at random.
func compact(s string) string { return strings.ReplaceAll(s, " ", "") }

// nowhere expects that a word stands in no row, file or log.
func (w *world) nowhere(word string) {
	w.t.Helper()
	places := w.everything()
	for _, path := range w.filesWith(word) {
		places[path] = word
	}
	for place, text := range places {
		if strings.Contains(text, word) {
			w.t.Errorf("%s has the word", place)
		}
	}
}

// filesWith are the files of this test in which a word stands: those of the
// database's cluster, where this process may read them, and those of broker,
// attachments, mails and keys, which stand beside the test's folder.
func (w *world) filesWith(word string) []string {
	w.t.Helper()
	var found []string
	for _, dir := range []string{filepath.Dir(w.t.TempDir()), w.cluster()} {
		for path, text := range files(w.t, dir) {
			if strings.Contains(text, word) {
				found = append(found, path)
			}
		}
	}
	return found
}

// cluster is the data folder of the database.
func (w *world) cluster() string {
	w.t.Helper()
	var dir string
	w.must(w.DB("evaluation").QueryRow(w.t.Context(), `SHOW data_directory`).Scan(&dir))
	return dir
}

// clusterIsReadable reports whether this process may read the database's files.
func (w *world) clusterIsReadable() bool {
	_, err := os.ReadFile(filepath.Join(w.cluster(), "PG_VERSION"))
	return err == nil
}
