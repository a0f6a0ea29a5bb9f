package evaluation

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// evaluationReader says what the caller is as far as evaluations are concerned.
func evaluationReader(ctx context.Context, now time.Time) evaluation.Reader {
	return evaluation.Reader{Party: readerOf(ctx, now), Reviewer: auth.From(ctx).Has(optionsv1.Role_ROLE_REVIEWER)}
}

// member is the caller as a member of a side: a delegation lets nobody at sheets,
// talks and agreements.
func member(ctx context.Context, now time.Time) project.Reader {
	p, r := auth.From(ctx), readerOf(ctx, now)
	r.Members = p.Organizations()
	r.Writers = p.Organizations(optionsv1.Role_ROLE_EDITOR, optionsv1.Role_ROLE_REPRESENTATIVE)
	return r
}

// held is an evaluation in the hands of a verb, with its project.
type held struct {
	*evaluation.Evaluation
	project *project.Project
	tx      *pg.Tx
	by      evaluation.Reader
	member  project.Reader
}

// hold locks the project and then the evaluation, if the caller sees it.
func hold(ctx context.Context, tx *pg.Tx, id string) (held, error) {
	h := held{tx: tx, by: evaluationReader(ctx, tx.Now), member: member(ctx, tx.Now)}
	e, err := store.GetEvaluation(ctx, tx, id, h.by)
	if err != nil {
		return h, err
	}
	if h.project, err = store.LockProject(ctx, tx, e.ProjectID, h.by.Party); err != nil {
		return h, err
	}
	h.Evaluation, err = store.LockEvaluation(ctx, tx, id, h.by)
	return h, err
}

// caseRequest is what the requests of all verbs have.
type caseRequest interface {
	GetId() string
	GetEtag() string
}

// verb is what a step does, and its name in the audit log.
type verb struct {
	action string
	run    func(context.Context, held) error
}

// change runs one verb on a locked evaluation: lock, decide, write, tell. Two
// callers at once: one waits, and finds another version or state.
func change[R any](ctx context.Context, s *evaluations, req caseRequest, v verb, answer func(*evaluationv1.Evaluation) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		h, err := hold(ctx, tx, req.GetId())
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), h.Version); err != nil {
			return none, err
		}
		from := h.State
		if err := v.run(ctx, h); err != nil {
			return none, err
		}
		store.UpdateEvaluation(tx, h.Evaluation)
		audit.Add(ctx, tx, audit.Entry{
			Action: v.action, ObjectType: "evaluation", ObjectID: h.ID,
			Detail: map[string]string{"from": string(from), "to": string(h.State)},
		})
		return answer(evaluationToProto(h.Evaluation, h.project, h.by)), nil
	})
}

// pageRequest is what the requests of all lists have.
type pageRequest interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// pageOf reads the page of a list request and the filter that its tokens are bound
// to. Errors: INVALID_PAGE_SIZE, INVALID_PAGE_TOKEN, PAGE_TOKEN_MISMATCH.
func pageOf(d service.Deps, req pageRequest) (page pg.Page, filter string, err error) {
	filter = rpc.Filter(req)
	page, err = d.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	return page, filter, err
}
