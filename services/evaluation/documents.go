package evaluation

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // for the page below
	"encoding/hex"
	"fmt"
	"html/template"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/agreement"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

//go:embed agreement.html
var agreementHTML string

var agreementPage = template.Must(template.New("agreement").Parse(agreementHTML))

// agreementAge is how long anybody may keep a version asked for by its number;
// the newest one differs by caller and is not kept.
const agreementAge = 300 // Seconds.

// paper is an agreement as page and PDF show it.
type paper struct {
	Title      string
	Notice     string // Of a version that is not signed; empty for one that is.
	Facts      [][2]string
	Preamble   string
	Articles   []article
	Closing    string
	Signatures [][]string
	SHA256     string
}

type article struct{ Heading, Text string }

// paperOf lays an agreement out in the form of a Japanese agreement.
func paperOf(a *agreement.Agreement, p *project.Project) paper {
	out := paper{Title: a.Title, Preamble: a.Preamble, Closing: a.Closing, SHA256: a.SHA256}
	number := p.AgreementNumber
	if a.State != agreement.Signed {
		out.Notice, number = "この協定書は案です。双方の署名はまだ終わっていません。", "―"
	}
	out.Facts = [][2]string{
		{"協定番号", fmt.Sprintf("%s（第%d版）", number, a.Version)},
		{"事業番号", p.PublicNumber},
		{"協働の形態", project.FormOf(a.Form).Name},
		{"準拠する規程", fmt.Sprintf("千代田区協働のルール（第%d版）", a.RulebookNumber)},
	}
	for _, c := range p.Credits() {
		who := "協働団体"
		if c.DepartmentID != "" {
			who = "担当部課"
		}
		out.Facts = append(out.Facts, [2]string{who, c.Name})
	}
	for i, t := range a.Articles {
		out.Articles = append(out.Articles, article{fmt.Sprintf("第%d条（%s）", i+1, t.Title), t.Text})
	}
	for _, s := range a.Signatures {
		party := "乙"
		name := s.Name
		if s.Side == project.Ward {
			party, name = "甲", "千代田区（担当："+s.Name+"）"
		}
		out.Signatures = append(out.Signatures, []string{party, name, s.Signatory, jp.LongDate(jp.DateOf(s.SignedAt))})
	}
	return out
}

// GetAgreementPage shows the agreement as a page.
func (s *agreements) GetAgreementPage(ctx context.Context, req *evaluationv1.GetAgreementPageRequest) (*evaluationv1.GetAgreementPageResponse, error) {
	p, a, _, err := s.agreementOf(ctx, req.GetProjectId(), req.GetVersion())
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	if err := agreementPage.Execute(&page, paperOf(a, p)); err != nil {
		return nil, fmt.Errorf("page of an agreement: %w", err)
	}
	doc := document("text/html; charset=utf-8", page.Bytes(), changedAt(a))
	doc.MaxAge = ageOf(a, req.GetVersion())
	return &evaluationv1.GetAgreementPageResponse{Document: doc}, nil
}

// GetAgreementPdf gives the agreement as a PDF.
func (s *agreements) GetAgreementPdf(ctx context.Context, req *evaluationv1.GetAgreementPdfRequest) (*evaluationv1.GetAgreementPdfResponse, error) {
	p, a, _, err := s.agreementOf(ctx, req.GetProjectId(), req.GetVersion())
	if err != nil {
		return nil, err
	}
	raw, err := paperOf(a, p).pdf(changedAt(a))
	if err != nil {
		return nil, err
	}
	doc := document("application/pdf", raw, changedAt(a))
	doc.FileName, doc.MaxAge = fmt.Sprintf("協定書_%s_v%d.pdf", p.PublicNumber, a.Version), ageOf(a, req.GetVersion())
	return &evaluationv1.GetAgreementPdfResponse{Document: doc}, nil
}

func (d paper) pdf(at time.Time) ([]byte, error) {
	out := pdf.New(pdf.Options{Title: d.Title, Author: "千代田区", Time: at})
	out.Footer(d.Title)
	out.Heading(1, d.Title)
	if d.Notice != "" {
		out.Paragraph(d.Notice)
	}
	out.Facts(d.Facts)
	out.Paragraph(d.Preamble)
	for _, t := range d.Articles {
		out.Heading(3, t.Heading)
		out.Paragraph(t.Text)
	}
	out.Space(4)
	out.Paragraph(d.Closing)
	if len(d.Signatures) > 0 {
		out.Table(pdf.Table{Header: []string{"当事者", "名称", "署名した職", "署名した日"}, Widths: []float64{1, 4, 2, 3}, Rows: d.Signatures})
	}
	if d.SHA256 != "" {
		out.Small("署名した本文のSHA-256：" + d.SHA256)
	}
	return out.Bytes()
}

// document is an answer that is no JSON; its etag is its hash.
func document(mediaType string, content []byte, changed time.Time) *typev1.Document {
	sum := sha256.Sum256(content)
	return &typev1.Document{MediaType: mediaType, Content: content, Etag: hex.EncodeToString(sum[:]), ModifyTime: convert.Instant(changed)}
}

func changedAt(a *agreement.Agreement) time.Time {
	if a.State == agreement.Signed {
		return a.SignedAt
	}
	return a.UpdatedAt
}

func ageOf(a *agreement.Agreement, asked int32) int32 {
	if a.State == agreement.Signed && asked > 0 {
		return agreementAge
	}
	return 0
}
