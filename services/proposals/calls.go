package proposals

import (
	"context"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// CreateCall begins a draft of a call.
func (s *calls) CreateCall(ctx context.Context, req *proposalsv1.CreateCallRequest) (*proposalsv1.CreateCallResponse, error) {
	c, err := callFromProto(req.GetCall())
	if err != nil {
		return nil, err
	}
	c.Complete()
	if err := c.Check(); err != nil {
		return nil, err
	}
	c.ID, c.State, c.Version = s.NewID(), call.Draft, 1
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.CreateCallResponse, error) {
		c.CreatedAt, c.UpdatedAt = tx.Now, tx.Now
		if err := store.RequireChallenges(ctx, tx, c.ChallengeIDs...); err != nil {
			return nil, err
		}
		if err := store.InsertCall(ctx, tx, c); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.call.create", ObjectType: "call", ObjectID: c.ID})
		return &proposalsv1.CreateCallResponse{Call: callToProto(c)}, nil
	})
}

// callPaths are the paths that an update mask may have.
var callPaths = func() []string {
	fields := (&proposalsv1.CallInput{}).ProtoReflect().Descriptor().Fields()
	var paths []string
	for i := range fields.Len() {
		if name := string(fields.Get(i).Name()); name != "etag" {
			paths = append(paths, name)
		}
	}
	return paths
}()

// UpdateCall changes fields of a draft.
func (s *calls) UpdateCall(ctx context.Context, req *proposalsv1.UpdateCallRequest) (*proposalsv1.UpdateCallResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), callPaths...)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.UpdateCallResponse, error) {
		old, err := store.LockCall(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), old.Version); err != nil {
			return nil, err
		}
		if err := old.Editable(); err != nil {
			return nil, err
		}
		c, err := callFromProto(rpc.Merge(callToInput(old), req.GetCall(), paths))
		if err != nil {
			return nil, err
		}
		c.Complete()
		if err := c.Check(); err != nil {
			return nil, err
		}
		if err := store.RequireChallenges(ctx, tx, c.ChallengeIDs...); err != nil {
			return nil, err
		}
		c.ID, c.State, c.CreatedAt, c.Version = old.ID, old.State, old.CreatedAt, old.Version
		if err := store.UpdateCall(ctx, tx, c); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.call.update", ObjectType: "call", ObjectID: c.ID,
			Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &proposalsv1.UpdateCallResponse{Call: callToProto(c)}, nil
	})
}

// GetCall shows a call.
func (s *calls) GetCall(ctx context.Context, req *proposalsv1.GetCallRequest) (*proposalsv1.GetCallResponse, error) {
	c, err := store.GetCall(ctx, s.DB, req.GetId(), isDesk(ctx))
	if err != nil {
		return nil, err
	}
	return &proposalsv1.GetCallResponse{Call: callToProto(c)}, nil
}

// ListCalls lists calls.
func (s *calls) ListCalls(ctx context.Context, req *proposalsv1.ListCallsRequest) (*proposalsv1.ListCallsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListCalls(ctx, s.DB, store.CallFilter{
		State: call.State(convert.EnumName(req.GetState())), Mode: call.Mode(convert.EnumName(req.GetMode())), FiscalYear: int(req.GetFiscalYear()), Drafts: isDesk(ctx),
	}, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(c *call.Call) []string {
		return []string{strconv.Itoa(c.FiscalYear), strconv.Itoa(c.Round), c.ID}
	})

	resp := &proposalsv1.ListCallsResponse{Calls: convert.List(rows, callToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// ListCallProgress shows the public course of a call.
func (s *calls) ListCallProgress(ctx context.Context, req *proposalsv1.ListCallProgressRequest) (*proposalsv1.ListCallProgressResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	c, err := store.GetCall(ctx, s.DB, req.GetCallId(), isDesk(ctx))
	if err != nil {
		return nil, err
	}
	rows, err := store.ListCallProgress(ctx, s.DB, c.ID, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, entryAfter)
	resp := &proposalsv1.ListCallProgressResponse{}
	for _, e := range rows {
		resp.Entries = append(resp.Entries, entryToProto(e, false))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
