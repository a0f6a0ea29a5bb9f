package rule

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// lineFields are written one a line.
var lineFields = []string{"userClass.documents"}

// writing is an item that is being written.
type writing struct {
	*noun
	form   *ui.Form
	kind   string // Of a rule; "" for all else.
	item   item   // nil for a new one.
	action string
	back   ui.Crumb
	names  hall.Rooms
	hall   string      // Of a room or closure.
	codes  []ui.Option // Of the rules that can be named: opening rules, user classes or slot patterns.
}

func begin(n *noun) web.Handler {
	return func(q *web.Request) error {
		form := ui.NewForm(url.Values{"kind": {kindOf(q.Query("kind")).name}})
		return answerWriting(q, &writing{noun: n, form: form}, http.StatusOK)
	}
}

func write(n *noun) web.Handler {
	return func(q *web.Request) error {
		id, err := q.ID("id")
		if err != nil {
			return err
		}
		i, err := n.get(q, id, "", true)
		if web.NotFound(err) {
			i, err = n.get(q, id, "", false)
		}
		if err != nil {
			return err
		}
		form := ui.NewForm(web.Values("", i))
		if i.GetState() == facilitiesv1.Rule_APPROVED {
			form.Values.Set("validFrom", q.Today().AddDays(1).String())
		}
		form.Values.Set("kind", contentOf(i))
		for _, name := range lineFields {
			form.Values.Set(name, strings.Join(form.Values[name], "\n"))
		}
		return answerWriting(q, &writing{noun: n, form: form, item: i}, http.StatusOK)
	}
}

func answerWriting(q *web.Request, w *writing, status int) error {
	ctx := q.Context()
	w.hall = q.PathValue("hall")
	switch {
	case w.item != nil:
		w.action, w.back = "/desk/"+w.name+"/"+w.item.GetId(), ui.Crumb{Text: title(ctx, w.item), Path: "/desk/" + w.name + "/" + w.item.GetId()}
		if r, ok := w.item.(interface{ GetFacilityId() string }); ok {
			w.hall = r.GetFacilityId()
		}
	case w.hall != "":
		w.action, w.back = "/desk/halls/"+w.hall+"/"+w.name, ui.Crumb{Text: text.S(ctx, "rule.hall"), Path: "/desk/halls/" + w.hall}
	default:
		w.action, w.back = "/desk/"+w.name, ui.Crumb{Text: text.S(ctx, "nav.rules"), Path: "/desk/rules"}
	}
	if w.noun == &rules {
		w.kind = kindOf(w.form.Get("kind")).name
	}
	err := hall.Together(
		func() (err error) {
			w.names, err = hall.AllRooms(q)
			return err
		},
		func() error { return w.readCodes(q) },
	)
	if err != nil {
		return err
	}
	return q.RenderAs(status, writePage(w))
}

// readCodes reads what the form can name: opening rules for a user class, user
// classes for a hall, slot patterns for a room.
func (w *writing) readCodes(q *web.Request) error {
	var of string
	switch {
	case w.noun == &halls:
		of = "userClass"
	case w.kind == "userClass", w.kind == "openingRule":
		of = "openingRule"
	case w.noun == &rooms && w.item == nil:
		of = "slotPattern"
	default:
		return nil
	}
	found, _, err := kindOf(of).list(q, false, "")
	for _, r := range found {
		w.codes = append(w.codes, ui.Option{Value: r.GetCode(), Text: r.GetName()})
	}
	return err
}

// readLines makes every line a value of its own, for Bind; restore undoes it for
// the form.
func readLines(f *ui.Form) (restore func()) {
	was := map[string]string{}
	for _, name := range lineFields {
		if !f.Values.Has(name) {
			continue
		}
		was[name] = f.Get(name)
		f.Values[name] = nil
		for l := range strings.Lines(was[name]) {
			if l = strings.TrimSpace(l); l != "" {
				f.Values[name] = append(f.Values[name], l)
			}
		}
	}
	return func() {
		for name, v := range was {
			f.Values.Set(name, v)
		}
	}
}

func create(n *noun) web.Handler {
	return func(q *web.Request) error {
		form := q.Posted()
		restore := readLines(form)
		id, err := n.create(q, form)
		restore()
		if refused, ok := q.Refused(err); ok {
			return answerWriting(q, &writing{noun: n, form: trimmed(refused)}, refused.Status)
		}
		if err != nil {
			return err
		}
		return q.Redirect("/desk/"+n.name+"/"+id, "ruledrafted")
	}
}

func save(n *noun) web.Handler {
	return func(q *web.Request) error {
		id, err := q.ID("id")
		if err != nil {
			return err
		}
		form := q.Posted()
		restore := readLines(form)
		err = n.update(q, id, form)
		restore()
		if refused, ok := q.Refused(err); ok {
			i, err := n.get(q, id, "", false)
			if err != nil {
				return err
			}
			return answerWriting(q, &writing{noun: n, form: trimmed(refused), item: i}, refused.Status)
		}
		if err != nil {
			return err
		}
		return q.Redirect("/desk/"+n.name+"/"+id, "ruledrafted")
	}
}

// trimmed takes the name of the input off the refused fields.
func trimmed(f *ui.Form) *ui.Form {
	f.Labels = labels
	for _, prefix := range []string{"facility.", "room.", "closure.", "rule."} {
		f = f.Trim(prefix)
	}
	return f
}
