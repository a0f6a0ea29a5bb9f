package exchange

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// labels are the labels of a listing's fields.
var labels = ui.Labels{
	"party": "exchange.owner", "organizationId": "exchange.owner", "departmentId": "exchange.owner", "kind": "exchange.kindname", "category": "exchange.categoryname",
	"title": "exchange.title", "description": "exchange.description", "conditions": "exchange.conditions", "quantity": "exchange.quantity",
	"activityFields": "organization.field", "town": "exchange.town", "availableFrom": "exchange.from", "availableUntil": "exchange.until", "expiresOn": "exchange.expires",
	"sourceName": "registry.source", "sourceUrl": "registry.sourceurl",
}

// writing is the form of a listing; without one it is a new one.
type writing struct {
	*directoryv1.Listing
	form    *ui.Form
	parties []ui.Option
	fields  []ui.Option
	source  bool // Whether the caller may name the list that it is from.
}

func begin(q *web.Request) error {
	form := ui.NewForm(url.Values{"kind": {q.Query("kind")}})
	return answerWriting(q, &writing{form: form}, http.StatusOK)
}

func answerWriting(q *web.Request, w *writing, status int) error {
	if !ui.Can(q.Context(), directoryv1.ListingService_CreateListing_FullMethodName) {
		return fault.ErrPermissionDenied
	}
	var err error
	if w.Listing == nil {
		if w.parties, err = parties(q, false); err != nil {
			return err
		}
	}
	if w.fields, err = activityFields(q); err != nil {
		return err
	}
	w.source = ui.Can(q.Context(), directoryv1.ReferralService_AcceptReferral_FullMethodName)
	w.form.Labels = labels
	return q.RenderAs(status, editPage(w))
}

func create(q *web.Request) error {
	in := &directoryv1.ListingInput{}
	err := web.Bind(q.PostForm, in)
	var resp *directoryv1.CreateListingResponse
	if err == nil {
		in.OrganizationId, in.DepartmentId = side(q.PostFormValue("party"))
		resp, err = listings(q).CreateListing(q.Once(), &directoryv1.CreateListingRequest{Listing: in})
	}
	if form, refused := q.Refused(err); refused {
		return answerWriting(q, &writing{form: form.Trim("listing.")}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/listings/"+resp.GetListing().GetId(), "listingbegun")
}

// before is what stands in a listing as its owner would write it.
func before(l *directoryv1.Listing) *directoryv1.ListingInput {
	in := &directoryv1.ListingInput{}
	to, from := in.ProtoReflect(), l.ProtoReflect()
	for i := range to.Descriptor().Fields().Len() {
		fd := to.Descriptor().Fields().Get(i)
		if same := from.Descriptor().Fields().ByName(fd.Name()); same != nil && from.Has(same) {
			to.Set(fd, from.Get(same))
		}
	}
	return in
}

func edit(q *web.Request) error {
	w, err := written(q)
	if err != nil {
		return err
	}
	w.form = ui.NewForm(web.Values("", before(w.Listing)))
	return answerWriting(q, w, http.StatusOK)
}

func written(q *web.Request) (*writing, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	got, err := listings(q).GetListing(q.Context(), &directoryv1.GetListingRequest{Id: id})
	if err != nil {
		return nil, err
	}
	if !acts(q, got.GetListing().GetOwner()) && !isDesk(q) {
		return nil, fault.ErrPermissionDenied
	}
	return &writing{Listing: got.GetListing()}, nil
}

// save writes what has changed: of a published listing that may be the days only.
func save(q *web.Request) error {
	w, err := written(q)
	if err != nil {
		return err
	}
	in := &directoryv1.ListingInput{}
	if err = web.Bind(q.PostForm, in); err == nil {
		mask := &fieldmaskpb.FieldMask{}
		x, y := before(w.Listing).ProtoReflect(), in.ProtoReflect()
		for i := range x.Descriptor().Fields().Len() {
			fd := x.Descriptor().Fields().Get(i)
			if name := string(fd.Name()); name != "organization_id" && name != "department_id" && !x.Get(fd).Equal(y.Get(fd)) {
				mask.Paths = append(mask.Paths, name)
			}
		}
		if len(mask.GetPaths()) == 0 {
			return q.Redirect("/listings/"+w.GetId(), "")
		}
		_, err = listings(q).UpdateListing(q.Context(), &directoryv1.UpdateListingRequest{Id: w.GetId(), Listing: in, UpdateMask: mask, Etag: q.PostFormValue("_etag")})
	}
	if form, refused := q.Refused(err); refused {
		w.form = form.Trim("listing.")
		return answerWriting(q, w, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/listings/"+w.GetId(), "listingsaved")
}

func (w *writing) title(ctx context.Context) string {
	if w.Listing == nil {
		return text.S(ctx, "exchange.begin")
	}
	return text.S(ctx, "exchange.edit")
}

func (w *writing) action() templ.SafeURL {
	if w.Listing == nil {
		return "/listings"
	}
	return templ.SafeURL("/listings/" + w.GetId() + "/edit")
}
