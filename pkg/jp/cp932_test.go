package jp

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

func TestToCP932(t *testing.T) {
	for in, want := range map[string]string{
		"":            "",
		"abc,\r\n\"":  "abc,\r\n\"",
		"千代田区":        "千代田区",
		"～－①㈱髙﨑―∥ｱ":   "～－①㈱髙﨑―∥ｱ",
		"〜−—‖¥㋿":      "～－―∥￥令和",
		"か\u3099":     "が",
		"バックスラッシュ\\~": "バックスラッシュ\\~",
	} {
		b, lost := ToCP932(in)
		got, _, err := DecodeText(b)
		if err != nil || got != want || lost != nil {
			t.Errorf("ToCP932(%q) reads %q, %q lost, %v; want %q", in, got, lost, err, want)
		}
	}
	b, lost := ToCP932("𠮷野–é𠮷😀\xff終")
	got, _, err := DecodeText(b)
	if err != nil || got != "〓野〓〓〓〓〓終" {
		t.Errorf("unmappable text reads %q, %v", got, err)
	}
	if want := []rune{'𠮷', '–', 'é', '😀', '\uFFFD'}; !slices.Equal(lost, want) {
		t.Errorf("lost %q, want %q", lost, want)
	}
	if b, _ := ToCP932("①"); !bytes.Equal(b, []byte{0x87, 0x40}) {
		t.Errorf("① is % X", b)
	}
}

func TestDecodeText(t *testing.T) {
	for _, tt := range []struct {
		in      []byte
		text    string
		charset Charset
	}{
		{nil, "", UTF8},
		{[]byte("名称,住所"), "名称,住所", UTF8},
		{[]byte("\uFEFF名称"), "名称", UTF8BOM},
		{[]byte{0x90, 0xE7, 0x91, 0xE3, 0x93, 0x63, 0xFB, 0xFC}, "千代田髙", CP932},
	} {
		text, charset, err := DecodeText(tt.in)
		if err != nil || text != tt.text || charset != tt.charset {
			t.Errorf("DecodeText(% X) = %q, %q, %v", tt.in, text, charset, err)
		}
	}
	for _, in := range [][]byte{
		[]byte("\uFEFF\xff"), {0xFF, 0xFE, 0x42, 0x30}, {0x90, 0xE7, 0x91}, {0x81, 0x20},
	} {
		if text, charset, err := DecodeText(in); !errors.Is(err, ErrTextEncoding) || text != "" || charset != "" {
			t.Errorf("DecodeText(% X) = %q, %q, %v", in, text, charset, err)
		}
	}
}

func FuzzDecodeText(f *testing.F) {
	f.Add([]byte("名称"))
	f.Add([]byte{0x90, 0xE7, 0x91, 0xE3})
	f.Add([]byte("\uFEFFa"))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, charset, err := DecodeText(b)
		if err != nil || charset != CP932 {
			return
		}
		if _, _, err := DecodeText([]byte(text)); err != nil {
			t.Fatalf("% X decodes to %q, which is refused: %v", b, text, err)
		}
	})
}
