package proposals_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func withCode(ctx context.Context, code string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, rpc.MetaAccessCode, code)
}

func withReason(ctx context.Context, reason string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, rpc.MetaReason, rpc.EncodeReason(reason))
}

var hanako = &proposalsv1.Asker{Name: "千代田花子", Phone: "03-0000-1234", Email: "hanako@example.jp"}

// ask opens a consultation.
func (w *world) ask(by auth.Principal, change func(*proposalsv1.CreateConsultationRequest)) *proposalsv1.Consultation {
	w.t.Helper()
	req := &proposalsv1.CreateConsultationRequest{Subject: "会場について", Body: "会議室を借りるには何が要りますか。", Asker: hanako}
	if change != nil {
		change(req)
	}
	resp, err := w.desk(by).CreateConsultation(w.t.Context(), req)
	w.must(err)
	return resp.GetConsultation()
}

// seen is the consultation as somebody gets it; nil where it is not found.
func (w *world) seen(by auth.Principal, id, code string) *proposalsv1.Consultation {
	w.t.Helper()
	ctx := w.t.Context()
	if code != "" {
		ctx = withCode(ctx, code)
	}
	resp, err := w.desk(by).GetConsultation(ctx, &proposalsv1.GetConsultationRequest{Id: id})
	if reason(err) == "RESOURCE_NOT_FOUND" {
		return nil
	}
	w.must(err)
	return resp.GetConsultation()
}

func (w *world) route(id, department string) {
	w.t.Helper()
	w.must(err2(w.desk(desk).RouteConsultation(w.t.Context(), &proposalsv1.RouteConsultationRequest{Id: id, DepartmentId: department, Note: "お願いします。"})))
}

func TestPhoneCallFromReceiptToClosing(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	c := w.ask(desk, func(r *proposalsv1.CreateConsultationRequest) { r.Channel = proposalsv1.Consultation_PHONE })
	if !strings.HasPrefix(c.GetNumber(), "R8-相-0001") || len(c.GetAccessCode()) < 26 || c.GetState() != proposalsv1.Consultation_RECEIVED {
		t.Errorf("opened = %v", c)
	}
	id, code := c.GetId(), c.GetAccessCode()
	w.route(id, dept1)
	w.route(id, dept2)
	w.route(id, dept1)
	w.must(err2(w.desk(staff).StartConsultation(ctx, &proposalsv1.StartConsultationRequest{Id: id})))
	w.must(err2(w.desk(staff).NoteConsultation(ctx, &proposalsv1.NoteConsultationRequest{Id: id, Body: "内部の確認"})))
	w.must(err2(w.desk(staff).ReplyConsultation(ctx, &proposalsv1.ReplyConsultationRequest{Id: id, Body: "確認しています。", Interim: true})))

	mine := w.seen(auth.Anonymous, id, code)
	if mine.GetDepartmentName() != "区民生活部商工振興課" || mine.GetDueOn() == "" || mine.GetNotes() != nil || mine.GetAccessCode() != "" {
		t.Errorf("who asked sees %v", mine)
	}
	var steps []string
	for _, h := range mine.GetHistory() {
		steps = append(steps, h.GetKind().String()+" "+h.GetFromDepartmentName()+"→"+h.GetDepartmentName())
	}
	want := "RECEIVED → ROUTED →区民生活部商工振興課 ROUTED 区民生活部商工振興課→政策経営部企画総務課 " +
		"ROUTED 政策経営部企画総務課→区民生活部商工振興課 STARTED 区民生活部商工振興課→区民生活部商工振興課"
	if got := strings.Join(steps, " "); got != want {
		t.Errorf("history = %s", got)
	}
	if ward := w.seen(staff, id, ""); len(ward.GetNotes()) != 4 || len(ward.GetReplies()) != 1 || !ward.GetReplies()[0].GetInterim() {
		t.Errorf("the ward sees %v", ward)
	}

	w.must(err2(w.desk(staff).ReplyConsultation(ctx, &proposalsv1.ReplyConsultationRequest{Id: id, Body: "申込書が要ります。"})))
	w.must(err2(w.desk(staff).CloseConsultation(ctx, &proposalsv1.CloseConsultationRequest{Id: id})))
	again, err := w.desk(auth.Anonymous).ReopenConsultation(ctx, &proposalsv1.ReopenConsultationRequest{Id: id, Message: "様式はどこですか。", AccessCode: code})
	w.must(err)
	if last := again.GetConsultation().GetReplies()[2]; !last.GetFromAsker() || again.GetConsultation().GetState() != proposalsv1.Consultation_IN_PROGRESS {
		t.Errorf("reopened = %v", again)
	}
	if got := w.events(id, "ward"); got != "ConsultationReceived ConsultationRouted ConsultationRouted ConsultationRouted ConsultationAnswered" {
		t.Errorf("events = %s", got)
	}
	if got := w.events(id, "public"); got != "" {
		t.Errorf("public events = %s", got)
	}
}

