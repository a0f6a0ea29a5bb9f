package outreach

import (
	"context"
	"errors"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// takeBounce notes that a reader's mail came back or that the reader complained. A
// reader who is gone is passed over.
func takeBounce(ctx context.Context, tx *pg.Tx, readerID string, kind outreachv1.ReportBounceRequest_Kind) error {
	reader, err := store.LockReader(ctx, tx, readerID)
	if errors.Is(err, fault.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var changed bool
	if kind == outreachv1.ReportBounceRequest_COMPLAINT {
		changed = reader.End(tx.Now)
	} else {
		changed = reader.Bounce(kind == outreachv1.ReportBounceRequest_HARD, jp.DateOf(tx.Now))
	}
	if !changed {
		return nil
	}
	store.UpdateReader(tx, reader)
	audit.Add(ctx, tx, audit.Entry{
		Action: "outreach.newsletter.bounce", ObjectType: "newsletterReader", ObjectID: reader.ID,
		Detail: map[string]string{"kind": kind.String(), "to": string(reader.State)},
	})
	return nil
}
