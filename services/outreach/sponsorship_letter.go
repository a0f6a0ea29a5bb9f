package outreach

import (
	"bytes"
	"context"
	_ "embed" // the page
	"fmt"
	"html/template"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/sponsorship"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

//go:embed sponsorship_letter.html
var noticePage string

var noticeTemplate = template.Must(template.New("notice").Parse(noticePage))

// GetSponsorshipLetter prints the decision.
func (s *sponsorships) GetSponsorshipLetter(ctx context.Context, req *outreachv1.GetSponsorshipLetterRequest) (*outreachv1.GetSponsorshipLetterResponse, error) {
	n, err := s.letter(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	doc, err := n.pdf()
	return &outreachv1.GetSponsorshipLetterResponse{Document: doc}, err
}

// GetSponsorshipPage shows the letter as a page.
func (s *sponsorships) GetSponsorshipPage(ctx context.Context, req *outreachv1.GetSponsorshipPageRequest) (*outreachv1.GetSponsorshipPageResponse, error) {
	n, err := s.letter(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	doc, err := n.page()
	return &outreachv1.GetSponsorshipPageResponse{Document: doc}, err
}

// approvalLetter is the letter of a decision (後援名義使用承認通知書), on paper and as a page the
// same words.
type approvalLetter struct {
	*sponsorship.Sponsorship
	Title string
	Date  string
	Text  string
	Facts [][2]string
}

func (s *sponsorships) letter(ctx context.Context, id string) (*approvalLetter, error) {
	a, err := store.GetSponsorship(ctx, s.DB, id, sponsorshipReaderOf(ctx))
	if err != nil {
		return nil, err
	}
	if !a.Decided() {
		return nil, sponsorship.ErrUndecided
	}
	decided, err := jp.ParseDate(a.Decision.DecidedOn)
	if err != nil {
		return nil, err
	}
	n := &approvalLetter{Sponsorship: a, Date: jp.Wareki(decided)}
	n.Facts = [][2]string{
		{"事業名", a.Text.Title}, {"主催者", a.OrganizationName}, {"開催日", period(a.Text.StartsOn, a.Text.EndsOn)}, {"開催場所", a.Text.Place},
	}
	applied := jp.Wareki(jp.DateOf(a.CreatedAt))
	if a.Decision.Approved {
		n.Title = "後援名義使用承認通知書"
		n.Text = applied + "付けで申請のあった後援名義の使用について、次のとおり承認します。"
		n.Facts = append(n.Facts, [2]string{"使用する名義", "後援　千代田区"}, [2]string{"名義の使用", a.Text.NameUse},
			[2]string{"実績報告の期限", jp.LongDate(a.ReportDueOn)})
	} else {
		n.Title = "後援名義使用不承認通知書"
		n.Text = applied + "付けで申請のあった後援名義の使用について、承認しないことに決定しました。"
	}
	if a.Decision.Reason != "" {
		n.Facts = append(n.Facts, [2]string{"理由", a.Decision.Reason})
	}
	return n, nil
}

func period(from, to jp.Date) string {
	if from == to {
		return jp.LongDate(from)
	}
	return jp.LongDate(from) + "から" + jp.LongDate(to) + "まで"
}

func (n *approvalLetter) pdf() (*typev1.Document, error) {
	d := pdf.New(pdf.Options{Title: n.Title, Author: "千代田区" + n.DepartmentName, Time: n.UpdatedAt})
	d.Small("番号 " + n.Number)
	d.Small(n.Date)
	d.Paragraph(n.OrganizationName + " 代表者 様")
	d.Paragraph("千代田区 " + n.Decision.DecidedBy)
	d.Heading(1, n.Title)
	d.Paragraph(n.Text)
	d.Facts(n.Facts)
	if len(n.Decision.Conditions) > 0 {
		d.Heading(2, "承認の条件")
		for i, c := range n.Decision.Conditions {
			d.Paragraph(fmt.Sprintf("%d %s", i+1, c))
		}
	}
	d.Space(6)
	d.Small("担当 千代田区" + n.DepartmentName)
	raw, err := d.Bytes()
	if err != nil {
		return nil, err
	}
	return n.document("application/pdf", raw), nil
}

func (n *approvalLetter) page() (*typev1.Document, error) {
	var b bytes.Buffer
	if err := noticeTemplate.Execute(&b, n); err != nil {
		return nil, fmt.Errorf("page of a notice: %w", err)
	}
	return n.document("text/html; charset=utf-8", b.Bytes()), nil
}

func (n *approvalLetter) document(mediaType string, raw []byte) *typev1.Document {
	doc := document(mediaType, raw)
	doc.ModifyTime = timestamppb.New(n.UpdatedAt)
	return doc
}
