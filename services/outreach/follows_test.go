package outreach_test

import (
	"fmt"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

func (w *world) follow(p auth.Principal, kind outreachv1.Follow_Kind, target string) (*outreachv1.Follow, error) {
	resp, err := outreachv1.NewFollowServiceClient(w.As(p)).CreateFollow(w.t.Context(), &outreachv1.CreateFollowRequest{
		Follow: &outreachv1.FollowInput{Kind: kind, Target: target},
	})
	return resp.GetFollow(), err
}

func (w *world) follows(p auth.Principal, req *outreachv1.ListFollowsRequest) (*outreachv1.ListFollowsResponse, error) {
	return outreachv1.NewFollowServiceClient(w.As(p)).ListFollows(w.t.Context(), req)
}

func TestFollows(t *testing.T) {
	t.Parallel()
	w := start(t)
	_, err := w.follow(auth.Anonymous, outreachv1.Follow_TOPIC, "history")
	refused(t, err, "UNAUTHENTICATED")
	_, err = w.follow(auditor, outreachv1.Follow_TOPIC, "history")
	refused(t, err, "PERMISSION_DENIED")
	for kind, target := range map[outreachv1.Follow_Kind]string{
		outreachv1.Follow_TOPIC: "歴史", outreachv1.Follow_ORGANIZATION: "history", outreachv1.Follow_KIND_UNSPECIFIED: org1, outreachv1.Follow_PROJECT: "",
	} {
		_, err := w.follow(resident, kind, target)
		refused(t, err, "INVALID_FIELD")
	}
	topic, err := w.follow(resident, outreachv1.Follow_TOPIC, "history")
	w.must(err)
	again, err := w.follow(resident, outreachv1.Follow_TOPIC, "history")
	w.must(err)
	if again.GetId() != topic.GetId() {
		t.Errorf("%s twice: %s", topic.GetId(), again.GetId())
	}
	w.must(err2(w.follow(resident, outreachv1.Follow_ORGANIZATION, org1)))
	w.must(err2(w.follow(resident, outreachv1.Follow_PROPOSAL, none))) // Whether there is one is not told.
	w.must(err2(w.follow(staff, outreachv1.Follow_PROJECT, project1)))

	// Nobody sees or ends another's.
	for p, want := range map[string]int{"resident": 3, "staff": 1, "desk": 0} {
		by := map[string]auth.Principal{"resident": resident, "staff": staff, "desk": desk}[p]
		if got, err := w.follows(by, &outreachv1.ListFollowsRequest{}); err != nil || len(got.GetFollows()) != want {
			t.Errorf("%s sees %v %v", p, got, err)
		}
	}
	end := func(p auth.Principal) error {
		return err2(outreachv1.NewFollowServiceClient(w.As(p)).DeleteFollow(t.Context(), &outreachv1.DeleteFollowRequest{Id: topic.GetId()}))
	}
	refused(t, end(desk), "RESOURCE_NOT_FOUND")
	w.must(end(resident))
	refused(t, end(resident), "RESOURCE_NOT_FOUND")
	page, err := w.follows(resident, &outreachv1.ListFollowsRequest{PageSize: 1})
	w.must(err)
	rest, err := w.follows(resident, &outreachv1.ListFollowsRequest{PageSize: 1, PageToken: page.GetNextPageToken()})
	w.must(err)
	if page.GetFollows()[0].GetKind() != outreachv1.Follow_PROPOSAL || rest.GetFollows()[0].GetKind() != outreachv1.Follow_ORGANIZATION || rest.GetNextPageToken() != "" {
		t.Errorf("pages = %v, %v", page, rest)
	}
	only, err := w.follows(resident, &outreachv1.ListFollowsRequest{Kind: outreachv1.Follow_ORGANIZATION})
	w.must(err)
	if len(only.GetFollows()) != 1 {
		t.Errorf("organizations = %v", only)
	}
	if n := w.count(`SELECT count(*) FROM follow_count AS c WHERE used <> (SELECT count(*) FROM follow AS f WHERE f.person_id = c.person_id)`); n != 0 {
		t.Errorf("%d counters are wrong", n)
	}
	if n := w.count(`SELECT count(*) FROM event_log`); n != 0 {
		t.Error("a follow is told to others")
	}
}

func TestFollowLimit(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.exec(`INSERT INTO follow_count (person_id, used) VALUES ('eager', 495)`)
	eager := servicetest.Resident("eager")
	got := atOnce(12, func(i int) error { return err2(w.follow(eager, outreachv1.Follow_TOPIC, fmt.Sprintf("topic%d", i))) })
	if got[""] != 5 || got["FOLLOW_LIMIT_REACHED"] != 7 {
		t.Errorf("follows: %v", got)
	}
	same := atOnce(8, func(int) error { return err2(w.follow(resident, outreachv1.Follow_TOPIC, "history")) })
	if same[""] != 8 || w.count(`SELECT used FROM follow_count WHERE person_id = 'resident'`) != 1 {
		t.Errorf("the same at once: %v", same)
	}
}
