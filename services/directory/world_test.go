package directory

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// world is the directory with the people of a test.
type world struct {
	*servicetest.World
	t *testing.T
}

func start(t *testing.T) *world {
	t.Helper()
	return &world{World: servicetest.Start(t, Module), t: t}
}

func startWithSample(t *testing.T) *world {
	t.Helper()
	return &world{World: servicetest.StartWith(t, servicetest.Options{Sample: true}, Module), t: t}
}

// in is the same world for a subtest.
func (w *world) in(t *testing.T) *world { return &world{World: w.World, t: t} }

// caller has a client for every gRPC service.
type caller struct {
	auth.Principal
	directoryv1.OrganizationServiceClient
	directoryv1.OrganizationImportServiceClient
	directoryv1.RegistrationDocumentServiceClient
	directoryv1.MemberServiceClient
	directoryv1.DelegationServiceClient
	directoryv1.DepartmentServiceClient
	directoryv1.PrincipalServiceClient
	directoryv1.ListingServiceClient
	directoryv1.IntroductionServiceClient
	directoryv1.ReferralServiceClient
}

func (w *world) as(p auth.Principal) caller {
	w.t.Helper()
	c := w.As(p)
	return caller{
		Principal:                         p,
		OrganizationServiceClient:         directoryv1.NewOrganizationServiceClient(c),
		OrganizationImportServiceClient:   directoryv1.NewOrganizationImportServiceClient(c),
		RegistrationDocumentServiceClient: directoryv1.NewRegistrationDocumentServiceClient(c),
		MemberServiceClient:               directoryv1.NewMemberServiceClient(c),
		DelegationServiceClient:           directoryv1.NewDelegationServiceClient(c),
		DepartmentServiceClient:           directoryv1.NewDepartmentServiceClient(c),
		PrincipalServiceClient:            directoryv1.NewPrincipalServiceClient(c),
		ListingServiceClient:              directoryv1.NewListingServiceClient(c),
		IntroductionServiceClient:         directoryv1.NewIntroductionServiceClient(c),
		ReferralServiceClient:             directoryv1.NewReferralServiceClient(c),
	}
}

func (w *world) public() caller  { return w.as(auth.Anonymous) }
func (w *world) gateway() caller { return w.as(auth.Service(auth.Gateway)) }
func (w *world) desk() caller {
	return w.as(servicetest.Staff(sampleID("2009"), sampleID("2"), optionsv1.Role_ROLE_DESK))
}

// signIn resolves the person as the edge does and returns the client.
func (w *world) signIn(name string) caller {
	w.t.Helper()
	resp, err := w.gateway().ResolvePrincipal(w.t.Context(), &directoryv1.ResolvePrincipalRequest{
		Issuer: sampleIssuer, Subject: name, Email: name + "@people.example.com", EmailVerified: true, DisplayName: "見本 " + name,
	})
	w.must(err)
	return w.as(principalFrom(resp.GetPrincipal()))
}

