// Package board has the pages of the notice boards in the street (広報板) and of
// the sheets that are put up on them: asking for a place, deciding, printing.
package board

import (
	"net/http"
	"net/url"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/boards", list),
		web.SignedIn(http.MethodPost, "/boards", create),
		web.SignedIn(http.MethodGet, "/boards/new", begin).For(outreachv1.BoardService_CreateBoard_FullMethodName),
		web.Public(http.MethodGet, "/boards/{id}", show),
		web.SignedIn(http.MethodGet, "/boards/{id}/edit", edit).For(outreachv1.BoardService_UpdateBoard_FullMethodName),
		web.SignedIn(http.MethodPost, "/boards/{id}/edit", save),
		web.Public(http.MethodGet, "/postings", postings),
		web.SignedIn(http.MethodPost, "/postings", ask),
		web.SignedIn(http.MethodGet, "/postings/new", wish).For(outreachv1.BoardService_CreatePosting_FullMethodName),
		web.Public(http.MethodGet, "/postings/{id}", showPosting),
		web.SignedIn(http.MethodGet, "/postings/{id}/edit", editPosting).For(outreachv1.BoardService_UpdatePosting_FullMethodName),
		web.SignedIn(http.MethodPost, "/postings/{id}/edit", savePosting),
		web.SignedIn(http.MethodPost, "/postings/{id}/steps/{step}", take),
	}
}

func boards(q *web.Request) outreachv1.BoardServiceClient {
	return outreachv1.NewBoardServiceClient(q.Site.Service("outreach"))
}

// row is a page of boards.
type row struct {
	boards      []*outreachv1.Board
	first, next string
}

func list(q *web.Request) error {
	resp, err := boards(q).ListBoards(q.Context(), &outreachv1.ListBoardsRequest{PageSize: 50, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	r := row{boards: resp.GetBoards()}
	r.first, r.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&r))
}

// stand is a board with what hangs on it today.
type stand struct {
	*outreachv1.Board
	postings []*outreachv1.Posting
}

func read(q *web.Request) (*outreachv1.Board, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	resp, err := boards(q).GetBoard(q.Context(), &outreachv1.GetBoardRequest{Id: id})
	return resp.GetBoard(), err
}

func show(q *web.Request) error {
	b, err := read(q)
	if err != nil {
		return err
	}
	resp, err := boards(q).ListPostings(q.Context(), &outreachv1.ListPostingsRequest{
		BoardId: b.GetId(), State: outreachv1.Posting_APPROVED, On: q.Today().String(), PageSize: 100,
	})
	if err != nil {
		return err
	}
	return q.Render(showPage(&stand{b, resp.GetPostings()}))
}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{
	"board.number": "board.number", "board.name": "board.name", "board.location": "board.location", "board.departmentId": "board.departmentId",
	"board.sizes": "board.sizes", "board.places": "board.places", "board.maxDays": "board.maxDays", "board.copiesPerPosting": "board.copiesPerPosting",
	"board.applyFromMonths": "board.applyFromMonths", "board.note": "board.note",
}

// plan is a board that is being written.
type plan struct {
	form        *ui.Form
	board       *outreachv1.Board // nil for a new one.
	departments []ui.Option
}

func begin(q *web.Request) error {
	return answerPlan(q, &plan{form: ui.NewForm(url.Values{"board.sizes": {"A4", "A3"}})}, http.StatusOK)
}

func answerPlan(q *web.Request, p *plan, status int) (err error) {
	if p.departments, err = partner.Departments(q); err != nil {
		return err
	}
	p.form.Labels = labels
	return q.RenderAs(status, planPage(p))
}

func create(q *web.Request) error {
	req := &outreachv1.CreateBoardRequest{Board: &outreachv1.BoardInput{}}
	err := web.Bind(q.PostForm, req)
	var resp *outreachv1.CreateBoardResponse
	if err == nil {
		resp, err = boards(q).CreateBoard(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerPlan(q, &plan{form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/boards/"+resp.GetBoard().GetId(), "boardSaved")
}

func edit(q *web.Request) error {
	b, err := read(q)
	if err != nil {
		return err
	}
	form := ui.NewForm(web.Values("board.", b))
	if !b.GetInUse() {
		form.Values.Set("board.outOfUse", "true")
	}
	return answerPlan(q, &plan{board: b, form: form}, http.StatusOK)
}

func save(q *web.Request) error {
	b, err := read(q)
	if err != nil {
		return err
	}
	req := &outreachv1.UpdateBoardRequest{Board: &outreachv1.BoardInput{}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{
		"number", "name", "location", "department_id", "sizes", "places", "max_days", "copies_per_posting", "apply_from_months", "needs_stamp", "note", "out_of_use",
	}}}
	if err = web.Bind(q.PostForm, req); err == nil {
		req.Id = b.GetId()
		_, err = boards(q).UpdateBoard(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerPlan(q, &plan{board: b, form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/boards/"+b.GetId(), "boardSaved")
}
