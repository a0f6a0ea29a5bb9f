package directory

import (
	"context"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// recipients answers RecipientService.
type recipients struct {
	directoryv1.UnimplementedRecipientServiceServer
	service.Deps
}

// BatchGetRecipients returns the people of the audiences with the mail addresses
// that their issuer verified.
func (s *recipients) BatchGetRecipients(ctx context.Context, req *directoryv1.BatchGetRecipientsRequest) (*directoryv1.BatchGetRecipientsResponse, error) {
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return nil, err
	}
	audiences := make([]store.Audience, len(req.GetAudiences()))
	for i, a := range req.GetAudiences() {
		audiences[i] = audienceOf(a)
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.BatchGetRecipientsResponse, error) {
		found, err := store.Recipients(ctx, tx, audiences, jp.DateOf(tx.Now))
		if err != nil {
			return nil, err
		}
		resp := &directoryv1.BatchGetRecipientsResponse{}
		for _, r := range found {
			resp.Recipients = append(resp.Recipients, &directoryv1.Recipient{Audience: int32(r.Audience), PersonId: r.PersonID, Email: r.Email})
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "directory.recipient.batchGet", ObjectType: "recipient", Reason: reason,
			Detail: map[string]string{"recipients": strconv.Itoa(len(found))},
		})
		return resp, nil
	})
}

func audienceOf(a *directoryv1.Audience) store.Audience {
	out := store.Audience{OrganizationID: a.GetOrganizationId(), DepartmentID: a.GetDepartmentId(), PersonID: a.GetPersonId()}
	for _, r := range a.GetRoles() {
		out.Roles = append(out.Roles, strings.TrimPrefix(r.String(), "ROLE_"))
	}
	return out
}
