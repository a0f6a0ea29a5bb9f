package auth

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// Method is an RPC with what it declares in the proto.
type Method struct {
	FullName   string // "/kyodo.proposals.v1.ProposalService/SubmitProposal".
	Descriptor protoreflect.MethodDescriptor
	Permission *optionsv1.Permission
	Location   string // Template of the created resource's address, or "".
	KeyNeeded  bool   // Whether a call must carry an Idempotency-Key.
}

// Allow decides by the caller's roles alone, before any look-up. Errors:
// UNAUTHENTICATED, PERMISSION_DENIED.
func (m Method) Allow(p Principal) error {
	switch {
	case p.Kind == KindService && slices.Contains(m.Permission.GetServices(), p.ID):
		return nil
	case p.Has(m.Permission.GetRoles()...):
		return nil
	case p.Kind == KindAnonymous:
		return fault.ErrUnauthenticated
	}
	return fault.ErrPermissionDenied.With("action", m.Permission.GetAction())
}

// Public reports whether anybody may call the RPC.
func (m Method) Public() bool {
	return slices.Contains(m.Permission.GetRoles(), optionsv1.Role_ROLE_PUBLIC)
}

// Methods reads the declarations of every RPC of the services that are
// registered on a server, by full name; health and reflection, which are not
// ours, are left out. An RPC of ours without a permission is an error: such a
// server must not start.
func Methods(services map[string]grpc.ServiceInfo) (map[string]Method, error) {
	out := map[string]Method{}
	for name := range services {
		if !strings.HasPrefix(name, "kyodo.") {
			continue
		}
		d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			return nil, fmt.Errorf("descriptor of %s: %w", name, err)
		}
		sd, ok := d.(protoreflect.ServiceDescriptor)
		if !ok {
			return nil, fmt.Errorf("%s is not a service", name)
		}
		if err := addMethods(out, sd); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// AllMethods reads the declarations of every kyodo service linked into the
// program, by full name.
func AllMethods() (map[string]Method, error) {
	out := map[string]Method{}
	var err error
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if f.Package().Parent().Parent() != "kyodo" {
			return true
		}
		for i := range f.Services().Len() {
			if err = addMethods(out, f.Services().Get(i)); err != nil {
				return false
			}
		}
		return true
	})
	return out, err
}

func addMethods(out map[string]Method, sd protoreflect.ServiceDescriptor) error {
	for i := range sd.Methods().Len() {
		md := sd.Methods().Get(i)
		m := Method{
			FullName:   fmt.Sprintf("/%s/%s", sd.FullName(), md.Name()),
			Descriptor: md,
		}
		m.Permission, _ = proto.GetExtension(md.Options(), optionsv1.E_Permission).(*optionsv1.Permission)
		if m.Permission.GetAction() == "" || len(m.Permission.GetRoles())+len(m.Permission.GetServices()) == 0 {
			return fmt.Errorf("%s declares no permission", md.FullName())
		}
		m.Location, _ = proto.GetExtension(md.Options(), optionsv1.E_Location).(string)
		m.KeyNeeded, _ = proto.GetExtension(md.Options(), optionsv1.E_IdempotencyKeyRequired).(bool)
		out[m.FullName] = m
	}
	return nil
}
