package directory

import (
	"context"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/introduction"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/listing"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/referral"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
)

// Pseudonyms of who wrote, checked and answered the samples.
var (
	sampleAuthor = sampleID("2003")
	sampleDesk   = sampleID("2009")
)

// everything is a reader for whom samples are read back.
var everything = store.Partner{Viewer: store.Viewer{Desk: true}}

// samplePartyOf is an organization, or a department when the number is below 1000.
func samplePartyOf(number string) introduction.Party {
	if len(number) < 4 {
		return introduction.Party{DepartmentID: sampleID(number)}
	}
	return introduction.Party{OrganizationID: sampleID(number)}
}

func sampleListing(ctx context.Context, tx *pg.Tx, r sample.Row) error {
	owner := samplePartyOf(r["owner"])
	l := listing.Listing{
		ID: sampleID(r["number"]), OrganizationID: owner.OrganizationID, DepartmentID: owner.DepartmentID, WrittenBy: sampleAuthor,
		Text: listing.Text{
			Kind: r["kind"], Category: r["category"], Title: r["title"], Description: r["description"], Conditions: r["conditions"],
			Quantity: r["quantity"], Town: r["town"], SourceName: r["source_name"], SourceURL: r["source_url"],
		},
	}
	for _, f := range strings.Fields(r["activity_fields"]) {
		n, err := strconv.Atoi(f)
		if err != nil {
			return err
		}
		l.ActivityFields = append(l.ActivityFields, int32(n))
	}
	if l.SourceName != "" {
		l.SourceID = owner.OrganizationID
	}
	made, err := listing.New(l, 0, tx.Now)
	if err != nil {
		return err
	}
	if err := store.InsertListing(ctx, tx, made); err != nil {
		return err
	}
	auditListing(ctx, tx, "create", made)
	return sampleListingSteps(ctx, tx, made.ID, r)
}

// sampleListingSteps leads a sample to its state.
func sampleListingSteps(ctx context.Context, tx *pg.Tx, id string, r sample.Row) error {
	by := listing.Caller{Actor: sampleDesk, Desk: true}
	for _, s := range []struct {
		verb string
		take func(*listing.Listing) error
		last listing.State
	}{
		{"submit", func(l *listing.Listing) error { return l.Submit(tx.Now) }, listing.Pending},
		{"publish", func(l *listing.Listing) error { return l.Publish(by, tx.Now) }, listing.Published},
		{"close", func(l *listing.Listing) error { return l.Close(r["outcome"], r["outcome_note"], tx.Now) }, listing.Closed},
	} {
		l, err := store.LockListing(ctx, tx, id, everything)
		if err != nil {
			return err
		}
		if err := s.take(&l.Listing); err != nil {
			return err
		}
		if err := saveListing(ctx, tx, l, s.verb); err != nil || s.last == listing.State(r["state"]) {
			return err
		}
	}
	return nil
}

func sampleIntroduction(ctx context.Context, tx *pg.Tx, r sample.Row) error {
	l, err := store.GetListing(ctx, tx, sampleID(r["listing"]), everything)
	if err != nil {
		return err
	}
	ended := r["state"] == string(introduction.Concluded)
	i, err := introduction.New(introduction.Introduction{
		ID: sampleID(r["number"]), ListingID: l.ID, MatchingID: sampleID(r["matching"]), Message: r["message"], CreatedBy: sampleDesk,
		Owner:   introduction.Side{Party: introduction.Party{OrganizationID: l.OrganizationID, DepartmentID: l.DepartmentID}},
		Partner: introduction.Side{Party: samplePartyOf(r["partner"])},
	}, introduction.Caller{Desk: true, Partner: ended}, tx.Now)
	if err != nil {
		return err
	}
	if err := store.InsertIntroduction(ctx, tx, i); err != nil {
		return err
	}
	auditIntroduction(ctx, tx, "create", i, "sample data")
	if !ended {
		return nil
	}
	return sampleConclusion(ctx, tx, i, r["note"])
}

// sampleConclusion has both sides agree and say that something came of it.
func sampleConclusion(ctx context.Context, tx *pg.Tx, i *introduction.Introduction, note string) error {
	both := introduction.Caller{Owner: true, Partner: true}
	if _, err := i.Accept(both, tx.Now); err != nil {
		return err
	}
	if err := i.Record(both, introduction.Record{Result: introduction.Succeeded, Note: note, PublishConsent: true}, tx.Now); err != nil {
		return err
	}
	if err := store.UpdateIntroduction(ctx, tx, i); err != nil {
		return err
	}
	auditIntroduction(ctx, tx, "recordOutcome", i, "sample data")
	seen, err := store.GetIntroduction(ctx, tx, i.ListingID, i.ID, everything)
	if err != nil {
		return err
	}
	return event.Add(ctx, tx, event.Event{Aggregate: "introduction", ID: i.ID, Visibility: event.Public, Message: concluded(seen, jp.DateOf(tx.Now))})
}

func sampleReferral(ctx context.Context, tx *pg.Tx, r sample.Row) error {
	f := referral.New(referral.Referral{
		ID: sampleID(r["number"]), IntermediaryID: sampleID(r["intermediary"]), OrganizationID: sampleID(r["organization"]),
		Subject: r["subject"], Message: r["message"], CreatedBy: sampleDesk, CallerRole: "EDITOR",
	}, 0, tx.Now)
	if err := store.InsertReferral(ctx, tx, f); err != nil {
		return err
	}
	auditReferral(ctx, tx, "create", f, "sample data")
	if r["state"] != string(referral.Reported) {
		return nil
	}
	if err := f.Accept(tx.Now); err != nil {
		return err
	}
	if err := f.Tell(r["outcome"], r["report"], tx.Now); err != nil {
		return err
	}
	if err := store.UpdateReferral(ctx, tx, f); err != nil {
		return err
	}
	auditReferral(ctx, tx, "report", f, "sample data")
	named, err := store.GetReferral(ctx, tx, f.ID, everything.Viewer)
	if err != nil {
		return err
	}
	return event.Add(ctx, tx, event.Event{Aggregate: "referral", ID: f.ID, Visibility: event.Ward, Message: reported(named, jp.DateOf(tx.Now))})
}
