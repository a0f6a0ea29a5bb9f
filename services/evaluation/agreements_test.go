package evaluation_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf/pdftest"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

func (w *world) draftAgreement(by auth.Principal, id string) (*evaluationv1.Agreement, error) {
	resp, err := w.agreements(by).DraftAgreement(w.t.Context(), &evaluationv1.DraftAgreementRequest{ProjectId: id})
	return resp.GetAgreement(), err
}

func (w *world) signFor(by auth.Principal, id string, side evaluationv1.Project_Side) (*evaluationv1.Agreement, error) {
	resp, err := w.agreements(by).SignAgreement(w.t.Context(), &evaluationv1.SignAgreementRequest{ProjectId: id, Side: side})
	return resp.GetAgreement(), err
}

func (w *world) agreement(by auth.Principal, id string, version int32) (*evaluationv1.Agreement, error) {
	resp, err := w.agreements(by).GetAgreement(w.t.Context(), &evaluationv1.GetAgreementRequest{ProjectId: id, Version: version})
	return resp.GetAgreement(), err
}

func (w *world) editAgreement(by auth.Principal, id, etag string, in *evaluationv1.AgreementInput, paths ...string) (*evaluationv1.Agreement, error) {
	resp, err := w.agreements(by).UpdateAgreement(w.t.Context(), &evaluationv1.UpdateAgreementRequest{ProjectId: id, Etag: etag, Agreement: in, UpdateMask: mask(paths...)})
	return resp.GetAgreement(), err
}

func TestAgreementIsDraftedFilledAndSigned(t *testing.T) {
	t.Parallel()
	w := start(t)
	rules := w.rulebook()
	id := w.project(nil).GetId()
	a, err := w.draftAgreement(editor, id)
	w.must(err)
	texts := map[evaluationv1.Clause_Item]string{}
	for _, article := range a.GetArticles() {
		texts[article.GetItem()] = article.GetText()
	}
	if len(texts) != 21 || texts[evaluationv1.Clause_FORM] != "共催" || texts[evaluationv1.Clause_COST] != "金300,000円" ||
		texts[evaluationv1.Clause_CONTACT] != "甲は区民生活部商工振興課、政策経営部企画総務課、乙は団体1とする。" {
		t.Errorf("articles = %v", texts)
	}
	if a.GetRulebookVersionId() != rules.GetId() || a.GetState() != evaluationv1.Agreement_DRAFT || a.GetSha256() != "" {
		t.Errorf("draft = %v", a)
	}
	_, err = w.agreement(auth.Anonymous, id, 0)
	refused(t, err, "RESOURCE_NOT_FOUND")
	half, err := w.signFor(head, id, evaluationv1.Project_SIDE_UNSPECIFIED)
	w.must(err)
	if half.GetState() != evaluationv1.Agreement_PARTLY_SIGNED || w.state(id) != evaluationv1.Project_PREPARING {
		t.Errorf("signed by one side = %v", half)
	}
	whole, err := w.signFor(approver, id, evaluationv1.Project_WARD)
	w.must(err)
	sum := sha256.Sum256([]byte(whole.GetText()))
	if whole.GetState() != evaluationv1.Agreement_SIGNED || whole.GetNumber() != "R8-協定-0001" || whole.GetSha256() != hex.EncodeToString(sum[:]) ||
		whole.GetSha256() != half.GetSha256() || !strings.Contains(whole.GetText(), "R8-協-0001") {
		t.Errorf("signed by both = %v", whole)
	}
	var signatures []string
	for _, s := range whole.GetSignatures() {
		signatures = append(signatures, s.GetSide().String()+" "+s.GetName()+" "+s.GetSignatory()+" "+s.GetSignedOn())
	}
	if diff := cmp.Diff([]string{"ORGANIZATION 団体1 代表者 " + today().String(), "WARD 区民生活部商工振興課 千代田区長 " + today().String()}, signatures); diff != "" {
		t.Errorf("signatures: %s", diff)
	}
	public, err := w.agreement(auth.Anonymous, id, 0)
	w.must(err)
	if public.GetText() != whole.GetText() || public.GetChecklist() != nil {
		t.Errorf("everybody reads %v", public)
	}
	if w.state(id) != evaluationv1.Project_AGREED {
		t.Errorf("state = %v", w.state(id))
	}
}

