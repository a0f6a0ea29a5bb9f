package inquiry

import (
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// supporters are the intermediaries to which a consultation can be referred.
func supporters(q *web.Request) ([]ui.Option, error) {
	if !ui.Can(q.Context(), proposalsv1.ConsultationService_ReferConsultation_FullMethodName) {
		return nil, nil
	}
	resp, err := organizations(q).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{
		Kind: directoryv1.Organization_INTERMEDIARY, State: directoryv1.Organization_VERIFIED, PageSize: 100,
	})
	if err != nil {
		return nil, err
	}
	return append([]ui.Option{{Text: text.S(q.Context(), "ui.choose")}}, named(resp.GetOrganizations())...), nil
}

func organizations(q *web.Request) directoryv1.OrganizationServiceClient {
	return directoryv1.NewOrganizationServiceClient(q.Site.Service("directory"))
}

func named(all []*directoryv1.Organization) []ui.Option {
	var out []ui.Option
	for _, o := range all {
		out = append(out, ui.Option{Value: o.GetId(), Text: o.GetName()})
	}
	return out
}

// read reads the consultation of the address.
func read(q *web.Request) (*proposalsv1.Consultation, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	got, err := consultations(q).GetConsultation(q.Context(), &proposalsv1.GetConsultationRequest{Id: id})
	return got.GetConsultation(), err
}

// conversion is the page on which a consultation is turned into a proposal or
// into an organization's answer to a challenge.
type conversion struct {
	*proposalsv1.Consultation
	form              *ui.Form
	calls, challenges []ui.Option
	found             []ui.Option // Organizations that can be chosen.
	asked             bool
}

func askConversion(q *web.Request) error {
	c, err := read(q)
	if err != nil {
		return err
	}
	return answerConversion(q, c, ui.NewForm(q.URL.Query()), http.StatusOK)
}

func answerConversion(q *web.Request, m *proposalsv1.Consultation, form *ui.Form, status int) error {
	c := &conversion{Consultation: m, form: form}
	if err := c.targets(q); err != nil {
		return err
	}
	if m.GetOrganizationId() != "" {
		c.found = []ui.Option{{Value: m.GetOrganizationId(), Text: m.GetOrganizationName()}}
	}
	if words := strings.TrimSpace(form.Get("q")); words != "" {
		c.asked = true
		resp, err := organizations(q).SearchOrganizations(q.Context(), &directoryv1.SearchOrganizationsRequest{Q: words, PageSize: 20})
		if refusal, refused := q.Refused(err); refused {
			form.Refusal, status, c.asked = refusal.Refusal, refusal.Status, false
		} else if err != nil {
			return err
		}
		c.found = append(c.found, named(resp.GetOrganizations())...)
	}
	form.Trim("proposal.").Trim("response.").Labels = ui.Labels{
		"callId": "proposal.call", "challengeId": "inquiry.target.challenge", "q": "inquiry.organization", "organizationId": "inquiry.organization", "target": "inquiry.target",
	}
	return q.RenderAs(status, convertPage(c))
}

// targets are the calls and the challenges that take something today.
func (c *conversion) targets(q *web.Request) error {
	none := ui.Option{Text: text.S(q.Context(), "ui.choose")}
	calls, err := proposalsv1.NewCallServiceClient(q.Site.Service("proposals")).ListCalls(q.Context(), &proposalsv1.ListCallsRequest{State: proposalsv1.Call_PUBLISHED, PageSize: 50})
	if err != nil {
		return err
	}
	c.calls = []ui.Option{none}
	for _, one := range calls.GetCalls() {
		c.calls = append(c.calls, ui.Option{Value: one.GetId(), Text: one.GetTitle()})
	}
	challenges, err := proposalsv1.NewChallengeServiceClient(q.Site.Service("proposals")).ListChallenges(q.Context(), &proposalsv1.ListChallengesRequest{
		State: proposalsv1.Challenge_PUBLISHED, PageSize: 100,
	})
	if err != nil {
		return err
	}
	c.challenges = []ui.Option{none}
	for _, one := range challenges.GetChallenges() {
		c.challenges = append(c.challenges, ui.Option{Value: one.GetId(), Text: one.GetTitle()})
	}
	return nil
}

