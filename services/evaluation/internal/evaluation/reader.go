package evaluation

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// Reader is a caller as far as evaluations are concerned.
type Reader struct {
	// Party is the caller as party to projects.
	Party project.Reader
	// Reviewer is whether the caller comments where assigned.
	Reviewer bool
}

// Inside reports whether the reader sees more of an evaluation than everybody: a
// party to the project, the desk or an assigned commentator.
func (r Reader) Inside(e *Evaluation, p *project.Project) bool {
	return r.Party.Inside(p) || r.Commentates(e)
}

// Commentates reports whether the reader is an assigned commentator.
func (r Reader) Commentates(e *Evaluation) bool {
	return r.Reviewer && slices.Contains(e.CommentatorIDs, r.Party.ID)
}

// Sees reports whether the reader may know of the evaluation. The store's scope
// admits exactly these; a test holds them together.
func (r Reader) Sees(e *Evaluation, p *project.Project) bool {
	return e.ReportVersion > 0 || r.Inside(e, p)
}
