package outreach

import "github.com/chiyoda-kyodo/kyodo/pkg/service"

// ReturnPath is the envelope's sender of the mails to a reader.
func ReturnPath(d service.Deps, readerID string) string {
	n := newslettersOf(d)
	return n.returnPath(readerID)
}
