package credit

import "testing"

func TestText(t *testing.T) {
	l := Lines{
		{Part: Patron, OrganizationID: "o2", Name: "乙の会"},
		{Part: Organizer, OrganizationID: "o1", Name: "甲の会"},
		{Part: CoOrganizer, DepartmentID: "d1", Name: "政策経営部企画総務課"},
		{Part: Organizer, DepartmentID: "d2", Name: "区民生活部商工振興課"},
	}
	if got, want := l.Text(), "主催：甲の会、区民生活部商工振興課／共催：政策経営部企画総務課／後援：乙の会"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if !l.TwoSided() || len(l.Organizations()) != 2 || len(l.Departments()) != 2 {
		t.Errorf("sides = %v, %v", l.Organizations(), l.Departments())
	}
}

func TestOver(t *testing.T) {
	project := Lines{{Part: Organizer, DepartmentID: "d1"}, {Part: CoOrganizer, OrganizationID: "o1"}}
	written := Lines{{Part: Organizer, OrganizationID: "o1"}, {Part: Patron, OrganizationID: "o2"}}
	got := written.Over(project)
	want := Lines{{Part: Organizer, DepartmentID: "d1"}, {Part: Organizer, OrganizationID: "o1"}, {Part: Patron, OrganizationID: "o2"}}
	if !got.Same(want) {
		t.Errorf("%v, want %v", got, want)
	}
	if err := append(written, written[0]).Check(); err == nil {
		t.Error("the same line stands twice")
	}
	if err := (Lines{{Part: Patron, OrganizationID: "o", DepartmentID: "d"}}).Check(); err == nil {
		t.Error("a line names both sides")
	}
}
