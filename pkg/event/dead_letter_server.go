package event

import (
	"context"
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	operationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/operation/v1"
)

// DeadLetterServer answers for every service in its process.
type DeadLetterServer struct {
	operationv1.UnimplementedDeadLetterServiceServer
	Services map[string]*pg.DB // By service name.
	Pages    *pg.Pages
}

// ListDeadLetters implements the RPC.
func (s *DeadLetterServer) ListDeadLetters(ctx context.Context, req *operationv1.ListDeadLettersRequest) (*operationv1.ListDeadLettersResponse, error) {
	db, ok := s.Services[req.GetService()]
	if !ok {
		return nil, fault.ErrNotFound
	}
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	var after int64
	if len(page.After) > 0 {
		if after, err = strconv.ParseInt(page.After[0], 10, 64); err != nil {
			return nil, fault.ErrInvalidPageToken.Because(err)
		}
	}
	letters, err := ListDeadLetters(ctx, db, after, page.Size+1)
	if err != nil {
		return nil, err
	}
	resp := &operationv1.ListDeadLettersResponse{}
	if len(letters) > page.Size {
		letters = letters[:page.Size]
		resp.NextPageToken = s.Pages.Token(filter, strconv.FormatInt(letters[page.Size-1].Number, 10))
	}
	for _, l := range letters {
		resp.DeadLetters = append(resp.DeadLetters, &operationv1.DeadLetter{
			Number: l.Number, Consumer: l.Consumer, EventId: l.EventID, Subject: l.Subject, Attempts: int32(l.Attempts), DieTime: timestamppb.New(l.DiedAt),
		})
	}
	return resp, nil
}
