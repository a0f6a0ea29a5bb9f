package outreach_test

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach"
)

// people are those whom directory knows, by id; their addresses are id@example.com.
var people = map[string]auth.Principal{
	"viewer": viewer, "editor": editor, "head": head, "head2": head2, "staff": staff, "staff2": staff2, "desk": desk, "approver": approver,
}

// BatchGetRecipients stands for directory's.
func (d *peer) BatchGetRecipients(_ context.Context, req *directoryv1.BatchGetRecipientsRequest) (*directoryv1.BatchGetRecipientsResponse, error) {
	resp := &directoryv1.BatchGetRecipientsResponse{}
	for i, a := range req.GetAudiences() {
		if id := a.GetPersonId(); id != "" {
			resp.Recipients = append(resp.Recipients, &directoryv1.Recipient{Audience: int32(i), PersonId: id, Email: id + "@example.com"})
		}
		for id, p := range people {
			holds := func(r optionsv1.Role) bool { return slices.Contains(p.Roles, r) }
			is := slices.ContainsFunc(a.GetRoles(), holds) &&
				(a.GetDepartmentId() != "" && p.DepartmentID == a.GetDepartmentId() || a.GetOrganizationId() != "" && p.IsMember(a.GetOrganizationId()))
			if is {
				resp.Recipients = append(resp.Recipients, &directoryv1.Recipient{Audience: int32(i), PersonId: id, Email: id + "@example.com"})
			}
		}
	}
	return resp, d.err()
}

func (w *world) notices(p auth.Principal) outreachv1.NoticeServiceClient {
	return outreachv1.NewNoticeServiceClient(w.As(p))
}

// tellLongAgo commits an event that happened a year ago.
func (w *world) tellLongAgo(service string, e event.Event) {
	w.t.Helper()
	_, err := pg.InTx(w.t.Context(), w.DB(service), func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		if err := event.Add(ctx, tx, e); err != nil {
			return struct{}{}, err
		}
		tx.Queue(`UPDATE outbox SET headers = headers || '{"ce-time": "2025-01-01T00:00:00Z"}'::jsonb WHERE headers->>'ce-subject' = $1`, e.ID)
		return struct{}{}, nil
	})
	w.must(err)
}

// replay has the consumer take everything again that a service ever told, and
// returns how much that is.
func (w *world) replay(source string) int {
	w.t.Helper()
	rows, err := w.DB(source).Query(w.t.Context(), `SELECT subject, headers, data FROM event_log ORDER BY position`)
	w.must(err)
	told, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (event.Message, error) {
		var m event.Message
		var headers map[string]string
		if err := row.Scan(&m.Subject, &headers, &m.Data); err != nil {
			return m, err
		}
		m.ID, m.Type = headers["ce-id"], headers["ce-type"]
		m.Time, err = time.Parse(time.RFC3339Nano, headers["ce-time"])
		return m, err
	})
	w.must(err)
	for _, c := range outreach.Module.Consumers(w.deps) {
		for _, m := range told {
			if c.Stream != source {
				continue
			}
			_, err := pg.InTx(w.t.Context(), w.DB("outreach"), func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
				return struct{}{}, c.Handle(ctx, tx, m)
			})
			w.must(err)
		}
	}
	return len(told)
}
