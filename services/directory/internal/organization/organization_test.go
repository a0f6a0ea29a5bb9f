package organization

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

var now = time.Date(2026, time.March, 31, 14, 59, 59, 0, time.UTC) // 23:59:59 in Tokyo

func application() Profile {
	return Profile{
		Name: "見本の会", NameKana: "ミホンノカイ", Kind: VolunteerGroup, Purpose: "見守り", ActivityFields: []int32{9},
		RepresentativeName: "見本 代表", Address: Address{City: "千代田区", Town: "三番町12"},
	}
}

func in(t *testing.T, s State) *Organization {
	t.Helper()
	o, err := New("id", application(), now)
	if err != nil {
		t.Fatal(err)
	}
	until := jp.DateOf(now)
	o.State, o.VerifiedOn, o.ValidUntil = s, &until, &until
	return o
}

// TestGraph takes every action in every state and compares with the graph as it
// is drawn in the README.
func TestGraph(t *testing.T) {
	later := jp.DateOf(now).AddMonths(1)
	actions := map[Action]func(o *Organization) error{
		Update:         func(o *Organization) error { return o.Change(application(), []string{"name"}, false, now) },
		Amend:          func(o *Organization) error { return o.Change(application(), []string{"name"}, true, now) },
		Submit:         func(o *Organization) error { return o.Submit() },
		Verify:         func(o *Organization) error { return o.Verify(&later, now) },
		Return:         func(o *Organization) error { return o.Return("理由", nil, now) },
		Renew:          func(o *Organization) error { return o.Renew(&later, now) },
		Suspend:        func(o *Organization) error { return o.Suspend("理由") },
		Lift:           func(o *Organization) error { return o.Lift(now) },
		Expire:         func(o *Organization) error { return o.Expire() },
		Confirm:        func(o *Organization) error { return o.ConfirmCurrent(now) },
		Close:          func(o *Organization) error { return o.Close("理由") },
		RequestRenewal: func(o *Organization) error { return o.RequestRenewal(now) },
	}
	want := map[State]map[Action]State{
		Draft:     {Update: Draft, Amend: Draft, Submit: Pending, Close: Closed},
		Pending:   {Amend: Pending, Verify: Verified, Return: Draft, Close: Closed},
		Verified:  {Update: Verified, Amend: Verified, Renew: Verified, Suspend: Suspended, Expire: Expired, Confirm: Verified, Close: Closed, RequestRenewal: Verified},
		Expired:   {Update: Expired, Amend: Expired, Renew: Verified, Suspend: Suspended, Confirm: Expired, Close: Closed, RequestRenewal: Expired},
		Suspended: {Amend: Suspended, Lift: Verified, Close: Closed},
		Closed:    {},
	}
	for state, steps := range want {
		for action, take := range actions {
			o := in(t, state)
			err := take(o)
			to, possible := steps[action]
			switch {
			case possible && (err != nil || o.State != to):
				t.Errorf("%s in %s: %s, %v; want %s", action, state, o.State, err, to)
			case !possible && (!errors.Is(err, fault.ErrInvalidStateTransition) || o.State != state):
				t.Errorf("%s in %s: %s, %v; want a refusal", action, state, o.State, err)
			}
		}
	}
}

func TestTransitionSaysWhatIsPossible(t *testing.T) {
	f, _ := fault.As(in(t, Suspended).Submit())
	want := map[string]string{"from": "SUSPENDED", "to": "PENDING", "allowed": "VERIFIED,CLOSED,MERGED"}
	if diff := cmp.Diff(want, f.Metadata); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
}

func TestValidity(t *testing.T) {
	today := jp.DateOf(now)
	for name, c := range map[string]struct {
		until *jp.Date
		want  string // empty for a refusal
	}{
		"default is the end of the fiscal year after the next": {nil, "2028-03-31"},
		"today":           {&today, "2026-03-31"},
		"yesterday":       {ptr(today.AddDays(-1)), ""},
		"ten years":       {ptr(jp.NewDate(2036, time.March, 31)), "2036-03-31"},
		"ten years a day": {ptr(jp.NewDate(2036, time.April, 1)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := in(t, Pending)
			err := o.Verify(c.until, now)
			if (c.want == "") != errors.Is(err, ErrValidityInvalid) {
				t.Fatalf("got %v", err)
			}
			if c.want != "" && o.ValidUntil.String() != c.want {
				t.Errorf("valid until %s, want %s", o.ValidUntil, c.want)
			}
		})
	}
}

func TestLiftAfterTheLastDay(t *testing.T) {
	o := in(t, Suspended)
	if err := o.Lift(now.Add(time.Second)); err != nil || o.State != Expired {
		t.Errorf("a second after the last day: %s, %v", o.State, err)
	}
}

func TestPublishedStaysComplete(t *testing.T) {
	for path, state := range map[string]State{"purpose": Verified, "activity_fields": Expired, "representative_name": Pending} {
		err := in(t, state).Change(Profile{Kind: VolunteerGroup}, []string{path}, true, now)
		if !errors.Is(err, ErrIncomplete) {
			t.Errorf("%s emptied in %s: %v", path, state, err)
		}
	}
	if err := in(t, Draft).Change(Profile{}, []string{"purpose"}, false, now); err != nil {
		t.Errorf("a draft may be incomplete: %v", err)
	}
}

func TestEveryPathWritesItsField(t *testing.T) {
	date := jp.NewDate(2020, time.April, 1)
	full := Profile{
		Name: "a", NameKana: "ア", NameEn: "a", AlternateName: "a", Kind: Intermediary, LegalForm: "npo", CorporateNumber: "7123456789012",
		Jurisdiction: "a", Purpose: "a", Description: "a", ActivityFields: []int32{1}, RepresentativeName: "a", RepresentativeNameKana: "ア",
		RepresentativeTitle: "a", EstablishedOn: &date, CertifiedOn: &date, RegisteredOn: &date, Certification: "CERTIFIED",
		CertificationFrom: &date, CertificationUntil: &date, MemberCount: 1, AnnualBudget: 1,
		Address:      Address{"1020075", "131016", "東京都", "千代田区", "三番町", "1", "a"},
		ContactPoint: ContactPoint{"a", "03-5211-3656", "a@example.com", "https://example.com"},
		URL:          "https://example.com", Capabilities: []string{"GRANT"}, Publicity: Publicity{true, true, true, true, true},
		SourceName: "a", SourceURL: "https://example.com",
	}
	var all Profile
	for _, f := range fields {
		if slices.Contains([]string{"address", "contact_point", "publicity"}, f.path) {
			continue
		}
		var one Profile
		f.copy(&one, &full)
		if cmp.Equal(one, Profile{}) {
			t.Errorf("%s writes nothing", f.path)
		}
		f.copy(&all, &full)
	}
	if diff := cmp.Diff(full, all); diff != "" {
		t.Errorf("fields without a path (-want +got):\n%s", diff)
	}
}

func TestAddressElsewhereIsKept(t *testing.T) {
	p := application()
	p.Address = Address{Prefecture: "神奈川県", City: "横浜市中区", Town: "本町", StreetNumber: "6-50-10"}
	o, err := New("id", p, now)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p.Address, o.Address); diff != "" {
		t.Errorf("address (-want +got):\n%s", diff)
	}
}

func ptr(d jp.Date) *jp.Date { return &d }
