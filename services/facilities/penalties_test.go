package facilities_test

import (
	"context"
	"sync"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

const (
	noShow     = facilitiesv1.Penalty_NO_SHOW
	lateCancel = facilitiesv1.Penalty_LATE_CANCEL
)

// missed is a booking of organization 1, n days ahead, that counts as not used.
func (w *world) missed(n int) string {
	w.t.Helper()
	b := w.book(func(r *facilitiesv1.CreateBookingRequest) { r.RoomId, r.Date = otherRoom, openDay(n).String() })
	w.exec(`UPDATE booking SET state = 'NO_SHOW', expires_at = NULL WHERE id = $1`, b.GetId())
	return b.GetId()
}

func (w *world) penalty(p auth.Principal, bookingID string, kind facilitiesv1.Penalty_Kind) (*facilitiesv1.Penalty, error) {
	resp, err := w.penalties(p).RecordPenalty(w.t.Context(), &facilitiesv1.RecordPenaltyRequest{Penalty: &facilitiesv1.PenaltyInput{
		BookingId: bookingID, Kind: kind, Note: "当日の来館なし",
	}})
	return resp.GetPenalty(), err
}

func (w *world) appeal(p auth.Principal, id string) error {
	_, err := w.penalties(p).AppealPenalty(w.t.Context(), &facilitiesv1.AppealPenaltyRequest{Id: id, Reason: "大雪で来館できませんでした。"})
	return err
}

func (w *world) decideAppeal(p auth.Principal, id string, lift bool) (*facilitiesv1.Penalty, error) {
	resp, err := w.penalties(p).DecideAppeal(w.t.Context(), &facilitiesv1.DecideAppealRequest{Id: id, Lift: lift, Reason: "やむを得ない事情と認める。"})
	return resp.GetPenalty(), err
}

// Two no-shows reach the limit of two points: the organization cannot book, until
// an appeal is granted.
func TestPenaltiesSuspend(t *testing.T) {
	t.Parallel()
	w := start(t)
	first, second := w.missed(5), w.missed(6)
	p, err := w.penalty(clerk, first, noShow)
	w.must(err)
	if p.GetHalfPoints() != 2 || p.GetCountedHalfPoints() != 2 || p.GetSuspendedUntil() != "" || p.GetState() != facilitiesv1.Penalty_RECORDED {
		t.Errorf("first: %v", p)
	}
	w.taken(openDay(7), "AM")
	p, err = w.penalty(clerk, second, noShow)
	w.must(err)
	if until := today().AddMonths(6).String(); p.GetCountedHalfPoints() != 4 || p.GetSuspendedUntil() != until {
		t.Errorf("second: %v, want suspension until %s", p, until)
	}
	_, err = w.try(editor, func(r *facilitiesv1.CreateBookingRequest) { r.RoomId, r.Date = otherRoom, openDay(8).String() })
	refused(t, err, "SUSPENDED_BY_PENALTY")

	w.must(w.appeal(head, p.GetId()))
	refused(t, w.appeal(head, p.GetId()), "INVALID_STATE_TRANSITION")
	_, err = w.try(editor, func(r *facilitiesv1.CreateBookingRequest) { r.RoomId, r.Date = otherRoom, openDay(8).String() })
	refused(t, err, "SUSPENDED_BY_PENALTY")
	_, err = w.decideAppeal(clerk, p.GetId(), true)
	refused(t, err, "SELF_APPROVAL_FORBIDDEN")
	lifted, err := w.decideAppeal(desk, p.GetId(), true)
	w.must(err)
	if lifted.GetState() != facilitiesv1.Penalty_LIFTED || lifted.GetSuspendedUntil() != "" || lifted.GetCountedHalfPoints() != 2 {
		t.Errorf("lifted: %v", lifted)
	}
	w.taken(openDay(8), "AM")
	_, err = w.decideAppeal(desk, p.GetId(), false)
	refused(t, err, "INVALID_STATE_TRANSITION")
	if got := w.events(p.GetId(), "private"); got != "PenaltyRecorded PenaltyAppealDecided" {
		t.Errorf("the penalty is told by %q", got)
	}
}

func TestRecordPenaltyRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	used := w.taken(openDay(5), "AM")
	_, err := w.penalty(clerk, used, noShow)
	refused(t, err, "OFFENCE_NOT_FOUND")
	id := w.missed(6)
	_, err = w.penalty(clerk, id, lateCancel)
	refused(t, err, "OFFENCE_NOT_FOUND")
	_, err = w.penalty(head, id, noShow)
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.penalty(clerk, none, noShow)
	refused(t, err, "RESOURCE_NOT_FOUND")
	p, err := w.penalty(desk, id, noShow)
	w.must(err)
	_, err = w.penalty(clerk, id, noShow)
	refused(t, err, "PENALTY_RECORDED")

	refused(t, w.appeal(viewer, p.GetId()), "PERMISSION_DENIED")
	refused(t, w.appeal(head2, p.GetId()), "RESOURCE_NOT_FOUND")
	_, err = w.penalties(head).AppealPenalty(t.Context(), &facilitiesv1.AppealPenaltyRequest{Id: p.GetId(), Reason: "x", Etag: `"9"`})
	refused(t, err, "ETAG_MISMATCH")
	w.exec(`UPDATE penalty SET appeal_by = $1`, today().AddDays(-1))
	refused(t, w.appeal(head, p.GetId()), "APPEAL_PERIOD_OVER")
	w.exec(`UPDATE penalty SET appeal_by = $1`, today())
	w.must(w.appeal(editor, p.GetId()))
	stands, err := w.decideAppeal(approver, p.GetId(), false)
	w.must(err)
	if stands.GetState() != facilitiesv1.Penalty_UPHELD || stands.GetCountedHalfPoints() != 2 || stands.GetDecisionReason() == "" {
		t.Errorf("upheld: %v", stands)
	}
}

