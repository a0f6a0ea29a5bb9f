package proposals

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/number"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// The parties of the tests about files.
var (
	fileOrg   = uuid.NewString()
	fileJoint = uuid.NewString()
	fileDept  = uuid.NewString()

	fileEditor = servicetest.Member(uuid.NewString(), fileOrg, optionsv1.Role_ROLE_EDITOR)
	fileViewer = servicetest.Member(uuid.NewString(), fileOrg, optionsv1.Role_ROLE_VIEWER)
	fileRival  = servicetest.Member(uuid.NewString(), uuid.NewString(), optionsv1.Role_ROLE_EDITOR)
	filePeer   = servicetest.Member(uuid.NewString(), fileJoint, optionsv1.Role_ROLE_EDITOR)
	fileDesk   = servicetest.Staff(uuid.NewString(), uuid.NewString(), optionsv1.Role_ROLE_DESK)
	fileStaff  = servicetest.Staff(uuid.NewString(), fileDept, optionsv1.Role_ROLE_STAFF)
)

var fileDay = time.Date(2026, 8, 3, 9, 0, 0, 0, jp.Tokyo)

var pdf = []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")

type fileWorld struct {
	*servicetest.World
	t    *testing.T
	call *call.Call
}

func newFileWorld(t *testing.T) *fileWorld {
	t.Helper()
	files := service.Module{Name: Module.Name, Migrations: Module.Migrations, Register: registerAttachments}
	w := &fileWorld{World: servicetest.Start(t, files), t: t}
	w.call = &call.Call{ID: uuid.NewString(), Title: "募集", FiscalYear: 2026, State: call.Published, UpdatedAt: fileDay, Version: 1}
	w.call.Complete()
	w.write(func(ctx context.Context, tx *pg.Tx) error { return store.InsertCall(ctx, tx, w.call) })
	return w
}

func (w *fileWorld) write(fn func(context.Context, *pg.Tx) error) {
	w.t.Helper()
	_, err := pg.InTx(w.t.Context(), w.DB("proposals"), func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		return struct{}{}, fn(ctx, tx)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// proposal writes a proposal of fileOrg in a state, past the checks on the way.
func (w *fileWorld) proposal(state proposal.State, changes ...func(*proposal.Proposal)) string {
	w.t.Helper()
	p := &proposal.Proposal{
		ID: uuid.NewString(), CallID: w.call.ID, FiscalYear: 2026, OrganizationID: fileOrg, State: state,
		Content: proposal.Content{Title: "提案", JointOrganizationIDs: []string{fileJoint}},
		Channel: "WEB", CreatedBy: fileEditor.ID, UpdatedAt: fileDay, Version: 1,
	}
	if state != proposal.Draft {
		p.Revision, p.SubmittedAt, p.PublicSince = 1, fileDay, fileDay
		p.Assignments = []proposal.Assignment{{DepartmentID: fileDept, Part: proposal.Lead, Response: proposal.AcceptedBy}}
	}
	if state == proposal.Returned {
		p.Correction = &proposal.Correction{Fields: []string{"title"}, Message: "直してください", DueOn: jp.DateOf(fileDay), Before: 1}
	}
	for _, change := range changes {
		change(p)
	}
	w.write(func(ctx context.Context, tx *pg.Tx) error {
		if state != proposal.Draft {
			serial, err := number.Next(ctx, tx, store.ProposalNumber, p.FiscalYear)
			if err != nil {
				return err
			}
			p.Numbered(serial)
		}
		return store.InsertProposal(ctx, tx, p)
	})
	return p.ID
}

func (w *fileWorld) client(by auth.Principal) proposalsv1.AttachmentServiceClient {
	return proposalsv1.NewAttachmentServiceClient(w.As(by))
}

// file is what a test uploads.
type file struct {
	proposal, kind, name string
	content              []byte
}

func (w *fileWorld) upload(by auth.Principal, f file) (*proposalsv1.UploadAttachmentResponse, error) {
	w.t.Helper()
	parts := []*proposalsv1.UploadAttachmentRequest{headerPart(f)}
	for chunk := range slices.Chunk(f.content, 64<<10) {
		parts = append(parts, contentPart(chunk))
	}
	return w.send(by, parts...)
}

func (w *fileWorld) send(by auth.Principal, parts ...*proposalsv1.UploadAttachmentRequest) (*proposalsv1.UploadAttachmentResponse, error) {
	return w.sendAs(w.t.Context(), by, parts...)
}

func (w *fileWorld) sendAs(ctx context.Context, by auth.Principal, parts ...*proposalsv1.UploadAttachmentRequest) (*proposalsv1.UploadAttachmentResponse, error) {
	stream, err := w.client(by).UploadAttachment(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if err := stream.Send(p); errors.Is(err, io.EOF) { // the server has answered already
			break
		} else if err != nil {
			return nil, err
		}
	}
	return stream.CloseAndRecv()
}

func headerPart(f file) *proposalsv1.UploadAttachmentRequest {
	h := &proposalsv1.AttachmentHeader{ProposalId: f.proposal, Kind: f.kind, FileName: f.name}
	return &proposalsv1.UploadAttachmentRequest{Part: &proposalsv1.UploadAttachmentRequest_Header{Header: h}}
}

func contentPart(content []byte) *proposalsv1.UploadAttachmentRequest {
	return &proposalsv1.UploadAttachmentRequest{Part: &proposalsv1.UploadAttachmentRequest_Content{Content: content}}
}

// uploaded uploads a file that must be taken and returns its id.
func (w *fileWorld) uploaded(by auth.Principal, proposalID, kind string) string {
	w.t.Helper()
	resp, err := w.upload(by, file{proposal: proposalID, kind: kind, name: kind + ".pdf", content: pdf})
	if err != nil {
		w.t.Fatalf("upload of %s: %v", kind, err)
	}
	return resp.GetAttachment().GetId()
}

func (w *fileWorld) download(by auth.Principal, proposalID, id string) ([]byte, error) {
	stream, err := w.client(by).DownloadAttachment(w.t.Context(), &proposalsv1.DownloadAttachmentRequest{ProposalId: proposalID, AttachmentId: id})
	if err != nil {
		return nil, err
	}
	first, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	if first.GetAttachment().GetId() != id {
		w.t.Errorf("first message is %v, not the description", first)
	}
	var content []byte
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return content, nil
		}
		if err != nil {
			return nil, err
		}
		content = append(content, m.GetContent()...)
	}
}

