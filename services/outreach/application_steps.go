package outreach

import (
	"context"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// candidate is an application before a caller, who is its host, its applicant, or
// the desk that entered it.
type candidate struct {
	*application.Application
	publication        *publication.Publication // nil where the caller does not see it.
	by                 publication.Reader
	host, own, entered bool

	// In the hands of a verb.
	tx     *pg.Tx
	places *application.Places
}

// candidateRequest is what the requests for one application have.
type candidateRequest interface {
	GetOpportunityId() string
	GetId() string
}

// reach reads an application for whom it concerns; for anybody else it is not
// there. Errors: RESOURCE_NOT_FOUND.
func (s *publications) reach(ctx context.Context, r pg.Reader, opportunityID, id string) (candidate, error) {
	c := candidate{by: readerOf(ctx, s.Now())}
	var err error
	if c.publication, err = store.GetPublication(ctx, r, opportunityRef(opportunityID), c.by); ignoreMissing(err) != nil {
		return c, err
	}
	if c.Application, err = store.GetApplication(ctx, r, opportunityID, id); err != nil {
		return c, err
	}
	c.host = c.publication != nil && c.by.Receives(c.publication)
	c.own = c.Account != "" && c.Account == c.by.ID
	c.entered = c.by.Desk && c.EnteredBy != ""
	if !c.host && !c.own && !c.entered {
		return c, fault.ErrNotFound
	}
	return c, nil
}

// read reaches an application with personal data: the applicant's own, or the
// host's for a stated reason that is logged. Errors: REASON_REQUIRED,
// RESOURCE_NOT_FOUND.
func (s *applications) read(ctx context.Context, verb string, req candidateRequest) (candidate, error) {
	c, err := s.reach(ctx, s.DB, req.GetOpportunityId(), req.GetId())
	switch {
	case err != nil:
		return c, err
	case c.own:
		return c, nil
	case !c.host:
		return c, fault.ErrNotFound
	}
	return c, s.logReading(ctx, audit.Entry{Action: "outreach.application." + verb, ObjectType: "application", ObjectID: c.ID})
}

// logReading notes the stated reason of a reading of personal data. Errors:
// REASON_REQUIRED.
func (s *applications) logReading(ctx context.Context, e audit.Entry) error {
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return err
	}
	e.Reason = reason
	_, err = pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		audit.Add(ctx, tx, e)
		return struct{}{}, nil
	})
	return err
}

// candidateVerb is a verb of an application.
type candidateVerb struct {
	name string // In the audit log.
	may  func(candidate) bool
	take func(candidate) error
	// write writes what take changed; nil writes the state, with its places.
	write func(context.Context, candidate) error
}

// byHost and the others say who may take a verb.
func byHost(c candidate) bool      { return c.host }
func byApplicant(c candidate) bool { return c.own }
func byLeaver(c candidate) bool    { return c.own || c.entered }

// settleRequest is what the requests of the verbs have.
type settleRequest interface {
	candidateRequest
	GetEtag() string
}

// settle runs one verb on an application: lock the opportunity's places, decide,
// write, let the next ones up. Who may not take it does not learn that it is there.
func settle[R any](ctx context.Context, s *publications, req settleRequest, v candidateVerb, answer func(*outreachv1.Application) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		places, err := store.LockPlaces(ctx, tx, req.GetOpportunityId())
		if err != nil {
			return none, err
		}
		c, err := s.reach(ctx, tx, req.GetOpportunityId(), req.GetId())
		if err != nil {
			return none, err
		}
		if !v.may(c) {
			return none, fault.ErrNotFound
		}
		if err := rpc.CheckETag(req.GetEtag(), c.Version); err != nil {
			return none, err
		}
		c.tx, c.places = tx, places
		from := c.State
		if err := v.take(c); err != nil {
			return none, err
		}
		if v.write == nil {
			v.write = s.writeDecision
		}
		if err := v.write(ctx, c); err != nil {
			return none, err
		}
		if err := position(ctx, tx, c.Application); err != nil {
			return none, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.application." + v.name, ObjectType: "application", ObjectID: c.ID,
			Detail: map[string]string{"from": string(from), "to": string(c.State)},
		})
		return answer(applicationToProto(c.Application, nil)), nil
	})
}

// writeDecision writes an application that the host decided, with all that follows.
func (s *publications) writeDecision(ctx context.Context, c candidate) error {
	if err := s.decided(ctx, c.tx, c.places, c.Application); err != nil {
		return err
	}
	return s.moveUp(ctx, c.tx, c.places)
}

// writeOnly writes an application whose places did not change.
func writeOnly(ctx context.Context, c candidate) error {
	return store.UpdateApplication(ctx, c.tx, c.Application)
}

