package register

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

const (
	piece      = 64 << 10        // How much of a file goes in one message.
	importTime = 3 * time.Minute // For a long list on a busy machine.
	shownRows  = 100             // Of the report; the file has all that the service tells.
)

// importLabels name the fields in the summary of what was refused.
var importLabels = ui.Labels{"file": "register.file", step.Why: "register.why", "sourceName": "registry.source", "sourceUrl": "registry.sourceurl", "duplicates": "register.duplicates"}

// intake is the page of an import: the form, and what came of a file.
type intake struct {
	form   *ui.Form
	report *directoryv1.ImportOrganizationsResponse
	names  map[string]string // Of organizations that are there already, by id.
}

func importForm(q *web.Request) error {
	if !ui.Can(q.Context(), directoryv1.OrganizationImportService_ImportOrganizations_FullMethodName) {
		return errNotDesk
	}
	return q.Render(importPage(&intake{form: ui.NewForm(url.Values{"do": {"check"}, "duplicates": {"REFUSE"}})}))
}

// errNoFile refuses a form in which no file was chosen.
var errNoFile = fault.ErrInvalidField.On(fault.Field{Path: "file", Reason: fault.ErrInvalidField.Reason, Ja: "CSV ファイルを選んでください。", En: "Choose a CSV file."})

// importList checks a file, or imports it. A file with bad rows is answered with
// the report by row.
func importList(q *web.Request) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(q.Once()), importTime)
	defer cancel()
	_ = http.NewResponseController(q.Writer).SetWriteDeadline(q.Site.Now().Add(importTime)) // without it the answer is just sooner cut off
	if why := q.PostFormValue(step.Why); why != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, rpc.MetaReason, rpc.EncodeReason(why))
	}
	in := &intake{}
	header := &directoryv1.ImportHeader{}
	file, about, err := q.FormFile("file")
	if err != nil {
		err = errNoFile
	} else {
		defer func() { _ = file.Close() }() // only read from
		err = web.Bind(q.PostForm, header)
		header.FileName = about.Filename
	}
	header.ValidateOnly = q.PostFormValue("do") != "import"
	if err == nil {
		in.report, err = transfer(ctx, q, header, file)
	}
	form, refused := q.Refused(err)
	if refused && form.Refusal.Reason == "IMPORT_REJECTED" && !header.GetValidateOnly() {
		header.ValidateOnly = true // the refusal tells the first rows, the check all of them
		if in.report, err = transfer(ctx, q, header, file); err != nil {
			return err
		}
	}
	if refused {
		form.Refusal = step.Reasoned(form.Refusal, step.Why)
		if in.report != nil {
			cut := *form.Refusal
			cut.Fields = nil // they stand in the table
			form.Refusal = &cut
		}
		in.form = form
		in.form.Labels = importLabels
		return in.answer(q, form.Status)
	}
	if err != nil {
		return err
	}
	in.form = q.Posted()
	return in.answer(q, http.StatusOK)
}

// answer answers the page, or the report as a file where that is wanted.
func (in *intake) answer(q *web.Request, status int) error {
	if in.report == nil {
		return q.RenderAs(status, importPage(in))
	}
	if err := in.name(q); err != nil {
		return err
	}
	if q.PostFormValue("do") != "csv" {
		return q.RenderAs(status, importPage(in))
	}
	out, err := in.csv(q.Context())
	if err != nil {
		return err
	}
	h := q.Writer.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="import-report.csv"`)
	_, _ = q.Writer.Write(out) // the caller is gone when this fails
	return nil
}

// name reads the names of organizations that are there already.
func (in *intake) name(q *web.Request) error {
	in.names = map[string]string{}
	var ids []string
	for _, d := range in.report.GetDuplicates()[:min(len(in.report.GetDuplicates()), shownRows)] {
		if id := d.GetOrganizationId(); id != "" && in.names[id] == "" {
			in.names[id] = id
			ids = append(ids, id)
		}
	}
	for _, id := range ids[:min(len(ids), namedOnes)] {
		resp, err := organizations(q).GetOrganization(q.Context(), &directoryv1.GetOrganizationRequest{Id: id})
		if err == nil {
			in.names[id] = resp.GetOrganization().GetName()
		}
	}
	return nil
}

// namedOnes is how many of them are named; of more the number says enough.
const namedOnes = 5

// csv is the report as a file for spreadsheets: what the service tells of rows,
// none of what stands in them.
func (in *intake) csv(ctx context.Context) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\uFEFF") // by which spreadsheet programs know the encoding
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	lines := [][]string{{text.S(ctx, "register.row"), text.S(ctx, "register.column"), text.S(ctx, "register.todo")}}
	for _, f := range in.report.GetFindings() {
		lines = append(lines, []string{strconv.Itoa(int(f.GetRow())), f.GetColumn(), f.GetMessage()})
	}
	for _, d := range in.report.GetDuplicates() {
		lines = append(lines, []string{strconv.Itoa(int(d.GetRow())), d.GetColumn(), in.duplicate(ctx, d)})
	}
	if err := w.WriteAll(lines); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// duplicate says of what a row is a duplicate.
func (in *intake) duplicate(ctx context.Context, d *directoryv1.ImportOrganizationsResponse_Duplicate) string {
	if d.GetOrganizationId() == "" {
		return text.S(ctx, "register.earlier", d.GetEarlierRow())
	}
	name := in.names[d.GetOrganizationId()]
	if name == "" {
		name = d.GetOrganizationId()
	}
	return text.S(ctx, "register.there", name)
}

// transfer sends the file to the service in pieces. Errors: those of the RPC.
func transfer(ctx context.Context, q *web.Request, header *directoryv1.ImportHeader, file multipart.File) (*directoryv1.ImportOrganizationsResponse, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	out, err := directoryv1.NewOrganizationImportServiceClient(q.Site.Service("directory")).ImportOrganizations(ctx)
	if err != nil {
		return nil, err
	}
	err = out.Send(&directoryv1.ImportOrganizationsRequest{Part: &directoryv1.ImportOrganizationsRequest_Header{Header: header}})
	for buf := make([]byte, piece); err == nil; {
		n, readErr := io.ReadFull(file, buf)
		if n > 0 {
			err = out.Send(&directoryv1.ImportOrganizationsRequest{Part: &directoryv1.ImportOrganizationsRequest_Content{Content: buf[:n]}})
		}
		if readErr != nil {
			break
		}
	}
	if err != nil && !errors.Is(err, io.EOF) { // EOF: the service has answered already
		return nil, err
	}
	return out.CloseAndRecv()
}
