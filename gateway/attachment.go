package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/gateway/wire"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
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
	header, file, err := readForm(form)
	if err != nil {
		return err
	}
	header.ProposalId = values[0]
	ctx, cancel := outgoingContext(r.Context(), c)
	defer cancel()
	resp, err := g.sendFile(ctx, header, file)
	if err != nil {
		return err
	}
	body, err := wire.Append(nil, resp.GetAttachment().ProtoReflect())
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

// readForm finds the parts kind and file and refuses everything else.
func readForm(form *multipart.Form) (*proposalsv1.AttachmentHeader, *multipart.FileHeader, error) {
	for name, v := range form.Value {
		if name != "kind" {
			return nil, nil, problem.ErrUnknownField.OnPath(name)
		}
		if len(v) > 1 {
			return nil, nil, problem.ErrDuplicateField.OnPath(name)
		}
		if err := checkWord(name, v[0]); err != nil {
			return nil, nil, err
		}
	}
	for name, v := range form.File {
		if name != "file" {
			return nil, nil, problem.ErrUnknownField.OnPath(name)
		}
		if len(v) > 1 {
			return nil, nil, problem.ErrDuplicateField.OnPath(name)
		}
	}
	for name, there := range map[string]bool{"file": len(form.File["file"]) > 0, "kind": len(form.Value["kind"]) > 0} {
		if !there {
			return nil, nil, fault.ErrInvalidField.On(fault.Missing(name))
		}
	}
	file := form.File["file"][0]
	if file.Size > maxFile {
		return nil, nil, fault.ErrPayloadTooLarge.With("limit", strconv.Itoa(maxFile))
	}
	return &proposalsv1.AttachmentHeader{Kind: form.Value["kind"][0], FileName: file.Filename}, file, checkWord("file", file.Filename)
}

func (g *Gateway) sendFile(ctx context.Context, header *proposalsv1.AttachmentHeader, file *multipart.FileHeader) (*proposalsv1.UploadAttachmentResponse, error) {
	content, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = content.Close() }() // only read from
	client := proposalsv1.NewAttachmentServiceClient(g.Backends["proposals"])
	out, err := client.UploadAttachment(ctx)
	if err != nil {
		return nil, err
	}
	err = out.Send(&proposalsv1.UploadAttachmentRequest{Part: &proposalsv1.UploadAttachmentRequest_Header{Header: header}})
	for piece := make([]byte, chunk); err == nil; {
		n, readErr := content.Read(piece)
		if n > 0 {
			err = out.Send(&proposalsv1.UploadAttachmentRequest{Part: &proposalsv1.UploadAttachmentRequest_Content{Content: bytes.Clone(piece[:n])}})
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
	return out.CloseAndRecv()
}

// download sends a file as the service hands it out. Browsers keep it and never
// run it.
func (g *Gateway) download(w http.ResponseWriter, r *http.Request, values []string, c *call) error {
	ctx, cancel := outgoingContext(r.Context(), c)
	defer cancel()
	client := proposalsv1.NewAttachmentServiceClient(g.Backends["proposals"])
	in, err := client.DownloadAttachment(ctx, &proposalsv1.DownloadAttachmentRequest{ProposalId: values[0], AttachmentId: values[1]})
	if err != nil {
		return err
	}
	first, err := in.Recv()
	if err != nil {
		return err
	}
	about := first.GetAttachment()
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
		part, err := in.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			_, err = w.Write(part.GetContent())
		}
		if err != nil {
			panic(http.ErrAbortHandler) // half a file must not look like a whole one
		}
	}
}

func describeFile(h http.Header, about *typev1.Attachment) {
	h.Set("Content-Type", about.GetMediaType())
	h.Set("Content-Disposition", attachmentNamed(about.GetFileName()))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", strconv.Quote(about.GetSha256()))
}
