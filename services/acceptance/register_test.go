package acceptance

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// handsIn adds a document to a registration.
func (c *client) handsIn(as, organization string, f file) (answer, error) {
	c.t.Helper()
	return c.sendFile(as, "/v1/organizations/"+organization+"/attachments", transfer{
		rpc: "UploadRegistrationDocument", path: obj{"organizationId": organization}, parts: obj{"kind": f.kind}, field: "attachment",
	}, f)
}

// readsDocument reads a document of a registration.
func (c *client) readsDocument(as, organization, id string) ([]byte, error) {
	c.t.Helper()
	return c.readFile(as, "/v1/organizations/"+organization+"/attachments/"+id+"/content", "DownloadRegistrationDocument", obj{"organizationId": organization, "attachmentId": id})
}

// imports imports a list.
func (c *client) imports(as string, header obj, list string) (answer, error) {
	c.t.Helper()
	return c.sendFile(as, "/v1/organizations:import", transfer{rpc: "ImportOrganizations", parts: header}, file{name: "一覧.csv", content: []byte(list)})
}

// TestRegistrationDocuments hands in the papers of an application, has them read
// by those who may, and renews the registration.
func TestRegistrationDocuments(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		because := c.with("kyodo-reason", "acceptance")
		rep, editor := somebody("rep"), somebody("editor")
		id := c.ok(rep, "CreateOrganization", obj{"organization": organizationInput("書類の会 " + rep)}).str("organization.id")
		c.becomesMember(rep)
		in := obj{"organizationId": id}
		if got := c.ok(rep, "GetDocumentChecklist", in).list("items"); len(got) == 0 {
			t.Error("nothing is asked of a volunteer group")
		}
		a, err := c.handsIn(rep, id, file{"MEMBERS", "会員名簿.pdf", tinyPDF})
		if err != nil {
			t.Fatal(explain(err))
		}
		document := a.str("attachment.id")
		c.ok(rep, "SubmitOrganization", obj{"id": id})
		c.refused(rep, "DeleteRegistrationDocument", "DOCUMENT_KEPT", obj{"organizationId": id, "attachmentId": document})
		c.refused("desk", "ListRegistrationDocuments", "REASON_REQUIRED", in)
		if got := because.ok("desk", "ListRegistrationDocuments", in).list("documents"); len(got) != 1 || got[0].str("registrationPeriod") != "1" {
			t.Errorf("the desk lists %v", got)
		}
		c.ok("desk", "VerifyOrganization", obj{"id": id})
		c.member(rep, id, editor, "EDITOR")
		for person, reason := range map[string]string{
			"": "UNAUTHENTICATED", editor: "PERMISSION_DENIED", "representative2": "RESOURCE_NOT_FOUND", "staff": "PERMISSION_DENIED", "desk": "REASON_REQUIRED",
		} {
			if _, err := c.readsDocument(person, id, document); reasonOf(err) != reason {
				t.Errorf("%q reads the members and is answered %q", person, reasonOf(err))
			}
		}
		got, err := because.readsDocument("desk", id, document)
		if err != nil || !bytes.Equal(got, tinyPDF) {
			t.Errorf("the desk reads %q, %v", got, err)
		}
		c.ok(rep, "RequestRenewal", obj{"id": id})
		if got := c.ok("desk", "RenewOrganization", obj{"id": id}).str("organization.registrationPeriod"); got != "2" {
			t.Errorf("after the renewal it is period %q", got)
		}
	})
}

// TestListIsImported imports a list in the encoding of spreadsheet programs: a bad
// row changes nothing, a good list is published with its source and exported.
func TestListIsImported(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		because := c.with("kyodo-reason", "acceptance")
		name := somebody("取込の会")
		list := "名称,名称_カナ,団体種別,法人番号,活動分野,活動目的,代表者氏名,所在地_町字\r\n" + name + ",トリコミノカイ,任意団体,%s,環境保全,川の清掃,見本 太郎,三番町\r\n"
		sjis, lost := jp.ToCP932(fmt.Sprintf(list, ""))
		if lost != nil {
			t.Fatal(lost)
		}
		header := obj{"publish": true, "sourceName": "見本の一覧", "sourceUrl": "https://example.jp/list"}
		_, err := because.imports("desk", header, fmt.Sprintf(list, "1234567891012"))
		listed(t, "ImportOrganizations", reasonOf(err))
		if got := explainOr(err); reasonOf(err) != "IMPORT_REJECTED" || !strings.Contains(got, "rows[2].法人番号") {
			t.Errorf("a bad row is answered with %s", got)
		}
		found := func() []answer { return c.all("desk", "FindDuplicates", "duplicates", obj{"name": name}) }
		if got := found(); len(got) != 0 {
			t.Errorf("a bad list made %v", got)
		}
		a, err := because.imports("desk", merge(obj{"validateOnly": true}, header), string(sjis))
		if err != nil || a.str("importedCount") != "1" || a.str("charset") != "CP932" || len(found()) != 0 {
			t.Fatalf("dry run: %v, %v", a, explainOr(err))
		}
		if _, err := because.imports("desk", header, string(sjis)); err != nil {
			t.Fatal(explain(err))
		}
		made := found()
		if len(made) != 1 || made[0].str("organization.sourceName") != "見本の一覧" || made[0].str("organization.state") != "VERIFIED" {
			t.Fatalf("imported %v", made)
		}
		raw, err := base64.StdEncoding.DecodeString(c.ok("", "ExportOrganizations", nil).str("document.content"))
		if err != nil {
			t.Fatal(err)
		}
		export := string(raw)
		if !strings.HasPrefix(export, "\uFEFF全国地方公共団体コード,") || !strings.Contains(export, ","+name+",トリコミノカイ,") || strings.Contains(export, "見本 太郎") {
			t.Errorf("exported %.300s", export)
		}
		if _, err := because.imports("desk", header, string(sjis)); reasonOf(err) != "IMPORT_REJECTED" {
			t.Errorf("the same list again: %v", explainOr(err))
		}
	})
}

