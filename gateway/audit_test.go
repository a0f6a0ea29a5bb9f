package gateway

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
)

// auditLog stands in for the log of one process. A page token is the index of
// the entry behind which the page begins, counted from the oldest.
type auditLog struct {
	auditv1.AuditServiceClient
	entries []*auditv1.AuditEntry // Oldest first.
	page    int
}

func (l *auditLog) add(service string, id int64, second int) {
	at := time.Date(2026, 4, 1, 0, 0, second, 0, time.UTC)
	l.entries = append(l.entries, &auditv1.AuditEntry{Service: service, Id: id, Time: timestamppb.New(at)})
}

func (l *auditLog) ListAuditEntries(_ context.Context, req *auditv1.ListAuditEntriesRequest, _ ...grpc.CallOption) (*auditv1.ListAuditEntriesResponse, error) {
	end := len(l.entries)
	if req.GetPageToken() != "" {
		if _, err := fmt.Sscan(req.GetPageToken(), &end); err != nil {
			return nil, err
		}
	}
	begin := max(0, end-l.page)
	out := &auditv1.ListAuditEntriesResponse{AuditEntries: slices.Clone(l.entries[begin:end])}
	slices.Reverse(out.AuditEntries)
	if begin > 0 {
		out.NextPageToken = fmt.Sprint(begin)
	}
	return out, nil
}

// TestJoinedAudit reads two logs page by page while they grow: every old entry
// comes once, newest first.
func TestJoinedAudit(t *testing.T) {
	a, b := &auditLog{page: 4}, &auditLog{page: 3}
	for i := range 10 {
		a.add("directory", int64(i), i/2)
	}
	for i := range 7 {
		b.add("proposals", int64(i), i)
	}
	j := &joinedAudit{logs: map[string]auditv1.AuditServiceClient{"directory": a, "proposals": b, "proposals again": b}, secret: seal.Key{7}}
	var got []*auditv1.AuditEntry
	req := &auditv1.ListAuditEntriesRequest{PageSize: 3}
	for pages := range 40 {
		resp, err := j.ListAuditEntries(t.Context(), req)
		check(t, err)
		got = append(got, resp.GetAuditEntries()...)
		if req.PageToken = resp.GetNextPageToken(); req.GetPageToken() == "" {
			break
		}
		a.add("directory", int64(100+pages), 60+pages)
	}
	if len(got) != 17 {
		t.Errorf("%d entries instead of 17", len(got))
	}
	if !slices.IsSortedFunc(got, auditOrder) {
		t.Errorf("not in order: %v", got)
	}
	if _, err := j.ListAuditEntries(t.Context(), &auditv1.ListAuditEntriesRequest{PageToken: "x"}); reasonOfFault(err) != "INVALID_PAGE_TOKEN" {
		t.Errorf("a forged token: %v", err)
	}
	first, err := j.ListAuditEntries(t.Context(), &auditv1.ListAuditEntriesRequest{PageSize: 1})
	check(t, err)
	if _, err := j.ListAuditEntries(t.Context(), &auditv1.ListAuditEntriesRequest{PageToken: first.GetNextPageToken(), Service: "directory"}); reasonOfFault(err) != "PAGE_TOKEN_MISMATCH" {
		t.Errorf("a token of another filter: %v", err)
	}
}
