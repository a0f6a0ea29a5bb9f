package acceptance

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// columns are the table's columns, each with the role that it is and the sample
// person who drives it; the viewer is made by the test.
var columns = []struct {
	name, person string
	role         auth.Role
}{
	{"PUB", "", optionsv1.Role_ROLE_PUBLIC},
	{"RES", "resident", optionsv1.Role_ROLE_RESIDENT},
	{"VIEW", "viewer", optionsv1.Role_ROLE_VIEWER},
	{"PM", "member", optionsv1.Role_ROLE_EDITOR},
	{"PA", "representative", optionsv1.Role_ROLE_REPRESENTATIVE},
	{"WS", "staff", optionsv1.Role_ROLE_STAFF},
	{"DESK", "desk", optionsv1.Role_ROLE_DESK},
	{"INT", "coordinator", optionsv1.Role_ROLE_COORDINATOR},
	{"EVAL", "reviewer", optionsv1.Role_ROLE_REVIEWER},
	{"APPR", "approver", optionsv1.Role_ROLE_APPROVER},
	{"FM", "clerk", optionsv1.Role_ROLE_FACILITY_CLERK},
	{"AUD", "auditor", optionsv1.Role_ROLE_AUDITOR},
	{"SYS", "admin", optionsv1.Role_ROLE_ADMINISTRATOR},
}

func columnOf(name string) int {
	for i, c := range columns {
		if c.name == name {
			return i
		}
	}
	panic("no column " + name)
}

// right is one row of the table.
type right struct {
	service, rpc string
	admitted     []bool // By column; none for an RPC of services.
	services     []string
}

// rights reads the table.
func rights(t testing.TB) []right {
	t.Helper()
	var out []right
	var service string
	for line := range strings.SplitSeq(permissionTable, "\n") {
		cells := strings.Fields(line)
		switch {
		case len(cells) == 0:
		case !strings.HasPrefix(line, " "):
			service = cells[0]
		case cells[1] == "services:":
			out = append(out, right{service: service, rpc: cells[0], services: cells[2:]})
		default:
			if len(cells) != len(columns)+1 {
				t.Fatalf("the row of %s has %d cells, want %d", cells[0], len(cells)-1, len(columns))
			}
			r := right{service: service, rpc: cells[0]}
			for _, cell := range cells[1:] {
				if cell != "x" && cell != "." {
					t.Fatalf("the row of %s has the cell %q", cells[0], cell)
				}
				r.admitted = append(r.admitted, cell == "x")
			}
			out = append(out, r)
		}
	}
	return out
}

func TestPermissionTableNamesEveryRPC(t *testing.T) {
	var table, contract []string
	for _, r := range rights(t) {
		table = append(table, r.service+"."+r.rpc)
	}
	for name, m := range methods {
		if strings.HasPrefix(name, "/") {
			contract = append(contract, fmt.Sprintf("%s.%s", m.Descriptor.Parent().Name(), m.Descriptor.Name()))
		}
	}
	slices.Sort(table)
	slices.Sort(contract)
	if diff := cmp.Diff(contract, table); diff != "" {
		t.Errorf("RPCs (-contract +table):\n%s", diff)
	}
}

// TestPermissionTableIsDeclared holds the declarations in the proto against the
// table. A resident's role also comes with the roles of members, so a row that
// admits RES admits them whether or not they are declared.
func TestPermissionTableIsDeclared(t *testing.T) {
	for _, r := range rights(t) {
		declared := methods[r.rpc].Permission
		if len(r.admitted) == 0 {
			want := &optionsv1.Permission{Action: declared.GetAction(), Services: r.services}
			if diff := cmp.Diff(want.GetServices(), declared.GetServices()); diff != "" || len(declared.GetRoles()) > 0 {
				t.Errorf("%s is for the services %v alone, declared: %v", r.rpc, r.services, declared)
			}
			continue
		}
		for i, column := range columns {
			p := auth.Principal{Kind: auth.KindPerson, ID: "x", Roles: []auth.Role{column.role}}
			switch column.name {
			case "PUB":
				p = auth.Anonymous
			case "VIEW", "PM", "PA", "INT":
				p.Roles = append(p.Roles, optionsv1.Role_ROLE_RESIDENT)
			}
			if got := methods[r.rpc].Allow(p) == nil; got != r.admitted[i] {
				t.Errorf("%s: the table says %v for %s, the proto says %v (roles %v)", r.rpc, r.admitted[i], column.name, got, declared.GetRoles())
			}
		}
	}
}

