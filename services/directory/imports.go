package directory

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

const (
	maxImport     = 64 << 20 // Bytes of a file.
	maxImportRows = 50_000
	importPiece   = 250 // Organizations written at once.
)

// imports takes lists of organizations.
type imports struct {
	directoryv1.UnimplementedOrganizationImportServiceServer
	service.Deps
	form *rpc.Form
}

// forms returns the check of rows; that it cannot be made is a mistake of the
// contract, of which the server's own check tells at its start.
var forms = sync.OnceValue(func() *rpc.Form {
	f, err := rpc.NewForm()
	if err != nil {
		panic(err)
	}
	return f
})

// ImportOrganizations imports a list of organizations (市民活動団体一覧) as CSV, in UTF-8
// or CP932 (Shift_JIS), which is found by the content. The file waits in a
// temporary one and is read twice: once to check it as a whole, once to write it,
// so that memory does not grow with it and nothing is written of a file with a bad
// row.
func (s *imports) ImportOrganizations(stream grpc.ClientStreamingServer[directoryv1.ImportOrganizationsRequest, directoryv1.ImportOrganizationsResponse]) error {
	ctx := stream.Context()
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return err
	}
	header, err := blob.Header(stream.Recv)
	if err != nil {
		return err
	}
	l := &list{header: header, form: s.form}
	if err := l.receive(contentOf(stream.Recv)); err != nil {
		return err
	}
	defer l.discard()
	if err := pg.Repeated(ctx, s.DB); err != nil { // Its own organizations would be found as duplicates.
		return err
	}
	r := &report{ImportOrganizationsResponse: &directoryv1.ImportOrganizationsResponse{Charset: string(l.charset)}, skip: map[int]bool{}}
	if err := l.check(ctx, s.DB, r, s.Now()); err != nil {
		return err
	}
	switch {
	case l.header.GetValidateOnly():
		return stream.SendAndClose(r.ImportOrganizationsResponse)
	case r.FindingCount > 0:
		return r.refusal()
	}
	resp, err := s.write(ctx, l, r, reason)
	if err != nil {
		return err
	}
	return stream.SendAndClose(resp)
}

// write imports the rows that are not left out, all in one transaction. Errors:
// CORPORATE_NUMBER_TAKEN when somebody registered one meanwhile.
func (s *imports) write(ctx context.Context, l *list, r *report, reason string) (*directoryv1.ImportOrganizationsResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.ImportOrganizationsResponse, error) {
		r.ImportId = s.NewID()
		var piece []*organization.Organization
		flush := func() error {
			err := writePiece(ctx, tx, piece)
			piece = piece[:0]
			return err
		}
		err := l.organizations(tx.Now, func(row int, o *organization.Organization, _ []finding) error {
			if r.skip[row] {
				return nil
			}
			o.ID, o.ImportID = s.NewID(), &r.ImportId
			if piece = append(piece, o); len(piece) < importPiece {
				return nil
			}
			return flush()
		})
		if err == nil {
			err = flush()
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "directory.organization.import", ObjectType: "import", ObjectID: r.ImportId, Reason: reason,
			Detail: map[string]string{
				"fileName": l.header.GetFileName(), "sha256": l.sum(), "organizations": strconv.Itoa(int(r.ImportedCount)),
				"publish": strconv.FormatBool(l.header.GetPublish()), "sourceName": l.header.GetSourceName(),
			},
		})
		return r.ImportOrganizationsResponse, err
	})
}

// writePiece writes organizations and tells of them.
func writePiece(ctx context.Context, tx *pg.Tx, piece []*organization.Organization) error {
	if len(piece) == 0 {
		return nil
	}
	if err := store.InsertOrganizations(ctx, tx, piece); err != nil {
		return err
	}
	var events []event.Event
	for _, o := range piece {
		events = append(events, event.Event{Aggregate: "organization", ID: o.ID, Visibility: event.Ward, Message: &directoryv1.OrganizationStateChanged{
			OrganizationId: o.ID, To: stateOf(o.State), Version: o.Version,
		}})
		if m := publicEvent(o, change{action: "import"}); m != nil {
			events = append(events, event.Event{Aggregate: "organization", ID: o.ID, Visibility: event.Public, Message: m})
		}
	}
	return event.AddMany(ctx, tx, events)
}

// receive keeps the content in a temporary file and finds its encoding. Errors:
// PAYLOAD_TOO_LARGE.
func (l *list) receive(content io.Reader) error {
	f, err := os.CreateTemp("", "import-*.csv")
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	l.file = f
	var sniffer jp.Sniffer
	n, err := io.Copy(io.MultiWriter(f, &sniffer, l.hash()), io.LimitReader(content, maxImport+1))
	if err == nil && n > maxImport {
		err = fault.ErrPayloadTooLarge.With("limit", strconv.Itoa(maxImport))
	}
	if err != nil {
		l.discard()
		return err
	}
	l.charset = sniffer.Charset()
	return nil
}

// discard drops the temporary file.
func (l *list) discard() {
	_ = l.file.Close() // only a copy
	_ = os.Remove(l.file.Name())
}
