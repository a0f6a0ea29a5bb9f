package evaluation

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// vault seals sheets: each under a key of its own, which is wrapped with the key
// of the installation. The database holds nothing that opens them.
type vault struct{ key seal.Key }

func newVault(d service.Deps) vault { return vault{key: d.Key("sealed evaluation sheets")} }

// block is the size to a multiple of which a sheet is filled up, so that its
// length does not tell how much was written.
const block = 32 << 10

// bound ties a sealed sheet to its place.
func bound(evaluationID string, side project.Side) []byte {
	return []byte(evaluationID + "/" + string(side))
}

// lock seals a sheet under a new key.
func (v vault) lock(evaluationID string, side project.Side, sheet evaluation.Sealed) (store.SealedSheet, error) {
	plain, err := json.Marshal(sheet)
	if err != nil {
		return store.SealedSheet{}, fmt.Errorf("seal a sheet: %w", err)
	}
	plain = append(plain, bytes.Repeat([]byte{' '}, block-len(plain)%block)...)
	var key seal.Key
	rand.Read(key[:])
	place := bound(evaluationID, side)
	return store.SealedSheet{Side: side, Sealed: key.Seal(plain, place), WrappedKey: v.key.Seal(key[:], place)}, nil
}

// open opens a sealed sheet; one that nothing was saved of is empty.
func (v vault) open(evaluationID string, s store.SealedSheet) (evaluation.Sealed, error) {
	var sheet evaluation.Sealed
	if s.Sealed == nil {
		return sheet, nil
	}
	place := bound(evaluationID, s.Side)
	key, err := v.key.Open(s.WrappedKey, place)
	if err != nil {
		return sheet, fmt.Errorf("key of a sealed sheet: %w", err)
	}
	plain, err := seal.Key(key).Open(s.Sealed, place)
	if err != nil {
		return sheet, fmt.Errorf("sealed sheet: %w", err)
	}
	// The error could quote what stands in the sheet.
	if json.Unmarshal(plain, &sheet) != nil {
		return sheet, fmt.Errorf("sealed sheet of %s: not in a known form", evaluationID)
	}
	return sheet, nil
}
