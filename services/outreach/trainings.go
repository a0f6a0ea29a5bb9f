package outreach

import (
	"context"
	"strconv"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/training"
)

// trainings answers TrainingApplicationService.
type trainings struct {
	outreachv1.UnimplementedTrainingApplicationServiceServer
	publications
}

func registerTrainings(d service.Deps, r grpc.ServiceRegistrar) {
	p := publicationsOf(d)
	outreachv1.RegisterTrainingApplicationServiceServer(r, &trainings{publications: p})
	outreachv1.RegisterTrainingMatchingServiceServer(r, &trainingMatchings{publications: p})
	outreachv1.RegisterTrainingRecordServiceServer(r, &trainingRecords{publications: p})
}

// CreateTrainingApplication applies for the caller.
func (s *trainings) CreateTrainingApplication(ctx context.Context, req *outreachv1.CreateTrainingApplicationRequest) (*outreachv1.CreateTrainingApplicationResponse, error) {
	caller, in := auth.From(ctx), req.GetTrainingApplication()
	if caller.DepartmentID == "" {
		return nil, fault.ErrPermissionDenied
	}
	department, err := s.directory.departmentsOf(ctx, jp.DateOf(s.Now()), []string{caller.DepartmentID})
	if err != nil {
		return nil, err
	}
	a := &training.Application{
		ID: s.NewID(), Applicant: caller.Actor(), DepartmentID: caller.DepartmentID, DepartmentName: department[0].FullName,
		Screens: caller.Has(optionsv1.Role_ROLE_DESK, optionsv1.Role_ROLE_REVIEWER), Motive: jp.Clean(in.GetMotive()), Wishes: in.GetWishes(),
		Conflicts: convert.List(in.GetConflicts(), conflictFromProto),
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CreateTrainingApplicationResponse, error) {
		offers, err := store.OffersOf(ctx, tx, a.Wishes)
		if err != nil {
			return nil, err
		}
		takes := convert.List(offers, func(o store.Offer) training.Offer {
			o.Open = o.Open && tx.Now.Before(o.ClosesAt)
			return o.Offer
		})

		if err := a.Apply(takes, jp.DateOf(tx.Now)); err != nil {
			return nil, err
		}
		if err := store.InsertTraining(ctx, tx, a); err != nil {
			return nil, err
		}
		partner.KeepDepartment(tx, department[0])
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.trainingApplication.create", ObjectType: "trainingApplication", ObjectID: a.ID})
		return &outreachv1.CreateTrainingApplicationResponse{TrainingApplication: trainingToProto(a, false)}, nil
	})
}

// trainee is an application for training before a caller: who applied, the
// superior, the desk, or the host of the place.
type trainee struct {
	*training.Application
	by                        publication.Reader
	own, superior, desk, host bool
	tx                        *pg.Tx // In the hands of a verb.
}

// byTrainee and the others say who may take a verb.
func byTrainee(t trainee) bool  { return t.own }
func bySuperior(t trainee) bool { return t.superior }
func byChecker(t trainee) bool  { return t.superior || t.desk }
func byInside(t trainee) bool   { return t.own || t.superior || t.desk }
func byTrainer(t trainee) bool  { return t.host }
func byAnybody(t trainee) bool  { return byInside(t) || t.host }

// know says what the caller is to an application that was read.
func (s *publications) know(ctx context.Context, r pg.Reader, a *training.Application) (trainee, error) {
	t := trainee{Application: a, by: readerOf(ctx, s.Now())}
	t.own = a.Applicant != "" && a.Applicant == t.by.ID
	t.superior = t.by.Approver && t.by.Department == a.DepartmentID
	t.desk = t.by.Desk
	if a.State != training.Matched {
		return t, nil
	}
	p, err := store.GetPublication(ctx, r, opportunityRef(a.OpportunityID), t.by)
	t.host = err == nil && t.by.Receives(p)
	return t, ignoreMissing(err)
}

// trainee reads an application for whom it concerns; for anybody else it is not
// there. Errors: RESOURCE_NOT_FOUND.
func (s *publications) trainee(ctx context.Context, id string, may func(trainee) bool) (trainee, error) {
	a, err := store.GetTraining(ctx, s.DB, id)
	if err != nil {
		return trainee{}, err
	}
	t, err := s.know(ctx, s.DB, a)
	if err == nil && !may(t) {
		err = fault.ErrNotFound
	}
	return t, err
}

