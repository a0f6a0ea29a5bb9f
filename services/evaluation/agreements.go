package evaluation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/agreement"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/trail"
	"github.com/chiyoda-kyodo/kyodo/services/internal/number"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
)

// DraftAgreement drafts the next version from the rulebook in force.
func (s *agreements) DraftAgreement(ctx context.Context, req *evaluationv1.DraftAgreementRequest) (*evaluationv1.DraftAgreementResponse, error) {
	named, err := s.unnamed(ctx, req.GetProjectId())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.DraftAgreementResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetProjectId(), by)
		if err != nil {
			return nil, err
		}
		named.keep(tx, p)
		of, err := store.RulebookInForce(ctx, tx, jp.DateOf(tx.Now))
		if errors.Is(err, fault.ErrNotFound) {
			err = agreement.ErrNoRulebook
		}
		if err != nil {
			return nil, err
		}
		before, err := newest(ctx, tx, p.ID)
		if err != nil {
			return nil, err
		}
		a, err := agreement.New(p, by, of, before)
		if err != nil {
			return nil, err
		}
		if before != nil && before.State == agreement.Abandoned {
			if err := store.UpdateAgreement(ctx, tx, before); err != nil {
				return nil, err
			}
		}
		a.CreatedAt, a.UpdatedAt = tx.Now, tx.Now
		if err := store.InsertAgreement(ctx, tx, a); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.agreement.draft", ObjectType: "project", ObjectID: p.ID, Detail: versionOf(a)})
		return &evaluationv1.DraftAgreementResponse{Agreement: agreementToProto(a, p, true)}, nil
	})
}

// unnamed asks directory for the names of parties that no event has told yet: the
// text of the agreement names them all.
func (s *agreements) unnamed(ctx context.Context, projectID string) (n names, err error) {
	p, err := store.GetProject(ctx, s.DB, projectID, readerOf(ctx, s.Now()))
	if err != nil {
		return n, err
	}
	ids := slices.DeleteFunc(slices.Clone(p.OrganizationIDs), func(id string) bool { return p.Names.Organizations[id] != "" })
	found, err := s.directory.organizationsOf(ctx, ids...)
	for _, o := range found {
		n.organizations = append(n.organizations, partner.OrganizationOf(o))
	}
	return n, err
}

// newest reads the newest version of a locked project's agreement; nil for none.
func newest(ctx context.Context, tx *pg.Tx, projectID string) (*agreement.Agreement, error) {
	a, err := store.GetAgreement(ctx, tx, projectID, 0, true)
	if errors.Is(err, fault.ErrNotFound) {
		return nil, nil
	}
	return a, err
}

func versionOf(a *agreement.Agreement) map[string]string {
	return map[string]string{"version": strconv.Itoa(a.Version), "state": string(a.State)}
}

// UpdateAgreement changes a draft.
func (s *agreements) UpdateAgreement(ctx context.Context, req *evaluationv1.UpdateAgreementRequest) (*evaluationv1.UpdateAgreementResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), agreement.Fields...)
	if err != nil {
		return nil, err
	}
	edit := agreementFromProto(req.GetAgreement(), paths)
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.UpdateAgreementResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, a, err := lockAgreement(ctx, tx, req.GetProjectId(), by)
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), a.Revision); err != nil {
			return nil, err
		}
		if err := a.Edit(p, by, edit); err != nil {
			return nil, err
		}
		if err := store.UpdateAgreement(ctx, tx, a); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "evaluation.agreement.update", ObjectType: "project", ObjectID: p.ID,
			Detail: map[string]string{"version": strconv.Itoa(a.Version), "fields": strings.Join(paths, ",")},
		})
		return &evaluationv1.UpdateAgreementResponse{Agreement: agreementToProto(a, p, true)}, nil
	})
}

// lockAgreement locks a project and reads the newest version of its agreement that
// the reader sees. Errors: RESOURCE_NOT_FOUND.
func lockAgreement(ctx context.Context, tx *pg.Tx, projectID string, by project.Reader) (*project.Project, *agreement.Agreement, error) {
	p, err := store.LockProject(ctx, tx, projectID, by)
	if err != nil {
		return nil, nil, err
	}
	a, err := store.GetAgreement(ctx, tx, p.ID, 0, by.Inside(p))
	return p, a, err
}

