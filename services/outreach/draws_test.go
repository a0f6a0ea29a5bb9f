package outreach_test

import (
	"fmt"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// lottery takes registrations of up to three people until today and draws in two
// days.
func lottery(capacity int32) func(*outreachv1.EventInput) {
	return func(in *outreachv1.EventInput) {
		in.Admission = &outreachv1.EventAdmission{
			Mode: outreachv1.EventAdmission_LOTTERY, Capacity: capacity, MaxParty: 3, ClosesOn: today().String(), DrawsOn: today().AddDays(2).String(),
		}
	}
}

func (w *world) draws() outreachv1.EventDrawServiceClient {
	return outreachv1.NewEventDrawServiceClient(w.As(auth.Anonymous))
}

func (w *world) drawOf(eventID string) *outreachv1.EventDraw {
	w.t.Helper()
	resp, err := w.draws().GetEventDraw(w.t.Context(), &outreachv1.GetEventDrawRequest{EventId: eventID})
	w.must(err)
	return resp.GetDraw()
}

// tickets reads the published ballot, three at a time.
func (w *world) tickets(eventID string) []*outreachv1.EventDrawTicket {
	w.t.Helper()
	var out []*outreachv1.EventDrawTicket
	req := &outreachv1.ListEventDrawTicketsRequest{EventId: eventID, PageSize: 3}
	for {
		resp, err := w.draws().ListEventDrawTickets(w.t.Context(), req)
		w.must(err)
		out = append(out, resp.GetTickets()...)
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			return out
		}
	}
}

func (w *world) party(eventID, email string, people int32) *outreachv1.Registration {
	w.t.Helper()
	resp, err := w.registrations(auth.Anonymous).CreateRegistration(w.t.Context(), &outreachv1.CreateRegistrationRequest{
		EventId: eventID, Registration: &outreachv1.Registrant{Name: "参加 花子", Email: email, HeadCount: people},
	})
	w.must(err)
	return resp.GetRegistration()
}

// Lots give the places; everybody can recompute them from what is public, and who
// gets none moves up in the order of the draw.
func TestLotsGiveThePlaces(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	id := w.published(lottery(6))
	d := w.drawOf(id)
	if len(d.GetCommitment()) != 64 || d.GetSeed() != "" || d.GetDrawn() || d.GetDrawTime() == nil || len(w.tickets(id)) != 0 {
		t.Fatalf("before: %v", d)
	}
	commitment := d.GetCommitment()
	own := map[string]string{} // Ticket by address.
	for i, people := range []int32{2, 3, 1, 1, 2, 3, 1} {
		email := fmt.Sprintf("p%d@example.com", i)
		r := w.party(id, email, people)
		if r.GetState() != outreachv1.Registration_REQUESTED || len(r.GetTicket()) != 32 || r.GetHeadCount() != people {
			t.Fatalf("registered: %v", r)
		}
		own[email] = r.GetTicket()
		if i == 6 {
			continue // Does not confirm.
		}
		w.must(err2(w.registrations(auth.Anonymous).ConfirmRegistration(t.Context(), &outreachv1.ConfirmRegistrationRequest{Token: w.link(email)})))
	}
	_, err := w.registrations(editor).AdmitRegistration(t.Context(), &outreachv1.AdmitRegistrationRequest{EventId: id, Id: w.registrationOf(id)})
	refused(t, err, "INVALID_STATE_TRANSITION")
	w.run("draw-events")
	if d := w.drawOf(id); d.GetRoot() != "" {
		t.Errorf("fixed too early: %v", d)
	}
	w.exec(`UPDATE event_seat SET closes_at = now() - interval '25 hours'`)
	w.exec(`UPDATE registration SET confirm_before = now() WHERE confirmed_at IS NULL`)
	w.run("lapse-registrations")
	w.run("draw-events")
	d = w.drawOf(id)
	if d.GetRoot() == "" || d.GetTickets() != 6 || d.GetDrawn() || d.GetSeed() != "" || d.GetCommitment() != commitment {
		t.Errorf("fixed: %v", d)
	}
	if got := w.verified(id); len(got) != 2 {
		t.Errorf("checks before the draw: %v", got)
	}
	w.exec(`UPDATE event_seat SET draws_at = now()`)
	for range 2 { // It is drawn once.
		w.run("draw-events")
	}
	d = w.drawOf(id)
	if !d.GetDrawn() || d.GetCommitment() != commitment {
		t.Fatalf("drawn: %v", d)
	}
	// Anybody: from the published values alone, with nothing of the service.
	record := draw.Record{Commitment: commitment, Root: d.GetRoot(), Ballot: d.GetBallotHash(), Seed: d.GetSeed(), Key: d.GetKey(), Cap: int(d.GetCapacity())}
	people, waiting := int32(0), 0
	for _, ticket := range w.tickets(id) {
		outcome := draw.LostCap
		if ticket.GetOutcome() == outreachv1.EventDrawTicket_WON {
			outcome, people = draw.Won, people+ticket.GetHeadCount()
		} else {
			waiting++
		}
		record.Tickets = append(record.Tickets, draw.Drawn{Ticket: draw.Ticket{ID: ticket.GetId(), Group: "event", Slots: int(ticket.GetHeadCount())}, Outcome: outcome})
	}
	if checks := draw.Verify(record); len(checks) != 6 || !draw.Valid(checks) {
		t.Errorf("recomputed: %+v", checks)
	}
	if got := w.verified(id); len(got) != 6 {
		t.Errorf("checks: %v", got)
	}
	if s := w.seats(id); s.GetAdmitted() != people || people > 6 || people < 4 || int(s.GetWaiting()) != waiting {
		t.Errorf("seats = %v, %d people won and %d wait", s, people, waiting)
	}
	w.losersMoveUp(id, record, own)
}