// Nothing of who asked or of what is asked leaves in events and audit entries or
// lies open in the vault, and the code lies nowhere.
func TestNothingPersonalOutsideOfTheVault(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.ask(auth.Anonymous, nil)
	w.route(c.GetId(), dept1)
	for _, sql := range []string{
		`SELECT string_agg(convert_from(data, 'UTF8') || headers::text, ' ') FROM event_log`,
		`SELECT string_agg(to_jsonb(a)::text, ' ') FROM audit_entry a`,
		`SELECT string_agg(encode(sealed, 'escape'), ' ') FROM consultation_person`,
		`SELECT string_agg(to_jsonb(c)::text, ' ') FROM consultation c`,
	} {
		var all string
		w.must(w.DB("proposals").QueryRow(t.Context(), sql).Scan(&all))
		for _, canary := range []string{hanako.GetName(), hanako.GetPhone(), hanako.GetEmail(), c.GetAccessCode()} {
			if all == "" || strings.Contains(all, canary) {
				t.Errorf("%s holds %s", sql, canary)
			}
		}
	}
}

func TestWhoSeesAConsultation(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.ask(resident, nil)
	other := w.ask(auth.Anonymous, nil)
	w.route(c.GetId(), dept1)
	for name, tt := range map[string]struct {
		by   auth.Principal
		code string
		sees bool
	}{
		"public": {auth.Anonymous, "", false}, "code": {auth.Anonymous, strings.ToLower(c.GetAccessCode()), true},
		"wrong code": {auth.Anonymous, "X" + c.GetAccessCode()[1:] + "X", false}, "code of another": {auth.Anonymous, other.GetAccessCode(), false},
		"own": {resident, "", true}, "another resident": {editor, "", false}, "holder": {staff, "", true}, "other staff": {staff2, "", false},
		"desk": {desk, "", true}, "reviewer": {reviewer, "", false}, "auditor": {auditor, "", false}, "admin": {admin, "", false},
	} {
		if got := w.seen(tt.by, c.GetId(), tt.code) != nil; got != tt.sees {
			t.Errorf("%s sees it: %v", name, got)
		}
	}
	// A wrong id and a wrong code have the same answer.
	_, missing := w.desk(auth.Anonymous).GetConsultation(withCode(t.Context(), c.GetAccessCode()), &proposalsv1.GetConsultationRequest{Id: none})
	_, wrong := w.desk(auth.Anonymous).GetConsultation(withCode(t.Context(), "x"), &proposalsv1.GetConsultationRequest{Id: c.GetId()})
	if missing.Error() != wrong.Error() || reason(wrong) != "RESOURCE_NOT_FOUND" {
		t.Errorf("%v and %v", missing, wrong)
	}
	look := func(number, code string) error {
		return err2(w.desk(auth.Anonymous).LookupConsultation(t.Context(), &proposalsv1.LookupConsultationRequest{Number: number, AccessCode: code}))
	}
	w.must(look(c.GetNumber(), c.GetAccessCode()))
	refused(t, look(other.GetNumber(), c.GetAccessCode()), "RESOURCE_NOT_FOUND")
	refused(t, look("R8-相-9999", c.GetAccessCode()), "RESOURCE_NOT_FOUND")
	for by, want := range map[*auth.Principal]int{&resident: 1, &editor: 0} {
		own, err := w.desk(*by).ListOwnConsultations(t.Context(), &proposalsv1.ListOwnConsultationsRequest{})
		w.must(err)
		if len(own.GetConsultations()) != want {
			t.Errorf("%s asked %d", by.ID, len(own.GetConsultations()))
		}
	}
	_, err := w.desk(resident).ListConsultations(t.Context(), &proposalsv1.ListConsultationsRequest{})
	refused(t, err, "PERMISSION_DENIED")
	for by, want := range map[*auth.Principal]int{&desk: 2, &staff: 1, &staff2: 0} {
		n, token := 0, ""
		for {
			list, err := w.desk(*by).ListConsultations(t.Context(), &proposalsv1.ListConsultationsRequest{PageSize: 1, PageToken: token})
			w.must(err)
			n += len(list.GetConsultations())
			if token = list.GetNextPageToken(); token == "" {
				break
			}
		}
		if n != want {
			t.Errorf("%s lists %d", by.ID, n)
		}
	}
}

