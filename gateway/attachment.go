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
	"time"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/gateway/wire"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

const (
	maxFile  = 20 << 20
	maxList  = 64 << 20        // A list that is imported.
	listTime = 5 * time.Minute // For 50,000 rows on a busy machine; a quiet one takes half a minute.
	wrapping = 64 << 10        // What multipart puts around a file.
	inMemory = 1 << 20         // Larger files wait in a temporary one.
	chunk    = 64 << 10
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

// upload takes a file as multipart and sends it on in pieces. The parts beside
// the file are fields of the header that the RPC takes first.
func (g *Gateway) upload(w http.ResponseWriter, r *http.Request, values []string, c *call) error {
	rc := http.NewResponseController(w)
	until := g.Now().Add(c.route.stream.time)
	if err := errors.Join(rc.SetReadDeadline(until), rc.SetWriteDeadline(until)); err != nil {
		return fault.ErrCancelled.Because(err)
	}
	s := c.route.stream
	r.Body = http.MaxBytesReader(w, r.Body, s.limit)
	parts, err := r.MultipartReader()
	if err != nil {
		return problem.ErrUnsupportedMediaType.Because(err)
	}
	form, err := parts.ReadForm(inMemory)
	if err != nil {
		return formError(err, s.file)
	}
	defer func() { _ = form.RemoveAll() }() // the system clears its temporary folder too
	first, file, err := c.route.readForm(form, values)
	if err != nil {
		return err
	}
	ctx, cancel := outgoingContext(r.Context(), c)
	defer cancel()
	resp, err := g.sendFile(ctx, c.route, first, file)
	if err != nil {
		return err
	}
	answer := resp.ProtoReflect()
	if fd := answer.Descriptor().Fields().ByName(s.answer); fd != nil {
		answer = answer.Get(fd).Message()
	}
	body, err := wire.Append(nil, answer)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	if err := c.route.describe(w, resp.ProtoReflect()); err != nil {
		return err
	}
	_, _ = w.Write(body) // the caller is gone when this fails
	return nil
}

// formError says why a multipart body could not be read.
func formError(err error, limit int64) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) || errors.Is(err, multipart.ErrMessageTooLarge) {
		return tooLarge(limit).Because(err)
	}
	if f := problem.Fault(bodyError(err)); f.Kind == fault.Deadline {
		return f
	}
	return fault.ErrInvalidField.On(fault.Field{
		Path: "file", Reason: fault.ErrInvalidField.Reason, Ja: "multipart/form-data の形式が正しくありません。", En: "The multipart body is not well formed.",
	}).Because(err)
}

// readForm makes the first message of the upload of the path and the parts: file
// is the file, every other part a field of the header under its name in JSON.
func (r *route) readForm(form *multipart.Form, values []string) (proto.Message, *multipart.FileHeader, error) {
	for name, v := range form.File {
		if name != "file" {
			return nil, nil, problem.ErrUnknownField.OnPath(name)
		}
		if len(v) > 1 {
			return nil, nil, problem.ErrDuplicateField.OnPath(name)
		}
	}
	if len(form.File["file"]) == 0 {
		return nil, nil, fault.ErrInvalidField.On(fault.Missing("file"))
	}
	file := form.File["file"][0]
	if file.Size > r.stream.file {
		return nil, nil, tooLarge(r.stream.file)
	}
	if err := checkWord("file", file.Filename); err != nil {
		return nil, nil, err
	}
	first, err := newMessage(r.rpc.Descriptor.Input())
	if err != nil {
		return nil, nil, err
	}
	header := first.ProtoReflect().Mutable(first.ProtoReflect().Descriptor().Fields().ByName(headerField)).Message()
	if err := fillHeader(header, form.Value); err != nil {
		return nil, nil, err
	}
	for i, name := range variableNames(r.pattern) {
		if err := runtime.PopulateFieldFromPath(header.Interface(), name, values[i]); err != nil {
			return nil, nil, fault.ErrInvalidField.OnPath(name).Because(err)
		}
	}
	header.Set(header.Descriptor().Fields().ByName("file_name"), protoreflect.ValueOfString(file.Filename))
	return first, file, nil
}

// The fields of the messages of an upload and a download.
const (
	headerField     = "header"
	contentField    = "content"
	attachmentField = "attachment"
)

