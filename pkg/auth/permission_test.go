package auth_test

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	_ "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
	_ "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	_ "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func TestAllow(t *testing.T) {
	m := func(p *optionsv1.Permission) auth.Method { return auth.Method{Permission: p} }
	desk := m(&optionsv1.Permission{Action: "a", Roles: []auth.Role{optionsv1.Role_ROLE_DESK}})
	public := m(&optionsv1.Permission{Action: "a", Roles: []auth.Role{optionsv1.Role_ROLE_PUBLIC}})
	internal := m(&optionsv1.Permission{Action: "a", Services: []string{"proposals"}})
	atDesk := auth.Principal{Kind: auth.KindPerson, ID: "p", Roles: []auth.Role{optionsv1.Role_ROLE_DESK}}
	for name, c := range map[string]struct {
		method auth.Method
		caller auth.Principal
		want   *fault.Error
	}{
		"role":                         {desk, atDesk, nil},
		"other role":                   {desk, person, fault.ErrPermissionDenied},
		"nobody":                       {desk, auth.Anonymous, fault.ErrUnauthenticated},
		"service on a person's RPC":    {desk, auth.Service("proposals"), fault.ErrPermissionDenied},
		"nobody on a public RPC":       {public, auth.Anonymous, nil},
		"person on a public RPC":       {public, person, nil},
		"service on a public RPC":      {public, auth.Service("proposals"), nil},
		"service that is listed":       {internal, auth.Service("proposals"), nil},
		"service that is not":          {internal, auth.Service("directory"), fault.ErrPermissionDenied},
		"person named like a service":  {internal, auth.Principal{Kind: auth.KindPerson, ID: "proposals"}, fault.ErrPermissionDenied},
		"nobody on services' RPC":      {internal, auth.Anonymous, fault.ErrUnauthenticated},
		"nobody where nothing is said": {m(nil), auth.Anonymous, fault.ErrUnauthenticated},
		"person where nothing is said": {m(nil), atDesk, fault.ErrPermissionDenied},
	} {
		if err := c.method.Allow(c.caller); c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantEqual(t, "public", []bool{true, false}, []bool{public.Public(), desk.Public()})
}

func TestAllMethods(t *testing.T) {
	all, err := auth.AllMethods()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"/kyodo.audit.v1.AuditService/ListAuditEntries",
		"/kyodo.directory.v1.DepartmentService/CreateDepartment",
		"/kyodo.proposals.v1.ProposalService/CreateProposal",
	} {
		if m := all[name]; m.FullName != name || m.Permission.GetAction() == "" {
			t.Errorf("%s: %+v", name, m)
		}
	}
	wantEqual(t, "location", "/v1/departments/{department.id}", all["/kyodo.directory.v1.DepartmentService/CreateDepartment"].Location)
	actions := map[string]string{}
	for name, m := range all {
		service, _, _ := strings.Cut(strings.TrimPrefix(name, "/kyodo."), ".")
		if !strings.HasPrefix(m.Permission.GetAction(), service+".") || actions[m.Permission.GetAction()] != "" {
			t.Errorf("%s: action %q has another service's name or is that of %s", name, m.Permission.GetAction(), actions[m.Permission.GetAction()])
		}
		actions[m.Permission.GetAction()] = name
	}
}

// TestMethods: a server with an RPC of ours that declares no permission does
// not start.
func TestMethods(t *testing.T) {
	declare := func(name string, p *optionsv1.Permission) string {
		options := &descriptorpb.MethodOptions{}
		if p != nil {
			proto.SetExtension(options, optionsv1.E_Permission, p)
		}
		file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
			Name: proto.String(name + ".proto"), Package: proto.String("kyodo.test.auth.v1"), Syntax: proto.String("proto3"),
			MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String(name + "Message")}},
			Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String(name), Method: []*descriptorpb.MethodDescriptorProto{{
				Name: proto.String("Do"), Options: options,
				InputType: proto.String(".kyodo.test.auth.v1." + name + "Message"), OutputType: proto.String(".kyodo.test.auth.v1." + name + "Message"),
			}}}},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		full := "kyodo.test.auth.v1." + name
		if _, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(full)); err == nil {
			return full // with -count
		}
		if err := protoregistry.GlobalFiles.RegisterFile(file); err != nil {
			t.Fatal(err)
		}
		return full
	}
	desk := []auth.Role{optionsv1.Role_ROLE_DESK}
	good := declare("Good", &optionsv1.Permission{Action: "a.b.c", Roles: desk})
	for _, bad := range []string{
		declare("Silent", nil),
		declare("Actionless", &optionsv1.Permission{Roles: desk}),
		declare("Nobodys", &optionsv1.Permission{Action: "a.b.c"}),
		"kyodo.test.auth.v1.Unknown",
		"kyodo.test.auth.v1.GoodMessage",
	} {
		if got, err := auth.Methods(map[string]grpc.ServiceInfo{good: {}, bad: {}}); err == nil {
			t.Errorf("%s: %v", bad, got)
		}
	}
	got, err := auth.Methods(map[string]grpc.ServiceInfo{good: {}, "grpc.health.v1.Health": {}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got["/"+good+"/Do"].Permission.GetAction() != "a.b.c" {
		t.Errorf("%v", got)
	}
}
