package rpc

import (
	"net/url"
	"unicode/utf8"
)

// decodeReason undoes the percent-encoding in which a reason with Japanese
// letters travels, since header and metadata values are ASCII (RFC 9110).
func decodeReason(s string) string {
	if d, err := url.PathUnescape(s); err == nil && utf8.ValidString(d) {
		return d
	}
	return s
}

// EncodeReason prepares a reason for the header or the metadata.
func EncodeReason(s string) string { return url.PathEscape(s) }