func TestAskerIsReadWithAReason(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.ask(auth.Anonymous, nil)
	w.route(c.GetId(), dept1)
	w.route(c.GetId(), dept2)
	req := &proposalsv1.GetConsultationAskerRequest{Id: c.GetId()}
	_, err := w.desk(staff2).GetConsultationAsker(t.Context(), req)
	refused(t, err, "REASON_REQUIRED")
	ctx := withReason(t.Context(), "折り返しの電話")
	got, err := w.desk(staff2).GetConsultationAsker(ctx, req)
	w.must(err)
	if got.GetAsker().GetName() != hanako.GetName() || got.GetAsker().GetPhone() != hanako.GetPhone() {
		t.Errorf("asker = %v", got)
	}
	_, err = w.desk(staff).GetConsultationAsker(ctx, req) // Held it before.
	refused(t, err, "PERMISSION_DENIED")
	var logged int
	w.must(w.DB("proposals").QueryRow(t.Context(), `
		SELECT count(*) FROM audit_entry WHERE action = 'proposals.consultation.asker' AND reason = '折り返しの電話'`).Scan(&logged))
	if logged != 1 {
		t.Errorf("%d readings logged", logged)
	}
}

func TestConsultationRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	create := func(by auth.Principal, change func(*proposalsv1.CreateConsultationRequest)) error {
		req := &proposalsv1.CreateConsultationRequest{Subject: "x", Body: "x"}
		change(req)
		return err2(w.desk(by).CreateConsultation(ctx, req))
	}
	refused(t, create(auth.Anonymous, func(r *proposalsv1.CreateConsultationRequest) { r.Channel = proposalsv1.Consultation_PHONE }), "INVALID_FIELD")
	refused(t, create(auth.Anonymous, func(r *proposalsv1.CreateConsultationRequest) { r.Body = "" }), "INVALID_FIELD")
	refused(t, create(desk, func(r *proposalsv1.CreateConsultationRequest) { r.ReceivedOn = today().AddDays(1).String() }), "INVALID_FIELD")
	refused(t, create(editor, func(r *proposalsv1.CreateConsultationRequest) { r.OrganizationId = org2 }), "RESOURCE_NOT_FOUND")
	refused(t, create(desk, func(r *proposalsv1.CreateConsultationRequest) { r.OrganizationId = none }), "ORGANIZATION_UNKNOWN")
	w.must(create(editor, func(r *proposalsv1.CreateConsultationRequest) { r.OrganizationId = org1 }))

	id := w.ask(resident, nil).GetId()
	_, err := w.desk(resident).RouteConsultation(ctx, &proposalsv1.RouteConsultationRequest{Id: id, DepartmentId: dept1})
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.desk(staff).RouteConsultation(ctx, &proposalsv1.RouteConsultationRequest{Id: id, DepartmentId: dept1})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.desk(desk).RouteConsultation(ctx, &proposalsv1.RouteConsultationRequest{Id: id, DepartmentId: dept9})
	refused(t, err, "DEPARTMENT_UNKNOWN")
	_, err = w.desk(desk).CloseConsultation(ctx, &proposalsv1.CloseConsultationRequest{Id: id})
	refused(t, err, "INVALID_STATE_TRANSITION")
	_, err = w.desk(desk).NoteConsultation(ctx, &proposalsv1.NoteConsultationRequest{Id: id, Body: "x", Etag: `"9"`})
	refused(t, err, "ETAG_MISMATCH")
	_, err = w.desk(desk).ReplyConsultation(ctx, &proposalsv1.ReplyConsultationRequest{Id: id, TemplateId: none})
	refused(t, err, "TEMPLATE_UNKNOWN")
	_, err = w.desk(desk).ReplyConsultation(ctx, &proposalsv1.ReplyConsultationRequest{Id: id})
	refused(t, err, "INVALID_FIELD")
	_, err = w.desk(desk).ReferConsultation(ctx, &proposalsv1.ReferConsultationRequest{Id: id, OrganizationId: org1, Message: "x"})
	refused(t, err, "NOT_AN_INTERMEDIARY")
	w.directory.setDown(true)
	_, err = w.desk(desk).RouteConsultation(ctx, &proposalsv1.RouteConsultationRequest{Id: id, DepartmentId: dept1})
	refused(t, err, "DEPENDENCY_UNAVAILABLE")
	w.directory.setDown(false)
	_, err = w.DB("proposals").Pool().Exec(ctx, `UPDATE consultation SET entries = 200 WHERE id = $1`, id)
	w.must(err)
	_, err = w.desk(desk).NoteConsultation(ctx, &proposalsv1.NoteConsultationRequest{Id: id, Body: "x"})
	refused(t, err, "CONSULTATION_FULL")
}

