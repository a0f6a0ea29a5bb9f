package opportunity

import "strconv"

// Wish is what somebody looks for; an empty value looks for anything.
type Wish struct {
	Kind                                                       Kind
	ActivityField                                              int
	Weekday                                                    Weekday
	TimeOfDay                                                  string
	Beginners, ParentChild, SchoolGroups, CompanyGroups, Trial bool
}

// Facets are the marks that an opportunity must have to meet the wish.
func (w Wish) Facets() []string {
	var days []Weekday
	if w.Weekday != "" {
		days = []Weekday{w.Weekday}
	}
	return facets(w, days)
}

// Facets are the marks by which it is found.
func (d *Details) Facets() []string {
	return facets(Wish{
		Kind: d.Kind, ActivityField: d.ActivityField, TimeOfDay: d.timeOfDay(), Beginners: d.Beginners, ParentChild: d.ParentChild,
		SchoolGroups: d.SchoolGroups, CompanyGroups: d.CompanyGroups, Trial: d.TrialPlaces > 0,
	}, d.Weekdays)
}

func facets(w Wish, days []Weekday) []string {
	out := []string{}
	add := func(has bool, mark string) {
		if has {
			out = append(out, mark)
		}
	}
	add(w.Kind != "", "kind:"+string(w.Kind))
	add(w.ActivityField != 0, "field:"+strconv.Itoa(w.ActivityField))
	for _, d := range days {
		add(true, "day:"+string(d))
	}
	add(w.TimeOfDay != "", "time:"+w.TimeOfDay)
	add(w.Beginners, "beginners")
	add(w.ParentChild, "parentChild")
	add(w.SchoolGroups, "schoolGroups")
	add(w.CompanyGroups, "companyGroups")
	add(w.Trial, "trial")
	return out
}
