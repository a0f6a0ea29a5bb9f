package directory

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// TestListIsFilterOfGet proves for every role that a list holds exactly what a
// get shows, in every state, and that what is hidden looks as if it were not.
func TestListIsFilterOfGet(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	ids := w.oneOfEachState()
	callers := map[string]caller{
		"public": w.public(), "owner": w.signIn("owner"), "other": w.signIn("other"), "desk": w.desk(),
		"staff":    w.as(servicetest.Staff(sampleID("2007"), sampleID("6"), optionsv1.Role_ROLE_STAFF)),
		"reviewer": w.as(servicetest.Staff(sampleID("2011"), sampleID("2"), optionsv1.Role_ROLE_REVIEWER)),
		"auditor":  w.as(servicetest.Staff(sampleID("2014"), sampleID("1"), optionsv1.Role_ROLE_AUDITOR)),
		"admin":    w.admin(),
		"service":  w.as(auth.Service("proposals")),
	}
	visible := map[string]int{"public": 2, "owner": 6, "desk": 6}
	for who, c := range callers {
		t.Run(who, func(t *testing.T) {
			w := w.in(t)
			listed := w.listAll(c, &directoryv1.ListOrganizationsRequest{PageSize: 2})
			for _, id := range ids {
				got, err := c.GetOrganization(ctx, &directoryv1.GetOrganizationRequest{Id: id})
				if err != nil {
					_, unknown := c.GetOrganization(ctx, &directoryv1.GetOrganizationRequest{Id: unknownID})
					w.hidden(err, unknown)
				}
				i := slices.IndexFunc(listed, func(o *directoryv1.Organization) bool { return o.GetId() == id })
				switch {
				case (err == nil) != (i >= 0):
					t.Errorf("%s: got %v, listed %v", id, err == nil, i >= 0)
				case err == nil:
					if diff := cmp.Diff(got.GetOrganization(), listed[i], protocmp.Transform()); diff != "" {
						t.Errorf("get and list differ:\n%s", diff)
					}
				}
			}
			want, ok := visible[who]
			if !ok {
				want = 2
			}
			if len(listed) != want {
				t.Errorf("%d listed, want %d", len(listed), want)
			}
		})
	}
	mine, err := callers["owner"].ListOrganizations(ctx, &directoryv1.ListOrganizationsRequest{Mine: true})
	w.must(err)
	none, err := callers["other"].ListOrganizations(ctx, &directoryv1.ListOrganizationsRequest{Mine: true})
	w.must(err)
	if len(mine.GetOrganizations()) != 6 || len(none.GetOrganizations()) != 0 {
		t.Errorf("mine: %d and %d", len(mine.GetOrganizations()), len(none.GetOrganizations()))
	}
}

// oneOfEachState makes an organization of "owner" in every state.
func (w *world) oneOfEachState() []string {
	w.t.Helper()
	var ids []string
	for state, kana := range map[string]string{"DRAFT": "アカ", "PENDING": "イヌ", "VERIFIED": "ウミ", "EXPIRED": "エキ", "SUSPENDED": "オカ", "CLOSED": "カワ"} {
		_, o := w.verified("owner", input("見本"+kana, kana))
		w.exec(`UPDATE organization SET state = $2 WHERE id = $1`, o.GetId(), state)
		ids = append(ids, o.GetId())
	}
	return ids
}

func (w *world) listAll(c caller, req *directoryv1.ListOrganizationsRequest) []*directoryv1.Organization {
	w.t.Helper()
	var all []*directoryv1.Organization
	for {
		resp, err := c.ListOrganizations(w.t.Context(), req)
		w.must(err)
		all = append(all, resp.GetOrganizations()...)
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			return all
		}
	}
}

