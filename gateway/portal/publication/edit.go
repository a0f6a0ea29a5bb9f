package publication

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// draft is a post that is being written.
type draft struct {
	post
	noun   *noun
	form   *ui.Form
	owners []ui.Option // Who can stand in the credits, with those that were looked for.
	topics []ui.Option
	fields []ui.Option // Fields of activity; of calls.
}

// begun is the form by which a draft is begun.
type begun struct {
	noun  *noun
	form  *ui.Form
	whose []ui.Option
}

func (n *noun) begin(q *web.Request) error {
	form := ui.NewForm(q.URL.Query())
	return n.answerBegin(q, form, http.StatusOK)
}

func (n *noun) answerBegin(q *web.Request, form *ui.Form, status int) error {
	if !ui.Can(q.Context(), n.update) {
		return fault.ErrPermissionDenied
	}
	whose, err := owners(q)
	if err != nil {
		return err
	}
	form.Labels = labelsOf(n)
	return q.RenderAs(status, beginPage(&begun{n, form, whose}))
}

// create begins a draft; the rest is written on its own page.
func (n *noun) create(q *web.Request) error {
	organization, _ := ownerIDs(q.PostFormValue("_whose"))
	if organization != "" {
		q.PostForm.Set(n.name+".organizationId", organization)
	}
	id, err := n.insert(q)
	if form, refused := q.Refused(err); refused {
		return n.answerBegin(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(n.path+"/"+id+"/edit", "postbegun")
}

func (n *noun) edit(q *web.Request) error {
	p, err := n.get(q)
	if err != nil {
		return err
	}
	if !Writes(q.Context(), p) || !ui.Can(q.Context(), n.update) {
		return fault.ErrNotFound
	}
	form := ui.NewForm(inputs(p))
	joinDepartments(form, n)
	return n.answerEdit(q, p, form, http.StatusOK)
}

func (n *noun) answerEdit(q *web.Request, p post, form *ui.Form, status int) error {
	d := &draft{post: p, noun: n, form: form}
	form.Labels = labelsOf(n)
	joinLines(form, n)
	readRecurrence(form)
	var err error
	if d.owners, err = owners(q); err != nil {
		return err
	}
	d.credited(p.GetCredits())
	if words := strings.TrimSpace(form.Get("_find")); words != "" {
		if err := d.look(q, words); err != nil {
			return err
		}
	}
	d.readTopics(q)
	if n == &call {
		fields, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).ListActivityFields(q.Context(), &directoryv1.ListActivityFieldsRequest{})
		if err != nil {
			return err
		}
		for _, f := range fields.GetActivityFields() {
			d.fields = append(d.fields, ui.Option{Value: fmt.Sprint(f.GetNumber()), Text: f.GetShortName()})
		}
	}
	return q.RenderAs(status, editPage(d))
}

// readTopics gets the topics that readers choose from; those that the draft has
// stay. Without them the draft can still be written.
func (d *draft) readTopics(q *web.Request) {
	resp, err := outreachv1.NewNewsletterTopicServiceClient(q.Site.Service("outreach")).ListNewsletterTopics(q.Context(), &outreachv1.ListNewsletterTopicsRequest{})
	if err == nil {
		for _, t := range resp.GetTopics() {
			d.topics = append(d.topics, ui.Option{Value: t.GetCode(), Text: t.GetName()})
		}
	}
	for _, code := range d.form.Values[d.noun.name+".topics"] {
		if !slices.ContainsFunc(d.topics, func(o ui.Option) bool { return o.Value == code }) {
			d.topics = append(d.topics, ui.Option{Value: code, Text: code})
		}
	}
}

// credited adds those who stand in the credits to the choices.
func (d *draft) credited(all []credit) {
	for _, c := range all {
		value := ofOrganization + c.GetOrganizationId()
		if c.GetDepartmentId() != "" {
			value = ofDepartment + c.GetDepartmentId()
		}
		d.offer(value, c.GetName())
	}
}

func (d *draft) offer(value, name string) {
	if !slices.ContainsFunc(d.owners, func(o ui.Option) bool { return o.Value == value }) {
		d.owners = append(d.owners, ui.Option{Value: value, Text: name})
	}
}

// looked is how many organizations and departments a search adds to the choices.
const looked = 20

// look adds organizations and departments of a name to the choices.
func (d *draft) look(q *web.Request, words string) error {
	found, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).SearchOrganizations(q.Context(), &directoryv1.SearchOrganizationsRequest{Q: words, PageSize: looked})
	if form, refused := q.Refused(err); refused {
		d.form.Refusal, d.form.Status = form.Refusal, form.Status
		return nil
	}
	if err != nil {
		return err
	}
	for _, o := range found.GetOrganizations() {
		d.offer(ofOrganization+o.GetId(), o.GetName())
	}
	all, err := directoryv1.NewDepartmentServiceClient(q.Site.Service("directory")).ListDepartments(q.Context(), &directoryv1.ListDepartmentsRequest{On: q.Today().String(), PageSize: 200})
	if err != nil {
		return err
	}
	for _, o := range all.GetDepartments() {
		if strings.Contains(o.GetFullName(), words) {
			d.offer(ofDepartment+o.GetId(), o.GetFullName())
		}
	}
	return nil
}

