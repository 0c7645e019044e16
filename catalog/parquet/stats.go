package parquet

import (
	"context"
	"math"
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Stats returns exact row counts, bounds and NULLs from the footers; distinct
// counts and widths come from dictionaries and samples, which are read once per
// version of a file.
func (t *table) Stats(ctx context.Context, columns []int) (catalog.Stats, error) {
	rows := t.rows()
	out := catalog.Stats{Rows: float64(rows), Exact: true, Columns: map[int]catalog.ColumnStats{}}
	for _, c := range columns {
		if c < 0 || c >= len(t.fields) {
			continue
		}
		if k := t.key(c); k >= 0 {
			out.Columns[c] = t.keyStats(k)
			continue
		}
		out.Columns[c] = t.columnStats(ctx, c, rows)
	}
	return out, ctx.Err()
}

func (t *table) rows() int64 {
	rows := int64(0)
	for i := range t.files {
		rows += t.files[i].meta.rows
	}
	return rows
}

// key returns the number of the partition key that a column is, or -1.
func (t *table) key(column int) int {
	for k, c := range t.keys {
		if c == column {
			return k
		}
	}
	return -1
}

// keyStats counts the values of a partition key.
func (t *table) keyStats(k int) catalog.ColumnStats {
	var out catalog.ColumnStats
	seen := map[string]bool{}
	rows, nulls, width := 0.0, 0.0, 0.0
	for i := range t.files {
		n := float64(t.files[i].meta.rows)
		v := t.files[i].keys[k]
		rows += n
		if v.Null {
			nulls += n
			continue
		}
		seen[value.Display(v)] = true
		width += n * float64(max(len(v.S), v.Type.Storage().Width()))
		if out.Min == nil || below(&v, out.Min) {
			out.Min = &v
		}
		if out.Max == nil || below(out.Max, &v) {
			out.Max = &v
		}
	}
	out.Distinct = float64(len(seen))
	if rows > 0 {
		out.NullFrac, out.Width = nulls/rows, width/rows
	}
	return out
}

// summary is what the footers say of a column over all row groups.
type summary struct {
	min, max *value.Value
	bounded  bool // every row group with values has bounds
	nulls    int64
	groups   []interval // row groups with bounds, in order
	disjoint bool       // and their bounds ascend without overlapping
}

// summarize collects the statistics of a column over all files.
func (t *table) summarize(column int) summary {
	s := summary{bounded: true, disjoint: true}
	for i := range t.files {
		f := &t.files[i]
		source := f.source[column]
		if source < 0 {
			s.nulls += f.meta.rows
			continue
		}
		c := &f.columns[source]
		if c.leaf == nil {
			return summary{}
		}
		for _, x := range f.intervals(source) {
			s.nulls += max(x.nulls, 0)
			if x.rows == 0 || x.nulls == x.rows {
				continue
			}
			s.add(x)
		}
	}
	return s
}

// keptIntervals is the most row groups of a file whose decoded bounds are kept.
const keptIntervals = 64

// intervals returns the bounds of a column's row groups. Every plan asks for them.
func (f *file) intervals(column int) []interval {
	f.mu.Lock()
	defer f.mu.Unlock()
	if out, ok := f.ranges[column]; ok {
		return out
	}
	c := &f.columns[column]
	out := make([]interval, len(f.meta.groups))
	for g := range out {
		m := &f.meta.groups[g]
		out[g] = c.leaf.bounds(&m.chunks[c.node.leafFrom], m.rows)
	}
	if len(out) <= keptIntervals {
		f.ranges[column] = out
	}
	return out
}

func (s *summary) add(x interval) {
	if x.min == nil || x.max == nil {
		s.bounded, s.disjoint = false, false
		return
	}
	if n := len(s.groups); n > 0 && !below(s.groups[n-1].max, x.min) {
		s.disjoint = false
	}
	s.groups = append(s.groups, x)
	if s.min == nil || below(x.min, s.min) {
		s.min = x.min
	}
	if s.max == nil || below(s.max, x.max) {
		s.max = x.max
	}
}

// columnStats estimates a column of the files.
func (t *table) columnStats(ctx context.Context, column int, rows int64) catalog.ColumnStats {
	typ := t.fields[column].Type
	out := catalog.ColumnStats{Width: float64(typ.Storage().Width())}
	if rows == 0 {
		return out
	}
	s := t.summarize(column)
	if s.bounded && s.min != nil {
		lo, hi := retype(*s.min, typ), retype(*s.max, typ)
		out.Min, out.Max = &lo, &hi
	}
	out.NullFrac = float64(s.nulls) / float64(rows)
	smp, ok := t.sample(ctx, column)
	if !ok {
		return out
	}
	if out.Width == 0 {
		out.Width = smp.width
	}
	if out.NullFrac == 0 && t.fields[column].Nullable {
		out.NullFrac = smp.nullFrac
	}
	valid := float64(rows) * (1 - out.NullFrac)
	out.Distinct = estimateDistinct(&s, &smp, typ, valid)
	if s.nulls == 0 && s.disjoint && smp.ascending && t.ascending(ctx, column) {
		out.Unique, out.Distinct = true, float64(rows)
	}
	return out
}

// retype gives a bound the column's type, to which its file's type was widened.
func retype(v value.Value, t types.Type) value.Value {
	if v.Type != t && t.Storage() == types.StoreInt128 && v.Type.Storage() == types.StoreInt64 {
		v.D = value.Int128From(v.I)
	}
	v.Type = t
	return v
}

// estimateDistinct guesses how many values a column has.
func estimateDistinct(s *summary, smp *sample, t types.Type, valid float64) float64 {
	if valid <= 0 {
		return 0
	}
	most := valid
	if t.Kind == types.Bool {
		most = min(most, 2)
	}
	if s.min != nil && s.bounded {
		if span, ok := span(s.min, s.max); ok {
			most = min(most, span+1)
		}
	}
	guess := most
	switch {
	case smp.dictionary > 0:
		// A dictionary lists the values of its row group. Others have the same
		// values, or others so far as their bounds lie elsewhere.
		guess = smp.dictionary * s.spread()
	case smp.clustered && smp.rows > 0:
		guess = valid * smp.distinct / smp.rows
	case smp.rows-smp.distinct >= 3:
		guess = populationOf(smp.distinct, smp.rows)
	}
	return math.Round(max(1, min(guess, most)))
}

// populationOf returns the number of equally likely values of which n draws
// show d: the D with d = D(1-e^(-n/D)).
func populationOf(d, n float64) float64 {
	low, high := d, n*n
	for range 60 {
		mid := (low + high) / 2
		if mid*-math.Expm1(-n/mid) < d {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// spread returns by how much the bounds of all row groups are wider than those
// of one on average: 1 when every row group ranges over everything.
func (s *summary) spread() float64 {
	if s.min == nil || len(s.groups) < 2 {
		return 1
	}
	whole := rank(s.min, s.max, s.max) - rank(s.min, s.max, s.min)
	sum := 0.0
	for i := range s.groups {
		sum += rank(s.min, s.max, s.groups[i].max) - rank(s.min, s.max, s.groups[i].min)
	}
	if whole <= 0 || sum <= 0 {
		if whole > 0 {
			return float64(len(s.groups))
		}
		return 1
	}
	return min(float64(len(s.groups)), max(1, whole*float64(len(s.groups))/sum))
}

// rank maps a value between low and high to a number that grows with it.
func rank(low, high, v *value.Value) float64 {
	switch v.Type.Storage() {
	case types.StoreBytes:
		p := 0
		for p < len(low.S) && p < len(high.S) && low.S[p] == high.S[p] {
			p++
		}
		if !strings.HasPrefix(v.S, low.S[:p]) {
			return 0
		}
		x := 0.0
		for k := range 6 {
			x *= 256
			if p+k < len(v.S) {
				x += float64(v.S[p+k])
			}
		}
		return x
	case types.StoreInt128:
		return v.D.Float64()
	case types.StoreFloat32, types.StoreFloat64:
		return v.F
	}
	return float64(v.I)
}

// span returns the distance between two integers, dates or decimals in units
// of the last digit.
func span(low, high *value.Value) (float64, bool) {
	switch low.Type.Storage() {
	case types.StoreInt16, types.StoreInt32, types.StoreInt64:
		return float64(high.I) - float64(low.I), true
	case types.StoreInt128:
		return high.D.Float64() - low.D.Float64(), true
	}
	return 0, false
}