// Each refusal of a signature has its own reason and changes nothing.
func TestSignatureRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.project(nil).GetId()
	refused(t, w.sign(head, id), "RESOURCE_NOT_FOUND") // No agreement yet.
	w.must(err2(w.draftAgreement(staff, id)))
	for name, s := range map[string]struct {
		by   auth.Principal
		side evaluationv1.Project_Side
		want string
	}{
		"representative for the ward":     {head, evaluationv1.Project_WARD, "SIGNATURE_OF_OTHER_SIDE"},
		"approver for the organization":   {approver, evaluationv1.Project_ORGANIZATION, "SIGNATURE_OF_OTHER_SIDE"},
		"editor":                          {editor, evaluationv1.Project_ORGANIZATION, "PERMISSION_DENIED"},
		"staff":                           {staff, evaluationv1.Project_WARD, "PERMISSION_DENIED"},
		"approver of a joint department":  {approver2, evaluationv1.Project_WARD, "PERMISSION_DENIED"},
		"representative of another group": {head2, evaluationv1.Project_ORGANIZATION, "RESOURCE_NOT_FOUND"},
		"both, without saying which":      {both(), evaluationv1.Project_SIDE_UNSPECIFIED, "INVALID_FIELD"},
	} {
		if got := reason(err2(w.signFor(s.by, id, s.side))); got != s.want {
			t.Errorf("%s: %s, want %s", name, got, s.want)
		}
	}
	a, err := w.agreement(staff, id, 0)
	w.must(err)
	if a.GetState() != evaluationv1.Agreement_DRAFT || len(a.GetSignatures()) > 0 || w.count(`SELECT count(*) FROM agreement_text`) > 0 {
		t.Errorf("after refusals = %v", a)
	}
	_, err = w.agreements(head).SignAgreement(t.Context(), &evaluationv1.SignAgreementRequest{ProjectId: id, Etag: `"99"`})
	refused(t, err, "ETAG_MISMATCH")
	w.must(err2(w.signFor(both(), id, evaluationv1.Project_ORGANIZATION)))
	_, err = w.signFor(both(), id, evaluationv1.Project_WARD)
	refused(t, err, "SIGNATURE_REPEATED")
	refused(t, w.sign(head, id), "SIGNATURE_REPEATED") // The organization has signed.
	w.must(w.sign(approver, id))
	refused(t, w.sign(approver, id), "INVALID_STATE_TRANSITION")
	if n := w.count(`SELECT count(*) FROM agreement_signature`); n != 2 {
		t.Errorf("%d signatures", n)
	}
}

func TestIncompleteAgreementNamesAllThatIsMissing(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.project(func(in *evaluationv1.ProjectInput) { in.PeriodFrom, in.PeriodTo, in.Roles, in.Form = "", "", nil, "" }).GetId()
	a, err := w.draftAgreement(staff, id)
	w.must(err)
	a, err = w.editAgreement(head, id, a.GetEtag(), &evaluationv1.AgreementInput{Articles: a.GetArticles()[1:]}, "articles", "wardSignatory")
	w.must(err)
	err = w.sign(head, id)
	refused(t, err, "AGREEMENT_INCOMPLETE")
	var missing []string
	for _, c := range a.GetChecklist() {
		if c.GetRequired() && !c.GetPresent() {
			missing = append(missing, c.GetItem().String())
		}
	}
	if diff := cmp.Diff([]string{"PURPOSE", "FORM", "ROLES", "PERIOD", "SIGNATURES"}, missing); diff != "" {
		t.Errorf("checklist: %s", diff)
	}
	if f := facts(err); f["missing"] != "PURPOSE,FORM,ROLES,PERIOD,SIGNATURES" {
		t.Errorf("metadata = %v", f)
	}
}

func TestDraftOfAnAgreementRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.project(nil).GetId()
	_, err := w.draftAgreement(staff, id)
	refused(t, err, "RULEBOOK_NOT_IN_FORCE")
	w.rulebook()
	a, err := w.draftAgreement(staff, id)
	w.must(err)
	_, err = w.draftAgreement(editor, id)
	refused(t, err, "AGREEMENT_IN_DRAFT")
	_, err = w.draftAgreement(head2, id)
	refused(t, err, "RESOURCE_NOT_FOUND")
	title := &evaluationv1.AgreementInput{Title: "覚書"}
	for want, edit := range map[string]func() error{
		"PRECONDITION_REQUIRED": func() error { return err2(w.editAgreement(staff, id, "", title, "title")) },
		"ETAG_MISMATCH":         func() error { return err2(w.editAgreement(staff, id, `"9"`, title, "title")) },
		"INVALID_FIELD_MASK":    func() error { return err2(w.editAgreement(staff, id, a.GetEtag(), title, "number")) },
		"INVALID_FIELD": func() error {
			return err2(w.editAgreement(staff, id, a.GetEtag(), &evaluationv1.AgreementInput{}, "title"))
		},
	} {
		refused(t, edit(), want)
	}
	_, err = w.editAgreement(staff2, id, a.GetEtag(), title, "title")
	w.must(err)
	w.must(w.sign(head, id))
	_, err = w.editAgreement(staff, id, "*", title, "title")
	refused(t, err, "AGREEMENT_NOT_EDITABLE")
}

// A changed agreement is a new version that is signed again; what was signed stays.
func TestNewVersionOfAnAgreement(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.bring(evaluationv1.Project_RUNNING, nil)
	first, err := w.agreement(auth.Anonymous, id, 0)
	w.must(err)
	w.must(err2(w.draftAgreement(staff, id)))
	w.must(w.sign(head, id))
	w.must(err2(w.draftAgreement(staff, id))) // Gives the half-signed version up.
	_, err = w.agreement(auth.Anonymous, id, 3)
	refused(t, err, "RESOURCE_NOT_FOUND")
	w.must(w.sign(approver, id))
	w.must(w.sign(head, id))
	versions, err := w.agreements(staff).ListAgreementVersions(t.Context(), &evaluationv1.ListAgreementVersionsRequest{ProjectId: id})
	w.must(err)
	var states []string
	for _, v := range versions.GetVersions() {
		states = append(states, v.GetState().String())
	}
	if diff := cmp.Diff([]string{"SIGNED", "ABANDONED", "SIGNED"}, states); diff != "" {
		t.Errorf("states: %s", diff)
	}
	public, err := w.agreements(auth.Anonymous).ListAgreementVersions(t.Context(), &evaluationv1.ListAgreementVersionsRequest{ProjectId: id, PageSize: 1})
	w.must(err)
	if len(public.GetVersions()) != 1 || public.GetNextPageToken() == "" {
		t.Errorf("everybody lists %v", public)
	}
	again, err := w.agreement(auth.Anonymous, id, 1)
	w.must(err)
	newest, err := w.agreement(auth.Anonymous, id, 0)
	w.must(err)
	if again.GetText() != first.GetText() || newest.GetVersion() != 3 || newest.GetNumber() != "R8-協定-0001" || newest.GetSha256() == first.GetSha256() {
		t.Errorf("first %v, newest %v", again, newest)
	}
	if got := w.events(id, "public"); strings.Count(got, "AgreementSigned") != 2 {
		t.Errorf("events = %s", got)
	}
}

