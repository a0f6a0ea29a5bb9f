package proposals

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// heldMatter is a consultation in the hands of a verb.
type heldMatter struct {
	*consultation.Consultation
	tx *pg.Tx
	by consultation.Reader
}

// matterVerb is one verb on a locked consultation.
type matterVerb struct {
	action string // As in the audit log.
	take   func(context.Context, heldMatter) ([]consultation.Entry, error)
}

// deal runs one verb on a locked consultation and writes it with its entries and
// its audit entry.
func deal[R any](ctx context.Context, s *consultations, req stepRequest, verb matterVerb, answer func(*proposalsv1.Consultation) R) (R, error) {
	code := ""
	if coded, ok := req.(interface{ GetAccessCode() string }); ok {
		code = coded.GetAccessCode()
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := consultationReader(ctx, code)
		c, err := store.LockConsultation(ctx, tx, req.GetId(), by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), c.Version); err != nil {
			return none, err
		}
		before, err := store.ListEntries(ctx, tx, c.ID)
		if err != nil {
			return none, err
		}
		from := c.State
		entries, err := verb.take(ctx, heldMatter{c, tx, by})
		if err != nil {
			return none, err
		}
		after := datedEntries(s.Deps, tx, entries)
		store.UpdateConsultation(tx, c)
		store.AddEntries(tx, c.ID, after)
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.consultation." + verb.action, ObjectType: "consultation", ObjectID: c.ID,
			Detail: map[string]string{"from": string(from), "to": string(c.State)},
		})
		return answer(consultationToProto(c, by, append(before, after...))), nil
	})
}

// datedEntries gives new entries their identity and time.
func datedEntries(d service.Deps, tx *pg.Tx, entries []consultation.Entry) []store.DatedEntry {
	return convert.List(entries, func(e consultation.Entry) store.DatedEntry {
		return store.DatedEntry{Entry: e, ID: d.NewID(), CreatedAt: tx.Now}
	})
}

// RouteConsultation hands a consultation to a department, which directory knows
// today.
func (s *consultations) RouteConsultation(ctx context.Context, req *proposalsv1.RouteConsultationRequest) (*proposalsv1.RouteConsultationResponse, error) {
	due, err := convert.Day("dueOn", req.GetDueOn())
	if err != nil {
		return nil, err
	}
	// A hidden consultation is not found before its department is looked at.
	if _, err := store.GetConsultation(ctx, s.DB, req.GetId(), consultationReader(ctx, "")); err != nil {
		return nil, err
	}
	departments, err := s.directory.departmentsOf(ctx, jp.DateOf(s.Now()), []string{req.GetDepartmentId()})
	if err != nil {
		return nil, err
	}
	return deal(ctx, s, req, matterVerb{"route", func(ctx context.Context, c heldMatter) ([]consultation.Entry, error) {
		before, to := c.DepartmentID, departments[0]
		entries, err := c.Route(c.by, consultation.Handover{
			DepartmentID: to.ID, DepartmentName: to.FullName, Note: req.GetNote(), DueOn: due,
		}, c.tx.Now)
		if err != nil {
			return nil, err
		}
		partner.KeepDepartment(c.tx, to)
		return entries, tellWard(ctx, c.tx, c.Consultation, consultationRouted(c.Consultation, before))
	}}, func(c *proposalsv1.Consultation) *proposalsv1.RouteConsultationResponse {
		return &proposalsv1.RouteConsultationResponse{Consultation: c}
	})
}

// tellWard adds an event of the consultation for the ward.
func tellWard(ctx context.Context, tx *pg.Tx, c *consultation.Consultation, m proto.Message) error {
	return event.Add(ctx, tx, event.Event{Aggregate: "consultation", ID: c.ID, Visibility: event.Ward, Message: m})
}

// ReferConsultation refers a consultation to an intermediary.
func (s *consultations) ReferConsultation(ctx context.Context, req *proposalsv1.ReferConsultationRequest) (*proposalsv1.ReferConsultationResponse, error) {
	if _, err := store.GetConsultation(ctx, s.DB, req.GetId(), consultationReader(ctx, "")); err != nil {
		return nil, err
	}
	found, err := s.directory.organizationsOf(ctx, req.GetOrganizationId())
	if err != nil {
		return nil, err
	}
	to := found[req.GetOrganizationId()]
	if to.GetKind() != directoryv1.Organization_INTERMEDIARY || to.GetState() != directoryv1.Organization_VERIFIED {
		return nil, consultation.ErrNotIntermediary.With("organizationId", req.GetOrganizationId())
	}
	return deal(ctx, s, req, matterVerb{"refer", func(ctx context.Context, c heldMatter) ([]consultation.Entry, error) {
		before := c.DepartmentID
		entries, err := c.Refer(c.by, consultation.Referral{OrganizationID: to.GetId(), OrganizationName: to.GetName(), Message: req.GetMessage()})
		if err != nil {
			return nil, err
		}
		partner.KeepOrganization(c.tx, partner.OrganizationOf(to))
		return entries, tellWard(ctx, c.tx, c.Consultation, consultationRouted(c.Consultation, before))
	}}, func(c *proposalsv1.Consultation) *proposalsv1.ReferConsultationResponse {
		return &proposalsv1.ReferConsultationResponse{Consultation: c}
	})
}

