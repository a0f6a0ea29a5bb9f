package training

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/publication"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// file is what the page of an application shows.
type file struct {
	*outreachv1.TrainingApplication
	form   *ui.Form
	today  string
	wished []*outreachv1.Opportunity // Only those that can still be read.
	offer  *outreachv1.Opportunity   // With which it was matched; nil before.
	places []*outreachv1.Opportunity // Where the desk can place it.
	record *outreachv1.TrainingRecord
	diary  []*outreachv1.TrainingDiaryEntry
}

func show(q *web.Request) error { return answer(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := applications(q).GetTrainingApplication(q.Context(), &outreachv1.GetTrainingApplicationRequest{Id: id})
	if err != nil {
		return err
	}
	f := &file{TrainingApplication: got.GetTrainingApplication(), form: form, today: q.Today().String()}
	f.readOffers(q)
	if f.GetState() == outreachv1.TrainingApplication_MATCHED {
		if err := f.readRecord(q); err != nil {
			return err
		}
	}
	if f.placeable(q.Context()) {
		if f.places, err = offersOf(q, f.GetLevel()); err != nil {
			return err
		}
	}
	form.Labels = labels
	return q.RenderAs(status, showPage(f))
}

// labels name the fields of the steps in what is refused.
var labels = ui.Labels{
	"decline.reason": "training.reason", "return.reason": "training.reason", "conflict.reason": "training.conflict", "conflict.organizationId": "training.organization",
	"place.opportunityId": "training.offers", "diary.entry.day": "training.day", "diary.entry.minutes": "training.minutes", "diary.entry.body": "training.body",
	"report.learned": "training.learned", "report.proposals": "training.proposals", "report.summary": "training.summary", "feedback.experience": "training.experience",
	"feedback.proposalsToWard": "training.toward", "feedback.nextTime": "training.nexttime", "followup.changed": "training.changed",
}

// readOffers gets the wished offers and the one with the place, side by side. One
// that is not public any more is left out.
func (f *file) readOffers(q *web.Request) {
	ids := f.GetWishes()
	got := make([]*outreachv1.Opportunity, len(ids)+1)
	var all sync.WaitGroup
	read := func(at int, id string) {
		all.Go(func() {
			if resp, err := offers(q).GetOpportunity(q.Context(), &outreachv1.GetOpportunityRequest{Id: id}); err == nil {
				got[at] = resp.GetOpportunity()
			}
		})
	}
	for i, id := range ids {
		read(i, id)
	}
	if f.GetOpportunityId() != "" {
		read(len(ids), f.GetOpportunityId())
	}
	all.Wait()
	f.offer = got[len(ids)]
	for _, o := range got[:len(ids)] {
		if o != nil {
			f.wished = append(f.wished, o)
		}
	}
}

func (f *file) readRecord(q *web.Request) error {
	record, err := records(q).GetTrainingRecord(q.Context(), &outreachv1.GetTrainingRecordRequest{Id: f.GetId()})
	if err != nil {
		return err
	}
	f.record = record.GetRecord()
	diary, err := records(q).ListTrainingDiary(q.Context(), &outreachv1.ListTrainingDiaryRequest{TrainingApplicationId: f.GetId(), PageSize: 100})
	if err != nil {
		return err
	}
	f.diary = diary.GetEntries()
	return nil
}

// Who the caller is to the application, for what the page offers.

func (f *file) own(ctx context.Context) bool {
	return f.GetApplicantId() != "" && f.GetApplicantId() == ui.ViewOf(ctx).Caller.ID
}

func (f *file) superior(ctx context.Context) bool {
	by := ui.ViewOf(ctx).Caller
	return by.Has(optionsv1.Role_ROLE_APPROVER) && by.InDepartment(f.GetDepartmentId()) && !f.own(ctx)
}

func (f *file) desk(ctx context.Context) bool {
	return ui.ViewOf(ctx).Caller.Has(optionsv1.Role_ROLE_DESK)
}

func (f *file) host(ctx context.Context) bool {
	return f.offer != nil && publication.Hosts(ctx, f.offer)
}

// inside reports whether the caller reads what the host does not.
func (f *file) inside(ctx context.Context) bool { return f.own(ctx) || f.superior(ctx) || f.desk(ctx) }

func (f *file) placeable(ctx context.Context) bool {
	waits := f.GetState() == outreachv1.TrainingApplication_APPROVED || f.GetState() == outreachv1.TrainingApplication_UNMATCHED
	return waits && ui.Can(ctx, outreachv1.TrainingMatchingService_PlaceTrainingApplication_FullMethodName)
}

// conflictHosts are the organizations of the wished offers, as choices.
func (f *file) conflictHosts(ctx context.Context) []ui.Option {
	return hostOptions(ctx, f.wished)
}

// hostOf is the name of an organization of a wished offer; "" for another.
func (f *file) hostOf(id string) string {
	for _, o := range f.wished {
		if o.GetOrganizationId() == id {
			return o.GetOrganizationName()
		}
	}
	return ""
}

// placeOptions are the offers where the desk can place the application.
func (f *file) placeOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, o := range f.places {
		out = append(out, ui.Option{Value: o.GetId(), Text: offerName(ctx, o)})
	}
	if len(out) == 0 {
		out = append(out, ui.Option{Text: text.S(ctx, "training.nowish")})
	}
	return out
}
