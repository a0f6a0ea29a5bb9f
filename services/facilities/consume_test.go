package facilities_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// tell commits an event of directory about an organization; its relay finds it.
func (w *world) tell(id string, m proto.Message) {
	w.t.Helper()
	_, err := pg.InTx(w.t.Context(), w.DB("directory"), func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		return struct{}{}, event.Add(ctx, tx, event.Event{Aggregate: "organization", ID: id, Visibility: event.Public, Message: m})
	})
	w.must(err)
}

// eventually waits until a query counts one row.
func (w *world) eventually(sql string, args ...any) {
	w.t.Helper()
	deadline, tick := time.After(20*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for w.count(sql, args...) != 1 {
		select {
		case <-tick.C:
		case <-deadline:
			w.t.Fatalf("never: %s %v", sql, args)
		}
	}
}

func TestNamesFollowDirectory(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.tell(org1, &directoryv1.OrganizationUpdated{Organization: &directoryv1.Organization{Id: org1, Name: "新しい名"}, Version: 2})
	w.tell(org1, &directoryv1.OrganizationUpdated{Organization: &directoryv1.Organization{Id: org1, Name: "古い名"}, Version: 1})
	w.tell(org2, &directoryv1.OrganizationSuspended{Organization: &directoryv1.Organization{Id: org2, Name: "団体2"}, Version: 2})
	w.eventually(`SELECT count(*) FROM organization_ref WHERE id = $1`, org2)
	w.eventually(`SELECT count(*) FROM organization_ref WHERE id = $1 AND name = '新しい名'`, org1)
}

func TestWhatAnOrganizationHasFollowsAMerger(t *testing.T) {
	t.Parallel()
	w := start(t)
	b := w.book(nil)
	w.tell(org1, &directoryv1.OrganizationMerged{OrganizationId: org1, SurvivorId: org2, SurvivorName: "残る団体", Version: 3})
	w.eventually(`SELECT count(*) FROM booking WHERE id = $1 AND organization_id = $2`, b.GetId(), org2)
	w.eventually(`SELECT count(*) FROM organization_ref WHERE id = $1 AND name = '残る団体'`, org2)
}
