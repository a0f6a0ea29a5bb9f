package outreach

import (
	"context"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
	occasion "github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// wardCredit stands behind what the desk tells in the ward's own name.
var wardCredit = credit.Lines{{Part: credit.Organizer, Name: "千代田区"}}

// draft adds a draft of a source, once.
func (c *consumer) draft(ctx context.Context, tx *pg.Tx, p *publication.Publication) error {
	names, err := store.NamesOf(ctx, tx, append(p.Credits.Organizations(), p.Credits.Departments()...)...)
	if err != nil {
		return err
	}
	for i, l := range p.Credits {
		if name := names[l.OrganizationID+l.DepartmentID]; name != "" {
			p.Credits[i].Name = name
		}
	}
	p.ID, p.Kind, p.State, p.CreatedBy = c.NewID(), p.Content.Kind(), publication.Draft, "service:outreach"
	added, err := store.InsertPublication(ctx, tx, p)
	if err != nil {
		return err
	}
	if !added {
		return c.redraft(ctx, tx, p)
	}
	audit.Add(ctx, tx, audit.Entry{
		Action: action(p, "draft"), ObjectType: noun(p), ObjectID: p.ID, Detail: map[string]string{"source": p.Source},
	})
	return nil
}

// redraft puts what the source says now into a draft that nobody has touched.
func (c *consumer) redraft(ctx context.Context, tx *pg.Tx, p *publication.Publication) error {
	old, err := store.LockBySource(ctx, tx, p.Source)
	if err != nil || old.State != publication.Draft || old.EditedBy != "" || old.RequestedBy != "" {
		return err
	}
	old.Content = p.Content
	store.UpdatePublication(tx, old)
	return nil
}

// bookingConfirmed drafts the event and the call for volunteers of a booking that
// asks for them.
func (c *consumer) bookingConfirmed(ctx context.Context, tx *pg.Tx, _ event.Message, e *facilitiesv1.BookingConfirmed) error {
	b := e.GetBooking()
	if b.GetOrganizationId() == "" {
		return nil
	}
	if b.GetCallForVolunteers() {
		if err := c.callForVolunteers(ctx, tx, b); err != nil {
			return err
		}
	}
	if !b.GetPublishAsEvent() {
		return nil
	}
	on, err := jp.ParseDate(b.GetDate())
	if err != nil {
		return event.Permanent(err)
	}
	return c.draft(ctx, tx, &publication.Publication{
		Source: "booking:" + b.GetBookingId(), OrganizationID: b.GetOrganizationId(),
		Content: publication.Content{
			Text:    publication.Text{Title: b.GetTitle()},
			Credits: credit.Lines{{Part: credit.Organizer, OrganizationID: b.GetOrganizationId()}},
			Event: &occasion.Details{
				StartsOn: on, OccursOn: []jp.Date{on}, StartTime: b.GetStartTime(), EndTime: b.GetEndTime(),
				Place: bookedPlace(b),
			},
		},
	})
}

// bookedPlace is where a booking is.
func bookedPlace(b *facilitiesv1.BookingFact) occasion.Place {
	return occasion.Place{
		Name: strings.TrimSpace(b.GetFacilityName() + " " + b.GetRoomName()), Address: addressOf(b.GetFacilityAddress()),
	}
}

// addressOf reads an address in one line; none where it is not understood.
func addressOf(line string) occasion.Address {
	a, err := jp.ParseAddress(line)
	if err != nil {
		return occasion.Address{}
	}
	out := occasion.Address{
		PostalCode: a.PostalCode, Prefecture: a.Prefecture, City: a.City, Town: a.Town, StreetNumber: a.StreetNumber, Building: a.Building,
	}
	if a.City == "千代田区" {
		out.MunicipalityCode = wardCode
	}
	return out
}

// bookingCancelled calls off what was drafted of a booking: the event, then the
// call for volunteers.
func (c *consumer) bookingCancelled(ctx context.Context, tx *pg.Tx, _ event.Message, e *facilitiesv1.BookingCancelled) error {
	if err := c.callOff(ctx, tx, "booking:"+e.GetBookingId()); err != nil {
		return err
	}
	return c.callOff(ctx, tx, volunteersOf+e.GetBookingId())
}

func (c *consumer) callOff(ctx context.Context, tx *pg.Tx, source string) error {
	p, err := store.LockBySource(ctx, tx, source)
	if err != nil {
		return ignoreMissing(err)
	}
	from := p.State
	if err := p.Cancel(publication.Reader{Desk: true}, "会場の予約が取り消されたため", tx.Now); err != nil {
		return nil //nolint:nilerr // it is over, withdrawn or cancelled already
	}
	return c.record(ctx, tx, p, change{action: publication.Cancel, from: from})
}

func keepProject(tx *pg.Tx, p *evaluationv1.ProjectSummary) {
	store.KeepProject(tx, store.Project{
		ID: p.GetId(), PublicNumber: p.GetPublicNumber(), Title: p.GetTitle(), Credits: convert.List(p.GetCredits(), lineFromProto),
	})
}

// projectCreated drafts the news of a new project.
func (c *consumer) projectCreated(ctx context.Context, tx *pg.Tx, _ event.Message, e *evaluationv1.ProjectCreated) error {
	p := e.GetProject()
	keepProject(tx, p)
	return c.draft(ctx, tx, &publication.Publication{
		Source: "project:" + p.GetId(), DepartmentID: p.GetLeadDepartmentId(), ProjectID: p.GetId(),
		Content: publication.Content{
			Text: publication.Text{
				Title: shorten("協働事業「" + p.GetTitle() + "」を始めます"),
				Body:  "団体と区による協働事業「" + plain(p.GetTitle()) + "」（" + p.GetPublicNumber() + "）の準備を始めました。\n\n取組の内容と経過は、このサイトで公開します。",
			},
			Credits: convert.List(p.GetCredits(), lineFromProto),
		},
	})
}

// evaluationPublished drafts the news of a published evaluation.
func (c *consumer) evaluationPublished(ctx context.Context, tx *pg.Tx, _ event.Message, e *evaluationv1.EvaluationPublished) error {
	p, err := store.GetProject(ctx, tx, e.GetProjectId())
	if err != nil { // Its project was never told; it cannot be credited.
		return ignoreMissing(err)
	}
	department := ""
	if ids := p.Credits.Departments(); len(ids) > 0 {
		department = ids[0]
	}
	return c.draft(ctx, tx, &publication.Publication{
		Source: "evaluation:" + e.GetEvaluationId(), DepartmentID: department, ProjectID: p.ID,
		Content: publication.Content{
			Text: publication.Text{
				Title: shorten("協働事業「" + p.Title + "」の評価を公表しました"),
				Body:  "協働事業「" + plain(p.Title) + "」（" + p.PublicNumber + "）について、団体と区がそれぞれ評価し、結果を比べて話し合いました。\n\n評価の内容は、このサイトで公開しています。",
			},
			Credits: p.Credits,
		},
	})
}

// proposalAdopted drafts the news of an adopted proposal.
func (c *consumer) proposalAdopted(ctx context.Context, tx *pg.Tx, _ event.Message, e *proposalsv1.ProposalAdopted) error {
	credits := credit.Lines{
		{Part: credit.Organizer, DepartmentID: e.GetLeadDepartmentId()}, {Part: credit.CoOrganizer, OrganizationID: e.GetOrganizationId()},
	}
	for _, id := range e.GetJointOrganizationIds() {
		credits = append(credits, credit.Line{Part: credit.CoOrganizer, OrganizationID: id})
	}
	for _, id := range e.GetJointDepartmentIds() {
		credits = append(credits, credit.Line{Part: credit.CoOrganizer, DepartmentID: id})
	}
	return c.draft(ctx, tx, &publication.Publication{
		Source: "proposal:" + e.GetProposalId(), DepartmentID: e.GetLeadDepartmentId(),
		Content: publication.Content{
			Text: publication.Text{
				Title: shorten("協働事業提案「" + e.GetTitle() + "」を採択しました"),
				Body:  "協働事業提案「" + plain(e.GetTitle()) + "」（" + e.GetNumber() + "）を採択しました。\n\n## 目的\n\n" + plain(e.GetPurpose()),
			},
			Credits: credits,
		},
	})
}

// callPublished drafts the news of a call, for the desk.
func (c *consumer) callPublished(ctx context.Context, tx *pg.Tx, _ event.Message, e *proposalsv1.CallPublished) error {
	k := e.GetCall()
	closes, _ := jp.ParseDate(k.GetClosesOn()) // Zero for a call without an end.
	body := plain(k.GetSummary())
	if opens, err := jp.ParseDate(k.GetOpensOn()); err == nil {
		body += "\n\n受付の始まり：" + jp.LongDate(opens)
	}
	if !closes.IsZero() {
		body += "\n\n受付の終わり：" + jp.LongDate(closes)
	}
	return c.draft(ctx, tx, &publication.Publication{
		Source: "call:" + k.GetId(),
		Content: publication.Content{
			Text:    publication.Text{Title: shorten("「" + k.GetTitle() + "」の受付について"), Body: strings.TrimSpace(body), PublicUntil: closes},
			Credits: wardCredit,
		},
	})
}

// titleLength is the length of a title at most, in characters.
const titleLength = 100

func shorten(title string) string {
	if r := []rune(title); len(r) > titleLength {
		return string(r[:titleLength-1]) + "…"
	}
	return title
}

// plain writes a text of another service so that Markdown shows it as it is.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_{}[]()<>#+-.!|~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

var publicStates = map[proposalsv1.ProgressEntry_PublicState]string{
	proposalsv1.ProgressEntry_RECEIVED: "受付", proposalsv1.ProgressEntry_IN_EXAMINATION: "審査中",
	proposalsv1.ProgressEntry_IN_NEGOTIATION: "協議中", proposalsv1.ProgressEntry_ADOPTED: "採択",
	proposalsv1.ProgressEntry_CONDITIONALLY_ADOPTED: "条件付採択", proposalsv1.ProgressEntry_REJECTED: "不採択",
	proposalsv1.ProgressEntry_CARRIED_OVER: "継続検討", proposalsv1.ProgressEntry_WITHDRAWN: "取下げ",
}

// statusChanged adds a step of a proposal's public course to the feed. Whether a
// proposal that was not adopted may be named is not told here: it is named no more.
func (c *consumer) statusChanged(ctx context.Context, tx *pg.Tx, m event.Message, e *proposalsv1.ProposalStatusChanged) error {
	to := publicStates[e.GetPublicTo()]
	if to == "" {
		return nil
	}
	organizations := append([]string{e.GetOrganizationId()}, e.GetJointOrganizationIds()...)
	names, err := store.NamesOf(ctx, tx, append(organizations[:len(organizations):len(organizations)], e.GetDepartmentIds()...)...)
	if err != nil {
		return err
	}
	item := store.ProgressItem{
		ID: m.ID, ProposalID: e.GetProposalId(), Title: "提案 " + e.GetNumber() + "：" + to,
		Body: "提案 " + e.GetNumber() + " は「" + to + "」になりました。", DepartmentIDs: e.GetDepartmentIds(), At: m.Time,
	}
	for _, id := range e.GetDepartmentIds() {
		if names[id] != "" {
			item.DepartmentNames = append(item.DepartmentNames, names[id])
		}
	}
	switch e.GetPublicTo() {
	case proposalsv1.ProgressEntry_REJECTED, proposalsv1.ProgressEntry_WITHDRAWN:
		item.Hidden = true
		store.HideProgress(tx, e.GetProposalId())
	default:
		item.OrganizationIDs = organizations
		var shown []string
		for _, id := range organizations {
			if names[id] != "" {
				shown = append(shown, names[id])
			}
		}
		item.OrganizationName = strings.Join(shown, "、")
	}
	store.AddProgressItem(tx, item)
	return nil
}

// progressPublished adds an announcement of a public course to the feed.
func (c *consumer) progressPublished(_ context.Context, tx *pg.Tx, m event.Message, e *proposalsv1.ProgressPublished) error {
	p := e.GetProgressEntry()
	store.AddProgressItem(tx, store.ProgressItem{
		ID: p.GetId(), ProposalID: p.GetProposalId(), Title: p.GetTitle(), Body: p.GetBody(),
		OrganizationName: p.GetOrganizationName(), DepartmentNames: p.GetDepartmentNames(), At: m.Time,
	})
	return nil
}
