package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/source"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// GetItem shows an item.
func (s *sources) GetItem(ctx context.Context, req *outreachv1.GetItemRequest) (*outreachv1.GetItemResponse, error) {
	i, err := store.GetItem(ctx, s.DB, req.GetId(), sourceReaderOf(ctx))
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetItemResponse{Item: itemToProto(i)}, nil
}

// ListItems lists the items that the caller sees.
func (s *sources) ListItems(ctx context.Context, req *outreachv1.ListItemsRequest) (*outreachv1.ListItemsResponse, error) {
	f := store.ItemFilter{SourceID: req.GetSourceId(), OrganizationID: req.GetOrganizationId()}
	if req.GetQ() != "" {
		words, err := queryWords(req.GetQ())
		if err != nil {
			return nil, err
		}
		f.Words = &words
	}
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListItems(ctx, s.DB, sourceReaderOf(ctx), f, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, store.ItemAfter)
	resp := &outreachv1.ListItemsResponse{Items: convert.List(rows, itemToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// HideItem hides an item from everybody.
func (s *sources) HideItem(ctx context.Context, req *outreachv1.HideItemRequest) (*outreachv1.HideItemResponse, error) {
	return stepItem(ctx, s, req.GetId(), true, func(i *outreachv1.Item) *outreachv1.HideItemResponse {
		return &outreachv1.HideItemResponse{Item: i}
	})
}

// ShowItem shows a hidden item again.
func (s *sources) ShowItem(ctx context.Context, req *outreachv1.ShowItemRequest) (*outreachv1.ShowItemResponse, error) {
	return stepItem(ctx, s, req.GetId(), false, func(i *outreachv1.Item) *outreachv1.ShowItemResponse {
		return &outreachv1.ShowItemResponse{Item: i}
	})
}

func stepItem[R any](ctx context.Context, s *sources, id string, hidden bool, answer func(*outreachv1.Item) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		i, err := store.LockItem(ctx, tx, id, source.Reader{Desk: true})
		if err != nil {
			return none, err
		}
		if err := store.HideItem(ctx, tx, i, hidden); err != nil {
			return none, err
		}
		action := "show"
		if hidden {
			action = "hide"
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.item." + action, ObjectType: "item", ObjectID: i.ID})
		return answer(itemToProto(i)), nil
	})
}