func convert(q *web.Request) error {
	m, err := read(q)
	if err != nil {
		return err
	}
	req := &proposalsv1.ConvertConsultationRequest{Id: m.GetId()}
	organization := q.PostFormValue("organizationId")
	if q.PostFormValue("target") == "response" {
		req.Target = &proposalsv1.ConvertConsultationRequest_Response_{Response: &proposalsv1.ConvertConsultationRequest_Response{
			ChallengeId: q.PostFormValue("challengeId"), OrganizationId: organization,
		}}
	} else {
		req.Target = &proposalsv1.ConvertConsultationRequest_Proposal_{Proposal: &proposalsv1.ConvertConsultationRequest_Proposal{
			CallId: q.PostFormValue("callId"), OrganizationId: organization,
		}}
	}
	resp, err := consultations(q).ConvertConsultation(q.Once(), req)
	if form, refused := q.Refused(err); refused {
		return answerConversion(q, m, form, form.Status)
	}
	if err != nil {
		return err
	}
	if id := resp.GetConsultation().GetProposalId(); id != "" {
		return q.Redirect("/proposals/"+id+"/edit", "inquiryconverted")
	}
	return q.Redirect("/desk/consultations/"+m.GetId(), "inquiryconverted")
}

// question is the form of a FAQ: a new one of a consultation, or one that there
// is.
type question struct {
	form         *ui.Form
	faq          *proposalsv1.Faq          // nil for a new one.
	consultation *proposalsv1.Consultation // Of a new one.
}

// faqLabels name the fields of a FAQ.
var faqLabels = ui.Labels{"question": "faq.question", "answer": "faq.answer", "category": "faq.category", "published": "faq.published"}

func askFaq(q *web.Request) error {
	c, err := read(q)
	if err != nil {
		return err
	}
	values := url.Values{"question": {c.GetSubject()}}
	return q.Render(faqPage(&question{form: ui.NewForm(values), consultation: c}))
}

func promote(q *web.Request) error {
	c, err := read(q)
	if err != nil {
		return err
	}
	req := &proposalsv1.PromoteToFaqRequest{}
	q.PostForm.Set("id", c.GetId())
	var resp *proposalsv1.PromoteToFaqResponse
	if err = web.Bind(q.PostForm, req); err == nil {
		resp, err = consultations(q).PromoteToFaq(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = faqLabels
		return q.RenderAs(form.Status, faqPage(&question{form: form, consultation: c}))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/desk/faqs/"+resp.GetFaq().GetId(), "faqmade")
}

func faqs(q *web.Request) proposalsv1.FaqServiceClient {
	return proposalsv1.NewFaqServiceClient(q.Site.Service("proposals"))
}

// shelf is the list of FAQs for the desk, those that are not public among them.
type shelf struct {
	form        *ui.Form
	found       []*proposalsv1.Faq
	first, next string
}

func listFaqs(q *web.Request) error {
	s := &shelf{form: ui.NewForm(q.URL.Query())}
	resp, err := faqs(q).ListFaqs(q.Context(), &proposalsv1.ListFaqsRequest{Q: strings.TrimSpace(q.Query("q")), Category: q.Query("category"), PageSize: 30, PageToken: q.Query("page")})
	if form, refused := q.Refused(err); refused {
		form.Values = q.URL.Query()
		s.form = form
		return q.RenderAs(form.Status, faqsPage(s))
	}
	if err != nil {
		return err
	}
	s.found = resp.GetFaqs()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(faqsPage(s))
}

func readFaq(q *web.Request) (*proposalsv1.Faq, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	got, err := faqs(q).GetFaq(q.Context(), &proposalsv1.GetFaqRequest{Id: id})
	return got.GetFaq(), err
}

func editFaq(q *web.Request) error {
	f, err := readFaq(q)
	if err != nil {
		return err
	}
	return q.Render(faqPage(&question{form: ui.NewForm(web.Values("", f)), faq: f}))
}

func saveFaq(q *web.Request) error {
	f, err := readFaq(q)
	if err != nil {
		return err
	}
	etag, in := q.PostFormValue("etag"), &proposalsv1.FaqInput{}
	if err = web.Bind(q.PostForm, in); err == nil {
		_, err = faqs(q).UpdateFaq(q.Context(), &proposalsv1.UpdateFaqRequest{
			Id: f.GetId(), Faq: in, Etag: etag, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"question", "answer", "category", "published"}},
		})
	}
	if form, refused := q.Refused(err); refused {
		form.Trim("faq.").Labels = faqLabels
		return q.RenderAs(form.Status, faqPage(&question{form: form, faq: f}))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/desk/faqs/"+f.GetId(), "faqsaved")
}
