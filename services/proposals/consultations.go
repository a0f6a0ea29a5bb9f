package proposals

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/number"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// consultations answers ConsultationService.
type consultations struct {
	proposalsv1.UnimplementedConsultationServiceServer
	service.Deps
	directory directory
	vault     vault
}

func registerDesk(d service.Deps, r grpc.ServiceRegistrar, peer directory) {
	v := vault{key: d.Key("asker")}
	proposalsv1.RegisterConsultationServiceServer(r, &consultations{Deps: d, directory: peer, vault: v})
	proposalsv1.RegisterFaqServiceServer(r, &faqs{Deps: d, vault: v})
}

// consultationReader says what the caller is as far as consultations are
// concerned; code is the access code in the body, before that in the metadata.
func consultationReader(ctx context.Context, code string) consultation.Reader {
	p := auth.From(ctx)
	r := consultation.Reader{
		ID: p.Actor(), SignedIn: p.Kind == auth.KindPerson, Members: p.Organizations(),
		Staff: p.Has(optionsv1.Role_ROLE_STAFF), Desk: p.Has(optionsv1.Role_ROLE_DESK),
	}
	if r.Staff || r.Desk {
		r.Department = p.DepartmentID
	}
	if code == "" {
		code = rpc.AccessCode(ctx)
	}
	if code != "" {
		r.CodeHash = consultation.HashCode(code)
	}
	return r
}

// CreateConsultation opens a consultation.
func (s *consultations) CreateConsultation(ctx context.Context, req *proposalsv1.CreateConsultationRequest) (*proposalsv1.CreateConsultationResponse, error) {
	by := consultationReader(ctx, "")
	if err := checkIntake(req, by); err != nil {
		return nil, err
	}
	received, err := convert.Day("receivedOn", req.GetReceivedOn())
	if err != nil {
		return nil, err
	}
	of, err := s.asking(ctx, req.GetOrganizationId())
	if err != nil {
		return nil, err
	}
	c := &consultation.Consultation{
		ID: s.NewID(), Channel: cmpText(convert.EnumName(req.GetChannel()), "WEB"), Subject: req.GetSubject(), Body: req.GetBody(),
		OrganizationID: of.ID, CreatedBy: by.ID, Names: consultation.Names{Organizations: map[string]string{of.ID: of.Name}},
	}
	if by.SignedIn && !by.Desk {
		c.AskerID = by.ID
	}
	code := rand.Text()
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.CreateConsultationResponse, error) {
		if err := c.Open(received, tx.Now); err != nil {
			return nil, err
		}
		if of.ID != "" {
			partner.KeepOrganization(tx, of)
		}
		err := s.open(ctx, tx, c, intake{by: by, code: code, asker: askerFromProto(req.GetAsker())})
		if err != nil {
			return nil, err
		}
		return &proposalsv1.CreateConsultationResponse{Consultation: s.show(c, by, code)}, nil
	})
}

// cmpText is the first text that is not empty.
func cmpText(texts ...string) string {
	i := slices.IndexFunc(texts, func(t string) bool { return t != "" })
	return texts[i]
}

// checkIntake refuses from others what only the desk writes down. Errors:
// INVALID_FIELD, RESOURCE_NOT_FOUND.
func checkIntake(req *proposalsv1.CreateConsultationRequest, by consultation.Reader) error {
	switch {
	case by.Desk:
		return nil
	case req.GetChannel() > proposalsv1.Consultation_WEB:
		return fault.ErrInvalidField.OnPath("channel")
	case req.GetReceivedOn() != "":
		return fault.ErrInvalidField.OnPath("receivedOn")
	case req.GetOrganizationId() != "" && !slices.Contains(by.Members, req.GetOrganizationId()):
		return fault.ErrNotFound
	}
	return nil
}

// asking asks directory for the organization that asks, if any.
func (s *consultations) asking(ctx context.Context, id string) (partner.Organization, error) {
	if id == "" {
		return partner.Organization{}, nil
	}
	found, err := s.directory.organizationsOf(ctx, id)
	return partner.OrganizationOf(found[id]), err
}

// intake is what comes with a new consultation and is not kept in it.
type intake struct {
	by    consultation.Reader
	code  string
	asker consultation.Asker
	// The holder from the beginning; empty for the desk.
	departmentID, departmentName string
}

