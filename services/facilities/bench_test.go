package facilities

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/idempotency"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/benchmark"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
)

// TestFloor is the floor's process when the benchmark starts it.
func TestFloor(t *testing.T) {
	benchmark.ServeFloor(t, "facilities", func(db *pg.DB) http.Handler {
		f := floor{db: db, rules: store.NewRules()}
		mux := http.NewServeMux()
		mux.Handle("POST /book", answered(f.book))
		mux.Handle("GET /availability", answered(f.availability))
		return mux
	})
}

// floor is the plain handler: the same SQL, without login, contract and gRPC.
type floor struct {
	db    *pg.DB
	rules *store.Rules
}

// answered writes what a handler returns as JSON; a refusal is 409.
func answered(do func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, err := do(r)
		w.Header().Set("Content-Type", "application/json")
		if f, ok := fault.As(err); ok {
			w.WriteHeader(http.StatusConflict)
			out, err = map[string]string{"reason": f.Reason}, nil
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(out) // the caller is gone when it fails
	})
}

// plainOrder is a CreateBookingRequest as the floor reads it.
type plainOrder struct {
	OrganizationID string   `json:"organizationId"`
	RoomID         string   `json:"roomId"`
	Date           string   `json:"date"`
	SlotCodes      []string `json:"slotCodes"`
	UserClass      string   `json:"userClass"`
	Purpose        string   `json:"purpose"`
	Headcount      int      `json:"headcount"`
	PaperNote      string   `json:"paperNote"`
}

// book runs the transaction of CreateBooking: idempotency key, rules, quota,
// atoms, number, booking, history, event and audit entry.
func (f floor) book(r *http.Request) (any, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var o plainOrder
	if err := json.Unmarshal(body, &o); err != nil {
		return nil, err
	}
	day, err := jp.ParseDate(o.Date)
	if err != nil {
		return nil, err
	}
	by := booking.Reader{ID: "01900000-0000-7000-8000-00000000be2c", Desk: true}
	w := &booking.Wish{
		OrganizationID: o.OrganizationID, OrganizationKind: "VOLUNTEER_GROUP", RoomID: o.RoomID, Date: day, SlotCodes: o.SlotCodes,
		UserClass: o.UserClass, Purpose: o.Purpose, Headcount: o.Headcount, Channel: booking.Desk, PaperNote: o.PaperNote,
	}
	s := &bookings{rules: f.rules, Deps: service.Deps{DB: f.db, NewID: benchID}}
	ctx := auth.With(r.Context(), auth.Principal{Kind: auth.KindPerson, ID: by.ID, Roles: []auth.Role{optionsv1.Role_ROLE_FACILITY_CLERK}})
	hash := sha256.Sum256(body)
	ctx = idempotency.With(ctx, &idempotency.Claim{
		Caller: by.ID, Method: r.Pattern, Key: r.Header.Get("Idempotency-Key"), Fingerprint: hash[:], Seal: json.Marshal,
	})
	return pg.InTx(ctx, f.db, func(ctx context.Context, tx *pg.Tx) (any, error) {
		catalogue, setting, err := s.hold(ctx, tx, by, w)
		if err != nil {
			return nil, err
		}
		if setting.Terms, err = termsFor(catalogue, w, tx.Now); err != nil {
			return nil, err
		}
		b, err := w.Book(setting)
		if err != nil {
			return nil, err
		}
		partner.KeepOrganization(tx, partner.Organization{ID: o.OrganizationID, Name: "団体", Version: 1})
		return b, place(ctx, tx, b, store.Holder{})
	})
}

func benchID() string { return uuid.Must(uuid.NewV7()).String() }

// benchWorld is an installation with many organizations whose halls can be
// booked a year ahead without limits.
type benchWorld struct {
	*benchmark.Rig

	rooms         []string // Of their own, in three slots a day, and in no sample lottery.
	organizations []string
	days          []jp.Date // On which everything is open.
	client        *http.Client
	token         string
	next          atomic.Int64 // Places that were given out.
}

const benchOrganizations = 2_000

var benchSlots = []string{"AM", "PM", "NI"}

