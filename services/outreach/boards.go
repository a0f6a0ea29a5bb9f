package outreach

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/board"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// boards answers BoardService.
type boards struct {
	outreachv1.UnimplementedBoardServiceServer
	service.Deps
	directory directory
}

func registerBoards(d service.Deps, r grpc.ServiceRegistrar) {
	outreachv1.RegisterBoardServiceServer(r, &boards{Deps: d, directory: directoryOf(d)})
}

func boardTasks(d service.Deps) []job.Task {
	s := &boards{Deps: d}
	return []job.Task{{Name: "end-postings", Every: time.Hour, Run: s.endPostings}}
}

// boardReaderOf says what the caller is as far as postings are concerned.
func boardReaderOf(ctx context.Context) board.Reader {
	p := auth.From(ctx)
	r := board.Reader{
		ID: p.Actor(), Members: p.Organizations(), Represents: p.Organizations(optionsv1.Role_ROLE_REPRESENTATIVE),
		Department: p.DepartmentID, Desk: p.Has(optionsv1.Role_ROLE_DESK),
	}
	if p.Has(optionsv1.Role_ROLE_FACILITY_CLERK) {
		r.Keeper = p.DepartmentID
	}
	return r
}

// CreateBoard adds a board.
func (s *boards) CreateBoard(ctx context.Context, req *outreachv1.CreateBoardRequest) (*outreachv1.CreateBoardResponse, error) {
	b := boardFromProto(req.GetBoard())
	b.Complete()
	if err := b.Check(); err != nil {
		return nil, err
	}
	keeper, err := s.directory.applicantOf(ctx, jp.DateOf(s.Now()), "", b.DepartmentID)
	if err != nil {
		return nil, err
	}
	b.ID, b.DepartmentName, b.Version = s.NewID(), keeper.department.FullName, 1
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CreateBoardResponse, error) {
		b.CreatedAt, b.UpdatedAt = tx.Now, tx.Now
		if err := store.InsertBoard(ctx, tx, b); err != nil {
			return nil, err
		}
		keeper.keep(tx)
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.board.create", ObjectType: "board", ObjectID: b.ID})
		return &outreachv1.CreateBoardResponse{Board: boardToProto(b)}, nil
	})
}

var boardPaths = rpc.PathsOf(&outreachv1.BoardInput{})

// UpdateBoard changes fields of a board.
func (s *boards) UpdateBoard(ctx context.Context, req *outreachv1.UpdateBoardRequest) (*outreachv1.UpdateBoardResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), boardPaths...)
	if err != nil {
		return nil, err
	}
	var keeper applicant
	if paths.Has("department_id") {
		if keeper, err = s.directory.applicantOf(ctx, jp.DateOf(s.Now()), "", req.GetBoard().GetDepartmentId()); err != nil {
			return nil, err
		}
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.UpdateBoardResponse, error) {
		old, err := store.LockBoard(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), old.Version); err != nil {
			return nil, err
		}
		b := boardFromProto(rpc.Merge(boardToInput(old), req.GetBoard(), paths))
		b.Complete()
		if err := b.Check(); err != nil {
			return nil, err
		}
		b.ID, b.DepartmentName, b.CreatedAt, b.Version = old.ID, old.DepartmentName, old.CreatedAt, old.Version
		if keeper.department.ID != "" {
			b.DepartmentName = keeper.department.FullName
		}
		if err := store.UpdateBoard(ctx, tx, b); err != nil {
			return nil, err
		}
		keeper.keep(tx)
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.board.update", ObjectType: "board", ObjectID: b.ID,
			Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &outreachv1.UpdateBoardResponse{Board: boardToProto(b)}, nil
	})
}

// GetBoard shows a board.
func (s *boards) GetBoard(ctx context.Context, req *outreachv1.GetBoardRequest) (*outreachv1.GetBoardResponse, error) {
	b, err := store.GetBoard(ctx, s.DB, req.GetId())
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetBoardResponse{Board: boardToProto(b)}, nil
}

// ListBoards lists boards.
func (s *boards) ListBoards(ctx context.Context, req *outreachv1.ListBoardsRequest) (*outreachv1.ListBoardsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListBoards(ctx, s.DB, store.BoardFilter{DepartmentID: req.GetDepartmentId(), InUse: req.GetInUse()}, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(b *board.Board) []string { return []string{b.NumberKey(), b.ID} })
	resp := &outreachv1.ListBoardsResponse{Boards: convert.List(rows, boardToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
