package outreach

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// publications is what the services of articles and events have in common.
type publications struct {
	service.Deps
	directory directory
	projects  projects
}

func publicationsOf(d service.Deps) publications {
	return publications{Deps: d, directory: directoryOf(d), projects: projectsOf(d)}
}

// noun is the kind as paths, events and the audit log have it: article, event.
func noun(p *publication.Publication) string { return strings.ToLower(string(p.Kind)) }

// action names a step in the audit log.
func action(p *publication.Publication, step string) string {
	return "outreach." + noun(p) + "." + step
}

// answer makes the response of an RPC of what it did to a publication. It is
// called in the transaction, which keeps it for a repetition of the call.
type answer[R any] func(*publication.Publication, publication.View) R

// create begins a draft of what an author wrote.
func create[R any](ctx context.Context, s *publications, c publication.Content, w wish, answer answer[R]) (R, error) {
	var none R
	by := readerOf(ctx, s.Now())
	var err error
	if w.organizationID, w.departmentID, err = by.Owner(w.organizationID); err != nil {
		return none, err
	}
	credits, err := s.credit(ctx, w)
	if err != nil {
		return none, err
	}
	if err := credits.verified(); err != nil {
		return none, err
	}
	c.Credits = credits.lines
	p := &publication.Publication{
		ID: s.NewID(), Kind: c.Kind(), State: publication.Draft, OrganizationID: w.organizationID, DepartmentID: w.departmentID,
		CreatedBy: by.ID, Names: credits.ownerNames(w),
	}
	if err := p.Edit(by, c, w.projectID); err != nil {
		return none, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		if _, err := store.InsertPublication(ctx, tx, p); err != nil {
			return none, err
		}
		credits.keep(tx)
		audit.Add(ctx, tx, audit.Entry{Action: action(p, "create"), ObjectType: noun(p), ObjectID: p.ID})
		return answer(p, by.View(p)), nil
	})
}

// edition is a change of a draft.
type edition struct {
	of    store.Ref
	etag  string
	paths rpc.Paths
	// read makes the content and the wish of the publication as it was, with the
	// fields of the mask put over them.
	read func(*publication.Publication) (publication.Content, wish, error)
}

// update changes fields of a draft. The peers are asked about the version that
// the caller names, before the transaction; another version is refused in it.
func update[R any](ctx context.Context, s *publications, e edition, answer answer[R]) (R, error) {
	var none R
	by := readerOf(ctx, s.Now())
	old, err := store.GetPublication(ctx, s.DB, e.of, by)
	if err != nil {
		return none, err
	}
	if err := rpc.RequireETag(e.etag, old.Version); err != nil {
		return none, err
	}
	if err := old.Editable(by); err != nil {
		return none, err
	}
	content, w, err := e.read(old)
	if err != nil {
		return none, err
	}
	credits := named{lines: old.Credits}
	if e.paths.Has("credits") || e.paths.Has("project_id") {
		w.organizationID, w.departmentID = old.OrganizationID, old.DepartmentID
		if credits, err = s.credit(ctx, w); err != nil {
			return none, err
		}
	}
	content.Credits = credits.lines
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		p, err := store.LockPublication(ctx, tx, e.of, by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(rpc.ETag(old.Version), p.Version); err != nil {
			return none, err
		}
		if err := p.Edit(by, content, w.projectID); err != nil {
			return none, err
		}
		credits.keep(tx)
		store.UpdatePublication(tx, p)
		audit.Add(ctx, tx, audit.Entry{
			Action: action(p, "update"), ObjectType: noun(p), ObjectID: p.ID,
			Detail: map[string]string{"fields": strings.Join(e.paths, ",")},
		})
		return answer(p, by.View(p)), nil
	})
}

// pageRequest is what the requests of both lists have.
type pageRequest interface {
	proto.Message
	GetPageToken() string
	GetPageSize() int32
	GetQ() string
}

// revisionRequest is what the requests for the kept versions have.
type revisionRequest interface {
	proto.Message
	GetPageToken() string
	GetPageSize() int32
}

// stepRequest is what the requests of all verbs have.
type stepRequest interface {
	GetId() string
	GetEtag() string
}

// locked is a publication in the hands of a verb.
type locked struct {
	*publication.Publication
	tx *pg.Tx
	by publication.Reader
}

// verb is a step of the graph as an RPC takes it.
type verb struct {
	kind   publication.Kind
	action publication.Action
	take   func(locked) error
}

