package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/source"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// sourceStep is what the requests of all verbs have.
type sourceStep interface {
	GetId() string
	GetEtag() string
}

// sourceVerb is one step with its name in the audit log.
type sourceVerb struct {
	action string
	take   func(*pg.Tx, *source.Source) error
}

// stepSource runs one verb on a locked source: lock, decide, write, record.
func stepSource[R any](ctx context.Context, s *sources, req sourceStep, verb sourceVerb, answer func(*outreachv1.Source) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := sourceReaderOf(ctx)
		src, err := lockSource(ctx, tx, req.GetId(), by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), src.Version); err != nil {
			return none, err
		}
		from := src.State
		if err := verb.take(tx, src); err != nil {
			return none, err
		}
		if err := store.UpdateSource(ctx, tx, src); err != nil {
			return none, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.source." + verb.action, ObjectType: "source", ObjectID: src.ID,
			Detail: map[string]string{"from": string(from), "to": string(src.State)},
		})
		return answer(sourceToProto(src, by)), nil
	})
}

// ReleaseSource ends the quarantine.
func (s *sources) ReleaseSource(ctx context.Context, req *outreachv1.ReleaseSourceRequest) (*outreachv1.ReleaseSourceResponse, error) {
	return stepSource(ctx, s, req, sourceVerb{"release", func(_ *pg.Tx, src *source.Source) error {
		return src.Release()
	}}, func(src *outreachv1.Source) *outreachv1.ReleaseSourceResponse {
		return &outreachv1.ReleaseSourceResponse{Source: src}
	})
}

// PauseSource stops the reading.
func (s *sources) PauseSource(ctx context.Context, req *outreachv1.PauseSourceRequest) (*outreachv1.PauseSourceResponse, error) {
	return stepSource(ctx, s, req, sourceVerb{"pause", func(_ *pg.Tx, src *source.Source) error {
		return src.Pause()
	}}, func(src *outreachv1.Source) *outreachv1.PauseSourceResponse {
		return &outreachv1.PauseSourceResponse{Source: src}
	})
}

// ResumeSource begins the reading again.
func (s *sources) ResumeSource(ctx context.Context, req *outreachv1.ResumeSourceRequest) (*outreachv1.ResumeSourceResponse, error) {
	return stepSource(ctx, s, req, sourceVerb{"resume", func(tx *pg.Tx, src *source.Source) error {
		return src.Resume(tx.Now)
	}}, func(src *outreachv1.Source) *outreachv1.ResumeSourceResponse {
		return &outreachv1.ResumeSourceResponse{Source: src}
	})
}
