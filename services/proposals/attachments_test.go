package proposals

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
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
			serial, err := store.NextSerial(ctx, tx, p.FiscalYear)
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
	stream, err := w.client(by).UploadAttachment(w.t.Context())
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

func TestAttachmentsComeBackAsTheyWere(t *testing.T) {
	w := newFileWorld(t)
	id := w.proposal(proposal.Draft)
	content := append(slices.Clone(pdf), bytes.Repeat([]byte("0123456789abcdef"), 20_000)...)
	sum := sha256.Sum256(content)

	up, err := w.upload(fileEditor, file{proposal: id, kind: "BYLAWS", name: `C:\書類\会則 .pdf`, content: content})
	if err != nil {
		t.Fatal(err)
	}
	got := up.GetAttachment()
	if got.GetFileName() != "会則 .pdf" || got.GetMediaType() != "application/pdf" || got.GetSize() != int64(len(content)) || got.GetSha256() != hex.EncodeToString(sum[:]) {
		t.Errorf("stored as %v", got)
	}
	back, err := w.download(fileViewer, id, got.GetId())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(back, content) {
		t.Errorf("read %d bytes that differ from the %d written", len(back), len(content))
	}
	one, err := w.client(fileViewer).GetAttachment(t.Context(), &proposalsv1.GetAttachmentRequest{ProposalId: id, AttachmentId: got.GetId()})
	if err != nil || one.GetAttachment().GetSha256() != got.GetSha256() {
		t.Errorf("get: %v, %v", one, err)
	}
}

