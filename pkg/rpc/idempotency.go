package rpc

import (
	"context"
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
	key := incoming(ctx, MetaIdempotencyKey)
	method, ours := s.methods[info.FullMethod]
	m, ok := asMessage(req)
	if key == "" && method.KeyNeeded && auth.From(ctx).Kind != auth.KindService {
		return nil, fault.ErrIdempotencyKeyRequired
	}
	if key == "" || !ours || !ok || readOnly(method) {
		return next(ctx, req)
	}
	p := auth.From(ctx)
	if !validKey(key, p) {
		return nil, errKey
	}
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("fingerprint: %w", err)
	}
	bound := []byte(p.Actor() + "\x00" + info.FullMethod + "\x00" + key)
	resp, err := next(idempotency.With(ctx, &idempotency.Claim{
		Caller: p.Actor(), Method: info.FullMethod, Key: key, Fingerprint: s.fingerprints.MAC(raw),
		Seal: func(answer any) ([]byte, error) { return s.sealAnswer(method, answer, bound) },
	}), req)
	var replay *idempotency.Replay
	if errors.As(err, &replay) {
		return s.openAnswer(method, replay.Sealed, bound)
	}
	return resp, err
}

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
func (s *guard) sealAnswer(method auth.Method, answer any, bound []byte) ([]byte, error) {
	m, ok := asMessage(answer)
	if !ok || m.ProtoReflect().Descriptor().FullName() != method.Descriptor.Output().FullName() {
		return nil, fmt.Errorf("the first transaction of %s returned %T instead of the answer", method.FullName, answer)
	}
	raw, err := proto.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("store answer: %w", err)
	}
	return s.Answers.Seal(raw, bound), nil
}

func (s *guard) openAnswer(m auth.Method, sealed, bound []byte) (any, error) {
	raw, err := s.Answers.Open(sealed, bound)
	if err != nil {
		return nil, fmt.Errorf("stored answer: %w", err)
	}
	mt, err := protoregistry.GlobalTypes.FindMessageByName(m.Descriptor.Output().FullName())
	if err != nil {
		return nil, fmt.Errorf("stored answer: %w", err)
	}
	resp := mt.New().Interface()
	if err := proto.Unmarshal(raw, resp); err != nil {
		return nil, fmt.Errorf("stored answer: %w", err)
	}
	return resp, nil
}
