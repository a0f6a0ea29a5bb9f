package evaluation_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

var tinyPDF = []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")

func (w *world) files(p auth.Principal) evaluationv1.ProjectAttachmentServiceClient {
	return evaluationv1.NewProjectAttachmentServiceClient(w.As(p))
}

// attach adds a document of that kind for somebody.
func (w *world) attach(by auth.Principal, project, kind string, whom evaluationv1.ProjectAttachment_Visibility) (*evaluationv1.ProjectAttachment, error) {
	w.t.Helper()
	return w.attachAs(by, &evaluationv1.ProjectAttachmentHeader{ProjectId: project, Kind: kind, Visibility: whom, FileName: `C:\書類\計画.pdf`}, tinyPDF)
}

func (w *world) attachAs(by auth.Principal, header *evaluationv1.ProjectAttachmentHeader, content []byte) (*evaluationv1.ProjectAttachment, error) {
	w.t.Helper()
	return w.attachOnce(w.t.Context(), by, header, content)
}

func (w *world) attachOnce(ctx context.Context, by auth.Principal, header *evaluationv1.ProjectAttachmentHeader, content []byte) (*evaluationv1.ProjectAttachment, error) {
	w.t.Helper()
	stream, err := w.files(by).UploadProjectAttachment(ctx)
	w.must(err)
	err = stream.Send(&evaluationv1.UploadProjectAttachmentRequest{Part: &evaluationv1.UploadProjectAttachmentRequest_Header{Header: header}})
	if err == nil && len(content) > 0 {
		err = stream.Send(&evaluationv1.UploadProjectAttachmentRequest{Part: &evaluationv1.UploadProjectAttachmentRequest_Content{Content: content}})
	}
	if err != nil && !errors.Is(err, io.EOF) {
		w.t.Fatal(err)
	}
	resp, err := stream.CloseAndRecv()
	return resp.GetAttachment(), err
}

func (w *world) download(by auth.Principal, project, id string) ([]byte, error) {
	w.t.Helper()
	stream, err := w.files(by).DownloadProjectAttachment(w.t.Context(), &evaluationv1.DownloadProjectAttachmentRequest{ProjectId: project, AttachmentId: id})
	w.must(err)
	return received(stream)
}

func received(stream grpc.ServerStreamingClient[evaluationv1.DownloadProjectAttachmentResponse]) ([]byte, error) {
	var out []byte
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, part.GetContent()...)
	}
}