func newBenchWorld(b *testing.B) *benchWorld {
	b.Helper()
	rig := benchmark.New(b)
	w := &benchWorld{
		Rig: rig, token: rig.Token("clerk"),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}},
	}
	rig.Exec(b, "facilities", `UPDATE item_version SET content = content || '{"monthsBefore": 12, "day": 1, "after": "", "closesDaysBefore": 0}'
		WHERE item_id IN (SELECT id FROM item WHERE kind = 'OPENING_RULE')`)
	rig.Exec(b, "facilities", `UPDATE item_version SET content = content || '{"maxActive": 0, "maxPerMonth": 0}'
		WHERE item_id IN (SELECT id FROM item WHERE kind = 'USER_CLASS')`)
	rig.Exec(b, "facilities", `UPDATE item_version SET valid_to = valid_from - 1 WHERE item_id IN (SELECT id FROM item WHERE kind = 'CLOSURE')`)
	rig.Exec(b, "facilities", `UPDATE catalogue SET revision = revision + 1`)
	w.rooms = rig.Texts(b, "facilities", `
		SELECT item_id::text
		FROM room
		WHERE parts = '{}' AND pattern = '3KU' AND NOT EXISTS (SELECT FROM lottery WHERE room_ids @> ARRAY[item_id])
		ORDER BY number`)
	for d := jp.DateOf(time.Now()).AddDays(1); len(w.days) < 300; d = d.AddDays(1) {
		w.days = append(w.days, d)
	}
	of := rig.Texts(b, "directory", `SELECT id::text FROM organization WHERE state = 'VERIFIED' AND kind = 'VOLUNTEER_GROUP' ORDER BY id LIMIT 1`)[0]
	for i := range benchOrganizations {
		w.organizations = append(w.organizations, fmt.Sprintf("01990000-0000-7000-8000-%012d", i))
	}
	rig.Fill(b, benchmark.Copies{
		Service: "directory", Table: "organization", Of: of, Count: benchOrganizations,
		Changes: func(i int) map[string]any { return map[string]any{"id": w.organizations[i], "corporate_number": ""} },
	})
	rig.Exec(b, "facilities", `INSERT INTO organization_quota (holder_id) SELECT unnest($1::text[])`, w.organizations)
	return w
}

// place is the i-th of all rooms, days and slots.
func (w *benchWorld) place(i int) *plainOrder {
	o := w.on(i, w.days[i/(len(w.rooms)*len(benchSlots))%len(w.days)])
	o.RoomID = w.rooms[i/len(benchSlots)%len(w.rooms)]
	return o
}

// places is how many there are.
func (w *benchWorld) places() int { return len(w.rooms) * len(benchSlots) * len(w.days) }

// free is a place that nobody had yet.
func (w *benchWorld) free() *plainOrder { return w.place(int(w.next.Add(1)) - 1) }

// on is an order of one of the organizations in the first room.
func (w *benchWorld) on(i int, day jp.Date) *plainOrder {
	return &plainOrder{
		OrganizationID: w.organizations[i*7919%len(w.organizations)], RoomID: w.rooms[0], Date: day.String(),
		SlotCodes: []string{benchSlots[i%len(benchSlots)]}, UserClass: "GENERAL", Purpose: "MEETING", Headcount: 10, PaperNote: "電話での申込み",
	}
}

// post makes a request and returns its status and its answer.
func (w *benchWorld) post(ctx context.Context, url string, body any) (int, []byte, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(raw))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+w.token)
	req.Header.Set("Idempotency-Key", benchID())
	resp, err := w.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	raw, err = io.ReadAll(resp.Body)
	return resp.StatusCode, raw, err
}

// rest is the order as REST reads it.
func (o *plainOrder) rest() any {
	return struct {
		*plainOrder
		Channel string `json:"channel"`
	}{o, "DESK"}
}

var errTaken = errors.New("taken")

// book books over HTTP, by REST or by the floor; errTaken when another one had
// the slot.
func (w *benchWorld) book(ctx context.Context, url string, body any) (id string, err error) {
	code, raw, err := w.post(ctx, url, body)
	var answer struct{ ID, Reason string }
	switch {
	case err != nil:
		return "", err
	case json.Unmarshal(raw, &answer) != nil:
		return "", fmt.Errorf("%d: %.300s", code, raw)
	case code == http.StatusConflict && answer.Reason == "SLOT_TAKEN":
		return "", errTaken
	case code/100 != 2:
		return "", fmt.Errorf("%d: %.300s", code, raw)
	}
	return answer.ID, nil
}

// call books over gRPC.
func (w *benchWorld) call(ctx context.Context, o *plainOrder) error {
	raw, err := json.Marshal(o.rest())
	if err != nil {
		return err
	}
	req := &facilitiesv1.CreateBookingRequest{}
	if err := protojson.Unmarshal(raw, req); err != nil {
		return err
	}
	ctx = metadata.AppendToOutgoingContext(ctx, rpc.MetaAuthorization, "Bearer "+w.token, rpc.MetaIdempotencyKey, benchID())
	_, err = facilitiesv1.NewBookingServiceClient(w.GRPC).CreateBooking(ctx, req)
	if f, ok := rpc.FromStatus(status.Convert(err)); ok && f.Reason == "SLOT_TAKEN" {
		return errTaken
	}
	return err
}