// open writes a new consultation with its number, first entry, vault, event and
// audit entry.
func (s *consultations) open(ctx context.Context, tx *pg.Tx, c *consultation.Consultation, in intake) error {
	c.CodeHash = consultation.HashCode(in.code)
	entries, err := c.Received(in.by, in.departmentID, in.departmentName)
	if err != nil {
		return err
	}
	serial, err := number.Next(ctx, tx, store.ConsultationNumber, c.FiscalYear)
	if err != nil {
		return err
	}
	c.Numbered(serial)
	if err := store.InsertConsultation(ctx, tx, c); err != nil {
		return err
	}
	store.AddEntries(tx, c.ID, datedEntries(s.Deps, tx, entries))
	if !in.asker.IsEmpty() {
		store.KeepPerson(tx, c.ID, s.vault.seal(c.ID, in.asker))
	}
	audit.Add(ctx, tx, audit.Entry{
		Action: "proposals.consultation.create", ObjectType: "consultation", ObjectID: c.ID,
		Detail: map[string]string{"channel": c.Channel},
	})
	if err := tellWard(ctx, tx, c, consultationReceived(c)); err != nil || c.DepartmentID == "" {
		return err
	}
	return tellWard(ctx, tx, c, consultationRouted(c, ""))
}

// show is the answer of the creation, the only one with the code.
func (s *consultations) show(c *consultation.Consultation, by consultation.Reader, code string) *proposalsv1.Consultation {
	by.CodeHash = c.CodeHash
	out := consultationToProto(c, by, nil)
	out.AccessCode = code
	return out
}

// LookupConsultation finds a consultation by what stands on its receipt.
func (s *consultations) LookupConsultation(ctx context.Context, req *proposalsv1.LookupConsultationRequest) (*proposalsv1.LookupConsultationResponse, error) {
	by := consultation.Reader{ID: auth.From(ctx).Actor(), CodeHash: consultation.HashCode(req.GetAccessCode())}
	c, err := store.FindConsultation(ctx, s.DB, req.GetNumber(), by)
	if err != nil {
		return nil, err
	}
	out, err := s.whole(ctx, s.DB, c, by)
	return &proposalsv1.LookupConsultationResponse{Consultation: out}, err
}

// GetConsultation shows a consultation to whom it is visible.
func (s *consultations) GetConsultation(ctx context.Context, req *proposalsv1.GetConsultationRequest) (*proposalsv1.GetConsultationResponse, error) {
	by := consultationReader(ctx, "")
	c, err := store.GetConsultation(ctx, s.DB, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	out, err := s.whole(ctx, s.DB, c, by)
	return &proposalsv1.GetConsultationResponse{Consultation: out}, err
}

// whole shows a consultation with its entries.
func (s *consultations) whole(ctx context.Context, r pg.Reader, c *consultation.Consultation, by consultation.Reader) (*proposalsv1.Consultation, error) {
	entries, err := store.ListEntries(ctx, r, c.ID)
	if err != nil {
		return nil, err
	}
	return consultationToProto(c, by, entries), nil
}

// GetConsultationAsker shows name and contact of who asked; the reading is
// logged with its reason.
func (s *consultations) GetConsultationAsker(ctx context.Context, req *proposalsv1.GetConsultationAskerRequest) (*proposalsv1.GetConsultationAskerResponse, error) {
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.GetConsultationAskerResponse, error) {
		by := consultationReader(ctx, "")
		c, err := store.GetConsultation(ctx, tx, req.GetId(), by)
		if err != nil {
			return nil, err
		}
		if !by.Holds(c) {
			return nil, fault.ErrPermissionDenied
		}
		asker, err := s.vault.person(ctx, tx, c.ID)
		if err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.consultation.asker", ObjectType: "consultation", ObjectID: c.ID, Reason: reason})
		return &proposalsv1.GetConsultationAskerResponse{Asker: askerToProto(asker)}, nil
	})
}

// vault seals name and contact of who asked.
type vault struct{ key seal.Key }

func (v vault) seal(consultationID string, a consultation.Asker) []byte {
	plain, err := json.Marshal(a)
	if err != nil { // Strings always encode.
		panic(err)
	}
	return v.key.Seal(plain, []byte(consultationID))
}

// person reads who asked; the zero value where nothing is known.
func (v vault) person(ctx context.Context, r pg.Reader, consultationID string) (a consultation.Asker, err error) {
	sealed, err := store.GetPerson(ctx, r, consultationID)
	if err != nil || sealed == nil {
		return a, err
	}
	plain, err := v.key.Open(sealed, []byte(consultationID))
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(plain, &a)
}
