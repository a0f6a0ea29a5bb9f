package directory

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/introduction"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/listing"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/referral"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// listingText reads what somebody wrote. Errors: INVALID_FIELD.
func listingText(in *directoryv1.ListingInput) (t listing.Text, err error) {
	t = listing.Text{
		Kind: name(in.GetKind()), Category: name(in.GetCategory()), Title: in.GetTitle(), Description: in.GetDescription(),
		Conditions: in.GetConditions(), Quantity: in.GetQuantity(), ActivityFields: in.GetActivityFields(), Town: in.GetTown(),
		SourceName: in.GetSourceName(), SourceURL: in.GetSourceUrl(),
	}
	if t.AvailableFrom, err = day("availableFrom", in.GetAvailableFrom()); err != nil {
		return t, err
	}
	if t.AvailableUntil, err = day("availableUntil", in.GetAvailableUntil()); err != nil {
		return t, err
	}
	t.ExpiresOn, err = day("expiresOn", in.GetExpiresOn())
	return t, err
}

// listingProto shows a listing to the partner for whom it was read.
func listingProto(l *store.SeenListing, v store.Partner) *directoryv1.Listing {
	out := announcedListing(l)
	out.Description, out.Conditions, out.OutcomeNote = l.Description, l.Conditions, l.OutcomeNote
	if callerOf(v, l).Writes(&l.Listing) {
		out.CorrectionReason = l.CorrectionReason
	}
	return out
}

func listingProtos(all []*store.SeenListing, v store.Partner) []*directoryv1.Listing {
	var out []*directoryv1.Listing
	for _, l := range all {
		out = append(out, listingProto(l, v))
	}
	return out
}

// announcedListing is what events carry: the public view without long texts.
func announcedListing(l *store.SeenListing) *directoryv1.Listing {
	return &directoryv1.Listing{
		Id:             l.ID,
		Kind:           listingKind(l.Kind),
		Category:       listingCategory(l.Category),
		State:          directoryv1.Listing_State(directoryv1.Listing_State_value[string(l.State)]),
		Owner:          &directoryv1.Party{OrganizationId: l.OrganizationID, DepartmentId: l.DepartmentID, Name: l.OwnerName},
		Title:          l.Title,
		Quantity:       l.Quantity,
		ActivityFields: l.ActivityFields,
		Town:           l.Town,
		AvailableFrom:  dayText(l.AvailableFrom),
		AvailableUntil: dayText(l.AvailableUntil),
		ExpiresOn:      dayText(l.ExpiresOn),
		SourceId:       l.SourceID,
		SourceName:     l.SourceName,
		SourceUrl:      l.SourceURL,
		Outcome:        directoryv1.Listing_Outcome(directoryv1.Listing_Outcome_value[l.Outcome]),
		PublishTime:    instant(l.PublishedAt),
		CloseTime:      instant(l.ClosedAt),
		CreateTime:     timestamppb.New(l.CreatedAt),
		UpdateTime:     timestamppb.New(l.UpdatedAt),
		Etag:           rpc.ETag(l.Version),
	}
}

func listingKind(k string) directoryv1.Listing_Kind {
	return directoryv1.Listing_Kind(directoryv1.Listing_Kind_value[k])
}

func listingCategory(c string) directoryv1.Listing_Category {
	return directoryv1.Listing_Category(directoryv1.Listing_Category_value[c])
}

// instant is not set while there is no time.
func instant(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}

func introductionProto(i *store.SeenIntroduction) *directoryv1.Introduction {
	return &directoryv1.Introduction{
		Id:                i.ID,
		ListingId:         i.ListingID,
		ListingTitle:      i.Title,
		ListingKind:       listingKind(i.Kind),
		ListingCategory:   listingCategory(i.Category),
		State:             directoryv1.Introduction_State(directoryv1.Introduction_State_value[string(i.State)]),
		Owner:             partyProto(i.Owner.Party),
		Partner:           partyProto(i.Partner.Party),
		MatchingListingId: i.MatchingID,
		Message:           i.Message,
		OwnerAcceptTime:   instant(i.Owner.AcceptedAt),
		PartnerAcceptTime: instant(i.Partner.AcceptedAt),
		DeclineReason:     i.DeclineReason,
		OwnerRecord:       recordProto(i.Owner.Record),
		PartnerRecord:     recordProto(i.Partner.Record),
		DeskRecord:        recordProto(i.Desk),
		EndTime:           instant(i.EndedAt),
		CreateTime:        timestamppb.New(i.CreatedAt),
		UpdateTime:        timestamppb.New(i.UpdatedAt),
		Etag:              rpc.ETag(i.Version),
	}
}

func partyProto(p introduction.Party) *directoryv1.Party {
	return &directoryv1.Party{OrganizationId: p.OrganizationID, DepartmentId: p.DepartmentID, Name: p.Name}
}

func recordProto(r introduction.Record) *directoryv1.Introduction_Record {
	if r.Result == "" {
		return nil
	}
	return &directoryv1.Introduction_Record{
		Result: directoryv1.Introduction_Result(directoryv1.Introduction_Result_value[r.Result]), Note: r.Note,
		PublishConsent: r.PublishConsent, RecordTime: instant(r.At),
	}
}

// concluded is what everybody is told of a success.
func concluded(i *store.SeenIntroduction, on jp.Date) *directoryv1.IntroductionConcluded {
	out := &directoryv1.IntroductionConcluded{
		IntroductionId: i.ID, ListingId: i.ListingID, ListingKind: listingKind(i.Kind), ListingCategory: listingCategory(i.Category),
		Owner: partyProto(i.Owner.Party), ConcludedOn: on.String(),
	}
	if i.Named() {
		out.Partner = partyProto(i.Partner.Party)
	}
	return out
}

func referralProto(r *referral.Referral, today jp.Date) *directoryv1.Referral {
	return &directoryv1.Referral{
		Id:                 r.ID,
		State:              directoryv1.Referral_State(directoryv1.Referral_State_value[string(r.State)]),
		IntermediaryId:     r.IntermediaryID,
		IntermediaryName:   r.IntermediaryName,
		ConsultationId:     r.ConsultationID,
		ConsultationNumber: r.ConsultationNumber,
		OrganizationId:     r.OrganizationID,
		OrganizationName:   r.OrganizationName,
		Subject:            r.Subject,
		Message:            r.Message,
		HasContact:         r.Contact != nil,
		DueOn:              r.DueOn.String(),
		Overdue:            r.Overdue(today),
		Reason:             r.Reason,
		Outcome:            referralOutcome(r.Outcome),
		Report:             r.Report,
		AcceptTime:         instant(r.AcceptedAt),
		EndTime:            instant(r.EndedAt),
		CreateTime:         timestamppb.New(r.CreatedAt),
		UpdateTime:         timestamppb.New(r.UpdatedAt),
		Etag:               rpc.ETag(r.Version),
	}
}

func referralOutcome(o string) directoryv1.Referral_Outcome {
	return directoryv1.Referral_Outcome(directoryv1.Referral_Outcome_value[o])
}

// reported is what the ward is told of a report.
func reported(r *referral.Referral, on jp.Date) *directoryv1.ReferralReported {
	return &directoryv1.ReferralReported{
		ReferralId: r.ID, IntermediaryId: r.IntermediaryID, IntermediaryName: r.IntermediaryName, ConsultationId: r.ConsultationID,
		ConsultationNumber: r.ConsultationNumber, Outcome: referralOutcome(r.Outcome), ReportedOn: on.String(),
	}
}