// For every reader, list, get and download show the same documents.
func TestDocumentsByVisibility(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.bring(evaluationv1.Project_RUNNING, nil)
	made := map[string]string{}
	for name, d := range map[string]struct {
		by   auth.Principal
		kind string
		whom evaluationv1.ProjectAttachment_Visibility
	}{
		"ward":      {staff, "MATERIAL", evaluationv1.ProjectAttachment_WARD_ONLY},
		"both":      {editor, "RECEIPT", evaluationv1.ProjectAttachment_VISIBILITY_UNSPECIFIED},
		"drafted":   {coordinator(), "PHOTO", evaluationv1.ProjectAttachment_PUBLIC},
		"published": {staff, "PUBLICITY", evaluationv1.ProjectAttachment_PUBLIC},
	} {
		a, err := w.attach(d.by, id, d.kind, d.whom)
		w.must(err)
		if a.GetFileName() != "計画.pdf" || a.GetMediaType() != "application/pdf" || a.GetSize() != int64(len(tinyPDF)) || len(a.GetSha256()) != 64 {
			t.Errorf("%s is %v", name, a)
		}
		made[name] = a.GetId()
	}
	w.must(err2(w.files(approver).PublishProjectAttachment(t.Context(), &evaluationv1.PublishProjectAttachmentRequest{ProjectId: id, AttachmentId: made["published"]})))
	for _, c := range []struct {
		by   auth.Principal
		want string
	}{
		{auth.Anonymous, "published"},
		{resident, "published"},
		{head2, "published"},
		{auditor, "published"},
		{admin, "published"},
		{viewer, "both drafted published"},
		{editor, "both drafted published"},
		{head, "both drafted published"},
		{coordinator(), "both drafted published"},
		{staff, "ward both drafted published"},
		{staff2, "ward both drafted published"},
		{approver, "ward both drafted published"},
		{desk, "ward both drafted published"},
	} {
		list, err := w.files(c.by).ListProjectAttachments(t.Context(), &evaluationv1.ListProjectAttachmentsRequest{ProjectId: id})
		w.must(err)
		listed := map[string]bool{}
		for _, a := range list.GetAttachments() {
			listed[a.GetId()] = true
		}
		for name, attachment := range made {
			want := strings.Contains(c.want, name)
			_, err := w.files(c.by).GetProjectAttachment(t.Context(), &evaluationv1.GetProjectAttachmentRequest{ProjectId: id, AttachmentId: attachment})
			content, downErr := w.download(c.by, id, attachment)
			if listed[attachment] != want || (err == nil) != want || bytes.Equal(content, tinyPDF) != want {
				t.Errorf("%s sees %s: %v %v %v, want %v", c.by.ID, name, listed[attachment], err, downErr, want)
			}
			if !want && (reason(err) != "RESOURCE_NOT_FOUND" || reason(downErr) != "RESOURCE_NOT_FOUND") {
				t.Errorf("%s is told of %s: %v %v", c.by.ID, name, err, downErr)
			}
		}
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'evaluation.projectAttachment.download' AND object_id = $1`, id); n != 4*2+4*3 {
		t.Errorf("%d readings are logged", n)
	}
}

func TestUploadAgain(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.bring(evaluationv1.Project_RUNNING, nil)
	key := metadata.AppendToOutgoingContext(t.Context(), rpc.MetaIdempotencyKey, "the plan")
	send := func(ctx context.Context, name string) (*evaluationv1.ProjectAttachment, error) {
		return w.attachOnce(ctx, head, &evaluationv1.ProjectAttachmentHeader{ProjectId: id, Kind: "PLAN", FileName: name}, tinyPDF)
	}
	_, err := send(key, "計画.pdf")
	refused(t, err, "INVALID_FIELD") // a blank is in the key
	key = metadata.AppendToOutgoingContext(t.Context(), rpc.MetaIdempotencyKey, "plan")
	first, err := send(key, "計画.pdf")
	w.must(err)
	again, err := send(key, "計画.pdf")
	w.must(err)
	if again.GetId() != first.GetId() || w.count(`SELECT count(*) FROM project_attachment WHERE project_id = $1`, id) != 1 {
		t.Errorf("the same upload again is %v", again)
	}
	_, err = send(key, "別の計画.pdf")
	refused(t, err, "IDEMPOTENCY_KEY_REUSED")
}

func TestDocumentRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	hidden := w.project(nil).GetId()
	id := w.bring(evaluationv1.Project_RUNNING, nil)
	header := func(kind string, v evaluationv1.ProjectAttachment_Visibility) *evaluationv1.ProjectAttachmentHeader {
		return &evaluationv1.ProjectAttachmentHeader{ProjectId: id, Kind: kind, Visibility: v, FileName: "a.pdf"}
	}
	for _, c := range []struct {
		name, want string
		by         auth.Principal
		header     *evaluationv1.ProjectAttachmentHeader
		content    []byte
	}{
		{"another organization", "PERMISSION_DENIED", head2, header("PLAN", 0), tinyPDF},
		{"hidden", "RESOURCE_NOT_FOUND", head2, &evaluationv1.ProjectAttachmentHeader{ProjectId: hidden, Kind: "PLAN", FileName: "a.pdf"}, tinyPDF},
		{"the ward's by the organization", "INVALID_FIELD", editor, header("PLAN", evaluationv1.ProjectAttachment_WARD_ONLY), tinyPDF},
		{"a public receipt", "INVALID_FIELD", editor, header("RECEIPT", evaluationv1.ProjectAttachment_PUBLIC), tinyPDF},
		{"unknown kind", "INVALID_FIELD", editor, header("BYLAWS", 0), tinyPDF},
		{"no name", "INVALID_FIELD", editor, &evaluationv1.ProjectAttachmentHeader{ProjectId: id, Kind: "PLAN", FileName: "../.."}, tinyPDF},
		{"text", "FILE_TYPE_NOT_ALLOWED", editor, header("PLAN", 0), []byte("ただの文字です。")},
		{"empty", "FILE_EMPTY", editor, header("PLAN", 0), nil},
	} {
		_, err := w.attachAs(c.by, c.header, c.content)
		if got := reason(err); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	publish := func(by auth.Principal, attachment string) error {
		return err2(w.files(by).PublishProjectAttachment(t.Context(), &evaluationv1.PublishProjectAttachmentRequest{ProjectId: id, AttachmentId: attachment}))
	}
	remove := func(by auth.Principal, attachment string) error {
		return err2(w.files(by).DeleteProjectAttachment(t.Context(), &evaluationv1.DeleteProjectAttachmentRequest{ProjectId: id, AttachmentId: attachment}))
	}
	public, err := w.attach(staff, id, "PLAN", evaluationv1.ProjectAttachment_PUBLIC)
	w.must(err)
	inner, err := w.attach(editor, id, "PLAN", 0)
	w.must(err)
	w.waits(staff2, "publishAttachment")
	w.waits(staff, "draftAgreement") // Of the hidden one.
	refused(t, publish(staff, public.GetId()), "SELF_APPROVAL_FORBIDDEN")
	refused(t, publish(staff2, inner.GetId()), "DOCUMENT_NOT_FOR_EVERYBODY")
	refused(t, remove(editor, public.GetId()), "DOCUMENT_OF_OTHER_SIDE")
	w.must(publish(staff2, public.GetId()))
	w.waits(staff2)
	refused(t, publish(staff2, public.GetId()), "INVALID_STATE_TRANSITION")
	refused(t, remove(staff, public.GetId()), "DOCUMENT_PUBLISHED")
	w.must(remove(head, inner.GetId()))
	refused(t, remove(head, inner.GetId()), "RESOURCE_NOT_FOUND")
	w.exec(`
		INSERT INTO project_attachment (id, project_id, kind, visibility, published, side, file_name, media_type, size, sha256, created_by, created_at)
		SELECT gen_random_uuid(), $1, 'PLAN', 'WARD_ONLY', false, 'WARD', 'x', 'application/pdf', 1, repeat('a', 64), 'x', now()
		FROM generate_series(2, 100)`, id)
	_, err = w.attach(editor, id, "PLAN", 0)
	refused(t, err, "ATTACHMENT_LIMIT")
	w.exec(`UPDATE project SET state = 'CLOSED' WHERE id = $1`, id)
	_, err = w.attach(editor, id, "PLAN", 0)
	refused(t, err, "PROJECT_CLOSED")
	refused(t, remove(staff, public.GetId()), "PROJECT_CLOSED")
}

// Only the constraints hold what no RPC allows.
func TestDocumentConstraints(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.project(nil).GetId()
	for name, values := range map[string]string{
		"published alone":        `'PLAN', 'PUBLIC', true, 'WARD', 'a', 'a'`,
		"published for the ward": `'PLAN', 'WARD_ONLY', true, 'WARD', 'a', 'b'`,
		"a public receipt":       `'RECEIPT', 'PUBLIC', false, 'WARD', 'a', NULL`,
	} {
		_, err := w.DB("evaluation").Pool().Exec(t.Context(), `
			INSERT INTO project_attachment (
				id, project_id, kind, visibility, published, side, created_by, approved_by, file_name, media_type, size, sha256, created_at)
			VALUES (gen_random_uuid(), $1, `+values+`, 'x', 'application/pdf', 1, repeat('a', 64), now())`, id)
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
