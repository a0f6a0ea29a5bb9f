package outreach_test

import (
	"errors"
	"io"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// eventInput can be put forward for approval: two hours in ten days.
func eventInput() *outreachv1.EventInput {
	return &outreachv1.EventInput{
		Title: "神田の街歩き", TitleKana: "カンダノマチアルキ", Summary: "昔の地図を手に歩きます。", Body: "**雨天**のときは中止します。",
		Topics: []string{"history"}, StartsOn: today().AddDays(10).String(), StartTime: "10:00", EndTime: "12:00",
		Place:   &outreachv1.EventPlace{Name: "神田公園区民館", Address: &typev1.Address{MunicipalityCode: "131016", Prefecture: "東京都", City: "千代田区", Town: "神田司町二丁目", StreetNumber: "2"}},
		Contact: &typev1.ContactPoint{Name: "事務局", PhoneNumber: "03-0000-0000"},
		Fee:     &outreachv1.EventFee{Kind: outreachv1.EventFee_FREE},
	}
}

func articleInput() *outreachv1.ArticleInput {
	return &outreachv1.ArticleInput{Title: "会員を募集します", Summary: "どなたでも参加できます。", Body: "くわしくは[案内](https://dantai1.example/)をご覧ください。", Topics: []string{"history"}}
}

// bothSides are organization 1 and department 1.
func bothSides() []*outreachv1.CreditInput {
	return []*outreachv1.CreditInput{
		{Part: typev1.Credit_ORGANIZER, OrganizationId: org1}, {Part: typev1.Credit_CO_ORGANIZER, DepartmentId: dept1},
	}
}

// draft begins an event of organization 1; change edits it before.
func (w *world) draft(change func(*outreachv1.EventInput)) *outreachv1.Event {
	w.t.Helper()
	return w.draftBy(editor, change)
}

func (w *world) draftBy(by auth.Principal, change func(*outreachv1.EventInput)) *outreachv1.Event {
	w.t.Helper()
	in := eventInput()
	if change != nil {
		change(in)
	}
	resp, err := w.events(by).CreateEvent(w.t.Context(), &outreachv1.CreateEventRequest{Event: in})
	w.must(err)
	return resp.GetEvent()
}

// approved takes an event of organization 1 to its approval by the desk.
func (w *world) approved(change func(*outreachv1.EventInput)) string {
	w.t.Helper()
	id := w.draft(change).GetId()
	w.must(err2(w.events(editor).RequestEventApproval(w.t.Context(), &outreachv1.RequestEventApprovalRequest{Id: id})))
	w.must(err2(w.events(desk).ApproveEvent(w.t.Context(), &outreachv1.ApproveEventRequest{Id: id})))
	return id
}

// published takes an event of organization 1 to its publication.
func (w *world) published(change func(*outreachv1.EventInput)) string {
	w.t.Helper()
	id := w.approved(change)
	w.must(w.publish(id))
	return id
}

func (w *world) publish(id string) error {
	return err2(w.events(desk).PublishEvent(w.t.Context(), &outreachv1.PublishEventRequest{Id: id}))
}

func (w *world) get(by auth.Principal, id string) (*outreachv1.Event, error) {
	resp, err := w.events(by).GetEvent(w.t.Context(), &outreachv1.GetEventRequest{Id: id})
	return resp.GetEvent(), err
}

// mask names fields to change.
func mask(paths ...string) *fieldmaskpb.FieldMask { return &fieldmaskpb.FieldMask{Paths: paths} }

// collaboration publishes an event of organization 1 with department 1.
func (w *world) collaboration() string {
	w.t.Helper()
	id := w.approved(func(in *outreachv1.EventInput) { in.Credits = bothSides() })
	refused(w.t, w.publish(id), "CREDITS_UNCONFIRMED")
	w.must(err2(w.events(head).ConfirmEventCredit(w.t.Context(), &outreachv1.ConfirmEventCreditRequest{Id: id})))
	w.must(w.publish(id))
	return id
}

// feed reads a feed as text.
func (w *world) feed(name string) string {
	w.t.Helper()
	return string(w.document(&outreachv1.GetFeedRequest{Name: name}).GetContent())
}

func (w *world) document(req *outreachv1.GetFeedRequest) *typev1.Document {
	w.t.Helper()
	resp, err := w.feeds().GetFeed(w.t.Context(), req)
	w.must(err)
	return resp.GetDocument()
}

// export reads the open data.
func (w *world) export(profile string) string {
	w.t.Helper()
	stream, err := w.feeds().ExportEvents(w.t.Context(), &outreachv1.ExportEventsRequest{Profile: profile})
	w.must(err)
	var out []byte
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return string(out)
		}
		w.must(err)
		out = append(out, piece.GetDocument().GetContent()...)
	}
}
