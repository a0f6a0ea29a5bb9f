package jp

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"
)

// vectors reads a CSV file of testdata as one map a row.
func vectors(t testing.TB, name string, want int) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows)-1 != want {
		t.Fatalf("%s has %d rows, want %d", name, len(rows)-1, want)
	}
	out := make([]map[string]string, 0, want)
	for _, row := range rows[1:] {
		m := make(map[string]string, len(row))
		for i, column := range rows[0] {
			m[column] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// day reads a date that the test knows to be right.
func day(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatalf("ParseDate(%q): %v", s, err)
	}
	return d
}
