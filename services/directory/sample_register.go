package directory

import (
	"bytes"
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/document"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
)

// sampleSources are the lists that sample organizations are taken from, by the
// number of the organization.
type sampleSources map[string]sample.Row

func (s sampleSources) read(_ context.Context, _ *pg.Tx, r sample.Row) error {
	s[r["organization"]] = r
	return nil
}

// load is sampleOrganization with its source.
func (s sampleSources) load(ctx context.Context, tx *pg.Tx, r sample.Row) error {
	return sampleOrganization(ctx, tx, r, s[r["number"]])
}

// sampleBylaws hands in the bylaws of sample organization 1.
func sampleBylaws(ctx context.Context, d service.Deps) error {
	paper := pdf.New(pdf.Options{Title: "見本 定款", Author: "見本 ちよだ地域ねっと", Time: d.Now()})
	paper.Heading(1, "見本 ちよだ地域ねっと 定款（見本）")
	paper.Paragraph("この書類は、登録書類の扱いを説明するための見本です。実在する団体の定款ではありません。")
	raw, err := paper.Bytes()
	if err != nil {
		return err
	}
	content, err := d.Blobs.Put(ctx, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	_, err = pg.InTx(ctx, d.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		paper := &document.Document{
			ID: sampleID("8001"), OrganizationID: sampleID("1001"), Period: 1, Kind: "BYLAWS", FileName: "定款（見本）.pdf",
			MediaType: content.MediaType, Size: content.Size, SHA256: content.SHA256, CreatedBy: sampleID("2003"), CreatedAt: tx.Now,
		}
		audit.Add(ctx, tx, audit.Entry{Action: "directory.registrationDocument.upload", ObjectType: "organization", ObjectID: paper.OrganizationID, Reason: "sample data"})
		return struct{}{}, store.InsertDocument(ctx, tx, paper)
	})
	return err
}
