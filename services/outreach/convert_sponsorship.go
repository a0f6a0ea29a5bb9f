package outreach

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/sponsorship"
)

// sponsorshipFromProto reads what an organization writes. Errors: INVALID_FIELD for
// days and telephone numbers that cannot be.
func sponsorshipFromProto(in *outreachv1.SponsorshipInput) (*sponsorship.Sponsorship, error) {
	starts, err := convert.Day("sponsorship.startsOn", in.GetStartsOn())
	if err != nil {
		return nil, err
	}
	ends, err := convert.Day("sponsorship.endsOn", in.GetEndsOn())
	if err != nil {
		return nil, err
	}
	phone := in.GetContactPhone()
	if phone != "" {
		if phone, err = jp.ParsePhone(phone); err != nil {
			return nil, fault.ErrInvalidField.On(fault.Wrong("sponsorship.contactPhone", jp.ErrPhone.Ja, jp.ErrPhone.En))
		}
	}
	a := &sponsorship.Sponsorship{
		OrganizationID: in.GetOrganizationId(), DepartmentID: in.GetDepartmentId(), EventID: in.GetEventId(),
		Text: sponsorship.Text{
			Title: jp.Clean(in.GetTitle()), Purpose: jp.Clean(in.GetPurpose()), Description: jp.Clean(in.GetDescription()),
			StartsOn: starts, EndsOn: ends, Place: jp.Clean(in.GetPlace()), Expected: int(in.GetExpectedParticipants()), Fee: in.GetFee(),
			OtherSponsors: jp.Clean(in.GetOtherSponsors()), NameUse: jp.Clean(in.GetNameUse()), ContactName: jp.Clean(in.GetContactName()),
			ContactPhone: phone,
		},
	}
	a.Text.Complete()
	return a, nil
}

// sponsorshipToInput is what the organization would write to get the application as
// it is.
func sponsorshipToInput(a *sponsorship.Sponsorship) *outreachv1.SponsorshipInput {
	return &outreachv1.SponsorshipInput{
		OrganizationId: a.OrganizationID, DepartmentId: a.DepartmentID, EventId: a.EventID, Title: a.Text.Title, Purpose: a.Text.Purpose,
		Description: a.Text.Description, StartsOn: convert.Date(a.Text.StartsOn), EndsOn: convert.Date(a.Text.EndsOn), Place: a.Text.Place,
		ExpectedParticipants: int32(a.Text.Expected), Fee: a.Text.Fee, OtherSponsors: a.Text.OtherSponsors, NameUse: a.Text.NameUse,
		ContactName: a.Text.ContactName, ContactPhone: a.Text.ContactPhone,
	}
}

// sponsorshipToProto shows an application as far as the reader sees it: the
// organization knows nothing of a draft.
func sponsorshipToProto(a *sponsorship.Sponsorship, by sponsorship.Reader) *outreachv1.Sponsorship {
	in := sponsorshipToInput(a)
	out := &outreachv1.Sponsorship{
		Id: a.ID, Number: a.Number, OrganizationId: a.OrganizationID, OrganizationName: a.OrganizationName,
		DepartmentId: a.DepartmentID, DepartmentName: a.DepartmentName, EventId: a.EventID, Title: in.GetTitle(), Purpose: in.GetPurpose(),
		Description: in.GetDescription(), StartsOn: in.GetStartsOn(), EndsOn: in.GetEndsOn(), Place: in.GetPlace(),
		ExpectedParticipants: in.GetExpectedParticipants(), Fee: in.GetFee(), OtherSponsors: in.GetOtherSponsors(), NameUse: in.GetNameUse(),
		Report: reportToProto(a.Report), ReportDueOn: convert.Date(a.ReportDueOn),
		WithdrawReason: a.WithdrawReason, CreateTime: convert.Instant(a.CreatedAt), UpdateTime: convert.Instant(a.UpdatedAt), Etag: rpc.ETag(a.Version),
	}
	if by.Owns(a) || by.Drafts(a) {
		out.ContactName, out.ContactPhone = in.GetContactName(), in.GetContactPhone()
	}
	state := a.State
	if d := a.Decision; d != nil && (a.Decided() || by.InWard(a)) {
		out.Decision = &outreachv1.SponsorshipDecision{
			Approved: d.Approved, Conditions: d.Conditions, Reason: d.Reason, DecidedBy: d.DecidedBy, DecidedOn: d.DecidedOn,
			ReturnReason: d.ReturnReason,
		}
	} else if state == sponsorship.Drafted {
		state = sponsorship.Applied
	}
	out.State = outreachv1.Sponsorship_State(outreachv1.Sponsorship_State_value[string(state)])
	return out
}

func reportToProto(r *sponsorship.Report) *outreachv1.SponsorshipReport {
	if r == nil {
		return nil
	}
	return &outreachv1.SponsorshipReport{
		Participants: int32(r.Participants), Summary: r.Summary, Income: r.Income, Expense: r.Expense, NameUse: r.NameUse,
		ReportTime: convert.Instant(r.ReportedAt), Late: r.Late,
	}
}
