package evaluation

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// attachments answers ProjectAttachmentService.
type attachments struct {
	evaluationv1.UnimplementedProjectAttachmentServiceServer
	service.Deps
}

// UploadProjectAttachment adds a document. Who may not add it is told before the
// content is read, and the content is stored before the row, so that no row is
// ever without its content.
func (s *attachments) UploadProjectAttachment(stream grpc.ClientStreamingServer[evaluationv1.UploadProjectAttachmentRequest, evaluationv1.UploadProjectAttachmentResponse]) error {
	ctx := stream.Context()
	header, err := blob.Header(stream.Recv)
	if err != nil {
		return err
	}
	a := project.Attachment{ID: s.NewID(), Kind: header.GetKind(), Visibility: project.Visibility(convert.EnumName(header.GetVisibility()))}
	if a.FileName, err = blob.FileName(header.GetFileName()); err != nil {
		return err
	}
	by := readerOf(ctx, s.Now())
	p, err := store.GetProject(ctx, s.DB, header.GetProjectId(), by)
	if err != nil {
		return err
	}
	if err := p.Attach(by, &a); err != nil {
		return err
	}
	content, err := s.Blobs.Put(ctx, blob.Content(stream.Recv))
	if err != nil {
		return err
	}
	a.MediaType, a.Size, a.SHA256 = content.MediaType, content.Size, content.SHA256
	resp, err := s.add(ctx, p.ID, &a)
	if err != nil {
		return err
	}
	return stream.SendAndClose(resp)
}

// add writes the row of a stored content.
func (s *attachments) add(ctx context.Context, projectID string, a *project.Attachment) (*evaluationv1.UploadProjectAttachmentResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.UploadProjectAttachmentResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, projectID, by)
		if err != nil {
			return nil, err
		}
		if err := p.Attach(by, a); err != nil {
			return nil, err
		}
		n, err := store.CountAttachments(ctx, tx, p.ID)
		if err != nil {
			return nil, err
		}
		if err := p.RoomForAttachment(n); err != nil {
			return nil, err
		}
		a.CreatedAt = tx.Now
		store.AddAttachment(tx, a)
		auditAttachment(ctx, tx, "upload", a)
		return &evaluationv1.UploadProjectAttachmentResponse{ProjectId: p.ID, Attachment: attachmentToProto(a)}, nil
	})
}

// ListProjectAttachments lists what the caller may see.
func (s *attachments) ListProjectAttachments(ctx context.Context, req *evaluationv1.ListProjectAttachmentsRequest) (*evaluationv1.ListProjectAttachmentsResponse, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetProject(ctx, s.DB, req.GetProjectId(), by)
	if err != nil {
		return nil, err
	}
	all, err := store.ListAttachments(ctx, s.DB, p.ID)
	if err != nil {
		return nil, err
	}
	resp := &evaluationv1.ListProjectAttachmentsResponse{}
	for _, a := range all {
		if a.IsFor(p, by) {
			resp.Attachments = append(resp.Attachments, attachmentToProto(a))
		}
	}
	return resp, nil
}

// GetProjectAttachment shows what is known of a document.
func (s *attachments) GetProjectAttachment(ctx context.Context, req *evaluationv1.GetProjectAttachmentRequest) (*evaluationv1.GetProjectAttachmentResponse, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetProject(ctx, s.DB, req.GetProjectId(), by)
	if err != nil {
		return nil, err
	}
	a, err := attachmentFor(ctx, s.DB, p, by, req.GetAttachmentId())
	if err != nil {
		return nil, err
	}
	return &evaluationv1.GetProjectAttachmentResponse{Attachment: attachmentToProto(a)}, nil
}

