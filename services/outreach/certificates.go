package outreach

import (
	"bytes"
	"context"
	_ "embed" // the page
	"fmt"
	"html/template"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

//go:embed certificate.html
var certificatePage string

var certificateTemplate = template.Must(template.New("certificate").Parse(certificatePage))

// GetCertificate prints the certificate of what was done.
func (s *applications) GetCertificate(ctx context.Context, req *outreachv1.GetCertificateRequest) (*outreachv1.GetCertificateResponse, error) {
	c, err := s.certificate(ctx, "certificate", req)
	if err != nil {
		return nil, err
	}
	doc, err := c.pdf()
	return &outreachv1.GetCertificateResponse{Document: doc}, err
}

// GetCertificatePage shows the certificate as a page.
func (s *applications) GetCertificatePage(ctx context.Context, req *outreachv1.GetCertificatePageRequest) (*outreachv1.GetCertificatePageResponse, error) {
	c, err := s.certificate(ctx, "certificatePage", req)
	if err != nil {
		return nil, err
	}
	doc, err := c.page()
	return &outreachv1.GetCertificatePageResponse{Document: doc}, err
}

// certificate is what was done (活動証明書), on paper and as a page the same words.
type certificate struct {
	Title   string
	Date    string // Of the last confirmation.
	Name    string
	Text    string
	Facts   [][2]string
	Days    [][]string // Day, time of each person, people.
	Host    string
	changed time.Time
}

func (s *applications) certificate(ctx context.Context, verb string, req candidateRequest) (*certificate, error) {
	a, err := s.read(ctx, verb, req)
	if err != nil {
		return nil, err
	}
	done, err := store.ConfirmedHours(ctx, s.DB, a.ID)
	if err != nil {
		return nil, err
	}
	if len(done) == 0 {
		return nil, application.ErrUnconfirmed
	}
	persons, err := store.ApplicantsOf(ctx, s.DB, orNobody(a.PersonID))
	if err != nil {
		return nil, err
	}
	person, known := persons[a.PersonID]
	if !known {
		return nil, application.ErrErased
	}
	p := a.publication
	if p == nil { // It was taken back since; what was done stays done.
		if p, err = store.GetPublication(ctx, s.DB, opportunityRef(a.OpportunityID), publication.Reader{Desk: true}); err != nil {
			return nil, err
		}
	}
	return certificateOf(p, person, done), nil
}

func certificateOf(p *publication.Publication, person application.Person, done []*application.Hours) *certificate {
	c := &certificate{Title: "活動証明書", Name: strings.TrimSpace(person.GroupName + " " + person.Name)}
	one, all := 0, 0
	for _, h := range done {
		one += h.Minutes
		all += h.Minutes * h.Heads
		c.Days = append(c.Days, []string{jp.LongDate(h.WorkedOn), workTime(h.Minutes), fmt.Sprintf("%d人", h.Heads)})
		if h.DecidedAt.After(c.changed) {
			c.changed = h.DecidedAt
		}
	}
	c.Date = jp.Wareki(jp.DateOf(c.changed))
	c.Text = "次のとおり活動したことを証明します。"
	c.Host = p.Names.Organization
	if c.Host == "" {
		c.Host = "千代田区" + p.Names.Department
	}
	c.Facts = [][2]string{
		{"活動名", p.Title},
		{"活動内容", p.Opportunity.Role},
		{"場所", p.Opportunity.Place.Name},
		{"活動した期間", period(done[0].WorkedOn, done[len(done)-1].WorkedOn)},
		{"活動時間の合計", workTime(one)},
	}
	if all != one {
		c.Facts = append(c.Facts, [2]string{"全員の延べ時間", workTime(all)})
	}
	c.Facts = append(c.Facts, [2]string{"名義", p.Credits.Text()})
	return c
}

// workTime writes minutes for readers.
func workTime(minutes int) string {
	switch hours, rest := minutes/60, minutes%60; {
	case hours == 0:
		return fmt.Sprintf("%d分", rest)
	case rest == 0:
		return fmt.Sprintf("%d時間", hours)
	default:
		return fmt.Sprintf("%d時間%d分", hours, rest)
	}
}

func (c *certificate) pdf() (*typev1.Document, error) {
	d := pdf.New(pdf.Options{Title: c.Title, Author: c.Host, Time: c.changed})
	d.Small(c.Date)
	d.Heading(1, c.Title)
	d.Paragraph(c.Name + " 様")
	d.Paragraph(c.Text)
	d.Facts(c.Facts)
	d.Heading(2, "活動の記録")
	d.Table(pdf.Table{Header: []string{"活動日", "時間（1人）", "人数"}, Rows: c.Days})
	d.Space(6)
	d.Paragraph(c.Host)
	raw, err := d.Bytes()
	if err != nil {
		return nil, err
	}
	return c.document("application/pdf", raw), nil
}

func (c *certificate) page() (*typev1.Document, error) {
	var b bytes.Buffer
	if err := certificateTemplate.Execute(&b, c); err != nil {
		return nil, fmt.Errorf("page of a certificate: %w", err)
	}
	return c.document("text/html; charset=utf-8", b.Bytes()), nil
}

func (c *certificate) document(mediaType string, raw []byte) *typev1.Document {
	doc := document(mediaType, raw)
	doc.ModifyTime = timestamppb.New(c.changed)
	return doc
}