// TestPermissionTable drives every cell over both transports: with the id of
// nothing and with the ids of things that are there and hidden. A denied call
// is refused before any look-up, so that both answers are the same.
func TestPermissionTable(t *testing.T) {
	inEveryWorld(t, func(_ *testing.T, c *client) {
		viewer := somebody("viewer")
		p := c.draft(c.publishedCall(nil), "権限の表の下書き")
		c.member(p.rep, p.organization, viewer, "VIEWER")
		for _, r := range rights(c.t) {
			for i, column := range columns {
				person := column.person
				if column.name == "VIEW" {
					person = viewer
				}
				cell := &cell{client: c, right: r, column: column.name, person: person}
				cell.drive(len(r.admitted) > 0 && r.admitted[i], p)
			}
		}
	})
}

// cell is one call of the table.
type cell struct {
	*client
	right
	column, person string
}

// drive checks the answers for what is not there and, where it is denied, for
// what is.
func (c *cell) drive(admitted bool, p *course) {
	c.t.Helper()
	err := c.attempt(invented)
	if errors.Is(err, errNotRouted) {
		return
	}
	reason := reasonOf(err)
	want := "PERMISSION_DENIED"
	if c.person == "" {
		want = "UNAUTHENTICATED"
	}
	switch {
	case admitted && (reason == "UNAUTHENTICATED" || reason == "PERMISSION_DENIED"):
		c.t.Errorf("%s as %s: refused with %s, admitted by the table", c.rpc, c.column, reason)
	case admitted && !isFault(err):
		c.t.Errorf("%s as %s: %v", c.rpc, c.column, err)
	case !admitted && reason != want:
		c.t.Errorf("%s as %s: answered %q, want %s", c.rpc, c.column, reason, want)
	case !admitted:
		for _, id := range []string{p.id, p.organization, p.call.str("id")} {
			if diff := cmp.Diff(explain(err), explainOr(c.attempt(id))); diff != "" {
				c.t.Errorf("%s as %s: a real id is answered otherwise (-invented +real):\n%s", c.rpc, c.column, diff)
			}
		}
	}
}

func isFault(err error) bool {
	_, ok := fault.As(err)
	return err == nil || ok
}

func explainOr(err error) string {
	if err == nil {
		return "success"
	}
	return explain(err)
}

var errNotRouted = errors.New("not reachable over REST")

// attempt calls the RPC with one id everywhere.
func (c *cell) attempt(id string) error {
	m := methods[c.rpc]
	switch c.rpc {
	case "UploadAttachment":
		_, err := c.upload(c.person, id, file{"OTHER", "物語.pdf", tinyPDF})
		return err
	case "DownloadAttachment":
		_, err := c.download(c.person, id, id)
		return err
	case "UploadRegistrationDocument":
		_, err := c.with("kyodo-reason", "acceptance").handsIn(c.person, id, file{"OTHER", "物語.pdf", tinyPDF})
		return err
	case "DownloadRegistrationDocument":
		_, err := c.with("kyodo-reason", "acceptance").readsDocument(c.person, id, id)
		return err
	case "ImportOrganizations":
		_, err := c.with("kyodo-reason", "acceptance").imports(c.person, obj{"validateOnly": true}, "名称,団体種別\r\n")
		return err
	case "UploadProjectAttachment":
		_, err := c.uploadDocument(c.person, id, "", file{"OTHER", "物語.pdf", tinyPDF})
		return err
	case "DownloadProjectAttachment":
		_, err := c.downloadDocument(c.person, id, id)
		return err
	}
	if _, rest := c.transport.(restTransport); rest && !routed(m) {
		return errNotRouted
	}
	headers := maps.Clone(c.headers)
	if headers == nil {
		headers = map[string]string{}
	}
	headers["kyodo-reason"] = "acceptance"
	req := specimen(c.t, m.Descriptor.Input(), id)
	if fd := m.Descriptor.Input().Fields().ByName("etag"); fd != nil {
		req.ProtoReflect().Set(fd, protoreflect.ValueOfString(`"0"`)) // nobody has read this version
	}
	resp := c.message(m.Descriptor.Output())
	return c.transport.call(c.t.Context(), m, c.world.token(c.t, c.person), headers, req, resp)
}

func routed(m auth.Method) bool {
	rule, _ := proto.GetExtension(m.Descriptor.Options(), annotations.E_Http).(*annotations.HttpRule)
	return rule != nil
}
