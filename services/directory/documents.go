package directory

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/document"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// documents keeps the papers of registrations.
type documents struct {
	directoryv1.UnimplementedRegistrationDocumentServiceServer
	service.Deps
}

// UploadRegistrationDocument adds a document to an application or, once verified,
// for the next renewal. Who may not add a document is told before the content is
// read, and the content is stored before the row, so that no row is ever without
// its content.
func (s *documents) UploadRegistrationDocument(stream grpc.ClientStreamingServer[directoryv1.UploadRegistrationDocumentRequest, directoryv1.UploadRegistrationDocumentResponse]) error {
	ctx := stream.Context()
	header, err := blob.Header(stream.Recv)
	if err != nil {
		return err
	}
	name, err := blob.FileName(header.GetFileName())
	if err != nil {
		return err
	}
	o, reason, err := paperHolder(ctx, s.DB, header.GetOrganizationId(), store.GetOrganization)
	if err != nil {
		return err
	}
	if _, err := o.State.After(organization.Enclose); err != nil {
		return err
	}
	content, err := s.Blobs.Put(ctx, contentOf(stream.Recv))
	if err != nil {
		return err
	}
	d := &document.Document{
		ID: s.NewID(), OrganizationID: o.ID, Kind: header.GetKind(), FileName: name,
		MediaType: content.MediaType, Size: content.Size, SHA256: content.SHA256, CreatedBy: auth.From(ctx).Actor(),
	}
	resp, err := s.add(ctx, d, reason)
	if err != nil {
		return err
	}
	return stream.SendAndClose(resp)
}

// add writes the row of a stored content; it asks again whether it may.
func (s *documents) add(ctx context.Context, d *document.Document, reason string) (*directoryv1.UploadRegistrationDocumentResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.UploadRegistrationDocumentResponse, error) {
		o, _, err := paperHolder(ctx, tx, d.OrganizationID, lockForReading(tx))
		if err != nil {
			return nil, err
		}
		if _, err := o.State.After(organization.Enclose); err != nil {
			return nil, err
		}
		d.Period, d.CreatedAt = o.DocumentPeriod(), tx.Now
		auditDocument(ctx, tx, "upload", d, reason)
		if err := store.InsertDocument(ctx, tx, d); err != nil {
			return nil, err
		}
		return &directoryv1.UploadRegistrationDocumentResponse{OrganizationId: o.ID, Attachment: documentProto(d).GetAttachment()}, nil
	})
}

// ListRegistrationDocuments lists the documents of an organization, oldest first.
func (s *documents) ListRegistrationDocuments(ctx context.Context, req *directoryv1.ListRegistrationDocumentsRequest) (*directoryv1.ListRegistrationDocumentsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	o, reason, err := paperHolder(ctx, s.DB, req.GetOrganizationId(), store.GetOrganization)
	if err != nil {
		return nil, err
	}
	found, err := store.ListDocuments(ctx, s.DB, o.ID, req.GetRegistrationPeriod(), page)
	if err != nil {
		return nil, err
	}
	if err := s.logReading(ctx, "list", &document.Document{OrganizationID: o.ID}, reason); err != nil {
		return nil, err
	}
	shown, next := cut(found, page.Size)
	resp := &directoryv1.ListRegistrationDocumentsResponse{}
	for _, d := range shown {
		resp.Documents = append(resp.Documents, documentProto(d))
	}
	if next != nil {
		resp.NextPageToken = s.Pages.Token(filter, next.ID)
	}
	return resp, nil
}

// GetRegistrationDocument gets what is known of one document.
func (s *documents) GetRegistrationDocument(ctx context.Context, req *directoryv1.GetRegistrationDocumentRequest) (*directoryv1.GetRegistrationDocumentResponse, error) {
	d, reason, err := s.find(ctx, req.GetOrganizationId(), req.GetAttachmentId())
	if err != nil {
		return nil, err
	}
	return &directoryv1.GetRegistrationDocumentResponse{Document: documentProto(d)}, s.logReading(ctx, "get", d, reason)
}