// trainingVerb is a verb of an application for training.
type trainingVerb struct {
	name string // In the audit log, with the noun.
	may  func(trainee) bool
	// offer locks the offer whose places the verb may change, before the
	// application is locked; nil for none.
	offer func(context.Context, *pg.Tx) error
	take  func(context.Context, trainee) error
}

// trainingStep runs one verb on a locked application. Who may not take it does not
// learn that it is there.
func trainingStep[R any](ctx context.Context, s *publications, req stepRequest, v trainingVerb, answer func(trainee) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		if v.offer != nil {
			if err := v.offer(ctx, tx); err != nil {
				return none, err
			}
		}
		a, err := store.LockTraining(ctx, tx, req.GetId())
		if err != nil {
			return none, err
		}
		t, err := s.know(ctx, tx, a)
		if err != nil {
			return none, err
		}
		if !v.may(t) {
			return none, fault.ErrNotFound
		}
		if err := rpc.CheckETag(req.GetEtag(), a.Version); err != nil {
			return none, err
		}
		t.tx = tx
		from := a.State
		if err := v.take(ctx, t); err != nil {
			return none, err
		}
		store.UpdateTraining(tx, a)
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach." + v.name, ObjectType: "trainingApplication", ObjectID: a.ID,
			Detail: map[string]string{"from": string(from), "to": string(a.State)},
		})
		return answer(t), nil
	})
}

// settleTraining is trainingStep for the verbs that answer the application.
func settleTraining[R any](ctx context.Context, s *publications, req stepRequest, v trainingVerb, answer func(*outreachv1.TrainingApplication) R) (R, error) {
	v.name = "trainingApplication." + v.name
	return trainingStep(ctx, s, req, v, func(t trainee) R { return answer(trainingToProto(t.Application, false)) })
}

// ApproveTrainingApplication is the superior's yes.
func (s *trainings) ApproveTrainingApplication(ctx context.Context, req *outreachv1.ApproveTrainingApplicationRequest) (*outreachv1.ApproveTrainingApplicationResponse, error) {
	return settleTraining(ctx, &s.publications, req, trainingVerb{name: "approveBySuperior", may: bySuperior, take: func(_ context.Context, t trainee) error {
		return t.Approve(t.by.ID)
	}}, func(a *outreachv1.TrainingApplication) *outreachv1.ApproveTrainingApplicationResponse {
		return &outreachv1.ApproveTrainingApplicationResponse{TrainingApplication: a}
	})
}

// DeclineTrainingApplication is the superior's no.
func (s *trainings) DeclineTrainingApplication(ctx context.Context, req *outreachv1.DeclineTrainingApplicationRequest) (*outreachv1.DeclineTrainingApplicationResponse, error) {
	return settleTraining(ctx, &s.publications, req, trainingVerb{name: "declineBySuperior", may: bySuperior, take: func(_ context.Context, t trainee) error {
		return t.Decline(t.by.ID, jp.Clean(req.GetReason()))
	}}, func(a *outreachv1.TrainingApplication) *outreachv1.DeclineTrainingApplicationResponse {
		return &outreachv1.DeclineTrainingApplicationResponse{TrainingApplication: a}
	})
}

// WithdrawTrainingApplication takes an application back.
func (s *trainings) WithdrawTrainingApplication(ctx context.Context, req *outreachv1.WithdrawTrainingApplicationRequest) (*outreachv1.WithdrawTrainingApplicationResponse, error) {
	return settleTraining(ctx, &s.publications, req, trainingVerb{name: "withdraw", may: byTrainee, offer: func(ctx context.Context, tx *pg.Tx) error {
		a, err := store.GetTraining(ctx, tx, req.GetId())
		if err != nil || a.OpportunityID == "" {
			return err
		}
		_, err = store.LockOffer(ctx, tx, a.OpportunityID)
		return err
	}, take: func(ctx context.Context, t trainee) error {
		matched := t.State == training.Matched
		if err := t.Withdraw(jp.DateOf(t.tx.Now)); err != nil || !matched {
			return err
		}
		return store.TakeTrainingPlaces(ctx, t.tx, map[string]int{t.OpportunityID: -1})
	}}, func(a *outreachv1.TrainingApplication) *outreachv1.WithdrawTrainingApplicationResponse {
		return &outreachv1.WithdrawTrainingApplicationResponse{TrainingApplication: a}
	})
}