// save keeps what was written, and puts it forward where the person asks for that.
func (n *noun) save(q *web.Request) error {
	p, err := n.get(q)
	if err != nil {
		return err
	}
	n.split(q)
	if q.PostFormValue("step") == "find" {
		form := q.Posted()
		joinDepartments(form, n)
		return n.answerEdit(q, p, form, http.StatusOK)
	}
	etag, err := n.write(q, p)
	done := "postsaved"
	if err == nil && q.PostFormValue("step") == "request" {
		err = n.steps.Step("request").Take(q.Once(), q, url.Values{"etag": {etag}})
		done = "postrequest"
	}
	if form, refused := q.Refused(err); refused {
		fresh, err := n.read(q, p.GetId())
		if err != nil {
			return err
		}
		form.Values.Set("etag", fresh.GetEtag()) // pressing again writes over what others wrote meanwhile
		joinDepartments(form, n)
		return n.answerEdit(q, fresh, form, form.Status)
	}
	if err != nil {
		return err
	}
	if done == "postrequest" {
		return q.Redirect(n.path+"/"+p.GetId()+"/manage", done)
	}
	return q.Redirect(n.path+"/"+p.GetId()+"/edit", done)
}

// lists are the fields of which each line is a value.
var lists = []string{"keywords", "exceptOn"}

// split makes the fields of the request of those of the form.
func (n *noun) split(q *web.Request) {
	for _, name := range lists {
		path := n.name + "." + name
		var out []string
		for l := range strings.Lines(strings.Join(q.PostForm[path], "\n")) {
			if l = strings.TrimSpace(l); l != "" {
				out = append(out, l)
			}
		}
		q.PostForm[path] = out
	}
	for name, v := range q.PostForm {
		path, ok := strings.CutSuffix(name, "].organizationId")
		if !ok || !strings.HasPrefix(name, n.name+".credits[") || len(v) == 0 {
			continue
		}
		organization, department := ownerIDs(v[0])
		q.PostForm.Set(name, organization)
		q.PostForm.Set(path+"].departmentId", department)
		if v[0] == "" {
			q.PostForm.Del(path + "].part") // a line without a name is none
		}
	}
	if n == &event {
		writeRecurrence(q.PostForm.Get("_every"), q.PostForm.Get("_count"), q.PostForm)
	}
}

// joinLines shows lists as lines again.
func joinLines(f *ui.Form, n *noun) {
	for _, name := range lists {
		if path := n.name + "." + name; len(f.Values[path]) > 1 {
			f.Values.Set(path, strings.Join(f.Values[path], "\n"))
		}
	}
}

// joinDepartments shows each line of the credits as one choice.
func joinDepartments(f *ui.Form, n *noun) {
	for i := range maxCredits {
		row := fmt.Sprintf("%s.credits[%d].", n.name, i)
		switch {
		case f.Get(row+"departmentId") != "":
			f.Values.Set(row+"organizationId", ofDepartment+f.Get(row+"departmentId"))
		case f.Get(row+"organizationId") != "":
			f.Values.Set(row+"organizationId", ofOrganization+f.Get(row+"organizationId"))
		}
	}
}

const (
	// maxCredits is how many stand in the credits at most.
	maxCredits = 20
	// spare is how many empty lines the form shows behind them.
	spare = 2
)

// creditRows are the numbers of the lines of the credits that the form shows.
func (d *draft) creditRows() []int {
	n := 0
	for i := range maxCredits {
		if d.form.Get(fmt.Sprintf("%s.credits[%d].organizationId", d.noun.name, i)) != "" {
			n = i + 1
		}
	}
	out := make([]int, min(n+spare, maxCredits))
	for i := range out {
		out[i] = i
	}
	return out
}

// creditOptions are the choices of a line of the credits.
func (d *draft) creditOptions(ctx context.Context) []ui.Option {
	return append([]ui.Option{{Text: text.S(ctx, "publication.nobody")}}, d.owners...)
}

var simple = regexp.MustCompile(`^FREQ=(DAILY|WEEKLY|MONTHLY);COUNT=([0-9]{1,3})$`)

// ruleField is the field of the repetition.
const ruleField = eventName + ".recurrence"

// kept is the choice of a repetition that the form cannot show.
const kept = "KEEP"

// readRecurrence shows a repetition as two fields.
func readRecurrence(f *ui.Form) {
	rule := f.Get(ruleField)
	if _, typed := f.Values["_every"]; typed || rule == "" {
		return
	}
	f.Values.Set("_every", kept)
	if m := simple.FindStringSubmatch(rule); m != nil {
		f.Values.Set("_every", m[1])
		f.Values.Set("_count", m[2])
	}
}

// writeRecurrence makes a repetition of the two fields.
func writeRecurrence(every, count string, into map[string][]string) {
	switch every {
	case kept:
	case "":
		delete(into, ruleField)
	default:
		into[ruleField] = []string{"FREQ=" + every + ";COUNT=" + strings.TrimSpace(count)}
	}
}
