package evaluation

import (
	"context"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/rulebook"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// CreateRulebookVersion begins a draft.
func (s *rules) CreateRulebookVersion(ctx context.Context, req *evaluationv1.CreateRulebookVersionRequest) (*evaluationv1.CreateRulebookVersionResponse, error) {
	in := req.GetVersion()
	edit, err := rulebookFromProto(in, rulebook.Fields)
	if err != nil {
		return nil, err
	}
	if err := s.known(ctx, edit.ReviewMeeting); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.CreateRulebookVersionResponse, error) {
		v := &rulebook.Version{ID: s.NewID(), State: rulebook.Draft, BasedOnID: in.GetBasedOnId(), CreatedAt: tx.Now, UpdatedAt: tx.Now, Version: 1}
		if err := v.Edit(edit, tx.Now); err != nil {
			return nil, err
		}
		if v.BasedOnID != "" {
			base, err := store.GetRulebook(ctx, tx, v.BasedOnID, true)
			if err != nil {
				return nil, err
			}
			if len(v.Clauses) == 0 {
				v.Clauses = base.Clauses
			}
		}
		store.InsertRulebook(tx, v)
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.rulebook.create", ObjectType: "rulebook", ObjectID: v.ID})
		return &evaluationv1.CreateRulebookVersionResponse{Version: rulebookToProto(v, "")}, nil
	})
}

// known refuses a meeting with organizations that are not there. Errors:
// ORGANIZATION_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (s *rules) known(ctx context.Context, m *rulebook.Meeting) error {
	if m == nil {
		return nil
	}
	_, err := s.directory.organizationsOf(ctx, m.OrganizationIDs...)
	return err
}

// UpdateRulebookVersion changes fields of a version that is not adopted.
func (s *rules) UpdateRulebookVersion(ctx context.Context, req *evaluationv1.UpdateRulebookVersionRequest) (*evaluationv1.UpdateRulebookVersionResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), rulebook.Fields...)
	if err != nil {
		return nil, err
	}
	edit, err := rulebookFromProto(req.GetVersion(), paths)
	if err != nil {
		return nil, err
	}
	if err := s.known(ctx, edit.ReviewMeeting); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.UpdateRulebookVersionResponse, error) {
		v, err := store.LockRulebook(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), v.Version); err != nil {
			return nil, err
		}
		if err := v.Edit(edit, tx.Now); err != nil {
			return nil, err
		}
		store.UpdateRulebook(tx, v)
		audit.Add(ctx, tx, audit.Entry{
			Action: "evaluation.rulebook.update", ObjectType: "rulebook", ObjectID: v.ID,
			Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &evaluationv1.UpdateRulebookVersionResponse{Version: rulebookToProto(v, "")}, nil
	})
}

// GetRulebookVersion shows a version.
func (s *rules) GetRulebookVersion(ctx context.Context, req *evaluationv1.GetRulebookVersionRequest) (*evaluationv1.GetRulebookVersionResponse, error) {
	v, err := store.GetRulebook(ctx, s.DB, req.GetId(), isWard(ctx))
	if err != nil {
		return nil, err
	}
	inForce, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	return &evaluationv1.GetRulebookVersionResponse{Version: rulebookToProto(v, inForce)}, nil
}

// inForce is the version in force today; empty for none.
func (s *rules) inForce(ctx context.Context) (string, error) {
	v, err := store.RulebookInForce(ctx, s.DB, jp.DateOf(s.Now()))
	if f, ok := fault.As(err); ok && f.Is(fault.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return v.ID, nil
}

// ListRulebookVersions lists versions.
func (s *rules) ListRulebookVersions(ctx context.Context, req *evaluationv1.ListRulebookVersionsRequest) (*evaluationv1.ListRulebookVersionsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListRulebooks(ctx, s.DB, store.RulebookFilter{State: rulebook.State(convert.EnumName(req.GetState())), Drafts: isWard(ctx)}, page)
	if err != nil {
		return nil, err
	}
	inForce, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(v *rulebook.Version) []string { return []string{v.ID} })
	resp := &evaluationv1.ListRulebookVersionsResponse{}
	for _, v := range rows {
		v.Clauses = nil
		resp.Versions = append(resp.Versions, rulebookToProto(v, inForce))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// CompareRulebookVersions shows what differs between two versions.
func (s *rules) CompareRulebookVersions(ctx context.Context, req *evaluationv1.CompareRulebookVersionsRequest) (*evaluationv1.CompareRulebookVersionsResponse, error) {
	from, err := store.GetRulebook(ctx, s.DB, req.GetFrom(), isWard(ctx))
	if err != nil {
		return nil, err
	}
	to, err := store.GetRulebook(ctx, s.DB, req.GetTo(), isWard(ctx))
	if err != nil {
		return nil, err
	}
	return &evaluationv1.CompareRulebookVersionsResponse{
		Differences: convert.List(rulebook.Compare(from.Clauses, to.Clauses), differenceToProto),
	}, nil
}