// DownloadRegistrationDocument reads the content of one document. What the desk
// reads is logged before the first byte.
func (s *documents) DownloadRegistrationDocument(req *directoryv1.DownloadRegistrationDocumentRequest, stream grpc.ServerStreamingServer[directoryv1.DownloadRegistrationDocumentResponse]) error {
	ctx := stream.Context()
	d, reason, err := s.find(ctx, req.GetOrganizationId(), req.GetAttachmentId())
	if err != nil {
		return err
	}
	content, err := s.Blobs.Open(ctx, d.SHA256)
	if err != nil {
		return fmt.Errorf("document %s: %w", d.ID, err)
	}
	defer content.Close()
	if err := s.logReading(ctx, "download", d, reason); err != nil {
		return err
	}
	first := &directoryv1.DownloadRegistrationDocumentResponse{Part: &directoryv1.DownloadRegistrationDocumentResponse_Attachment{Attachment: documentProto(d).GetAttachment()}}
	if err := stream.Send(first); err != nil {
		return err
	}
	return blob.Send(content, func(piece []byte) error {
		return stream.Send(&directoryv1.DownloadRegistrationDocumentResponse{Part: &directoryv1.DownloadRegistrationDocumentResponse_Content{Content: piece}})
	})
}

// DeleteRegistrationDocument removes a document that was not handed in yet.
func (s *documents) DeleteRegistrationDocument(ctx context.Context, req *directoryv1.DeleteRegistrationDocumentRequest) (*directoryv1.DeleteRegistrationDocumentResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.DeleteRegistrationDocumentResponse, error) {
		o, reason, err := paperHolder(ctx, tx, req.GetOrganizationId(), lockForReading(tx))
		if err != nil {
			return nil, err
		}
		d, err := store.GetDocument(ctx, tx, o.ID, req.GetAttachmentId())
		if err != nil {
			return nil, err
		}
		if err := d.Removable(&o.Organization); err != nil {
			return nil, err
		}
		auditDocument(ctx, tx, "delete", d, reason)
		return &directoryv1.DeleteRegistrationDocumentResponse{}, store.DeleteDocument(ctx, tx, d.ID)
	})
}

// find reads one document of an organization whose papers the caller may read.
func (s *documents) find(ctx context.Context, organizationID, id string) (*document.Document, string, error) {
	o, reason, err := paperHolder(ctx, s.DB, organizationID, store.GetOrganization)
	if err != nil {
		return nil, "", err
	}
	d, err := store.GetDocument(ctx, s.DB, o.ID, id)
	return d, reason, err
}

// logReading logs what the desk reads of others.
func (s *documents) logReading(ctx context.Context, verb string, d *document.Document, reason string) error {
	if !viewer(ctx).Desk {
		return nil
	}
	_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		auditDocument(ctx, tx, verb, d, reason)
		return struct{}{}, nil
	})
	return err
}

// readOrganization is store.GetOrganization or one that locks.
type readOrganization func(ctx context.Context, r pg.Reader, id string, v store.Viewer) (*store.Seen, error)

func lockForReading(tx *pg.Tx) readOrganization {
	return func(ctx context.Context, _ pg.Reader, id string, v store.Viewer) (*store.Seen, error) {
		return store.LockOrganization(ctx, tx, id, v)
	}
}

// paperHolder reads an organization whose papers the caller may read and add to:
// its representative by the rows, and the desk for a stated reason. Errors:
// REASON_REQUIRED, RESOURCE_NOT_FOUND for who is no member, PERMISSION_DENIED.
func paperHolder(ctx context.Context, r pg.Reader, id string, read readOrganization) (*store.Seen, string, error) {
	v := viewer(ctx)
	reason, err := deskReason(ctx, v)
	if err != nil {
		return nil, "", err
	}
	o, err := read(ctx, r, id, v)
	switch {
	case err != nil:
		return nil, "", err
	case !v.Desk && !o.IsMember():
		return nil, "", fault.ErrNotFound
	case !v.Desk && !o.Represents():
		return nil, "", fault.ErrPermissionDenied
	}
	return o, reason, nil
}

func auditDocument(ctx context.Context, tx *pg.Tx, verb string, d *document.Document, reason string) {
	audit.Add(ctx, tx, audit.Entry{
		Action: "directory.registrationDocument." + verb, ObjectType: "organization", ObjectID: d.OrganizationID, Reason: reason,
		Detail: map[string]string{"documentId": d.ID, "kind": d.Kind, "sha256": d.SHA256},
	})
}

// contentOf is the content of an upload behind its header. A second header has no
// content, and the messages' form refuses empty ones.
func contentOf[M interface{ GetContent() []byte }](recv func() (M, error)) *blob.Pieces {
	return &blob.Pieces{Next: func() ([]byte, error) {
		m, err := recv()
		return m.GetContent(), err // io.EOF at the end
	}}
}