// The intermediary reads what is referred to it, without notes and without who
// asked.
func TestReferral(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.ask(auth.Anonymous, nil).GetId()
	w.must(err2(w.desk(desk).NoteConsultation(t.Context(), &proposalsv1.NoteConsultationRequest{Id: id, Body: "内部"})))
	helper := coordinator()
	helper.Memberships = []auth.Membership{{OrganizationID: orgI}}
	if w.seen(helper, id, "") != nil {
		t.Error("seen before the referral")
	}
	w.must(err2(w.desk(desk).ReferConsultation(t.Context(), &proposalsv1.ReferConsultationRequest{Id: id, OrganizationId: orgI, Message: "ご案内します。"})))
	c := w.seen(helper, id, "")
	if c.GetReferredOrganizationName() != "中間支援" || c.GetNotes() != nil || len(c.GetReplies()) != 1 {
		t.Errorf("the intermediary sees %v", c)
	}
	_, err := w.desk(helper).GetConsultationAsker(withReason(t.Context(), "x"), &proposalsv1.GetConsultationAskerRequest{Id: id})
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.desk(helper).ReopenConsultation(t.Context(), &proposalsv1.ReopenConsultationRequest{Id: id, Message: "x"})
	refused(t, err, "PERMISSION_DENIED")
	own, err := w.desk(helper).ListOwnConsultations(t.Context(), &proposalsv1.ListOwnConsultationsRequest{})
	w.must(err)
	if len(own.GetConsultations()) != 1 {
		t.Errorf("the intermediary lists %v", own)
	}
}

func TestConsultationStatistics(t *testing.T) {
	t.Parallel()
	w := start(t)
	for i := range 3 {
		c := w.ask(desk, func(r *proposalsv1.CreateConsultationRequest) {
			r.Channel, r.ReceivedOn = proposalsv1.Consultation_FAX, today().AddDays(-i).String()
		})
		w.route(c.GetId(), dept1)
		w.must(err2(w.desk(staff).ReplyConsultation(t.Context(), &proposalsv1.ReplyConsultationRequest{Id: c.GetId(), Body: "x"})))
	}
	w.ask(auth.Anonymous, nil)
	got, err := w.desk(auth.Anonymous).GetConsultationStatistics(t.Context(), &proposalsv1.GetConsultationStatisticsRequest{FiscalYear: w.ask(auth.Anonymous, nil).GetFiscalYear()})
	w.must(err)
	s := got.GetStatistics()
	if s.GetConsultations() != 5 || s.GetAnswered() != 3 || s.GetAnsweredInTime() != 3 || s.GetMedianDays() != 1 {
		t.Errorf("figures = %s", protojson.Format(s))
	}
	if len(s.GetChannels()) != 2 || s.GetChannels()[1].GetConsultations() != 3 || len(s.GetStates()) != 2 || len(s.GetDepartments()) != 2 ||
		s.GetDepartments()[0].GetDepartmentId() != "" || s.GetDepartments()[1].GetMedianDays() != 1 || s.GetDepartments()[1].GetDepartmentName() == "" {
		t.Errorf("by channel, state and department = %s", protojson.Format(s))
	}
}

// Numbers of a year are given once each, whoever comes at the same time.
func TestNumbersUnderConcurrency(t *testing.T) {
	t.Parallel()
	w := start(t)
	var (
		mu      sync.Mutex
		numbers = map[string]bool{}
		wg      sync.WaitGroup
	)
	for range 8 {
		client := w.desk(auth.Anonymous)
		wg.Go(func() {
			for range 5 {
				resp, err := client.CreateConsultation(t.Context(), &proposalsv1.CreateConsultationRequest{Subject: "x", Body: "x"})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				numbers[resp.GetConsultation().GetNumber()] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(numbers) != 40 {
		t.Errorf("%d numbers", len(numbers))
	}
}