// The runtime role cannot change what was signed.
func TestSignedTextIsAppendOnly(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	w.bring(evaluationv1.Project_AGREED, nil)
	for _, sql := range []string{
		`UPDATE agreement_text SET text = 'x'`, `DELETE FROM agreement_text`, `UPDATE agreement_signature SET name = 'x'`,
		`DELETE FROM agreement_signature`, `UPDATE project_report SET kind = 'FINAL'`, `DELETE FROM project_transition`,
	} {
		if _, err := w.deps.DB.Pool().Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	// Whoever may do anything still cannot change the text without its hash.
	if _, err := w.DB("evaluation").Pool().Exec(t.Context(), `UPDATE agreement_text SET text = 'x'`); err == nil {
		t.Error("text changed beside its hash")
	}
}

// Several organizations sign each for itself.
func TestEveryOrganizationSigns(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.project(func(in *evaluationv1.ProjectInput) { in.OrganizationIds = []string{org1, org2} }).GetId()
	w.must(err2(w.draftAgreement(staff, id)))
	w.must(w.sign(head, id))
	w.must(w.sign(approver, id))
	if w.state(id) != evaluationv1.Project_PREPARING {
		t.Error("agreed without the second organization")
	}
	w.must(w.sign(head2, id))
	if w.state(id) != evaluationv1.Project_AGREED {
		t.Error("not agreed with all signatures")
	}
}

// Many at once: one signature of each side, one number.
func TestSigningRace(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.project(nil).GetId()
	w.must(err2(w.draftAgreement(staff, id)))
	deputy := servicetest.Member("deputy", org1, optionsv1.Role_ROLE_REPRESENTATIVE)
	people := []auth.Principal{head, deputy, approver, head, deputy, approver}
	var wg sync.WaitGroup
	for _, by := range people {
		wg.Go(func() { _ = w.sign(by, id) })
	}
	wg.Wait()
	if n := w.count(`SELECT count(*) FROM agreement_signature`); n != 2 || w.state(id) != evaluationv1.Project_AGREED {
		t.Errorf("%d signatures, %v", n, w.state(id))
	}
	if n := w.count(`SELECT last FROM number_counter WHERE kind = '協定'`); n != 1 {
		t.Errorf("%d numbers", n)
	}
}

func TestAgreementDocuments(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	id := w.project(func(in *evaluationv1.ProjectInput) { in.Title = "𠮷野町の<街歩き>" }).GetId()
	w.must(err2(w.draftAgreement(staff, id)))
	page := func(by auth.Principal) (string, error) {
		resp, err := w.agreements(by).GetAgreementPage(t.Context(), &evaluationv1.GetAgreementPageRequest{ProjectId: id})
		return string(resp.GetDocument().GetContent()), err
	}
	_, err := page(auth.Anonymous)
	refused(t, err, "RESOURCE_NOT_FOUND")
	draft, err := page(editor)
	w.must(err)
	if !strings.Contains(draft, "案です") || !strings.Contains(draft, "&lt;街歩き&gt;") {
		t.Errorf("page of a draft: %s", draft)
	}
	w.must(w.sign(head, id))
	w.must(w.sign(approver, id))
	signed, err := page(auth.Anonymous)
	w.must(err)
	a, err := w.agreement(auth.Anonymous, id, 0)
	w.must(err)
	if strings.Contains(signed, "案です") || !strings.Contains(signed, a.GetSha256()) || !strings.Contains(signed, "R8-協定-0001（第1版）") {
		t.Errorf("page: %s", signed)
	}
	resp, err := w.agreements(auth.Anonymous).GetAgreementPdf(t.Context(), &evaluationv1.GetAgreementPdfRequest{ProjectId: id, Version: 1})
	w.must(err)
	doc := resp.GetDocument()
	text := pdftest.Text(t, doc.GetContent())
	for _, want := range []string{"第1条", "区民生活部商工振興課", "団体1", "千代田区長"} {
		if !strings.Contains(text, want) {
			t.Errorf("PDF lacks %s: %s", want, text)
		}
	}
	if doc.GetMediaType() != "application/pdf" || doc.GetFileName() != "協定書_R8-協-0001_v1.pdf" || doc.GetMaxAge() == 0 || doc.GetEtag() == "" {
		t.Errorf("document = %v %v", doc.GetMediaType(), doc.GetFileName())
	}
	_, err = w.agreements(auth.Anonymous).GetAgreementPdf(t.Context(), &evaluationv1.GetAgreementPdfRequest{ProjectId: id, Version: 7})
	refused(t, err, "RESOURCE_NOT_FOUND")
}
