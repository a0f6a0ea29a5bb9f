package publication

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

type credit = *typev1.Credit

// desk is the page from which a post is run.
type desk struct {
	post
	noun    *noun
	form    *ui.Form
	sibling *link // The other draft of the same booking; nil for none.
}

// link leads to another page.
type link struct{ key, title, path string }

func (n *noun) manage(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	return n.answerManage(q, id, emptyForm(), http.StatusOK)
}

func (n *noun) answerManage(q *web.Request, id string, form *ui.Form, status int) error {
	p, err := n.read(q, id)
	if err != nil {
		return err
	}
	if !Concerned(q.Context(), p) {
		return fault.ErrNotFound
	}
	d := &desk{post: p, noun: n, form: form}
	d.findSibling(q)
	form.Labels = labelsOf(n)
	return q.RenderAs(status, managePage(d))
}

// findSibling looks for the other draft of the same booking. Without it the page
// is whole.
func (d *desk) findSibling(q *web.Request) {
	if booked(d) == "" || d.GetStartsOn() == "" || !Writes(q.Context(), d) {
		return
	}
	other, source := &call, "volunteers:"+booked(d)
	if d.noun == other {
		other, source = &event, "booking:"+booked(d)
	}
	found, _, err := other.find(q, search{organization: d.GetOrganizationId(), on: d.GetStartsOn(), size: listed})
	if err != nil {
		return
	}
	for _, p := range found {
		if p.GetSource() == source {
			d.sibling = &link{"publication.sibling." + other.name, name(q.Context(), p), other.path + "/" + p.GetId() + "/manage"}
		}
	}
}

func (d *desk) path(below string) templ.SafeURL {
	return templ.SafeURL(d.noun.path + "/" + d.GetId() + below)
}

// editable reports whether the texts can be changed now.
func (d *desk) editable(ctx context.Context) bool {
	return (state(d.post) == "DRAFT" || state(d.post) == "WITHDRAWN") && Writes(ctx, d) && ui.Can(ctx, d.noun.update)
}

// counted reports whether it is counted who comes.
func (d *desk) counted() bool {
	switch p := d.post.(type) {
	case *outreachv1.Event:
		return p.GetSeats() != nil
	case *outreachv1.Opportunity:
		return p.GetPlaces() != nil
	}
	return false
}

// shared reports whether others stand behind the post than its owner alone.
func (d *desk) shared() bool { return len(d.GetCredits()) > 1 }

// confirmed tells of a line of the credits whether its organization confirmed it;
// known is false where that is not asked.
func (d *desk) confirmed(c credit) (yes, known bool) {
	for _, k := range d.GetCreditConfirmations() {
		if k.GetOrganizationId() != "" && k.GetOrganizationId() == c.GetOrganizationId() {
			return k.GetConfirmed(), true
		}
	}
	return false, false
}

// people are the pages about who comes.
func (d *desk) people(ctx context.Context) []link {
	var out []link
	at := d.noun.path + "/" + d.GetId()
	switch p := d.post.(type) {
	case *outreachv1.Event:
		if p.GetSeats() != nil && Writes(ctx, d) && ui.Can(ctx, outreachv1.RegistrationService_ListRegistrations_FullMethodName) {
			out = append(out, link{key: "publication.registrations", path: at + "/registrations"})
		}
		if p.GetSeats() != nil && p.GetAdmission().GetMode() == outreachv1.EventAdmission_LOTTERY {
			out = append(out, link{key: "publication.draw", path: at + "/draw"})
		}
	case *outreachv1.Opportunity:
		out = callPeople(ctx, d, p, at)
	}
	return out
}

func callPeople(ctx context.Context, d *desk, p *outreachv1.Opportunity, at string) []link {
	if Training(p.GetKind()) {
		if Hosts(ctx, d) && ui.Can(ctx, outreachv1.TrainingApplicationService_ListTrainingApplications_FullMethodName) {
			return []link{{key: "publication.trainees", path: "/trainings?scope=HOST&opportunityId=" + p.GetId()}}
		}
		return nil
	}
	var out []link
	if Writes(ctx, d) && ui.Can(ctx, outreachv1.ShiftService_CreateShift_FullMethodName) {
		out = append(out, link{key: "publication.shifts", path: at + "/shifts"})
	}
	if p.GetPlaces() != nil && Hosts(ctx, d) && ui.Can(ctx, outreachv1.ApplicationService_ListApplications_FullMethodName) {
		out = append(out, link{key: "publication.applicants", path: at + "/applications"}, link{key: "publication.hours", path: at + "/hours"})
	}
	return out
}

// revised is the list of kept versions.
type revised struct {
	post
	noun        *noun
	versions    []version
	first, next string
}

// revisionsShown is how many versions a page compares.
const revisionsShown = 10

func (n *noun) revisions(q *web.Request) error {
	p, err := n.get(q)
	if err != nil {
		return err
	}
	r := &revised{post: p, noun: n}
	var next string
	if r.versions, next, err = n.versions(q, p.GetId(), q.Query("page")); err != nil {
		return err
	}
	r.first, r.next = q.Pages(next)
	return q.Render(revisionsPage(r))
}

// change is a field that differs between two versions.
type change struct{ label, before, after string }

// changes are the fields of the form in which a version differs from the one
// before it, in the form's order; of the first one, all that is filled in.
func (r *revised) changes(ctx context.Context, at int) []change {
	now, before := inputs(r.versions[at].what), url.Values{}
	if at+1 < len(r.versions) {
		before = inputs(r.versions[at+1].what)
	}
	names := map[string]bool{}
	for _, values := range []url.Values{now, before} {
		for name := range values {
			names[name] = true
		}
	}
	var out []change
	for _, name := range slices.SortedFunc(maps.Keys(names), r.noun.byForm) {
		key := fieldKey(name)
		if was, is := words(ctx, name, before[name]), words(ctx, name, now[name]); was != is && text.Has(key) {
			out = append(out, change{text.S(ctx, key), was, is})
		}
	}
	return out
}

// complete reports whether a version is compared with the one before it.
func (r *revised) complete(at int) bool { return at+1 < len(r.versions) || r.next == "" }

func (v version) id() string { return fmt.Sprintf("v%d", v.number) }
