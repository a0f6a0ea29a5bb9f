package facilities_test

import (
	"strings"
	"testing"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities"
)

func TestSampleIsLoadedOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	before := w.count(`SELECT count(*) FROM item_version`)
	w.must(facilities.Module.Sample(t.Context(), w.deps))
	if after := w.count(`SELECT count(*) FROM item_version`); before == 0 || after != before {
		t.Errorf("%d, then %d versions", before, after)
	}
}

// What is not the ward's own or Tokyo's open data says that it is a sample.
func TestSamplesSaySo(t *testing.T) {
	t.Parallel()
	w := start(t)
	rooms, err := w.facilities(nobody).ListRooms(t.Context(), &facilitiesv1.ListRoomsRequest{FacilityId: hall})
	w.must(err)
	for _, r := range rooms.GetRooms() {
		if !strings.Contains(r.GetSource(), "見本") {
			t.Errorf("room %s: %q", r.GetName(), r.GetSource())
		}
	}
	fees, err := w.rules(nobody).ListFees(t.Context(), &facilitiesv1.ListFeesRequest{})
	w.must(err)
	for _, r := range fees.GetFees() {
		if r.GetSource() != "見本" || len(r.GetFeeTable().GetRates()) == 0 {
			t.Errorf("%v", r)
		}
	}
	classes, err := w.rules(nobody).ListUserClasses(t.Context(), &facilitiesv1.ListUserClassesRequest{})
	w.must(err)
	for _, c := range classes.GetUserClasses() {
		if !strings.HasPrefix(c.GetSource(), "千代田区 区民館・集会室 利用案内") || !strings.Contains(c.GetSource(), "見本") {
			t.Errorf("class %s: %q", c.GetCode(), c.GetSource())
		}
	}
}
