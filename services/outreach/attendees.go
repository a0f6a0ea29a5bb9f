package outreach

import (
	"context"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/registration"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// GetRegistration shows a registration and who is behind it to the host.
func (s *registrations) GetRegistration(ctx context.Context, req *outreachv1.GetRegistrationRequest) (*outreachv1.GetRegistrationResponse, error) {
	if err := s.readAsHost(ctx, "get", req.GetEventId()); err != nil {
		return nil, err
	}
	r, err := store.GetRegistration(ctx, s.DB, req.GetEventId(), req.GetId())
	if err != nil {
		return nil, err
	}
	persons, err := store.PersonsOf(ctx, s.DB, []string{orNobody(r.PersonID)})
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetRegistrationResponse{Registration: registrationToProto(r, persons)}, nil
}

// ListRegistrations shows the registrations of an event and who is behind them to
// the host.
func (s *registrations) ListRegistrations(ctx context.Context, req *outreachv1.ListRegistrationsRequest) (*outreachv1.ListRegistrationsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	if err := s.readAsHost(ctx, "list", req.GetEventId()); err != nil {
		return nil, err
	}
	rows, err := store.ListRegistrations(ctx, s.DB, req.GetEventId(), registration.State(convert.EnumName(req.GetState())), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(r *registration.Registration) []string { return []string{strconv.Itoa(r.Place)} })
	var ids []string
	for _, r := range rows {
		if r.PersonID != "" {
			ids = append(ids, r.PersonID)
		}
	}
	persons, err := store.PersonsOf(ctx, s.DB, ids)
	if err != nil {
		return nil, err
	}
	resp := &outreachv1.ListRegistrationsResponse{}
	for _, r := range rows {
		resp.Registrations = append(resp.Registrations, registrationToProto(r, persons))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// orNobody is an id, or nobody's for none.
func orNobody(id string) string {
	if id == "" {
		return pg.NilID
	}
	return id
}

// readAsHost lets the host of an event read who is registered, for a stated reason
// that is logged. Errors: REASON_REQUIRED, RESOURCE_NOT_FOUND, PERMISSION_DENIED.
func (s *registrations) readAsHost(ctx context.Context, verb, eventID string) error {
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return err
	}
	host, err := s.hosts(ctx, s.DB, eventID)
	if err != nil {
		return err
	}
	if !host {
		return fault.ErrPermissionDenied
	}
	_, err = pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.registration." + verb, ObjectType: "event", ObjectID: eventID, Reason: reason,
		})
		return struct{}{}, nil
	})
	return err
}

// erase deletes who registered for events that are long over, and reports in the
// audit log how many people that were.
func (s *registrations) erase(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	ids, err := store.ErasableEvents(ctx, s.DB, jp.DateOf(s.Now()))
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			if _, err := store.LockSeats(ctx, tx, id); err != nil {
				return struct{}{}, err
			}
			people, err := store.ErasePersons(ctx, tx, id, "")
			audit.Add(ctx, tx, audit.Entry{
				Action: "outreach.registration.erase", ObjectType: "event", ObjectID: id,
				Detail: map[string]string{"people": strconv.FormatInt(people, 10)},
			})
			return struct{}{}, err
		})
		if err != nil {
			return err
		}
	}
	_, err = pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		return struct{}{}, store.ForgetMailQuotas(ctx, tx)
	})
	return err
}

// personFromProto reads who registers. Errors: INVALID_FIELD.
func personFromProto(in *outreachv1.Registrant) (registration.Person, error) {
	p := registration.Person{
		Name: jp.Clean(in.GetName()), Email: strings.ToLower(strings.TrimSpace(in.GetEmail())), Note: jp.Clean(in.GetNote()),
	}
	var err error
	if p.NameKana, err = jp.NormalizeKana(in.GetNameKana()); err != nil {
		return p, invalid("registration.nameKana", jp.ErrKana)
	}
	if in.GetPhoneNumber() == "" {
		return p, nil
	}
	if p.PhoneNumber, err = jp.ParsePhone(in.GetPhoneNumber()); err != nil {
		return p, invalid("registration.phoneNumber", jp.ErrPhone)
	}
	return p, nil
}

// registrationToProto shows a registration, with who is behind it where that is
// given.
func registrationToProto(r *registration.Registration, persons map[string]registration.Person) *outreachv1.Registration {
	out := &outreachv1.Registration{
		Id: r.ID, EventId: r.EventID, State: outreachv1.Registration_State(outreachv1.Registration_State_value[string(r.State)]),
		Position: int32(r.Position), Confirmed: !r.ConfirmedAt.IsZero(), CreateTime: convert.Instant(r.CreatedAt),
		UpdateTime: convert.Instant(r.UpdatedAt), Etag: rpc.ETag(r.Version), HeadCount: int32(r.Party), Ticket: r.Ticket,
	}
	if r.State.Live() && r.ConfirmedAt.IsZero() {
		out.ConfirmBefore = convert.Instant(r.ConfirmBefore)
	}
	if p, ok := persons[r.PersonID]; ok {
		out.Registrant = &outreachv1.Registrant{
			Name: p.Name, NameKana: p.NameKana, Email: p.Email, PhoneNumber: p.PhoneNumber, Note: p.Note, HeadCount: int32(r.Party),
		}
	}
	return out
}