func (w *fileWorld) kinds(by auth.Principal, proposalID string) ([]string, error) {
	resp, err := w.client(by).ListAttachments(w.t.Context(), &proposalsv1.ListAttachmentsRequest{ProposalId: proposalID})
	kinds := []string{}
	for _, a := range resp.GetAttachments() {
		kinds = append(kinds, a.GetKind())
	}
	return kinds, err
}

// reasonIn returns the reason of a refusal, or "OK".
func reasonIn(err error) string {
	if err == nil {
		return "OK"
	}
	f, ok := rpc.FromStatus(status.Convert(err))
	if !ok {
		return err.Error()
	}
	return f.Reason
}

// submitted turns a draft into a submitted proposal of a department.
func (w *fileWorld) submitted(id string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE proposal
			SET state = 'SUBMITTED', public_state = 'RECEIVED', number = 'R8-提-9999', submitted_at = now(), revision = 1,
				department_ids = ARRAY[$2::uuid], assignments = $3
			WHERE id = $1`, id, fileDept, []proposal.Assignment{{DepartmentID: fileDept, Part: proposal.Lead}})
		return err
	})
}

func (w *fileWorld) logged(proposalID string) []string {
	w.t.Helper()
	rows, err := w.DB("proposals").Query(w.t.Context(), `
		SELECT action, actor
		FROM audit_entry
		WHERE object_type = 'proposal' AND object_id = $1
		ORDER BY id`, proposalID)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var action, actor string
		if err := rows.Scan(&action, &actor); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, action+" "+actor)
	}
	return out
}

// row writes a file of the first version, without content.
func (w *fileWorld) row(proposalID, id string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *pg.Tx) error {
		return store.InsertAttachment(ctx, tx, &store.Attachment{
			ID: id, ProposalID: proposalID, Kind: "OTHER", FileName: "a.pdf", MediaType: "application/pdf", Size: 1,
			SHA256: strings.Repeat("0", 64), CreatedBy: fileEditor.ID, CreatedAt: tx.Now,
		})
	})
}
