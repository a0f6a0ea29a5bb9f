package proposal

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// beginning is the form by which a draft is begun.
type beginning struct {
	form          *ui.Form
	call          *proposalsv1.Call
	organizations []*directoryv1.Organization
}

// begin is for groups; the desk enters what came on paper on a page of its own.
func begin(q *web.Request) error {
	if ui.Can(q.Context(), proposalsv1.ProposalService_AcceptProposal_FullMethodName) {
		return fault.ErrPermissionDenied
	}
	return answerBegin(q, ui.NewForm(q.URL.Query()), http.StatusOK)
}

func answerBegin(q *web.Request, form *ui.Form, status int) error {
	b := &beginning{form: form}
	form.Labels = ui.Labels{"organizationId": "proposal.organization", "content.title": "proposal.title"}
	got, err := calls(q).GetCall(q.Context(), &proposalsv1.GetCallRequest{Id: form.Get("callId")})
	if err != nil {
		return err
	}
	b.call = got.GetCall()
	own, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{Mine: true, PageSize: 50})
	if err != nil {
		return err
	}
	b.organizations = own.GetOrganizations()
	return q.RenderAs(status, beginPage(b))
}

func create(q *web.Request) error {
	req := &proposalsv1.CreateProposalRequest{}
	err := web.Bind(q.PostForm, req)
	var resp *proposalsv1.CreateProposalResponse
	if err == nil {
		resp, err = proposals(q).CreateProposal(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerBegin(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/proposals/"+resp.GetProposal().GetId()+"/edit", "begun")
}

// draft is a proposal that is being written.
type draft struct {
	form     *ui.Form
	proposal *proposalsv1.Proposal
	call     *proposalsv1.Call
	files    []ui.Option // Attachments that can answer a FILE field.

	fields, departments []ui.Option // Fields of activity, and departments that can be hoped for.
}

// masked are the fields of the content that the form holds.
var masked = []string{
	"title", "theme", "contactName", "contactPhone", "contactEmail", "contactByDay", "purpose", "background", "beneficiaries",
	"beneficiaryCount", "activities", "place", "schedule", "necessity", "synergy", "roles", "form", "goals", "novelty", "continuity",
	"publicity", "budget", "answers", "declarations", "publishConsent", "useOrganizationProfile", "structure", "activityFields",
	"desiredDepartmentIds", "preConsultation",
}

func edit(q *web.Request) error {
	d, err := readDraft(q)
	if err != nil {
		return err
	}
	return d.answer(q, ui.NewForm(web.Values("content.", d.proposal.GetContent())), http.StatusOK)
}

// answer shows the form with its choices.
func (d *draft) answer(q *web.Request, form *ui.Form, status int) (err error) {
	d.form = form
	d.form.Labels = labels
	if d.open("activityFields") {
		if d.fields, err = activityFields(q); err != nil {
			return err
		}
	}
	if d.open("desiredDepartmentIds") {
		if d.departments, err = desirable(q); err != nil {
			return err
		}
	}
	return q.RenderAs(status, editPage(d))
}

func readDraft(q *web.Request) (*draft, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	got, err := proposals(q).GetProposal(q.Context(), &proposalsv1.GetProposalRequest{Id: id})
	if err != nil {
		return nil, err
	}
	d := &draft{proposal: got.GetProposal()}
	c, err := calls(q).GetCall(q.Context(), &proposalsv1.GetCallRequest{Id: d.proposal.GetCallId()})
	if err != nil {
		return nil, err
	}
	d.call = c.GetCall()
	if !slices.ContainsFunc(d.call.GetFields(), func(f *proposalsv1.CallField) bool { return f.GetType() == proposalsv1.CallField_FILE }) {
		return d, nil
	}
	attached, err := proposalsv1.NewAttachmentServiceClient(q.Site.Service("proposals")).ListAttachments(q.Context(), &proposalsv1.ListAttachmentsRequest{ProposalId: id})
	for _, a := range attached.GetAttachments() {
		d.files = append(d.files, ui.Option{Value: a.GetId(), Text: a.GetFileName()})
	}
	return d, err
}

// save keeps what was written, and submits it where the person asks for that.
func save(q *web.Request) error {
	d, err := readDraft(q)
	if err != nil {
		return err
	}
	etag, err := d.update(q)
	if err == nil && q.HTMX() {
		return q.Render(savedNote(etag, q.Site.Now().In(jp.Tokyo).Format("15:04")))
	}
	done := "saved"
	if err == nil && q.PostFormValue("step") == "submit" {
		err = d.submit(q, etag)
		done = "submitted"
	}
	form, refused := q.Refused(err)
	switch {
	case refused && q.HTMX():
		return q.RenderAs(form.Status, ui.LiveRefused(form))
	case refused:
		if etag == "" {
			etag = d.proposal.GetEtag() // pressing again writes over what others wrote meanwhile
		}
		d.proposal.Etag = etag
		return d.answer(q, form.Trim("proposal."), form.Status)
	case err != nil:
		return err
	case done == "submitted":
		return q.Redirect("/proposals/"+d.proposal.GetId(), done)
	}
	return q.Redirect("/proposals/"+d.proposal.GetId()+"/edit", done)
}

// update writes the content and returns the new etag.
func (d *draft) update(q *web.Request) (etag string, err error) {
	req := &proposalsv1.UpdateProposalRequest{
		Id: d.proposal.GetId(), Proposal: &proposalsv1.ProposalInput{Content: &proposalsv1.ProposalContent{}}, UpdateMask: d.mask(),
	}
	if err := web.Bind(q.PostForm, req.GetProposal()); err != nil {
		return "", err
	}
	if len(req.GetUpdateMask().GetPaths()) == 0 { // only files or joint organizations are to be corrected
		return q.PostFormValue("etag"), nil
	}
	resp, err := proposals(q).UpdateProposal(q.Context(), req)
	return resp.GetProposal().GetEtag(), err
}

// mask are the fields that the form changes: those that the correction names
// when one is asked for.
func (d *draft) mask() *fieldmaskpb.FieldMask {
	m := &fieldmaskpb.FieldMask{}
	for _, name := range masked {
		if d.open(name) {
			m.Paths = append(m.Paths, "content."+snake(name))
		}
	}
	return m
}

// open reports whether the form shows a field of the content.
func (d *draft) open(name string) bool {
	return d.proposal.GetState() != proposalsv1.Proposal_RETURNED || slices.Contains(d.proposal.GetCorrection().GetFields(), name)
}

func (d *draft) submit(q *web.Request, etag string) (err error) {
	if d.proposal.GetState() == proposalsv1.Proposal_RETURNED {
		_, err = proposals(q).ResubmitProposal(q.Once(), &proposalsv1.ResubmitProposalRequest{Id: d.proposal.GetId(), Etag: etag})
		return err
	}
	_, err = proposals(q).SubmitProposal(q.Once(), &proposalsv1.SubmitProposalRequest{Id: d.proposal.GetId(), Etag: etag, PostmarkOn: q.PostFormValue("postmarkOn")})
	return err
}

var capital = regexp.MustCompile(`[A-Z]`)

func snake(name string) string {
	return capital.ReplaceAllStringFunc(name, func(c string) string { return "_" + strings.ToLower(c) })
}

// spare is how many empty rows a list of rows shows behind those that are filled.
const spare = 2

// rows are the numbers of the rows that a list shows.
func (d *draft) rows(list string) []int {
	n := 0
	for name := range d.form.Values {
		var i int
		if _, err := fmt.Sscanf(strings.TrimPrefix(name, "content."+list), "[%d]", &i); err == nil && strings.HasPrefix(name, "content."+list+"[") {
			n = max(n, i+1)
		}
	}
	out := make([]int, n+spare)
	for i := range out {
		out[i] = i
	}
	return out
}

// name is what the proposal is called.
func (d *draft) name(ctx context.Context) string {
	if t := d.proposal.GetContent().GetTitle(); t != "" {
		return t
	}
	return text.S(ctx, "proposal.untitled")
}

// labels are those of the form's fields.
var labels = func() ui.Labels {
	out := ui.Labels{}
	for _, name := range masked {
		out["content."+name] = "proposal." + strings.ToLower(name)
	}
	out["postmarkOn"] = "desk.postmark"
	return out
}()

// line is a field of the content for one line of text, area for several.
func (d *draft) line(name string) ui.Input {
	return ui.Input{
		Name: "content." + name, Label: "proposal." + strings.ToLower(name),
		Max: web.Max(&proposalsv1.CreateProposalRequest{}, "content."+name),
	}
}

func (d *draft) area(name string, rows int) ui.Input {
	in := d.line(name)
	in.Rows = rows
	return in
}

// cell is a field of a row.
func (d *draft) cell(list string, i int, name, label string) ui.Input {
	path := fmt.Sprintf("content.%s[%d].%s", list, i, name)
	return ui.Input{Name: path, Label: label, Max: web.Max(&proposalsv1.CreateProposalRequest{}, path)}
}

// forms are the forms of collaboration, as the contract names them.
var forms = []string{"subsidy", "cohost", "commission", "property", "koen", "cooperation", "committee", "information"}

func formOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "ui.choose")}}
	for _, f := range forms {
		out = append(out, ui.Option{Value: f, Text: text.S(ctx, "proposal.forms."+f)})
	}
	return out
}

func sideOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "ui.choose")}}
	for _, v := range []proposalsv1.BudgetRow_Side{proposalsv1.BudgetRow_INCOME, proposalsv1.BudgetRow_EXPENSE} {
		out = append(out, ui.Option{Value: v.String(), Text: text.Enum(ctx, "proposal.sides", v)})
	}
	return out
}

func bearerOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "ui.choose")}}
	for _, v := range []proposalsv1.BudgetRow_Bearer{proposalsv1.BudgetRow_ORGANIZATION, proposalsv1.BudgetRow_WARD, proposalsv1.BudgetRow_OTHER} {
		out = append(out, ui.Option{Value: v.String(), Text: text.Enum(ctx, "proposal.bearers", v)})
	}
	return out
}

func declarationOptions(c *proposalsv1.Call) []ui.Option {
	var out []ui.Option
	for _, d := range c.GetDeclarations() {
		out = append(out, ui.Option{Value: d.GetCode(), Text: d.GetText()})
	}
	return out
}

func organizationOptions(all []*directoryv1.Organization) []ui.Option {
	var out []ui.Option
	for _, o := range all {
		out = append(out, ui.Option{Value: o.GetId(), Text: o.GetName()})
	}
	return out
}

func withHint(in ui.Input, key string) ui.Input {
	in.Hint = key
	return in
}

// withNumber is a field for a whole number.
func withNumber(in ui.Input) ui.Input {
	in.Attrs = templ.Attributes{"inputmode": "numeric"}
	return in
}

func withOptions(in ui.Input, options []ui.Option) ui.Input {
	in.Options = options
	return in
}
