// Package directory is the service that knows organizations, their members, the
// ward's departments and staff, and who a caller is.
//
// Whether a caller may see or change an organization is read from the member
// rows in the statement that reads the organization, not from the caller's
// token: a member who was removed is out with the commit.
package directory

import (
	"context"
	"errors"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// Module is the directory service.
var Module = service.Module{
	Name:       "directory",
	Migrations: store.Migrations(),
	Register:   register,
	Duties:     duties,
	Tasks:      tasks,
	Sample:     loadSample,
}

func register(d service.Deps, r grpc.ServiceRegistrar) {
	directoryv1.RegisterOrganizationServiceServer(r, &organizations{Deps: d})
	directoryv1.RegisterOrganizationImportServiceServer(r, &imports{Deps: d, form: forms()})
	directoryv1.RegisterRegistrationDocumentServiceServer(r, &documents{Deps: d})
	directoryv1.RegisterMemberServiceServer(r, &members{Deps: d})
	directoryv1.RegisterDelegationServiceServer(r, &delegations{Deps: d})
	directoryv1.RegisterDepartmentServiceServer(r, &departments{Deps: d})
	directoryv1.RegisterReviewerServiceServer(r, &reviewers{Deps: d})
	directoryv1.RegisterPrincipalServiceServer(r, &principals{Deps: d})
	directoryv1.RegisterRecipientServiceServer(r, &recipients{Deps: d})
	registerExchange(d, r)
}

// viewer returns whom queries are made for. Staff are no members of anything
// while they are staff.
func viewer(ctx context.Context) store.Viewer {
	p := auth.From(ctx)
	v := store.Viewer{Desk: p.Has(optionsv1.Role_ROLE_DESK)}
	if p.Kind == auth.KindPerson && p.DepartmentID == "" {
		v.PersonID = p.ID
	}
	return v
}

// day reads a date of a request; the empty text is no date. Errors:
// INVALID_FIELD under path.
func day(path, text string) (*jp.Date, error) {
	if text == "" {
		return nil, nil
	}
	d, err := jp.ParseDate(text)
	if err != nil {
		return nil, fault.ErrInvalidField.On(wrong(path, err))
	}
	return &d, nil
}

// wrong describes a field in the words of package jp.
func wrong(path string, err error) fault.Field {
	f := fault.Wrong(path, fault.ErrInvalidField.Ja, fault.ErrInvalidField.En)
	var pe *jp.ParseError
	if errors.As(err, &pe) {
		f.Reason, f.Ja, f.En = pe.Reason, pe.Ja, pe.En
	}
	return f
}

// under gives the fields of a refusal their path from the request's root, where
// the message that they are in stands in the field prefix.
func under(prefix string, err error) error {
	f, ok := fault.As(err)
	if !ok || len(f.Fields) == 0 {
		return err
	}
	c := *f
	c.Fields = slices.Clone(f.Fields)
	for i := range c.Fields {
		c.Fields[i].Path = prefix + "." + c.Fields[i].Path
	}
	return &c
}

// dayText writes a date as the contract has it.
func dayText(d *jp.Date) string {
	if d == nil {
		return ""
	}
	return d.String()
}

// name is the domain's word for a value of an enumeration: its name, and the
// empty text for the unspecified one.
func name(e protoreflect.Enum) string {
	if e.Number() == 0 {
		return ""
	}
	return string(e.Descriptor().Values().ByNumber(e.Number()).Name())
}

// cut makes a page of rows of which one more than asked was read; next is its
// last row when there is another page.
func cut[T any](rows []*T, size int) (shown []*T, next *T) {
	if len(rows) <= size {
		return rows, nil
	}
	return rows[:size], rows[size-1]
}

// address is a mail address as it is stored and compared.
func address(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
