package project

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

func attachments(q *web.Request) evaluationv1.ProjectAttachmentServiceClient {
	return evaluationv1.NewProjectAttachmentServiceClient(q.Site.Service("evaluation"))
}

// document is the form of a document that is added.
type document struct {
	project *evaluationv1.Project
	form    *ui.Form
}

// documentKinds are what a document can be.
var documentKinds = []string{"PLAN", "MINUTES", "MATERIAL", "PUBLICITY", "PHOTO", "DELIVERABLE", "REPORT", "RECEIPT", "NOTICE", "OTHER"}

func beginDocument(q *web.Request) error {
	p, err := partyProject(q)
	if err != nil {
		return err
	}
	form := ui.NewForm(url.Values{})
	form.Values.Set("visibility", evaluationv1.ProjectAttachment_BOTH_SIDES.String())
	return q.Render(documentPage(&document{p, form}))
}

func addDocument(q *web.Request) error {
	p, err := partyProject(q)
	if err != nil {
		return err
	}
	err = upload(q, p.GetId())
	if form, refused := q.Refused(err); refused {
		form.Labels = ui.Labels{"file": "project.file", "kind": "project.documentkind", "visibility": "project.forwhom"}
		return q.RenderAs(form.Status, documentPage(&document{p, form.Trim("header.")}))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/projects/"+p.GetId(), "documentadded")
}

// errNoFile refuses the form without a file.
var errNoFile = fault.New(fault.Invalid, "FILE_MISSING", "書類のファイルを選んでください。", "Choose the file.")

// chunk is how much of a file travels in one message.
const chunk = 64 << 10

// upload sends the file to the service, the header first.
func upload(q *web.Request, id string) error {
	file, info, err := q.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return errNoFile.OnPath("file")
	}
	if err != nil {
		return fault.ErrInvalidField.Because(err)
	}
	defer file.Close()
	header := &evaluationv1.ProjectAttachmentHeader{}
	if err := web.Bind(q.PostForm, header); err != nil {
		return err
	}
	header.ProjectId, header.FileName = id, info.Filename
	stream, err := attachments(q).UploadProjectAttachment(q.Once())
	if err != nil {
		return err
	}
	send := stream.Send(&evaluationv1.UploadProjectAttachmentRequest{Part: &evaluationv1.UploadProjectAttachmentRequest_Header{Header: header}})
	for buf := make([]byte, chunk); send == nil; {
		n, err := io.ReadFull(file, buf)
		if n > 0 {
			send = stream.Send(&evaluationv1.UploadProjectAttachmentRequest{Part: &evaluationv1.UploadProjectAttachmentRequest_Content{Content: buf[:n]}})
		}
		if err != nil {
			break // the end; what cannot be read, the service finds too short or none
		}
	}
	_, err = stream.CloseAndRecv() // a refusal while sending is said here
	return err
}

// documentSteps are those of one document.
var documentSteps = &step.Table[struct{}]{Steps: []step.Step[struct{}]{
	{Name: "publish", Done: "documentpublished", Take: step.By(attachments, evaluationv1.ProjectAttachmentServiceClient.PublishProjectAttachment, "projectId", "attachmentId")},
	{Name: "delete", Done: "documentdeleted", Take: step.By(attachments, evaluationv1.ProjectAttachmentServiceClient.DeleteProjectAttachment, "projectId", "attachmentId")},
}}

func takeDocument(q *web.Request) error {
	q.SetPathValue("id", q.PathValue("projectId"))
	return documentSteps.Take(q, "/projects/"+q.PathValue("id"), answer)
}

func documentKindOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "ui.choose")}}
	for _, k := range documentKinds {
		out = append(out, ui.Option{Value: k, Text: text.S(ctx, "project.document."+k)})
	}
	return out
}

// visibilityOptions are for whom the caller's side can add a document.
func visibilityOptions(ctx context.Context, side evaluationv1.Project_Side) []ui.Option {
	choices := []evaluationv1.ProjectAttachment_Visibility{evaluationv1.ProjectAttachment_PUBLIC, evaluationv1.ProjectAttachment_BOTH_SIDES}
	if side == evaluationv1.Project_WARD {
		choices = append(choices, evaluationv1.ProjectAttachment_WARD_ONLY)
	}
	var out []ui.Option
	for _, v := range choices {
		out = append(out, ui.Option{Value: v.String(), Text: text.Enum(ctx, "project.for", v)})
	}
	return out
}

// publishable reports whether a document waits for the caller to publish it.
func publishable(ctx context.Context, a *evaluationv1.ProjectAttachment) bool {
	return !a.GetPublished() && a.GetVisibility() == evaluationv1.ProjectAttachment_PUBLIC && ui.Can(ctx, evaluationv1.ProjectAttachmentService_PublishProjectAttachment_FullMethodName)
}

// deletable reports whether the caller can take a document away again.
func (f *file) deletable(ctx context.Context, a *evaluationv1.ProjectAttachment) bool {
	open := f.GetState() != evaluationv1.Project_CLOSED && !a.GetPublished() && a.GetSide() == f.GetMySide()
	return open && ui.Can(ctx, evaluationv1.ProjectAttachmentService_DeleteProjectAttachment_FullMethodName)
}

// attachable reports whether the caller can add documents.
func (f *file) attachable(ctx context.Context) bool {
	return f.party(ctx) && f.GetState() != evaluationv1.Project_CLOSED && ui.Can(ctx, evaluationv1.ProjectAttachmentService_UploadProjectAttachment_FullMethodName)
}