// compare books what next says in the three ways; taken slots are answers too.
func (w *benchWorld) compare(b *testing.B, load benchmark.Load, next func(i int) *plainOrder) {
	b.Helper()
	fine := func(err error) error {
		if errors.Is(err, errTaken) {
			return nil
		}
		return err
	}
	w.Compare(b, load,
		benchmark.Side{Name: "floor", Do: func(ctx context.Context, i int) error {
			_, err := w.book(ctx, w.Floor+"/book", next(i))
			return fine(err)
		}},
		benchmark.Side{Name: "REST", Do: func(ctx context.Context, i int) error {
			_, err := w.book(ctx, w.Origin+"/v1/bookings", next(i).rest())
			return fine(err)
		}},
		benchmark.Side{Name: "gRPC", Do: func(ctx context.Context, i int) error { return fine(w.call(ctx, next(i))) }})
}

// BenchmarkBooking books without conflict, each time with idempotency key, rules,
// quota, number, history, event and audit entry; then one slot after the other with 64 clients
// on each.
func BenchmarkBooking(b *testing.B) {
	w := newBenchWorld(b)
	for _, clients := range []int{1, 8} {
		b.Run(fmt.Sprintf("%d at once", clients), func(b *testing.B) {
			load := benchmark.Load{Requests: 250, Clients: clients}
			if left := w.places() - int(w.next.Load()); left < load.All(3) {
				b.Fatalf("%d places are left", left)
			}
			w.compare(b, load, func(int) *plainOrder { return w.free() })
		})
	}
	const crowd = 64
	b.Run("64 on one slot", func(b *testing.B) {
		base := int(w.next.Load())
		w.compare(b, benchmark.Load{Requests: 4 * crowd, Clients: crowd}, func(i int) *plainOrder {
			o := w.place(base + i/crowd)
			o.OrganizationID = w.organizations[i%len(w.organizations)]
			return o
		})
	})
}

// BenchmarkRoomMonth has 32 clients book and cancel in one month of one room.
func BenchmarkRoomMonth(b *testing.B) {
	w := newBenchWorld(b)
	month := w.days[slices.IndexFunc(w.days, func(d jp.Date) bool { return d.Day == 1 }):][:28]
	held := make(chan string, 1_000)
	w.run(b, 32, 6_000, func(ctx context.Context, i int) (string, error) {
		if i%2 == 1 {
			select {
			case id := <-held:
				code, raw, err := w.post(ctx, w.Origin+"/v1/bookings/"+id+":cancel", map[string]string{"reason": "中止"})
				if err == nil && code/100 != 2 {
					err = fmt.Errorf("%d: %.300s", code, raw)
				}
				return "cancelled", err
			default:
			}
		}
		id, err := w.book(ctx, w.Origin+"/v1/bookings", w.on(i, month[i*31%len(month)]).rest())
		if err == nil {
			held <- id
		}
		return "booked", err
	})
}

// BenchmarkOpeningMinute is nine o'clock on the first: 2,000 organizations with
// 10,000 requests for what is open, most of them for the same evenings.
func BenchmarkOpeningMinute(b *testing.B) {
	w := newBenchWorld(b)
	w.run(b, 64, 10_000, func(ctx context.Context, i int) (string, error) {
		o := w.place(i * i % (len(w.rooms) * len(benchSlots) * 30))
		o.OrganizationID = w.organizations[i%len(w.organizations)]
		_, err := w.book(ctx, w.Origin+"/v1/bookings", o.rest())
		return "booked", err
	})
}

// run makes n requests by clients side by side and reports what came of them;
// anything but a success or a taken slot fails.
func (w *benchWorld) run(b *testing.B, clients, n int, do func(ctx context.Context, i int) (string, error)) {
	b.Helper()
	var (
		mu    sync.Mutex
		times []time.Duration
		next  atomic.Int64
		wg    sync.WaitGroup
	)
	results := map[string]int{}
	began := time.Now()
	for range clients {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				at := time.Now()
				what, err := do(b.Context(), i)
				took := time.Since(at)
				switch {
				case errors.Is(err, errTaken):
					what = "taken"
				case err != nil:
					b.Error(err)
					return
				}
				mu.Lock()
				times = append(times, took)
				results[what]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	slices.SortFunc(times, cmp.Compare)
	if len(times) == 0 {
		return
	}
	p50, p99 := times[len(times)/2], times[len(times)*99/100]
	fmt.Printf("\n%s: %d requests by %d clients in %s, p50 %s, p99 %s, %v\n", b.Name(), len(times), clients,
		took.Round(time.Millisecond), p50.Round(time.Microsecond), p99.Round(time.Microsecond), results)
	b.ReportMetric(float64(p50.Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(p99.Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(len(times))/took.Seconds(), "requests/s")
	b.ReportMetric(0, "ns/op")
}
