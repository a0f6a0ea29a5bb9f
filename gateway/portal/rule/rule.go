package rule

import (
	"context"
	"net/http"
	"net/url"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// line is an item in a list.
type line struct {
	path, code, name, from string
	draft, open            bool // Whether it is one, or has one that waits for approval.
}

// found is what is in force of one sort, and what is drafted.
type found struct {
	kind             string // "halls", or that of a rule.
	inForce, drafted []line
	first, next      string
}

func list(q *web.Request) error {
	f := found{kind: q.Query("kind")}
	read := f.readRules
	if f.kind == "" || f.kind == halls.name {
		f.kind, read = halls.name, f.readHalls
	} else {
		f.kind = kindOf(f.kind).name
	}
	err := hall.Together(
		func() (err error) {
			var next string
			f.inForce, next, err = read(q, false, q.Query("page"))
			f.first, f.next = q.Pages(next)
			return err
		},
		func() (err error) {
			f.drafted, _, err = read(q, true, "")
			return err
		},
	)
	if err != nil {
		return err
	}
	return q.Render(listPage(&f))
}

func (f *found) readHalls(q *web.Request, draft bool, token string) ([]line, string, error) {
	resp, err := service(q).ListFacilities(q.Context(), &facilitiesv1.ListFacilitiesRequest{Draft: draft, PageSize: 50, PageToken: token})
	var out []line
	for _, h := range resp.GetFacilities() {
		out = append(out, line{"/desk/halls/" + h.GetId(), h.GetCode(), h.GetName(), h.GetValidFrom(), draft, h.GetDraftOpen()})
	}
	return out, resp.GetNextPageToken(), err
}

func (f *found) readRules(q *web.Request, draft bool, token string) ([]line, string, error) {
	rows, next, err := kindOf(f.kind).list(q, draft, token)
	var out []line
	for _, r := range rows {
		out = append(out, line{"/desk/rules/" + r.GetId(), r.GetCode(), r.GetName(), r.GetValidFrom(), draft, r.GetDraftOpen()})
	}
	return out, next, err
}

// file is an item as it is in force and as it is drafted.
type file struct {
	*noun
	item     item // In force; its draft where it never was.
	draft    item // Waits for approval; nil for none.
	names    hall.Rooms
	form     *ui.Form
	affected int32 // Bookings that the approval of a closure cancels.
	rooms    []line
	closures []line
	trial    *trial // nil without a draft.
}

func show(n *noun) web.Handler {
	return func(q *web.Request) error { return answer(q, n, ui.NewForm(url.Values{}), http.StatusOK) }
}

func answer(q *web.Request, n *noun, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	f := &file{noun: n, form: form}
	err = hall.Together(
		func() (err error) {
			f.item, err = n.get(q, id, q.Query("on"), false)
			return err
		},
		func() error {
			draft, err := n.get(q, id, "", true)
			if err == nil {
				f.draft = draft
			}
			if web.NotFound(err) {
				return nil
			}
			return err
		},
		func() (err error) {
			f.names, err = hall.AllRooms(q)
			return err
		},
		func() error { return f.readParts(q, id) },
	)
	if err != nil {
		return err
	}
	f.count(q, id)
	if err := f.try(q, id); err != nil {
		return err
	}
	return q.RenderAs(status, showPage(f))
}

// readParts reads the rooms and closures of a hall, with their drafts.
func (f *file) readParts(q *web.Request, id string) error {
	if f.noun != &halls {
		return nil
	}
	for _, draft := range []bool{false, true} {
		r, err := service(q).ListRooms(q.Context(), &facilitiesv1.ListRoomsRequest{FacilityId: id, Draft: draft, PageSize: 100})
		if err != nil && !web.NotFound(err) {
			return err
		}
		for _, room := range r.GetRooms() {
			if !draft || room.GetApproveTime() == nil {
				f.rooms = appendNew(f.rooms, line{"/desk/rooms/" + room.GetId(), "", room.GetName(), room.GetValidFrom(), draft, room.GetDraftOpen()})
			}
		}
		c, err := service(q).ListClosures(q.Context(), &facilitiesv1.ListClosuresRequest{FacilityId: id, Draft: draft, PageSize: 100})
		if err != nil && !web.NotFound(err) {
			return err
		}
		for _, one := range c.GetClosures() {
			f.closures = appendNew(f.closures, line{"/desk/closures/" + one.GetId(), "", one.GetReason(), one.GetValidFrom(), draft, one.GetDraftOpen()})
		}
	}
	return nil
}

// appendNew adds a draft only where nothing of it is in force.
func appendNew(all []line, l line) []line {
	for _, known := range all {
		if known.path == l.path {
			return all
		}
	}
	return append(all, l)
}

// count asks how many bookings the drafted closure would cancel. Who may not
// approve it is not told.
func (f *file) count(q *web.Request, id string) {
	if f.noun != &closures || f.draft == nil || !q.View.May(f.admits) {
		return
	}
	resp, err := service(q).ApproveClosure(q.Context(), &facilitiesv1.ApproveClosureRequest{Id: id, ValidateOnly: true})
	if err == nil {
		f.affected = resp.GetClosure().GetAffectedBookings()
	}
}

// fresh reports whether nothing of the item was ever in force.
func (f *file) fresh() bool { return f.item.GetState() == facilitiesv1.Rule_DRAFT }

func (f *file) differences(ctx context.Context) []difference {
	if f.draft == nil {
		return nil
	}
	before := f.item
	if f.fresh() {
		before = (*facilitiesv1.Rule)(nil)
	}
	return differences(ctx, f.names, before, f.draft)
}

func (f *file) path() string { return "/desk/" + f.name + "/" + f.item.GetId() }

// title names the item.
func title(ctx context.Context, i item) string {
	switch x := i.(type) {
	case *facilitiesv1.Facility:
		return x.GetName()
	case *facilitiesv1.Room:
		return x.GetName()
	case *facilitiesv1.Rule:
		return x.GetName()
	case closure:
		return text.S(ctx, "rule.closureof", x.GetReason())
	default:
		return ""
	}
}

// above is the page that an item belongs to.
func above(ctx context.Context, i item) ui.Crumb {
	switch x := i.(type) {
	case *facilitiesv1.Room:
		return ui.Crumb{Text: text.S(ctx, "rule.hall"), Path: "/desk/halls/" + x.GetFacilityId()}
	case closure:
		return ui.Crumb{Text: text.S(ctx, "rule.hall"), Path: "/desk/halls/" + x.GetFacilityId()}
	case *facilitiesv1.Rule:
		return ui.Crumb{Text: text.S(ctx, "rule.kind."+contentOf(i)), Path: "/desk/rules?kind=" + contentOf(i)}
	default:
		return ui.Crumb{Text: text.S(ctx, "rule.kind.halls"), Path: "/desk/rules?kind=halls"}
	}
}

func approve(n *noun) web.Handler {
	return func(q *web.Request) error {
		id, err := q.ID("id")
		if err != nil {
			return err
		}
		err = n.approve(q, id, q.PostFormValue("etag"))
		if form, refused := q.Refused(err); refused {
			return answer(q, n, form, form.Status)
		}
		if err != nil {
			return err
		}
		return q.Redirect("/desk/"+n.name+"/"+id, "ruleapproved")
	}
}
