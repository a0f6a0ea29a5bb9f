package event

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/idempotency"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	operationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/operation/v1"
)

// DeadLetterServer answers for every service in its process.
type DeadLetterServer struct {
	operationv1.UnimplementedDeadLetterServiceServer
	Services  map[string]*pg.DB     // By service name.
	Consumers map[string][]Consumer // What each does on events.
	Pages     *pg.Pages
	Log       *slog.Logger
}

// redriveTime is how long one call begins to redrive dead letters.
const redriveTime = 5 * time.Second

// shownFailures is how many of those that failed again are told.
const shownFailures = 100

// ListDeadLetters lists the deliveries that a service has given up, without their
// content.
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

// RedriveDeadLetters hands given-up deliveries out again. The entry of the audit log
// is there before the first dead letter is taken. The key of the request belongs to the answer, which
// has a transaction of its own behind those of the dead letters.
func (s *DeadLetterServer) RedriveDeadLetters(ctx context.Context, req *operationv1.RedriveDeadLettersRequest) (*operationv1.RedriveDeadLettersResponse, error) {
	name := req.GetService()
	db, ok := s.Services[name]
	if !ok {
		return nil, fault.ErrNotFound
	}
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return nil, err
	}
	if err := pg.Repeated(ctx, db); err != nil {
		return nil, err
	}
	_, err = pg.InTx(idempotency.Without(ctx), db, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		audit.Add(ctx, tx, audit.Entry{Action: "operation.deadLetter.redrive", ObjectType: "service", ObjectID: name, Reason: reason})
		return struct{}{}, nil
	})
	if err != nil {
		return nil, err
	}
	resp := &operationv1.RedriveDeadLettersResponse{}
	if err := s.redrive(ctx, name, resp); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, db, func(ctx context.Context, tx *pg.Tx) (*operationv1.RedriveDeadLettersResponse, error) {
		resp.RemainingCount, err = countDeadLetters(ctx, tx)
		return resp, err
	})
}

// redrive has all consumers of a service take their dead letters, as nobody: the
// effects are the service's, as when the events came.
func (s *DeadLetterServer) redrive(ctx context.Context, name string, resp *operationv1.RedriveDeadLettersResponse) error {
	ctx, cancel := context.WithTimeout(auth.With(idempotency.Without(ctx), auth.Anonymous), redriveTime)
	defer cancel()
	for _, consumer := range s.Consumers[name] {
		done, err := Redrive(ctx, ConsumerConfig{Consumer: consumer, DB: s.Services[name], Log: s.Log})
		if err != nil {
			return err
		}
		resp.RedrivenCount += int32(done.Done)
		for _, f := range done.Failed[:min(len(done.Failed), shownFailures-len(resp.GetFailures()))] {
			resp.Failures = append(resp.Failures, &operationv1.RedriveFailure{Number: f.Number, Subject: f.Subject, Reason: failureReason(f.Err)})
		}
	}
	return nil
}

// failureReason says without content why a dead letter failed.
func failureReason(err error) string {
	if errors.Is(err, errUnreadable) {
		return "UNREADABLE"
	}
	if f, ok := fault.As(pg.Translate(err)); ok {
		return f.Reason
	}
	return fault.ErrInternal.Reason
}
