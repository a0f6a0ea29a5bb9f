package pg

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// DefaultPageSize and MaxPageSize bound every list.
const (
	DefaultPageSize = 50
	MaxPageSize     = 200
)

const macSize = 16

// Pages signs page tokens, so that a client can neither invent one nor use it
// with another filter.
type Pages struct{ key []byte }

// NewPages returns the signer with the installation's key for page tokens.
func NewPages(key []byte) *Pages { return &Pages{key: key} }

// Page is where a list goes on and how much of it is wanted.
type Page struct {
	Size  int      // 1 to MaxPageSize.
	After []string // Sort values of the last row seen; nil at the start.
}

// AfterID is the identifier after which a list by identifiers goes on; first at
// the start.
func (p Page) AfterID(first string) string {
	if len(p.After) == 0 {
		return first
	}
	return p.After[0]
}

// AfterNumber is the number after which a list by numbers goes on; first at the
// start. Errors: INVALID_PAGE_TOKEN.
func (p Page) AfterNumber(first int) (int, error) {
	if len(p.After) == 0 {
		return first, nil
	}
	n, err := strconv.Atoi(p.After[0])
	if err != nil {
		return 0, fault.ErrInvalidPageToken.Because(err)
	}
	return n, nil
}

// Open reads the page fields of a list request; filter is everything else the
// request asks. A size of zero is DefaultPageSize and more than MaxPageSize is
// clamped. Errors: INVALID_PAGE_SIZE, INVALID_PAGE_TOKEN, PAGE_TOKEN_MISMATCH.
func (p *Pages) Open(filter, token string, size int32) (Page, error) {
	if size < 0 {
		return Page{}, fault.ErrInvalidPageSize.OnPath("pageSize")
	}
	page := Page{Size: min(int(size), MaxPageSize)}
	if page.Size == 0 {
		page.Size = DefaultPageSize
	}
	if token == "" {
		return page, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < macSize+sha256.Size {
		return Page{}, fault.ErrInvalidPageToken.OnPath("pageToken")
	}
	mac, body := raw[:macSize], raw[macSize:]
	if !hmac.Equal(mac, p.mac(body)) {
		return Page{}, fault.ErrInvalidPageToken.OnPath("pageToken")
	}
	if bound := sha256.Sum256([]byte(filter)); !hmac.Equal(body[:sha256.Size], bound[:]) {
		return Page{}, fault.ErrPageTokenMismatch.OnPath("pageToken")
	}
	if err := json.Unmarshal(body[sha256.Size:], &page.After); err != nil {
		return Page{}, fault.ErrInvalidPageToken.OnPath("pageToken").Because(err)
	}
	return page, nil
}

// Token returns the token of the page after the row with these sort values; "" for
// none, which is the last page.
func (p *Pages) Token(filter string, after ...string) string {
	if len(after) == 0 {
		return ""
	}
	bound := sha256.Sum256([]byte(filter))
	values, err := json.Marshal(after)
	if err != nil { // []string always encodes
		panic(err)
	}
	body := append(bound[:], values...)
	return base64.RawURLEncoding.EncodeToString(append(p.mac(body), body...))
}

func (p *Pages) mac(body []byte) []byte {
	h := hmac.New(sha256.New, p.key)
	h.Write(body)
	return h.Sum(nil)[:macSize]
}

// Cut takes away the row that a list reads beyond its page, and returns the sort
// values of the last row that stays, for Token; nil where there was no such row.
func Cut[T any](rows []T, page Page, after func(T) []string) ([]T, []string) {
	if len(rows) <= page.Size {
		return rows, nil
	}
	rows = rows[:page.Size]
	return rows, after(rows[len(rows)-1])
}
