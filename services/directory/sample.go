package directory

import (
	"context"
	"embed"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/department"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/person"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
)

// The files and the pattern of their ids are described in sample/README.md.
//
//go:embed sample/*.csv
var sampleFiles embed.FS

// sampleIssuer is the name of the development issuer.
const sampleIssuer = "development"

// sampleID is the id of the sample row with a number; other services' sample
// data refer to it.
func sampleID(number string) string {
	n, err := strconv.Atoi(number)
	if err != nil {
		return ""
	}
	return sample.ID(n)
}

// loadSample fills an empty schema in one transaction, with the events and
// audit entries that other services' projections need.
func loadSample(ctx context.Context, d service.Deps) error {
	ctx = auth.With(ctx, auth.Service("directory"))
	loaded, err := pg.InTx(ctx, d.DB, func(ctx context.Context, tx *pg.Tx) (bool, error) {
		tree, err := store.LockDepartments(ctx, tx)
		if err != nil || len(tree) > 0 {
			return false, err
		}
		people, sources := map[string]string{}, sampleSources{}
		for _, part := range []struct {
			file string
			load func(context.Context, *pg.Tx, sample.Row) error
		}{
			{"departments", sampleDepartment},
			{"sources", sources.read},
			{"organizations", sources.load},
			{"people", func(ctx context.Context, tx *pg.Tx, r sample.Row) error { return samplePerson(ctx, tx, r, people) }},
			{"members", func(ctx context.Context, tx *pg.Tx, r sample.Row) error { return sampleMember(ctx, tx, r, people) }},
			{"staff", func(ctx context.Context, tx *pg.Tx, r sample.Row) error { return sampleStaff(ctx, tx, r, people) }},
			{"listings", sampleListing},
			{"introductions", sampleIntroduction},
			{"referrals", sampleReferral},
		} {
			if err := sample.EachRow(sampleFiles, part.file, func(r sample.Row) error { return part.load(ctx, tx, r) }); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil || !loaded {
		return err
	}
	return sampleBylaws(ctx, d)
}

func sampleDepartment(ctx context.Context, tx *pg.Tx, r sample.Row) error {
	d := &department.Department{
		ID:        sampleID(r["number"]),
		Name:      r["name"],
		Kind:      r["kind"],
		ParentID:  sampleID(r["parent"]),
		CreatedAt: tx.Now,
		UpdatedAt: tx.Now,
		Version:   1,
	}
	if err := store.InsertDepartment(ctx, tx, d); err != nil {
		return err
	}
	_, err := recordDepartment(ctx, tx, "create", d)
	return err
}

func sampleOrganization(ctx context.Context, tx *pg.Tx, r, source sample.Row) error {
	p := organization.Profile{
		Name:               r["name"],
		NameKana:           r["name_kana"],
		Kind:               organization.Kind(r["kind"]),
		LegalForm:          r["legal_form"],
		CorporateNumber:    r["corporate_number"],
		Purpose:            r["purpose"],
		Description:        r["description"],
		RepresentativeName: "見本 代表者",
		Address:            organization.Address{Prefecture: "東京都", City: jp.ChiyodaName, Town: r["town"], StreetNumber: r["street_number"]},
		Capabilities:       strings.Fields(r["capabilities"]),
		Publicity:          organization.DefaultPublicity(organization.Kind(r["kind"])),
		SourceName:         source["name"],
		SourceURL:          source["url"],
	}
	for _, f := range strings.Fields(r["activity_fields"]) {
		n, err := strconv.Atoi(f)
		if err != nil {
			return err
		}
		p.ActivityFields = append(p.ActivityFields, int32(n))
	}
	o, err := organization.New(sampleID(r["number"]), p, tx.Now)
	if err != nil {
		return err
	}
	if err := o.Submit(); err != nil {
		return err
	}
	if err := o.Verify(nil, tx.Now); err != nil {
		return err
	}
	if err := store.InsertOrganization(ctx, tx, o); err != nil {
		return err
	}
	c := change{action: "create", reason: "sample data"}
	c.public = publicEvent(o, c)
	return record(ctx, tx, o, c)
}

func samplePerson(ctx context.Context, tx *pg.Tx, r sample.Row, people map[string]string) error {
	people[r["name"]] = sampleID(r["number"])
	_, _, err := store.SavePerson(ctx, tx, person.Person{
		ID:            people[r["name"]],
		Issuer:        sampleIssuer,
		Subject:       r["name"],
		Email:         r["email"],
		EmailVerified: true,
		DisplayName:   r["display_name"],
	})
	audit.Add(ctx, tx, audit.Entry{Action: "directory.person.create", ObjectType: "person", ObjectID: people[r["name"]], Reason: "sample data"})
	return err
}

func sampleMember(ctx context.Context, tx *pg.Tx, r sample.Row, people map[string]string) error {
	m := member.Found(sampleID(r["number"]), sampleID(r["organization"]), people[r["person"]], tx.Now)
	m.Role = member.Role(r["role"])
	auditMember(ctx, tx, "accept", m, "sample data")
	return addMember(ctx, tx, m)
}

func sampleStaff(ctx context.Context, tx *pg.Tx, r sample.Row, people map[string]string) error {
	today := jp.DateOf(tx.Now)
	a := &department.Assignment{
		ID:           sampleID(r["number"]),
		DepartmentID: sampleID(r["department"]),
		PersonID:     people[r["person"]],
		Roles:        strings.Fields(r["roles"]),
		ValidFrom:    today,
		CreatedAt:    tx.Now,
	}
	if err := store.InsertAssignment(ctx, tx, a, today); err != nil {
		return err
	}
	return recordStaff(ctx, tx, staffChange{verb: "assign", reason: "sample data", roles: a.Roles}, a)
}
