package outreach

import (
	"context"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/follow"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// follows answers FollowService.
type follows struct {
	outreachv1.UnimplementedFollowServiceServer
	service.Deps
}

func registerFollows(d service.Deps, r grpc.ServiceRegistrar) {
	outreachv1.RegisterFollowServiceServer(r, &follows{Deps: d})
}

// CreateFollow follows something.
func (s *follows) CreateFollow(ctx context.Context, req *outreachv1.CreateFollowRequest) (*outreachv1.CreateFollowResponse, error) {
	f := &follow.Follow{
		ID: s.NewID(), PersonID: auth.From(ctx).Actor(), Kind: follow.Kind(convert.EnumName(req.GetFollow().GetKind())), Target: req.GetFollow().GetTarget(),
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CreateFollowResponse, error) {
		f.CreatedAt = tx.Now
		kept, err := store.InsertFollow(ctx, tx, f)
		if err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.follow.create", ObjectType: "follow", ObjectID: kept.ID})
		return &outreachv1.CreateFollowResponse{Follow: followToProto(kept)}, nil
	})
}

// DeleteFollow ends a follow of the caller's own.
func (s *follows) DeleteFollow(ctx context.Context, req *outreachv1.DeleteFollowRequest) (*outreachv1.DeleteFollowResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.DeleteFollowResponse, error) {
		if err := store.DeleteFollow(ctx, tx, auth.From(ctx).Actor(), req.GetId()); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.follow.delete", ObjectType: "follow", ObjectID: req.GetId()})
		return &outreachv1.DeleteFollowResponse{}, nil
	})
}

// ListFollows lists the caller's own follows.
func (s *follows) ListFollows(ctx context.Context, req *outreachv1.ListFollowsRequest) (*outreachv1.ListFollowsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListFollows(ctx, s.DB, auth.From(ctx).Actor(), follow.Kind(convert.EnumName(req.GetKind())), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(f *follow.Follow) []string { return []string{f.ID} })
	resp := &outreachv1.ListFollowsResponse{Follows: convert.List(rows, followToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

func followToProto(f *follow.Follow) *outreachv1.Follow {
	return &outreachv1.Follow{
		Id: f.ID, Kind: outreachv1.Follow_Kind(outreachv1.Follow_Kind_value[string(f.Kind)]), Target: f.Target, CreateTime: convert.Instant(f.CreatedAt),
	}
}
