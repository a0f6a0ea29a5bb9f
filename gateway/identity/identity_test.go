package identity

import (
	"context"
	"crypto/ed25519"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth/oidc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// slow is a directory whose first answer waits until it is released.
type slow struct {
	grpc.ClientConnInterface
	asked   chan struct{}
	release chan struct{}
	mu      sync.Mutex
	calls   int
}

// Invoke answers that the person is an editor at first and a resident later.
func (s *slow) Invoke(_ context.Context, _ string, _, reply any, _ ...grpc.CallOption) error {
	s.mu.Lock()
	s.calls++
	role := optionsv1.Role_ROLE_RESIDENT
	first := s.calls == 1
	s.mu.Unlock()
	if first {
		close(s.asked)
		<-s.release
		role = optionsv1.Role_ROLE_EDITOR
	}
	reply.(*directoryv1.ResolvePrincipalResponse).Principal = &directoryv1.Principal{PersonId: "p", Roles: []optionsv1.Role{role}}
	return nil
}

// TestStaleAnswerIsNotKept holds that an answer which was under way while the
// person changed is not remembered.
func TestStaleAnswerIsNotKept(t *testing.T) {
	signer, err := auth.NewSigner(auth.Gateway, ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	directory := &slow{asked: make(chan struct{}), release: make(chan struct{})}
	x := New(Config{Directory: directory, Signer: signer, Now: time.Now})
	who := oidc.Identity{IssuerName: "development", Subject: "member"}
	done := make(chan Caller)
	go func() {
		c, err := x.Identity(t.Context(), who)
		if err != nil {
			t.Error(err)
		}
		done <- c
	}()
	<-directory.asked
	x.Forget("p")
	now, err := x.Identity(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	if now.Has(optionsv1.Role_ROLE_EDITOR) {
		t.Error("joins the answer from before the change")
	}
	close(directory.release)
	if c := <-done; !c.Has(optionsv1.Role_ROLE_EDITOR) {
		t.Errorf("the first caller is %+v", c)
	}
	if again, err := x.Identity(t.Context(), who); err != nil || again.Has(optionsv1.Role_ROLE_EDITOR) {
		t.Errorf("the stale answer is kept: %+v %v", again, err)
	}
	if directory.calls != 2 {
		t.Errorf("directory was asked %d times", directory.calls)
	}
}
