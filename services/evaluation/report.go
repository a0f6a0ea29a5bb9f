package evaluation

import (
	"bytes"
	"context"
	_ "embed" // for the page below
	"fmt"
	"html/template"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// reports answers EvaluationReportService. It reads published versions alone.
type reports struct {
	evaluationv1.UnimplementedEvaluationReportServiceServer
	service.Deps
}

// Ages of documents in seconds: the newest version is seen everywhere within five
// seconds after its publication, a version by its number never changes.
const (
	newestAge  = 5
	versionAge = 86_400
)

// GetEvaluationReport shows a published version.
func (s *reports) GetEvaluationReport(ctx context.Context, req *evaluationv1.GetEvaluationReportRequest) (*evaluationv1.GetEvaluationReportResponse, error) {
	r, err := store.GetPublishedReport(ctx, s.DB, req.GetId(), int(req.GetVersion()))
	if err != nil {
		return nil, err
	}
	return &evaluationv1.GetEvaluationReportResponse{Report: evaluationReportToProto(r)}, nil
}

// ListEvaluationReportVersions lists the published versions, newest first.
func (s *reports) ListEvaluationReportVersions(ctx context.Context, req *evaluationv1.ListEvaluationReportVersionsRequest) (*evaluationv1.ListEvaluationReportVersionsResponse, error) {
	page, filter, err := pageOf(s.Deps, req)
	if err != nil {
		return nil, err
	}
	rows, err := store.ListReportVersions(ctx, s.DB, req.GetId(), page)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 && page.After == nil { // Nothing is published.
		if _, err := store.GetPublishedReport(ctx, s.DB, req.GetId(), 0); err != nil {
			return nil, err
		}
	}
	rows, after := pg.Cut(rows, page, func(v store.ReportVersion) []string { return []string{strconv.Itoa(v.Version)} })
	resp := &evaluationv1.ListEvaluationReportVersionsResponse{Versions: convert.List(rows, func(v store.ReportVersion) *evaluationv1.EvaluationReportVersion {
		return &evaluationv1.EvaluationReportVersion{
			Version: int32(v.Version), CorrectionReason: v.Reason, Changes: v.Changes, PublishTime: convert.Instant(v.PublishedAt),
		}
	})}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

//go:embed report/evaluation.html
var reportHTML string

var reportPage = template.Must(template.New("evaluation").Parse(reportHTML))

// published makes a document of a published version.
func (s *reports) published(ctx context.Context, id string, version int32, mediaType string, write func(leaflet) ([]byte, error)) (*evaluation.Report, *typev1.Document, error) {
	r, err := store.GetPublishedReport(ctx, s.DB, id, int(version))
	if err != nil {
		return nil, nil, err
	}
	content, err := write(leafletOf(r))
	if err != nil {
		return nil, nil, fmt.Errorf("document of an evaluation: %w", err)
	}
	doc := document(mediaType, content, r.PublishedAt)
	doc.MaxAge = newestAge
	if version > 0 {
		doc.MaxAge = versionAge
	}
	return r, doc, nil
}

// GetEvaluationReportPage shows the report as a page.
func (s *reports) GetEvaluationReportPage(ctx context.Context, req *evaluationv1.GetEvaluationReportPageRequest) (*evaluationv1.GetEvaluationReportPageResponse, error) {
	_, doc, err := s.published(ctx, req.GetId(), req.GetVersion(), "text/html; charset=utf-8", func(l leaflet) ([]byte, error) {
		var page bytes.Buffer
		err := reportPage.Execute(&page, l)
		return page.Bytes(), err
	})
	return &evaluationv1.GetEvaluationReportPageResponse{Document: doc}, err
}

// GetEvaluationReportCsv gives the items of the report as CSV.
func (s *reports) GetEvaluationReportCsv(ctx context.Context, req *evaluationv1.GetEvaluationReportCsvRequest) (*evaluationv1.GetEvaluationReportCsvResponse, error) {
	r, doc, err := s.published(ctx, req.GetId(), req.GetVersion(), "text/csv; charset=utf-8", leaflet.csv)
	if err != nil {
		return nil, err
	}
	doc.FileName = fmt.Sprintf("相互評価_%s_%s_v%d.csv", r.PublicNumber, r.Kind.Label(), r.Version)
	return &evaluationv1.GetEvaluationReportCsvResponse{Document: doc}, nil
}

// GetEvaluationReportPdf gives the report as a PDF.
func (s *reports) GetEvaluationReportPdf(ctx context.Context, req *evaluationv1.GetEvaluationReportPdfRequest) (*evaluationv1.GetEvaluationReportPdfResponse, error) {
	r, doc, err := s.published(ctx, req.GetId(), req.GetVersion(), "application/pdf", leaflet.pdf)
	if err != nil {
		return nil, err
	}
	doc.FileName = fmt.Sprintf("相互評価_%s_%s_v%d.pdf", r.PublicNumber, r.Kind.Label(), r.Version)
	return &evaluationv1.GetEvaluationReportPdfResponse{Document: doc}, nil
}
