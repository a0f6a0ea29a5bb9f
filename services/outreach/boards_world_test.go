package outreach_test

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// keeper is the clerk of department 1, whose boards it looks after.
var keeper = servicetest.Staff("keeper", dept1, optionsv1.Role_ROLE_FACILITY_CLERK)

func (w *world) boards(p auth.Principal) outreachv1.BoardServiceClient {
	return outreachv1.NewBoardServiceClient(w.As(p))
}

// board adds a board of department 1; change edits it before.
func (w *world) board(number string, change func(*outreachv1.BoardInput)) *outreachv1.Board {
	w.t.Helper()
	in := &outreachv1.BoardInput{Number: number, Name: "見本広場前", Location: "見本町一丁目", DepartmentId: dept1}
	if change != nil {
		change(in)
	}
	resp, err := w.boards(desk).CreateBoard(w.t.Context(), &outreachv1.CreateBoardRequest{Board: in})
	w.must(err)
	return resp.GetBoard()
}

// postingInput asks for ten days from tomorrow on.
func postingInput(boards ...string) *outreachv1.PostingInput {
	return &outreachv1.PostingInput{
		Title: "秋の街歩き", Body: "昔の地図を手に歩きます。", DateText: "10月10日（土曜日）10時から", PlaceText: "見本広場",
		Contact: "見本団体 03-0000-0000", StartsOn: today().AddDays(1).String(), EndsOn: today().AddDays(10).String(), BoardIds: boards,
	}
}

func (w *world) ask(p auth.Principal, in *outreachv1.PostingInput) (*outreachv1.Posting, error) {
	resp, err := w.boards(p).CreatePosting(w.t.Context(), &outreachv1.CreatePostingRequest{Posting: in})
	return resp.GetPosting(), err
}

// asked is a request of organization 1.
func (w *world) asked(boards ...string) *outreachv1.Posting {
	w.t.Helper()
	p, err := w.ask(head, postingInput(boards...))
	w.must(err)
	return p
}

func (w *world) approve(p auth.Principal, id string) (*outreachv1.Posting, error) {
	resp, err := w.boards(p).ApprovePosting(w.t.Context(), &outreachv1.ApprovePostingRequest{Id: id})
	return resp.GetPosting(), err
}

func (w *world) posting(p auth.Principal, id string) (*outreachv1.Posting, error) {
	resp, err := w.boards(p).GetPosting(w.t.Context(), &outreachv1.GetPostingRequest{Id: id})
	return resp.GetPosting(), err
}

// lines are credits as text.
func lines(credits []*typev1.Credit) []string {
	var out []string
	for _, c := range credits {
		out = append(out, c.GetPart().String()+" "+c.GetName())
	}
	return out
}

func fiscalYear() int { return jp.FiscalYear(today()) }
