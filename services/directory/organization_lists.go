package directory

import (
	"context"
	"errors"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// ListOrganizations lists the organizations that the caller may see.
func (s *organizations) ListOrganizations(ctx context.Context, req *directoryv1.ListOrganizationsRequest) (*directoryv1.ListOrganizationsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	v := viewer(ctx)
	selected := store.OrganizationFilter{
		Kind:          name(req.GetKind()),
		State:         name(req.GetState()),
		ActivityField: req.GetActivityField(),
		Town:          jp.Clean(req.GetTown()),
		GojuonRow:     katakanaRow(req.GetGojuonRow()),
		Capability:    name(req.GetCapability()),
		Mine:          req.GetMine(),
		LeastPercent:  organization.LeastPercent(req.GetMinDisclosureLevel()),
		Order:         req.GetOrderBy(),
	}
	found, err := store.ListOrganizations(ctx, s.DB, v, selected, page)
	if err != nil {
		return nil, err
	}
	shown, next := cut(found, page.Size)
	resp := &directoryv1.ListOrganizationsResponse{}
	for _, o := range shown {
		resp.Organizations = append(resp.Organizations, seen(o, v))
	}
	if next != nil {
		resp.NextPageToken = s.Pages.Token(filter, selected.Token(next)...)
	}
	return resp, nil
}

// katakanaRow is a row of the index as it is stored: headed by a katakana.
func katakanaRow(row string) string {
	switch row {
	case "", jp.RowAlphanumeric, jp.RowOther:
		return row
	default:
		return jp.GojuonRow(row)
	}
}

// SearchOrganizations searches the published organizations for words in their
// names, readings, purpose and description.
func (s *organizations) SearchOrganizations(ctx context.Context, req *directoryv1.SearchOrganizationsRequest) (*directoryv1.SearchOrganizationsResponse, error) {
	q, err := searchWords(req.GetQ())
	if err != nil {
		return nil, err
	}
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	found, err := store.SearchOrganizations(ctx, s.DB, q, store.OrganizationFilter{
		Kind:          name(req.GetKind()),
		ActivityField: req.GetActivityField(),
	}, page)
	if err != nil {
		return nil, err
	}
	shown, next := cut(found, page.Size)
	resp := &directoryv1.SearchOrganizationsResponse{}
	for _, o := range shown {
		resp.Organizations = append(resp.Organizations, published(&o.Organization))
	}
	if next != nil {
		resp.NextPageToken = s.Pages.Token(filter, store.KanaToken(next)...)
	}
	return resp, nil
}

// maxWords bounds the words of a search.
const maxWords = 5

// searchWords reads the words of a search. Errors: QUERY_TOO_SHORT,
// INVALID_FIELD.
func searchWords(words string) (jp.Query, error) {
	q, err := jp.QueryTerms(words)
	if errors.Is(err, jp.ErrQueryTooShort) {
		return q, organization.ErrQueryTooShort.OnPath("q")
	}
	if err == nil && len(q.Words) > maxWords {
		err = fault.ErrInvalidField.On(fault.Wrong("q", "検索する言葉は5語以内で入力してください。", "Enter at most five words."))
	}
	return q, err
}

// FindDuplicates finds organizations in any state that may be the same as the one
// described.
func (s *organizations) FindDuplicates(ctx context.Context, req *directoryv1.FindDuplicatesRequest) (*directoryv1.FindDuplicatesResponse, error) {
	number := req.GetCorporateNumber()
	if number != "" {
		var err error
		if number, err = jp.ParseCorporateNumber(number); err != nil {
			return nil, fault.ErrInvalidField.On(wrong("corporateNumber", err))
		}
	}
	found, err := store.FindDuplicates(ctx, s.DB, number, req.GetName(), req.GetTown())
	if err != nil {
		return nil, err
	}
	resp := &directoryv1.FindDuplicatesResponse{}
	for _, c := range found {
		d := &directoryv1.FindDuplicatesResponse_Duplicate{Organization: whole(&c.Organization)}
		if c.SameNumber {
			d.Matches = append(d.Matches, directoryv1.FindDuplicatesResponse_Duplicate_CORPORATE_NUMBER)
		}
		if c.SameName {
			d.Matches = append(d.Matches, directoryv1.FindDuplicatesResponse_Duplicate_NAME_AND_TOWN)
		}
		resp.Duplicates = append(resp.Duplicates, d)
	}
	return resp, nil
}

// BatchGetOrganizations returns names and states of organizations by id, in any
// state, for services that refer to them.
func (s *organizations) BatchGetOrganizations(ctx context.Context, req *directoryv1.BatchGetOrganizationsRequest) (*directoryv1.BatchGetOrganizationsResponse, error) {
	found, err := store.OrganizationsByID(ctx, s.DB, req.GetIds())
	if err != nil {
		return nil, err
	}
	resp := &directoryv1.BatchGetOrganizationsResponse{}
	for _, o := range found {
		one := &directoryv1.OrganizationSummary{
			Id:       o.ID,
			Name:     o.Name,
			NameKana: o.NameKana,
			Kind:     kindOf(o.Kind),
			State:    stateOf(o.State),
			Version:  o.Version,
		}
		if o.Survivor != nil {
			one.SurvivorId = *o.Survivor
		}
		resp.Organizations = append(resp.Organizations, one)
	}
	return resp, nil
}

// ListActivityFields lists the fields of specified non-profit activities (特定非営利活動)
// that are in force on a day.
func (s *organizations) ListActivityFields(_ context.Context, req *directoryv1.ListActivityFieldsRequest) (*directoryv1.ListActivityFieldsResponse, error) {
	on, err := day("on", req.GetOn())
	if err != nil {
		return nil, err
	}
	if on == nil {
		today := jp.DateOf(s.Now())
		on = &today
	}
	resp := &directoryv1.ListActivityFieldsResponse{}
	for _, f := range organization.ActivityFields(*on) {
		resp.ActivityFields = append(resp.ActivityFields, &directoryv1.ActivityField{
			Number:        f.Number,
			Name:          f.Name,
			ShortName:     f.ShortName,
			EffectiveFrom: f.EffectiveFrom.String(),
		})
	}
	return resp, nil
}

// ListLegalForms lists the legal forms (法人格) an organization can have.
func (s *organizations) ListLegalForms(context.Context, *directoryv1.ListLegalFormsRequest) (*directoryv1.ListLegalFormsResponse, error) {
	resp := &directoryv1.ListLegalFormsResponse{}
	for _, f := range organization.LegalForms() {
		resp.LegalForms = append(resp.LegalForms, &directoryv1.LegalForm{
			Code:               f.Code,
			Name:               f.Name,
			TaxAgencyKindCode:  f.TaxAgencyKindCode,
			HasCorporateNumber: f.HasCorporateNumber,
		})
	}
	return resp, nil
}
