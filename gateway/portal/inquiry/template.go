package inquiry

import (
	"net/http"
	"net/url"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// forms is the list of the templates for answers.
type forms struct {
	found       []*proposalsv1.ReplyTemplate
	first, next string
}

// letter is the form of one template.
type letter struct {
	form     *ui.Form
	template *proposalsv1.ReplyTemplate // nil for a new one.
}

// letterLabels name the fields of a template.
var letterLabels = ui.Labels{"title": "letter.title", "body": "letter.body"}

func listTemplates(q *web.Request) error {
	resp, err := consultations(q).ListReplyTemplates(q.Context(), &proposalsv1.ListReplyTemplatesRequest{PageSize: 30, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	first, next := q.Pages(resp.GetNextPageToken())
	return q.Render(templatesPage(&forms{resp.GetReplyTemplates(), first, next}))
}

func newTemplate(q *web.Request) error {
	return q.Render(templatePage(&letter{form: ui.NewForm(url.Values{})}))
}

func addTemplate(q *web.Request) error {
	in := &proposalsv1.ReplyTemplateInput{}
	err := web.Bind(q.PostForm, in)
	if err == nil {
		_, err = consultations(q).CreateReplyTemplate(q.Once(), &proposalsv1.CreateReplyTemplateRequest{ReplyTemplate: in})
	}
	if form, refused := q.Refused(err); refused {
		return refusedTemplate(q, form, nil)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/desk/replyTemplates", "templatesaved")
}

func refusedTemplate(q *web.Request, form *ui.Form, t *proposalsv1.ReplyTemplate) error {
	form.Trim("replyTemplate.").Labels = letterLabels
	return q.RenderAs(form.Status, templatePage(&letter{form, t}))
}

func readTemplate(q *web.Request) (*proposalsv1.ReplyTemplate, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	got, err := consultations(q).GetReplyTemplate(q.Context(), &proposalsv1.GetReplyTemplateRequest{Id: id})
	return got.GetReplyTemplate(), err
}

func editTemplate(q *web.Request) error {
	t, err := readTemplate(q)
	if err != nil {
		return err
	}
	return q.RenderAs(http.StatusOK, templatePage(&letter{ui.NewForm(web.Values("", t)), t}))
}

func saveTemplate(q *web.Request) error {
	t, err := readTemplate(q)
	if err != nil {
		return err
	}
	etag, in := q.PostFormValue("etag"), &proposalsv1.ReplyTemplateInput{}
	if err = web.Bind(q.PostForm, in); err == nil {
		_, err = consultations(q).UpdateReplyTemplate(q.Context(), &proposalsv1.UpdateReplyTemplateRequest{
			Id: t.GetId(), ReplyTemplate: in, Etag: etag, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title", "body"}},
		})
	}
	if form, refused := q.Refused(err); refused {
		return refusedTemplate(q, form, t)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/desk/replyTemplates", "templatesaved")
}

func removeTemplate(q *web.Request) error {
	t, err := readTemplate(q)
	if err != nil {
		return err
	}
	_, err = consultations(q).DeleteReplyTemplate(q.Once(), &proposalsv1.DeleteReplyTemplateRequest{Id: t.GetId()})
	if form, refused := q.Refused(err); refused {
		return refusedTemplate(q, form, t)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/desk/replyTemplates", "templateremoved")
}