// StartConsultation begins the work.
func (s *consultations) StartConsultation(ctx context.Context, req *proposalsv1.StartConsultationRequest) (*proposalsv1.StartConsultationResponse, error) {
	return deal(ctx, s, req, matterVerb{"start", func(_ context.Context, c heldMatter) ([]consultation.Entry, error) {
		return c.Start(c.by)
	}}, func(c *proposalsv1.Consultation) *proposalsv1.StartConsultationResponse {
		return &proposalsv1.StartConsultationResponse{Consultation: c}
	})
}

// ReplyConsultation answers who asked.
func (s *consultations) ReplyConsultation(ctx context.Context, req *proposalsv1.ReplyConsultationRequest) (*proposalsv1.ReplyConsultationResponse, error) {
	if req.GetBody() == "" && req.GetTemplateId() == "" {
		return nil, fault.ErrInvalidField.On(fault.Missing("body"))
	}
	return deal(ctx, s, req, matterVerb{"reply", func(ctx context.Context, c heldMatter) ([]consultation.Entry, error) {
		body, err := replyText(ctx, c, req)
		if err != nil {
			return nil, err
		}
		entries, err := c.Reply(c.by, body, req.GetInterim(), c.tx.Now)
		if err != nil || req.GetInterim() {
			return entries, err
		}
		return entries, tellWard(ctx, c.tx, c.Consultation, consultationAnswered(c.Consultation, c.tx.Now))
	}}, func(c *proposalsv1.Consultation) *proposalsv1.ReplyConsultationResponse {
		return &proposalsv1.ReplyConsultationResponse{Consultation: c}
	})
}

// replyText puts the template, filled in, before the body. Errors:
// TEMPLATE_UNKNOWN.
func replyText(ctx context.Context, c heldMatter, req *proposalsv1.ReplyConsultationRequest) (string, error) {
	body := req.GetBody()
	if req.GetTemplateId() == "" {
		return body, nil
	}
	t, err := store.GetTemplate(ctx, c.tx, req.GetTemplateId())
	if err != nil {
		return "", unknown(err, consultation.ErrTemplateUnknown)
	}
	if body != "" {
		body = "\n\n" + body
	}
	return c.Fill(t.Body) + body, nil
}

// NoteConsultation adds an internal note.
func (s *consultations) NoteConsultation(ctx context.Context, req *proposalsv1.NoteConsultationRequest) (*proposalsv1.NoteConsultationResponse, error) {
	return deal(ctx, s, req, matterVerb{"note", func(_ context.Context, c heldMatter) ([]consultation.Entry, error) {
		return c.Note(c.by, req.GetBody())
	}}, func(c *proposalsv1.Consultation) *proposalsv1.NoteConsultationResponse {
		return &proposalsv1.NoteConsultationResponse{Consultation: c}
	})
}

// CloseConsultation ends an answered or referred consultation.
func (s *consultations) CloseConsultation(ctx context.Context, req *proposalsv1.CloseConsultationRequest) (*proposalsv1.CloseConsultationResponse, error) {
	return deal(ctx, s, req, matterVerb{"close", func(_ context.Context, c heldMatter) ([]consultation.Entry, error) {
		return c.Close(c.by)
	}}, func(c *proposalsv1.Consultation) *proposalsv1.CloseConsultationResponse {
		return &proposalsv1.CloseConsultationResponse{Consultation: c}
	})
}

// ReopenConsultation takes a consultation up again.
func (s *consultations) ReopenConsultation(ctx context.Context, req *proposalsv1.ReopenConsultationRequest) (*proposalsv1.ReopenConsultationResponse, error) {
	return deal(ctx, s, req, matterVerb{"reopen", func(_ context.Context, c heldMatter) ([]consultation.Entry, error) {
		return c.Reopen(c.by, req.GetMessage(), c.tx.Now)
	}}, func(c *proposalsv1.Consultation) *proposalsv1.ReopenConsultationResponse {
		return &proposalsv1.ReopenConsultationResponse{Consultation: c}
	})
}
