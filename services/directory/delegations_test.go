package directory

import (
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// delegating is an organization that has delegated to an intermediary.
type delegating struct {
	*world
	organization, intermediary string
	head, coordinator          caller
	delegation                 *directoryv1.Delegation
}

func (w *world) center() (caller, *directoryv1.Organization) {
	in := input("見本の支援センター", "ミホンノシエンセンター")
	in.Kind, in.CorporateNumber = directoryv1.Organization_INTERMEDIARY, ""
	return w.verified("center", in)
}

func (w *world) delegating() *delegating {
	w.t.Helper()
	_, center := w.center()
	head, o := w.verified("head", input("見本の会", "ミホンノカイ"))
	d := &delegating{world: w, organization: o.GetId(), intermediary: center.GetId(), head: head}
	resp, err := head.GrantDelegation(w.t.Context(), d.request(1))
	w.must(err)
	d.delegation, d.coordinator = resp.GetDelegation(), w.signIn("center")
	return d
}

// request asks for a delegation until so many days from today.
func (d *delegating) request(days int) *directoryv1.GrantDelegationRequest {
	until := jp.DateOf(time.Now()).AddDays(days).String()
	return &directoryv1.GrantDelegationRequest{OrganizationId: d.organization, IntermediaryId: d.intermediary, EndsOn: until, Consent: true}
}

// editsProfile changes a field of the organization as the coordinator.
func (d *delegating) editsProfile() error {
	o, err := d.head.GetOrganization(d.t.Context(), &directoryv1.GetOrganizationRequest{Id: d.organization})
	d.must(err)
	_, err = d.coordinator.UpdateOrganization(d.t.Context(), &directoryv1.UpdateOrganizationRequest{
		Id: d.organization, Etag: o.GetOrganization().GetEtag(), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"description"}},
		Organization: &directoryv1.OrganizationInput{Description: "支援センターが代わりに書きました。"},
	})
	return err
}

func TestDelegation(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	d := w.delegating()
	if got := d.coordinator.Delegations; len(got) != 1 || got[0].OrganizationID != d.organization || !got[0].Until.Equal(d.delegation.GetEndTime().AsTime()) {
		t.Fatalf("the coordinator is known with %v", got)
	}
	w.must(d.editsProfile())
	_, err := d.coordinator.UpdateOrganization(ctx, &directoryv1.UpdateOrganizationRequest{
		Id: d.organization, Etag: `"9"`, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"name"}}, Organization: &directoryv1.OrganizationInput{Name: "別の会"},
	})
	w.refused(err, "PERMISSION_DENIED")
	_, err = d.coordinator.ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: d.organization})
	w.refused(err, "RESOURCE_NOT_FOUND")
	_, err = d.coordinator.CloseOrganization(ctx, &directoryv1.CloseOrganizationRequest{Id: d.organization, Reason: "終了"})
	w.refused(err, "PERMISSION_DENIED")
	for name, c := range map[string]caller{"head": d.head, "coordinator": d.coordinator, "desk": w.desk()} {
		list, err := c.ListOwnDelegations(ctx, &directoryv1.ListOwnDelegationsRequest{})
		w.must(err)
		if len(list.GetDelegations()) != 1 || !list.GetDelegations()[0].GetActive() || list.GetDelegations()[0].GetOrganizationName() != "見本の会" {
			t.Errorf("%s lists %v", name, list)
		}
	}
	other, _ := w.verified("other", input("別の会", "ベツノカイ"))
	_, err = other.GetDelegation(ctx, &directoryv1.GetDelegationRequest{OrganizationId: d.organization, Id: d.delegation.GetId()})
	_, unknown := other.GetDelegation(ctx, &directoryv1.GetDelegationRequest{OrganizationId: d.organization, Id: unknownID})
	w.hidden(err, unknown)
}

