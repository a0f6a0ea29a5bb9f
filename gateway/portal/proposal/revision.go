package proposal

import (
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// revision is one submitted version of a proposal.
type revision struct {
	*proposalsv1.Revision
	written  *written
	proposal *file // As it stands today, for its name and place.
}

// showRevision shows a submitted version as it was submitted.
func showRevision(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(q.PathValue("number"), 10, 32)
	if err != nil || number < 1 {
		return fault.ErrNotFound
	}
	got, err := proposals(q).GetProposal(q.Context(), &proposalsv1.GetProposalRequest{Id: id})
	if err != nil {
		return err
	}
	one, err := proposals(q).GetRevision(q.Context(), &proposalsv1.GetRevisionRequest{ProposalId: id, Number: int32(number)})
	if err != nil {
		return err
	}
	r := &revision{Revision: one.GetRevision(), proposal: &file{proposal: got.GetProposal()}}
	if r.written, err = named(q, r.GetContent()); err != nil {
		return err
	}
	return q.Render(revisionPage(r))
}
