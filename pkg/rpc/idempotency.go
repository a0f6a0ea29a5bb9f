package rpc

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/idempotency"
)

const (
	maxKey          = 255
	minAnonymousKey = 22 // 128 random bits in base64 have 22 letters.
)

var errKey = fault.ErrInvalidField.On(fault.Field{
	Path: "Idempotency-Key", Reason: "INVALID_FIELD",
	Ja: "1〜255文字の半角英数記号で指定してください。ログインしていない場合は22文字以上のランダムな値にしてください。",
	En: "Send 1 to 255 printable ASCII characters; without a token at least 22 random ones.",
})

// once lets the transaction of a call with an idempotency key claim it, and
// answers a repeat with the stored answer.
func (s *guard) once(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	claim, err := s.claim(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	m, ok := asMessage(req)
	if claim == nil || !ok {
		return next(ctx, req)
	}
	raw, err := fixed.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("fingerprint: %w", err)
	}
	claim.Fingerprint = s.fingerprints.MAC(raw)
	resp, err := next(idempotency.With(ctx, claim), req)
	var replay *idempotency.Replay
	if errors.As(err, &replay) {
		return s.openAnswer(claim, replay.Sealed)
	}
	return resp, err
}

// onceStream is once for an upload. What was sent is known when the content has
// ended, so the handler reads all of it before the transaction.
func (s *guard) onceStream(srv any, in *checkedStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	claim, err := s.claim(in.ctx, info.FullMethod)
	if err != nil {
		return err
	}
	if claim == nil {
		return next(srv, in)
	}
	in.claim, in.sent, in.ctx = claim, sha256.New(), idempotency.With(in.ctx, claim)
	err = next(srv, in)
	var replay *idempotency.Replay
	if !errors.As(err, &replay) {
		return err
	}
	resp, err := s.openAnswer(claim, replay.Sealed)
	if err != nil {
		return err
	}
	return in.SendMsg(resp)
}

// fixed writes equal messages as equal bytes.
var fixed = proto.MarshalOptions{Deterministic: true}

// note adds a message of an upload to what was sent: a content by its bytes, in
// whatever pieces it comes.
func (c *checkedStream) note(m proto.Message) error {
	r := m.ProtoReflect()
	if fd := r.Descriptor().Fields().ByName("content"); fd != nil && r.Has(fd) {
		_, _ = c.sent.Write(r.Get(fd).Bytes()) // a hash takes all
		return nil
	}
	raw, err := fixed.Marshal(m)
	if err != nil {
		return fmt.Errorf("fingerprint: %w", err)
	}
	_, _ = c.sent.Write(binary.BigEndian.AppendUint64(nil, uint64(len(raw))))
	_, _ = c.sent.Write(raw)
	return nil
}

// claim is what the idempotency key of a call claims, without the fingerprint; nil
// for a call without one and for one that only reads. Errors:
// IDEMPOTENCY_KEY_REQUIRED, INVALID_FIELD.
func (s *guard) claim(ctx context.Context, fullMethod string) (*idempotency.Claim, error) {
	key := incoming(ctx, MetaIdempotencyKey)
	method, ours := s.methods[fullMethod]
	p := auth.From(ctx)
	if key == "" && method.KeyNeeded && p.Kind != auth.KindService {
		return nil, fault.ErrIdempotencyKeyRequired
	}
	if key == "" || !ours || readOnly(method) {
		return nil, nil
	}
	if !validKey(key, p) {
		return nil, errKey
	}
	c := &idempotency.Claim{Caller: p.Actor(), Method: fullMethod, Key: key}
	c.Seal = func(answer any) ([]byte, error) { return s.sealAnswer(c, answer) }
	return c, nil
}

// bound is what a stored answer belongs to.
func bound(c *idempotency.Claim) []byte { return []byte(c.Caller + "\x00" + c.Method + "\x00" + c.Key) }

// readOnly reports whether REST reaches the method by GET.
func readOnly(m auth.Method) bool {
	rule, _ := proto.GetExtension(m.Descriptor.Options(), annotations.E_Http).(*annotations.HttpRule)
	return rule.GetGet() != ""
}

func validKey(key string, p auth.Principal) bool {
	if len(key) > maxKey || p.Kind == auth.KindAnonymous && len(key) < minAnonymousKey {
		return false
	}
	return !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
}

// sealAnswer encrypts what the first transaction of a call returned, which is
// the call's answer: anything else could not be given again.
func (s *guard) sealAnswer(c *idempotency.Claim, answer any) ([]byte, error) {
	method := s.methods[c.Method]
	m, ok := asMessage(answer)
	if !ok || m.ProtoReflect().Descriptor().FullName() != method.Descriptor.Output().FullName() {
		return nil, fmt.Errorf("the first transaction of %s returned %T instead of the answer", method.FullName, answer)
	}
	raw, err := proto.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("store answer: %w", err)
	}
	return s.Answers.Seal(raw, bound(c)), nil
}

func (s *guard) openAnswer(c *idempotency.Claim, sealed []byte) (any, error) {
	raw, err := s.Answers.Open(sealed, bound(c))
	if err != nil {
		return nil, fmt.Errorf("stored answer: %w", err)
	}
	mt, err := protoregistry.GlobalTypes.FindMessageByName(s.methods[c.Method].Descriptor.Output().FullName())
	if err != nil {
		return nil, fmt.Errorf("stored answer: %w", err)
	}
	resp := mt.New().Interface()
	if err := proto.Unmarshal(raw, resp); err != nil {
		return nil, fmt.Errorf("stored answer: %w", err)
	}
	return resp, nil
}
