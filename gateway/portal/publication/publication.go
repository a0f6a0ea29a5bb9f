// Package publication has the pages of who runs events and calls for volunteers:
// the own lists, the form, the page from which a draft is put forward, checked,
// published and called off, and the kept versions. Both are publications with the
// same steps, so that both have the same pages.
package publication

import (
	"context"
	"net/http"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	var out []web.Route
	for _, n := range []*noun{&event, &call} {
		out = append(out,
			web.SignedIn(http.MethodGet, "/own"+n.path, n.list),
			web.SignedIn(http.MethodGet, n.path+"/new", n.begin),
			web.SignedIn(http.MethodPost, n.path, n.create),
			web.SignedIn(http.MethodGet, n.path+"/{id}/edit", n.edit),
			web.SignedIn(http.MethodPost, n.path+"/{id}/edit", n.save),
			web.SignedIn(http.MethodGet, n.path+"/{id}/manage", n.manage),
			web.SignedIn(http.MethodPost, n.path+"/{id}/steps/{step}", n.take),
			web.SignedIn(http.MethodGet, n.path+"/{id}/revisions", n.revisions),
		)
	}
	return out
}

// post is an event or a call as the pages of this area show it.
type post interface {
	GetId() string
	GetTitle() string
	GetStartsOn() string
	GetEndsOn() string
	GetStartTime() string
	GetEndTime() string
	GetPlace() *outreachv1.EventPlace
	GetOrganizationId() string
	GetOrganizationName() string
	GetDepartmentId() string
	GetDepartmentName() string
	GetCredits() []*typev1.Credit
	GetCreditConfirmations() []*outreachv1.CreditConfirmation
	GetReturnReason() string
	GetWithdrawReason() string
	GetLinks() []string
	GetSource() string
	GetRevision() int32
	GetUpdateTime() *timestamppb.Timestamp
	GetPublishTime() *timestamppb.Timestamp
	GetEtag() string
}

// noun is one of the two kinds of post: where its pages are and how the API is
// asked for it.
type noun struct {
	name string // "event" or "opportunity": begins the fields of its form.
	area string // Key of its part of the portal.
	path string // Where its pages are.

	read     func(*web.Request, string) (post, error)
	find     func(*web.Request, search) ([]post, string, error)
	insert   func(*web.Request) (string, error)
	write    func(*web.Request, post) (etag string, err error)
	versions func(q *web.Request, id, page string) ([]version, string, error)
	steps    *step.Table[string]
	update   string // RPCs by their full names.
	history  string
	credits  string
	fields   []string // Of the form, by their names in the input.
}

// state is where a post stands, by its name in the contract.
func state(p post) string {
	switch p := p.(type) {
	case *outreachv1.Event:
		return p.GetState().String()
	case *outreachv1.Opportunity:
		return p.GetState().String()
	}
	return ""
}

// version is one kept version.
type version struct {
	number int32
	what   post
	at     *timestamppb.Timestamp
}

func (n *noun) get(q *web.Request) (post, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	return n.read(q, id)
}

// name is what a post is called; a draft may have no title yet.
func name(ctx context.Context, p post) string { return orUntitled(ctx, p.GetTitle()) }
