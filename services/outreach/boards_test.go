package outreach_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

func TestBoards(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx, client := t.Context(), w.boards(desk)
	_, err := w.boards(staff).CreateBoard(ctx, &outreachv1.CreateBoardRequest{Board: &outreachv1.BoardInput{}})
	refused(t, err, "PERMISSION_DENIED")
	_, err = client.CreateBoard(ctx, &outreachv1.CreateBoardRequest{Board: &outreachv1.BoardInput{Number: "1"}})
	refused(t, err, "INVALID_FIELD")
	_, err = client.CreateBoard(ctx, &outreachv1.CreateBoardRequest{Board: &outreachv1.BoardInput{Number: "1", Name: "見本", DepartmentId: dept9}})
	refused(t, err, "DEPARTMENT_UNKNOWN")

	first := w.board("10", nil)
	if first.GetPlaces() != 8 || first.GetMaxDays() != 28 || first.GetCopiesPerPosting() != 1 || first.GetApplyFromMonths() != 6 ||
		len(first.GetSizes()) != 2 || !first.GetInUse() || first.GetDepartmentName() != "区民生活部商工振興課" {
		t.Errorf("what the desk left open = %v", first)
	}
	_, err = client.CreateBoard(ctx, &outreachv1.CreateBoardRequest{Board: &outreachv1.BoardInput{Number: "10", Name: "見本", DepartmentId: dept1}})
	refused(t, err, "BOARD_NUMBER_TAKEN")
	w.board("2", func(in *outreachv1.BoardInput) { in.OutOfUse = true })
	w.board("A-1", func(in *outreachv1.BoardInput) { in.DepartmentId = dept2 })

	update := func(id, etag string, in *outreachv1.BoardInput, paths ...string) (*outreachv1.Board, error) {
		resp, err := client.UpdateBoard(ctx, &outreachv1.UpdateBoardRequest{Id: id, Board: in, Etag: etag, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
		return resp.GetBoard(), err
	}
	changes := &outreachv1.BoardInput{MaxDays: 14, Number: "2", Name: "", DepartmentId: dept9}
	_, err = update(first.GetId(), "", changes, "maxDays")
	refused(t, err, "PRECONDITION_REQUIRED")
	_, err = update(first.GetId(), `"7"`, changes, "maxDays")
	refused(t, err, "ETAG_MISMATCH")
	_, err = update(first.GetId(), first.GetEtag(), changes, "inUse")
	refused(t, err, "INVALID_FIELD_MASK")
	_, err = update(first.GetId(), first.GetEtag(), changes, "name")
	refused(t, err, "INVALID_FIELD")
	_, err = update(first.GetId(), first.GetEtag(), changes, "number")
	refused(t, err, "BOARD_NUMBER_TAKEN")
	_, err = update(first.GetId(), first.GetEtag(), changes, "departmentId")
	refused(t, err, "DEPARTMENT_UNKNOWN")
	_, err = update(none, first.GetEtag(), changes, "maxDays")
	refused(t, err, "RESOURCE_NOT_FOUND")
	changed, err := update(first.GetId(), first.GetEtag(), changes, "maxDays")
	w.must(err)
	if changed.GetMaxDays() != 14 || changed.GetName() != first.GetName() || changed.GetEtag() == first.GetEtag() {
		t.Errorf("changed = %v", changed)
	}
	got, err := w.boards(auth.Anonymous).GetBoard(ctx, &outreachv1.GetBoardRequest{Id: first.GetId()})
	w.must(err)
	if got.GetBoard().GetMaxDays() != 14 {
		t.Errorf("got = %v", got)
	}
	_, err = client.GetBoard(ctx, &outreachv1.GetBoardRequest{Id: none})
	refused(t, err, "RESOURCE_NOT_FOUND")

	list := func(req *outreachv1.ListBoardsRequest) string {
		t.Helper()
		resp, err := w.boards(auth.Anonymous).ListBoards(ctx, req)
		w.must(err)
		return numbers(resp.GetBoards(), (*outreachv1.Board).GetNumber)
	}
	for want, req := range map[string]*outreachv1.ListBoardsRequest{
		"2 10 A-1": {}, "10 A-1": {InUse: true}, "A-1": {DepartmentId: dept2}, "2 10": {DepartmentId: dept1},
	} {
		if got := list(req); got != want {
			t.Errorf("%v = %s, want %s", req, got, want)
		}
	}
	page, err := client.ListBoards(ctx, &outreachv1.ListBoardsRequest{PageSize: 2})
	w.must(err)
	if got := list(&outreachv1.ListBoardsRequest{PageSize: 2, PageToken: page.GetNextPageToken()}); got != "A-1" {
		t.Errorf("second page = %s", got)
	}
	_, err = client.ListBoards(ctx, &outreachv1.ListBoardsRequest{PageSize: -1})
	refused(t, err, "INVALID_PAGE_SIZE")
	_, err = client.ListBoards(ctx, &outreachv1.ListBoardsRequest{InUse: true, PageToken: page.GetNextPageToken()})
	refused(t, err, "PAGE_TOKEN_MISMATCH")
	w.peer.setDown(true)
	_, err = client.CreateBoard(ctx, &outreachv1.CreateBoardRequest{Board: &outreachv1.BoardInput{Number: "9", Name: "見本", DepartmentId: dept1}})
	refused(t, err, "DEPENDENCY_UNAVAILABLE")
}

// numbers joins what a list shows.
func numbers[T any](list []T, of func(T) string) string {
	out := ""
	for i, v := range list {
		if i > 0 {
			out += " "
		}
		out += of(v)
	}
	return out
}

func TestPostingFromRequestToEnd(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	near, far := w.board("1", nil).GetId(), w.board("2", func(in *outreachv1.BoardInput) { in.DepartmentId, in.NeedsStamp = dept2, true }).GetId()
	asked := w.asked(near, far)
	if asked.GetState() != outreachv1.Posting_REQUESTED || asked.GetNumber() != "" || asked.GetOrganizationName() != "団体1" || !asked.GetNeedsStamp() ||
		numbers(asked.GetPlaces(), (*outreachv1.Posting_Place).GetNumber) != "1 2" || asked.GetSize() != outreachv1.Posting_A4 {
		t.Errorf("asked = %v", asked)
	}
	id := asked.GetId()

	// A request is for its organization, the desk and the clerks of its boards.
	for _, p := range []auth.Principal{auth.Anonymous, resident, head2, staff} {
		_, err := w.posting(p, id)
		refused(t, err, "RESOURCE_NOT_FOUND")
	}
	for _, p := range []auth.Principal{viewer, editor, head, desk, keeper, clerk} {
		w.must(err2(w.posting(p, id)))
	}
	_, err := w.approve(head2, id)
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.approve(keeper, id) // One of the boards is another department's.
	refused(t, err, "PERMISSION_DENIED")

	approved, err := w.approve(desk, id)
	w.must(err)
	number := fmt.Sprintf("R%d-掲-0001", fiscalYear()-2018)
	if approved.GetNumber() != number || approved.GetState() != outreachv1.Posting_APPROVED || approved.GetDepartmentName() != "政策経営部企画総務課" {
		t.Errorf("approved = %v", approved)
	}
	if diff := cmp.Diff([]string{"ORGANIZER 団体1"}, lines(approved.GetCredits())); diff != "" {
		t.Errorf("credits (-want +got):\n%s", diff)
	}
	_, err = w.approve(desk, id)
	refused(t, err, "INVALID_STATE_TRANSITION")
	public, err := w.posting(auth.Anonymous, id)
	w.must(err)
	if public.GetNumber() != number || public.GetCreateTime() != nil {
		t.Errorf("public = %v", public)
	}
	_, err = w.boards(head2).WithdrawPosting(ctx, &outreachv1.WithdrawPostingRequest{Id: id})
	refused(t, err, "PERMISSION_DENIED")

	w.exec(`UPDATE posting SET starts_on = starts_on - 30, ends_on = ends_on - 30 WHERE id = $1`, id)
	w.run("end-postings")
	w.run("end-postings")
	ended, err := w.posting(head, id)
	w.must(err)
	if ended.GetState() != outreachv1.Posting_ENDED {
		t.Errorf("state = %v", ended.GetState())
	}
	_, err = w.posting(auth.Anonymous, id)
	refused(t, err, "RESOURCE_NOT_FOUND")
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE object_id = $1 AND action LIKE 'outreach.posting.%'`, id); n != 3 {
		t.Errorf("%d audit entries", n)
	}
}

func TestWhoDecidesAboutAPosting(t *testing.T) {
	t.Parallel()
	w := start(t)
	own, other := w.board("1", nil).GetId(), w.board("2", func(in *outreachv1.BoardInput) { in.DepartmentId = dept2 }).GetId()
	in := postingInput(own)
	in.OrganizationId = org2
	onBehalf, err := w.ask(keeper, in)
	w.must(err)
	_, err = w.approve(keeper, onBehalf.GetId())
	refused(t, err, "SELF_APPROVAL_FORBIDDEN")
	_, err = w.posting(head2, onBehalf.GetId())
	w.must(err)
	_, err = w.ask(keeper, postingInput(other))
	refused(t, err, "PERMISSION_DENIED")
	ward, err := w.ask(clerk, postingInput(other))
	w.must(err)
	if ward.GetOrganizationId() != "" || ward.GetDepartmentId() != dept2 {
		t.Errorf("the ward's own = %v", ward)
	}
	if diff := cmp.Diff([]string{"ORGANIZER 政策経営部企画総務課"}, lines(ward.GetCredits())); diff != "" {
		t.Errorf("credits (-want +got):\n%s", diff)
	}
	asked := w.asked(own)
	approved, err := w.boards(keeper).ApprovePosting(t.Context(), &outreachv1.ApprovePostingRequest{Id: asked.GetId(), DepartmentId: dept2, Etag: asked.GetEtag()})
	w.must(err)
	if approved.GetPosting().GetDepartmentId() != dept2 {
		t.Errorf("in charge = %v", approved)
	}
	_, err = w.boards(desk).ApprovePosting(t.Context(), &outreachv1.ApprovePostingRequest{Id: onBehalf.GetId(), Etag: `"9"`})
	refused(t, err, "ETAG_MISMATCH")
	w.exec(`UPDATE posting SET starts_on = starts_on - 30, ends_on = ends_on - 30 WHERE id = $1`, onBehalf.GetId())
	_, err = w.approve(desk, onBehalf.GetId())
	refused(t, err, "POSTING_PAST")
	rejected, err := w.boards(desk).RejectPosting(t.Context(), &outreachv1.RejectPostingRequest{Id: onBehalf.GetId(), Reason: "掲示期間が過ぎたため"})
	w.must(err)
	if rejected.GetPosting().GetState() != outreachv1.Posting_REJECTED || rejected.GetPosting().GetReason() == "" {
		t.Errorf("rejected = %v", rejected)
	}
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	w := start(t)
	plain := w.board("1", nil).GetId()
	closed := w.board("2", func(in *outreachv1.BoardInput) { in.OutOfUse = true }).GetId()
	small := w.board("3", func(in *outreachv1.BoardInput) { in.Sizes = []outreachv1.Posting_Size{outreachv1.Posting_A4} }).GetId()
	for name, c := range map[string]struct {
		by     auth.Principal
		change func(*outreachv1.PostingInput)
		want   string
	}{
		"editor":                {editor, nil, "PERMISSION_DENIED"},
		"another organization":  {head, func(in *outreachv1.PostingInput) { in.OrganizationId = org2 }, "PERMISSION_DENIED"},
		"not verified":          {head3, nil, "ORGANIZATION_NOT_VERIFIED"},
		"unknown organization":  {desk, func(in *outreachv1.PostingInput) { in.OrganizationId = none }, "ORGANIZATION_UNKNOWN"},
		"unknown section":       {head, func(in *outreachv1.PostingInput) { in.DepartmentId = dept9 }, "DEPARTMENT_UNKNOWN"},
		"unknown board":         {head, func(in *outreachv1.PostingInput) { in.BoardIds = []string{plain, none} }, "BOARD_UNKNOWN"},
		"unknown event":         {head, func(in *outreachv1.PostingInput) { in.EventId = none }, "POSTING_EVENT_UNKNOWN"},
		"no title":              {head, func(in *outreachv1.PostingInput) { in.Title = "" }, "INVALID_FIELD"},
		"no board":              {head, func(in *outreachv1.PostingInput) { in.BoardIds = nil }, "INVALID_FIELD"},
		"no such day":           {head, func(in *outreachv1.PostingInput) { in.StartsOn = "2027-02-30" }, "INVALID_FIELD"},
		"yesterday":             {head, func(in *outreachv1.PostingInput) { in.StartsOn = today().AddDays(-1).String() }, "INVALID_FIELD"},
		"ends before it starts": {head, func(in *outreachv1.PostingInput) { in.EndsOn = today().String() }, "INVALID_FIELD"},
		"board out of use":      {head, func(in *outreachv1.PostingInput) { in.BoardIds = []string{closed} }, "BOARD_CLOSED"},
		"29 days":               {head, func(in *outreachv1.PostingInput) { in.EndsOn = today().AddDays(29).String() }, "BOARD_RULE_BROKEN"},
		"two copies":            {head, func(in *outreachv1.PostingInput) { in.Copies = 2 }, "BOARD_RULE_BROKEN"},
		"A3 on a small board": {head, func(in *outreachv1.PostingInput) {
			in.Size, in.BoardIds = outreachv1.Posting_A3, []string{small}
		}, "BOARD_RULE_BROKEN"},
		"seven months before": {head, func(in *outreachv1.PostingInput) {
			in.StartsOn, in.EndsOn = today().AddMonths(7).String(), today().AddMonths(7).String()
		}, "BOARD_RULE_BROKEN"},
	} {
		in := postingInput(plain)
		if c.change != nil {
			c.change(in)
		}
		_, err := w.ask(c.by, in)
		if got := reason(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if n := w.count(`SELECT count(*) FROM posting_day`); n != 0 {
		t.Errorf("%d days are held by nobody", n)
	}
	w.peer.setDown(true)
	_, err := w.ask(head, postingInput(plain))
	refused(t, err, "DEPENDENCY_UNAVAILABLE")
}

func TestPlacesOfABoard(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	board := w.board("1", func(in *outreachv1.BoardInput) { in.Places = 3 }).GetId()
	first := w.asked(board)
	_, err := w.ask(head, postingInput(board))
	refused(t, err, "BOARD_ALREADY_USED")
	later := postingInput(board)
	later.StartsOn, later.EndsOn = today().AddDays(11).String(), today().AddDays(12).String()
	_, err = w.ask(head, later)
	w.must(err)

	large := postingInput(board)
	large.Size, large.OrganizationId = outreachv1.Posting_A3, org2
	_, err = w.ask(head2, large)
	w.must(err)
	_, err = w.ask(clerk, postingInput(board))
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.ask(desk, postingInput(board))
	refused(t, err, "BOARD_FULL")

	// A change gives the old days back and takes the new ones.
	update := func(etag string, in *outreachv1.PostingInput, paths ...string) (*outreachv1.Posting, error) {
		resp, err := w.boards(head).UpdatePosting(ctx, &outreachv1.UpdatePostingRequest{
			Id: first.GetId(), Posting: in, Etag: etag, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths},
		})
		return resp.GetPosting(), err
	}
	days := &outreachv1.PostingInput{StartsOn: today().AddDays(13).String(), EndsOn: today().AddDays(14).String(), Size: outreachv1.Posting_A3}
	_, err = update("", days, "startsOn")
	refused(t, err, "PRECONDITION_REQUIRED")
	_, err = update(first.GetEtag(), days, "organizationId")
	refused(t, err, "INVALID_FIELD_MASK")
	_, err = update(first.GetEtag(), days, "size")
	refused(t, err, "BOARD_FULL")
	moved, err := update(first.GetEtag(), days, "startsOn", "endsOn", "size")
	w.must(err)
	if moved.GetStartsOn() != days.GetStartsOn() || moved.GetTitle() != first.GetTitle() || moved.GetOrganizationName() != "団体1" {
		t.Errorf("moved = %v", moved)
	}
	_, err = w.ask(desk, postingInput(board))
	w.must(err)

	// What is taken back frees its places.
	_, err = w.boards(head).WithdrawPosting(ctx, &outreachv1.WithdrawPostingRequest{Id: first.GetId(), Reason: "中止のため"})
	w.must(err)
	_, err = update(moved.GetEtag(), days, "endsOn")
	refused(t, err, "ETAG_MISMATCH")
	_, err = update("*", days, "endsOn")
	refused(t, err, "POSTING_NOT_EDITABLE")
	if n := w.count(`SELECT count(*) FROM board_day AS d
		WHERE used <> (SELECT coalesce(sum(CASE p.size WHEN 'A3' THEN 2 ELSE 1 END * p.copies), 0)
			FROM posting_day AS o JOIN posting AS p ON p.id = o.posting_id WHERE o.board_id = d.board_id AND o.day = d.day)`); n != 0 {
		t.Errorf("the counters of %d days are wrong", n)
	}
}
