package proposals

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/faq"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

func askerFromProto(a *proposalsv1.Asker) consultation.Asker {
	return consultation.Asker{Name: a.GetName(), Phone: a.GetPhone(), Email: a.GetEmail(), Address: a.GetAddress()}
}

func askerToProto(a consultation.Asker) *proposalsv1.Asker {
	return &proposalsv1.Asker{Name: a.Name, Phone: a.Phone, Email: a.Email, Address: a.Address}
}

func channelToProto(channel string) proposalsv1.Consultation_Channel {
	return proposalsv1.Consultation_Channel(proposalsv1.Consultation_Channel_value[channel])
}

func deskStateToProto(s consultation.State) proposalsv1.Consultation_State {
	return proposalsv1.Consultation_State(proposalsv1.Consultation_State_value[string(s)])
}

// consultationToProto shows a consultation as far as the reader sees it: notes
// and the FAQ are for the ward, what it was turned into not for the intermediary.
func consultationToProto(c *consultation.Consultation, by consultation.Reader, entries []store.DatedEntry) *proposalsv1.Consultation {
	view := by.View(c)
	out := &proposalsv1.Consultation{
		Id: c.ID, Number: c.Number, FiscalYear: int32(c.FiscalYear), Channel: channelToProto(c.Channel),
		State: deskStateToProto(c.State), Subject: c.Subject, Body: c.Body,
		OrganizationId: c.OrganizationID, OrganizationName: c.Names.Organizations[c.OrganizationID],
		DepartmentId: c.DepartmentID, DepartmentName: c.Names.Departments[c.DepartmentID],
		ReferredOrganizationId: c.ReferredOrganizationID, ReferredOrganizationName: c.Names.Organizations[c.ReferredOrganizationID],
		ReceivedOn: convert.Date(c.ReceivedOn), DueOn: convert.Date(c.DueOn), AnsweredOn: convert.Date(c.AnsweredOn),
		CreateTime: convert.Instant(c.CreatedAt), UpdateTime: convert.Instant(c.UpdatedAt), Etag: rpc.ETag(c.Version),
	}
	if view >= consultation.ForAsker {
		out.ProposalId, out.ChallengeId, out.ChallengeResponseId = c.ProposalID, c.ChallengeID, c.ContributionID
	}
	if view == consultation.ForWard {
		out.FaqId = c.FaqID
	}
	for _, e := range entries {
		switch {
		case e.Kind == consultation.KindNote && view == consultation.ForWard:
			out.Notes = append(out.Notes, messageToProto(e))
		case e.Kind != consultation.KindNote && e.Body != "":
			out.Replies = append(out.Replies, messageToProto(e))
		}
		if e.Kind != consultation.KindNote && e.Kind != consultation.KindInterim {
			out.History = append(out.History, stepToProto(e))
		}
	}
	return out
}

func messageToProto(e store.DatedEntry) *proposalsv1.ConsultationMessage {
	return &proposalsv1.ConsultationMessage{
		Id: e.ID, Body: e.Body, FromAsker: e.FromAsker, Interim: e.Kind == consultation.KindInterim,
		DepartmentId: e.DepartmentID, DepartmentName: e.DepartmentName, CreateTime: convert.Instant(e.CreatedAt),
	}
}

func stepToProto(e store.DatedEntry) *proposalsv1.ConsultationStep {
	return &proposalsv1.ConsultationStep{
		Kind: proposalsv1.ConsultationStep_Kind(proposalsv1.ConsultationStep_Kind_value[e.Kind]), Time: convert.Instant(e.CreatedAt),
		FromDepartmentId: e.FromDepartmentID, FromDepartmentName: e.FromDepartmentName,
		DepartmentId: e.ToDepartmentID, DepartmentName: e.ToDepartmentName,
		OrganizationId: e.OrganizationID, OrganizationName: e.OrganizationName,
	}
}

func consultationSummaryToProto(s store.ConsultationSummary) *proposalsv1.ConsultationSummary {
	return &proposalsv1.ConsultationSummary{
		Id: s.ID, Number: s.Number, Channel: channelToProto(s.Channel), State: deskStateToProto(s.State), Subject: s.Subject,
		DepartmentId: s.DepartmentID, DepartmentName: s.DepartmentName, ReceivedOn: convert.Date(s.ReceivedOn), DueOn: convert.Date(s.DueOn),
		UpdateTime: convert.Instant(s.UpdatedAt),
	}
}

func consultationReceived(c *consultation.Consultation) *proposalsv1.ConsultationReceived {
	return &proposalsv1.ConsultationReceived{
		ConsultationId: c.ID, Number: c.Number, Channel: channelToProto(c.Channel), ReceivedOn: convert.Date(c.ReceivedOn), DueOn: convert.Date(c.DueOn),
	}
}

func consultationRouted(c *consultation.Consultation, from string) *proposalsv1.ConsultationRouted {
	return &proposalsv1.ConsultationRouted{
		ConsultationId: c.ID, Number: c.Number, FromDepartmentId: from, DepartmentId: c.DepartmentID,
		OrganizationId: c.ReferredOrganizationID, DueOn: convert.Date(c.DueOn),
	}
}

func consultationAnswered(c *consultation.Consultation, now time.Time) *proposalsv1.ConsultationAnswered {
	return &proposalsv1.ConsultationAnswered{
		ConsultationId: c.ID, Number: c.Number, DepartmentId: c.DepartmentID, AnsweredOn: convert.Date(jp.DateOf(now)),
	}
}

func deskStatisticsToProto(year int32, s *store.DeskStatistics) *proposalsv1.ConsultationStatistics {
	out := &proposalsv1.ConsultationStatistics{
		FiscalYear: year, Consultations: int32(s.Consultations), Answered: int32(s.Answered),
		AnsweredInTime: int32(s.AnsweredInTime), MedianDays: int32(s.MedianDays),
	}
	for _, channel := range []string{"WEB", "PHONE", "COUNTER", "FAX", "MAIL"} {
		if n := s.Channels[channel]; n > 0 {
			out.Channels = append(out.Channels, &proposalsv1.ChannelCount{Channel: channelToProto(channel), Consultations: int32(n)})
		}
	}
	for _, state := range consultation.States {
		if n := s.States[state]; n > 0 {
			out.States = append(out.States, &proposalsv1.StateCount{State: deskStateToProto(state), Consultations: int32(n)})
		}
	}
	for _, d := range s.Departments {
		out.Departments = append(out.Departments, &proposalsv1.DepartmentCount{
			DepartmentId: d.DepartmentID, DepartmentName: d.Name, Consultations: int32(d.Consultations),
			Answered: int32(d.Answered), MedianDays: int32(d.MedianDays),
		})
	}
	return out
}

func templateToProto(t *consultation.Template) *proposalsv1.ReplyTemplate {
	return &proposalsv1.ReplyTemplate{Id: t.ID, Title: t.Title, Body: t.Body, UpdateTime: convert.Instant(t.UpdatedAt), Etag: rpc.ETag(t.Version)}
}

// faqToProto shows a FAQ; the consultation that it is made of for the desk only.
func faqToProto(f *faq.Faq, desk bool) *proposalsv1.Faq {
	out := &proposalsv1.Faq{
		Id: f.ID, Question: f.Question, Answer: f.Answer, Category: f.Category, DepartmentId: f.DepartmentID,
		DepartmentName: f.DepartmentName, Published: f.Published, CreateTime: convert.Instant(f.CreatedAt),
		UpdateTime: convert.Instant(f.UpdatedAt), Etag: rpc.ETag(f.Version),
	}
	if desk {
		out.ConsultationId = f.ConsultationID
	}
	return out
}
