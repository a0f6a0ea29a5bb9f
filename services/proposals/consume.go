package proposals

import (
	"context"
	"errors"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// consumers keep the names of organizations and departments as directory tells
// them, and follow organizations that were merged; answers of directory keep names
// too, so that names never wait for the broker.
// What an intermediary reports of a referral becomes a note of the consultation.
func consumers(d service.Deps) []event.Consumer {
	return []event.Consumer{{
		Stream: "directory",
		Subjects: []string{
			"kyodo.directory.public.organization.*",
			"kyodo.directory.public.department.*",
			"kyodo.directory.ward.referral.*",
		},
		Handle: func(ctx context.Context, tx *pg.Tx, m event.Message) error {
			if m.Type == "kyodo.directory.v1.ReferralReported" {
				return noteReferral(ctx, tx, d, m)
			}
			return follow(ctx, tx, m)
		},
		Reset: partner.Forget,
	}}
}

// referralOutcomes say what became of a referral.
var referralOutcomes = map[directoryv1.Referral_Outcome]string{
	directoryv1.Referral_RESOLVED:   "解決しました",
	directoryv1.Referral_CONTINUING: "支援を続けています",
	directoryv1.Referral_PASSED_ON:  "ほかの機関につなぎました",
	directoryv1.Referral_UNRESOLVED: "解決に至りませんでした",
	directoryv1.Referral_DROPPED:    "連絡がつかない、または辞退されました",
}

// noteReferral tells the ward what the intermediary reported, as a note of the
// consultation that was referred; the report itself is read in directory. A
// consultation that is full or not known here gets none.
func noteReferral(ctx context.Context, tx *pg.Tx, d service.Deps, m event.Message) error {
	e := &directoryv1.ReferralReported{}
	if err := m.Decode(e); err != nil || e.GetConsultationId() == "" {
		return err
	}
	by := consultation.Reader{ID: auth.Service("proposals").Actor(), Desk: true}
	c, err := store.LockConsultation(ctx, tx, e.GetConsultationId(), by)
	if errors.Is(err, fault.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	entries, err := c.Note(by, fmt.Sprintf("紹介の報告（%s、%s）：%s。", e.GetIntermediaryName(), e.GetReportedOn(), referralOutcomes[e.GetOutcome()]))
	if errors.Is(err, consultation.ErrFull) {
		return nil
	}
	if err != nil {
		return err
	}
	store.UpdateConsultation(tx, c)
	store.AddEntries(tx, c.ID, datedEntries(d, tx, entries))
	audit.Add(auth.With(ctx, auth.Service("proposals")), tx, audit.Entry{
		Action: "proposals.consultation.noteReferral", ObjectType: "consultation", ObjectID: c.ID,
	})
	return nil
}

// follow takes the name out of an event of directory, and moves what belongs to an
// organization that was merged.
func follow(ctx context.Context, tx *pg.Tx, m event.Message) error {
	if m.Type != "kyodo.directory.v1.OrganizationMerged" {
		return partner.Follow(tx, m)
	}
	e := &directoryv1.OrganizationMerged{}
	if err := m.Decode(e); err != nil {
		return err
	}
	// Version 0: the survivor's own events know its name better.
	partner.KeepOrganization(tx, partner.Organization{ID: e.GetSurvivorId(), Name: e.GetSurvivorName()})
	return store.FollowMerger(ctx, tx, e.GetOrganizationId(), e.GetSurvivorId())
}
