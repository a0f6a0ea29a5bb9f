package gateway

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
)

const (
	auditPage    = 50
	maxAuditPage = 200
)

// newAudit returns the audit logs of all backends as one. Services in one
// process join their logs themselves.
func (g *Gateway) newAudit() auditv1.AuditServiceClient {
	logs := map[*grpc.ClientConn]string{}
	for _, name := range slices.Sorted(maps.Keys(g.Backends)) {
		if _, seen := logs[g.Backends[name]]; !seen {
			logs[g.Backends[name]] = name
		}
	}
	if len(logs) == 0 {
		return nil
	}
	j := &joinedAudit{logs: map[string]auditv1.AuditServiceClient{}, secret: g.Secret.Derive("audit pages")}
	for conn, name := range logs {
		j.logs[name] = auditv1.NewAuditServiceClient(conn)
	}
	if len(j.logs) == 1 {
		for _, only := range j.logs {
			return only
		}
	}
	return j
}

// joinedAudit asks every process and merges the answers: newest first, then by
// service and number, both descending.
type joinedAudit struct {
	logs   map[string]auditv1.AuditServiceClient // By a name of each process.
	secret seal.Key
}

// auditCursor is what a page token says.
type auditCursor struct {
	Filter  string            // What was asked; encoded, for it is no text.
	Time    time.Time         // The last entry of the page before, with Service and ID.
	Service string            //
	ID      int64             //
	Tokens  map[string]string // The page of each log in which the rest begins.
}

// part is what is left of the page of one log.
type part struct {
	entries []*auditv1.AuditEntry
	next    string // Token of the log's next page.
}

// ListAuditEntries returns one page of the merged log. All backends must answer:
// a page with holes would look like a whole one. A page may be shorter than
// asked. Errors: INVALID_PAGE_SIZE, INVALID_PAGE_TOKEN, PAGE_TOKEN_MISMATCH and
// those of the services.
func (j *joinedAudit) ListAuditEntries(ctx context.Context, req *auditv1.ListAuditEntriesRequest, opts ...grpc.CallOption) (*auditv1.ListAuditEntriesResponse, error) {
	if req.GetPageSize() < 0 {
		return nil, fault.ErrInvalidPageSize
	}
	from, err := j.open(req)
	if err != nil {
		return nil, err
	}
	parts, tokens := map[string]part{}, maps.Clone(from.Tokens)
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for name, client := range j.logs {
		group.Go(func() error {
			rest, token, err := from.rest(ctx, client, req, tokens[name], opts)
			mu.Lock()
			defer mu.Unlock()
			parts[name], from.Tokens[name] = rest, token
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return j.merge(from, parts, min(cmp.Or(int(req.GetPageSize()), auditPage), maxAuditPage))
}

// rest reads a log until there is something behind the cursor, and returns it
// with the token of the page where it stands.
func (c *auditCursor) rest(ctx context.Context, client auditv1.AuditServiceClient, req *auditv1.ListAuditEntriesRequest, token string, opts []grpc.CallOption) (part, string, error) {
	ask := proto.CloneOf(req)
	ask.PageSize = maxAuditPage
	for {
		ask.PageToken = token
		page, err := client.ListAuditEntries(ctx, ask, opts...)
		if err != nil {
			return part{}, token, err
		}
		entries := slices.DeleteFunc(page.GetAuditEntries(), func(e *auditv1.AuditEntry) bool { return !c.before(e) })
		if len(entries) > 0 || page.GetNextPageToken() == "" {
			return part{entries, page.GetNextPageToken()}, token, nil
		}
		token = page.GetNextPageToken()
	}
}

// before reports whether the cursor stands before e.
func (c *auditCursor) before(e *auditv1.AuditEntry) bool {
	return c.Time.IsZero() || cmp.Or(
		e.GetTime().AsTime().Compare(c.Time),
		cmp.Compare(e.GetService(), c.Service),
		cmp.Compare(e.GetId(), c.ID),
	) < 0
}

// merge takes the newest entries, but none that is older than the end of a page
// behind which a log goes on.
func (j *joinedAudit) merge(from auditCursor, parts map[string]part, size int) (*auditv1.ListAuditEntriesResponse, error) {
	out := &auditv1.ListAuditEntriesResponse{}
	more := false
	for len(out.AuditEntries) < size {
		newest := ""
		for name, p := range parts {
			if len(p.entries) > 0 && (newest == "" || auditOrder(p.entries[0], parts[newest].entries[0]) < 0) {
				newest = name
			}
		}
		if newest == "" {
			break
		}
		p := parts[newest]
		// Two connections may lead to the same process.
		if n := len(out.AuditEntries); n == 0 || auditOrder(out.AuditEntries[n-1], p.entries[0]) != 0 {
			out.AuditEntries = append(out.AuditEntries, p.entries[0])
		}
		p.entries = p.entries[1:]
		parts[newest] = p
		if len(p.entries) == 0 && p.next != "" {
			from.Tokens[newest] = p.next
			break
		}
	}
	for _, p := range parts {
		more = more || len(p.entries) > 0 || p.next != ""
	}
	if !more || len(out.AuditEntries) == 0 {
		return out, nil
	}
	last := out.AuditEntries[len(out.AuditEntries)-1]
	from.Time, from.Service, from.ID = last.GetTime().AsTime(), last.GetService(), last.GetId()
	raw, err := json.Marshal(from)
	out.NextPageToken = base64.RawURLEncoding.EncodeToString(j.secret.Seal(raw, nil))
	return out, err
}

func auditOrder(a, b *auditv1.AuditEntry) int {
	return cmp.Or(
		b.GetTime().AsTime().Compare(a.GetTime().AsTime()),
		cmp.Compare(b.GetService(), a.GetService()),
		cmp.Compare(b.GetId(), a.GetId()),
	)
}

// open reads the page token. Errors: INVALID_PAGE_TOKEN, PAGE_TOKEN_MISMATCH.
func (j *joinedAudit) open(req *auditv1.ListAuditEntriesRequest) (auditCursor, error) {
	filter := base64.RawStdEncoding.EncodeToString([]byte(rpc.Filter(req)))
	c := auditCursor{Filter: filter, Tokens: map[string]string{}}
	if req.GetPageToken() == "" {
		return c, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(req.GetPageToken())
	if err == nil {
		raw, err = j.secret.Open(raw, nil)
	}
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		return c, fault.ErrInvalidPageToken.Because(err)
	}
	if c.Filter != filter {
		return c, fault.ErrPageTokenMismatch
	}
	return c, nil
}

// VerifyAuditChain proves the chains of all services.
func (j *joinedAudit) VerifyAuditChain(ctx context.Context, req *auditv1.VerifyAuditChainRequest, opts ...grpc.CallOption) (*auditv1.VerifyAuditChainResponse, error) {
	out := &auditv1.VerifyAuditChainResponse{}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for _, client := range j.logs {
		group.Go(func() error {
			part, err := client.VerifyAuditChain(ctx, req, opts...)
			mu.Lock()
			defer mu.Unlock()
			out.Chains = append(out.Chains, part.GetChains()...)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(out.Chains, func(a, b *auditv1.AuditChain) int { return cmp.Compare(a.GetService(), b.GetService()) })
	out.Chains = slices.CompactFunc(out.Chains, func(a, b *auditv1.AuditChain) bool { return a.GetService() == b.GetService() })
	return out, nil
}
