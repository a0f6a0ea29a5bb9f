package ui

import (
	"fmt"
	"math"
	"strings"
)

// share is the length of a bar, 0 to 100.
func share(b Bar, all []Bar) float64 {
	most := int64(1)
	for _, other := range all {
		most = max(most, other.Value)
	}
	return 100 * float64(max(b.Value, 0)) / float64(most)
}

const radius = 100

// point is a place on axis i of n, at level 0 to 1.
func point(i, n int, level float64) (x, y float64) {
	angle := 2*math.Pi*float64(i)/float64(max(n, 1)) - math.Pi/2
	return radius * level * math.Cos(angle), radius * level * math.Sin(angle)
}

func ring(n int, level float64) string {
	var out []string
	for i := range n {
		x, y := point(i, n, level)
		out = append(out, fmt.Sprintf("%.1f,%.1f", x, y))
	}
	return strings.Join(out, " ")
}

func shape(axes []Axis, value func(Axis) float64) string {
	var out []string
	for i, a := range axes {
		level := 0.0
		if a.Most > 0 {
			level = min(max(value(a)/a.Most, 0), 1)
		}
		x, y := point(i, len(axes), level)
		out = append(out, fmt.Sprintf("%.1f,%.1f", x, y))
	}
	return strings.Join(out, " ")
}

func labelX(i, n int) string {
	x, _ := point(i, n, 1.12)
	return fmt.Sprintf("%.1f", x)
}

func labelY(i, n int) string {
	_, y := point(i, n, 1.12)
	return fmt.Sprintf("%.1f", y+4)
}
