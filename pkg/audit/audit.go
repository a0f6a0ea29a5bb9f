// Package audit keeps the append-only record of who changed what. The row is
// written in the transaction of the change; one sealer a service chains the
// rows by hash within a second, outside of it, because a chain inside the
// transaction would let one writer at a time through.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
)

// Entry is one change or one reading of others' personal data. It holds no
// content and no names.
type Entry struct {
	Action     string            // As in the RPC's permission: "proposals.proposal.submit".
	ObjectType string            // Kind of the object: "proposal".
	ObjectID   string            // Its identifier.
	Reason     string            // What the actor stated, if asked.
	Detail     map[string]string // Facts such as the state before and after.
}

const insert = `
	WITH entry AS (
		INSERT INTO audit_entry (at, actor, roles, department, action, object_type, object_id, reason, detail, trace)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		RETURNING id
	)
	INSERT INTO audit_pending (entry_id)
	SELECT id
	FROM entry`

// Add queues the entry: it is written with the transaction or not at all. The
// actor, the roles and the trace come from ctx, the time from the transaction.
func Add(ctx context.Context, tx *pg.Tx, e Entry) {
	p := auth.From(ctx)
	roles := make([]string, len(p.Roles))
	for i, r := range p.Roles {
		roles[i] = r.String()
	}
	if e.Detail == nil {
		e.Detail = map[string]string{}
	}
	if e.Reason == "" {
		e.Reason = rpc.Reason(ctx)
	}
	tx.Queue(insert, tx.Now, p.Actor(), roles, p.DepartmentID, e.Action, e.ObjectType, e.ObjectID, e.Reason, e.Detail, rpc.TraceID(ctx))
}

// Record is an entry as it was written.
type Record struct {
	ID         int64             `json:"id"`
	At         time.Time         `json:"at"`
	Actor      string            `json:"actor"`
	Roles      []string          `json:"roles"`
	Department string            `json:"department"`
	Action     string            `json:"action"`
	ObjectType string            `json:"objectType"`
	ObjectID   string            `json:"objectId"`
	Reason     string            `json:"reason"`
	Detail     map[string]string `json:"detail"`
	Trace      string            `json:"trace"`
}

// canonical returns the bytes that a seal covers: JSON with the fields in the
// order above, keys of detail sorted, and the time in UTC microseconds.
func (r Record) canonical() ([]byte, error) {
	r.At = r.At.UTC().Truncate(time.Microsecond)
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("canonical form of audit entry %d: %w", r.ID, err)
	}
	return raw, nil
}
