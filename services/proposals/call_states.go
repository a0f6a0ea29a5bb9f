package proposals

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// maxRelease bounds one release of decisions.
const maxRelease = 1000

// callStep is what the requests of all call verbs have.
type callStep interface {
	GetId() string
	GetEtag() string
}

// changeCall runs one verb on a locked call and writes it.
func changeCall[R any](ctx context.Context, s *calls, req callStep, verb func(context.Context, *pg.Tx, *call.Call) error, answer func(*proposalsv1.Call) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		c, err := store.LockCall(ctx, tx, req.GetId())
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), c.Version); err != nil {
			return none, err
		}
		if err := verb(ctx, tx, c); err != nil {
			return none, err
		}
		return answer(callToProto(c)), nil
	})
}

// PublishCall makes a draft public.
func (s *calls) PublishCall(ctx context.Context, req *proposalsv1.PublishCallRequest) (*proposalsv1.PublishCallResponse, error) {
	return changeCall(ctx, s, req, func(ctx context.Context, tx *pg.Tx, c *call.Call) error {
		if err := c.Publish(tx.Now); err != nil {
			return err
		}
		return s.write(ctx, tx, c, news{
			verb: "publish", title: "募集開始", body: fmt.Sprintf("%sを公開しました。受付期間：%s", c.Title, period(c)),
			fact: func() proto.Message { return &proposalsv1.CallPublished{Call: callToProto(c)} },
		})
	}, func(c *proposalsv1.Call) *proposalsv1.PublishCallResponse {
		return &proposalsv1.PublishCallResponse{Call: c}
	})
}

// ExtendCall moves the closing day.
func (s *calls) ExtendCall(ctx context.Context, req *proposalsv1.ExtendCallRequest) (*proposalsv1.ExtendCallResponse, error) {
	to, err := convert.Day("closesOn", req.GetClosesOn())
	if err != nil {
		return nil, err
	}
	return changeCall(ctx, s, req, func(ctx context.Context, tx *pg.Tx, c *call.Call) error {
		if err := c.Extend(to, tx.Now); err != nil {
			return err
		}
		return s.write(ctx, tx, c, news{
			verb: "extend", title: "締切の延長",
			body: fmt.Sprintf("締切を%sまで延長しました。理由：%s", longDay(c.ClosesOn), req.GetReason()),
		})
	}, func(c *proposalsv1.Call) *proposalsv1.ExtendCallResponse {
		return &proposalsv1.ExtendCallResponse{Call: c}
	})
}

// CloseCall ends the taking of proposals.
func (s *calls) CloseCall(ctx context.Context, req *proposalsv1.CloseCallRequest) (*proposalsv1.CloseCallResponse, error) {
	return changeCall(ctx, s, req, func(ctx context.Context, tx *pg.Tx, c *call.Call) error {
		return s.end(ctx, tx, c, req.GetReason())
	}, func(c *proposalsv1.Call) *proposalsv1.CloseCallResponse {
		return &proposalsv1.CloseCallResponse{Call: c}
	})
}

// end closes a locked call and tells how many groups and proposals there were.
func (s *calls) end(ctx context.Context, tx *pg.Tx, c *call.Call, reason string) error {
	if err := c.Close(); err != nil {
		return err
	}
	n, err := store.CallStatistics(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	body := fmt.Sprintf("受付を終了しました。%d団体から%d件の提案がありました。", n.Organizations, n.Proposals)
	if reason != "" {
		body += "\n理由：" + reason
	}
	return s.write(ctx, tx, c, news{verb: "close", title: "受付終了", body: body, fact: func() proto.Message {
		return &proposalsv1.CallClosed{Call: callToProto(c), Organizations: int32(n.Organizations), Proposals: int32(n.Proposals)}
	}})
}

// ConcludeCall ends a call whose proposals are all decided.
func (s *calls) ConcludeCall(ctx context.Context, req *proposalsv1.ConcludeCallRequest) (*proposalsv1.ConcludeCallResponse, error) {
	return changeCall(ctx, s, req, func(ctx context.Context, tx *pg.Tx, c *call.Call) error {
		undecided, err := store.Undecided(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if err := c.Conclude(undecided); err != nil {
			return err
		}
		if err := store.UpdateCall(ctx, tx, c); err != nil {
			return err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.call.conclude", ObjectType: "call", ObjectID: c.ID})
		return nil
	}, func(c *proposalsv1.Call) *proposalsv1.ConcludeCallResponse {
		return &proposalsv1.ConcludeCallResponse{Call: c}
	})
}

// ReleaseDecisions makes the approved decisions of a call public at one moment.
func (s *calls) ReleaseDecisions(ctx context.Context, req *proposalsv1.ReleaseDecisionsRequest) (*proposalsv1.ReleaseDecisionsResponse, error) {
	released := 0
	return changeCall(ctx, s, req, func(ctx context.Context, tx *pg.Tx, c *call.Call) error {
		approved, err := store.LockApproved(ctx, tx, c.ID, maxRelease)
		if err != nil {
			return err
		}
		if len(approved) == 0 {
			return call.ErrNothingToRelease
		}
		by := readerOf(ctx, tx.Now)
		for _, p := range approved {
			m, err := p.Release(by, tx.Now)
			if err != nil {
				return err
			}
			if err := record(ctx, tx, p, m, s.NewID); err != nil {
				return err
			}
		}
		released = len(approved)
		return nil
	}, func(c *proposalsv1.Call) *proposalsv1.ReleaseDecisionsResponse {
		return &proposalsv1.ReleaseDecisionsResponse{Call: c, Released: int32(released)}
	})
}

// news is what everybody learns of a step of a call.
type news struct {
	verb        string // Of the audit entry.
	title, body string // Of the public entry.
	// fact makes the event, after the version has grown; without one the public
	// entry itself is told.
	fact func() proto.Message
}

// write stores a step of a call with its public entry, its event and its audit
// entry.
func (s *calls) write(ctx context.Context, tx *pg.Tx, c *call.Call, n news) error {
	if err := store.UpdateCall(ctx, tx, c); err != nil {
		return err
	}
	e := &proposal.Entry{
		ID: s.NewID(), CallID: c.ID, Date: jp.DateOf(tx.Now), Title: n.title, Body: n.body, Published: true,
		CreatedBy: auth.From(ctx).Actor(), CreatedAt: tx.Now,
	}
	store.AddProgress(tx, e)
	var message proto.Message = &proposalsv1.ProgressPublished{ProgressEntry: entryToProto(e, false)}
	if n.fact != nil {
		message = n.fact()
	}
	if err := event.Add(ctx, tx, event.Event{Aggregate: "call", ID: c.ID, Visibility: event.Public, Message: message}); err != nil {
		return err
	}
	audit.Add(ctx, tx, audit.Entry{
		Action: "proposals.call." + n.verb, ObjectType: "call", ObjectID: c.ID, Detail: map[string]string{"state": string(c.State)},
	})
	return nil
}

func period(c *call.Call) string {
	if c.ClosesOn.IsZero() {
		return longDay(c.OpensOn) + "から（通年）"
	}
	return longDay(c.OpensOn) + "から" + longDay(c.ClosesOn) + "まで"
}

func longDay(d jp.Date) string { return fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day) }
