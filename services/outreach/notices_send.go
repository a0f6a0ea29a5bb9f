package outreach

import (
	"context"
	"errors"
	"strconv"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/notice"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

func noticeTasks(d service.Deps) []job.Task {
	n := noticesOf(d)
	return []job.Task{
		{Name: "address-notices", Every: 5 * time.Second, Run: n.address},
		{Name: "send-notices", Every: 5 * time.Second, Run: n.send},
		{Name: "erase-notices", Every: time.Hour, Run: n.erase},
	}
}

// The addressing of occasions.
const (
	occasionBatch = 100
	occasionLease = time.Minute
	audienceBatch = 200 // In one question to directory.
)

// address finds out whom the due occasions concern and writes their notices. While
// directory is away, occasions wait.
func (s *notices) address(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	for {
		claimed, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) ([]store.DueOccasion, error) {
			return store.ClaimOccasions(ctx, tx, occasionBatch, occasionLease)
		})
		if err != nil || len(claimed) == 0 {
			return err
		}
		for _, o := range claimed {
			if err := s.addressFollowers(ctx, o); err != nil {
				return err
			}
		}
		to, err := s.addressees(ctx, claimed)
		if err != nil {
			return err
		}
		_, err = pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			return struct{}{}, store.Address(ctx, tx, claimed, to)
		})
		if err != nil {
			return err
		}
		if len(claimed) < occasionBatch {
			return nil
		}
	}
}

// addressees asks directory, outside transactions, for the people of each
// occasion, every one once. Errors: DEPENDENCY_UNAVAILABLE.
func (s *notices) addressees(ctx context.Context, occasions []store.DueOccasion) ([]store.Addressee, error) {
	var audiences []*directoryv1.Audience
	var of []int // The occasion of each audience.
	for i, o := range occasions {
		for _, a := range audiencesOf(o) {
			audiences, of = append(audiences, a), append(of, i)
		}
	}
	var out []store.Addressee
	seen := map[[2]string]bool{} // By occasion and person.
	for from := 0; from < len(audiences); from += audienceBatch {
		found, err := s.directory.recipientsOf(ctx, audiences[from:min(from+audienceBatch, len(audiences))])
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			o := occasions[of[from+int(r.GetAudience())]]
			at := [2]string{o.ID, r.GetPersonId()}
			if seen[at] {
				continue
			}
			seen[at] = true
			kind, _ := notice.KindOf(o.Kind) // A kind that was taken out is sent as one that can be turned off.
			out = append(out, store.Addressee{
				NoticeID: s.NewID(), OccasionID: o.ID, Kind: o.Kind, Required: kind.Required, PersonID: r.GetPersonId(), Email: r.GetEmail(),
			})
		}
	}
	return out, nil
}

// addressFollowers writes the notices of those who follow what an occasion is
// about, a page at a time: a process that dies on the way goes on with the same
// people, and nobody gets a second one.
func (s *notices) addressFollowers(ctx context.Context, o store.DueOccasion) error {
	if len(o.Followed) == 0 {
		return nil
	}
	for after := ""; ; {
		persons, err := store.Followers(ctx, s.DB, o.Followed, after, audienceBatch)
		if err != nil || len(persons) == 0 {
			return err
		}
		after = persons[len(persons)-1]
		to, err := s.addressees(ctx, []store.DueOccasion{{ID: o.ID, Kind: o.Kind, Persons: persons}})
		if err != nil {
			return err
		}
		_, err = pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			return struct{}{}, store.WriteNotices(ctx, tx, to)
		})
		if err != nil {
			return err
		}
	}
}

// audiencesOf are the organizations, departments and persons of an occasion with
// the functions that its kind is for.
func audiencesOf(o store.DueOccasion) []*directoryv1.Audience {
	kind, _ := notice.KindOf(o.Kind)
	var out []*directoryv1.Audience
	if len(kind.Members) > 0 {
		for _, id := range o.Organizations {
			out = append(out, &directoryv1.Audience{Of: &directoryv1.Audience_OrganizationId{OrganizationId: id}, Roles: rolesOf(kind.Members)})
		}
	}
	if len(kind.Staff) > 0 {
		for _, id := range o.Departments {
			out = append(out, &directoryv1.Audience{Of: &directoryv1.Audience_DepartmentId{DepartmentId: id}, Roles: rolesOf(kind.Staff)})
		}
	}
	for _, id := range o.Persons {
		out = append(out, &directoryv1.Audience{Of: &directoryv1.Audience_PersonId{PersonId: id}})
	}
	return out
}

func rolesOf(names []string) []optionsv1.Role {
	return convert.List(names, func(name string) optionsv1.Role { return optionsv1.Role(optionsv1.Role_value["ROLE_"+name]) })
}

// recipientsOf asks for the people of audiences. Errors: DEPENDENCY_UNAVAILABLE.
func (d directory) recipientsOf(ctx context.Context, audiences []*directoryv1.Audience) ([]*directoryv1.Recipient, error) {
	ctx, cancel := context.WithTimeout(ctx, partner.Wait)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, rpc.MetaReason, rpc.EncodeReason("手続の通知の送付"))
	resp, err := d.recipients.BatchGetRecipients(ctx, &directoryv1.BatchGetRecipientsRequest{Audiences: audiences})
	if err != nil {
		return nil, partner.Unavailable(err)
	}
	return resp.GetRecipients(), nil
}

// send sends the notices that are due. A notice is claimed before it is sent, as
// sendMails does; whatever happens between sending and noting, it keeps its
// Message-ID.
func (s *notices) send(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	for {
		claimed, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) ([]store.Letter, error) {
			return store.ClaimNotices(ctx, tx, mailBatch, mailLease)
		})
		if err != nil {
			return err
		}
		for _, l := range claimed {
			if err := s.sendOne(ctx, l); err != nil {
				return err
			}
		}
		if len(claimed) < mailBatch {
			return nil
		}
	}
}

// sendOne sends one notice and notes how that ended.
func (s *notices) sendOne(ctx context.Context, l store.Letter) error {
	subject, text, err := written(s.Origin, l)
	if err != nil {
		return err
	}
	sending, cancel := context.WithTimeout(ctx, mailWait)
	failure := s.Mail.Send(sending, mail.Message{To: l.Email, Subject: subject, Text: text, ID: l.ID, Time: s.Now()})
	cancel()
	_, err = pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		if failure == nil {
			return struct{}{}, store.SentNotice(ctx, tx, l.ID)
		}
		why := whyNotSent(failure)
		if wait, more := notice.Next(l.Tries, why); more {
			return struct{}{}, store.DelayNotice(ctx, tx, l.ID, why, wait)
		}
		return struct{}{}, store.GiveUpNotice(ctx, tx, l.ID, why)
	})
	return err
}

func whyNotSent(err error) notice.Failure {
	switch {
	case errors.Is(err, mail.ErrRefused):
		return notice.Refused
	case errors.Is(err, mail.ErrNoServer):
		return notice.NoServer
	}
	return notice.Unreachable
}

// erase deletes notices that were kept long enough and reports in the audit log
// how many.
func (s *notices) erase(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		erased, err := store.EraseNotices(ctx, tx)
		if err == nil && erased > 0 {
			audit.Add(ctx, tx, audit.Entry{
				Action: "outreach.notice.erase", ObjectType: "notice", Detail: map[string]string{"notices": strconv.FormatInt(erased, 10)},
			})
		}
		return struct{}{}, err
	})
	return err
}
