package outreach

import (
	"fmt"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// eventFromProto reads what an author wrote, apart from the credits. Errors:
// INVALID_FIELD.
func eventFromProto(in *outreachv1.EventInput) (publication.Content, error) {
	c := publication.Content{Text: publication.Text{
		Title: jp.Clean(in.GetTitle()), Summary: jp.Clean(in.GetSummary()), Body: jp.Clean(in.GetBody()),
		PlainJa: jp.Clean(in.GetPlainJa()), Topics: in.GetTopics(),
	}}
	if strings.ContainsAny(firstCharacter(plainText(c.Body)), "=+-@") {
		return c, fault.ErrInvalidField.On(fault.Wrong("event.body", "説明を「=」「+」「-」「@」で始めることはできません。", "The text must not begin with = + - @."))
	}
	d := &event.Details{
		TitleEn: in.GetTitleEn(), Subtitle: jp.Clean(in.GetSubtitle()), Keywords: in.GetKeywords(), Type: in.GetEventType(),
		StartTime: in.GetStartTime(), EndTime: in.GetEndTime(), TimeNote: in.GetTimeNote(), Recurrence: in.GetRecurrence(),
		Place: placeFromProto(in.GetPlace()), Target: in.GetTarget(), TargetNote: in.GetTargetNote(), Condition: in.GetCondition(),
		Online:  event.Online{Available: in.GetOnline().GetAvailable(), URL: in.GetOnline().GetUrl(), Tools: in.GetOnline().GetTools()},
		Fee:     event.Fee{Kind: event.FeeKind(convert.EnumName(in.GetFee().GetKind())), Amount: in.GetFee().GetAmount(), Note: in.GetFee().GetNote()},
		Contact: contactFromProto(in.GetContact()), ContactExtension: in.GetContactExtension(), URL: in.GetUrl(),
		Accessibility: accessibilityFromProto(in.GetAccessibility()), Note: in.GetNote(),
		Image: event.Image{URL: in.GetImage().GetUrl(), Alternative: in.GetImage().GetAlternative(), License: in.GetImage().GetLicense()},
	}
	var err error
	if d.TitleKana, err = jp.NormalizeKana(in.GetTitleKana()); err != nil {
		return c, invalid("event.titleKana", jp.ErrKana)
	}
	if err := contactPhone(&d.Contact); err != nil {
		return c, err
	}
	if err := daysFromProto(in, &c.Text, d); err != nil {
		return c, err
	}
	c.Event = d
	return c, nil
}

func firstCharacter(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// daysFromProto reads the days of an event and of its admission. Errors:
// INVALID_FIELD.
func daysFromProto(in *outreachv1.EventInput, t *publication.Text, d *event.Details) error {
	a := in.GetAdmission()
	d.Admission = event.Admission{
		Mode: event.Mode(convert.EnumName(a.GetMode())), Capacity: int(a.GetCapacity()), CapacityNote: a.GetCapacityNote(),
		OpensTime: a.GetOpensTime(), ClosesTime: a.GetClosesTime(), Method: a.GetMethod(), URL: a.GetUrl(),
		MaxParty: int(a.GetMaxParty()),
	}
	for _, f := range []struct {
		path, value string
		into        *jp.Date
	}{
		{"startsOn", in.GetStartsOn(), &d.StartsOn},
		{"endsOn", in.GetEndsOn(), &d.EndsOn},
		{"publicUntil", in.GetPublicUntil(), &t.PublicUntil},
		{"admission.opensOn", a.GetOpensOn(), &d.Admission.OpensOn},
		{"admission.closesOn", a.GetClosesOn(), &d.Admission.ClosesOn},
		{"admission.drawsOn", a.GetDrawsOn(), &d.Admission.DrawsOn},
	} {
		var err error
		if *f.into, err = convert.Day("event."+f.path, f.value); err != nil {
			return err
		}
	}
	for i, s := range in.GetExceptOn() {
		except, err := convert.Day(fmt.Sprintf("event.exceptOn[%d]", i), s)
		if err != nil {
			return err
		}
		d.ExceptOn = append(d.ExceptOn, except)
	}
	var err error
	d.OccursOn, err = occurrences(d)
	return err
}

// contactPhone writes the number in its one form. Errors: INVALID_FIELD.
func contactPhone(c *event.Contact) error {
	if c.PhoneNumber == "" {
		return nil
	}
	number, err := jp.ParsePhone(c.PhoneNumber)
	if err != nil {
		return invalid("event.contact.phoneNumber", jp.ErrPhone)
	}
	c.PhoneNumber = number
	return nil
}

// eventToInput is what the author would have written for the event.
func eventToInput(p *publication.Publication) *outreachv1.EventInput {
	e := eventSummary(p, publication.ForInside)
	return &outreachv1.EventInput{
		Title: e.GetTitle(), TitleKana: e.GetTitleKana(), TitleEn: e.GetTitleEn(), Subtitle: e.GetSubtitle(),
		Summary: e.GetSummary(), Body: p.Body, PlainJa: p.PlainJa, Topics: e.GetTopics(), Keywords: e.GetKeywords(),
		EventType: e.GetEventType(), StartsOn: e.GetStartsOn(), EndsOn: e.GetEndsOn(), StartTime: e.GetStartTime(),
		EndTime: e.GetEndTime(), TimeNote: e.GetTimeNote(), Recurrence: e.GetRecurrence(), ExceptOn: e.GetExceptOn(),
		Place: e.GetPlace(), Online: e.GetOnline(), Target: e.GetTarget(), TargetNote: e.GetTargetNote(),
		Condition: e.GetCondition(), Fee: e.GetFee(), Contact: e.GetContact(), ContactExtension: e.GetContactExtension(),
		Url: e.GetUrl(), Admission: e.GetAdmission(), Accessibility: e.GetAccessibility(), Image: e.GetImage(),
		Note: e.GetNote(), PublicUntil: e.GetPublicUntil(), OrganizationId: p.OrganizationID, ProjectId: p.ProjectID,
		Credits: convert.List(p.Credits, creditToInput),
	}
}

// eventToProto shows an event as far as the view goes, without its seats.
func eventToProto(p *publication.Publication, view publication.View) *outreachv1.Event {
	out := eventSummary(p, view)
	out.Body, out.BodyHtml, out.PlainJa, out.PlainJaHtml = p.Body, safeHTML(p.Body), p.PlainJa, rubyHTML(p.PlainJa)
	if view == publication.ForInside {
		out.Links = links(p.Body, p.PlainJa)
		for _, to := range []string{p.Event.URL, p.Event.Online.URL, p.Event.Admission.URL, p.Event.Contact.URL, p.Event.Image.URL} {
			if to != "" {
				out.Links = append(out.Links, to)
			}
		}
	}
	return out
}

// eventSummary shows an event without its long texts.
func eventSummary(p *publication.Publication, view publication.View) *outreachv1.Event {
	d := p.Event
	out := &outreachv1.Event{
		Id: p.ID, Title: p.Title, TitleKana: d.TitleKana, TitleEn: d.TitleEn, Subtitle: d.Subtitle, Summary: p.Summary,
		Topics: p.Topics, Keywords: d.Keywords, EventType: d.Type, StartsOn: convert.Date(d.StartsOn), EndsOn: convert.Date(d.EndsOn),
		StartTime: d.StartTime, EndTime: d.EndTime, TimeNote: d.TimeNote, Recurrence: d.Recurrence,
		ExceptOn: convert.List(d.ExceptOn, convert.Date), OccursOn: convert.List(d.OccursOn, convert.Date), Place: placeToProto(d.Place),
		Target: d.Target, TargetNote: d.TargetNote, Condition: d.Condition, Contact: contactToProto(d.Contact),
		ContactExtension: d.ContactExtension, Url: d.URL, Admission: admissionToProto(d.Admission),
		Accessibility: accessibilityToProto(d.Accessibility), Note: d.Note, PublicUntil: convert.Date(p.PublicUntil),
		OrganizationId: p.OrganizationID, OrganizationName: p.Names.Organization,
		DepartmentId: p.DepartmentID, DepartmentName: p.Names.Department, ProjectId: p.ProjectID,
		Credits: convert.List(p.Credits, creditToProto), CreditText: p.Credits.Text(),
		State:    outreachv1.Event_State(outreachv1.Event_State_value[string(p.State)]),
		Revision: int32(p.Revision), CreateTime: convert.Instant(p.CreatedAt), UpdateTime: convert.Instant(p.UpdatedAt),
		PublishTime: convert.Instant(p.PublishAt), Etag: rpc.ETag(p.Version),
	}
	if d.Online != (event.Online{}) {
		out.Online = &outreachv1.EventOnline{Available: d.Online.Available, Url: d.Online.URL, Tools: d.Online.Tools}
	}
	if d.Fee != (event.Fee{}) {
		out.Fee = &outreachv1.EventFee{
			Kind: outreachv1.EventFee_Kind(outreachv1.EventFee_Kind_value[string(d.Fee.Kind)]), Amount: d.Fee.Amount, Note: d.Fee.Note,
		}
	}
	if d.Image != (event.Image{}) {
		out.Image = &outreachv1.EventImage{Url: d.Image.URL, Alternative: d.Image.Alternative, License: d.Image.License}
	}
	if view == publication.ForInside {
		out.CreditConfirmations, out.ReturnReason, out.Source = confirmationsToProto(p), p.ReturnReason, p.Source
	}
	if view == publication.ForInside || p.State == publication.Cancelled {
		out.WithdrawReason = p.WithdrawReason
	}
	return out
}
