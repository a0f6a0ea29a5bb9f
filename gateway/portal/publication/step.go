package publication

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// verb is the RPC of a step.
type verb struct {
	method string
	take   step.Taker
}

// table are the steps of a post in their order; verbs are their RPCs by name.
func table(verbs map[string]verb) *step.Table[string] {
	out := &step.Table[string]{Texts: "publication"}
	for _, s := range []step.Step[string]{
		{Name: "request", Done: "postrequest", From: step.In("DRAFT", "WITHDRAWN")},
		{Name: "approve", Done: "postapprove", From: step.In("PENDING")},
		{Name: "publish", Done: "postpublish", From: step.In("APPROVED", "SCHEDULED")},
		{Name: "return", Done: "postreturn", From: step.In("PENDING", "APPROVED", "SCHEDULED")},
		{Name: "invite", Done: "postinvite", From: step.In("PUBLISHED")},
		{Name: "withdraw", Done: "postwithdraw", Grave: true, From: step.In("PENDING", "APPROVED", "SCHEDULED", "PUBLISHED", "ENDED")},
		{Name: "cancel", Done: "postcancel", Grave: true, From: step.In("DRAFT", "PENDING", "APPROVED", "SCHEDULED", "PUBLISHED")},
		{Name: "confirm", Done: "postconfirm"}, // Has its place beside the credits.
	} {
		v, ok := verbs[s.Name]
		if !ok {
			continue
		}
		s.Sure, s.Method, s.Take = true, v.method, v.take
		switch s.Name {
		case "publish":
			s.Take = appointed(v.take)
		case "confirm":
			s.Method = ""
		}
		out.Steps = append(out.Steps, s)
	}
	return out
}

// thing is the post as its steps need it.
func (d *desk) thing(ctx context.Context) *step.Thing[string] {
	reason := func(name string) []step.Ask {
		return []step.Ask{{Input: ui.Input{Name: "reason", Label: "publication.reason." + name, Rows: 3, Required: true, Max: 500}}}
	}
	return &step.Thing[string]{
		State: state(d.post), Path: string(d.path("")), Etag: d.GetEtag(), Form: d.form,
		Asks: map[string][]step.Ask{
			"return": reason("return"), "withdraw": reason("withdraw"), "cancel": reason("cancel"),
			"publish": {
				{Input: ui.Input{Name: "_on", Label: "publication.publishon", Hint: "publication.publishonhint", Type: "date"}},
				{Input: ui.Input{Name: "_at", Label: "publication.publishat", Type: "time"}},
			},
		},
		Not: func(name string) bool {
			switch name {
			case "approve", "return":
				return !checks(ctx, d.post)
			case "publish":
				return !sends(ctx, d.post)
			case "invite":
				return !invites(ctx, d.post)
			}
			return !writes(ctx, d.post)
		},
	}
}

// take answers the form of a step on the page from which it was taken.
func (n *noun) take(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	return n.steps.Take(q, n.path+"/"+id+"/manage", func(q *web.Request, form *ui.Form, status int) error {
		return n.answerManage(q, id, form, status)
	})
}

// appointed publishes at the day and time in Tokyo that the form holds; none is at
// once.
func appointed(publish step.Taker) step.Taker {
	return func(ctx context.Context, q *web.Request, in url.Values) error {
		at, err := time.ParseInLocation(time.DateOnly+" 15:04", in.Get("_on")+" "+in.Get("_at"), jp.Tokyo)
		if err != nil {
			at, err = time.ParseInLocation(time.DateOnly, in.Get("_on"), jp.Tokyo)
		}
		if err == nil {
			in.Set("publishTime.seconds", strconv.FormatInt(at.Unix(), 10))
		}
		return publish(ctx, q, in)
	}
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
