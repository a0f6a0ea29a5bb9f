package outreach

import (
	"cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// opportunityFromProto reads what an author wrote, apart from the credits. Errors:
// INVALID_FIELD.
func opportunityFromProto(in *outreachv1.OpportunityInput) (publication.Content, error) {
	c := publication.Content{Text: publication.Text{
		Title: jp.Clean(in.GetTitle()), Summary: jp.Clean(in.GetSummary()), Body: jp.Clean(in.GetBody()),
		PlainJa: jp.Clean(in.GetPlainJa()), Topics: in.GetTopics(),
	}}
	d := &opportunity.Details{
		Kind:    cmp.Or(opportunity.Kind(convert.EnumName(in.GetKind())), opportunity.Volunteer),
		Purpose: jp.Clean(in.GetPurpose()), Role: jp.Clean(in.GetRole()), ActivityField: int(in.GetActivityField()),
		Weekdays: convert.List(in.GetWeekdays(), func(w outreachv1.Opportunity_Weekday) opportunity.Weekday {
			return opportunity.Weekday(convert.EnumName(w))
		}),

		StartTime: in.GetStartTime(), EndTime: in.GetEndTime(), TimeNote: jp.Clean(in.GetTimeNote()), Place: placeFromProto(in.GetPlace()),
		Station: jp.Clean(in.GetStation()), Headcount: int(in.GetHeadcount()),
		Selection:   cmp.Or(opportunity.Selection(convert.EnumName(in.GetSelection())), opportunity.HostDecides),
		TrialPlaces: int(in.GetTrialPlaces()), Requirements: jp.Clean(in.GetRequirements()), Beginners: in.GetBeginners(),
		ParentChild: in.GetParentChild(), SchoolGroups: in.GetSchoolGroups(), CompanyGroups: in.GetCompanyGroups(),
		Cost: jp.Clean(in.GetCost()), Insurance: jp.Clean(in.GetInsurance()), Bring: jp.Clean(in.GetBring()),
		ApplyNote: jp.Clean(in.GetApplyNote()), Contact: contactFromProto(in.GetContact()),
		Screening: convert.List(in.GetScreening(), func(v outreachv1.Opportunity_Screening) opportunity.Screening {
			return opportunity.Screening(convert.EnumName(v))
		}),

		Pledge: jp.Clean(in.GetPledge()), URL: in.GetUrl(), SourceNote: jp.Clean(in.GetSourceNote()),
		TrainingDays: int(in.GetTrainingDays()), HoursPerDay: int(in.GetHoursPerDay()),
	}
	if d.Contact.PhoneNumber != "" {
		number, err := jp.ParsePhone(d.Contact.PhoneNumber)
		if err != nil {
			return c, invalid("opportunity.contact.phoneNumber", jp.ErrPhone)
		}
		d.Contact.PhoneNumber = number
	}
	for _, f := range []struct {
		path, value string
		into        *jp.Date
	}{
		{"startsOn", in.GetStartsOn(), &d.StartsOn},
		{"endsOn", in.GetEndsOn(), &d.EndsOn},
		{"applyUntil", in.GetApplyUntil(), &d.ApplyUntil},
		{"publicUntil", in.GetPublicUntil(), &c.PublicUntil},
	} {
		var err error
		if *f.into, err = convert.Day("opportunity."+f.path, f.value); err != nil {
			return c, err
		}
	}
	c.Opportunity = d
	return c, nil
}

// opportunityToInput is what the author would have written for the opportunity.
func opportunityToInput(p *publication.Publication) *outreachv1.OpportunityInput {
	o := opportunitySummary(p, publication.ForInside)
	return &outreachv1.OpportunityInput{
		Kind: o.GetKind(), Title: o.GetTitle(), Summary: o.GetSummary(), Body: p.Body, PlainJa: p.PlainJa, Topics: o.GetTopics(),
		Purpose: o.GetPurpose(), Role: o.GetRole(), ActivityField: o.GetActivityField(), StartsOn: o.GetStartsOn(), EndsOn: o.GetEndsOn(),
		Weekdays: o.GetWeekdays(), StartTime: o.GetStartTime(), EndTime: o.GetEndTime(), TimeNote: o.GetTimeNote(), Place: o.GetPlace(),
		Station: o.GetStation(), Headcount: o.GetHeadcount(), Selection: o.GetSelection(), TrialPlaces: o.GetTrialPlaces(),
		Requirements: o.GetRequirements(), Beginners: o.GetBeginners(), ParentChild: o.GetParentChild(), SchoolGroups: o.GetSchoolGroups(),
		CompanyGroups: o.GetCompanyGroups(), Cost: o.GetCost(), Insurance: o.GetInsurance(), Bring: o.GetBring(),
		ApplyUntil: o.GetApplyUntil(), ApplyNote: o.GetApplyNote(), Contact: o.GetContact(), Screening: o.GetScreening(),
		Pledge: o.GetPledge(), Url: o.GetUrl(), SourceNote: o.GetSourceNote(), PublicUntil: o.GetPublicUntil(),
		TrainingDays: o.GetTrainingDays(), HoursPerDay: o.GetHoursPerDay(),
		OrganizationId: p.OrganizationID, ProjectId: p.ProjectID, Credits: convert.List(p.Credits, creditToInput),
	}
}

// opportunityToProto shows an opportunity as far as the view goes, without its
// places.
func opportunityToProto(p *publication.Publication, view publication.View) *outreachv1.Opportunity {
	out := opportunitySummary(p, view)
	out.Body, out.BodyHtml, out.PlainJa, out.PlainJaHtml = p.Body, safeHTML(p.Body), p.PlainJa, rubyHTML(p.PlainJa)
	if view == publication.ForInside {
		out.Links = links(p.Body, p.PlainJa)
		for _, to := range []string{p.Opportunity.URL, p.Opportunity.Contact.URL} {
			if to != "" {
				out.Links = append(out.Links, to)
			}
		}
	}
	return out
}

// opportunitySummary shows an opportunity without its long texts.
func opportunitySummary(p *publication.Publication, view publication.View) *outreachv1.Opportunity {
	d := p.Opportunity
	out := &outreachv1.Opportunity{
		Id: p.ID, Kind: opportunityKind(d.Kind), Title: p.Title, Summary: p.Summary, Topics: p.Topics, Purpose: d.Purpose, Role: d.Role,
		ActivityField: int32(d.ActivityField), StartsOn: convert.Date(d.StartsOn), EndsOn: convert.Date(d.EndsOn),
		Weekdays: convert.List(d.Weekdays, func(w opportunity.Weekday) outreachv1.Opportunity_Weekday {
			return outreachv1.Opportunity_Weekday(outreachv1.Opportunity_Weekday_value[string(w)])
		}),

		StartTime: d.StartTime, EndTime: d.EndTime, TimeNote: d.TimeNote, Place: placeToProto(d.Place), Station: d.Station,
		Headcount: int32(d.Headcount), Selection: outreachv1.Opportunity_Selection(outreachv1.Opportunity_Selection_value[string(d.Selection)]),
		TrialPlaces: int32(d.TrialPlaces), Requirements: d.Requirements, Beginners: d.Beginners, ParentChild: d.ParentChild,
		SchoolGroups: d.SchoolGroups, CompanyGroups: d.CompanyGroups, Cost: d.Cost, Insurance: d.Insurance, Bring: d.Bring,
		ApplyUntil: convert.Date(d.ApplyUntil), ApplyNote: d.ApplyNote, Contact: contactToProto(d.Contact),
		Screening: convert.List(d.Screening, func(v opportunity.Screening) outreachv1.Opportunity_Screening {
			return outreachv1.Opportunity_Screening(outreachv1.Opportunity_Screening_value[string(v)])
		}),

		Pledge: d.Pledge, Url: d.URL, SourceNote: d.SourceNote, PublicUntil: convert.Date(p.PublicUntil), TrainingDays: int32(d.TrainingDays),
		HoursPerDay:    int32(d.HoursPerDay),
		OrganizationId: p.OrganizationID, OrganizationName: p.Names.Organization, DepartmentId: p.DepartmentID,
		DepartmentName: p.Names.Department, ProjectId: p.ProjectID, Credits: convert.List(p.Credits, creditToProto), CreditText: p.Credits.Text(),
		State:    outreachv1.Opportunity_State(outreachv1.Opportunity_State_value[string(p.State)]),
		Revision: int32(p.Revision), CreateTime: convert.Instant(p.CreatedAt), UpdateTime: convert.Instant(p.UpdatedAt),
		PublishTime: convert.Instant(p.PublishAt), Etag: rpc.ETag(p.Version),
	}
	if view == publication.ForInside {
		out.CreditConfirmations, out.ReturnReason, out.Source = confirmationsToProto(p), p.ReturnReason, p.Source
	}
	if view == publication.ForInside || p.State == publication.Cancelled {
		out.WithdrawReason = p.WithdrawReason
	}
	return out
}

// opportunityFact is an opportunity as its events carry it.
func opportunityFact(p *publication.Publication) *outreachv1.Opportunity {
	o := opportunitySummary(p, publication.ForPublic)
	o.Body, o.PlainJa = p.Body, p.PlainJa
	return o
}

func opportunityKind(k opportunity.Kind) outreachv1.Opportunity_Kind {
	return outreachv1.Opportunity_Kind(outreachv1.Opportunity_Kind_value[string(k)])
}

// placeLine is where an opportunity is, in one line.
func placeLine(p event.Place, station string) string {
	line := p.Name
	if a := p.Address.Line(); a != "" {
		line += "（" + a + "）"
	}
	if station != "" {
		line += " " + station
	}
	return line
}

func shiftToProto(s *application.Shift) *outreachv1.Shift {
	return &outreachv1.Shift{
		Id: s.ID, OpportunityId: s.OpportunityID, StartTime: convert.Instant(s.StartsAt), EndTime: convert.Instant(s.EndsAt), Capacity: int32(s.Capacity),
		Accepted: int32(s.Accepted), Cancelled: s.Cancelled, Etag: rpc.ETag(s.Version),
	}
}

// applicantFromProto reads who applies. Errors: INVALID_FIELD.
func applicantFromProto(in *outreachv1.Applicant) (application.Person, error) {
	p, err := personFromProto(&outreachv1.Registrant{
		Name: in.GetName(), NameKana: in.GetNameKana(), Email: in.GetEmail(), PhoneNumber: in.GetPhoneNumber(), Note: in.GetNote(),
	})
	if f, ok := fault.As(err); ok && len(f.Fields) > 0 {
		f.Fields[0].Path = "application.applicant." + f.Fields[0].Path[len("registration."):]
	}
	return application.Person{
		Name: p.Name, NameKana: p.NameKana, Email: p.Email, PhoneNumber: p.PhoneNumber, Note: p.Note,
		GroupName: jp.Clean(in.GetGroupName()), GuardianConsent: jp.Clean(in.GetGuardianConsent()), PaperNote: jp.Clean(in.GetPaperNote()),
	}, err
}

// applicationFromProto reads what is applied for.
func applicationFromProto(in *outreachv1.ApplicationInput) *application.Application {
	return &application.Application{
		Heads: int(max(in.GetHeads(), 1)), Group: application.GroupKind(convert.EnumName(in.GetGroupKind())), Minors: in.GetMinors(), Trial: in.GetTrial(),
		Wishes:    convert.List(in.GetShiftIds(), func(id string) application.Wish { return application.Wish{ShiftID: id} }),
		MaxShifts: int(max(in.GetMaxShifts(), 1)), Agrees: in.GetAgreesToInvitations(), Channel: cmp.Or(convert.EnumName(in.GetChannel()), application.Web),
	}
}

// applicationToProto shows an application, with who is behind it where that is
// given.
func applicationToProto(a *application.Application, persons map[string]application.Person) *outreachv1.Application {
	out := &outreachv1.Application{
		Id: a.ID, OpportunityId: a.OpportunityID, OpportunityKind: opportunityKind(a.Kind), OpportunityTitle: a.OpportunityTitle,
		State: applicationState(a.State), Position: int32(a.Position), Heads: int32(a.Heads),
		GroupKind: outreachv1.Application_GroupKind(outreachv1.Application_GroupKind_value[string(a.Group)]), Minors: a.Minors, Trial: a.Trial,
		Shifts: convert.List(a.Wishes, func(w application.Wish) *outreachv1.WishedShift {
			return &outreachv1.WishedShift{ShiftId: w.ShiftID, Accepted: w.Accepted, Attended: attended(w.Attended)}
		}),

		MaxShifts: int32(a.MaxShifts), Attended: attended(a.Attended), AgreesToInvitations: a.Agrees,
		Channel: outreachv1.Application_Channel(outreachv1.Application_Channel_value[a.Channel]), EraseOn: convert.Date(a.EraseOn),
		CreateTime: convert.Instant(a.CreatedAt), UpdateTime: convert.Instant(a.UpdatedAt), Etag: rpc.ETag(a.Version),
	}
	if p, ok := persons[a.PersonID]; ok {
		out.Applicant = &outreachv1.Applicant{
			Name: p.Name, NameKana: p.NameKana, Email: p.Email, PhoneNumber: p.PhoneNumber, GroupName: p.GroupName,
			GuardianConsent: p.GuardianConsent, Note: p.Note, PaperNote: p.PaperNote,
		}
	}
	return out
}

func applicationState(s application.State) outreachv1.Application_State {
	return outreachv1.Application_State(outreachv1.Application_State_value[string(s)])
}

// attended writes how many came; -1 when nothing was recorded.
func attended(n *int) int32 {
	if n == nil {
		return -1
	}
	return int32(*n)
}

func hoursToProto(h *application.Hours) *outreachv1.Hours {
	return &outreachv1.Hours{
		Id: h.ID, OpportunityId: h.OpportunityID, ApplicationId: h.ApplicationID, ShiftId: h.ShiftID, WorkedOn: h.WorkedOn.String(),
		Minutes: int32(h.Minutes), Heads: int32(h.Heads), State: outreachv1.Hours_State(outreachv1.Hours_State_value[string(h.State)]),
		ReturnReason: h.ReturnReason, CreateTime: convert.Instant(h.CreatedAt), DecideTime: convert.Instant(h.DecidedAt), Etag: rpc.ETag(h.Version),
	}
}
