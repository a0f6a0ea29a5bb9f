// Package department has the pages of the ward's departments and, for
// administrators, of the staff in them.
package department

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/departments", list),
		web.SignedIn(http.MethodPost, "/departments", create),
		web.Public(http.MethodGet, "/departments/{id}", show),
		web.SignedIn(http.MethodPost, "/departments/{id}/steps/{step}", take),
		web.SignedIn(http.MethodPost, "/departments/{id}/staff", staff),
		web.SignedIn(http.MethodPost, "/departments/{id}/staff/{staff}/remove", remove),
	}
}

func departments(q *web.Request) directoryv1.DepartmentServiceClient {
	return directoryv1.NewDepartmentServiceClient(q.Site.Service("directory"))
}

var kinds = []directoryv1.Department_Kind{directoryv1.Department_DIVISION, directoryv1.Department_SECTION, directoryv1.Department_SECRETARIAT, directoryv1.Department_BRANCH_OFFICE}

// chart is the list of departments.
type chart struct {
	form        *ui.Form
	past        bool // Whether those that ended are in it.
	found       []*directoryv1.Department
	above       []ui.Option // For who adds one.
	first, next string
}

func list(q *web.Request) error { return answerList(q, ui.NewForm(url.Values{}), http.StatusOK) }

func answerList(q *web.Request, form *ui.Form, status int) error {
	c := &chart{form: form, past: q.Query("past") == "true"}
	req := &directoryv1.ListDepartmentsRequest{On: q.Today().String(), PageSize: 50, PageToken: q.Query("page")}
	if c.past {
		req.On = ""
	}
	resp, err := departments(q).ListDepartments(q.Context(), req)
	if err != nil {
		return err
	}
	c.found = resp.GetDepartments()
	c.first, c.next = q.Pages(resp.GetNextPageToken())
	if ui.Can(q.Context(), directoryv1.DepartmentService_CreateDepartment_FullMethodName) {
		if c.above, err = choices(q, "department.top"); err != nil {
			return err
		}
	}
	c.form.Labels = labels
	return q.RenderAs(status, listPage(c))
}

// choices are the departments of today.
func choices(q *web.Request, none string) ([]ui.Option, error) {
	resp, err := departments(q).ListDepartments(q.Context(), &directoryv1.ListDepartmentsRequest{On: q.Today().String(), PageSize: 200})
	if err != nil {
		return nil, err
	}
	out := []ui.Option{{Text: text.S(q.Context(), none)}}
	for _, d := range resp.GetDepartments() {
		out = append(out, ui.Option{Value: d.GetId(), Text: d.GetFullName()})
	}
	return out, nil
}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{
	"name": "department.name", "kind": "department.kindname", "parentId": "department.above", "validFrom": "department.from", "validTo": "department.to",
	"update.name": "department.name", "update.parentId": "department.above", "update.validFrom": "department.from", "succeed.validTo": "department.to", "succeed.successorId": "department.successor",
	"assign.email": "member.email", "assign.roles": "department.roles", "assign._why": "department.why", "assign.validFrom": "department.from", "assign.validTo": "department.to",
	step.Why: "department.why",
}

func create(q *web.Request) error {
	req := &directoryv1.CreateDepartmentRequest{}
	err := web.Bind(q.PostForm, req)
	var resp *directoryv1.CreateDepartmentResponse
	if err == nil {
		resp, err = departments(q).CreateDepartment(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerList(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/departments/"+resp.GetDepartment().GetId(), "departmentadded")
}

// part is what the page of a department shows.
type part struct {
	*directoryv1.Department
	above, heir *directoryv1.Department
	form        *ui.Form
	successors  []ui.Option
	parents     []ui.Option // For who corrects it.
	staff       []*directoryv1.StaffAssignment
	why         string // What was stated to read the staff.
}

func show(q *web.Request) error {
	return answer(q, &part{form: ui.NewForm(url.Values{})}, http.StatusOK)
}

func answer(q *web.Request, p *part, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	if p.Department, err = get(q, id); err != nil {
		return err
	}
	for _, other := range []struct {
		id string
		to **directoryv1.Department
	}{{p.GetParentId(), &p.above}, {p.GetSuccessorId(), &p.heir}} {
		if other.id == "" {
			continue
		}
		if *other.to, err = get(q, other.id); err != nil {
			return err
		}
	}
	if p.administered(q.Context()) {
		if p.successors, err = choices(q, "ui.choose"); err != nil {
			return err
		}
		p.parents = p.possible(q.Context())
	}
	p.form.Labels = labels
	if p.form.Get("update.name") == "" {
		p.form.Values.Set("update.name", p.GetName())
		p.form.Values.Set("update.parentId", p.GetParentId())
		p.form.Values.Set("update.validFrom", p.GetValidFrom())
	}
	return q.RenderAs(status, showPage(p))
}

// possible are the departments that it can stand below: those of today, and the
// one above it, which may have ended.
func (p *part) possible(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "department.top")}}
	for _, o := range p.successors[1:] {
		if o.Value != p.GetId() {
			out = append(out, o)
		}
	}
	if p.above != nil && !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == p.above.GetId() }) {
		out = append(out, ui.Option{Value: p.above.GetId(), Text: p.above.GetFullName()})
	}
	return out
}

