package audit

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// Server answers for the logs of every service in its process.
type Server struct {
	auditv1.UnimplementedAuditServiceServer
	Logs  map[string]*pg.DB // By service name.
	Pages *pg.Pages
	Now   func() time.Time

	mu       sync.Mutex
	verified *auditv1.VerifyAuditChainResponse
	until    time.Time
}

// verifyFor is how long the result of a verification is given out again: the
// RPC is public and reads the whole log.
const verifyFor = time.Minute

// ListAuditEntries lists the entries that the caller may read, a page at a time.
func (s *Server) ListAuditEntries(ctx context.Context, req *auditv1.ListAuditEntriesRequest) (*auditv1.ListAuditEntriesResponse, error) {
	if req.GetObjectId() != "" && req.GetObjectType() == "" {
		return nil, fault.ErrInvalidField.On(fault.Missing("objectType"))
	}
	department, err := ownDepartment(auth.From(ctx))
	if err != nil {
		return nil, err
	}
	sel := selection{ListAuditEntriesRequest: req, department: department}
	filter := rpc.Filter(req) + sel.department
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	after, err := parseCursor(page.After)
	if err != nil {
		return nil, err
	}
	var all []*auditv1.AuditEntry
	for _, name := range slices.Sorted(maps.Keys(s.Logs)) {
		if req.GetService() != "" && req.GetService() != name {
			continue
		}
		entries, err := after.list(ctx, s.Logs[name], name, sel, page.Size+1)
		if err != nil {
			return nil, fmt.Errorf("audit log of %s: %w", name, err)
		}
		all = append(all, entries...)
	}
	return s.Merge(filter, page.Size, all), nil
}

// selection is what the caller asks for and may see.
type selection struct {
	*auditv1.ListAuditEntriesRequest
	department string // Only what was done there; "" for everywhere.
}

// ownDepartment bounds what staff see; the auditor, the desk and the
// administrator see everything. Errors: PERMISSION_DENIED for staff without a
// department.
func ownDepartment(p auth.Principal) (string, error) {
	if p.Has(optionsv1.Role_ROLE_AUDITOR, optionsv1.Role_ROLE_DESK, optionsv1.Role_ROLE_ADMINISTRATOR) {
		return "", nil
	}
	if p.DepartmentID == "" {
		return "", fault.ErrPermissionDenied
	}
	return p.DepartmentID, nil
}

// Merge returns the newest size entries of several logs with the token of the
// next page. Entries of one instant are ordered by service and number.
func (s *Server) Merge(filter string, size int, all []*auditv1.AuditEntry) *auditv1.ListAuditEntriesResponse {
	slices.SortFunc(all, func(a, b *auditv1.AuditEntry) int {
		return cmp.Or(
			b.GetTime().AsTime().Compare(a.GetTime().AsTime()),
			cmp.Compare(b.GetService(), a.GetService()),
			cmp.Compare(b.GetId(), a.GetId()),
		)
	})
	resp := &auditv1.ListAuditEntriesResponse{AuditEntries: all}
	if len(all) > size {
		last := all[size-1]
		resp.AuditEntries = all[:size]
		resp.NextPageToken = s.Pages.Token(filter, last.GetTime().AsTime().Format(time.RFC3339Nano), last.GetService(), strconv.FormatInt(last.GetId(), 10))
	}
	return resp
}

// cursor is the last entry of the page before.
type cursor struct {
	at      time.Time
	service string
	id      int64
}

func parseCursor(after []string) (c cursor, err error) {
	if len(after) == 0 {
		return cursor{at: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, nil
	}
	if len(after) != 3 {
		return c, fault.ErrInvalidPageToken
	}
	c.service = after[1]
	if c.at, err = time.Parse(time.RFC3339Nano, after[0]); err != nil {
		return c, fault.ErrInvalidPageToken.Because(err)
	}
	if c.id, err = strconv.ParseInt(after[2], 10, 64); err != nil {
		return c, fault.ErrInvalidPageToken.Because(err)
	}
	return c, nil
}

// list reads one service's log from just behind c in the order of Merge.
func (c cursor) list(ctx context.Context, db pg.Reader, service string, sel selection, limit int) ([]*auditv1.AuditEntry, error) {
	rows, err := db.Query(ctx, `
		SELECT s.hash, `+columns+`
		FROM audit_entry e
		LEFT JOIN audit_seal s ON s.entry_id = e.id
		WHERE (e.at, @service::text COLLATE "C", e.id) < (@at, @after_service::text COLLATE "C", @id::bigint)
		  AND e.at <= @at
		  AND (@object_type = '' OR e.object_type = @object_type)
		  AND (@object_id = '' OR e.object_id = @object_id)
		  AND (@department = '' OR e.department = @department)
		ORDER BY e.at DESC, e.id DESC
		LIMIT @limit`,
		pgx.QueryExecModeCacheDescribe, // planned for these values
		pgx.StrictNamedArgs{
			"service": service, "at": c.at, "after_service": c.service, "id": c.id,
			"object_type": sel.GetObjectType(), "object_id": sel.GetObjectId(), "department": sel.department, "limit": limit,
		})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*auditv1.AuditEntry, error) {
		var hash []byte
		var r Record
		if err := row.Scan(append([]any{&hash}, r.fields()...)...); err != nil {
			return nil, err
		}
		return &auditv1.AuditEntry{
			Service: service, Id: r.ID, Time: timestamppb.New(r.At), Actor: r.Actor, Roles: r.Roles, DepartmentId: r.Department,
			Action: r.Action, ObjectType: r.ObjectType, ObjectId: r.ObjectID, Reason: r.Reason, Detail: r.Detail,
			TraceId: r.Trace, Seal: hex.EncodeToString(hash),
		}, nil
	})
}

// VerifyAuditChain recomputes the chains. One verification runs at a time.
func (s *Server) VerifyAuditChain(ctx context.Context, _ *auditv1.VerifyAuditChainRequest) (*auditv1.VerifyAuditChainResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.verified != nil && s.Now().Before(s.until) {
		return s.verified, nil
	}
	resp := &auditv1.VerifyAuditChainResponse{}
	for _, name := range slices.Sorted(maps.Keys(s.Logs)) {
		c, err := Verify(ctx, s.Logs[name], name)
		if err != nil {
			return nil, err
		}
		resp.Chains = append(resp.Chains, &auditv1.AuditChain{
			Service: name, Intact: c.BrokenAt == 0, Entries: c.Entries, Head: c.Head, BrokenAt: c.BrokenAt,
		})
	}
	s.verified, s.until = resp, s.Now().Add(verifyFor)
	return resp, nil
}
