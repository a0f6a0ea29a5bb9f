package exchange

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

func introducing(q *web.Request) directoryv1.IntroductionServiceClient {
	return directoryv1.NewIntroductionServiceClient(q.Site.Service("directory"))
}

// introduce asks for an introduction to the owner of a listing.
func introduce(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	var made *directoryv1.Introduction
	err = step.Step[directoryv1.Listing_State]{Name: "introduce", Take: func(ctx context.Context, q *web.Request, in url.Values) error {
		req := &directoryv1.CreateIntroductionRequest{}
		if err := web.Bind(in, req); err != nil {
			return err
		}
		req.ListingId = id
		req.OrganizationId, req.DepartmentId = side(in.Get("party"))
		req.Contact = given(req.GetContact())
		resp, err := introducing(q).CreateIntroduction(ctx, req)
		made = resp.GetIntroduction()
		return err
	}}.Run(q)
	if form, refused := q.Refused(err); refused {
		return answer(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(introductionPath(made), "introduced")
}

// given is a contact of which something was typed; nil for none.
func given(c *directoryv1.ExchangeContact) *directoryv1.ExchangeContact {
	if c.GetName()+c.GetPhone()+c.GetEmail() == "" {
		return nil
	}
	return c
}

func introductionPath(i *directoryv1.Introduction) string {
	return "/listings/" + i.GetListingId() + "/introductions/" + i.GetId()
}

// together is the list of the caller's introductions.
type together struct {
	state       directoryv1.Introduction_State
	found       []*directoryv1.Introduction
	first, next string
}

var introductionStates = []directoryv1.Introduction_State{
	directoryv1.Introduction_PROPOSED, directoryv1.Introduction_ACCEPTED, directoryv1.Introduction_CONCLUDED, directoryv1.Introduction_NOT_CONCLUDED, directoryv1.Introduction_DECLINED,
}

func introductions(q *web.Request) error {
	t := together{state: directoryv1.Introduction_State(directoryv1.Introduction_State_value[q.Query("state")])}
	resp, err := introducing(q).ListOwnIntroductions(q.Context(), &directoryv1.ListOwnIntroductionsRequest{State: t.state, PageSize: 30, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	t.found = resp.GetIntroductions()
	t.first, t.next = q.Pages(resp.GetNextPageToken())
	return q.Render(introductionsPage(&t))
}

// meeting is what the page of an introduction shows.
type meeting struct {
	*directoryv1.Introduction
	form             *ui.Form
	contacts         *directoryv1.GetIntroductionContactsResponse // Only after a reason was stated.
	ofOwner, partner bool                                         // For which sides the caller acts.
	desk             bool
}

func showIntroduction(q *web.Request) error {
	return answerIntroduction(q, nil, ui.NewForm(url.Values{}), http.StatusOK)
}

func answerIntroduction(q *web.Request, known *directoryv1.GetIntroductionContactsResponse, form *ui.Form, status int) error {
	listing, id, err := introductionIDs(q)
	if err != nil {
		return err
	}
	got, err := introducing(q).GetIntroduction(q.Context(), &directoryv1.GetIntroductionRequest{ListingId: listing, Id: id})
	if err != nil {
		return err
	}
	m := &meeting{Introduction: got.GetIntroduction(), form: form, contacts: known, desk: isDesk(q)}
	m.ofOwner, m.partner = acts(q, m.GetOwner()), acts(q, m.GetPartner())
	m.form.Labels = stepLabels
	return q.RenderAs(status, introductionPage(m))
}

func introductionIDs(q *web.Request) (listing, id string, err error) {
	if listing, err = q.ID("listingId"); err != nil {
		return "", "", err
	}
	id, err = q.ID("id")
	return listing, id, err
}

// contacts shows the contacts to who acts for a side, for the stated reason.
func contacts(q *web.Request) error {
	listing, id, err := introductionIDs(q)
	if err != nil {
		return err
	}
	resp, err := introducing(q).GetIntroductionContacts(q.Because(strings.TrimSpace(q.PostFormValue(step.Why))), &directoryv1.GetIntroductionContactsRequest{ListingId: listing, Id: id})
	if form, refused := q.Refused(err); refused {
		form.Refusal = step.Reasoned(form.Refusal, step.Why)
		form.Values.Set("_step", "contacts")
		return answerIntroduction(q, nil, form, form.Status)
	}
	if err != nil {
		return err
	}
	return answerIntroduction(q, resp, ui.NewForm(url.Values{}), http.StatusOK)
}

// introductionSteps are those of an introduction in their order.
var introductionSteps = &step.Table[directoryv1.Introduction_State]{
	Texts: "introduction", Done: "step",
	Steps: []step.Step[directoryv1.Introduction_State]{
		{Name: "accept", Method: directoryv1.IntroductionService_AcceptIntroduction_FullMethodName, Sure: true, From: step.In(directoryv1.Introduction_PROPOSED), Take: agree},
		{Name: "decline", Method: directoryv1.IntroductionService_DeclineIntroduction_FullMethodName, Sure: true, From: step.In(directoryv1.Introduction_PROPOSED), Take: step.By(introducing, directoryv1.IntroductionServiceClient.DeclineIntroduction, "listingId", "id")},
		{Name: "record", Method: directoryv1.IntroductionService_RecordIntroductionOutcome_FullMethodName, Sure: true, From: step.In(directoryv1.Introduction_ACCEPTED), Take: step.By(introducing, directoryv1.IntroductionServiceClient.RecordIntroductionOutcome, "listingId", "id")},
	},
}

func agree(ctx context.Context, q *web.Request, in url.Values) error {
	req := &directoryv1.AcceptIntroductionRequest{}
	if err := web.Bind(in, req); err != nil {
		return err
	}
	req.ListingId, req.Id = q.PathValue("listingId"), q.PathValue("id")
	req.Contact = given(req.GetContact())
	_, err := introducing(q).AcceptIntroduction(ctx, req)
	return err
}

// offers are the steps that the page offers: to a side that has not agreed yet, or
// that is of the introduction at all.
func (m *meeting) offers(ctx context.Context) []step.Offer {
	open := m.ofOwner && m.GetOwnerAcceptTime() == nil || m.partner && m.GetPartnerAcceptTime() == nil
	return introductionSteps.Offers(ctx, &step.Thing[directoryv1.Introduction_State]{
		State: m.GetState(), Path: introductionPath(m.Introduction), Form: m.form,
		Not: func(name string) bool {
			if name == "accept" {
				return !open
			}
			return !m.ofOwner && !m.partner && !m.desk
		},
	})
}

func takeIntroduction(q *web.Request) error {
	return introductionSteps.Take(q, "/listings/"+q.PathValue("listingId")+"/introductions/"+q.PathValue("id"), func(q *web.Request, form *ui.Form, status int) error {
		return answerIntroduction(q, nil, form, status)
	})
}

// introductionTone is how a state looks.
func introductionTone(s directoryv1.Introduction_State) ui.Tone {
	switch s {
	case directoryv1.Introduction_PROPOSED:
		return ui.Warning
	case directoryv1.Introduction_CONCLUDED:
		return ui.Good
	case directoryv1.Introduction_ACCEPTED:
		return ui.Calm
	default:
		return ui.Ended
	}
}
