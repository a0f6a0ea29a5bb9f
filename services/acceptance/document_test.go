package acceptance

import "bytes"

// uploadDocument adds a document to a project, for somebody.
func (c *client) uploadDocument(as, project, visibility string, f file) (answer, error) {
	c.t.Helper()
	parts := obj{"kind": f.kind}
	if visibility != "" {
		parts["visibility"] = visibility
	}
	return c.sendFile(as, "/v1/projects/"+project+"/attachments", transfer{
		rpc: "UploadProjectAttachment", path: obj{"projectId": project}, parts: parts, field: "attachment",
	}, f)
}

// downloadDocument reads a document of a project.
func (c *client) downloadDocument(as, project, attachment string) ([]byte, error) {
	c.t.Helper()
	return c.readFile(as, "/v1/projects/"+project+"/attachments/"+attachment+"/content", "DownloadProjectAttachment", obj{"projectId": project, "attachmentId": attachment})
}

// isDocumented keeps a document for each circle of readers.
func (k *chain) isDocumented() {
	k.t.Helper()
	add := func(as, visibility, kind string) string {
		k.t.Helper()
		a, err := k.uploadDocument(as, k.project, visibility, file{kind, "記録.pdf", tinyPDF})
		if err != nil {
			k.t.Fatalf("%s adds a document: %s", as, explain(err))
		}
		return a.str("attachment.id")
	}
	ward, both, public := add("staff", "WARD_ONLY", "MATERIAL"), add(k.rep, "", "RECEIPT"), add(k.rep, "PUBLIC", "PUBLICITY")
	where := func(id string) obj { return obj{"projectId": k.project, "attachmentId": id} }
	k.refused("desk", "PublishProjectAttachment", "DOCUMENT_NOT_FOR_EVERYBODY", where(both))
	if _, err := k.downloadDocument("", k.project, public); reasonOf(err) != "RESOURCE_NOT_FOUND" {
		k.t.Errorf("before it is published everybody reads the document: %s", explainOr(err))
	}
	k.ok("staff", "PublishProjectAttachment", where(public))
	k.refused(k.rep, "DeleteProjectAttachment", "DOCUMENT_PUBLISHED", where(public))
	for person, sees := range map[string]map[string]bool{
		"": {public: true}, "member2": {public: true}, "auditor": {public: true}, k.rep: {public: true, both: true},
		"staff": {public: true, both: true, ward: true}, k.approver: {public: true, both: true, ward: true}, "desk": {public: true, both: true, ward: true},
	} {
		if got := k.ok(person, "ListProjectAttachments", obj{"projectId": k.project}).list("attachments"); len(got) != len(sees) {
			k.t.Errorf("%q sees %d documents, want %d", person, len(got), len(sees))
		}
		for _, id := range []string{ward, both, public} {
			content, err := k.downloadDocument(person, k.project, id)
			if bytes.Equal(content, tinyPDF) != sees[id] || err != nil && reasonOf(err) != "RESOURCE_NOT_FOUND" {
				k.t.Errorf("%q reads %s: %s", person, id, explainOr(err))
			}
			if !sees[id] {
				k.refused(person, "GetProjectAttachment", "RESOURCE_NOT_FOUND", where(id))
			}
		}
	}
	k.ok(k.rep, "DeleteProjectAttachment", where(both))
	k.refused(k.rep, "GetProjectAttachment", "RESOURCE_NOT_FOUND", where(both))
}
