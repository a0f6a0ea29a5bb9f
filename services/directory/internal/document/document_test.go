package document

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

var asked = []*Requirement{
	{"VOLUNTEER_GROUP", "OTHER", NotNeeded, true},
	{"VOLUNTEER_GROUP", "MEMBERS", Requested, true},
	{"VOLUNTEER_GROUP", "OFFICERS", Required, true},
	{"VOLUNTEER_GROUP", "BYLAWS", Required, false},
	{"COMPANY", "REGISTRY", Required, false},
}

func TestChecklist(t *testing.T) {
	day := jp.DateOf(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	fresh := &organization.Organization{Profile: organization.Profile{Kind: "VOLUNTEER_GROUP"}, Period: 1}
	renewing := &organization.Organization{Profile: fresh.Profile, Period: 1, VerifiedOn: &day}
	first := []*HandedIn{{"BYLAWS", 1}, {"OFFICERS", 1}}
	for name, c := range map[string]struct {
		o       *organization.Organization
		there   []*HandedIn
		missing []string
		refused []string
	}{
		"nothing":                   {fresh, nil, []string{"BYLAWS", "OFFICERS", "MEMBERS"}, []string{"documents.BYLAWS", "documents.OFFICERS"}},
		"what may follow":           {fresh, first, []string{"MEMBERS"}, nil},
		"anew at a renewal":         {renewing, first, []string{"OFFICERS", "MEMBERS"}, []string{"documents.OFFICERS"}},
		"everything for a renewal":  {renewing, []*HandedIn{{"BYLAWS", 1}, {"OFFICERS", 2}, {"MEMBERS", 2}}, nil, nil},
		"a kind of which none asks": {&organization.Organization{Profile: organization.Profile{Kind: "SCHOOL"}}, nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			list := Checklist(c.o, asked, c.there)
			var missing, refused []string
			for _, i := range list {
				if !i.HandedIn {
					missing = append(missing, i.DocumentKind)
				}
			}
			var f *fault.Error
			if err := Complete(list); errors.As(err, &f) {
				for _, field := range f.Fields {
					refused = append(refused, field.Path)
				}
			}
			if diff := cmp.Diff([][]string{c.missing, c.refused}, [][]string{missing, refused}); diff != "" {
				t.Errorf("missing and refused (-want +got):\n%s", diff)
			}
		})
	}
}
