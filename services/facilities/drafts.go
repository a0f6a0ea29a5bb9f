package facilities

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// nouns are the items as actions and audit entries name them.
var nouns = map[facility.Kind]string{
	facility.KindFacility: "facility", facility.KindRoom: "room", facility.KindClosure: "closure",
	facility.KindSlotPattern: "rule", facility.KindUserClass: "rule", facility.KindOpeningRule: "rule",
	facility.KindFeeTable: "rule", facility.KindPenalty: "rule",
}

// seesDrafts reports whether the caller works on drafts.
func seesDrafts(ctx context.Context) bool {
	return auth.From(ctx).Has(optionsv1.Role_ROLE_DESK, optionsv1.Role_ROLE_FACILITY_CLERK, optionsv1.Role_ROLE_APPROVER)
}

func recordItem(ctx context.Context, tx *pg.Tx, verb string, i *facility.Item) {
	audit.Add(ctx, tx, audit.Entry{
		Action: "facilities." + nouns[i.Kind] + "." + verb, ObjectType: nouns[i.Kind], ObjectID: i.ID,
		Detail: map[string]string{"kind": string(i.Kind), "code": i.Code, "validFrom": convert.Date(i.From)},
	})
}

// begin adds a new item with its first draft.
func (c *catalogue) begin(ctx context.Context, tx *pg.Tx, i *facility.Item) error {
	if i.From.IsZero() {
		i.From = jp.DateOf(tx.Now).AddDays(1)
	}
	if err := i.Check(); err != nil {
		return err
	}
	i.ID, i.Drafters = c.NewID(), []string{auth.From(ctx).Actor()}
	if err := store.InsertItem(ctx, tx, i); err != nil {
		return err
	}
	recordItem(ctx, tx, "create", i)
	return nil
}

// open locks an item for a change of its draft, and makes the draft where there
// is none. Errors: RESOURCE_NOT_FOUND, PRECONDITION_REQUIRED, ETAG_MISMATCH.
func (c *catalogue) open(ctx context.Context, tx *pg.Tx, id, etag string, kinds ...facility.Kind) (*facility.Item, error) {
	i, err := store.LockItem(ctx, tx, id, kinds...)
	if err != nil {
		return nil, err
	}
	if err := rpc.RequireETag(etag, i.Version); err != nil {
		return nil, err
	}
	i.Redraft(jp.DateOf(tx.Now))
	return i, nil
}

// rewrite puts what was written into the open draft.
func (c *catalogue) rewrite(ctx context.Context, tx *pg.Tx, draft, written *facility.Item) error {
	draft.Name, draft.Source, draft.Content = written.Name, written.Source, written.Content
	draft.From, draft.To = written.From, written.To
	draft.DraftBy(auth.From(ctx).Actor())
	if err := draft.Check(); err != nil {
		return err
	}
	if err := store.SaveItem(ctx, tx, draft); err != nil {
		return err
	}
	recordItem(ctx, tx, "update", draft)
	return nil
}

// approve puts the open draft of an item into force. No booking is decided
// meanwhile: whatever was decided before is seen here, and what comes after sees
// the new version. Errors: RESOURCE_NOT_FOUND, ETAG_MISMATCH, DRAFT_MISSING,
// SELF_APPROVAL_FORBIDDEN, RETROACTIVE_CHANGE, REFERENCE_UNKNOWN.
func (c *catalogue) approve(ctx context.Context, tx *pg.Tx, id, etag string, kinds ...facility.Kind) (*facility.Item, *facility.Catalogue, error) {
	before, err := c.rules.Lock(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	i, err := store.LockItem(ctx, tx, id, kinds...)
	if err != nil {
		return nil, nil, err
	}
	if err := rpc.CheckETag(etag, i.Version); err != nil {
		return nil, nil, err
	}
	if err := i.Approve(auth.From(ctx).Actor(), tx.Now); err != nil {
		return nil, nil, err
	}
	if err := before.CheckReferences(i); err != nil {
		return nil, nil, err
	}
	if err := store.SaveItem(ctx, tx, i); err != nil {
		return nil, nil, err
	}
	recordItem(ctx, tx, "approve", i)
	return i, before, store.Supersede(ctx, tx)
}

// view is which version of an item a request means.
type view interface {
	GetOn() string
	GetDraft() bool
}

// filter says which version a request means. Errors: INVALID_FIELD.
func (c *catalogue) filter(v view, kinds ...facility.Kind) (store.ItemFilter, error) {
	f := store.ItemFilter{Kinds: kinds, Draft: v.GetDraft()}
	var err error
	if f.On, err = convert.Day("on", v.GetOn()); err != nil {
		return f, err
	}
	if f.On.IsZero() {
		f.On = jp.DateOf(c.Now())
	}
	return f, nil
}

// find reads an item in the version that a request means; who works on drafts
// sees the draft of what was never in force. Errors: INVALID_FIELD,
// RESOURCE_NOT_FOUND.
func (c *catalogue) find(ctx context.Context, id string, v view, kinds ...facility.Kind) (*facility.Item, error) {
	f, err := c.filter(v, kinds...)
	if err != nil {
		return nil, err
	}
	staff := seesDrafts(ctx)
	if f.Draft && !staff {
		return nil, fault.ErrNotFound
	}
	i, err := store.GetItem(ctx, c.DB, id, f)
	if err != nil && staff && !f.Draft {
		f.Draft = true
		i, err = store.GetItem(ctx, c.DB, id, f)
	}
	if err != nil {
		return nil, err
	}
	i.DraftOpen = i.DraftOpen && staff
	return i, nil
}

// listing is a list request.
type listing interface {
	view
	GetPageToken() string
	GetPageSize() int32
}

// page reads a page of items in the versions that a request means, and where the
// next one begins.
func (c *catalogue) page(ctx context.Context, filter string, req listing, f store.ItemFilter) ([]*facility.Item, string, error) {
	page, err := c.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, "", err
	}
	staff := seesDrafts(ctx)
	if f.Draft && !staff {
		return nil, "", nil
	}
	rows, err := store.ListItems(ctx, c.DB, f, page)
	if err != nil {
		return nil, "", err
	}
	rows, after := pg.Cut(rows, page, func(i *facility.Item) []string { return []string{i.Code, i.ID} })
	for _, i := range rows {
		i.DraftOpen = i.DraftOpen && staff
	}
	if after == nil {
		return rows, "", nil
	}
	return rows, c.Pages.Token(filter, after...), nil
}