// SignAgreement signs the newest version for a side.
func (s *agreements) SignAgreement(ctx context.Context, req *evaluationv1.SignAgreementRequest) (*evaluationv1.SignAgreementResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.SignAgreementResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, a, err := lockAgreement(ctx, tx, req.GetProjectId(), by)
		if err != nil {
			return nil, err
		}
		if err := rpc.CheckETag(req.GetEtag(), a.Revision); err != nil {
			return nil, err
		}
		draft := a.State == agreement.Draft
		signature, err := a.Sign(p, by, project.Side(convert.EnumName(req.GetSide())), tx.Now)
		if err != nil {
			return nil, err
		}
		if err := store.UpdateAgreement(ctx, tx, a); err != nil {
			return nil, err
		}
		if draft {
			store.FixText(tx, a)
		}
		store.AddSignature(tx, a, signature)
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.agreement.sign", ObjectType: "project", ObjectID: p.ID, Detail: versionOf(a)})
		if a.State == agreement.Signed {
			if err := s.agree(ctx, tx, p, a); err != nil {
				return nil, err
			}
		}
		return &evaluationv1.SignAgreementResponse{Agreement: agreementToProto(a, p, true)}, nil
	})
}

// agree records what follows from the last signature: the number, the project's
// state, the facts.
func (s *agreements) agree(ctx context.Context, tx *pg.Tx, p *project.Project, a *agreement.Agreement) error {
	no := p.AgreementNumber
	if no == "" {
		year := jp.FiscalYear(jp.DateOf(tx.Now))
		serial, err := number.Next(ctx, tx, "協定", year)
		if err != nil {
			return err
		}
		no = project.Number("協定", year, serial)
	}
	m, err := p.Agree(no)
	if err != nil {
		return err
	}
	if err := recordMove(ctx, tx, p, m, s.NewID); err != nil {
		return err
	}
	if err := takenOver(ctx, tx, p, a.ImprovementIDs); err != nil {
		return err
	}
	store.AddTrail(tx, trail.Entry{
		PublicNumber: p.PublicNumber, Kind: trail.Agreement, ObjectID: p.ID, Step: strconv.Itoa(a.Version),
		Title: fmt.Sprintf("協定の締結（%s　第%d版）", p.AgreementNumber, a.Version), At: tx.Now,
	})
	if m.Disclosed {
		chain(tx, p, trail.Entry{Step: string(project.Create), Title: "事業の準備", At: p.CreatedAt})
		created := &evaluationv1.ProjectCreated{Project: summaryToProto(p)}
		if err := event.Add(ctx, tx, event.Event{Aggregate: "project", ID: p.ID, Visibility: event.Public, Message: created}); err != nil {
			return err
		}
	}
	return event.Add(ctx, tx, event.Event{Aggregate: "project", ID: p.ID, Visibility: event.Public, Message: agreementSigned(p, a)})
}

func agreementSigned(p *project.Project, a *agreement.Agreement) *evaluationv1.AgreementSigned {
	return &evaluationv1.AgreementSigned{
		Project: summaryToProto(p), AgreementNumber: p.AgreementNumber, Version: int32(a.Version), Sha256: a.SHA256,
		SignedOn: convert.Date(jp.DateOf(a.SignedAt)), RulebookVersionId: a.RulebookID, ImprovementIds: a.ImprovementIDs,
	}
}

// agreementOf reads a version as far as the caller sees it.
func (s *agreements) agreementOf(ctx context.Context, projectID string, version int32) (*project.Project, *agreement.Agreement, bool, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetProject(ctx, s.DB, projectID, by)
	if err != nil {
		return nil, nil, false, err
	}
	a, err := store.GetAgreement(ctx, s.DB, p.ID, int(version), by.Inside(p))
	return p, a, by.Inside(p), err
}

// GetAgreement shows a version.
func (s *agreements) GetAgreement(ctx context.Context, req *evaluationv1.GetAgreementRequest) (*evaluationv1.GetAgreementResponse, error) {
	p, a, inside, err := s.agreementOf(ctx, req.GetProjectId(), req.GetVersion())
	if err != nil {
		return nil, err
	}
	return &evaluationv1.GetAgreementResponse{Agreement: agreementToProto(a, p, inside)}, nil
}

// ListAgreementVersions lists the versions without their articles.
func (s *agreements) ListAgreementVersions(ctx context.Context, req *evaluationv1.ListAgreementVersionsRequest) (*evaluationv1.ListAgreementVersionsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := readerOf(ctx, s.Now())
	p, err := store.GetProject(ctx, s.DB, req.GetProjectId(), by)
	if err != nil {
		return nil, err
	}
	rows, err := store.ListAgreements(ctx, s.DB, p.ID, by.Inside(p), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(a *agreement.Agreement) []string { return []string{strconv.Itoa(a.Version)} })
	resp := &evaluationv1.ListAgreementVersionsResponse{}
	for _, a := range rows {
		a.Articles, a.Text = nil, ""
		resp.Versions = append(resp.Versions, agreementToProto(a, p, false))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
