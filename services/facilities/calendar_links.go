package facilities

import (
	"context"
	"crypto/sha256"
	"encoding/base64"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// GetCalendarLink shows the caller's own address.
func (s *calendars) GetCalendarLink(ctx context.Context, _ *facilitiesv1.GetCalendarLinkRequest) (*facilitiesv1.GetCalendarLinkResponse, error) {
	l, err := store.CalendarLinkOf(ctx, s.DB, auth.From(ctx).ID)
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.GetCalendarLinkResponse{Link: s.linkToProto(l)}, nil
}

// RenewCalendarLink makes a new address in place of an earlier one.
func (s *calendars) RenewCalendarLink(ctx context.Context, _ *facilitiesv1.RenewCalendarLinkRequest) (*facilitiesv1.RenewCalendarLinkResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.RenewCalendarLinkResponse, error) {
		l := store.CalendarLink{ID: s.NewID(), PersonID: auth.From(ctx).ID, CreatedAt: tx.Now}
		if err := store.SetCalendarLink(ctx, tx, l, tokenHash(s.linkToken(l.ID))); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "facilities.calendarLink.renew", ObjectType: "calendarLink", ObjectID: l.ID})
		return &facilitiesv1.RenewCalendarLinkResponse{Link: s.linkToProto(l)}, nil
	})
}

// DeleteCalendarLink removes the caller's own address.
func (s *calendars) DeleteCalendarLink(ctx context.Context, _ *facilitiesv1.DeleteCalendarLinkRequest) (*facilitiesv1.DeleteCalendarLinkResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.DeleteCalendarLinkResponse, error) {
		id, err := store.DeleteCalendarLink(ctx, tx, auth.From(ctx).ID)
		if err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "facilities.calendarLink.delete", ObjectType: "calendarLink", ObjectID: id})
		return &facilitiesv1.DeleteCalendarLinkResponse{}, nil
	})
}

// GetLinkedCalendar writes the bookings of who made the address. In which
// organizations that person is a member is asked of directory each time: who left one
// reads nothing of it from then on.
func (s *calendars) GetLinkedCalendar(ctx context.Context, req *facilitiesv1.GetLinkedCalendarRequest) (*facilitiesv1.GetLinkedCalendarResponse, error) {
	l, err := store.CalendarLinkBy(ctx, s.DB, tokenHash(req.GetToken()))
	if err != nil {
		return nil, err
	}
	members, err := s.directory.memberships(auth.With(ctx, auth.Service("facilities")), l.PersonID)
	if err != nil {
		return nil, err
	}
	doc, err := ownCalendar(ctx, s.Deps, booking.Reader{ID: l.PersonID, Members: members})
	return &facilitiesv1.GetLinkedCalendarResponse{Document: doc}, err
}

func (s *calendars) linkToProto(l store.CalendarLink) *facilitiesv1.CalendarLink {
	return &facilitiesv1.CalendarLink{Url: s.Origin + "/v1/calendars/" + s.linkToken(l.ID) + "/bookings.ics", CreateTime: convert.Instant(l.CreatedAt)}
}

// linkToken is the secret of an address: 256 bits that only the service can derive.
func (s *calendars) linkToken(id string) string {
	return base64.RawURLEncoding.EncodeToString(s.Key("calendar link").MAC([]byte(id)))
}

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