// step runs one verb of the graph on a locked publication and records what
// happened: lock, decide, write, tell. Two callers at once: one waits, and finds
// another version or state.
func step[R any](ctx context.Context, s *publications, req stepRequest, v verb, answer answer[R]) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := readerOf(ctx, tx.Now)
		p, err := store.LockPublication(ctx, tx, store.Ref{Kind: v.kind, ID: req.GetId()}, by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), p.Version); err != nil {
			return none, err
		}
		from := p.State
		if err := v.take(locked{Publication: p, tx: tx, by: by}); err != nil {
			return none, err
		}
		if err := s.record(ctx, tx, p, change{action: v.action, from: from}); err != nil {
			return none, err
		}
		return answer(p, by.View(p)), nil
	})
}

// request asks for the approval of a draft. Names that a consumer did not know are
// asked for first.
func request[R any](ctx context.Context, s *publications, kind publication.Kind, req stepRequest, answer answer[R]) (R, error) {
	var none R
	p, err := store.GetPublication(ctx, s.DB, store.Ref{Kind: kind, ID: req.GetId()}, readerOf(ctx, s.Now()))
	if err != nil {
		return none, err
	}
	lines := p.Credits
	if slices.Contains(lines.Names(), "") {
		credits, err := s.name(ctx, wish{}, lines)
		if err != nil {
			return none, err
		}
		lines = credits.lines
	}
	return step(ctx, s, req, verb{kind, publication.RequestApproval, func(p locked) error {
		if p.Credits.Same(lines) {
			p.Credits = lines
		}
		return p.Request(p.by)
	}}, answer)
}

// confirmRequest is what the requests to confirm credits have.
type confirmRequest interface {
	stepRequest
	GetOrganizationId() string
}

// confirm gives the word of an organization for the credits; a repetition changes
// nothing.
func confirm[R any](ctx context.Context, s *publications, kind publication.Kind, req confirmRequest, answer answer[R]) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := readerOf(ctx, tx.Now)
		p, err := store.LockPublication(ctx, tx, store.Ref{Kind: kind, ID: req.GetId()}, by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), p.Version); err != nil {
			return none, err
		}
		news, err := p.Confirm(by, req.GetOrganizationId(), tx.Now)
		if err != nil {
			return none, err
		}
		if news {
			store.UpdatePublication(tx, p)
			audit.Add(ctx, tx, audit.Entry{Action: action(p, "confirmCredit"), ObjectType: noun(p), ObjectID: p.ID})
		}
		return answer(p, by.View(p)), nil
	})
}

// list reads a page of publications and the token of the next one.
func (s *publications) list(ctx context.Context, req pageRequest, f store.PublicationFilter) ([]*publication.Publication, string, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, "", err
	}
	if req.GetQ() != "" {
		words, err := queryWords(req.GetQ())
		if err != nil {
			return nil, "", err
		}
		f.Words = &words
	}
	rows, err := store.ListPublications(ctx, s.DB, readerOf(ctx, s.Now()), f, page)
	if err != nil {
		return nil, "", err
	}
	rows, after := pg.Cut(rows, page, func(p *publication.Publication) []string { return store.PublicationAfter(p, f.Order) })
	if after == nil {
		return rows, "", nil
	}
	return rows, s.Pages.Token(filter, after...), nil
}

// revisions reads a page of the kept versions for who sees the draft.
func (s *publications) revisions(ctx context.Context, of store.Ref, req revisionRequest) ([]store.Revision, *publication.Publication, string, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, nil, "", err
	}
	by := readerOf(ctx, s.Now())
	p, err := store.GetPublication(ctx, s.DB, of, by)
	if err != nil {
		return nil, nil, "", err
	}
	if by.View(p) != publication.ForInside {
		return nil, nil, "", fault.ErrPermissionDenied
	}
	rows, err := store.ListRevisions(ctx, s.DB, p.ID, page)
	if err != nil {
		return nil, nil, "", err
	}
	rows, after := pg.Cut(rows, page, store.RevisionAfter)
	if after == nil {
		return rows, p, "", nil
	}
	return rows, p, s.Pages.Token(filter, after...), nil
}

// asOf is a publication with the content of a kept version.
func asOf(p *publication.Publication, r store.Revision) *publication.Publication {
	old := *p
	old.Content = r.Content
	return &old
}