func TestListOrder(t *testing.T) {
	w := start(t)
	for name, kana := range map[string]string{"見本か": "カ", "見本が": "ガ", "見本あ": "ア", "見本わ": "ワ", "見本き": "キ"} {
		w.verified("owner", input(name, kana))
	}
	kana := func(req *directoryv1.ListOrganizationsRequest) []string {
		var out []string
		for _, o := range w.listAll(w.public(), req) {
			out = append(out, o.GetNameKana())
		}
		return out
	}
	if diff := cmp.Diff([]string{"ア", "カ", "ガ", "キ", "ワ"}, kana(&directoryv1.ListOrganizationsRequest{PageSize: 2})); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"カ", "ガ", "キ"}, kana(&directoryv1.ListOrganizationsRequest{GojuonRow: "か"})); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
	if got := kana(&directoryv1.ListOrganizationsRequest{OrderBy: "updateTime", PageSize: 2}); len(got) != 5 {
		t.Errorf("by update time: %v", got)
	}
	for filter, want := range map[*directoryv1.ListOrganizationsRequest]int{
		{ActivityField: 9}: 5,
		{ActivityField: 1}: 0,
		{Town: "九段南"}:      5,
		{Town: "三番町"}:      0,
		{Kind: directoryv1.Organization_NPO_CORPORATION}:   5,
		{Kind: directoryv1.Organization_UNIVERSITY}:        0,
		{State: directoryv1.Organization_VERIFIED}:         5,
		{State: directoryv1.Organization_DRAFT}:            0,
		{Capability: directoryv1.Organization_GRANT}:       0,
		{GojuonRow: "英数"}:                                  0,
		{GojuonRow: "わ", Kind: 1, Town: "九段", OrderBy: ""}: 1,
	} {
		if got := kana(filter); len(got) != want {
			t.Errorf("%v: %v, want %d", filter, got, want)
		}
	}
	_, err := w.public().ListOrganizations(t.Context(), &directoryv1.ListOrganizationsRequest{PageToken: "forged"})
	w.refused(err, "INVALID_PAGE_TOKEN")
	_, err = w.public().ListOrganizations(t.Context(), &directoryv1.ListOrganizationsRequest{PageSize: -1})
	w.refused(err, "INVALID_PAGE_SIZE")
	first, err := w.public().ListOrganizations(t.Context(), &directoryv1.ListOrganizationsRequest{PageSize: 1})
	w.must(err)
	_, err = w.public().ListOrganizations(t.Context(), &directoryv1.ListOrganizationsRequest{PageToken: first.GetNextPageToken(), Mine: true})
	w.refused(err, "PAGE_TOKEN_MISMATCH")
}

func TestFindDuplicates(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	in := input("特定非営利活動法人みほんネット", "ミホンネット")
	in.CorporateNumber = "7123456789012"
	_, o := w.apply("one", in)
	twin := input("ＮＰＯ法人　ミホンネット", "ミホンネット")
	twin.Address.Town = "三番町12"
	_, elsewhere := w.apply("two", twin)
	find := func(req *directoryv1.FindDuplicatesRequest) map[string]int {
		resp, err := w.desk().FindDuplicates(ctx, req)
		w.must(err)
		out := map[string]int{}
		for _, d := range resp.GetDuplicates() {
			out[d.GetOrganization().GetId()] = len(d.GetMatches())
		}
		return out
	}
	for want, req := range map[*map[string]int]*directoryv1.FindDuplicatesRequest{
		{o.GetId(): 1}:                       {CorporateNumber: "7123-4567-89012"},
		{o.GetId(): 1, elsewhere.GetId(): 1}: {Name: "みほんネット"},
		{elsewhere.GetId(): 1}:               {Name: "みほんネット", Town: "三番町"},
		{o.GetId(): 2, elsewhere.GetId(): 1}: {Name: "みほんネット", CorporateNumber: "7123456789012"},
		{}:                                   {Name: "別の名"},
	} {
		if diff := cmp.Diff(*want, find(req)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", req, diff)
		}
	}
	_, err := w.desk().FindDuplicates(ctx, &directoryv1.FindDuplicatesRequest{})
	w.refused(err, "INVALID_FIELD")
	_, err = w.desk().FindDuplicates(ctx, &directoryv1.FindDuplicatesRequest{CorporateNumber: "1234567891012"})
	w.refused(err, "INVALID_FIELD")
	_, err = w.signIn("one").FindDuplicates(ctx, &directoryv1.FindDuplicatesRequest{Name: "見本"})
	w.refused(err, "PERMISSION_DENIED")
}

