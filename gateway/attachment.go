package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/gateway/wire"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

const (
	maxFile   = 20 << 20
	maxUpload = maxFile + 64<<10 // The file and what multipart puts around it.
	inMemory  = 1 << 20          // Larger files wait in a temporary one.
	chunk     = 64 << 10
)

// checkWord refuses control characters and bytes that are no UTF-8.
func checkWord(name, v string) error {
	if !utf8.ValidString(v) {
		return problem.ErrInvalidUTF8.OnPath(name)
	}
	if _, bad := jp.ForbiddenRune(v, false); bad {
		return fault.ErrForbiddenCharacter.OnPath(name)
	}
	return nil
}

// fileRPCs are the RPCs that take a file in and hand it out. Each pair is two routes:
// POST at the collection that the location names, GET at the file's content.
var fileRPCs = []struct{ upload, download string }{
	{"/kyodo.proposals.v1.AttachmentService/UploadAttachment", "/kyodo.proposals.v1.AttachmentService/DownloadAttachment"},
	{"/kyodo.evaluation.v1.ProjectAttachmentService/UploadProjectAttachment", "/kyodo.evaluation.v1.ProjectAttachmentService/DownloadProjectAttachment"},
}

// fileRoutes returns the routes of files. The first message of an upload has a
// header whose fields, but for the name of the file and what stands in the path,
// are parts of the form; the first one of a download has the attachment.
func (g *Gateway) fileRoutes(methods map[string]auth.Method) ([]*route, error) {
	var routes []*route
	for _, f := range fileRPCs {
		up, down := methods[f.upload], methods[f.download]
		collection, _, ok := strings.Cut(up.Location, "/{attachment.")
		if !ok || down.Descriptor == nil {
			return nil, fmt.Errorf("%s is not in the contract", f.upload)
		}
		service := backendOf(up.Descriptor.ParentFile().Package())
		upload := &route{
			method: http.MethodPost, pattern: collection, service: service, rpc: up, bodyField: "header",
			stream: &stream{accept: "application/json", media: "multipart/form-data", limit: maxUpload, serve: g.upload},
		}
		download := &route{
			method: http.MethodGet, pattern: collection + "/{attachment_id}/content", service: service, rpc: down,
			stream: &stream{serve: g.download},
		}
		if err := upload.setAnswer(""); err != nil {
			return nil, err
		}
		routes = append(routes, upload, download)
	}
	return routes, nil
}

// newMessage returns an empty message of the contract.
func newMessage(d protoreflect.MessageDescriptor) (protoreflect.Message, error) {
	mt, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		return nil, err
	}
	return mt.New(), nil
}

// upload takes a file as multipart and sends it on in pieces.
func (g *Gateway) upload(w http.ResponseWriter, r *http.Request, values []string, c *call) error {
	rc := http.NewResponseController(w)
	until := g.Now().Add(transferTime)
	if err := errors.Join(rc.SetReadDeadline(until), rc.SetWriteDeadline(until)); err != nil {
		return fault.ErrCancelled.Because(err)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	parts, err := r.MultipartReader()
	if err != nil {
		return problem.ErrUnsupportedMediaType.Because(err)
	}
	form, err := parts.ReadForm(inMemory)
	if err != nil {
		return formError(err)
	}
	defer func() { _ = form.RemoveAll() }() // the system clears its temporary folder too
	header, err := newMessage(c.route.rpc.Descriptor.Input().Fields().ByName("header").Message())
	if err != nil {
		return err
	}
	for i, name := range variableNames(c.route.pattern) {
		header.Set(header.Descriptor().Fields().ByName(protoreflect.Name(name)), protoreflect.ValueOfString(values[i]))
	}
	file, err := readForm(form, header)
	if err != nil {
		return err
	}
	ctx, cancel := outgoingContext(r.Context(), c)
	defer cancel()
	resp, err := g.sendFile(ctx, c.route, header, file)
	if err != nil {
		return err
	}
	body, err := wire.Append(nil, resp.Get(resp.Descriptor().Fields().ByName("attachment")).Message())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	if err := c.route.describe(w, resp); err != nil {
		return err
	}
	_, _ = w.Write(body) // the caller is gone when this fails
	return nil
}

// formError says why a multipart body could not be read.
func formError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) || errors.Is(err, multipart.ErrMessageTooLarge) {
		return fault.ErrPayloadTooLarge.With("limit", strconv.Itoa(maxFile)).Because(err)
	}
	if f := problem.Fault(bodyError(err)); f.Kind == fault.Deadline {
		return f
	}
	return fault.ErrInvalidField.On(fault.Field{
		Path: "file", Reason: fault.ErrInvalidField.Reason, Ja: "multipart/form-data の形式が正しくありません。", En: "The multipart body is not well formed.",
	}).Because(err)
}