// losersMoveUp cancels winners: the first of the order that lost is the first to
// move up, and everybody has got one mail about the result.
func (w *world) losersMoveUp(id string, record draw.Record, own map[string]string) {
	w.t.Helper()
	var first string
	for _, ticket := range record.Tickets {
		if ticket.Outcome != draw.Won {
			first = ticket.ID
			break
		}
	}
	for w.count(`SELECT count(*) FROM registration WHERE ticket = $1 AND state = 'WAITLISTED'`, first) == 1 {
		var winner string
		w.must(w.DB("outreach").QueryRow(w.t.Context(), `SELECT id FROM registration WHERE won AND state = 'ADMITTED' LIMIT 1`).Scan(&winner))
		w.must(err2(w.registrations(editor).CancelRegistration(w.t.Context(), &outreachv1.CancelRegistrationRequest{EventId: id, Id: winner})))
	}
	if n := w.count(`SELECT count(*) FROM registration WHERE ticket = $1 AND state = 'ADMITTED'`, first); n != 1 {
		w.t.Error("the first that lost did not move up")
	}
	w.run("send-mails")
	for email, ticket := range own {
		if email == "p6@example.com" {
			continue
		}
		told := 0
		for _, m := range w.mailsTo(email) {
			if m.Subject == "神田の街歩き：参加が決まりました" || m.Subject == "神田の街歩き：抽選の結果、参加できませんでした" {
				told++
			}
		}
		if want := w.count(`SELECT 1 + (NOT won AND state = 'ADMITTED')::integer FROM registration WHERE ticket = $1`, ticket); told != want {
			w.t.Errorf("%s was told %d times, want %d", email, told, want)
		}
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action IN ('outreach.event.fixBallot', 'outreach.event.draw')`); n != 2 {
		w.t.Errorf("%d audit entries, want 2", n)
	}
}

// verified expects that the service's own recomputation holds.
func (w *world) verified(id string) []*outreachv1.EventDrawCheck {
	w.t.Helper()
	resp, err := w.draws().VerifyEventDraw(w.t.Context(), &outreachv1.VerifyEventDrawRequest{EventId: id})
	w.must(err)
	if !resp.GetValid() {
		w.t.Errorf("not valid: %v", resp)
	}
	return resp.GetChecks()
}

// registrationOf is the id of some registration of an event.
func (w *world) registrationOf(eventID string) (id string) {
	w.t.Helper()
	w.must(w.DB("outreach").QueryRow(w.t.Context(), `SELECT id FROM registration WHERE event_id = $1 LIMIT 1`, eventID).Scan(&id))
	return id
}

// A draw whose ballot is not the one that was published stops, and no other with it.
func TestOneDrawDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	changed, sound := w.published(lottery(3)), w.published(lottery(3))
	for i, id := range []string{changed, sound} {
		email := fmt.Sprintf("q%d@example.com", i)
		w.party(id, email, 1)
		w.must(err2(w.registrations(auth.Anonymous).ConfirmRegistration(t.Context(), &outreachv1.ConfirmRegistrationRequest{Token: w.link(email)})))
	}
	w.exec(`UPDATE event_seat SET closes_at = now() - interval '25 hours'`)
	w.run("draw-events")
	w.exec(`UPDATE event_seat SET draws_at = now()`)
	w.exec(`UPDATE event_seat SET closes_at = closes_at - interval '1 hour' WHERE event_id = $1`, changed) // Its turn is first.
	w.exec(`UPDATE registration SET party = party + 1 WHERE event_id = $1`, changed)
	if err := w.try("draw-events"); err == nil {
		t.Error("nobody learns of the draw that cannot be drawn")
	}
	if w.drawOf(changed).GetDrawn() || !w.drawOf(sound).GetDrawn() {
		t.Errorf("drawn: %v, %v", w.drawOf(changed), w.drawOf(sound))
	}
}

func TestDrawIsOfAPublicLottery(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	for _, id := range []string{w.approved(lottery(3)), w.published(admission(2)), none} {
		_, err := w.draws().GetEventDraw(t.Context(), &outreachv1.GetEventDrawRequest{EventId: id})
		refused(t, err, "RESOURCE_NOT_FOUND")
	}
	_, err := w.events(editor).CreateEvent(t.Context(), &outreachv1.CreateEventRequest{Event: func() *outreachv1.EventInput {
		in := eventInput()
		lottery(0)(in)
		return in
	}()})
	refused(t, err, "INVALID_FIELD")
}

// A group is one registration, and takes as many places as it has people.
func TestGroupRegistration(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	id := w.published(func(in *outreachv1.EventInput) {
		admission(5)(in)
		in.Admission.MaxParty = 4
	})
	_, err := w.registrations(auth.Anonymous).CreateRegistration(t.Context(), &outreachv1.CreateRegistrationRequest{
		EventId: id, Registration: &outreachv1.Registrant{Name: "参加 花子", Email: "x@example.com", HeadCount: 5},
	})
	refused(t, err, "PARTY_TOO_LARGE")
	three, four, one := w.party(id, "a@example.com", 3), w.party(id, "b@example.com", 4), w.party(id, "c@example.com", 0)
	if three.GetState() != outreachv1.Registration_ADMITTED || four.GetState() != outreachv1.Registration_WAITLISTED || one.GetState() != outreachv1.Registration_WAITLISTED || one.GetHeadCount() != 1 {
		t.Errorf("%v %v %v", three, four, one)
	}
	if s := w.seats(id); s.GetAdmitted() != 3 || s.GetWaiting() != 2 {
		t.Errorf("seats = %v", s)
	}
	_, err = w.registrations(editor).AdmitRegistration(t.Context(), &outreachv1.AdmitRegistrationRequest{EventId: id, Id: four.GetId()})
	refused(t, err, "EVENT_FULL")
	w.must(err2(w.registrations(editor).CancelRegistration(t.Context(), &outreachv1.CancelRegistrationRequest{EventId: id, Id: three.GetId()})))
	if s := w.seats(id); s.GetAdmitted() != 5 || s.GetWaiting() != 0 {
		t.Errorf("after the cancellation: %v", s)
	}
	resp, err := w.registrations(editor).ListRegistrations(because(t.Context()), &outreachv1.ListRegistrationsRequest{EventId: id, State: outreachv1.Registration_ADMITTED})
	w.must(err)
	if got := resp.GetRegistrations(); len(got) != 2 || got[0].GetRegistrant().GetHeadCount() != 4 {
		t.Errorf("attendees = %v", got)
	}
}
