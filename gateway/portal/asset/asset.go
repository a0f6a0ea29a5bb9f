// Package asset holds the built style sheet and scripts of the portal. They are
// made by `make assets` from gateway/portal/assets-src and served under names
// that change with their content, so that browsers may keep them for ever.
package asset

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
)

//go:embed built/*
var files embed.FS

// Addresses of the files.
var (
	CSS  = address("portal.css")
	JS   = address("portal.js")
	HTMX = address("htmx.js")
	Icon = address("icon.svg")
)

const prefix = "/assets/"

var served = map[string]file{}

type file struct {
	body      []byte
	mediaType string
}

var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func address(name string) string {
	body, err := files.ReadFile("built/" + name)
	if err != nil { // it is embedded beside this file
		panic(err)
	}
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	at := prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
	served[at] = file{body, mediaTypes[ext]}
	return at
}

// Find returns the handler of an address; nil for one that is not ours.
func Find(at string) http.Handler {
	f, ok := served[at]
	if !ok {
		return nil
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", f.mediaType)
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write(f.body) // the caller is gone when this fails
	})
}
