package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/board"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// GetPosting shows a posting.
func (s *boards) GetPosting(ctx context.Context, req *outreachv1.GetPostingRequest) (*outreachv1.GetPostingResponse, error) {
	by := boardReaderOf(ctx)
	p, err := store.GetPosting(ctx, s.DB, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetPostingResponse{Posting: s.postingToProto(p, by)}, nil
}

// ListPostings lists the postings that the caller sees.
func (s *boards) ListPostings(ctx context.Context, req *outreachv1.ListPostingsRequest) (*outreachv1.ListPostingsResponse, error) {
	on, err := convert.Day("on", req.GetOn())
	if err != nil {
		return nil, err
	}
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := boardReaderOf(ctx)
	rows, err := store.ListPostings(ctx, s.DB, by, store.PostingFilter{
		State: board.State(convert.EnumName(req.GetState())), OrganizationID: req.GetOrganizationId(), BoardID: req.GetBoardId(), On: on,
	}, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(p *board.Posting) []string { return []string{p.EndsOn.String(), p.ID} })
	resp := &outreachv1.ListPostingsResponse{}
	for _, p := range rows {
		resp.Postings = append(resp.Postings, s.postingToProto(p, by))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// GetPostingSheet prints the sheet.
func (s *boards) GetPostingSheet(ctx context.Context, req *outreachv1.GetPostingSheetRequest) (*outreachv1.GetPostingSheetResponse, error) {
	p, err := store.GetPosting(ctx, s.DB, req.GetId(), boardReaderOf(ctx))
	if err != nil {
		return nil, err
	}
	doc, err := sheetOf(p, s.postingURL(p)).pdf()
	return &outreachv1.GetPostingSheetResponse{Document: doc}, err
}

// GetPostingPage shows the sheet as a page.
func (s *boards) GetPostingPage(ctx context.Context, req *outreachv1.GetPostingPageRequest) (*outreachv1.GetPostingPageResponse, error) {
	p, err := store.GetPosting(ctx, s.DB, req.GetId(), boardReaderOf(ctx))
	if err != nil {
		return nil, err
	}
	doc, err := sheetOf(p, s.postingURL(p)).page()
	return &outreachv1.GetPostingPageResponse{Document: doc}, err
}

// overAtOnce is how many postings one run of the job ends.
const overAtOnce = 1000

// endPostings ends the postings whose last day is over.
func (s *boards) endPostings(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	ids, err := store.OverPostings(ctx, s.DB, jp.DateOf(s.Now()), overAtOnce)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			p, err := store.LockPosting(ctx, tx, id, board.Reader{Desk: true})
			if err != nil {
				return struct{}{}, err
			}
			from := p.State
			if !p.End(tx.Now) { // Somebody changed it.
				return struct{}{}, nil
			}
			audit.Add(ctx, tx, audit.Entry{
				Action: "outreach.posting.end", ObjectType: "posting", ObjectID: p.ID,
				Detail: map[string]string{"from": string(from), "to": string(p.State)},
			})
			return struct{}{}, store.UpdatePosting(ctx, tx, p)
		}); err != nil {
			return err
		}
	}
	return nil
}
