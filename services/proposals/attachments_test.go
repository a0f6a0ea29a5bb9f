package proposals

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

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

// An upload that is sent again with its key gets the first answer, in whatever pieces
// it comes; with another content, name or kind the key is refused.
func TestUploadAgain(t *testing.T) {
	w := newFileWorld(t)
	id := w.proposal(proposal.Draft)
	content := append(slices.Clone(pdf), bytes.Repeat([]byte("0123456789abcdef"), 20_000)...)
	send := func(key string, f file, size int) (*proposalsv1.UploadAttachmentResponse, error) {
		parts := []*proposalsv1.UploadAttachmentRequest{headerPart(f)}
		for chunk := range slices.Chunk(f.content, size) {
			parts = append(parts, contentPart(chunk))
		}
		return w.sendAs(metadata.AppendToOutgoingContext(t.Context(), rpc.MetaIdempotencyKey, key), fileEditor, parts...)
	}
	f := file{proposal: id, kind: "BYLAWS", name: "会則.pdf", content: content}
	first, err := send("upload-1", f, 64<<10)
	if err != nil {
		t.Fatal(err)
	}
	again, err := send("upload-1", f, 1000)
	if diff := cmp.Diff(first, again, protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("again: %v (-first +again):\n%s", err, diff)
	}
	other := f
	other.content = append(slices.Clone(content), '\n')
	renamed := f
	renamed.name = "規約.pdf"
	for what, f := range map[string]file{"content": other, "name": renamed} {
		if _, err := send("upload-1", f, 64<<10); reasonIn(err) != "IDEMPOTENCY_KEY_REUSED" {
			t.Errorf("another %s: %v", what, err)
		}
	}
	if _, err := send("with a blank", f, 64<<10); reasonIn(err) != "INVALID_FIELD" {
		t.Errorf("no key: %v", err)
	}
	if _, err := send("upload-2", f, 64<<10); err != nil {
		t.Error(err)
	}
	if kinds, err := w.kinds(fileEditor, id); err != nil || len(kinds) != 2 {
		t.Errorf("there are %v, %v; want the one of each key", kinds, err)
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