// An organization sees its own penalties, the ward all of them.
func TestPenaltiesAreHidden(t *testing.T) {
	t.Parallel()
	w := start(t)
	p, err := w.penalty(clerk, w.missed(5), noShow)
	w.must(err)
	get := &facilitiesv1.GetPenaltyRequest{Id: p.GetId()}
	_, err = w.penalties(head2).GetPenalty(t.Context(), get)
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.penalties(staff).GetPenalty(t.Context(), get)
	refused(t, err, "PERMISSION_DENIED")
	for _, who := range []auth.Principal{viewer, desk, clerk, approver} {
		got, err := w.penalties(who).GetPenalty(t.Context(), get)
		w.must(err)
		if got.GetPenalty().GetCountedHalfPoints() != 2 {
			t.Errorf("%s sees %v", who.ID, got)
		}
	}
	for _, c := range []struct {
		who  auth.Principal
		req  *facilitiesv1.ListPenaltiesRequest
		want int
	}{
		{viewer, &facilitiesv1.ListPenaltiesRequest{}, 1},
		{head2, &facilitiesv1.ListPenaltiesRequest{}, 0},
		{head2, &facilitiesv1.ListPenaltiesRequest{OrganizationId: org1}, 0},
		{desk, &facilitiesv1.ListPenaltiesRequest{OrganizationId: org1}, 1},
		{desk, &facilitiesv1.ListPenaltiesRequest{State: facilitiesv1.Penalty_APPEALED}, 0},
	} {
		resp, err := w.penalties(c.who).ListPenalties(t.Context(), c.req)
		w.must(err)
		if len(resp.GetPenalties()) != c.want {
			t.Errorf("%s lists %v", c.who.ID, resp)
		}
	}
}

// Two clerks record at once, while the organization books: the suspension and the
// booking do not pass each other.
func TestPenaltiesAtOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	ids := []string{w.missed(5), w.missed(6), w.missed(7), w.missed(8)}
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			if err := patiently(t, func(ctx context.Context) error {
				_, err := w.penalties(clerk).RecordPenalty(ctx, &facilitiesv1.RecordPenaltyRequest{
					Penalty: &facilitiesv1.PenaltyInput{BookingId: id, Kind: noShow, Note: "当日の来館なし"},
				})
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := w.count(`SELECT count(*) FROM organization_quota WHERE holder_id = $1 AND suspended_until > now()`, org1); n != 1 {
		t.Error("four no-shows at once do not suspend")
	}
}
