// Package task answers what waits for a person: each service names its own
// tasks, one server a process puts them in order.
package task

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// Max is how many tasks a service gives.
const Max = 100

// Source returns what waits for a person in one service, by one bounded query:
// at most Max+1 tasks, the earliest due first, those without a due day last. It
// sets neither Service nor Overdue.
type Source func(context.Context, auth.Principal) ([]*taskv1.Task, error)

// Duty is a task as a service finds it.
type Duty struct {
	Action         string // From the list in the service's README.
	Path           string // Of the thing.
	Number         string // Its public number; empty without one.
	Subject        string
	OrganizationID string   // For which it is done; empty for none.
	DueOn          *jp.Date // nil when nothing presses.
	Since          time.Time
}

// Worded gives duties the titles that a person reads, by action.
func Worded(duties []Duty, titles map[string]string) []*taskv1.Task {
	return convert.List(duties, func(d Duty) *taskv1.Task {
		t := &taskv1.Task{
			Action: d.Action, Title: titles[d.Action], Subject: d.Subject, Path: d.Path, Number: d.Number,
			OrganizationId: d.OrganizationID, Since: convert.Instant(d.Since),
		}
		if d.DueOn != nil {
			t.DueOn = d.DueOn.String()
		}
		return t
	})
}

// Server answers for the services of its process.
type Server struct {
	taskv1.UnimplementedTaskServiceServer
	Sources map[string]Source // By service name.
	Now     func() time.Time
}

// ListTasks shows what waits for the caller, at most Max of each service; of which
// there are more is told.
func (s *Server) ListTasks(ctx context.Context, _ *taskv1.ListTasksRequest) (*taskv1.ListTasksResponse, error) {
	out := &taskv1.ListTasksResponse{}
	today := jp.DateOf(s.Now()).String()
	for _, name := range slices.Sorted(maps.Keys(s.Sources)) {
		tasks, err := s.Sources[name](ctx, auth.From(ctx))
		if err != nil {
			return nil, fmt.Errorf("tasks of %s: %w", name, err)
		}
		if len(tasks) > Max {
			tasks = tasks[:Max]
			out.FullServices = append(out.FullServices, name)
		}
		for _, t := range tasks {
			t.Service, t.Overdue = name, t.GetDueOn() != "" && t.GetDueOn() < today
		}
		out.Tasks = append(out.Tasks, tasks...)
	}
	Sort(out.GetTasks())
	return out, nil
}

// Sort puts the earliest due first, those without a due day last.
func Sort(tasks []*taskv1.Task) {
	slices.SortStableFunc(tasks, func(a, b *taskv1.Task) int {
		return cmp.Or(
			cmp.Compare(due(a), due(b)),
			a.GetSince().AsTime().Compare(b.GetSince().AsTime()),
			cmp.Compare(a.GetPath(), b.GetPath()),
		)
	})
}

// due sorts behind every day when there is none.
func due(t *taskv1.Task) string { return cmp.Or(t.GetDueOn(), "none") }
