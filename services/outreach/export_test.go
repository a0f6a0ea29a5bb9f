package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/fetch"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/notice"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// ReadSources reads the sources that are due with a client of the test, which may
// reach the test's own server.
func ReadSources(ctx context.Context, d service.Deps, client *fetch.Client) error {
	return (&sourceReader{Deps: d, client: client}).readDue(ctx)
}

// NoticeText is subject and text of a notice about facts.
func NoticeText(kind string, version int, f notice.Facts) (subject, text string, err error) {
	return written("https://kyodo.example", store.Letter{Kind: kind, Version: version, Path: "/v1/things/0198", Facts: f.Clean()})
}

// NoticeFiles are the names of the templates.
func NoticeFiles() []string {
	var names []string
	for _, t := range noticeTemplates.Templates() {
		names = append(names, t.Name())
	}
	return names
}

// TakeMailQuota is what each call does that causes a mail to a stranger.
var TakeMailQuota = store.TakeMailQuota
