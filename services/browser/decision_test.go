package browser

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// call sends JSON to the API in the client's session and returns the answer.
func (c *client) call(method, path string, body any) map[string]any {
	c.t.Helper()
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			c.t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(c.t.Context()), method, shared.process.Origin+path, bytes.NewReader(raw))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", rand.Text())
	}
	resp, err := c.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(answer, &out); err != nil || resp.StatusCode >= http.StatusBadRequest {
		c.t.Fatalf("%s %s: %s %s %v", method, path, resp.Status, answer, err)
	}
	return out
}

// as returns a client in the session of a sample person.
func as(t testing.TB, person string) *client {
	t.Helper()
	c := newClient(t)
	c.signIn(person)
	return c
}

func (c *client) department() string {
	c.t.Helper()
	return fmt.Sprint(c.call(http.MethodGet, "/v1/me", nil)["departmentId"])
}

// submitted makes a submitted proposal of sample organization 1.
func submitted(t testing.TB, title string) (id string) {
	t.Helper()
	return proposed(t, title, nil)
}

// proposed is submitted with more or other content.
func proposed(t testing.TB, title string, content map[string]any) (id string) {
	t.Helper()
	id = drafted(t, title, content)
	as(t, "representative").call(http.MethodPost, "/v1/proposals/"+id+":submit", map[string]any{})
	return id
}

// drafted makes a proposal of sample organization 1 that could be submitted.
func drafted(t testing.TB, title string, content map[string]any) (id string) {
	t.Helper()
	return draftedTo(t, strings.TrimPrefix(openCall(t), "/calls/"), title, content)
}

// submittedTo makes a submitted proposal of sample organization 1 to a call.
func submittedTo(t testing.TB, callID, title string) (id string) {
	t.Helper()
	id = draftedTo(t, callID, title, nil)
	as(t, "representative").call(http.MethodPost, "/v1/proposals/"+id+":submit", map[string]any{})
	return id
}

// draftedTo is drafted for a call.
func draftedTo(t testing.TB, callID, title string, content map[string]any) (id string) {
	t.Helper()
	c := as(t, "representative")
	call := c.call(http.MethodGet, "/v1/calls/"+callID, nil)
	var declarations []any
	for _, d := range call["declarations"].([]any) {
		declarations = append(declarations, d.(map[string]any)["code"])
	}
	organization := c.call(http.MethodGet, "/v1/me", nil)["memberships"].([]any)[0].(map[string]any)["organizationId"]
	whole := map[string]any{
		"title": title, "contactName": "見本 花子", "contactPhone": "03-0000-0000", "purpose": "居場所をつくります。", "activities": "読み聞かせを行います。",
		"necessity": "区と団体がそろって初めて続けられます。", "form": "cohost",
		"roles": []any{map[string]any{"item": "会場", "organizationRole": "運営", "wardRole": "会場の確保"}},
		"goals": []any{map[string]any{"indicator": "参加者数", "target": "120人"}},
		"budget": []any{
			map[string]any{"side": "INCOME", "account": "区負担金", "amount": "300000", "bearer": "WARD"},
			map[string]any{"side": "EXPENSE", "account": "報償費", "amount": "300000", "bearer": "WARD"},
		},
		"declarations": declarations, "publishConsent": true, "useOrganizationProfile": true,
	}
	maps.Copy(whole, content)
	made := c.call(http.MethodPost, "/v1/proposals", map[string]any{"callId": call["id"], "organizationId": organization, "content": whole})
	return fmt.Sprint(made["id"])
}

// step opens a dialog of the page.
func (tb *tab) dialog(name string) {
	tb.t.Helper()
	tb.run(chromedp.Click(fmt.Sprintf(`//summary[contains(normalize-space(.), %q)]`, name)))
}

// confirm is the button of a dialog.
func confirm(name string) string {
	return fmt.Sprintf(`//*[@class="dialog-body"]//button[normalize-space(.)=%q]`, name)
}

// TestDecision is the way of a proposal through the ward: the desk accepts and
// assigns, two departments respond, the lead drafts, an approver decides, and the
// public page shows it, and not before.
func TestDecision(t *testing.T) {
	start(t)
	title := "町の縁側（見本）"
	path := "/proposals/" + submitted(t, title)
	lead, joint := as(t, "staff").department(), as(t, "staff2").department()
	desk, staff, staff2, approver, public := open(t).as("desk"), open(t).as("staff"), open(t).as("staff2"), open(t).as("approver"), open(t)

	desk.visit("/desk/proposals")
	desk.follow(link(title))
	desk.follow(link("受理する"))
	desk.says("手続きを進めました")
	desk.dialog("担当課を割り当てる")
	desk.choose("assign.assignments[0].departmentId", lead)
	desk.choose("assign.assignments[0].role", "LEAD")
	desk.choose("assign.assignments[1].departmentId", joint)
	desk.choose("assign.assignments[1].role", "JOINT")
	desk.follow(confirm("担当課を割り当てる"))
	desk.says("所管課割当済", "回答待ち")
	for _, tb := range []*tab{staff, staff2} {
		tb.visit("/tasks")
		tb.follow(fmt.Sprintf(`//main//a[contains(@href, %q)]`, path))
		tb.dialog("担当の受諾を回答する")
		tb.run(chromedp.Click(chromedp.CSS(`#f-respond-response-0`)))
		tb.follow(confirm("担当の受諾を回答する"))
		tb.says("手続きを進めました")
	}
	desk.visit(path)
	desk.follow(link("審査を始める"))
	staff.visit(path)
	staff.follow(link("協議を始める"))
	staff.dialog("決定を起案する")
	staff.run(chromedp.Click(chromedp.CSS(`#f-draft-outcome-0`)))
	staff.write("draft.reason", "区の重点課題に合い、役割分担が明確なため。")
	staff.write("draft.cost", "300,000")
	staff.write("draft.decidedBy", "文化学習スポーツ課長")
	staff.follow(confirm("決定を起案する"))
	staff.says("起案済")
	public.visit(path)
	public.says("審査中")
	if strings.Contains(public.text(), "役割分担が明確なため") {
		t.Error("the public reads the drafted decision")
	}
	approver.visit(path)
	approver.dialog("決裁する")
	approver.follow(confirm("決裁する"))
	public.visit(path)
	public.says(title, "採択", "役割分担が明確なため", "300,000円", "検討の経過")
}
