package evaluation

import (
	"bytes"
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
)

// sampleDocument is a document of a sample project.
type sampleDocument struct {
	kind       string
	visibility project.Visibility
	title      string
	text       string
}

// attach adds a PDF of one page to a project; a second person publishes it.
func (s *sampler) attach(id string, by auth.Principal, d sampleDocument, publisher *auth.Principal) sample.Turn {
	return sample.By(by, func(ctx context.Context) error {
		page := pdf.New(pdf.Options{Title: d.title, Author: "見本", Time: s.Now()})
		page.Heading(1, d.title)
		page.Paragraph(d.text)
		content, err := page.Bytes()
		if err != nil {
			return err
		}
		a := &project.Attachment{ID: s.NewID(), Kind: d.kind, Visibility: d.visibility}
		if a.FileName, err = blob.FileName(d.title + ".pdf"); err != nil {
			return err
		}
		stored, err := s.Blobs.Put(ctx, bytes.NewReader(content))
		if err != nil {
			return err
		}
		a.MediaType, a.Size, a.SHA256 = stored.MediaType, stored.Size, stored.SHA256
		service := &attachments{Deps: s.Deps}
		if _, err := service.add(ctx, id, a); err != nil || publisher == nil {
			return err
		}
		return sample.Done(service.PublishProjectAttachment(auth.With(ctx, *publisher), &evaluationv1.PublishProjectAttachmentRequest{
			ProjectId: id, AttachmentId: a.ID,
		}))
	})
}
