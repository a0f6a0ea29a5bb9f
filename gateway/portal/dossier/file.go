package dossier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// kinds are what a file can be, as the contract names them.
var kinds = []string{"BYLAWS", "OFFICERS", "MEMBERS", "REPORT", "BUDGET", "MATERIAL", "FORM", "ANSWER", "OTHER"}

// files is the page of the attachments.
type files struct {
	folder
	found []*typev1.Attachment
}

func attachments(q *web.Request) proposalsv1.AttachmentServiceClient {
	return proposalsv1.NewAttachmentServiceClient(q.Site.Service("proposals"))
}

func showFiles(q *web.Request) error {
	f, err := open(q)
	if err != nil {
		return err
	}
	f.form.Values.Set("kind", q.Query("kind"))
	return answerFiles(q, f, http.StatusOK)
}

func answerFiles(q *web.Request, f folder, status int) error {
	resp, err := attachments(q).ListAttachments(q.Context(), &proposalsv1.ListAttachmentsRequest{ProposalId: f.proposal.GetId()})
	if err != nil {
		return err
	}
	f.form.Labels = ui.Labels{"kind": "dossier.kindname", "file": "dossier.file"}
	return q.RenderAs(status, filesPage(&files{f, resp.GetAttachments()}))
}

// writable reports whether the proposal is in the hands of its organization, so
// that files come and go.
func (f *files) writable(ctx context.Context) bool {
	s := f.proposal.GetState()
	return (s == proposalsv1.Proposal_DRAFT || s == proposalsv1.Proposal_RETURNED) && ui.Can(ctx, proposalsv1.AttachmentService_UploadAttachment_FullMethodName)
}

func addFile(q *web.Request) error {
	f, err := open(q)
	if err != nil {
		return err
	}
	err = send(q, f.proposal.GetId())
	if form, refused := q.Refused(err); refused {
		f.form = form
		return answerFiles(q, f, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(f.path("attachments"), "fileuploaded")
}

// piece is how much of a file one message carries.
const piece = 64 << 10

// send passes the file of the form on in pieces.
func send(q *web.Request, id string) error {
	file, header, err := q.FormFile("file")
	if err != nil || header.Filename == "" {
		return fault.ErrInvalidField.On(fault.Missing("file"))
	}
	defer func() { _ = file.Close() }() // it was read only
	stream, err := attachments(q).UploadAttachment(q.Once())
	if err != nil {
		return err
	}
	first := &proposalsv1.AttachmentHeader{ProposalId: id, Kind: q.PostFormValue("kind"), FileName: header.Filename}
	if err := stream.Send(&proposalsv1.UploadAttachmentRequest{Part: &proposalsv1.UploadAttachmentRequest_Header{Header: first}}); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for buffer := make([]byte, piece); ; {
		n, err := file.Read(buffer)
		if n > 0 {
			// An end here is a refusal, which CloseAndRecv tells.
			if sendErr := stream.Send(&proposalsv1.UploadAttachmentRequest{Part: &proposalsv1.UploadAttachmentRequest_Content{Content: buffer[:n]}}); sendErr != nil {
				break
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	_, err = stream.CloseAndRecv()
	return err
}

func removeFile(q *web.Request) error {
	f, err := open(q)
	if err != nil {
		return err
	}
	attachment, err := q.ID("attachment")
	if err != nil {
		return err
	}
	_, err = attachments(q).DeleteAttachment(q.Once(), &proposalsv1.DeleteAttachmentRequest{ProposalId: f.proposal.GetId(), AttachmentId: attachment})
	if form, refused := q.Refused(err); refused {
		f.form = form
		return answerFiles(q, f, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(f.path("attachments"), "fileremoved")
}

func kindOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "ui.choose")}}
	for _, k := range kinds {
		out = append(out, ui.Option{Value: k, Text: text.S(ctx, "dossier.kind."+k)})
	}
	return out
}

// size is how big a file is.
func size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", (n+1023)>>10)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}
