package event

import outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"

// eases are the keys of what an event has for those who need it.
func eases(a *outreachv1.EventAccessibility) []string {
	var out []string
	for _, e := range []struct {
		key string
		is  outreachv1.EventAccessibility_Availability
	}{
		{"event.wheelchair", a.GetWheelchair()},
		{"event.signlanguage", a.GetSignLanguage()},
		{"event.captioning", a.GetCaptioning()},
		{"event.hearingloop", a.GetHearingLoop()},
		{"event.nursingroom", a.GetNursingRoom()},
		{"event.diapercorner", a.GetDiaperCorner()},
		{"event.strolleruse", a.GetStrollerUse()},
		{"event.strollerrental", a.GetStrollerRental()},
	} {
		if e.is == outreachv1.EventAccessibility_AVAILABLE {
			out = append(out, e.key)
		}
	}
	return out
}