func get(q *web.Request, id string) (*directoryv1.Department, error) {
	resp, err := departments(q).GetDepartment(q.Context(), &directoryv1.GetDepartmentRequest{Id: id})
	return resp.GetDepartment(), err
}

// administered reports whether the caller changes departments.
func (p *part) administered(ctx context.Context) bool {
	return ui.Can(ctx, directoryv1.DepartmentService_UpdateDepartment_FullMethodName)
}

// steps are what administrators do; each has its place on the page.
var steps = &step.Table[struct{}]{
	Texts: "department", Done: "step",
	Steps: []step.Step[struct{}]{
		{Name: "update", Sure: true, Take: update},
		{Name: "succeed", Sure: true, Take: step.By(departments, directoryv1.DepartmentServiceClient.SucceedDepartment)},
		{Name: "assign", Sure: true, Take: step.By(departments, directoryv1.DepartmentServiceClient.AssignStaff, "departmentId")},
	},
}

// offer is one of the steps on the page.
func (p *part) offer(name string) step.Offer {
	return steps.Offer(name, &step.Thing[struct{}]{Path: "/departments/" + p.GetId(), Etag: p.GetEtag(), Form: p.form})
}

// update corrects the name, the department above and the first day.
func update(ctx context.Context, q *web.Request, values url.Values) error {
	in := &directoryv1.DepartmentInput{}
	if err := web.Bind(values, in); err != nil {
		return err
	}
	_, err := departments(q).UpdateDepartment(ctx, &directoryv1.UpdateDepartmentRequest{
		Id: q.PathValue("id"), Department: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"name", "parent_id", "valid_from"}}, Etag: values.Get("etag"),
	})
	return err
}

func take(q *web.Request) error {
	q.SetPathValue("departmentId", q.PathValue("id"))
	return steps.Take(q, "/departments/"+q.PathValue("id"), func(q *web.Request, form *ui.Form, status int) error {
		return answer(q, &part{form: form}, status)
	})
}

// staff lists who works in the department, for the stated reason, which is
// logged.
func staff(q *web.Request) error {
	p := &part{form: ui.NewForm(url.Values{}), why: strings.TrimSpace(q.PostFormValue(step.Why))}
	resp, err := departments(q).ListStaff(q.Because(p.why), &directoryv1.ListStaffRequest{DepartmentId: q.PathValue("id"), PageSize: 200})
	if form, refused := q.Refused(err); refused {
		form.Refusal = step.Reasoned(form.Refusal, step.Why)
		form.Values.Set("_step", "staff")
		return answer(q, &part{form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	p.staff = resp.GetStaffAssignments()
	return answer(q, p, http.StatusOK)
}

func remove(q *web.Request) error {
	assignment, err := q.ID("staff")
	if err != nil {
		return err
	}
	_, err = departments(q).RemoveStaff(q.Because(strings.TrimSpace(q.PostFormValue(step.Why))), &directoryv1.RemoveStaffRequest{DepartmentId: q.PathValue("id"), Id: assignment})
	if form, refused := q.Refused(err); refused {
		return answer(q, &part{form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/departments/"+q.PathValue("id"), "staffremoved")
}

func kindOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range kinds {
		out = append(out, ui.Option{Value: k.String(), Text: text.Enum(ctx, "department.kind", k)})
	}
	return out
}

func roleOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for n := range len(directoryv1.StaffAssignment_Role_name) - 1 {
		r := directoryv1.StaffAssignment_Role(n + 1)
		out = append(out, ui.Option{Value: r.String(), Text: text.S(ctx, "audit.role."+r.String())})
	}
	return out
}
