package directory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

var tinyPDF = []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")

// upload hands in a document.
func (w *world) upload(ctx context.Context, by caller, organizationID, kind string, content []byte) (string, error) {
	w.t.Helper()
	stream, err := by.UploadRegistrationDocument(ctx)
	w.must(err)
	header := &directoryv1.DocumentHeader{OrganizationId: organizationID, Kind: kind, FileName: "../見本 " + kind + ".pdf"}
	err = stream.Send(&directoryv1.UploadRegistrationDocumentRequest{Part: &directoryv1.UploadRegistrationDocumentRequest_Header{Header: header}})
	for chunk := range slices.Chunk(content, 64<<10) {
		if err == nil {
			err = stream.Send(&directoryv1.UploadRegistrationDocumentRequest{Part: &directoryv1.UploadRegistrationDocumentRequest_Content{Content: chunk}})
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		w.t.Fatal(err)
	}
	resp, err := stream.CloseAndRecv()
	return resp.GetAttachment().GetId(), err
}

// download reads a document.
func (w *world) download(ctx context.Context, by caller, organizationID, id string) ([]byte, error) {
	w.t.Helper()
	stream, err := by.DownloadRegistrationDocument(ctx, &directoryv1.DownloadRegistrationDocumentRequest{OrganizationId: organizationID, AttachmentId: id})
	w.must(err)
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

// require has the desk ask for a document.
func (w *world) require(organizationKind directoryv1.Organization_Kind, kind string, level directoryv1.DocumentRequirement_Level) {
	w.t.Helper()
	_, err := w.desk().SetDocumentRequirement(because(w.t), &directoryv1.SetDocumentRequirementRequest{OrganizationKind: organizationKind, DocumentKind: kind, Level: level, EveryRenewal: kind == "OFFICERS"})
	w.must(err)
}

func (w *world) missing(by caller, organizationID string) []string {
	w.t.Helper()
	resp, err := by.GetDocumentChecklist(w.t.Context(), &directoryv1.GetDocumentChecklistRequest{OrganizationId: organizationID})
	w.must(err)
	return resp.GetMissing()
}

// TestDocumentsOfApplicationAndRenewal follows an organization whose kind needs
// bylaws once and officers at every renewal.
func TestDocumentsOfApplicationAndRenewal(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	npo := directoryv1.Organization_NPO_CORPORATION
	for _, kind := range []string{"REGISTRY", "ACCOUNTS", "REPORT"} {
		w.require(npo, kind, directoryv1.DocumentRequirement_NOT_NEEDED)
	}
	w.require(npo, "BYLAWS", directoryv1.DocumentRequirement_REQUIRED)
	w.require(npo, "OFFICERS", directoryv1.DocumentRequirement_REQUIRED)
	head, o := w.apply("head", input("見本の会", "ミホンノカイ"))
	id := o.GetId()
	if diff := cmp.Diff([]string{"BYLAWS", "OFFICERS"}, w.missing(head, id)); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	_, err := head.SubmitOrganization(ctx, &directoryv1.SubmitOrganizationRequest{Id: id})
	f := w.refused(err, "DOCUMENTS_MISSING")
	if len(f.Fields) != 2 || f.Fields[0].Path != "documents.BYLAWS" || f.Fields[1].Reason != "DOCUMENT_MISSING" {
		t.Errorf("fields %v", f.Fields)
	}
	bylaws, err := w.upload(ctx, head, id, "BYLAWS", tinyPDF)
	w.must(err)
	wrong, err := w.upload(ctx, head, id, "OFFICERS", tinyPDF)
	w.must(err)
	_, err = head.DeleteRegistrationDocument(ctx, &directoryv1.DeleteRegistrationDocumentRequest{OrganizationId: id, AttachmentId: wrong})
	w.must(err)
	officers, err := w.upload(because(t), w.desk(), id, "OFFICERS", tinyPDF)
	w.must(err)
	_, err = head.SubmitOrganization(ctx, &directoryv1.SubmitOrganizationRequest{Id: id})
	w.must(err)
	_, err = head.DeleteRegistrationDocument(ctx, &directoryv1.DeleteRegistrationDocumentRequest{OrganizationId: id, AttachmentId: bylaws})
	w.refused(err, "DOCUMENT_KEPT")
	_, err = w.desk().VerifyOrganization(ctx, &directoryv1.VerifyOrganizationRequest{Id: id})
	w.must(err)
	_, err = head.DeleteRegistrationDocument(ctx, &directoryv1.DeleteRegistrationDocumentRequest{OrganizationId: id, AttachmentId: officers})
	w.refused(err, "DOCUMENT_KEPT")

	// The renewal.
	if diff := cmp.Diff([]string{"OFFICERS"}, w.missing(w.desk(), id)); diff != "" {
		t.Errorf("missing for the renewal (-want +got):\n%s", diff)
	}
	w.exec(`UPDATE organization SET valid_until = current_date + 10 WHERE id = $1`, id)
	w.waits(head, "renew /v1/organizations/"+id)
	_, err = head.RequestRenewal(ctx, &directoryv1.RequestRenewalRequest{Id: id})
	w.refused(err, "DOCUMENTS_MISSING")
	w.waits(w.desk())
	anew, err := w.upload(ctx, head, id, "OFFICERS", append(bytes.Clone(tinyPDF), '\n'))
	w.must(err)
	asked, err := head.RequestRenewal(ctx, &directoryv1.RequestRenewalRequest{Id: id})
	w.must(err)
	if asked.GetOrganization().GetRenewalRequestedOn() == "" {
		t.Errorf("asked: %v", asked)
	}
	w.waits(w.desk(), "decideRenewal /v1/organizations/"+id)
	w.waits(head)
	_, err = head.DeleteRegistrationDocument(ctx, &directoryv1.DeleteRegistrationDocumentRequest{OrganizationId: id, AttachmentId: anew})
	w.refused(err, "DOCUMENT_KEPT")
	renewed, err := w.desk().RenewOrganization(ctx, &directoryv1.RenewOrganizationRequest{Id: id})
	w.must(err)
	if r := renewed.GetOrganization(); r.GetRegistrationPeriod() != 2 || r.GetRenewalRequestedOn() != "" {
		t.Errorf("renewed: %v", r)
	}
	w.waits(w.desk())
	periods := map[int32]int{}
	all, err := w.desk().ListRegistrationDocuments(because(t), &directoryv1.ListRegistrationDocumentsRequest{OrganizationId: id})
	w.must(err)
	for _, d := range all.GetDocuments() {
		periods[d.GetRegistrationPeriod()]++
	}
	if periods[1] != 2 || periods[2] != 1 {
		t.Errorf("documents by period: %v", periods)
	}
	one, err := head.ListRegistrationDocuments(ctx, &directoryv1.ListRegistrationDocumentsRequest{OrganizationId: id, RegistrationPeriod: 2, PageSize: 1})
	w.must(err)
	if len(one.GetDocuments()) != 1 || one.GetNextPageToken() != "" {
		t.Errorf("of the second period: %v", one)
	}
}

// TestDocumentsAreReadByFew holds who reads documents, and that the desk's reading
// is logged with its reason.
func TestDocumentsAreReadByFew(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	d := w.delegating()
	id, err := w.upload(ctx, d.head, d.organization, "MEMBERS", tinyPDF)
	w.must(err)
	got, err := d.head.GetRegistrationDocument(ctx, &directoryv1.GetRegistrationDocumentRequest{OrganizationId: d.organization, AttachmentId: id})
	w.must(err)
	if a := got.GetDocument().GetAttachment(); a.GetFileName() != "見本 MEMBERS.pdf" || a.GetKind() != "MEMBERS" {
		t.Errorf("stored: %v", a)
	}
	other, _ := w.verified("other", input("別の会", "ベツノカイ"))
	editor := w.join(d.head, d.organization, "editor", directoryv1.Member_EDITOR)
	editor.Roles = other.Roles // As if it represented another organization too.
	read := func(ctx context.Context, c caller, id string) []error {
		_, get := c.GetRegistrationDocument(ctx, &directoryv1.GetRegistrationDocumentRequest{OrganizationId: d.organization, AttachmentId: id})
		_, list := c.ListRegistrationDocuments(ctx, &directoryv1.ListRegistrationDocumentsRequest{OrganizationId: d.organization})
		_, download := w.download(ctx, c, d.organization, id)
		_, upload := w.upload(ctx, c, d.organization, "OTHER", tinyPDF)
		_, remove := c.DeleteRegistrationDocument(ctx, &directoryv1.DeleteRegistrationDocumentRequest{OrganizationId: d.organization, AttachmentId: id})
		return []error{get, list, download, upload, remove}
	}
	for name, c := range map[string]struct {
		caller
		reason string
	}{
		"public": {w.public(), "UNAUTHENTICATED"}, "another's representative": {other, "RESOURCE_NOT_FOUND"}, "editor": {w.as(editor.Principal), "PERMISSION_DENIED"},
		"coordinator": {d.coordinator, "RESOURCE_NOT_FOUND"}, "service": {w.as(auth.Service("proposals")), "PERMISSION_DENIED"}, "desk without a reason": {w.desk(), "REASON_REQUIRED"},
	} {
		for i, err := range read(ctx, c.caller, id) {
			if t.Run(fmt.Sprint(name, i), func(t *testing.T) { w.in(t).refused(err, c.reason) }); t.Failed() {
				break
			}
		}
	}
	content, err := w.download(because(t), w.desk(), d.organization, id)
	w.must(err)
	if !bytes.Equal(content, tinyPDF) {
		t.Errorf("read %q", content)
	}
	var logged int
	w.must(w.DB("directory").QueryRow(ctx, `
		SELECT count(*)
		FROM audit_entry
		WHERE action = 'directory.registrationDocument.download' AND reason <> '' AND detail ->> 'documentId' = $1`, id).Scan(&logged))
	if logged != 1 {
		t.Errorf("logged %d times", logged)
	}
	_, err = d.head.GetRegistrationDocument(ctx, &directoryv1.GetRegistrationDocumentRequest{OrganizationId: d.organization, AttachmentId: unknownID})
	w.refused(err, "RESOURCE_NOT_FOUND")
}

func TestDocumentRefusals(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	head, o := w.apply("head", input("見本の会", "ミホンノカイ"))
	for reason, content := range map[string][]byte{"FILE_EMPTY": nil, "FILE_TYPE_NOT_ALLOWED": []byte("ただの文字")} {
		_, err := w.upload(ctx, head, o.GetId(), "OTHER", content)
		w.refused(err, reason)
	}
	_, err := w.upload(ctx, head, o.GetId(), "SECRET", tinyPDF)
	w.refused(err, "INVALID_FIELD")
	_, err = w.desk().SetDocumentRequirement(ctx, &directoryv1.SetDocumentRequirementRequest{OrganizationKind: 1, DocumentKind: "PLAN", Level: 2})
	w.refused(err, "REASON_REQUIRED")
	w.exec(`
		INSERT INTO registration_document (id, organization_id, registration_period, kind, file_name, media_type, size, sha256, created_by, created_at)
		SELECT gen_random_uuid(), $1, 1, 'OTHER', 'x', 'application/pdf', 1, repeat('0', 64), '', now()
		FROM generate_series(1, 48)`, o.GetId())
	key := metadata.AppendToOutgoingContext(ctx, rpc.MetaIdempotencyKey, "bylaws")
	first, err := w.upload(key, head, o.GetId(), "BYLAWS", tinyPDF)
	w.must(err)
	again, err := w.upload(key, head, o.GetId(), "BYLAWS", tinyPDF)
	w.must(err)
	if again != first {
		t.Error("the same upload again is another document")
	}
	errs := together(4, func(int) error { _, err := w.upload(ctx, head, o.GetId(), "OTHER", tinyPDF); return err })
	w.oneWins(errs, "DOCUMENT_LIMIT")
	_, err = head.CloseOrganization(ctx, &directoryv1.CloseOrganizationRequest{Id: o.GetId(), Reason: "終了"})
	w.must(err)
	_, err = w.upload(ctx, head, o.GetId(), "OTHER", tinyPDF)
	w.refused(err, "INVALID_STATE_TRANSITION")
	all, err := w.public().ListDocumentRequirements(ctx, &directoryv1.ListDocumentRequirementsRequest{OrganizationKind: directoryv1.Organization_VOLUNTEER_GROUP})
	w.must(err)
	if len(all.GetRequirements()) != 3 || all.GetRequirements()[0].GetLevel() != directoryv1.DocumentRequirement_REQUESTED {
		t.Errorf("asked of volunteer groups: %v", all)
	}
}

// TestSourceStays holds that the list from which an entry came is written by
// coordinators and the desk alone.
func TestSourceStays(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	w.center()
	in := input("見本の会", "ミホンノカイ")
	in.SourceName, in.SourceUrl = "見本の支援センター 団体一覧", "https://example.jp/list"
	_, err := w.signIn("resident").CreateOrganization(ctx, &directoryv1.CreateOrganizationRequest{Organization: in})
	w.refused(err, "SOURCE_FIXED")
	coordinator := w.signIn("center")
	made, err := coordinator.CreateOrganization(ctx, &directoryv1.CreateOrganizationRequest{Organization: in})
	w.must(err)
	o := made.GetOrganization()
	if o.GetSourceName() != in.GetSourceName() || o.GetSourceUrl() != in.GetSourceUrl() {
		t.Errorf("made: %v", o)
	}
	change := &directoryv1.UpdateOrganizationRequest{Id: o.GetId(), Etag: o.GetEtag(), UpdateMask: maskOf("source_name"), Organization: &directoryv1.OrganizationInput{SourceName: "別の一覧"}}
	_, err = w.signIn("center").UpdateOrganization(ctx, change)
	w.refused(err, "SOURCE_FIXED")
	_, err = w.desk().UpdateOrganization(because(t), change)
	w.must(err)
}