// DownloadProjectAttachment hands out the content. What is not for everybody is
// logged before the first byte.
func (s *attachments) DownloadProjectAttachment(req *evaluationv1.DownloadProjectAttachmentRequest, stream grpc.ServerStreamingServer[evaluationv1.DownloadProjectAttachmentResponse]) error {
	ctx := stream.Context()
	by := readerOf(ctx, s.Now())
	p, err := store.GetProject(ctx, s.DB, req.GetProjectId(), by)
	if err != nil {
		return err
	}
	a, err := attachmentFor(ctx, s.DB, p, by, req.GetAttachmentId())
	if err != nil {
		return err
	}
	content, err := s.Blobs.Open(ctx, a.SHA256)
	if err != nil {
		return fmt.Errorf("attachment %s: %w", a.ID, err)
	}
	defer content.Close()
	if !a.Published {
		if err := s.logReading(ctx, a); err != nil {
			return err
		}
	}
	first := &evaluationv1.DownloadProjectAttachmentResponse{Part: &evaluationv1.DownloadProjectAttachmentResponse_Attachment{Attachment: attachmentToProto(a)}}
	if err := stream.Send(first); err != nil {
		return err
	}
	return blob.Send(content, func(piece []byte) error {
		return stream.Send(&evaluationv1.DownloadProjectAttachmentResponse{Part: &evaluationv1.DownloadProjectAttachmentResponse_Content{Content: piece}})
	})
}

func (s *attachments) logReading(ctx context.Context, a *project.Attachment) error {
	_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		auditAttachment(ctx, tx, "download", a)
		return struct{}{}, nil
	})
	return err
}

// PublishProjectAttachment opens a document for everybody.
func (s *attachments) PublishProjectAttachment(ctx context.Context, req *evaluationv1.PublishProjectAttachmentRequest) (*evaluationv1.PublishProjectAttachmentResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.PublishProjectAttachmentResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetProjectId(), by)
		if err != nil {
			return nil, err
		}
		a, err := attachmentFor(ctx, tx, p, by, req.GetAttachmentId())
		if err != nil {
			return nil, err
		}
		if err := a.Publish(p, by); err != nil {
			return nil, err
		}
		store.PublishAttachment(tx, a)
		auditAttachment(ctx, tx, "publish", a)
		return &evaluationv1.PublishProjectAttachmentResponse{Attachment: attachmentToProto(a)}, nil
	})
}

// DeleteProjectAttachment removes a document of the own side.
func (s *attachments) DeleteProjectAttachment(ctx context.Context, req *evaluationv1.DeleteProjectAttachmentRequest) (*evaluationv1.DeleteProjectAttachmentResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.DeleteProjectAttachmentResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetProjectId(), by)
		if err != nil {
			return nil, err
		}
		a, err := attachmentFor(ctx, tx, p, by, req.GetAttachmentId())
		if err != nil {
			return nil, err
		}
		if err := a.Remove(p, by); err != nil {
			return nil, err
		}
		store.DeleteAttachment(tx, a.ID)
		auditAttachment(ctx, tx, "delete", a)
		return &evaluationv1.DeleteProjectAttachmentResponse{}, nil
	})
}

// attachmentFor reads a document of the project that the reader may see. Errors:
// RESOURCE_NOT_FOUND.
func attachmentFor(ctx context.Context, r pg.Reader, p *project.Project, by project.Reader, id string) (*project.Attachment, error) {
	a, err := store.GetAttachment(ctx, r, p.ID, id)
	if err != nil {
		return nil, err
	}
	if !a.IsFor(p, by) {
		return nil, fault.ErrNotFound
	}
	return a, nil
}

func auditAttachment(ctx context.Context, tx *pg.Tx, verb string, a *project.Attachment) {
	audit.Add(ctx, tx, audit.Entry{
		Action: "evaluation.projectAttachment." + verb, ObjectType: "project", ObjectID: a.ProjectID,
		Detail: map[string]string{"attachment": a.ID, "kind": a.Kind, "visibility": string(a.Visibility), "sha256": a.SHA256},
	})
}

func attachmentToProto(a *project.Attachment) *evaluationv1.ProjectAttachment {
	return &evaluationv1.ProjectAttachment{
		Id: a.ID, ProjectId: a.ProjectID, Kind: a.Kind, Published: a.Published,
		Visibility: value[evaluationv1.ProjectAttachment_Visibility](evaluationv1.ProjectAttachment_Visibility_value, a.Visibility),
		Side:       value[evaluationv1.Project_Side](evaluationv1.Project_Side_value, a.Side),
		FileName:   a.FileName, MediaType: a.MediaType, Size: a.Size, Sha256: a.SHA256, CreateTime: convert.Instant(a.CreatedAt),
	}
}
