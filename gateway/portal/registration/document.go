package registration

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// piece is how much of a file goes in one message.
const piece = 64 << 10

// papers lists the papers for the desk, for the stated reason, which is logged.
func papers(q *web.Request) error {
	f, err := at(q)
	if err != nil {
		return err
	}
	why := strings.TrimSpace(q.PostFormValue(step.Why))
	resp, err := documents(q).ListRegistrationDocuments(q.Because(why), &directoryv1.ListRegistrationDocumentsRequest{OrganizationId: f.GetId(), PageSize: 200})
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", "papers")
		return answer(q, f, reasoned(form))
	}
	if err != nil {
		return err
	}
	f.papers, f.why = resp.GetDocuments(), why
	f.form.Labels = stepLabels
	if err := f.read(q); err != nil {
		return err
	}
	return q.Render(showPage(f))
}

// upload adds a paper.
func upload(q *web.Request) error {
	f, err := at(q)
	if err != nil {
		return err
	}
	err = send(q, f.GetId())
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", "upload")
		return answer(q, f, reasoned(form))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/organizations/"+f.GetId()+"/registration", "paperadded")
}

// errNoFile refuses a form in which no file was chosen.
var errNoFile = fault.ErrInvalidField.On(fault.Field{Path: "file", Reason: fault.ErrInvalidField.Reason, Ja: "ファイルを選んでください。", En: "Choose a file."})

// send sends the chosen file to the service in pieces. Errors: those of the RPC.
func send(q *web.Request, id string) error {
	file, about, err := q.FormFile("file")
	if err != nil {
		return errNoFile
	}
	defer func() { _ = file.Close() }() // only read from
	out, err := documents(q).UploadRegistrationDocument(stated(q.Once(), q))
	if err != nil {
		return err
	}
	err = out.Send(&directoryv1.UploadRegistrationDocumentRequest{Part: &directoryv1.UploadRegistrationDocumentRequest_Header{Header: &directoryv1.DocumentHeader{
		OrganizationId: id, Kind: q.PostFormValue("kind"), FileName: about.Filename,
	}}})
	for buf := make([]byte, piece); err == nil; {
		n, readErr := io.ReadFull(file, buf)
		if n > 0 {
			err = out.Send(&directoryv1.UploadRegistrationDocumentRequest{Part: &directoryv1.UploadRegistrationDocumentRequest_Content{Content: buf[:n]}})
		}
		if readErr != nil {
			break
		}
	}
	if err != nil && !errors.Is(err, io.EOF) { // EOF: the service has answered already
		return err
	}
	_, err = out.CloseAndRecv()
	return err
}

// readDocument hands a paper out to the desk, for the stated reason. Browsers
// keep it and never run it.
func readDocument(q *web.Request) error {
	id, document, err := paper(q)
	if err != nil {
		return err
	}
	in, err := documents(q).DownloadRegistrationDocument(q.Because(strings.TrimSpace(q.PostFormValue(step.Why))), &directoryv1.DownloadRegistrationDocumentRequest{OrganizationId: id, AttachmentId: document})
	if err != nil {
		return err
	}
	first, err := in.Recv()
	if err != nil {
		return err
	}
	about := first.GetAttachment()
	h := q.Writer.Header()
	h.Set("Content-Type", about.GetMediaType())
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": about.GetFileName()}))
	h.Set("Content-Length", strconv.FormatInt(about.GetSize(), 10))
	for {
		part, err := in.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			_, err = q.Writer.Write(part.GetContent())
		}
		if err != nil {
			panic(http.ErrAbortHandler) // half a file must not look like a whole one
		}
	}
}

func deleteDocument(q *web.Request) error {
	f, err := at(q)
	if err != nil {
		return err
	}
	_, document, err := paper(q)
	if err != nil {
		return err
	}
	_, err = documents(q).DeleteRegistrationDocument(stated(q.Once(), q), &directoryv1.DeleteRegistrationDocumentRequest{OrganizationId: f.GetId(), AttachmentId: document})
	if form, refused := q.Refused(err); refused {
		return answer(q, f, reasoned(form))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/organizations/"+f.GetId()+"/registration", "paperdeleted")
}

func paper(q *web.Request) (organization, document string, err error) {
	if organization, err = q.ID("id"); err != nil {
		return "", "", err
	}
	document, err = q.ID("document")
	return organization, document, err
}

// removable reports whether a paper was not handed in yet: the service keeps the
// others.
func (f *file) removable(d *directoryv1.RegistrationDocument) bool {
	return f.representative && d.GetRegistrationPeriod() == f.checklist.GetRegistrationPeriod() && f.GetState() != pending
}

// path is the address of the page.
func (f *file) path() string { return "/organizations/" + f.GetId() + "/registration" }
