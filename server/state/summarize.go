package state

import (
	"math"
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/sketch"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// statisticsTarget is how many common values and ranges are kept of a column,
// PostgreSQL's default_statistics_target.
const statisticsTarget = 100

// Summarize turns a column's sketch into its statistics. ordered tells whether
// the type has an order.
func Summarize(c *sketch.Column, t types.Type, ordered bool) catalog.ColumnStats {
	out := catalog.ColumnStats{Width: float64(t.Storage().Width())}
	if c.Rows > 0 {
		out.NullFrac = float64(c.Rows-c.Values) / float64(c.Rows)
	}
	if c.Values == 0 {
		return out
	}
	if out.Width == 0 {
		out.Width = float64(c.Bytes) / float64(c.Values)
	}
	out.Distinct = math.Round(min(max(1, c.Distinct.Estimate()), float64(c.Values)))
	if len(c.Sample.Values) == 0 || !ordered {
		return out
	}
	vals := slices.Clone(c.Sample.Values)
	slices.SortFunc(vals, value.Compare)
	runs := runsOf(vals)
	// A count within the sketch's error of the rows, without a repetition in the sample, is a key's.
	if len(runs) == len(vals) && out.Distinct >= 0.97*float64(c.Values) {
		out.Distinct = float64(c.Values)
	}
	if int64(len(vals)) == c.Values && c.Sample.Seen == c.Values {
		out.Distinct = float64(len(runs)) // the sample is everything
	}
	share := (1 - out.NullFrac) / float64(len(vals))
	common := commonRuns(runs, len(vals), out.Distinct)
	taken := make([]bool, len(vals))
	for _, r := range common {
		out.Common = append(out.Common, catalog.Common{Value: vals[r.at], Share: float64(r.n) * share})
		for i := r.at; i < r.at+r.n; i++ {
			taken[i] = true
		}
	}
	rest := vals[:0:0]
	for i, v := range vals {
		if !taken[i] {
			rest = append(rest, v)
		}
	}
	out.Histogram = equiDepth(rest, statisticsTarget)
	return out
}

// run is a value's rows in the sorted sample.
type run struct{ at, n int }

func runsOf(vals []value.Value) []run {
	var out []run
	for i := range vals {
		if i > 0 && value.Compare(vals[i-1], vals[i]) == 0 {
			out[len(out)-1].n++
		} else {
			out = append(out, run{i, 1})
		}
	}
	return out
}

// commonRuns picks the values to list: all of them if they are few and each was
// seen often, else those that chance would hardly show as often if they were like those
// not listed (as PostgreSQL 11's analyze does, with room for the many values that are compared).
func commonRuns(runs []run, n int, distinct float64) []run {
	sorted := slices.Clone(runs)
	slices.SortStableFunc(sorted, func(a, b run) int { return b.n - a.n })
	if len(sorted) <= statisticsTarget && distinct <= float64(len(sorted))*1.02+1 && sorted[len(sorted)-1].n > 1 {
		return sorted
	}
	keep := min(len(sorted), statisticsTarget)
	listed := 0
	for _, r := range sorted[:keep] {
		listed += r.n
	}
	for ; keep > 0; keep-- {
		r := sorted[keep-1]
		mean := float64(n-listed) / max(1, distinct-float64(keep))
		if r.n >= 4 && float64(r.n) > mean+4*math.Sqrt(mean)+0.5 {
			break
		}
		listed -= r.n
	}
	return sorted[:keep]
}

// equiDepth returns the bounds of ranges that hold equally many of the sorted values.
func equiDepth(vals []value.Value, ranges int) []value.Value {
	if len(vals) < 2 || value.Compare(vals[0], vals[len(vals)-1]) == 0 {
		return nil
	}
	n := min(ranges, len(vals)-1)
	out := make([]value.Value, n+1)
	for i := range out {
		out[i] = vals[i*(len(vals)-1)/n]
	}
	return out
}
