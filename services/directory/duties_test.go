package directory

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// waiting returns what waits for the caller, as "action path".
func (w *world) waiting(c caller) []string {
	w.t.Helper()
	resp, err := taskv1.NewTaskServiceClient(w.As(c.Principal)).ListTasks(w.t.Context(), &taskv1.ListTasksRequest{})
	w.must(err)
	out := []string{}
	for _, t := range resp.GetTasks() {
		if t.GetTitle() == "" || t.GetSubject() == "" || t.GetSince() == nil || t.GetService() != "directory" {
			w.t.Errorf("incomplete: %v", t)
		}
		out = append(out, t.GetAction()+" "+t.GetPath())
	}
	return out
}

func (w *world) waits(c caller, want ...string) {
	w.t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, w.waiting(c)); diff != "" {
		w.t.Errorf("tasks (-want +got):\n%s", diff)
	}
}

func TestDuties(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	head, o := w.apply("head", input("見本の会", "ミホンノカイ"))
	path := "/v1/organizations/" + o.GetId()
	w.waits(w.desk())
	_, err := head.SubmitOrganization(ctx, &directoryv1.SubmitOrganizationRequest{Id: o.GetId()})
	w.must(err)
	w.waits(w.desk(), "verify "+path)
	w.waits(head)
	_, err = w.desk().ReturnOrganization(ctx, &directoryv1.ReturnOrganizationRequest{Id: o.GetId(), Reason: "フリガナを確認してください。", Fields: []string{"nameKana"}})
	w.must(err)
	w.waits(w.desk())
	w.waits(head, "correct "+path)
	_, err = head.SubmitOrganization(ctx, &directoryv1.SubmitOrganizationRequest{Id: o.GetId()})
	w.must(err)
	_, err = w.desk().VerifyOrganization(ctx, &directoryv1.VerifyOrganizationRequest{Id: o.GetId()})
	w.must(err)
	w.waits(head)
	w.exec(`UPDATE organization SET valid_until = current_date + 10 WHERE id = $1`, o.GetId())
	w.waits(head, "renew "+path)
	invited := w.signIn("guest")
	m, err := head.InviteMember(ctx, &directoryv1.InviteMemberRequest{OrganizationId: o.GetId(), Email: "guest@people.example.com", Role: directoryv1.Member_EDITOR})
	w.must(err)
	w.waits(invited, "accept "+path+"/members/"+m.GetMember().GetId())
	_, err = invited.AcceptInvitation(ctx, &directoryv1.AcceptInvitationRequest{OrganizationId: o.GetId(), Id: m.GetMember().GetId()})
	w.must(err)
	w.waits(invited)
}
