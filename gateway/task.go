package gateway

import (
	"context"
	"maps"
	"slices"
	"sync"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/task"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// joinedTasks asks every process what waits for the caller. One that does not
// answer is named; the others' tasks are shown all the same.
type joinedTasks struct {
	processes map[*grpc.ClientConn][]string // The services behind each connection.
}

// newTasks returns the tasks of all backends as one.
func (g *Gateway) newTasks() *joinedTasks {
	j := &joinedTasks{processes: map[*grpc.ClientConn][]string{}}
	for _, name := range slices.Sorted(maps.Keys(g.Backends)) {
		j.processes[g.Backends[name]] = append(j.processes[g.Backends[name]], name)
	}
	return j
}

// ListTasks merges the answers.
func (j *joinedTasks) ListTasks(ctx context.Context, req *taskv1.ListTasksRequest, opts ...grpc.CallOption) (*taskv1.ListTasksResponse, error) {
	out := &taskv1.ListTasksResponse{}
	var mu sync.Mutex
	var all sync.WaitGroup
	var last error
	for conn, services := range j.processes {
		all.Go(func() {
			resp, err := taskv1.NewTaskServiceClient(conn).ListTasks(ctx, req, opts...)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				last = err
				out.MissingServices = append(out.MissingServices, services...)
				return
			}
			out.Tasks = append(out.Tasks, resp.GetTasks()...)
			out.FullServices = append(out.FullServices, resp.GetFullServices()...)
		})
	}
	all.Wait()
	if last != nil && len(out.GetMissingServices()) == len(j.services()) {
		return nil, last
	}
	task.Sort(out.GetTasks())
	slices.Sort(out.GetMissingServices())
	slices.Sort(out.GetFullServices())
	return out, nil
}

func (j *joinedTasks) services() []string {
	var out []string
	for _, names := range j.processes {
		out = append(out, names...)
	}
	return out
}
