package board

import (
	"context"
	"net/http"
	"net/url"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// sheets is the list of postings and what it was asked for.
type sheets struct {
	form        *ui.Form
	found       []*outreachv1.Posting
	first, next string
}

func postings(q *web.Request) error {
	s := sheets{form: ui.NewForm(q.URL.Query())}
	req := &outreachv1.ListPostingsRequest{
		State:    outreachv1.Posting_State(outreachv1.Posting_State_value[q.Query("state")]),
		PageSize: 30, PageToken: q.Query("page"),
	}
	if q.Query("on") != "" {
		req.On = q.Day("on").String()
	}
	resp, err := boards(q).ListPostings(q.Context(), req)
	if err != nil {
		return err
	}
	s.found = resp.GetPostings()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(postingsPage(&s))
}

// states are those of a posting.
var states = []outreachv1.Posting_State{
	outreachv1.Posting_REQUESTED, outreachv1.Posting_APPROVED, outreachv1.Posting_REJECTED, outreachv1.Posting_WITHDRAWN, outreachv1.Posting_ENDED,
}

// steps are the steps of a posting.
var steps = &step.Table[outreachv1.Posting_State]{
	Texts:  "posting",
	Labels: ui.Labels{"reject.reason": "posting.reason", "withdraw.reason": "posting.reason", "approve.departmentId": "posting.departmentId"},
	Steps: []step.Step[outreachv1.Posting_State]{
		{
			Name: "approve", Method: outreachv1.BoardService_ApprovePosting_FullMethodName, Sure: true, Done: "postingApprove",
			From: step.In(outreachv1.Posting_REQUESTED), Take: step.By(boards, outreachv1.BoardServiceClient.ApprovePosting),
		},
		{
			Name: "reject", Method: outreachv1.BoardService_RejectPosting_FullMethodName, Sure: true, Done: "postingReject",
			From: step.In(outreachv1.Posting_REQUESTED), Take: step.By(boards, outreachv1.BoardServiceClient.RejectPosting),
		},
		{
			Name: "withdraw", Method: outreachv1.BoardService_WithdrawPosting_FullMethodName, Sure: true, Done: "postingWithdraw",
			From: states[:2], Take: step.By(boards, outreachv1.BoardServiceClient.WithdrawPosting),
		},
	},
}

// sheet is a posting with the refusal of a step.
type sheet struct {
	*outreachv1.Posting
	form        *ui.Form
	departments []ui.Option
}

func readPosting(q *web.Request) (*outreachv1.Posting, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	resp, err := boards(q).GetPosting(q.Context(), &outreachv1.GetPostingRequest{Id: id})
	return resp.GetPosting(), err
}

func showPosting(q *web.Request) error { return answer(q, nil, http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	p, err := readPosting(q)
	if err != nil {
		return err
	}
	s := &sheet{Posting: p, form: form}
	if p.GetState() == outreachv1.Posting_REQUESTED && s.decides(q.Context()) {
		if s.departments, err = partner.Departments(q); err != nil {
			return err
		}
	}
	return q.RenderAs(status, postingPage(s))
}

// decides reports whether the caller may be one who decides; whether all boards
// are the clerk's own, the service says.
func (s *sheet) decides(ctx context.Context) bool {
	return ui.Can(ctx, outreachv1.BoardService_ApprovePosting_FullMethodName)
}

// writes reports whether the caller asked for it, or acts for who did.
func (s *sheet) writes(ctx context.Context) bool {
	return s.decides(ctx) || ui.ViewOf(ctx).Caller.IsMember(s.GetOrganizationId(), optionsv1.Role_ROLE_REPRESENTATIVE)
}

func (s *sheet) offers(ctx context.Context) []step.Offer {
	why := func(required bool) step.Ask {
		return step.Ask{Input: ui.Input{Name: "reason", Label: "posting.reason", Rows: 3, Max: 500, Required: required}}
	}
	return steps.Offers(ctx, &step.Thing[outreachv1.Posting_State]{
		State: s.GetState(), Path: "/postings/" + s.GetId(), Etag: s.GetEtag(), Form: s.form,
		Asks: map[string][]step.Ask{
			"approve": {{Kind: step.Select, Input: ui.Input{Name: "departmentId", Label: "posting.departmentId", Hint: "posting.department.hint", Options: s.departments}}},
			"reject":  {why(true)}, "withdraw": {why(false)},
		},
		Not: func(string) bool { return !s.writes(ctx) },
	})
}

func take(q *web.Request) error {
	return steps.Take(q, "/postings/"+q.PathValue("id"), answer)
}

// postingLabels name the fields in the summary of what was refused.
var postingLabels = ui.Labels{
	"posting.organizationId": "posting.organizationId", "posting.departmentId": "posting.departmentId", "posting.departmentPart": "posting.departmentPart",
	"posting.eventId": "posting.eventId", "posting.title": "posting.title", "posting.body": "posting.body", "posting.dateText": "posting.dateText",
	"posting.placeText": "posting.placeText", "posting.contact": "posting.contact", "posting.url": "posting.url", "posting.size": "posting.size",
	"posting.copies": "posting.copies", "posting.startsOn": "posting.startsOn", "posting.endsOn": "posting.endsOn", "posting.boardIds": "posting.boardIds",
}

// request is a posting that is being written, with what its form offers.
type request struct {
	form                                       *ui.Form
	posting                                    *outreachv1.Posting // nil before it is asked for.
	organizations, departments, events, boards []ui.Option
}

func wish(q *web.Request) error {
	form := ui.NewForm(url.Values{"posting.size": {outreachv1.Posting_A4.String()}, "posting.eventId": {q.Query("eventId")}})
	if board := q.Query("boardId"); board != "" {
		form.Values.Set("posting.boardIds", board)
	}
	return answerRequest(q, &request{form: form}, http.StatusOK)
}

func answerRequest(q *web.Request, r *request, status int) error {
	own, err := partner.Organizations(q)
	if err != nil {
		return err
	}
	if r.posting == nil {
		found, err := partner.Found(q, r.form.Get("_find"))
		if err != nil {
			return err
		}
		if r.organizations = append(own, found...); partner.Ward(q.Context()) {
			r.organizations = append([]ui.Option{{Text: text.S(q.Context(), "posting.ward")}}, r.organizations...)
		}
	}
	if r.departments, err = partner.Departments(q); err != nil {
		return err
	}
	owner := r.posting.GetOrganizationId()
	if owner == "" && len(own) > 0 {
		owner = own[0].Value
	}
	if r.events, err = partner.Events(q, owner, r.form.Get("posting.eventId")); err != nil {
		return err
	}
	all, err := boards(q).ListBoards(q.Context(), &outreachv1.ListBoardsRequest{InUse: true, PageSize: 200})
	if err != nil {
		return err
	}
	for _, b := range all.GetBoards() {
		r.boards = append(r.boards, ui.Option{Value: b.GetId(), Text: text.S(q.Context(), "posting.board", b.GetNumber(), b.GetName(), b.GetLocation())})
	}
	r.form.Labels = postingLabels
	return q.RenderAs(status, requestPage(r))
}

func ask(q *web.Request) error {
	if q.PostFormValue("step") == "find" {
		return answerRequest(q, &request{form: q.Posted()}, http.StatusOK)
	}
	req := &outreachv1.CreatePostingRequest{Posting: &outreachv1.PostingInput{}}
	err := web.Bind(q.PostForm, req)
	var resp *outreachv1.CreatePostingResponse
	if err == nil {
		resp, err = boards(q).CreatePosting(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerRequest(q, &request{form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/postings/"+resp.GetPosting().GetId(), "postingAsked")
}

func editPosting(q *web.Request) error {
	p, err := readPosting(q)
	if err != nil {
		return err
	}
	if !(&sheet{Posting: p}).writes(q.Context()) {
		return fault.ErrPermissionDenied
	}
	if p.GetState() != outreachv1.Posting_REQUESTED {
		return q.Redirect("/postings/"+p.GetId(), "")
	}
	form := ui.NewForm(web.Values("posting.", p))
	for _, at := range p.GetPlaces() {
		form.Values.Add("posting.boardIds", at.GetBoardId())
	}
	return answerRequest(q, &request{posting: p, form: form}, http.StatusOK)
}

func savePosting(q *web.Request) error {
	p, err := readPosting(q)
	if err != nil {
		return err
	}
	req := &outreachv1.UpdatePostingRequest{Posting: &outreachv1.PostingInput{}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{
		"department_id", "department_part", "event_id", "title", "body", "date_text", "place_text", "contact", "url", "size", "copies", "starts_on", "ends_on", "board_ids",
	}}}
	if err = web.Bind(q.PostForm, req); err == nil {
		req.Id = p.GetId()
		_, err = boards(q).UpdatePosting(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerRequest(q, &request{posting: p, form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/postings/"+p.GetId(), "postingSaved")
}