func principalFrom(p *directoryv1.Principal) auth.Principal {
	out := auth.Principal{Kind: auth.KindPerson, ID: p.GetPersonId(), Roles: p.GetRoles(), DepartmentID: p.GetDepartmentId()}
	for _, m := range p.GetMemberships() {
		out.Memberships = append(out.Memberships, auth.Membership{OrganizationID: m.GetOrganizationId(), Role: m.GetRole()})
	}
	for _, d := range p.GetDelegations() {
		out.Delegations = append(out.Delegations, auth.Delegation{OrganizationID: d.GetOrganizationId(), IntermediaryID: d.GetIntermediaryId(), Until: d.GetEndTime().AsTime()})
	}
	return out
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused checks that err is the refusal with the reason.
func (w *world) refused(err error, reason string) *fault.Error {
	w.t.Helper()
	f, ok := rpc.FromStatus(status.Convert(err))
	if err == nil || !ok || f.Reason != reason {
		w.t.Fatalf("got %v, want a refusal %s", err, reason)
	}
	return f
}

// hidden checks that err is the answer for an id that does not exist.
func (w *world) hidden(err, unknown error) {
	w.t.Helper()
	w.refused(err, "RESOURCE_NOT_FOUND")
	if diff := cmp.Diff(status.Convert(unknown).Proto(), status.Convert(err).Proto(), protocmp.Transform()); diff != "" {
		w.t.Errorf("unknown and hidden differ (-unknown +hidden):\n%s", diff)
	}
}

// because states a reason.
func because(t *testing.T) context.Context {
	t.Helper()
	return metadata.AppendToOutgoingContext(t.Context(), rpc.MetaReason, rpc.EncodeReason("窓口での申出による"))
}

func input(name, kana string) *directoryv1.OrganizationInput {
	return &directoryv1.OrganizationInput{
		Name:               name,
		NameKana:           kana,
		Kind:               directoryv1.Organization_NPO_CORPORATION,
		LegalForm:          "npo",
		Purpose:            "地域の見守りを行います。",
		ActivityFields:     []int32{9, 3},
		RepresentativeName: "見本 代表",
		Address:            &typev1.Address{City: "千代田区", Town: "九段南1-2-1"},
		ContactPoint:       &typev1.ContactPoint{Name: "事務局", PhoneNumber: "０３（５２１１）３６５６"},
	}
}

// apply makes a draft and returns it with its representative, signed in again
// so that the roles are there.
func (w *world) apply(person string, in *directoryv1.OrganizationInput) (caller, *directoryv1.Organization) {
	w.t.Helper()
	resp, err := w.signIn(person).CreateOrganization(w.t.Context(), &directoryv1.CreateOrganizationRequest{Organization: in})
	w.must(err)
	return w.signIn(person), resp.GetOrganization()
}

// verified makes a published organization.
func (w *world) verified(person string, in *directoryv1.OrganizationInput) (caller, *directoryv1.Organization) {
	w.t.Helper()
	c, o := w.apply(person, in)
	_, err := c.SubmitOrganization(w.t.Context(), &directoryv1.SubmitOrganizationRequest{Id: o.GetId()})
	w.must(err)
	resp, err := w.desk().VerifyOrganization(w.t.Context(), &directoryv1.VerifyOrganizationRequest{Id: o.GetId()})
	w.must(err)
	return c, resp.GetOrganization()
}

// events returns the types of an aggregate's events with their visibility, in
// order.
func (w *world) events(id string) []string {
	w.t.Helper()
	rows, err := w.DB("directory").Query(w.t.Context(), `
		SELECT visibility, headers ->> 'ce-type'
		FROM event_log
		WHERE aggregate_id = $1
		ORDER BY position`, id)
	w.must(err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var visibility, full string
		w.must(rows.Scan(&visibility, &full))
		out = append(out, visibility+" "+full[strings.LastIndexByte(full, '.')+1:])
	}
	w.must(rows.Err())
	return out
}

// lastEvent returns the body of the newest event of an aggregate with the
// visibility.
func (w *world) lastEvent(id, visibility string) map[string]any {
	w.t.Helper()
	var data []byte
	w.must(w.DB("directory").QueryRow(w.t.Context(), `
		SELECT data
		FROM event_log
		WHERE aggregate_id = $1 AND visibility = $2
		ORDER BY position DESC
		LIMIT 1`, id, visibility).Scan(&data))
	body := map[string]any{}
	w.must(json.Unmarshal(data, &body))
	return body
}

// exec changes rows behind the service's back, such as dates that no call can
// reach.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := pg.InTx(w.t.Context(), w.DB("directory"), func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		_, err := tx.Exec(ctx, sql, args...)
		return struct{}{}, err
	})
	w.must(err)
}

// together runs n calls at once and returns their errors.
func together(n int, call func(i int) error) []error {
	errs := make([]error, n)
	ready, done := make(chan struct{}), make(chan struct{})
	for i := range n {
		go func() {
			<-ready
			errs[i] = call(i)
			done <- struct{}{}
		}()
	}
	close(ready)
	for range n {
		<-done
	}
	return errs
}

func maskOf(paths ...string) *fieldmaskpb.FieldMask { return &fieldmaskpb.FieldMask{Paths: paths} }

var unknownID = "01900000-0000-7000-8000-00000000ffff"

// oneWins checks that one call succeeded and the others were refused.
func (w *world) oneWins(errs []error, reason string) {
	w.t.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		w.refused(err, reason)
	}
	if won != 1 {
		w.t.Errorf("%d calls won, want 1", won)
	}
}

// join makes a person a member by invitation and signs the person in again.
func (w *world) join(rep caller, organizationID, person string, role directoryv1.Member_Role) caller {
	w.t.Helper()
	c := w.signIn(person)
	invited, err := rep.InviteMember(w.t.Context(), &directoryv1.InviteMemberRequest{
		OrganizationId: organizationID, Email: person + "@People.example.com", Role: role,
	})
	w.must(err)
	_, err = c.AcceptInvitation(w.t.Context(), &directoryv1.AcceptInvitationRequest{OrganizationId: organizationID, Id: invited.GetMember().GetId()})
	w.must(err)
	return w.signIn(person)
}

// deps are what jobs take.
func (w *world) deps() service.Deps {
	w.t.Helper()
	return service.Deps{DB: w.DB("directory"), Now: time.Now}
}
