package proposals

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// maxAttachments is how many files a proposal has at most.
const maxAttachments = 50

// attachments keeps the files of proposals.
type attachments struct {
	proposalsv1.UnimplementedAttachmentServiceServer
	service.Deps
}

func registerAttachments(d service.Deps, r grpc.ServiceRegistrar) {
	proposalsv1.RegisterAttachmentServiceServer(r, &attachments{Deps: d})
}

// UploadAttachment adds a file. Who may not add a file is told before
// the content is read, and the content is stored before the row, so that no row
// is ever without its content.
func (s *attachments) UploadAttachment(stream grpc.ClientStreamingServer[proposalsv1.UploadAttachmentRequest, proposalsv1.UploadAttachmentResponse]) error {
	ctx := stream.Context()
	header, err := blob.Header(stream.Recv)
	if err != nil {
		return err
	}
	name, err := blob.FileName(header.GetFileName())
	if err != nil {
		return err
	}
	if err := s.mayAdd(ctx, header); err != nil {
		return err
	}
	content, err := s.Blobs.Put(ctx, blob.Content(stream.Recv))
	if err != nil {
		return err
	}
	resp, err := s.add(ctx, store.Attachment{
		ID: s.NewID(), ProposalID: header.GetProposalId(), Kind: header.GetKind(), FileName: name,
		MediaType: content.MediaType, Size: content.Size, SHA256: content.SHA256,
	})
	if err != nil {
		return err
	}
	return stream.SendAndClose(resp)
}

// mayAdd refuses early what add would refuse.
func (s *attachments) mayAdd(ctx context.Context, h *proposalsv1.AttachmentHeader) error {
	by := readerOf(ctx, s.Now())
	p, err := store.GetProposal(ctx, s.DB, h.GetProposalId(), by)
	if err != nil {
		return err
	}
	return takesFile(p, by, h.GetKind())
}

// add writes the row of a stored content.
func (s *attachments) add(ctx context.Context, a store.Attachment) (*proposalsv1.UploadAttachmentResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.UploadAttachmentResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProposal(ctx, tx, a.ProposalID, by)
		if err != nil {
			return nil, err
		}
		if err := takesFile(p, by, a.Kind); err != nil {
			return nil, err
		}
		n, err := store.CountAttachments(ctx, tx, p.ID)
		if err != nil {
			return nil, err
		}
		if n >= maxAttachments {
			return nil, proposal.ErrAttachmentLimit.With("limit", strconv.Itoa(maxAttachments))
		}
		a.Revision, a.CreatedBy, a.CreatedAt = p.Revision, by.ID, tx.Now
		if err := store.InsertAttachment(ctx, tx, &a); err != nil {
			return nil, err
		}
		auditAttachment(ctx, tx, "proposals.attachment.upload", &a)
		return &proposalsv1.UploadAttachmentResponse{ProposalId: a.ProposalID, Attachment: attachmentToProto(&a)}, nil
	})
}

// ListAttachments lists the files of a proposal that the caller sees.
func (s *attachments) ListAttachments(ctx context.Context, req *proposalsv1.ListAttachmentsRequest) (*proposalsv1.ListAttachmentsResponse, error) {
	by := readerOf(ctx, s.Now())
	p, err := s.holder(ctx, req.GetProposalId(), by)
	if err != nil {
		return nil, err
	}
	all, err := store.ListAttachments(ctx, s.DB, p.ID)
	if err != nil {
		return nil, err
	}
	resp := &proposalsv1.ListAttachmentsResponse{}
	for _, a := range all {
		if seesFile(p, by, a) {
			resp.Attachments = append(resp.Attachments, attachmentToProto(a))
		}
	}
	return resp, nil
}

// GetAttachment shows what is known of a file.
func (s *attachments) GetAttachment(ctx context.Context, req *proposalsv1.GetAttachmentRequest) (*proposalsv1.GetAttachmentResponse, error) {
	a, _, err := s.find(ctx, req.GetProposalId(), req.GetAttachmentId())
	if err != nil {
		return nil, err
	}
	return &proposalsv1.GetAttachmentResponse{Attachment: attachmentToProto(a)}, nil
}

// DownloadAttachment hands out the content. What the ward reads is logged before
// the first byte.
func (s *attachments) DownloadAttachment(req *proposalsv1.DownloadAttachmentRequest, stream grpc.ServerStreamingServer[proposalsv1.DownloadAttachmentResponse]) error {
	ctx := stream.Context()
	a, view, err := s.find(ctx, req.GetProposalId(), req.GetAttachmentId())
	if err != nil {
		return err
	}
	content, err := s.Blobs.Open(ctx, a.SHA256)
	if err != nil {
		return fmt.Errorf("attachment %s: %w", a.ID, err)
	}
	defer content.Close()
	if view == proposal.ForWard {
		if err := s.logReading(ctx, a); err != nil {
			return err
		}
	}
	first := &proposalsv1.DownloadAttachmentResponse{Part: &proposalsv1.DownloadAttachmentResponse_Attachment{Attachment: attachmentToProto(a)}}
	if err := stream.Send(first); err != nil {
		return err
	}
	return blob.Send(content, func(piece []byte) error {
		return stream.Send(&proposalsv1.DownloadAttachmentResponse{Part: &proposalsv1.DownloadAttachmentResponse_Content{Content: piece}})
	})
}