// AcceptApplication gives a place.
func (s *applications) AcceptApplication(ctx context.Context, req *outreachv1.AcceptApplicationRequest) (*outreachv1.AcceptApplicationResponse, error) {
	return settle(ctx, &s.publications, req, candidateVerb{name: "accept", may: byHost, take: func(c candidate) error {
		return c.places.Accept(c.Application, req.GetShiftIds(), c.tx.Now)
	}}, func(a *outreachv1.Application) *outreachv1.AcceptApplicationResponse {
		return &outreachv1.AcceptApplicationResponse{Application: a}
	})
}

// WaitlistApplication puts an application on the wait-list.
func (s *applications) WaitlistApplication(ctx context.Context, req *outreachv1.WaitlistApplicationRequest) (*outreachv1.WaitlistApplicationResponse, error) {
	return settle(ctx, &s.publications, req, candidateVerb{name: "waitlist", may: byHost, take: func(c candidate) error {
		return c.places.Waitlist(c.Application, c.tx.Now)
	}}, func(a *outreachv1.Application) *outreachv1.WaitlistApplicationResponse {
		return &outreachv1.WaitlistApplicationResponse{Application: a}
	})
}

// DeclineApplication declines an application.
func (s *applications) DeclineApplication(ctx context.Context, req *outreachv1.DeclineApplicationRequest) (*outreachv1.DeclineApplicationResponse, error) {
	return settle(ctx, &s.publications, req, candidateVerb{name: "decline", may: byHost, take: func(c candidate) error {
		return c.places.Decline(c.Application, jp.Clean(req.GetMessage()), jp.DateOf(c.tx.Now))
	}}, func(a *outreachv1.Application) *outreachv1.DeclineApplicationResponse {
		return &outreachv1.DeclineApplicationResponse{Application: a}
	})
}

// WithdrawApplication takes an application back.
func (s *applications) WithdrawApplication(ctx context.Context, req *outreachv1.WithdrawApplicationRequest) (*outreachv1.WithdrawApplicationResponse, error) {
	return settle(ctx, &s.publications, req, candidateVerb{name: "withdraw", may: byLeaver, take: func(c candidate) error {
		return c.places.Withdraw(c.Application, jp.DateOf(c.tx.Now))
	}, write: func(ctx context.Context, c candidate) error {
		if err := writeOnly(ctx, c); err != nil {
			return err
		}
		if err := store.UpdatePlaces(ctx, c.tx, c.places); err != nil {
			return err
		}
		return s.moveUp(ctx, c.tx, c.places)
	}}, func(a *outreachv1.Application) *outreachv1.WithdrawApplicationResponse {
		return &outreachv1.WithdrawApplicationResponse{Application: a}
	})
}

// RecordAttendance records how many came.
func (s *applications) RecordAttendance(ctx context.Context, req *outreachv1.RecordAttendanceRequest) (*outreachv1.RecordAttendanceResponse, error) {
	return settle(ctx, &s.publications, req, candidateVerb{name: "recordAttendance", may: byHost, take: func(c candidate) error {
		return c.Attend(c.places, req.GetShiftId(), int(req.GetHeads()), c.tx.Now)
	}, write: writeOnly}, func(a *outreachv1.Application) *outreachv1.RecordAttendanceResponse {
		return &outreachv1.RecordAttendanceResponse{Application: a}
	})
}

// StopInvitations ends the agreement to be told of later opportunities.
func (s *applications) StopInvitations(ctx context.Context, req *outreachv1.StopInvitationsRequest) (*outreachv1.StopInvitationsResponse, error) {
	return settle(ctx, &s.publications, req, candidateVerb{name: "stopInvitations", may: byApplicant, take: func(c candidate) error {
		c.StopInvitations(c.places.LastOn)
		return nil
	}, write: writeOnly}, func(a *outreachv1.Application) *outreachv1.StopInvitationsResponse {
		return &outreachv1.StopInvitationsResponse{Application: a}
	})
}

// eraseApplicants deletes who applied for opportunities whose time is over, and
// reports in the audit log how many people that were.
func (s *applications) eraseApplicants(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	ids, err := store.ErasableOpportunities(ctx, s.DB, jp.DateOf(s.Now()))
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			if _, err := store.LockPlaces(ctx, tx, id); err != nil {
				return struct{}{}, err
			}
			people, err := store.EraseApplicants(ctx, tx, id, jp.DateOf(tx.Now))
			audit.Add(ctx, tx, audit.Entry{
				Action: "outreach.application.erase", ObjectType: "opportunity", ObjectID: id,
				Detail: map[string]string{"people": strconv.FormatInt(people, 10)},
			})
			return struct{}{}, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