// TestMergedOrganizationIsFoundUnderTheSurvivor gives a group a proposal, a
// project, a booking and an article, merges it, and asks every service.
func TestMergedOrganizationIsFoundUnderTheSurvivor(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		p := c.draft(c.publishedCall(nil), "統合される会の提案").assigned().examined()
		p.step("staff", "DraftDecision", "DECISION_DRAFTED", decision("ADOPTED", "公益性が高い。"))
		p.step("approver", "ApproveDecision", "ADOPTED", nil)
		k := &chain{course: p, number: p.ok(p.rep, "GetProposal", obj{"id": p.id}).str("proposal.number")}
		k.isAProject()
		article := c.ok(p.rep, "CreateArticle", obj{"article": obj{
			"title": "統合される会の記事", "body": "本文", "organizationId": p.organization,
			"credits": []obj{{"part": "ORGANIZER", "organizationId": p.organization}},
		}}).str("article.id")
		booking := p.books()

		head := somebody("head")
		name := "生き残る会 " + head
		survivor := c.organization(head, name)
		c.ok("desk", "MergeOrganization", obj{"id": p.organization, "survivorId": survivor, "reason": "同じ団体のため"})
		for rpc, q := range map[string]struct {
			in          obj
			id, name    string // Of the organization in the answer.
			asOrganizer string
		}{
			"GetProposal": {obj{"id": p.id}, "proposal.organizationId", "proposal.organizationName", ""},
			"GetProject":  {obj{"id": k.project}, "project.organizationIds.0", "project.credits.2.name", ""},
			"GetBooking":  {obj{"id": booking}, "booking.organizationId", "booking.organizationName", ""},
			"GetArticle":  {obj{"id": article}, "article.organizationId", "article.credits.0.name", "article.credits.0.organizationId"},
		} {
			eventually(t, 20*time.Second, rpc+" answers with the survivor", func() bool {
				a, err := c.try(head, rpc, q.in)
				return err == nil && a.str(q.id) == survivor && a.str(q.name) == name && (q.asOrganizer == "" || a.str(q.asOrganizer) == survivor)
			})
		}
		for rpc, field := range map[string]string{"ListProposals": "proposals", "ListProjects": "projects", "ListBookings": "bookings"} {
			if got := c.ok(head, rpc, obj{"organizationId": survivor}).list(field); len(got) != 1 {
				t.Errorf("%s of the survivor: %v", rpc, got)
			}
			if got := c.ok("desk", rpc, obj{"organizationId": p.organization}).list(field); len(got) != 0 && rpc != "ListBookings" {
				t.Errorf("%s of the merged one: %v", rpc, got)
			}
		}
		if got := c.ok("", "GetOrganization", obj{"id": p.organization}); got.str("organization.survivorId") != survivor {
			t.Errorf("everybody sees %s", got.text())
		}
	})
}

// books books a sample room for the organization, on the first day and slot that
// is free.
func (p *course) books() string {
	p.t.Helper()
	var err error
	for day := 8; day < 40; day++ {
		for _, slot := range []string{"AM", "PM", "NI"} {
			var a answer
			a, err = p.with("idempotency-key", somebody("key")).try(p.rep, "CreateBooking", obj{
				"organizationId": p.organization, "roomId": "01900000-0000-7000-8000-0000000f1001", "date": today(day), "slotCodes": []string{slot},
				"purpose": "MEETING", "title": "定例会", "headcount": 5,
			})
			if err == nil {
				return a.str("booking.id")
			}
		}
	}
	p.t.Fatalf("no slot is free: %v", explain(err))
	return ""
}