func (s *attachments) logReading(ctx context.Context, a *store.Attachment) error {
	_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		auditAttachment(ctx, tx, "proposals.attachment.download", a)
		return struct{}{}, nil
	})
	return err
}

// DeleteAttachment removes a file from a draft or a returned proposal.
func (s *attachments) DeleteAttachment(ctx context.Context, req *proposalsv1.DeleteAttachmentRequest) (*proposalsv1.DeleteAttachmentResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.DeleteAttachmentResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProposal(ctx, tx, req.GetProposalId(), by)
		if err != nil {
			return nil, err
		}
		a, err := store.GetAttachment(ctx, tx, p.ID, req.GetAttachmentId())
		if err != nil {
			return nil, err
		}
		if !seesFile(p, by, a) {
			return nil, fault.ErrNotFound
		}
		if err := takesFile(p, by, a.Kind); err != nil {
			return nil, err
		}
		if a.Revision < p.Revision {
			return nil, proposal.ErrNotEditable.With("state", string(p.State))
		}
		if err := store.DeleteAttachment(ctx, tx, a.ID); err != nil {
			return nil, err
		}
		auditAttachment(ctx, tx, "proposals.attachment.delete", a)
		return &proposalsv1.DeleteAttachmentResponse{}, nil
	})
}

// holder reads a proposal whose files the reader may see: as party or ward, not
// as everybody.
func (s *attachments) holder(ctx context.Context, id string, by proposal.Reader) (*proposal.Proposal, error) {
	p, err := store.GetProposal(ctx, s.DB, id, by)
	if err != nil {
		return nil, err
	}
	if by.View(p) < proposal.ForParty {
		return nil, fault.ErrPermissionDenied
	}
	return p, nil
}

// find reads one file that the reader may see, and how much the reader sees of
// its proposal.
func (s *attachments) find(ctx context.Context, proposalID, id string) (*store.Attachment, proposal.View, error) {
	by := readerOf(ctx, s.Now())
	p, err := s.holder(ctx, proposalID, by)
	if err != nil {
		return nil, proposal.Nothing, err
	}
	a, err := store.GetAttachment(ctx, s.DB, p.ID, id)
	if err != nil {
		return nil, proposal.Nothing, err
	}
	if !seesFile(p, by, a) {
		return nil, proposal.Nothing, fault.ErrNotFound
	}
	return a, by.View(p), nil
}

// seesFile reports whether a reader of the proposal sees the file. Lists of
// officers and members are not for joint organizations; what the organization
// adds while it corrects is not for the others before it is submitted.
func seesFile(p *proposal.Proposal, by proposal.Reader, a *store.Attachment) bool {
	switch {
	case by.Owns(p):
		return true
	case a.Revision == p.Revision && !by.Writes(p):
		return false
	case a.Kind == "OFFICERS" || a.Kind == "MEMBERS":
		return by.View(p) == proposal.ForWard
	default:
		return true
	}
}

// takesFile refuses to add or remove a file: files belong to a draft, or to a
// returned proposal whose correction names them. Errors: PERMISSION_DENIED,
// PROPOSAL_NOT_EDITABLE.
func takesFile(p *proposal.Proposal, by proposal.Reader, kind string) error {
	if !by.Writes(p) {
		return fault.ErrPermissionDenied
	}
	switch p.State {
	case proposal.Draft:
		return nil
	case proposal.Returned:
		if slices.Contains(p.Correction.Fields, proposal.Attachments) || kind == "ANSWER" && slices.Contains(p.Correction.Fields, "answers") {
			return nil
		}
	}
	return proposal.ErrNotEditable.With("state", string(p.State))
}

func auditAttachment(ctx context.Context, tx *pg.Tx, action string, a *store.Attachment) {
	audit.Add(ctx, tx, audit.Entry{
		Action: action, ObjectType: "proposal", ObjectID: a.ProposalID,
		Detail: map[string]string{"attachmentId": a.ID, "kind": a.Kind, "sha256": a.SHA256},
	})
}

func attachmentToProto(a *store.Attachment) *typev1.Attachment {
	return &typev1.Attachment{
		Id: a.ID, Kind: a.Kind, FileName: a.FileName, MediaType: a.MediaType, Size: a.Size, Sha256: a.SHA256,
		CreateTime: timestamppb.New(a.CreatedAt),
	}
}
