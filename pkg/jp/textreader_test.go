package jp_test

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// TestSniffer holds the encoding of every file against DecodeText, however the
// file is cut into pieces.
func TestSniffer(t *testing.T) {
	sjis, _ := jp.ToCP932("名称,団体種別\r\n髙橋の会①,ＮＰＯ法人\r\n")
	for name, file := range map[string][]byte{
		"utf-8": []byte("名称,団体種別\r\n神田の会,𠮷"), "bom": []byte("\uFEFF名称"), "cp932": sjis,
		"ascii": []byte("name"), "empty": nil, "short": []byte("名"), "cut": []byte("名称")[:5], "only a bom": []byte("\uFEFF"),
	} {
		for size := 1; size <= 7; size++ {
			var s jp.Sniffer
			for piece := range slices.Chunk(file, size) {
				if n, err := s.Write(piece); n != len(piece) || err != nil {
					t.Fatal(n, err)
				}
			}
			text, want, err := jp.DecodeText(file)
			if err != nil {
				want = jp.CP932
			}
			if got := s.Charset(); got != want {
				t.Errorf("%s in pieces of %d: %s, want %s", name, size, got, want)
			}
			got, readErr := io.ReadAll(jp.NewTextReader(bytes.NewReader(file), s.Charset()))
			if readErr != nil || err == nil && string(got) != text {
				t.Errorf("%s is read as %q, %v; want %q", name, got, readErr, text)
			}
		}
	}
}
