package proposals

import (
	"context"
	"encoding/csv"
	"fmt"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/number"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// last2002 is the day that the record of 2002 is dated: the last one of the
// fiscal year, because only the year is known.
var last2002 = jp.FiscalYearEnd(2002)

// source2002 is where the figures of 2002 are from.
const source2002 = "出典: 千代田区「協働を進めるためのプログラム」（平成15年3月）"

// historic is one proposal of 2002. Only that there was one is known.
type historic struct {
	serial       int
	organization partner.Organization
	title        string
}

// record2002 writes the call of 2002 with its proposals as a record, in one
// transaction and past the state graph: nobody takes these steps today.
func (s *sampler) record2002(ctx context.Context, organizations []partner.Organization) error {
	input := &proposalsv1.CallInput{}
	if err := sample.Read(sampleFiles, "call_2002.json", input); err != nil {
		return err
	}
	c, err := callFromProto(input) // Not completed: rules and criteria are not known.
	if err != nil {
		return err
	}
	c.ID, c.State, c.Version = s.NewID(), call.Concluded, 1
	list, err := read2002(organizations)
	if err != nil {
		return err
	}
	ctx = auth.With(ctx, auth.Service("proposals"))
	return sample.Done(pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		c.CreatedAt, c.UpdatedAt = tx.Now, tx.Now
		if err := store.InsertCall(ctx, tx, c); err != nil {
			return struct{}{}, err
		}
		store.AddProgress(tx, s.entry2002(tx, &proposal.Entry{
			CallID: c.ID, Title: "応募の状況", Body: "13団体から22件の応募がありました。\n" + source2002,
		}))
		closed := &proposalsv1.CallClosed{Call: callToProto(c), Organizations: int32(len(organizations)), Proposals: int32(len(list))}
		if err := event.Add(ctx, tx, event.Event{Aggregate: "call", ID: c.ID, Visibility: event.Public, Message: closed}); err != nil {
			return struct{}{}, err
		}
		for _, o := range organizations {
			partner.KeepOrganization(tx, o)
		}
		for _, h := range list {
			if err := s.recordProposal(ctx, tx, c, h); err != nil {
				return struct{}{}, fmt.Errorf("proposal %d: %w", h.serial, err)
			}
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.call.record", ObjectType: "call", ObjectID: c.ID, Detail: map[string]string{"proposals": strconv.Itoa(len(list))},
		})
		return struct{}{}, nil
	}))
}

// recordProposal writes one proposal of 2002, with the event by which others
// learn of it.
func (s *sampler) recordProposal(ctx context.Context, tx *pg.Tx, c *call.Call, h historic) error {
	serial, err := number.Next(ctx, tx, store.ProposalNumber, c.FiscalYear)
	if err != nil {
		return err
	}
	day := last2002.StartOfDay()
	p := &proposal.Proposal{
		ID: s.NewID(), CallID: c.ID, FiscalYear: c.FiscalYear, OrganizationID: h.organization.ID, State: proposal.Submitted,
		Content: proposal.Content{Title: h.title, Purpose: "件数を再現するための見本です。名称と内容は確認できていません。"},
		Channel: "DESK", PaperNote: source2002, Published: true, CreatedBy: auth.From(ctx).Actor(),
		CreatedAt: tx.Now, UpdatedAt: tx.Now, SubmittedAt: day, PublicSince: day, Version: 1,
	}
	p.Numbered(serial)
	if err := store.InsertProposal(ctx, tx, p); err != nil {
		return err
	}
	store.AddProgress(tx, s.entry2002(tx, &proposal.Entry{
		CallID: c.ID, ProposalID: p.ID, Stage: proposal.PublicReceived, Title: "受付",
		Body:             fmt.Sprintf("応募がありました（受付番号 %s）。団体名、名称、内容、受付の日は確認できていないため、見本で表示しています。\n%s", p.Number, source2002),
		OrganizationName: h.organization.Name,
	}))
	return event.Add(ctx, tx, event.Event{Aggregate: "proposal", ID: p.ID, Visibility: event.Public, Message: submitted(p)})
}

// entry2002 completes an entry of the record.
func (s *sampler) entry2002(tx *pg.Tx, e *proposal.Entry) *proposal.Entry {
	e.ID, e.Date, e.Published, e.CreatedBy, e.CreatedAt = s.NewID(), last2002, true, "service:proposals", tx.Now
	return e
}

// read2002 reads the list of the proposals of 2002.
func read2002(organizations []partner.Organization) ([]historic, error) {
	f, err := sampleFiles.Open("sample/proposals_2002.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("proposals_2002.csv: %w", err)
	}
	var list []historic
	for _, row := range rows[1:] {
		serial, err := strconv.Atoi(row[0])
		if err != nil {
			return nil, fmt.Errorf("proposals_2002.csv: %w", err)
		}
		of, err := strconv.Atoi(row[1])
		if err != nil || of < 1 || of > len(organizations) {
			return nil, fmt.Errorf("proposals_2002.csv: no organization %q", row[1])
		}
		list = append(list, historic{serial: serial, organization: organizations[of-1], title: row[2]})
	}
	return list, nil
}
