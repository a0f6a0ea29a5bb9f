package directory

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// GetListing gets a listing.
func (s *listings) GetListing(ctx context.Context, req *directoryv1.GetListingRequest) (*directoryv1.GetListingResponse, error) {
	v := partner(ctx)
	l, err := store.GetListing(ctx, s.DB, req.GetId(), v)
	if err != nil {
		return nil, err
	}
	return &directoryv1.GetListingResponse{Listing: listingProto(l, v)}, nil
}

// ListListings lists what GetListing shows, the newest first.
func (s *listings) ListListings(ctx context.Context, req *directoryv1.ListListingsRequest) (*directoryv1.ListListingsResponse, error) {
	filter, v := rpc.Filter(req), partner(ctx)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	found, err := store.ListListings(ctx, s.DB, v, store.ListingFilter{
		Kind:           name(req.GetKind()),
		Category:       name(req.GetCategory()),
		State:          name(req.GetState()),
		ActivityField:  req.GetActivityField(),
		Town:           jp.Clean(req.GetTown()),
		OrganizationID: req.GetOrganizationId(),
		DepartmentID:   req.GetDepartmentId(),
		SourceID:       req.GetSourceId(),
		Mine:           req.GetMine(),
	}, page)
	if err != nil {
		return nil, err
	}
	shown, next := cut(found, page.Size)
	resp := &directoryv1.ListListingsResponse{Listings: listingProtos(shown, v)}
	if next != nil {
		resp.NextPageToken = s.Pages.Token(filter, next.ID)
	}
	return resp, nil
}

// SearchListings searches the open listings for words in title, description,
// conditions and quantity, as organizations are searched.
func (s *listings) SearchListings(ctx context.Context, req *directoryv1.SearchListingsRequest) (*directoryv1.SearchListingsResponse, error) {
	q, err := searchWords(req.GetQ())
	if err != nil {
		return nil, err
	}
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	found, err := store.SearchListings(ctx, s.DB, q, store.ListingFilter{
		Kind: name(req.GetKind()), Category: name(req.GetCategory()), ActivityField: req.GetActivityField(),
	}, page)
	if err != nil {
		return nil, err
	}
	shown, next := cut(found, page.Size)
	resp := &directoryv1.SearchListingsResponse{Listings: listingProtos(shown, store.Partner{})}
	if next != nil {
		resp.NextPageToken = s.Pages.Token(filter, next.ID)
	}
	return resp, nil
}

// suggestions is how many listings are suggested when nobody says.
const suggestions = 10

// SuggestListings suggests open listings of the opposite side, the best first,
// each with its score and why.
func (s *listings) SuggestListings(ctx context.Context, req *directoryv1.SuggestListingsRequest) (*directoryv1.SuggestListingsResponse, error) {
	l, err := store.GetListing(ctx, s.DB, req.GetId(), partner(ctx))
	if err != nil {
		return nil, err
	}
	candidates, err := store.Candidates(ctx, s.DB, &l.Listing)
	if err != nil {
		return nil, err
	}
	limit := int(req.GetLimit())
	if limit == 0 {
		limit = suggestions
	}
	matches := l.Suggest(candidates, jp.DateOf(s.Now()), limit)
	ids := make([]string, 0, len(matches))
	for _, m := range matches {
		ids = append(ids, m.ID)
	}
	found, err := store.ListingsByID(ctx, s.DB, ids)
	if err != nil {
		return nil, err
	}
	byID := map[string]*store.SeenListing{}
	for _, f := range found {
		byID[f.ID] = f
	}
	resp := &directoryv1.SuggestListingsResponse{}
	for _, m := range matches {
		if f := byID[m.ID]; f != nil { // Not closed meanwhile.
			resp.Suggestions = append(resp.Suggestions, &directoryv1.SuggestListingsResponse_Suggestion{
				Listing: listingProto(f, store.Partner{}), Score: int32(m.Score), Reasons: m.Reasons,
			})
		}
	}
	return resp, nil
}
