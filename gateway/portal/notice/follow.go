package notice

import (
	"context"
	"net/http"
	"sync"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func followService(q *web.Request) outreachv1.FollowServiceClient {
	return outreachv1.NewFollowServiceClient(q.Site.Service("outreach"))
}

// shownFollows is how many follows a page shows, as other lists do. What each is of
// is asked at the same time as the others.
const shownFollows = 20

// followed is a follow with what it is of.
type followed struct {
	*outreachv1.Follow
	name, page string // "" for what is not public or not there.
}

// wall are the caller's follows and what else can be followed.
type wall struct {
	form        *ui.Form
	follows     []followed
	topics      []ui.Option
	first, next string
}

func follows(q *web.Request) error {
	return answerWall(q, ui.NewForm(map[string][]string{}), http.StatusOK)
}

func answerWall(q *web.Request, form *ui.Form, status int) error {
	resp, err := followService(q).ListFollows(q.Context(), &outreachv1.ListFollowsRequest{PageSize: shownFollows, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	w := &wall{form: form}
	w.first, w.next = q.Pages(resp.GetNextPageToken())
	all, err := outreachv1.NewNewsletterTopicServiceClient(q.Site.Service("outreach")).ListNewsletterTopics(q.Context(), &outreachv1.ListNewsletterTopicsRequest{})
	if err != nil {
		return err
	}
	topics := map[string]string{}
	for _, t := range all.GetTopics() {
		topics[t.GetCode()] = t.GetName()
		w.topics = append(w.topics, ui.Option{Value: t.GetCode(), Text: t.GetName()})
	}
	w.follows = make([]followed, len(resp.GetFollows()))
	var named sync.WaitGroup
	for i, f := range resp.GetFollows() {
		named.Go(func() { w.follows[i] = nameOf(q.Context(), q.Site, f, topics) })
	}
	named.Wait()
	form.Labels = ui.Labels{"follow.target": "follow.target"}
	return q.RenderAs(status, followsPage(w))
}

// nameOf asks what a follow is of. What is not public or away has no name; it can
// be ended all the same.
func nameOf(ctx context.Context, s *web.Site, f *outreachv1.Follow, topics map[string]string) followed {
	out := followed{Follow: f}
	id := f.GetTarget()
	switch f.GetKind() {
	case outreachv1.Follow_TOPIC:
		out.name = topics[id]
	case outreachv1.Follow_ORGANIZATION:
		if got, err := directoryv1.NewOrganizationServiceClient(s.Service("directory")).GetOrganization(ctx, &directoryv1.GetOrganizationRequest{Id: id}); err == nil {
			out.name, out.page = got.GetOrganization().GetName(), "/organizations/"+id
		}
	case outreachv1.Follow_PROPOSAL:
		if got, err := proposalsv1.NewProgressServiceClient(s.Service("proposals")).ListProgress(ctx, &proposalsv1.ListProgressRequest{ProposalId: id, PageSize: 1}); err == nil {
			out.name, out.page = got.GetTitle(), "/proposals/"+id
		}
	case outreachv1.Follow_PROJECT:
		if got, err := evaluationv1.NewProjectServiceClient(s.Service("evaluation")).GetProject(ctx, &evaluationv1.GetProjectRequest{Id: id}); err == nil {
			out.name = got.GetProject().GetTitle()
			if s.Reads("/projects/" + id) {
				out.page = "/projects/" + id
			}
		}
	}
	return out
}

func follow(q *web.Request) error {
	req := &outreachv1.CreateFollowRequest{Follow: &outreachv1.FollowInput{}}
	err := web.Bind(q.PostForm, req)
	if err == nil {
		_, err = followService(q).CreateFollow(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerWall(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	back := q.Back()
	if back == "/" {
		back = "/follows"
	}
	return q.Redirect(back, "followed")
}

func unfollow(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	if _, err := followService(q).DeleteFollow(q.Once(), &outreachv1.DeleteFollowRequest{Id: id}); err != nil {
		return err
	}
	return q.Redirect("/follows", "unfollowed")
}
