package facilities

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
)

// CreateFacility drafts a facility.
func (s *facilities) CreateFacility(ctx context.Context, req *facilitiesv1.CreateFacilityRequest) (*facilitiesv1.CreateFacilityResponse, error) {
	i, err := facilityItem(req.GetFacility())
	if err != nil {
		return nil, err
	}
	if i.Code == "" {
		return nil, fault.ErrInvalidField.On(fault.Missing("code"))
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.CreateFacilityResponse, error) {
		if err := s.begin(ctx, tx, i); err != nil {
			return nil, err
		}
		return &facilitiesv1.CreateFacilityResponse{Facility: facilityProto(i)}, nil
	})
}

var facilityPaths = rpc.PathsOf(&facilitiesv1.FacilityInput{}, "code")

// UpdateFacility drafts a change of a facility.
func (s *facilities) UpdateFacility(ctx context.Context, req *facilitiesv1.UpdateFacilityRequest) (*facilitiesv1.UpdateFacilityResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), facilityPaths...)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.UpdateFacilityResponse, error) {
		draft, err := s.open(ctx, tx, req.GetId(), req.GetEtag(), facility.KindFacility)
		if err != nil {
			return nil, err
		}
		written, err := facilityItem(merge(&facilitiesv1.FacilityInput{}, facilityProto(draft), req.GetFacility(), paths))
		if err != nil {
			return nil, err
		}
		if err := s.rewrite(ctx, tx, draft, written); err != nil {
			return nil, err
		}
		return &facilitiesv1.UpdateFacilityResponse{Facility: facilityProto(draft)}, nil
	})
}

// ApproveFacility puts the draft of a facility into force.
func (s *facilities) ApproveFacility(ctx context.Context, req *facilitiesv1.ApproveFacilityRequest) (*facilitiesv1.ApproveFacilityResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.ApproveFacilityResponse, error) {
		i, _, err := s.approve(ctx, tx, req.GetId(), req.GetEtag(), facility.KindFacility)
		if err != nil {
			return nil, err
		}
		return &facilitiesv1.ApproveFacilityResponse{Facility: facilityProto(i)}, nil
	})
}

// GetFacility shows a facility.
func (s *facilities) GetFacility(ctx context.Context, req *facilitiesv1.GetFacilityRequest) (*facilitiesv1.GetFacilityResponse, error) {
	i, err := s.find(ctx, req.GetId(), req, facility.KindFacility)
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.GetFacilityResponse{Facility: facilityProto(i)}, nil
}

// ListFacilities lists the facilities of a day.
func (s *facilities) ListFacilities(ctx context.Context, req *facilitiesv1.ListFacilitiesRequest) (*facilitiesv1.ListFacilitiesResponse, error) {
	f, err := s.filter(req, facility.KindFacility)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.page(ctx, rpc.Filter(req), req, f)
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.ListFacilitiesResponse{Facilities: convert.List(rows, facilityProto), NextPageToken: next}, nil
}
