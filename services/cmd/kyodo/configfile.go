package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
)

// loadConfig reads a YAML file whose keys are names of flags. A key that is no
// flag's name is refused with the nearest one.
func loadConfig(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&values); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	return &fileResolver{values: values}, nil
}

type fileResolver struct{ values map[string]any }

// Validate implements kong.Resolver.
func (f *fileResolver) Validate(app *kong.Application) error {
	known := flagNames(app.Node)
	for key := range f.values {
		if !slices.Contains(known, key) {
			return fmt.Errorf("configuration file: %q is not a setting; did you mean %q?", key, nearest(key, known))
		}
	}
	return nil
}

// Resolve implements kong.Resolver.
func (f *fileResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	return f.values[flag.Name], nil
}

// checkEnvironment refuses KYODO_… variables that no flag reads.
func checkEnvironment(app *kong.Application, environ []string) error {
	known := append(variables(app.Node), "KYODO_TEST_DATABASE_URL")
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "KYODO_") && !slices.Contains(known, name) {
			return fmt.Errorf("environment: %s is not a setting; did you mean %s?", name, nearest(name, known))
		}
	}
	return nil
}

func flagNames(n *kong.Node) (names []string) {
	for _, f := range n.Flags {
		names = append(names, f.Name)
	}
	for _, c := range n.Children {
		names = append(names, flagNames(c)...)
	}
	return names
}

func variables(n *kong.Node) (names []string) {
	for _, f := range n.Flags {
		names = append(names, f.Envs...)
	}
	for _, c := range n.Children {
		names = append(names, variables(c)...)
	}
	return names
}

// nearest returns the candidate with the smallest edit distance.
func nearest(word string, candidates []string) string {
	return slices.MinFunc(candidates, func(a, b string) int { return distance(word, a) - distance(word, b) })
}

// distance is the Levenshtein distance of two ASCII words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, above+1, row[j]+1)
			diagonal = above
		}
	}
	return row[len(b)]
}