func TestReferenceLists(t *testing.T) {
	w := start(t)
	for on, want := range map[string]int{"1998-11-30": 0, "2003-03-31": 12, "2003-05-01": 17, "2012-04-01": 20, "": 20} {
		resp, err := w.public().ListActivityFields(t.Context(), &directoryv1.ListActivityFieldsRequest{On: on})
		w.must(err)
		if len(resp.GetActivityFields()) != want {
			t.Errorf("on %q: %d fields, want %d", on, len(resp.GetActivityFields()), want)
		}
	}
	forms, err := w.public().ListLegalForms(t.Context(), &directoryv1.ListLegalFormsRequest{})
	w.must(err)
	if f := forms.GetLegalForms()[0]; f.GetCode() != "npo" || f.GetTaxAgencyKindCode() != "399" || !f.GetHasCorporateNumber() {
		t.Errorf("first form: %v", f)
	}
	_, o := w.apply("one", input("見本の会", "ミホンノカイ"))
	batch, err := w.as(auth.Service("proposals")).BatchGetOrganizations(context.WithoutCancel(t.Context()), &directoryv1.BatchGetOrganizationsRequest{Ids: []string{o.GetId(), unknownID}})
	w.must(err)
	want := []*directoryv1.OrganizationSummary{{
		Id: o.GetId(), Name: "見本の会", NameKana: "ミホンノカイ", Kind: directoryv1.Organization_NPO_CORPORATION,
		State: directoryv1.Organization_DRAFT, Version: 1,
	}}
	if diff := cmp.Diff(want, batch.GetOrganizations(), protocmp.Transform()); diff != "" {
		t.Errorf("batch (-want +got):\n%s", diff)
	}
	_, err = w.desk().BatchGetOrganizations(t.Context(), &directoryv1.BatchGetOrganizationsRequest{Ids: []string{o.GetId()}})
	w.refused(err, "PERMISSION_DENIED")
}

func TestSearch(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	w.verified("one", input("見本 髙台まちづくりの会", "ミホンタカダイマチヅクリノカイ"))
	w.verified("one", input("見本 ネットワーク", "ミホンネットワーク"))
	w.apply("one", input("見本 下書きの会", "ミホンシタガキノカイ"))
	search := func(c caller, req *directoryv1.SearchOrganizationsRequest) []string {
		var out []string
		for {
			resp, err := c.SearchOrganizations(ctx, req)
			w.must(err)
			for _, o := range resp.GetOrganizations() {
				out = append(out, o.GetName())
			}
			if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
				return out
			}
		}
	}
	takadai, network := "見本 髙台まちづくりの会", "見本 ネットワーク"
	for q, want := range map[string][]string{
		"高台": {takadai}, "ﾈｯﾄﾜｰｸ": {network}, "まち づくり": {takadai}, "ミホン": {takadai, network}, "見守り": {takadai, network},
		"下書き": nil, "台会": nil, "100%": nil, "見本　ねっと": {network},
	} {
		if diff := cmp.Diff(want, search(w.desk(), &directoryv1.SearchOrganizationsRequest{Q: q, PageSize: 1})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", q, diff)
		}
	}
	if got := search(w.public(), &directoryv1.SearchOrganizationsRequest{Q: "見本", ActivityField: 1}); got != nil {
		t.Errorf("with another activity field: %v", got)
	}
	for q, reason := range map[string]string{"": "QUERY_TOO_SHORT", "会": "QUERY_TOO_SHORT", "':&|!": "QUERY_TOO_SHORT", "いち にい さん よん ごお ろく": "INVALID_FIELD"} {
		_, err := w.public().SearchOrganizations(ctx, &directoryv1.SearchOrganizationsRequest{Q: q})
		w.refused(err, reason)
	}
}
