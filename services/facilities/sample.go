package facilities

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/internal/sample"
)

// The files and the pattern of their ids are described in sample/README.md.
//
//go:embed sample/*.csv sample/*.json
var sampleFiles embed.FS

// sampleSince is the first day of everything in the sample.
var sampleSince = jp.Date{Year: 2020, Month: 4, Day: 1}

// sampleID is the id of the sample row with a number.
func sampleID(number string) string { return "01900000-0000-7000-8000-0000000f" + number }

// sampleClerk drafted the sample data.
var sampleClerk = sample.ID(2013)

// loadSample loads the ward's halls and the rules into an empty schema, in one
// transaction, and then the sample lotteries. What was loaded stays as it is on
// every later start.
func loadSample(ctx context.Context, d service.Deps) error {
	there, err := store.ListItems(ctx, d.DB, store.ItemFilter{
		Kinds: []facility.Kind{facility.KindFacility}, On: sampleSince,
	}, pg.Page{Size: 1})
	if err != nil || len(there) > 0 {
		return err
	}
	ctx = auth.With(ctx, auth.Service("facilities"))
	_, err = pg.InTx(ctx, d.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		for _, load := range []func(context.Context, *pg.Tx) error{sampleRules, sampleFacilities, sampleRooms} {
			if err := load(ctx, tx); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, store.Supersede(ctx, tx)
	})
	if err != nil {
		return err
	}
	return sampleLotteries(ctx, d)
}

// keepSample adds an approved item.
func keepSample(ctx context.Context, tx *pg.Tx, i *facility.Item) error {
	i.From, i.Drafters = sampleSince, []string{sampleClerk}
	if err := i.Check(); err != nil {
		return err
	}
	if err := store.InsertItem(ctx, tx, i); err != nil {
		return err
	}
	if i.Kind == facility.KindRoom {
		if err := store.InsertPlace(ctx, tx, i); err != nil {
			return err
		}
	}
	i.State, i.ApprovedBy, i.ApprovedAt = facility.Approved, sample.Approver.ID, tx.Now
	recordItem(ctx, tx, "create", i)
	return store.SaveItem(ctx, tx, i)
}

// sampleRules loads the slot patterns, opening rules, user classes and the
// penalty rule.
func sampleRules(ctx context.Context, tx *pg.Tx) error {
	raw, err := sampleFiles.ReadFile("sample/rules.json")
	if err != nil {
		return err
	}
	var rules []json.RawMessage
	if err := json.Unmarshal(raw, &rules); err != nil {
		return fmt.Errorf("sample/rules.json: %w", err)
	}
	for _, raw := range rules {
		i, err := sampleRule(raw)
		if err != nil {
			return fmt.Errorf("sample/rules.json: %w", err)
		}
		if err := keepSample(ctx, tx, i); err != nil {
			return fmt.Errorf("sample rule %s: %w", i.Code, err)
		}
	}
	return nil
}

