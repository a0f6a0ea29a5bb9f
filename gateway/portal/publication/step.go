package publication

import (
	"context"
	"slices"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// step is a step that the page of a post offers: to whom the RPC's roles admit it
// and who stands to the post as it needs, in the states that have it.
type step struct {
	name string // Of the address and of the texts.
	from []string
	who  func(context.Context, post) bool
	asks asked
	verb
}

// asked is what a step asks before it is taken.
type asked int

const (
	nothing asked = iota
	reason        // Why, of what sends back.
	grave         // Why, of what is final or seen by everybody.
	moment        // When.
)

// verb is the RPC of a step.
type verb struct {
	method string
	take   func(q *web.Request, id string) error
}

// graph are the steps in their order; verbs are their RPCs by name.
func graph(verbs map[string]verb) []step {
	all := []step{
		{name: "request", from: []string{"DRAFT", "WITHDRAWN"}, who: writes},
		{name: "approve", from: []string{"PENDING"}, who: checks},
		{name: "publish", from: []string{"APPROVED", "SCHEDULED"}, who: sends, asks: moment},
		{name: "return", from: []string{"PENDING", "APPROVED", "SCHEDULED"}, who: checks, asks: reason},
		{name: "invite", from: []string{"PUBLISHED"}, who: invites},
		{name: "withdraw", from: []string{"PENDING", "APPROVED", "SCHEDULED", "PUBLISHED", "ENDED"}, who: writes, asks: grave},
		{name: "cancel", from: []string{"DRAFT", "PENDING", "APPROVED", "SCHEDULED", "PUBLISHED"}, who: writes, asks: grave},
		{name: "confirm"}, // Has its place beside the credits.
	}
	var out []step
	for _, s := range all {
		if v, ok := verbs[s.name]; ok {
			s.verb = v
			out = append(out, s)
		}
	}
	return out
}

// offered reports whether the page offers a step. Whether it is allowed, the
// service says.
func (s step) offered(ctx context.Context, p post) bool {
	return slices.Contains(s.from, state(p)) && s.who(ctx, p) && ui.Can(ctx, s.method)
}

// offered are the steps that the page offers; who confirms the credits does so
// beside them.
func (d *desk) offered(ctx context.Context) []step {
	var out []step
	for _, s := range d.noun.steps {
		if s.who != nil && s.offered(ctx, d.post) {
			out = append(out, s)
		}
	}
	return out
}

func (n *noun) step(name string) (step, bool) {
	at := slices.IndexFunc(n.steps, func(s step) bool { return s.name == name })
	if at < 0 {
		return step{}, false
	}
	return n.steps[at], true
}

// by takes a step by its RPC: the request is what the form says, and the id.
func by[C, Q any, P interface {
	*Q
	proto.Message
}, R any](client func(grpc.ClientConnInterface) C, rpc func(C, context.Context, P, ...grpc.CallOption) (R, error)) func(*web.Request, string) error {
	return func(q *web.Request, id string) error {
		q.PostForm.Set("id", id)
		req := P(new(Q))
		if err := web.Bind(q.PostForm, req); err != nil {
			return err
		}
		_, err := rpc(client(q.Site.Service("outreach")), q.Once(), req)
		return err
	}
}

// take answers the form of a step on the page from which it was taken.
func (n *noun) take(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	s, ok := n.step(q.PathValue("step"))
	if !ok {
		return problem.ErrRouteNotFound
	}
	if s.asks == moment {
		appoint(q)
	}
	err = s.take(q, id)
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", s.name)
		return n.answerManage(q, id, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(n.path+"/"+id+"/manage", "post"+s.name)
}

// appoint makes the publish time of day and time in Tokyo; none is at once.
func appoint(q *web.Request) {
	at, err := time.ParseInLocation(time.DateOnly+" 15:04", q.PostFormValue("_on")+" "+q.PostFormValue("_at"), jp.Tokyo)
	if err != nil {
		if at, err = time.ParseInLocation(time.DateOnly, q.PostFormValue("_on"), jp.Tokyo); err != nil {
			return
		}
	}
	q.PostForm.Set("publishTime.seconds", strconv.FormatInt(at.Unix(), 10))
}

// volunteers reports whether a post is a call that coordinators check too: all but
// offers of training of the staff.
func volunteers(p post) bool {
	c, ok := p.(*outreachv1.Opportunity)
	return ok && !Training(c.GetKind())
}

func writes(ctx context.Context, p post) bool { return Writes(ctx, p) }

// invites reports whether the caller tells earlier volunteers of a call.
func invites(ctx context.Context, p post) bool { return volunteers(p) && Hosts(ctx, p) }

// Training reports whether calls of a kind are offers of training of the staff.
func Training(k outreachv1.Opportunity_Kind) bool {
	return k == outreachv1.Opportunity_STAFF_LECTURE || k == outreachv1.Opportunity_STAFF_EXCHANGE || k == outreachv1.Opportunity_STAFF_PLACEMENT
}
