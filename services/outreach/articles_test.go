package outreach_test

import (
	"strings"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

func TestArticleFromDraftToFeed(t *testing.T) {
	t.Parallel()
	w := start(t)
	in := articleInput()
	in.PlainJa = "会員《かいいん》を 集《あつ》めます。"
	made, err := w.articles(editor).CreateArticle(t.Context(), &outreachv1.CreateArticleRequest{Article: in})
	w.must(err)
	a := made.GetArticle()
	if l := a.GetLinks(); len(l) != 1 || l[0] != "https://dantai1.example/" { // For who checks it.
		t.Errorf("links = %v", l)
	}
	id := a.GetId()
	_, err = w.articles(auth.Anonymous).GetArticle(t.Context(), &outreachv1.GetArticleRequest{Id: id})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.events(editor).GetEvent(t.Context(), &outreachv1.GetEventRequest{Id: id})
	refused(t, err, "RESOURCE_NOT_FOUND") // It is no event.
	updated, err := w.articles(editor).UpdateArticle(t.Context(), &outreachv1.UpdateArticleRequest{
		Id: id, Etag: a.GetEtag(), UpdateMask: mask("title"), Article: &outreachv1.ArticleInput{Title: "会員募集"},
	})
	w.must(err)
	if updated.GetArticle().GetBody() != in.GetBody() {
		t.Errorf("updated = %v", updated)
	}
	w.must(err2(w.articles(editor).RequestArticleApproval(t.Context(), &outreachv1.RequestArticleApprovalRequest{Id: id})))
	w.must(err2(w.articles(desk).ReturnArticle(t.Context(), &outreachv1.ReturnArticleRequest{Id: id, Reason: "連絡先を"})))
	w.must(err2(w.articles(editor).RequestArticleApproval(t.Context(), &outreachv1.RequestArticleApprovalRequest{Id: id})))
	w.must(err2(w.articles(desk).ApproveArticle(t.Context(), &outreachv1.ApproveArticleRequest{Id: id})))
	w.must(err2(w.articles(desk).PublishArticle(t.Context(), &outreachv1.PublishArticleRequest{Id: id})))
	got, err := w.articles(auth.Anonymous).GetArticle(t.Context(), &outreachv1.GetArticleRequest{Id: id})
	w.must(err)
	if p := got.GetArticle(); !strings.Contains(p.GetPlainJaHtml(), "<ruby>会員<rp>") || len(p.GetLinks())+len(p.GetReturnReason()) != 0 {
		t.Errorf("public = %v", p)
	}
	list, err := w.articles(auth.Anonymous).ListArticles(t.Context(), &outreachv1.ListArticlesRequest{Q: "案内", OrganizationId: org1})
	w.must(err)
	if len(list.GetArticles()) != 1 || list.GetArticles()[0].GetBody() != "" {
		t.Errorf("list = %v", list)
	}
	if doc := w.feed("articles.atom"); !strings.Contains(doc, "<name>主催：団体1</name>") || !strings.Contains(doc, id) {
		t.Errorf("feed = %s", doc)
	}
	kept, err := w.articles(editor).ListArticleRevisions(t.Context(), &outreachv1.ListArticleRevisionsRequest{Id: id})
	w.must(err)
	if len(kept.GetRevisions()) != 2 {
		t.Errorf("kept = %v", kept)
	}
	w.must(err2(w.articles(head).WithdrawArticle(t.Context(), &outreachv1.WithdrawArticleRequest{Id: id, Reason: "終了"})))
	if got := w.told(id); got != "ArticlePublished" || strings.Contains(w.feed("articles.atom"), id) {
		t.Errorf("events = %s", got)
	}
}