func sampleRule(raw json.RawMessage) (*facility.Item, error) {
	var head struct {
		Number string        `json:"number"`
		Kind   facility.Kind `json:"kind"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, err
	}
	in := &facilitiesv1.RuleInput{}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(raw, in); err != nil {
		return nil, err
	}
	if head.Kind == facility.KindSlotPattern {
		slots, err := sampleSlots(in.GetCode())
		if err != nil {
			return nil, err
		}
		in.Content = &facilitiesv1.RuleInput_SlotPattern{SlotPattern: &facilitiesv1.SlotPattern{Slots: slots}}
	}
	i, err := ruleItem(head.Kind, in)
	if err != nil {
		return nil, err
	}
	i.ID = sampleID(head.Number)
	return i, nil
}

func sampleSlots(pattern string) ([]*facilitiesv1.Slot, error) {
	var slots []*facilitiesv1.Slot
	err := sample.EachRow(sampleFiles, "slots", func(r sample.Row) error {
		if r["pattern"] == pattern {
			slots = append(slots, slotProto(slot.Slot{Code: r["code"], Name: r["name"], Start: r["start"], End: r["end"]}))
		}
		return nil
	})
	return slots, err
}

// sampleFacilities loads the ward's facilities, with the closure over the New
// Year of those that can be booked.
func sampleFacilities(ctx context.Context, tx *pg.Tx) error {
	raw, err := sampleFiles.ReadFile("sample/handling.json")
	if err != nil {
		return err
	}
	return sample.EachRow(sampleFiles, "facilities", func(r sample.Row) error {
		in := &facilitiesv1.FacilityInput{}
		if r["user_classes"] != "" {
			if err := protojson.Unmarshal(raw, in); err != nil {
				return err
			}
		}
		i, err := facilityItem(in)
		if err != nil {
			return err
		}
		f, _ := i.Content.(*facility.Facility)
		i.ID, i.Code, i.Name, i.Source = sampleID(r["number"]), r["code"], r["name"], r["source"]
		f.NameKana, f.AlternateName, f.Kind, f.POICode = r["name_kana"], r["alternate_name"], r["kind"], r["poi_code"]
		f.Latitude, f.Longitude = decimal(r["latitude"]), decimal(r["longitude"])
		f.BranchOffice, f.Description, f.Classes = r["branch_office"], r["description"], strings.Fields(r["user_classes"])
		f.Address = facility.Address{
			PostalCode: r["postal_code"], MunicipalityCode: jp.ChiyodaCode, Prefecture: r["prefecture"], City: r["city"],
			Town: r["town"], StreetNumber: r["street_number"], Building: r["building"],
		}
		if err := keepSample(ctx, tx, i); err != nil || len(f.Classes) == 0 {
			return err
		}
		return keepSample(ctx, tx, &facility.Item{
			ID: sampleID("7" + r["number"][1:]), Kind: facility.KindClosure, FacilityID: i.ID,
			Source:  "千代田区 区民館・集会室 利用案内（2024-01-11）",
			Content: &facility.Closure{Kind: facility.Annual, AnnualFrom: "12-29", AnnualTo: "01-03", Reason: "年末年始（12月29日から1月3日まで）"},
		})
	})
}

// sampleRooms loads rooms and the fee table of each facility.
func sampleRooms(ctx context.Context, tx *pg.Tx) error {
	rooms, fees := map[string]*facility.Item{}, map[string]*rule.FeeTable{}
	err := sample.EachRow(sampleFiles, "rooms", func(r sample.Row) error {
		i, err := sampleRoom(ctx, tx, r, rooms)
		if err != nil {
			return err
		}
		rooms[r["number"]] = i
		if fees[r["facility"]] == nil {
			fees[r["facility"]] = &rule.FeeTable{
				Reductions: []rule.Reduction{{Code: "DISABILITY", Name: "障害者団体（見本）", Percent: 50}, {Code: "WARD_JOINT", Name: "区との共催（見本）", Percent: 100}},
				Refunds:    []rule.Refund{{DaysBefore: 20, Percent: 100}, {DaysBefore: 10, Percent: 50}},
			}
		}
		fees[r["facility"]].Rates = append(fees[r["facility"]].Rates, sampleRates(i.ID, r["fees"])...)
		return keepSample(ctx, tx, i)
	})
	if err != nil {
		return err
	}
	for _, number := range slices.Sorted(maps.Keys(fees)) {
		code := "F" + number[1:]
		err := keepSample(ctx, tx, &facility.Item{
			ID: sampleID("5" + number[1:]), Kind: facility.KindFeeTable, Code: code, Name: "使用料（見本）", Source: "見本", Content: fees[number],
		})
		if err != nil {
			return fmt.Errorf("sample fees of %s: %w", code, err)
		}
	}
	return nil
}

func sampleRoom(ctx context.Context, tx *pg.Tx, r sample.Row, known map[string]*facility.Item) (*facility.Item, error) {
	content := &facility.Room{NameKana: r["name_kana"], Capacity: int(decimal(r["capacity"])), AreaM2: decimal(r["area_m2"])}
	for _, p := range strings.Fields(r["purposes"]) {
		content.Purposes = append(content.Purposes, rule.Purpose(p))
	}
	if e := strings.Split(r["equipment"], ":"); len(e) == 4 {
		content.Equipment = []facility.Equipment{{Code: e[0], Name: e[1], Count: int(decimal(e[2])), PricePerSlot: int64(decimal(e[3]))}}
	}
	var parts []*facility.Item
	for _, number := range strings.Fields(r["parts"]) {
		parts = append(parts, known[number])
	}
	number, err := store.NextRoomNumber(ctx, tx)
	if err != nil {
		return nil, err
	}
	i := &facility.Item{
		ID: sampleID(r["number"]), Kind: facility.KindRoom, FacilityID: sampleID(r["facility"]), Name: r["name"], Source: r["source"],
		Content: content,
	}
	i.Place, err = facility.Combine(number, r["slot_pattern"], i.FacilityID, parts)
	return i, err
}

// sampleRates reads the fees of a room: one for every slot, or one each.
func sampleRates(roomID, fees string) []rule.Rate {
	amounts := strings.Fields(fees)
	if len(amounts) == 1 {
		return []rule.Rate{{RoomID: roomID, Amount: int64(decimal(amounts[0]))}}
	}
	var rates []rule.Rate
	for i, a := range amounts {
		rates = append(rates, rule.Rate{RoomID: roomID, SlotNo: i + 1, Amount: int64(decimal(a))})
	}
	return rates
}

// decimal reads a number of a sample file; 0 for none.
func decimal(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return v
}