// fillHeader reads the parts that are not the file. What is in the path and the
// name of the file are no parts of their own.
func fillHeader(header protoreflect.Message, parts map[string][]string) error {
	for name, v := range parts {
		fd := header.Descriptor().Fields().ByJSONName(name)
		if fd == nil || fd.Name() == "file_name" || strings.HasSuffix(string(fd.Name()), "_id") {
			return problem.ErrUnknownField.OnPath(name)
		}
		if len(v) > 1 {
			return problem.ErrDuplicateField.OnPath(name)
		}
		if err := checkWord(name, v[0]); err != nil {
			return err
		}
		if fd.Enum() != nil && fd.Enum().Values().ByName(protoreflect.Name(v[0])) == nil {
			return fault.ErrInvalidEnum.OnPath(name)
		}
		if err := runtime.PopulateFieldFromPath(header.Interface(), string(fd.Name()), v[0]); err != nil {
			return fault.ErrInvalidField.OnPath(name).Because(err)
		}
	}
	return nil
}

// newMessage makes an empty message of a type of the contract.
func newMessage(md protoreflect.MessageDescriptor) (proto.Message, error) {
	mt, err := protoregistry.GlobalTypes.FindMessageByName(md.FullName())
	if err != nil {
		return nil, err
	}
	return mt.New().Interface(), nil
}

func (g *Gateway) sendFile(ctx context.Context, rt *route, first proto.Message, file *multipart.FileHeader) (proto.Message, error) {
	content, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = content.Close() }() // only read from
	out, err := g.Backends[rt.service].NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, rt.rpc.FullName)
	if err != nil {
		return nil, err
	}
	err = out.SendMsg(first)
	for piece := make([]byte, chunk); err == nil; {
		n, readErr := content.Read(piece)
		if n > 0 {
			next := first.ProtoReflect().New()
			next.Set(next.Descriptor().Fields().ByName(contentField), protoreflect.ValueOfBytes(bytes.Clone(piece[:n])))
			err = out.SendMsg(next.Interface())
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
	if err := out.CloseSend(); err != nil {
		return nil, err
	}
	return resp, out.RecvMsg(resp)
}

// download sends a file as the service hands it out. Browsers keep it and never
// run it.
func (g *Gateway) download(w http.ResponseWriter, r *http.Request, values []string, c *call) error {
	ctx, cancel := outgoingContext(r.Context(), c)
	defer cancel()
	next, err := g.openFile(ctx, c.route, values)
	if err != nil {
		return err
	}
	first, err := next()
	if err != nil {
		return err
	}
	about, ok := first.Get(first.Descriptor().Fields().ByName(attachmentField)).Message().Interface().(described)
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
			_, err = w.Write(part.Get(part.Descriptor().Fields().ByName(contentField)).Bytes())
		}
		if err != nil {
			panic(http.ErrAbortHandler) // half a file must not look like a whole one
		}
	}
}

// openFile asks for the file that the path names; next answers io.EOF after the
// last part.
func (g *Gateway) openFile(ctx context.Context, rt *route, values []string) (next func() (protoreflect.Message, error), err error) {
	req, err := newMessage(rt.rpc.Descriptor.Input())
	if err != nil {
		return nil, err
	}
	for i, name := range variableNames(rt.pattern) {
		if err := runtime.PopulateFieldFromPath(req, name, values[i]); err != nil {
			return nil, fault.ErrInvalidField.OnPath(name).Because(err)
		}
	}
	in, err := g.Backends[rt.service].NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, rt.rpc.FullName)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(in.SendMsg(req), in.CloseSend()); err != nil && !errors.Is(err, io.EOF) { // EOF: the first RecvMsg tells
		return nil, err
	}
	return func() (protoreflect.Message, error) {
		part, err := newMessage(rt.rpc.Descriptor.Output())
		if err == nil {
			err = in.RecvMsg(part)
		}
		return part.ProtoReflect(), err
	}, nil
}

// described is what every resource says of a file.
type described interface {
	GetFileName() string
	GetMediaType() string
	GetSize() int64
	GetSha256() string
}

func describeFile(h http.Header, about described) {
	h.Set("Content-Type", about.GetMediaType())
	h.Set("Content-Disposition", attachmentNamed(about.GetFileName()))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", strconv.Quote(about.GetSha256()))
}