// DeclareTrainingConflict adds a conflict of interest.
func (s *trainings) DeclareTrainingConflict(ctx context.Context, req *outreachv1.DeclareTrainingConflictRequest) (*outreachv1.DeclareTrainingConflictResponse, error) {
	return settleTraining(ctx, &s.publications, req, trainingVerb{name: "declareConflict", may: byInside, take: func(_ context.Context, t trainee) error {
		return t.Declare(training.Conflict{OrganizationID: req.GetOrganizationId(), Reason: jp.Clean(req.GetReason())})
	}}, func(a *outreachv1.TrainingApplication) *outreachv1.DeclareTrainingConflictResponse {
		return &outreachv1.DeclareTrainingConflictResponse{TrainingApplication: a}
	})
}

// GetTrainingApplication shows an application to whom it concerns.
func (s *trainings) GetTrainingApplication(ctx context.Context, req *outreachv1.GetTrainingApplicationRequest) (*outreachv1.GetTrainingApplicationResponse, error) {
	t, err := s.trainee(ctx, req.GetId(), byAnybody)
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetTrainingApplicationResponse{TrainingApplication: trainingToProto(t.Application, !byInside(t))}, nil
}

// ListTrainingApplications lists the applications of one scope.
func (s *trainings) ListTrainingApplications(ctx context.Context, req *outreachv1.ListTrainingApplicationsRequest) (*outreachv1.ListTrainingApplicationsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	f := store.TrainingFilter{
		State: training.State(convert.EnumName(req.GetState())), FiscalYear: int(req.GetFiscalYear()), Level: opportunity.Kind(convert.EnumName(req.GetLevel())),
	}
	if err := s.scope(ctx, req, &f); err != nil {
		return nil, err
	}
	rows, err := store.ListTraining(ctx, s.DB, f, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(a *training.Application) []string { return []string{a.ID} })
	resp := &outreachv1.ListTrainingApplicationsResponse{TrainingApplications: convert.List(rows, func(a *training.Application) *outreachv1.TrainingApplication {
		return trainingToProto(a, req.GetScope() == outreachv1.ListTrainingApplicationsRequest_HOST)
	})}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// scope narrows a list to what the caller may see. Errors: PERMISSION_DENIED,
// RESOURCE_NOT_FOUND, INVALID_FIELD.
func (s *trainings) scope(ctx context.Context, req *outreachv1.ListTrainingApplicationsRequest, f *store.TrainingFilter) error {
	by := readerOf(ctx, s.Now())
	switch req.GetScope() {
	case outreachv1.ListTrainingApplicationsRequest_DEPARTMENT:
		if f.DepartmentID = by.Department; !by.Approver || by.Department == "" {
			return fault.ErrPermissionDenied
		}
	case outreachv1.ListTrainingApplicationsRequest_ALL:
		if f.OpportunityID = req.GetOpportunityId(); !by.Desk {
			return fault.ErrPermissionDenied
		}
	case outreachv1.ListTrainingApplicationsRequest_HOST:
		if f.OpportunityID = req.GetOpportunityId(); f.OpportunityID == "" {
			return fault.ErrInvalidField.On(fault.Missing("opportunityId"))
		}
		p, err := store.GetPublication(ctx, s.DB, opportunityRef(f.OpportunityID), by)
		if err != nil {
			return err
		}
		if !by.Receives(p) {
			return fault.ErrPermissionDenied
		}
	default:
		f.Applicant = by.ID
	}
	return nil
}

// eraseTrainees forgets who was trained once the time is over, and reports in the
// audit log how many that were.
func (s *trainings) eraseTrainees(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	for {
		gone, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (int64, error) {
			people, err := store.EraseTrainees(ctx, tx, jp.DateOf(tx.Now))
			if err == nil && people > 0 {
				audit.Add(ctx, tx, audit.Entry{
					Action: "outreach.trainingApplication.erase", ObjectType: "trainingApplication", ObjectID: "due",
					Detail: map[string]string{"people": strconv.FormatInt(people, 10)},
				})
			}
			return people, err
		})
		if err != nil || gone == 0 {
			return err
		}
	}
}