// TestDelegationThatEnded holds that one which ended a second ago, was revoked,
// or whose intermediary left the directory opens nothing.
func TestDelegationThatEnded(t *testing.T) {
	for name, end := range map[string]func(*delegating){
		"its time": func(d *delegating) {
			d.exec(`UPDATE delegation SET ends_at = now() - interval '1 second' WHERE id = $1`, d.delegation.GetId())
		},
		"revoked by the organization": func(d *delegating) {
			_, err := d.head.RevokeDelegation(d.t.Context(), &directoryv1.RevokeDelegationRequest{OrganizationId: d.organization, Id: d.delegation.GetId()})
			d.must(err)
		},
		"given back": func(d *delegating) {
			_, err := d.coordinator.RevokeDelegation(d.t.Context(), &directoryv1.RevokeDelegationRequest{OrganizationId: d.organization, Id: d.delegation.GetId()})
			d.must(err)
		},
		"revoked by the desk": func(d *delegating) {
			_, err := d.desk().RevokeDelegation(d.t.Context(), &directoryv1.RevokeDelegationRequest{OrganizationId: d.organization, Id: d.delegation.GetId()})
			d.refused(err, "REASON_REQUIRED")
			_, err = d.desk().RevokeDelegation(because(d.t), &directoryv1.RevokeDelegationRequest{OrganizationId: d.organization, Id: d.delegation.GetId()})
			d.must(err)
		},
		"intermediary suspended": func(d *delegating) {
			_, err := d.desk().SuspendOrganization(d.t.Context(), &directoryv1.SuspendOrganizationRequest{Id: d.intermediary, Reason: "活動休止"})
			d.must(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := start(t).delegating()
			d.must(d.editsProfile())
			end(d)
			d.refused(d.editsProfile(), "PERMISSION_DENIED")
			if got := d.signIn("center").Delegations; len(got) != 0 {
				t.Errorf("still known with %v", got)
			}
			got, err := d.head.GetDelegation(t.Context(), &directoryv1.GetDelegationRequest{OrganizationId: d.organization, Id: d.delegation.GetId()})
			d.must(err)
			if got.GetDelegation().GetActive() {
				t.Error("it is shown as active")
			}
		})
	}
}

func TestDelegationRefusals(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	d := w.delegating()
	grant := func(c caller, change func(*directoryv1.GrantDelegationRequest)) error {
		req := d.request(30)
		change(req)
		_, err := c.GrantDelegation(ctx, req)
		return err
	}
	keep := func(*directoryv1.GrantDelegationRequest) {}
	w.refused(grant(d.head, keep), "DELEGATION_EXISTS")
	w.refused(grant(d.coordinator, keep), "RESOURCE_NOT_FOUND")
	w.refused(grant(d.head, func(r *directoryv1.GrantDelegationRequest) { r.IntermediaryId = r.OrganizationId }), "NOT_AN_INTERMEDIARY")
	w.refused(grant(d.head, func(r *directoryv1.GrantDelegationRequest) { r.Consent = false }), "INVALID_FIELD")
	w.refused(grant(d.head, func(r *directoryv1.GrantDelegationRequest) { r.EndsOn = "2020-01-01" }), "DELEGATION_PERIOD_INVALID")
	w.refused(grant(d.head, func(r *directoryv1.GrantDelegationRequest) { r.EndsOn = "2099-01-01" }), "DELEGATION_PERIOD_INVALID")
	w.exec(`
		INSERT INTO delegation (id, organization_id, intermediary_id, ends_at, granted_by, created_at)
		SELECT gen_random_uuid(), $1, $2, now() + interval '1 day', '', now()
		FROM generate_series(1, 50)`, d.organization, d.intermediary)
	second, o := w.verified("second", input("二つ目の会", "フタツメノカイ"))
	w.refused(grant(second, func(r *directoryv1.GrantDelegationRequest) { r.OrganizationId = o.GetId() }), "TOO_MANY_DELEGATIONS")
}

// TestDelegationRace grants the same eight times at once.
func TestDelegationRace(t *testing.T) {
	w := start(t)
	d := w.delegating()
	_, err := d.head.RevokeDelegation(t.Context(), &directoryv1.RevokeDelegationRequest{OrganizationId: d.organization, Id: d.delegation.GetId()})
	w.must(err)
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { _, errs[i] = d.head.GrantDelegation(t.Context(), d.request(30)) })
	}
	all.Wait()
	granted := 0
	for _, err := range errs {
		if err == nil {
			granted++
			continue
		}
		w.refused(err, "DELEGATION_EXISTS")
	}
	if granted != 1 {
		t.Errorf("%d granted", granted)
	}
}