func TestAttachmentsRefuseContent(t *testing.T) {
	w := newFileWorld(t)
	id := w.proposal(proposal.Draft)
	large := append(slices.Clone(pdf), make([]byte, blob.MaxSize)...)
	for _, c := range []struct {
		name  string
		parts []*proposalsv1.UploadAttachmentRequest
		want  string
	}{
		{"nothing", nil, "INVALID_FIELD"},
		{"content before the header", []*proposalsv1.UploadAttachmentRequest{contentPart(pdf)}, "INVALID_FIELD"},
		{"two headers", []*proposalsv1.UploadAttachmentRequest{headerPart(file{id, "OTHER", "a.pdf", nil}), headerPart(file{id, "OTHER", "a.pdf", nil})}, "INVALID_FIELD"},
		{"unknown kind", []*proposalsv1.UploadAttachmentRequest{headerPart(file{id, "PHOTO", "a.pdf", nil})}, "INVALID_FIELD"},
		{"name of dots", []*proposalsv1.UploadAttachmentRequest{headerPart(file{id, "OTHER", "a/..", nil})}, "INVALID_FIELD"},
		{"name with a line break", []*proposalsv1.UploadAttachmentRequest{headerPart(file{id, "OTHER", "a\nb.pdf", nil})}, "FORBIDDEN_CHARACTER"},
		{"name that runs backwards", []*proposalsv1.UploadAttachmentRequest{headerPart(file{id, "OTHER", "a\u202Efdp.exe", nil})}, "FORBIDDEN_CHARACTER"},
		{"empty file", []*proposalsv1.UploadAttachmentRequest{headerPart(file{id, "OTHER", "a.pdf", nil})}, blob.ErrEmpty.Reason},
		{"a script called pdf", []*proposalsv1.UploadAttachmentRequest{headerPart(file{id, "OTHER", "a.pdf", nil}), contentPart([]byte("#!/bin/sh\n"))}, blob.ErrTypeNotAllowed.Reason},
	} {
		_, err := w.send(fileEditor, c.parts...)
		if got := reasonIn(err); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	_, err := w.upload(fileEditor, file{id, "OTHER", "a.pdf", large})
	if got := reasonIn(err); got != "PAYLOAD_TOO_LARGE" {
		t.Errorf("too large: %s", got)
	}
	if kinds, err := w.kinds(fileEditor, id); err != nil || len(kinds) > 0 {
		t.Errorf("refused files were kept: %v, %v", kinds, err)
	}
}

func TestWhoAddsAttachments(t *testing.T) {
	w := newFileWorld(t)
	named := func(fields ...string) func(*proposal.Proposal) {
		return func(p *proposal.Proposal) { p.Correction.Fields = fields }
	}
	behalf := func(p *proposal.Proposal) { p.OnBehalf, p.Channel = true, "DESK" }
	draft := w.proposal(proposal.Draft)
	for _, c := range []struct {
		name     string
		by       auth.Principal
		proposal string
		kind     string
		want     string
	}{
		{"editor", fileEditor, draft, "OTHER", "OK"},
		{"viewer", fileViewer, draft, "OTHER", "PERMISSION_DENIED"},
		{"another organization", fileRival, draft, "OTHER", "RESOURCE_NOT_FOUND"},
		{"a joint organization", filePeer, draft, "OTHER", "RESOURCE_NOT_FOUND"},
		{"desk", fileDesk, draft, "OTHER", "RESOURCE_NOT_FOUND"},
		{"staff", fileStaff, draft, "OTHER", "PERMISSION_DENIED"},
		{"nobody", auth.Anonymous, draft, "OTHER", "UNAUTHENTICATED"},
		{"resident", servicetest.Resident(uuid.NewString()), draft, "OTHER", "PERMISSION_DENIED"},
		{"an id that is not there", fileEditor, uuid.NewString(), "OTHER", "RESOURCE_NOT_FOUND"},
		{"desk on behalf", fileDesk, w.proposal(proposal.Draft, behalf), "OTHER", "OK"},
		{"desk after the submission", fileDesk, w.proposal(proposal.Submitted, behalf), "OTHER", "PROPOSAL_NOT_EDITABLE"},
		{"editor after the submission", fileEditor, w.proposal(proposal.Submitted), "OTHER", "PROPOSAL_NOT_EDITABLE"},
		{"a joint organization after the submission", filePeer, w.proposal(proposal.Submitted), "OTHER", "PERMISSION_DENIED"},
		{"correction of the title", fileEditor, w.proposal(proposal.Returned), "OTHER", "PROPOSAL_NOT_EDITABLE"},
		{"correction of attachments", fileEditor, w.proposal(proposal.Returned, named("title", "attachments")), "MEMBERS", "OK"},
		{"correction of answers", fileEditor, w.proposal(proposal.Returned, named("answers")), "ANSWER", "OK"},
		{"another kind than the correction's", fileEditor, w.proposal(proposal.Returned, named("answers")), "OTHER", "PROPOSAL_NOT_EDITABLE"},
		{"withdrawn", fileEditor, w.proposal(proposal.Withdrawn), "OTHER", "PROPOSAL_NOT_EDITABLE"},
	} {
		_, err := w.upload(c.by, file{c.proposal, c.kind, "a.pdf", pdf})
		if got := reasonIn(err); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestWhoSeesAttachments(t *testing.T) {
	w := newFileWorld(t)
	id := w.proposal(proposal.Draft)
	w.uploaded(fileEditor, id, "MATERIAL")
	members := w.uploaded(fileEditor, id, "MEMBERS")
	w.submitted(id)
	all, material := []string{"MATERIAL", "MEMBERS"}, []string{"MATERIAL"}
	for _, c := range []struct {
		name  string
		by    auth.Principal
		kinds []string
		list  string
		read  string // Of the list of members.
	}{
		{"viewer", fileViewer, all, "OK", "OK"},
		{"lead department", fileStaff, all, "OK", "OK"},
		{"desk", fileDesk, all, "OK", "OK"},
		{"joint organization", filePeer, material, "OK", "RESOURCE_NOT_FOUND"},
		{"another organization", fileRival, []string{}, "RESOURCE_NOT_FOUND", "RESOURCE_NOT_FOUND"},
		{"nobody", auth.Anonymous, []string{}, "UNAUTHENTICATED", "UNAUTHENTICATED"},
	} {
		kinds, err := w.kinds(c.by, id)
		if got := reasonIn(err); got != c.list || !cmp.Equal(kinds, c.kinds) {
			t.Errorf("%s: list is %v, %s; want %v, %s", c.name, kinds, got, c.kinds, c.list)
		}
		_, err = w.download(c.by, id, members)
		if got := reasonIn(err); got != c.read {
			t.Errorf("%s: download is %s, want %s", c.name, got, c.read)
		}
	}
	if got, want := w.logged(id), []string{
		"proposals.attachment.upload " + fileEditor.ID, "proposals.attachment.upload " + fileEditor.ID,
		"proposals.attachment.download " + fileStaff.ID, "proposals.attachment.download " + fileDesk.ID,
	}; !cmp.Equal(got, want) {
		t.Errorf("audit log: %s", cmp.Diff(want, got))
	}
	other := w.proposal(proposal.Draft)
	if _, err := w.download(fileEditor, other, members); reasonIn(err) != "RESOURCE_NOT_FOUND" {
		t.Errorf("a file of another proposal: %s", reasonIn(err))
	}
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

func TestPublishedProposalsKeepTheirAttachments(t *testing.T) {
	w := newFileWorld(t)
	id := w.proposal(proposal.Adopted, func(p *proposal.Proposal) { p.Published = true })
	if _, err := w.kinds(fileRival, id); reasonIn(err) != "PERMISSION_DENIED" {
		t.Errorf("files of a published proposal: %s", reasonIn(err))
	}
}

func TestDeleteAttachment(t *testing.T) {
	w := newFileWorld(t)
	remove := func(by auth.Principal, id, file string) string {
		_, err := w.client(by).DeleteAttachment(t.Context(), &proposalsv1.DeleteAttachmentRequest{ProposalId: id, AttachmentId: file})
		return reasonIn(err)
	}
	draft := w.proposal(proposal.Draft)
	first := w.uploaded(fileEditor, draft, "OTHER")
	w.uploaded(fileEditor, draft, "BUDGET")
	for _, c := range []struct {
		by   auth.Principal
		want string
	}{{fileRival, "RESOURCE_NOT_FOUND"}, {fileViewer, "PERMISSION_DENIED"}, {fileEditor, "OK"}, {fileEditor, "RESOURCE_NOT_FOUND"}} {
		if got := remove(c.by, draft, first); got != c.want {
			t.Errorf("delete by %s: %s, want %s", c.by.ID, got, c.want)
		}
	}
	if kinds, err := w.kinds(fileEditor, draft); err != nil || !cmp.Equal(kinds, []string{"BUDGET"}) {
		t.Errorf("left over: %v, %v", kinds, err)
	}

	returned := w.proposal(proposal.Returned, func(p *proposal.Proposal) { p.Correction.Fields = []string{"attachments"} })
	added := w.uploaded(fileEditor, returned, "BUDGET")
	old := uuid.NewString()
	w.row(returned, old)
	if kinds, err := w.kinds(fileDesk, returned); err != nil || !cmp.Equal(kinds, []string{"OTHER"}) {
		t.Errorf("the desk sees %v, %v before the correction is handed in", kinds, err)
	}
	if got := remove(fileEditor, returned, old); got != "PROPOSAL_NOT_EDITABLE" {
		t.Errorf("delete of a submitted file: %s", got)
	}
	if got := remove(fileEditor, returned, added); got != "OK" {
		t.Errorf("delete of an added file: %s", got)
	}
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

func TestAttachmentLimitHoldsUnderRace(t *testing.T) {
	w := newFileWorld(t)
	id := w.proposal(proposal.Draft)
	for range maxAttachments - 3 {
		w.row(id, uuid.NewString())
	}
	var wg sync.WaitGroup
	results := make([]string, 12)
	for i := range results {
		wg.Go(func() {
			_, err := w.upload(fileEditor, file{id, "OTHER", fmt.Sprintf("%d.pdf", i), pdf})
			results[i] = reasonIn(err)
		})
	}
	wg.Wait()
	slices.Sort(results)
	want := append(slices.Repeat([]string{"ATTACHMENT_LIMIT"}, 9), "OK", "OK", "OK")
	if !cmp.Equal(results, want) {
		t.Errorf("results: %v", results)
	}
}
