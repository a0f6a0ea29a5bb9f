package registration

import (
	"context"
	"net/http"
	"net/url"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/organization"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// labels are the labels of the application's fields.
var labels = ui.Labels{
	"name": "registry.name", "nameKana": "registry.kana", "nameEn": "registry.nameen", "alternateName": "registry.alternate",
	"kind": "organization.kindname", "legalForm": "organization.form", "corporateNumber": "organization.number", "jurisdiction": "registry.jurisdiction",
	"purpose": "organization.purpose", "description": "registry.description", "activityFields": "organization.field", "capabilities": "organization.capabilities",
	"representativeName": "registry.repname", "representativeNameKana": "registry.repkana", "representativeTitle": "registry.reptitle",
	"establishedOn": "organization.established", "certifiedOn": "registry.certifiedon", "registeredOn": "registry.registeredon",
	"certification": "organization.certified", "certificationFrom": "registry.certfrom", "certificationUntil": "registry.certuntil",
	"memberCount": "organization.members", "annualBudget": "registry.budget", "address": "organization.address", "contactPoint": "organization.contact",
	"address.postalCode": "registry.postal", "address.prefecture": "registry.prefecture", "address.city": "registry.city", "address.town": "registry.town",
	"address.streetNumber": "registry.street", "address.building": "registry.building",
	"contactPoint.name": "registry.contactname", "contactPoint.phoneNumber": "registry.phone", "contactPoint.email": "registry.email", "contactPoint.url": "organization.url",
	"url": "organization.url", "publicity": "registry.publicity", "sourceName": "registry.source", "sourceUrl": "registry.sourceurl",
	"representative": "organization.representative", "streetAddress": "registry.streetaddress",
}

// application is the form of an organization; without one it is a new one.
type application struct {
	*file
	form   *ui.Form
	fields []ui.Option // Fields of activity.
	forms  []ui.Option // Legal forms.
	source bool        // Whether the caller may name where the entry is from.
}

func begin(q *web.Request) error {
	return answerApplication(q, &application{form: ui.NewForm(url.Values{"address.prefecture": {"東京都"}, "address.city": {"千代田区"}})}, http.StatusOK)
}

func answerApplication(q *web.Request, a *application, status int) error {
	var err error
	if a.fields, err = partner.Activities(q); err != nil {
		return err
	}
	forms, err := organizations(q).ListLegalForms(q.Context(), &directoryv1.ListLegalFormsRequest{})
	if err != nil {
		return err
	}
	a.forms = []ui.Option{{Text: text.S(q.Context(), "registry.noform")}}
	for _, f := range forms.GetLegalForms() {
		a.forms = append(a.forms, ui.Option{Value: f.GetCode(), Text: f.GetName()})
	}
	a.form.Labels = labels
	a.source = organization.NamesSources(q.Caller.Principal)
	return q.RenderAs(status, applicationPage(a))
}

// typed is what the form says. What everybody may see is stated, so that nothing
// is published that nobody has chosen.
func typed(q *web.Request) (*directoryv1.OrganizationInput, error) {
	in := &directoryv1.OrganizationInput{}
	err := web.Bind(clone(q.PostForm), in)
	return whole(in), err
}

// whole gives an input the messages that it may lack, so that two can be
// compared.
func whole(in *directoryv1.OrganizationInput) *directoryv1.OrganizationInput {
	if in.Address == nil {
		in.Address = &typev1.Address{}
	}
	if in.ContactPoint == nil {
		in.ContactPoint = &typev1.ContactPoint{}
	}
	if in.Publicity == nil {
		in.Publicity = &directoryv1.Organization_Publicity{}
	}
	return in
}

func clone(v url.Values) url.Values {
	out := url.Values{}
	for name, values := range v {
		out[name] = append([]string(nil), values...)
	}
	return out
}

// stated returns the context of a call with the reason beside it, where one was
// stated: the desk must.
func stated(ctx context.Context, q *web.Request) context.Context {
	return step.Stated(ctx, q.PostFormValue(step.Why))
}

func create(q *web.Request) error {
	in, err := typed(q)
	var resp *directoryv1.CreateOrganizationResponse
	if err == nil {
		resp, err = organizations(q).CreateOrganization(stated(q.Once(), q), &directoryv1.CreateOrganizationRequest{Organization: in})
	}
	if form, refused := q.Refused(err); refused {
		return answerApplication(q, &application{form: reasoned(form).Trim("organization.")}, form.Status)
	}
	if err != nil {
		return err
	}
	q.Site.Forget(q.Caller.ID) // whoever applies is the representative from now on
	return q.Redirect("/organizations/"+resp.GetOrganization().GetId()+"/registration", "begunregistration")
}

func edit(q *web.Request) error {
	f, err := at(q)
	if err != nil {
		return err
	}
	return answerApplication(q, &application{file: f, form: ui.NewForm(web.Values("", before(f.Organization)))}, http.StatusOK)
}

// before is what stands in an organization as its members would write it.
func before(o *directoryv1.Organization) *directoryv1.OrganizationInput {
	in := &directoryv1.OrganizationInput{}
	to, from := in.ProtoReflect(), o.ProtoReflect()
	for i := range to.Descriptor().Fields().Len() {
		fd := to.Descriptor().Fields().Get(i)
		if same := from.Descriptor().Fields().ByName(fd.Name()); same != nil && from.Has(same) && fd.Name() != "etag" {
			to.Set(fd, from.Get(same))
		}
	}
	return whole(proto.CloneOf(in))
}

// changed are the fields in which two inputs differ: only those are written, so
// that nobody needs the right to what he leaves alone.
func changed(a, b *directoryv1.OrganizationInput) *fieldmaskpb.FieldMask {
	mask := &fieldmaskpb.FieldMask{}
	x, y := a.ProtoReflect(), b.ProtoReflect()
	for i := range x.Descriptor().Fields().Len() {
		if fd := x.Descriptor().Fields().Get(i); !x.Get(fd).Equal(y.Get(fd)) {
			mask.Paths = append(mask.Paths, string(fd.Name()))
		}
	}
	return mask
}

func save(q *web.Request) error {
	f, err := at(q)
	if err != nil {
		return err
	}
	in, err := typed(q)
	etag := q.PostFormValue("_etag")
	if err == nil {
		mask := changed(before(f.Organization), in)
		if len(mask.GetPaths()) == 0 {
			return q.Redirect("/organizations/"+f.GetId()+"/registration", "registrationunchanged")
		}
		_, err = organizations(q).UpdateOrganization(stated(q.Context(), q), &directoryv1.UpdateOrganizationRequest{Id: f.GetId(), Organization: in, UpdateMask: mask, Etag: etag})
	}
	if form, refused := q.Refused(err); refused {
		// Sending it again writes over what others wrote meanwhile.
		return answerApplication(q, &application{file: f, form: reasoned(form).Trim("organization.")}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/organizations/"+f.GetId()+"/registration", "savedregistration")
}

// reasoned says in the portal's words that the reason is missing.
func reasoned(form *ui.Form) *ui.Form {
	form.Refusal = step.Reasoned(form.Refusal, step.Why)
	return form
}

// options of the form.

func kindOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "ui.choose")}}
	for _, k := range organization.Kinds {
		out = append(out, ui.Option{Value: k.String(), Text: text.Enum(ctx, "organization.kind", k)})
	}
	return out
}

func certificationOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "registry.nocertification")}}
	for _, c := range []directoryv1.Organization_Certification{directoryv1.Organization_CERTIFIED, directoryv1.Organization_SPECIALLY_CERTIFIED, directoryv1.Organization_DESIGNATED} {
		out = append(out, ui.Option{Value: c.String(), Text: text.Enum(ctx, "organization.certification", c)})
	}
	return out
}

func capabilityOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for n := range len(directoryv1.Organization_Capability_name) - 1 {
		c := directoryv1.Organization_Capability(n + 1)
		out = append(out, ui.Option{Value: c.String(), Text: text.Enum(ctx, "organization.capability", c)})
	}
	return out
}

// publicities are the fields of which the organization says whether everybody
// may see them.
var publicities = []string{"representative", "contactPoint", "streetAddress", "memberCount", "annualBudget"}
