package acceptance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"

	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// file is an attachment to be.
type file struct {
	kind, name string
	content    []byte
}

// tinyPDF is recognized as a PDF.
var tinyPDF = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")

// upload adds a file to a proposal.
func (c *client) upload(as, proposal string, f file) (answer, error) {
	c.t.Helper()
	if _, rest := c.transport.(restTransport); rest {
		return c.uploadREST(as, "/v1/proposals/"+proposal+"/attachments", map[string]string{"kind": f.kind}, f)
	}
	ctx := outgoing(c.t.Context(), c.world.token(c.t, as), c.headers)
	stream, err := proposalsv1.NewAttachmentServiceClient(c.world.grpc).UploadAttachment(ctx)
	if err != nil {
		return nil, refusalOfRPC(err)
	}
	header := &proposalsv1.AttachmentHeader{ProposalId: proposal, Kind: f.kind, FileName: f.name}
	err = stream.Send(&proposalsv1.UploadAttachmentRequest{Part: &proposalsv1.UploadAttachmentRequest_Header{Header: header}})
	for rest := f.content; err == nil && len(rest) > 0; {
		n := min(len(rest), 64<<10)
		err = stream.Send(&proposalsv1.UploadAttachmentRequest{Part: &proposalsv1.UploadAttachmentRequest_Content{Content: rest[:n]}})
		rest = rest[n:]
	}
	if err != nil && !errors.Is(err, io.EOF) { // EOF: the answer says why
		return nil, refusalOfRPC(err)
	}
	resp, err := stream.CloseAndRecv()
	if err != nil {
		return nil, refusalOfRPC(err)
	}
	return c.read(resp), nil
}

func refusalOfRPC(err error) error {
	if f, ok := rpc.FromStatus(status.Convert(err)); ok {
		return f
	}
	return err
}

// uploadREST adds a file to a collection, with the other fields of the form.
func (c *client) uploadREST(as, collection string, fields map[string]string, f file) (answer, error) {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			return nil, err
		}
	}
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename="%s"`, f.name)},
		"Content-Type":        {"application/octet-stream"},
	})
	if err != nil {
		return nil, err
	}
	if _, err := part.Write(f.content); err != nil {
		return nil, err
	}
	if err := form.Close(); err != nil {
		return nil, err
	}
	resp, raw := c.send(as, http.MethodPost, collection, body.Bytes(), "Content-Type", form.FormDataContentType())
	if resp.StatusCode >= http.StatusBadRequest {
		return nil, refusalOf(resp, raw)
	}
	if resp.StatusCode != http.StatusCreated || resp.Header.Get("Location") == "" {
		return nil, fmt.Errorf("upload: status %d, Location %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, fmt.Errorf("upload: %w: %s", err, raw)
	}
	return answer{"attachment": obj(a)}, nil
}

// download reads a file of a proposal.
func (c *client) download(as, proposal, attachment string) ([]byte, error) {
	c.t.Helper()
	if _, rest := c.transport.(restTransport); rest {
		return c.downloadREST(as, "/v1/proposals/"+proposal+"/attachments/"+attachment+"/content")
	}
	ctx := outgoing(c.t.Context(), c.world.token(c.t, as), c.headers)
	req := &proposalsv1.DownloadAttachmentRequest{ProposalId: proposal, AttachmentId: attachment}
	stream, err := proposalsv1.NewAttachmentServiceClient(c.world.grpc).DownloadAttachment(ctx, req)
	if err != nil {
		return nil, refusalOfRPC(err)
	}
	var out []byte
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, refusalOfRPC(err)
		}
		out = append(out, part.GetContent()...)
	}
}

// downloadREST reads the content at an address.
func (c *client) downloadREST(as, path string) ([]byte, error) {
	c.t.Helper()
	resp, raw := c.send(as, http.MethodGet, path, nil)
	if resp.StatusCode >= http.StatusBadRequest {
		return nil, refusalOf(resp, raw)
	}
	if resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("Content-Disposition") == "" {
		return nil, fmt.Errorf("download without nosniff or disposition: %v", resp.Header)
	}
	return raw, nil
}

// send makes a plain HTTP request; headers are name, value, name, value and so on.
func (c *client) send(as, method, path string, body []byte, headers ...string) (*http.Response, []byte) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.world.origin+path, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for name, value := range c.headers {
		req.Header.Set(name, value)
	}
	if token := c.world.token(c.t, as); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp, raw
}

// sendJSON makes a plain HTTP request with a JSON body.
func (c *client) sendJSON(as, method, path string, body any) (*http.Response, []byte) {
	c.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.send(as, method, path, raw, "Content-Type", "application/json")
}
