package proposals_test

import (
	"testing"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func TestTemplates(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx, client := t.Context(), w.desk(desk)
	_, err := client.CreateReplyTemplate(ctx, &proposalsv1.CreateReplyTemplateRequest{ReplyTemplate: &proposalsv1.ReplyTemplateInput{Title: "x"}})
	refused(t, err, "INVALID_FIELD")
	input := &proposalsv1.ReplyTemplateInput{Title: "受付の連絡", Body: "{番号}「{件名}」は{担当}が{期限}までに回答します。"}
	made, err := client.CreateReplyTemplate(ctx, &proposalsv1.CreateReplyTemplateRequest{ReplyTemplate: input})
	w.must(err)
	template := made.GetReplyTemplate()
	_, err = client.CreateReplyTemplate(ctx, &proposalsv1.CreateReplyTemplateRequest{ReplyTemplate: input})
	refused(t, err, "TEMPLATE_TITLE_TAKEN")
	c := w.ask(auth.Anonymous, nil)
	got, err := client.ReplyConsultation(ctx, &proposalsv1.ReplyConsultationRequest{Id: c.GetId(), TemplateId: template.GetId(), Body: "以上です。"})
	w.must(err)
	want := c.GetNumber() + "「会場について」は総合窓口が" + c.GetDueOn() + "までに回答します。\n\n以上です。"
	if body := got.GetConsultation().GetReplies()[0].GetBody(); body != want {
		t.Errorf("reply = %s", body)
	}
	update := func(etag, path string) error {
		return err2(client.UpdateReplyTemplate(ctx, &proposalsv1.UpdateReplyTemplateRequest{
			Id: template.GetId(), Etag: etag, ReplyTemplate: &proposalsv1.ReplyTemplateInput{Title: "新"}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{path}},
		}))
	}
	refused(t, update("", "title"), "PRECONDITION_REQUIRED")
	refused(t, update(template.GetEtag(), "id"), "INVALID_FIELD_MASK")
	w.must(update(template.GetEtag(), "title"))
	refused(t, update(template.GetEtag(), "title"), "ETAG_MISMATCH")
	list, err := w.desk(staff).ListReplyTemplates(ctx, &proposalsv1.ListReplyTemplatesRequest{})
	w.must(err)
	if len(list.GetReplyTemplates()) != 1 || list.GetReplyTemplates()[0].GetTitle() != "新" || list.GetReplyTemplates()[0].GetBody() != input.GetBody() {
		t.Errorf("templates = %v", list)
	}
	w.must(err2(client.DeleteReplyTemplate(ctx, &proposalsv1.DeleteReplyTemplateRequest{Id: template.GetId()})))
	_, err = client.GetReplyTemplate(ctx, &proposalsv1.GetReplyTemplateRequest{Id: template.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = client.DeleteReplyTemplate(ctx, &proposalsv1.DeleteReplyTemplateRequest{Id: template.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
}

func TestFaq(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	id := w.ask(auth.Anonymous, nil).GetId()
	promote := func(question string) (*proposalsv1.Faq, error) {
		resp, err := w.desk(desk).PromoteToFaq(ctx, &proposalsv1.PromoteToFaqRequest{Id: id, Question: question, Answer: "申込書が要ります。", Category: "施設"})
		return resp.GetFaq(), err
	}
	_, err := promote("何が要りますか。")
	refused(t, err, "INVALID_STATE_TRANSITION")
	w.must(err2(w.desk(desk).ReplyConsultation(ctx, &proposalsv1.ReplyConsultationRequest{Id: id, Body: "申込書"})))
	_, err = promote("千代田 花子さんからの質問")
	refused(t, err, "PERSONAL_DATA_IN_TEXT")
	f, err := promote("会議室を借りるには何が要りますか。")
	w.must(err)
	_, err = promote("x")
	refused(t, err, "ALREADY_PROMOTED")
	find := func(by auth.Principal, q string) int {
		list, err := w.faqs(by).ListFaqs(ctx, &proposalsv1.ListFaqsRequest{Q: q, Category: "施設"})
		w.must(err)
		return len(list.GetFaqs())
	}
	if find(auth.Anonymous, "会議室") != 1 || find(auth.Anonymous, "") != 1 || find(auth.Anonymous, "図書館") != 0 {
		t.Error("the FAQ is not found, or found by other words")
	}
	_, err = w.faqs(auth.Anonymous).ListFaqs(ctx, &proposalsv1.ListFaqsRequest{Q: "会"})
	refused(t, err, "QUERY_TOO_SHORT")
	public, err := w.faqs(auth.Anonymous).GetFaq(ctx, &proposalsv1.GetFaqRequest{Id: f.GetId()})
	w.must(err)
	if public.GetFaq().GetConsultationId() != "" {
		t.Error("everybody sees the consultation")
	}
	update := func(in *proposalsv1.FaqInput, path string) error {
		return err2(w.faqs(desk).UpdateFaq(ctx, &proposalsv1.UpdateFaqRequest{Id: f.GetId(), Etag: f.GetEtag(), Faq: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{path}}}))
	}
	refused(t, update(&proposalsv1.FaqInput{Answer: "03-0000-1234 へ"}, "answer"), "PERSONAL_DATA_IN_TEXT")
	refused(t, update(&proposalsv1.FaqInput{}, "answer"), "INVALID_FIELD")
	w.must(update(&proposalsv1.FaqInput{}, "published"))
	refused(t, update(&proposalsv1.FaqInput{}, "published"), "ETAG_MISMATCH")
	_, err = w.faqs(auth.Anonymous).GetFaq(ctx, &proposalsv1.GetFaqRequest{Id: f.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	if find(auth.Anonymous, "") != 0 || find(desk, "") != 1 {
		t.Error("a hidden FAQ is for the desk")
	}
}
