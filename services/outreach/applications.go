package outreach

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// applications answers ApplicationService.
type applications struct {
	outreachv1.UnimplementedApplicationServiceServer
	publications
}

// CreateApplication applies for a published opportunity.
func (s *applications) CreateApplication(ctx context.Context, req *outreachv1.CreateApplicationRequest) (*outreachv1.CreateApplicationResponse, error) {
	in := req.GetApplication()
	person, err := applicantFromProto(in.GetApplicant())
	if err != nil {
		return nil, err
	}
	a := applicationFromProto(in)
	a.ID, a.OpportunityID, person.ID = s.NewID(), req.GetOpportunityId(), s.NewID()
	a.PersonID = person.ID
	identity, err := s.signed(readerOf(ctx, s.Now()), a, person)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CreateApplicationResponse, error) {
		p, places, err := placesFor(ctx, tx, a.OpportunityID)
		if err != nil {
			return nil, err
		}
		a.OpportunityTitle = p.Title
		if err := a.Check(p.Opportunity, person, in.GetPledged()); err != nil {
			return nil, err
		}
		if err := places.Apply(a, tx.Now); err != nil {
			return nil, err
		}
		due, err := s.mailDue(ctx, tx, a, person.Email)
		if err != nil {
			return nil, err
		}
		if err := s.keepApplication(ctx, tx, places, a, identity); err != nil {
			return nil, err
		}
		store.AddApplicant(tx, person)
		store.MailApplicant(tx, s.applicationMail(mailApplicationReceived, a, due))
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.application.create", ObjectType: "application", ObjectID: a.ID,
			Detail: map[string]string{"opportunityId": a.OpportunityID, "channel": a.Channel, "heads": strconv.Itoa(a.Heads)},
		})
		return &outreachv1.CreateApplicationResponse{Application: applicationToProto(a, map[string]application.Person{person.ID: person})}, nil
	})
}

// signed says in whose name an application is made: the caller's own, or by the
// desk in somebody's. It returns the hash by which one live application of one
// person is held. Errors: PAPER_NOTE_REQUIRED, INVALID_FIELD.
func (s *applications) signed(by publication.Reader, a *application.Application, p application.Person) ([]byte, error) {
	if by.Desk == (p.PaperNote == "") {
		return nil, application.ErrPaperNote.OnPath("application.applicant.paperNote")
	}
	if by.Desk == (a.Channel == application.Web) {
		return nil, fault.ErrInvalidField.OnPath("application.channel")
	}
	who := "account:" + by.ID
	if by.Desk {
		a.EnteredBy = by.ID
		who = "told:" + jp.SearchKey(p.Name) + ":" + p.PhoneNumber + ":" + p.Email
	} else {
		a.Account = by.ID
		if p.Email == "" {
			return nil, fault.ErrInvalidField.On(fault.Missing("application.applicant.email"))
		}
	}
	key := s.Key("applicant")
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(who))
	return mac.Sum(nil), nil
}

// placesFor locks the places of an opportunity that everybody sees. Errors:
// RESOURCE_NOT_FOUND, APPLICATION_CLOSED, TRAINING_FOR_STAFF.
func placesFor(ctx context.Context, tx *pg.Tx, opportunityID string) (*publication.Publication, *application.Places, error) {
	p, err := store.GetPublication(ctx, tx, opportunityRef(opportunityID), publication.Reader{})
	if err != nil {
		return nil, nil, err
	}
	if p.Opportunity.Kind.Training() {
		return nil, nil, opportunity.ErrForStaff
	}
	places, err := store.LockPlaces(ctx, tx, opportunityID)
	if err != nil {
		return nil, nil, closedIfMissing(err)
	}
	return p, places, places.Takes(tx.Now)
}

// mailDue is when the receipt may go: what a signed-in person enters may be
// another's address, which gets few mails. Errors: RATE_LIMITED.
func (s *applications) mailDue(ctx context.Context, tx *pg.Tx, a *application.Application, email string) (time.Time, error) {
	if a.Account == "" {
		return tx.Now, nil
	}
	r := registrations{publications: s.publications}
	return store.TakeMailQuota(ctx, tx, r.addressHash(email))
}

// keepApplication writes a new application with its places, and tells of it where
// it is decided already.
func (s *applications) keepApplication(ctx context.Context, tx *pg.Tx, places *application.Places, a *application.Application, identity []byte) error {
	if err := store.InsertApplication(ctx, tx, a, identity); err != nil {
		return err
	}
	if err := store.UpdatePlaces(ctx, tx, places); err != nil {
		return err
	}
	if a.State == application.Requested {
		return nil
	}
	if err := position(ctx, tx, a); err != nil {
		return err
	}
	return tellDecision(ctx, tx, a)
}

// position says where an application that was written waits.
func position(ctx context.Context, tx *pg.Tx, a *application.Application) (err error) {
	if a.Position = 0; a.State == application.Waitlisted {
		a.Position, err = store.WaitsAt(ctx, tx, a)
	}
	return err
}

// GetApplication shows an application with who is behind it: to the applicant, or
// to the host for a stated reason.
func (s *applications) GetApplication(ctx context.Context, req *outreachv1.GetApplicationRequest) (*outreachv1.GetApplicationResponse, error) {
	c, err := s.read(ctx, "get", req)
	if err != nil {
		return nil, err
	}
	persons, err := store.ApplicantsOf(ctx, s.DB, orNobody(c.PersonID))
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetApplicationResponse{Application: applicationToProto(c.Application, persons)}, nil
}

// ListApplications shows the applications for an opportunity and who is behind
// them to the host.
func (s *applications) ListApplications(ctx context.Context, req *outreachv1.ListApplicationsRequest) (*outreachv1.ListApplicationsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := readerOf(ctx, s.Now())
	p, err := store.GetPublication(ctx, s.DB, opportunityRef(req.GetOpportunityId()), by)
	if err != nil {
		return nil, err
	}
	if !by.Receives(p) {
		return nil, fault.ErrPermissionDenied
	}
	if err := s.logReading(ctx, audit.Entry{Action: "outreach.application.list", ObjectType: "opportunity", ObjectID: p.ID}); err != nil {
		return nil, err
	}
	rows, err := store.ListApplications(ctx, s.DB, p.ID, application.State(convert.EnumName(req.GetState())), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(a *application.Application) []string { return []string{strconv.Itoa(a.Place)} })
	shown, err := s.shown(ctx, rows)
	if err != nil {
		return nil, err
	}
	resp := &outreachv1.ListApplicationsResponse{Applications: shown}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// shown shows applications with who is behind them.
func (s *applications) shown(ctx context.Context, rows []*application.Application) ([]*outreachv1.Application, error) {
	persons, err := store.ApplicantsOf(ctx, s.DB, convert.List(rows, func(a *application.Application) string { return orNobody(a.PersonID) })...)
	return convert.List(rows, func(a *application.Application) *outreachv1.Application { return applicationToProto(a, persons) }), err
}

// ListOwnApplications lists the caller's own applications.
func (s *applications) ListOwnApplications(ctx context.Context, req *outreachv1.ListOwnApplicationsRequest) (*outreachv1.ListOwnApplicationsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.OwnApplications(ctx, s.DB, auth.From(ctx).Actor(), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(a *application.Application) []string { return []string{a.ID} })
	shown, err := s.shown(ctx, rows)
	if err != nil {
		return nil, err
	}
	resp := &outreachv1.ListOwnApplicationsResponse{Applications: shown}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
