package outreach

import (
	"context"
	"strings"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/fetch"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/source"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// sources answers SourceService.
type sources struct {
	outreachv1.UnimplementedSourceServiceServer
	service.Deps
	directory directory
	client    *fetch.Client
}

func registerSources(d service.Deps, r grpc.ServiceRegistrar) {
	outreachv1.RegisterSourceServiceServer(r, &sources{Deps: d, directory: directoryOf(d), client: fetcher(d)})
}

// sourceReaderOf says what the caller is as far as sources are concerned.
func sourceReaderOf(ctx context.Context) source.Reader {
	p := auth.From(ctx)
	r := source.Reader{Members: p.Organizations(), Desk: p.Has(optionsv1.Role_ROLE_DESK)}
	if p.Has(optionsv1.Role_ROLE_COORDINATOR) {
		r.Coordinate = p.Organizations(optionsv1.Role_ROLE_EDITOR, optionsv1.Role_ROLE_REPRESENTATIVE)
	}
	return r
}

// checkAddresses refuses addresses that are not on the public web. Errors:
// SOURCE_ADDRESS_FORBIDDEN.
func (s *sources) checkAddresses(src *source.Source) error {
	var wrong []fault.Field
	for path, address := range map[string]string{"source.url": src.URL, "source.siteUrl": src.SiteURL} {
		if s.client.Check(address) != nil {
			wrong = append(wrong, fault.Field{Path: path, Reason: source.ErrAddress.Reason, Ja: source.ErrAddress.Ja, En: source.ErrAddress.En})
		}
	}
	return source.ErrAddress.OnAny(wrong)
}

// CreateSource registers a source.
func (s *sources) CreateSource(ctx context.Context, req *outreachv1.CreateSourceRequest) (*outreachv1.CreateSourceResponse, error) {
	by := sourceReaderOf(ctx)
	src := sourceFromProto(req.GetSource())
	var err error
	if src.OrganizationID, err = by.Owner(src.OrganizationID); err != nil {
		return nil, err
	}
	src.Complete()
	if err := src.Check(); err != nil {
		return nil, err
	}
	if err := s.checkAddresses(src); err != nil {
		return nil, err
	}
	owner, err := s.directory.applicantOf(ctx, jp.DateOf(s.Now()), src.OrganizationID, "")
	if err != nil {
		return nil, err
	}
	src.ID, src.State, src.OrganizationName, src.Version = s.NewID(), source.Quarantined, owner.organization.Name, 1
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CreateSourceResponse, error) {
		src.CreatedAt, src.UpdatedAt, src.DueAt = tx.Now, tx.Now, tx.Now
		if err := store.InsertSource(ctx, tx, src); err != nil {
			return nil, err
		}
		owner.keep(tx)
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.source.create", ObjectType: "source", ObjectID: src.ID})
		return &outreachv1.CreateSourceResponse{Source: sourceToProto(src, by)}, nil
	})
}

var sourcePaths = rpc.PathsOf(&outreachv1.SourceInput{}, "organization_id", "kind")

// UpdateSource changes fields of a source.
func (s *sources) UpdateSource(ctx context.Context, req *outreachv1.UpdateSourceRequest) (*outreachv1.UpdateSourceResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), sourcePaths...)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.UpdateSourceResponse, error) {
		by := sourceReaderOf(ctx)
		old, err := lockSource(ctx, tx, req.GetId(), by)
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), old.Version); err != nil {
			return nil, err
		}
		src := sourceFromProto(rpc.Merge(sourceToInput(old), req.GetSource(), paths))
		src.Complete()
		if err := src.Check(); err != nil {
			return nil, err
		}
		if err := s.checkAddresses(src); err != nil {
			return nil, err
		}
		src.Replace(old, by, tx.Now)
		if err := store.UpdateSource(ctx, tx, src); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.source.update", ObjectType: "source", ObjectID: src.ID,
			Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &outreachv1.UpdateSourceResponse{Source: sourceToProto(src, by)}, nil
	})
}

// lockSource takes a source for a change. One that the caller sees and may not
// change is refused. Errors: RESOURCE_NOT_FOUND, PERMISSION_DENIED.
func lockSource(ctx context.Context, tx *pg.Tx, id string, by source.Reader) (*source.Source, error) {
	src, err := store.LockSource(ctx, tx, id, by)
	if err != nil {
		return nil, err
	}
	if !by.Writes(src) {
		return nil, fault.ErrPermissionDenied
	}
	return src, nil
}

// DeleteSource removes a source with its items.
func (s *sources) DeleteSource(ctx context.Context, req *outreachv1.DeleteSourceRequest) (*outreachv1.DeleteSourceResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.DeleteSourceResponse, error) {
		src, err := lockSource(ctx, tx, req.GetId(), sourceReaderOf(ctx))
		if err != nil {
			return nil, err
		}
		if err := rpc.CheckETag(req.GetEtag(), src.Version); err != nil {
			return nil, err
		}
		if err := store.DeleteSource(ctx, tx, src); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.source.delete", ObjectType: "source", ObjectID: src.ID})
		return &outreachv1.DeleteSourceResponse{}, nil
	})
}

// GetSource shows a source.
func (s *sources) GetSource(ctx context.Context, req *outreachv1.GetSourceRequest) (*outreachv1.GetSourceResponse, error) {
	by := sourceReaderOf(ctx)
	src, err := store.GetSource(ctx, s.DB, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetSourceResponse{Source: sourceToProto(src, by)}, nil
}

// ListSources lists the sources that the caller sees.
func (s *sources) ListSources(ctx context.Context, req *outreachv1.ListSourcesRequest) (*outreachv1.ListSourcesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := sourceReaderOf(ctx)
	rows, err := store.ListSources(ctx, s.DB, by, store.SourceFilter{
		State: source.State(convert.EnumName(req.GetState())), Kind: source.Kind(convert.EnumName(req.GetKind())),
		Health: source.Health(convert.EnumName(req.GetHealth())), OrganizationID: req.GetOrganizationId(),
	}, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, store.SourceAfter)
	resp := &outreachv1.ListSourcesResponse{}
	for _, src := range rows {
		resp.Sources = append(resp.Sources, sourceToProto(src, by))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
