package pg

import (
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// NilID sorts before every identifier, LastID after.
const (
	NilID  = "00000000-0000-0000-0000-000000000000"
	LastID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
)

// Found turns the absence of a row into RESOURCE_NOT_FOUND.
func Found(err error) error {
	if IsNoRows(err) {
		return fault.ErrNotFound
	}
	return err
}

// Null gives NULL for the zero value of a type.
func Null[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// Or gives the zero value for NULL.
func Or[T any](v *T) T {
	if v == nil {
		var zero T
		return zero
	}
	return *v
}

// List gives an empty array for none, which a NOT NULL column takes.
func List[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

// TimeAfter reads the place of a list by time after which a page goes on. Errors:
// INVALID_PAGE_TOKEN.
func TimeAfter(after []string) (time.Time, string, error) {
	if len(after) != 2 {
		return time.Time{}, "", fault.ErrInvalidPageToken
	}
	at, err := time.Parse(time.RFC3339Nano, after[0])
	if err != nil {
		return time.Time{}, "", fault.ErrInvalidPageToken.Because(err)
	}
	return at, after[1], nil
}

// SerialAfter reads the place of a list by year and number in it, after which a page
// goes on. Errors: INVALID_PAGE_TOKEN.
func SerialAfter(after []string) (year, number int, id string, err error) {
	if len(after) != 3 {
		return 0, 0, "", fault.ErrInvalidPageToken
	}
	if year, err = strconv.Atoi(after[0]); err == nil {
		number, err = strconv.Atoi(after[1])
	}
	if err != nil {
		return 0, 0, "", fault.ErrInvalidPageToken.Because(err)
	}
	return year, number, after[2], nil
}

// DateAfter reads the place of a list by day after which a page goes on; without
// one it is before all. Errors: INVALID_PAGE_TOKEN.
func DateAfter(after []string) (jp.Date, string, error) {
	if after == nil {
		return jp.Date{Year: 1, Month: time.January, Day: 1}, NilID, nil
	}
	if len(after) != 2 {
		return jp.Date{}, "", fault.ErrInvalidPageToken
	}
	d, err := jp.ParseDate(after[0])
	if err != nil {
		return jp.Date{}, "", fault.ErrInvalidPageToken.Because(err)
	}
	return d, after[1], nil
}
