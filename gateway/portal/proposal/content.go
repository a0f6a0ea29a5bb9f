package proposal

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// written is a content with the names of what it refers to.
type written struct {
	*proposalsv1.ProposalContent
	fields, departments []string
}

// named reads the names of the fields of activity and of the departments that a
// content refers to.
func named(q *web.Request, c *proposalsv1.ProposalContent) (*written, error) {
	w := &written{ProposalContent: c}
	var numbers []string
	for _, n := range c.GetActivityFields() {
		numbers = append(numbers, fmt.Sprint(n))
	}
	var err error
	if w.fields, err = texted(q, numbers, activityFields); err != nil {
		return nil, err
	}
	w.departments, err = texted(q, c.GetDesiredDepartmentIds(), everDepartments)
	return w, err
}

// texted returns the texts of the choices with some values, in the order of the
// choices.
func texted(q *web.Request, values []string, read func(*web.Request) ([]ui.Option, error)) ([]string, error) {
	if len(values) == 0 {
		return nil, nil
	}
	all, err := read(q)
	var out []string
	for _, o := range all {
		if slices.Contains(values, o.Value) {
			out = append(out, o.Text)
		}
	}
	return out, err
}

// activityFields are the fields of activity that a content takes, as choices.
func activityFields(q *web.Request) ([]ui.Option, error) {
	all, err := partner.Activities(q)
	return slices.DeleteFunc(all, func(o ui.Option) bool {
		number, err := strconv.Atoi(o.Value)
		return err != nil || number > lastField
	}), err
}

// lastField is the last number of a field of activity that a content takes.
const lastField = 20

// desirable are the departments of today, which a proposal can ask for.
func desirable(q *web.Request) ([]ui.Option, error) { return departmentsOn(q, q.Today().String()) }

// everDepartments are also those that ended.
func everDepartments(q *web.Request) ([]ui.Option, error) { return departmentsOn(q, "") }

func departmentsOn(q *web.Request, day string) ([]ui.Option, error) {
	resp, err := directoryv1.NewDepartmentServiceClient(q.Site.Service("directory")).ListDepartments(q.Context(), &directoryv1.ListDepartmentsRequest{On: day, PageSize: 200})
	var out []ui.Option
	for _, d := range resp.GetDepartments() {
		out = append(out, ui.Option{Value: d.GetId(), Text: d.GetFullName()})
	}
	return out, err
}
