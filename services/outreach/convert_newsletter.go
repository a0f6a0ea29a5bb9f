package outreach

import (
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

const sectionPrefix = "NEWSLETTER_SECTION_"

func sectionToProto(s newsletter.Section) outreachv1.NewsletterSection {
	return outreachv1.NewsletterSection(outreachv1.NewsletterSection_value[sectionPrefix+string(s)])
}

func sectionFromProto(s outreachv1.NewsletterSection) newsletter.Section {
	return newsletter.Section(strings.TrimPrefix(s.String(), sectionPrefix))
}

func topicFromProto(in *outreachv1.NewsletterTopicInput) *newsletter.Topic {
	return &newsletter.Topic{
		Code: in.GetCode(), Name: jp.Clean(in.GetName()), Description: jp.Clean(in.GetDescription()),
		Sections: convert.List(in.GetSections(), sectionFromProto), Ended: in.GetEnded(), Position: int(in.GetPosition()),
	}
}

func topicToInput(t *newsletter.Topic) *outreachv1.NewsletterTopicInput {
	return &outreachv1.NewsletterTopicInput{
		Code: t.Code, Name: t.Name, Description: t.Description, Sections: convert.List(t.Sections, sectionToProto), Ended: t.Ended,
		Position: int32(t.Position),
	}
}

func topicToProto(t *newsletter.Topic) *outreachv1.NewsletterTopic {
	return &outreachv1.NewsletterTopic{
		Code: t.Code, Name: t.Name, Description: t.Description, Sections: convert.List(t.Sections, sectionToProto), Ended: t.Ended,
		Position: int32(t.Position), Etag: rpc.ETag(t.Version),
	}
}

func formatFromProto(f outreachv1.NewsletterSubscription_Format) newsletter.Format {
	if f == outreachv1.NewsletterSubscription_FORMAT_UNSPECIFIED {
		return newsletter.HTML
	}
	return newsletter.Format(f.String())
}

func wishFromProto(in *outreachv1.SubscriptionInput) newsletter.Wish {
	return newsletter.Wish{Topics: in.GetTopics(), Areas: in.GetAreas(), Format: formatFromProto(in.GetFormat())}
}

func wishToInput(w newsletter.Wish) *outreachv1.SubscriptionInput {
	return &outreachv1.SubscriptionInput{Topics: w.Topics, Areas: w.Areas, Format: formatToProto(w.Format)}
}

func formatToProto(f newsletter.Format) outreachv1.NewsletterSubscription_Format {
	return outreachv1.NewsletterSubscription_Format(outreachv1.NewsletterSubscription_Format_value[string(f)])
}

// readerToProto shows a reader what the link is about; never the address.
func readerToProto(r *newsletter.Reader) *outreachv1.NewsletterSubscription {
	if r == nil {
		return nil
	}
	return &outreachv1.NewsletterSubscription{
		State:  outreachv1.NewsletterSubscription_State(outreachv1.NewsletterSubscription_State_value[string(r.State)]),
		Topics: r.Topics, Areas: r.Areas, Format: formatToProto(r.Format), ConfirmTime: convert.Instant(r.ConfirmedAt),
		UpdateTime: convert.Instant(r.UpdatedAt), Etag: rpc.ETag(r.Version),
	}
}

func requestToProto(q *store.NewsletterRequest) *outreachv1.NewsletterSubscription {
	return &outreachv1.NewsletterSubscription{
		State: outreachv1.NewsletterSubscription_REQUESTED, Topics: q.Topics, Areas: q.Areas, Format: formatToProto(q.Format),
		ConfirmBefore: convert.Instant(q.ExpiresAt),
	}
}

// issueContent reads what the editor writes beside the items; a period that is not
// given ends today and has seven days. Errors: INVALID_FIELD for days that cannot be.
func issueContent(in *outreachv1.NewsletterIssueInput, today jp.Date) (newsletter.Content, error) {
	c := newsletter.Content{
		Title: jp.Clean(in.GetTitle()), Introduction: jp.Clean(in.GetIntroduction()), Contact: jp.Clean(in.GetContact()), Topics: in.GetTopics(),
	}
	var err error
	if c.From, err = convert.Day("issue.periodFrom", in.GetPeriodFrom()); err != nil {
		return c, err
	}
	if c.To, err = convert.Day("issue.periodTo", in.GetPeriodTo()); err != nil {
		return c, err
	}
	if c.To.IsZero() {
		c.To = today
	}
	if c.From.IsZero() {
		c.From = c.To.AddDays(1 - digestDays)
	}
	return c, c.Check()
}

// issueToInput is what the editor would write to get the issue as it is.
func issueToInput(i *newsletter.Issue) *outreachv1.NewsletterIssueInput {
	in := &outreachv1.NewsletterIssueInput{
		Title: i.Title, Introduction: i.Introduction, Contact: i.Contact, PeriodFrom: convert.Date(i.From), PeriodTo: convert.Date(i.To), Topics: i.Topics,
	}
	for _, item := range i.Items {
		in.Items = append(in.Items, &outreachv1.NewsletterItemInput{SourceId: item.ID, Topics: item.Topics, Areas: item.Areas, Comment: item.Comment})
	}
	return in
}

// issueToProto shows an issue; to the ward with what only it may know.
func (n *newsletters) issueToProto(i *newsletter.Issue, ward bool) *outreachv1.NewsletterIssue {
	out := &outreachv1.NewsletterIssue{
		Id: i.ID, Number: i.Number, State: issueState(i.State), Title: i.Title, Introduction: i.Introduction, Contact: i.Contact,
		Publisher: i.Publisher, PeriodFrom: convert.Date(i.From), PeriodTo: convert.Date(i.To), Topics: i.Topics, Drafted: i.Source != "",
		SendTime: convert.Instant(i.SendAt), StartTime: convert.Instant(i.StartedAt), FinishTime: convert.Instant(i.FinishedAt), PageUrl: n.issuePage(i.ID),
		CreateTime: convert.Instant(i.CreatedAt), UpdateTime: convert.Instant(i.UpdatedAt), Etag: rpc.ETag(i.Version),
	}
	if ward {
		out.ReturnReason, out.CancelReason = i.ReturnReason, i.CancelReason
	}
	for _, item := range i.Items {
		out.Items = append(out.Items, &outreachv1.NewsletterItem{
			SourceId: item.ID, Section: sectionToProto(item.Section), Title: item.Title, Summary: item.Summary, Url: item.URL,
			CreditText: item.Credits, StartsOn: convert.Date(item.StartsOn), Topics: item.Topics, Areas: item.Areas, Comment: item.Comment,
		})
	}
	return out
}

func issueState(s newsletter.State) outreachv1.NewsletterIssue_State {
	return outreachv1.NewsletterIssue_State(outreachv1.NewsletterIssue_State_value[string(s)])
}

// issuePage is the address of an issue in the archive.
func (n *newsletters) issuePage(id string) string { return n.Origin + "/newsletter/issues/" + id }
