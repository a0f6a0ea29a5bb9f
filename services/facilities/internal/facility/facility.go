package facility

import (
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
)

// Facility is one building or hall (施設).
type Facility struct {
	ID     string `json:"-"`
	Code   string `json:"-"`
	Name   string `json:"-"`
	Source string `json:"-"`

	NameKana      string    `json:"nameKana,omitempty"`
	NameEn        string    `json:"nameEn,omitempty"`
	AlternateName string    `json:"alternateName,omitempty"`
	Kind          string    `json:"kind,omitempty"`
	POICode       string    `json:"poiCode,omitempty"`
	Address       Address   `json:"address"`
	Latitude      float64   `json:"latitude,omitempty"` // 0 when unknown.
	Longitude     float64   `json:"longitude,omitempty"`
	BranchOffice  string    `json:"branchOffice,omitempty"`
	Description   string    `json:"description,omitempty"`
	URL           string    `json:"url,omitempty"`
	PhoneNumber   string    `json:"phoneNumber,omitempty"`
	Features      []Feature `json:"features,omitempty"`

	Classes          []string `json:"classes,omitempty"` // Of users; nothing can be booked without one.
	Approval         bool     `json:"approval,omitempty"`
	PaymentDays      int      `json:"paymentDays,omitempty"`      // From booking; 0 for no deadline.
	GraceMinutes     int      `json:"graceMinutes,omitempty"`     // From booking, to mend a mistake.
	CancelDaysBefore int      `json:"cancelDaysBefore,omitempty"` // Without penalty.
	Conditions       string   `json:"conditions,omitempty"`
	Notice           string   `json:"notice,omitempty"` // How to object (教示文).
}

// Address is where a facility is, in the parts of GIF DS-442.
type Address struct {
	PostalCode       string `json:"postalCode,omitempty"`
	MunicipalityCode string `json:"municipalityCode,omitempty"`
	Prefecture       string `json:"prefecture,omitempty"`
	City             string `json:"city,omitempty"`
	Town             string `json:"town,omitempty"`
	StreetNumber     string `json:"streetNumber,omitempty"`
	Building         string `json:"building,omitempty"`
}

// String returns the address in one line, up to the lot number.
func (a Address) String() string { return a.Prefecture + a.City + a.Town + a.StreetNumber }

// Feature is something that a facility has or has not.
type Feature struct {
	Name      string `json:"name"` // As the column of the open data set.
	Available bool   `json:"available"`
}

// Check writes the reading in katakana, and refuses features that the open data
// set does not ask for. Errors: INVALID_FIELD.
func (f *Facility) Check() error {
	kana, err := jp.NormalizeKana(f.NameKana)
	if err != nil {
		return fault.ErrInvalidField.On(fault.Wrong("nameKana", jp.ErrKana.Ja, jp.ErrKana.En))
	}
	f.NameKana = kana
	seen := map[string]bool{}
	for _, x := range f.Features {
		if !slices.Contains(FeatureNames, x.Name) || seen[x.Name] {
			return fault.ErrInvalidField.On(fault.Wrong("features",
				"設備の名前は次の中から1回ずつ選んでください: "+strings.Join(FeatureNames, "、"),
				"Features are columns of the open data set, each once."))
		}
		seen[x.Name] = true
	}
	return nil
}

// FeatureNames are the columns of the open data set that say what is there.
var FeatureNames = []string{
	"車椅子可", "車椅子貸出", "ツエ貸出", "多目的トイレ", "スロープ、エレベータ、エスカレータ", "点字ブロック等の移動支援", "点字や読上による支援",
	"盲導犬・介助犬・聴導犬同伴", "字幕", "筆談対応", "優先駐車場", "オストメイト対応トイレ", "授乳室", "おむつ替えコーナー", "飲食可否",
	"ベビーカー貸出", "ベビーカー利用",
}

// Room is what is booked (室).
type Room struct {
	ID         string `json:"-"`
	FacilityID string `json:"-"`
	Name       string `json:"-"`
	Source     string `json:"-"`
	Place      `json:"-"`

	NameKana   string         `json:"nameKana,omitempty"`
	Capacity   int            `json:"capacity,omitempty"` // 0 when unknown.
	AreaM2     float64        `json:"areaM2,omitempty"`   // 0 when unknown.
	Purposes   []rule.Purpose `json:"purposes,omitempty"` // Any when empty.
	Equipment  []Equipment    `json:"equipment,omitempty"`
	Conditions string         `json:"conditions,omitempty"`
}

// Equipment is something that is lent with a room.
type Equipment struct {
	Code         string `json:"code"`
	Name         string `json:"name"`
	Count        int    `json:"count"`
	PricePerSlot int64  `json:"pricePerSlot,omitempty"` // Yen for one.
}

// Check writes the reading in katakana and refuses equipment that stands twice.
// Errors: INVALID_FIELD.
func (r *Room) Check() error {
	kana, err := jp.NormalizeKana(r.NameKana)
	if err != nil {
		return fault.ErrInvalidField.On(fault.Wrong("nameKana", jp.ErrKana.Ja, jp.ErrKana.En))
	}
	r.NameKana = kana
	codes := map[string]bool{}
	for _, e := range r.Equipment {
		if codes[e.Code] {
			return fault.ErrInvalidField.On(fault.Wrong("equipment", "附帯設備の記号が重なっています。別の記号にしてください。", "Two pieces of equipment share the code."))
		}
		codes[e.Code] = true
	}
	return nil
}

// Allows reports whether the room may be used for the purpose.
func (r *Room) Allows(p rule.Purpose) bool {
	return len(r.Purposes) == 0 || slices.Contains(r.Purposes, p)
}

// Combine returns the place of a new room. pattern is for a room of its own;
// parts are the rooms of the facility that another one is made of, whose pattern
// it has. number is the new room's own. Errors: PARTS_NOT_COMBINABLE.
func Combine(number int32, pattern, facilityID string, parts []*Item) (Place, error) {
	if len(parts) == 0 {
		return Place{Number: number, Atoms: []int32{number}, Pattern: pattern}, nil
	}
	p := Place{Number: number, Pattern: parts[0].Place.Pattern}
	for _, part := range parts {
		if part.FacilityID != facilityID || len(part.Place.PartIDs) > 0 || part.Place.Pattern != p.Pattern {
			return Place{}, ErrPartsNotCombinable
		}
		p.PartIDs = append(p.PartIDs, part.ID)
		p.Atoms = append(p.Atoms, part.Place.Number)
	}
	if len(parts) < 2 || pattern != "" && pattern != p.Pattern {
		return Place{}, ErrPartsNotCombinable
	}
	slices.Sort(p.Atoms)
	return p, nil
}
