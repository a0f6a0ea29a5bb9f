package rpc

import (
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// ETag returns the etag of a version.
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// CheckETag compares the etag that a caller sent with the version of the locked
// row. An empty etag and "*" match any version. Errors: ETAG_MISMATCH.
func CheckETag(etag string, version int64) error {
	etag = strings.TrimPrefix(etag, "W/")
	if etag == "" || etag == "*" || strings.Trim(etag, `"`) == strconv.FormatInt(version, 10) {
		return nil
	}
	return fault.ErrETagMismatch.With("current", ETag(version))
}

// RequireETag is CheckETag for partial updates, which need an etag. Errors:
// PRECONDITION_REQUIRED, ETAG_MISMATCH.
func RequireETag(etag string, version int64) error {
	if etag == "" {
		return fault.ErrPreconditionRequired
	}
	return CheckETag(etag, version)
}
