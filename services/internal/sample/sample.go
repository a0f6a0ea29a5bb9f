// Package sample is what the sample data of the services share: the people of
// directory's sample data, who take the steps, and the reading of sample files.
package sample

import (
	"context"
	"encoding/csv"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// The sample people, as directory's sample data has them; nobody changes them.
var (
	Resident        = auth.Principal{Kind: auth.KindPerson, ID: ID(2001), Roles: []auth.Role{optionsv1.Role_ROLE_RESIDENT}}
	Member          = member(2002, 1001, optionsv1.Role_ROLE_EDITOR)
	Representative  = member(2003, 1001, optionsv1.Role_ROLE_REPRESENTATIVE)
	Member2         = member(2004, 1002, optionsv1.Role_ROLE_EDITOR)
	Representative2 = member(2005, 1002, optionsv1.Role_ROLE_REPRESENTATIVE)

	Staff     = ward(2007, 6, optionsv1.Role_ROLE_STAFF)
	Staff2    = ward(2008, 7, optionsv1.Role_ROLE_STAFF)
	Desk      = ward(2009, 2, optionsv1.Role_ROLE_DESK)
	Approver  = ward(2010, 6, optionsv1.Role_ROLE_APPROVER)
	Reviewer  = ward(2011, 2, optionsv1.Role_ROLE_REVIEWER)
	Reviewer2 = ward(2012, 2, optionsv1.Role_ROLE_REVIEWER)
)

// ID is the id of a row of directory's sample data by its number there.
func ID(number int) string { return fmt.Sprintf("01900000-0000-7000-8000-0000000d%04d", number) }

func member(person, organization int, role auth.Role) auth.Principal {
	return auth.Principal{
		Kind: auth.KindPerson, ID: ID(person), Roles: []auth.Role{optionsv1.Role_ROLE_RESIDENT, role},
		Memberships: []auth.Membership{{OrganizationID: ID(organization), Role: role}},
	}
}

func ward(person, department int, role auth.Role) auth.Principal {
	return auth.Principal{Kind: auth.KindPerson, ID: ID(person), Roles: []auth.Role{role}, DepartmentID: ID(department)}
}

// wait is how long the sample data of directory may take to be there, where the
// services start side by side.
const wait = 30 * time.Second

// Await asks directory until it has its sample data. Errors: those of the last
// answer.
func Await(ctx context.Context, ask func(context.Context) error) error {
	patience := time.NewTimer(wait)
	defer patience.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-patience.C:
			return fmt.Errorf("sample data of directory: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Turn is one step by one person.
type Turn func(context.Context) error

// By is the turn of a person.
func By(person auth.Principal, take func(context.Context) error) Turn {
	return func(ctx context.Context) error { return take(auth.With(ctx, person)) }
}

// Play takes the steps in their order, up to the first that fails.
func Play(ctx context.Context, turns ...Turn) error {
	for i, take := range turns {
		if err := take(ctx); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

// Done forgets an answer.
func Done[R any](_ R, err error) error { return err }

// Read reads a request of the API as the API would.
func Read(files fs.FS, file string, into proto.Message) error {
	raw, err := fs.ReadFile(files, path.Join("sample", file))
	if err != nil {
		return err
	}
	if err := protojson.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// Row is a line of a sample file by column.
type Row map[string]string

// EachRow hands the lines of a CSV file to load in their order.
func EachRow(files fs.FS, file string, load func(Row) error) error {
	raw, err := fs.ReadFile(files, "sample/"+file+".csv")
	if err != nil {
		return err
	}
	lines, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	if err != nil {
		return fmt.Errorf("sample/%s.csv: %w", file, err)
	}
	for _, line := range lines[1:] {
		r := Row{}
		for i, column := range lines[0] {
			r[column] = line[i]
		}
		if err := load(r); err != nil {
			return fmt.Errorf("sample/%s.csv, number %s: %w", file, r["number"], err)
		}
	}
	return nil
}
