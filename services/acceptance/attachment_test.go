package acceptance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
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
	return c.sendFile(as, "/v1/proposals/"+proposal+"/attachments", transfer{
		rpc: "UploadAttachment", path: obj{"proposalId": proposal}, parts: obj{"kind": f.kind}, field: "attachment",
	}, f)
}

// download reads a file of a proposal.
func (c *client) download(as, proposal, attachment string) ([]byte, error) {
	c.t.Helper()
	return c.readFile(as, "/v1/proposals/"+proposal+"/attachments/"+attachment+"/content", "DownloadAttachment", obj{"proposalId": proposal, "attachmentId": attachment})
}

// transfer is how a file is sent.
type transfer struct {
	rpc   string
	path  obj    // Fields of the header that stand in the path.
	parts obj    // Its other fields, texts all.
	field string // Of the response that REST answers; "" for all of it.
}

// sendFile sends a file as multipart over REST and in messages over gRPC.
func (c *client) sendFile(as, path string, u transfer, f file) (answer, error) {
	c.t.Helper()
	m := methods[u.rpc]
	if _, rest := c.transport.(restTransport); rest {
		return c.sendForm(as, path, u, f)
	}
	first := c.message(m.Descriptor.Input())
	header := obj{"fileName": f.name}
	maps.Copy(header, u.path)
	maps.Copy(header, u.parts)
	raw, err := json.Marshal(obj{"header": header})
	if err != nil {
		return nil, err
	}
	if err := protojson.Unmarshal(raw, first); err != nil {
		c.t.Fatal(err)
	}
	stream, err := c.world.grpc.NewStream(outgoing(c.t.Context(), c.world.token(c.t, as), c.headers), &grpc.StreamDesc{ClientStreams: true}, m.FullName)
	if err != nil {
		return nil, refusalOfRPC(err)
	}
	err = stream.SendMsg(first)
	for rest := f.content; err == nil && len(rest) > 0; {
		n := min(len(rest), 64<<10)
		next := first.ProtoReflect().New()
		next.Set(next.Descriptor().Fields().ByName("content"), protoreflect.ValueOfBytes(rest[:n]))
		err, rest = stream.SendMsg(next.Interface()), rest[n:]
	}
	if err != nil && !errors.Is(err, io.EOF) { // EOF: the answer says why
		return nil, refusalOfRPC(err)
	}
	resp := c.message(m.Descriptor.Output())
	if err := stream.CloseSend(); err != nil {
		return nil, err
	}
	if err := stream.RecvMsg(resp); err != nil {
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

func (c *client) sendForm(as, path string, u transfer, f file) (answer, error) {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range u.parts {
		if err := form.WriteField(name, fmt.Sprint(value)); err != nil {
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
	resp, raw := c.send(as, http.MethodPost, path, body.Bytes(), "Content-Type", form.FormDataContentType())
	if resp.StatusCode >= http.StatusBadRequest {
		return nil, refusalOf(resp, raw)
	}
	if created := methods[u.rpc].Location != ""; created != (resp.StatusCode == http.StatusCreated) || created != (resp.Header.Get("Location") != "") {
		return nil, fmt.Errorf("upload: status %d, Location %q", resp.StatusCode, resp.Header.Get("Location"))
	}
	var out answer
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("upload: %w: %s", err, raw)
	}
	if u.field == "" {
		return out, nil
	}
	return answer{u.field: obj(out)}, nil
}

// readFile reads a file as its bytes over REST and in messages over gRPC.
func (c *client) readFile(as, path, name string, in obj) ([]byte, error) {
	c.t.Helper()
	if _, rest := c.transport.(restTransport); rest {
		resp, raw := c.send(as, http.MethodGet, path, nil)
		if resp.StatusCode >= http.StatusBadRequest {
			return nil, refusalOf(resp, raw)
		}
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("Content-Disposition") == "" {
			return nil, fmt.Errorf("download without nosniff or disposition: %v", resp.Header)
		}
		return raw, nil
	}
	m := methods[name]
	req := c.message(m.Descriptor.Input())
	raw, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	if err := protojson.Unmarshal(raw, req); err != nil {
		return nil, err
	}
	stream, err := c.world.grpc.NewStream(outgoing(c.t.Context(), c.world.token(c.t, as), c.headers), &grpc.StreamDesc{ServerStreams: true}, m.FullName)
	if err != nil {
		return nil, refusalOfRPC(err)
	}
	if err := errors.Join(stream.SendMsg(req), stream.CloseSend()); err != nil && !errors.Is(err, io.EOF) {
		return nil, refusalOfRPC(err)
	}
	var out []byte
	for {
		part := c.message(m.Descriptor.Output()).ProtoReflect()
		err := stream.RecvMsg(part.Interface())
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, refusalOfRPC(err)
		}
		out = append(out, part.Get(part.Descriptor().Fields().ByName("content")).Bytes()...)
	}
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
