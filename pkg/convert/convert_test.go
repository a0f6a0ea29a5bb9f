package convert

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

type level int32

func (l level) String() string { return []string{"LEVEL_UNSPECIFIED", "HIGH"}[l] }

func TestEnumName(t *testing.T) {
	if got := EnumName(level(0)); got != "" {
		t.Errorf("unspecified = %q, want nothing", got)
	}
	if got := EnumName(level(1)); got != "HIGH" {
		t.Errorf("name = %q, want HIGH", got)
	}
	if got := EnumName(structpb.NullValue(0)); got != "" {
		t.Errorf("zero of a generated enum = %q, want nothing", got)
	}
}

func TestInstant(t *testing.T) {
	if got := Instant(time.Time{}); got != nil {
		t.Errorf("zero time = %v, want none", got)
	}
	at := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	if got := Instant(at).AsTime(); !got.Equal(at) {
		t.Errorf("time = %v, want %v", got, at)
	}
}

func TestDay(t *testing.T) {
	for _, test := range []struct {
		in, want string
		refused  bool
	}{
		{"", "", false},
		{"2028-02-29", "2028-02-29", false},
		{"2027-02-29", "", true},
	} {
		got, err := Day("validFrom", test.in)
		if Date(got) != test.want || (err != nil) != test.refused {
			t.Errorf("Day(%q) = %q, %v", test.in, Date(got), err)
		}
		var f *fault.Error
		if test.refused && (!errors.As(err, &f) || len(f.Fields) != 1 || f.Fields[0].Path != "validFrom") {
			t.Errorf("Day(%q) names %v, want the field", test.in, err)
		}
	}
	if got := Date(jp.Date{}); got != "" {
		t.Errorf("zero day = %q, want nothing", got)
	}
}

func TestList(t *testing.T) {
	if got := List(nil, strconv.Itoa); got != nil {
		t.Errorf("none = %v, want none", got)
	}
	if diff := cmp.Diff([]string{"3", "1"}, List([]int{3, 1}, strconv.Itoa)); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}
