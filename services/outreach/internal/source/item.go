package source

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// The bounds of a flood: what one reading takes, and what a source keeps.
const (
	MaxEntries = 100
	MaxItems   = 500
)

// Entry is one entry of a feed or calendar as it was read, in plain text.
type Entry struct {
	GUID        string // Its own id; may be empty.
	URL         string // http or https; may be empty.
	Title       string
	Summary     string
	Location    string
	PublishedAt time.Time // Zero where it says nothing.
	StartsAt    time.Time // Zero for what is no event.
	EndsAt      time.Time
	AllDay      bool
}

// Item is an entry as it is kept.
type Item struct {
	Entry
	ID             string
	SourceID       string
	OrganizationID string
	Hidden         bool
	Public         bool
	CreatedAt      time.Time
	UpdatedAt      time.Time

	SourceName    string
	SourceSiteURL string
}

// Key tells an entry from the others of its source: by its own id, else by its
// address, else by title and day.
func (e Entry) Key() string {
	switch {
	case e.GUID != "":
		return hash("id", e.GUID)
	case e.URL != "":
		return hash("url", plainURL(e.URL))
	default:
		return hash("title", jp.SearchKey(e.Title), e.day())
	}
}

// SameKey is the same in every source that has the entry: of its address and
// title, or of its title and day; of an event with its beginning.
func (e Entry) SameKey() string {
	if e.StartsAt.IsZero() && e.URL != "" {
		return hash("url", plainURL(e.URL), jp.SearchKey(e.Title))
	}
	return hash("title", jp.SearchKey(e.Title), e.day())
}

func (e Entry) day() string {
	switch {
	case !e.StartsAt.IsZero():
		return e.StartsAt.UTC().Format(time.RFC3339)
	case !e.PublishedAt.IsZero():
		return jp.DateOf(e.PublishedAt).String()
	default:
		return ""
	}
}

func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// plainURL is an address without what does not change the page: scheme, fragment,
// marks of campaigns, a slash at the end.
func plainURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	query := u.Query()
	for name := range query {
		if strings.HasPrefix(strings.ToLower(name), "utm_") {
			query.Del(name)
		}
	}
	plain := strings.ToLower(u.Host) + strings.TrimRight(u.EscapedPath(), "/")
	if len(query) > 0 {
		plain += "?" + query.Encode()
	}
	return plain
}

// Newest are the entries that a reading takes: each once, the newest MaxEntries of
// them. Those without a day come first in their order, as feeds begin with the
// newest.
func Newest(entries []Entry) []Entry {
	seen := map[string]bool{}
	var undated, dated []Entry
	for _, e := range entries {
		key := e.Key()
		switch {
		case e.Title == "" || seen[key]:
			continue
		case e.PublishedAt.IsZero():
			undated = append(undated, e)
		default:
			dated = append(dated, e)
		}
		seen[key] = true
	}
	slices.SortStableFunc(dated, func(a, b Entry) int { return b.PublishedAt.Compare(a.PublishedAt) })
	out := append(undated, dated...)
	return out[:min(len(out), MaxEntries)]
}

// Of is the entry as a new item of a source, first read at now. What claims to be
// published later is published now.
func (e Entry) Of(s *Source, id string, now time.Time) *Item {
	if e.PublishedAt.IsZero() || e.PublishedAt.After(now) {
		e.PublishedAt = now
	}
	if e.URL == "" {
		e.URL = s.SiteURL
	}
	return &Item{
		Entry: e, ID: id, SourceID: s.ID, OrganizationID: s.OrganizationID, Public: s.State == Active,
		CreatedAt: now, UpdatedAt: now, SourceName: s.Name, SourceSiteURL: s.SiteURL,
	}
}

// Rewrite takes over what changed in an item that was read again, and reports
// whether anything did. When it was published stays.
func (i *Item) Rewrite(e Entry, s *Source, now time.Time) bool {
	if e.URL == "" {
		e.URL = s.SiteURL
	}
	e.GUID, e.PublishedAt = i.GUID, i.PublishedAt
	if e.Title == i.Title && e.Summary == i.Summary && e.URL == i.URL && e.Location == i.Location && e.AllDay == i.AllDay &&
		e.StartsAt.Equal(i.StartsAt) && e.EndsAt.Equal(i.EndsAt) {
		return false
	}
	i.Entry, i.UpdatedAt = e, now
	return true
}