// readForm finds the file and the fields of the header, and refuses everything
// else.
func readForm(form *multipart.Form, header protoreflect.Message) (*multipart.FileHeader, error) {
	for name, v := range form.Value {
		fd := header.Descriptor().Fields().ByJSONName(name)
		if fd == nil || fd.Name() == "file_name" || header.Has(fd) {
			return nil, problem.ErrUnknownField.OnPath(name)
		}
		if len(v) > 1 {
			return nil, problem.ErrDuplicateField.OnPath(name)
		}
		if err := checkWord(name, v[0]); err != nil {
			return nil, err
		}
		if err := setFormField(header, fd, v[0]); err != nil {
			return nil, err
		}
	}
	for name, v := range form.File {
		if name != "file" {
			return nil, problem.ErrUnknownField.OnPath(name)
		}
		if len(v) > 1 {
			return nil, problem.ErrDuplicateField.OnPath(name)
		}
	}
	for name, there := range map[string]bool{"file": len(form.File["file"]) > 0, "kind": len(form.Value["kind"]) > 0} {
		if !there {
			return nil, fault.ErrInvalidField.On(fault.Missing(name))
		}
	}
	file := form.File["file"][0]
	if file.Size > maxFile {
		return nil, fault.ErrPayloadTooLarge.With("limit", strconv.Itoa(maxFile))
	}
	header.Set(header.Descriptor().Fields().ByName("file_name"), protoreflect.ValueOfString(file.Filename))
	return file, checkWord("file", file.Filename)
}

// setFormField sets a field from text: an enum by its name, or text as it is.
func setFormField(m protoreflect.Message, fd protoreflect.FieldDescriptor, v string) error {
	if fd.Enum() == nil {
		m.Set(fd, protoreflect.ValueOfString(v))
		return nil
	}
	known := fd.Enum().Values().ByName(protoreflect.Name(v))
	if known == nil {
		return fault.ErrInvalidEnum.OnPath(fd.JSONName())
	}
	m.Set(fd, protoreflect.ValueOfEnum(known.Number()))
	return nil
}

func (g *Gateway) sendFile(ctx context.Context, rt *route, header protoreflect.Message, file *multipart.FileHeader) (protoreflect.Message, error) {
	content, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = content.Close() }() // only read from
	out, err := g.Backends[rt.service].NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, rt.rpc.FullName)
	if err != nil {
		return nil, err
	}
	err = sendPart(out, rt, "header", protoreflect.ValueOfMessage(header))
	for piece := make([]byte, chunk); err == nil; {
		n, readErr := content.Read(piece)
		if n > 0 {
			err = sendPart(out, rt, "content", protoreflect.ValueOfBytes(bytes.Clone(piece[:n])))
		}
		if readErr == io.EOF { //nolint:errorlint // io.Reader returns it bare
			break
		}
		if readErr != nil {
			return nil, readErr
		}
	}
	if err != nil && !errors.Is(err, io.EOF) { // EOF: the service has answered already
		return nil, err
	}
	resp, err := newMessage(rt.rpc.Descriptor.Output())
	if err != nil {
		return nil, err
	}
	return resp, errors.Join(out.CloseSend(), out.RecvMsg(resp.Interface()))
}

// sendPart sends one part of an upload.
func sendPart(out grpc.ClientStream, rt *route, name protoreflect.Name, v protoreflect.Value) error {
	part, err := newMessage(rt.rpc.Descriptor.Input())
	if err != nil {
		return err
	}
	part.Set(part.Descriptor().Fields().ByName(name), v)
	return out.SendMsg(part.Interface())
}

// described is what every resource says of a file.
type described interface {
	GetFileName() string
	GetMediaType() string
	GetSize() int64
	GetSha256() string
}

// download sends a file as the service hands it out. Browsers keep it and never
// run it.
func (g *Gateway) download(w http.ResponseWriter, r *http.Request, values []string, c *call) error {
	ctx, cancel := outgoingContext(r.Context(), c)
	defer cancel()
	next, err := g.receiveFile(ctx, c.route, values)
	if err != nil {
		return err
	}
	first, err := next()
	if err != nil {
		return err
	}
	about, ok := first.Get(first.Descriptor().Fields().ByName("attachment")).Message().Interface().(described)
	if !ok {
		return fmt.Errorf("%s does not describe the file", c.route.rpc.FullName)
	}
	if describeFile(w.Header(), about); r.Header.Get("If-None-Match") == w.Header().Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	w.Header().Set("Content-Length", strconv.FormatInt(about.GetSize(), 10))
	if r.Method == http.MethodHead {
		return nil
	}
	if err := http.NewResponseController(w).SetWriteDeadline(g.Now().Add(transferTime)); err != nil {
		return fault.ErrCancelled.Because(err)
	}
	for {
		part, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			_, err = w.Write(part.Get(part.Descriptor().Fields().ByName("content")).Bytes())
		}
		if err != nil {
			panic(http.ErrAbortHandler) // half a file must not look like a whole one
		}
	}
}

// receiveFile asks for a file; next answers its parts, and io.EOF after the last.
func (g *Gateway) receiveFile(ctx context.Context, rt *route, values []string) (next func() (protoreflect.Message, error), err error) {
	req, err := newMessage(rt.rpc.Descriptor.Input())
	if err != nil {
		return nil, err
	}
	for i, name := range variableNames(rt.pattern) {
		req.Set(req.Descriptor().Fields().ByName(protoreflect.Name(name)), protoreflect.ValueOfString(values[i]))
	}
	in, err := g.Backends[rt.service].NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, rt.rpc.FullName)
	if err != nil {
		return nil, err
	}
	if err := in.SendMsg(req.Interface()); err != nil && !errors.Is(err, io.EOF) { // EOF: the answer says why
		return nil, err
	}
	return func() (protoreflect.Message, error) {
		part, err := newMessage(rt.rpc.Descriptor.Output())
		if err != nil {
			return nil, err
		}
		return part, in.RecvMsg(part.Interface())
	}, in.CloseSend()
}

func describeFile(h http.Header, about described) {
	h.Set("Content-Type", about.GetMediaType())
	h.Set("Content-Disposition", attachmentNamed(about.GetFileName()))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", strconv.Quote(about.GetSha256()))
}
