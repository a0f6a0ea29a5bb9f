package directory

import (
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// exchange is a directory with two organizations, an intermediary and a
// department.
type exchange struct {
	*world
	head, company       caller // Representatives of the two.
	organization, other string
	center              caller // Representative of the intermediary.
	intermediary        string
	staff               caller
	department          string
}

func (w *world) exchange() *exchange {
	w.t.Helper()
	e := &exchange{world: w}
	head, o := w.verified("head", input("見本の会", "ミホンノカイ"))
	in := input("見本商事", "ミホンショウジ")
	in.Kind, in.CorporateNumber, in.LegalForm = directoryv1.Organization_COMPANY, "", ""
	company, c := w.verified("company", in)
	_, i := w.center()
	e.head, e.organization, e.company, e.other, e.intermediary = head, o.GetId(), company, c.GetId(), i.GetId()
	e.center = w.signIn("center")
	e.department = sampleID("6")
	w.exec(`
		INSERT INTO department (id, name, kind, created_at, updated_at, version)
		VALUES ($1, '見本課', 'SECTION', now(), now(), 1), ($2, '見本窓口課', 'SECTION', now(), now(), 1)`, e.department, sampleID("2"))
	e.staff = w.as(servicetest.Staff(sampleID("2007"), e.department, optionsv1.Role_ROLE_STAFF))
	return e
}

// in is the same exchange for a subtest.
func (e *exchange) in(t *testing.T) *exchange {
	c := *e
	c.world = e.world.in(t)
	return &c
}

func need(organizationID string) *directoryv1.ListingInput {
	return &directoryv1.ListingInput{
		OrganizationId: organizationID, Kind: directoryv1.Listing_NEED, Category: directoryv1.Listing_PLACE,
		Title: "会議の場所を求めます", Description: "月に一度、十人ほどで集まれる部屋を探しています。", Quantity: "10人",
		ActivityFields: []int32{3, 13}, Town: "九段南一丁目",
	}
}

func offer(organizationID string) *directoryv1.ListingInput {
	in := need(organizationID)
	in.Kind, in.Title, in.Description = directoryv1.Listing_OFFER, "会議室をお貸しします", "平日の夜に空いている会議室を無料でお使いいただけます。"
	return in
}

// draft makes a listing.
func (e *exchange) draft(by caller, in *directoryv1.ListingInput) *directoryv1.Listing {
	e.t.Helper()
	resp, err := by.CreateListing(e.t.Context(), &directoryv1.CreateListingRequest{Listing: in})
	e.must(err)
	return resp.GetListing()
}

// submitted makes a listing that waits to be checked.
func (e *exchange) submitted(by caller, in *directoryv1.ListingInput) *directoryv1.Listing {
	e.t.Helper()
	resp, err := by.SubmitListing(e.t.Context(), &directoryv1.SubmitListingRequest{Id: e.draft(by, in).GetId()})
	e.must(err)
	return resp.GetListing()
}

// open makes a listing that the desk has published.
func (e *exchange) open(by caller, in *directoryv1.ListingInput) *directoryv1.Listing {
	e.t.Helper()
	resp, err := e.desk().PublishListing(e.t.Context(), &directoryv1.PublishListingRequest{Id: e.submitted(by, in).GetId()})
	e.must(err)
	return resp.GetListing()
}

var somebody = &directoryv1.ExchangeContact{Name: "見本 担当", Phone: "０３ー５２１１－３６５６", Email: "Tanto@Mihon.example.com"}

// introduced introduces the organization to the company's open offer and has both
// sides agree.
func (e *exchange) introduced(l *directoryv1.Listing) *directoryv1.Introduction {
	e.t.Helper()
	made, err := e.head.CreateIntroduction(e.t.Context(), &directoryv1.CreateIntroductionRequest{
		ListingId: l.GetId(), OrganizationId: e.organization, Message: "月に一度お借りしたいです。", Contact: somebody, ContactConsent: true,
	})
	e.must(err)
	accepted, err := e.company.AcceptIntroduction(e.t.Context(), &directoryv1.AcceptIntroductionRequest{
		ListingId: l.GetId(), Id: made.GetIntroduction().GetId(), Contact: &directoryv1.ExchangeContact{Name: "見本 総務"}, ContactConsent: true,
	})
	e.must(err)
	return accepted.GetIntroduction()
}

// count runs a query that counts.
func (e *exchange) count(sql string, args ...any) (n int) {
	e.t.Helper()
	e.must(e.DB("directory").QueryRow(e.t.Context(), sql, args...).Scan(&n))
	return n
}
