package home

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// accessibilityTest is the result of the last automated test that was kept, as
// `make accessibility` writes it.
type accessibilityTest struct {
	Date       string   `json:"date"`       // YYYY-MM-DD.
	Engine     string   `json:"engine"`     // Name and version of what tested.
	Standards  []string `json:"standards"`  // Tags of its rules.
	Pages      int      `json:"pages"`      // Addresses.
	Checks     int      `json:"checks"`     // Pages times roles times languages.
	Roles      int      `json:"roles"`      // Kinds of people, nobody signed in among them.
	Languages  []string `json:"languages"`  // ja, en, plain.
	Width      int      `json:"width"`      // Of the screen, in pixels.
	Violations int      `json:"violations"` // What the engine found.
}

//go:embed accessibility.json
var accessibilityData []byte

var tested = readTest(accessibilityData)

// readTest reads the result; it is part of the program, so that a broken one ends
// it at the start.
func readTest(raw []byte) *accessibilityTest {
	t := &accessibilityTest{}
	if err := json.Unmarshal(raw, t); err != nil {
		panic(fmt.Errorf("accessibility.json: %w", err))
	}
	return t
}
