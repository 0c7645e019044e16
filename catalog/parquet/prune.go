package parquet

import (
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"github.com/parquet-go/parquet-go/format"
)

// interval is what is known of the values of some rows: their bounds (nil =
// unknown) and NULLs (-1 = unknown).
type interval struct {
	min, max *value.Value
	nulls    int64
	rows     int64
}

// bounds returns what a chunk's statistics say.
func (l *leafType) bounds(m *chunkMeta, rows int64) interval {
	s := &m.stats
	low, high := s.min, s.max
	if low == nil && high == nil && !l.unsigned && l.physical != format.ByteArray && l.physical != format.FixedLenByteArray {
		low, high = s.oldMin, s.oldMax
	}
	out := l.interval(low, high)
	out.nulls, out.rows = s.nulls, rows
	return out
}

// interval decodes bounds that are stored as PLAIN values.
func (l *leafType) interval(low, high []byte) interval {
	var out interval
	if !l.ordered() {
		return out
	}
	if low != nil {
		if v, ok := l.valueOf(low); ok {
			out.min = &v
		}
	}
	if high != nil {
		if v, ok := l.valueOf(high); ok {
			out.max = &v
		}
	}
	return out
}

// excludes reports that no row can pass the range.
func (x *interval) excludes(r *catalog.Range) bool {
	if r.Nulls && x.nulls != 0 {
		return false
	}
	if x.rows > 0 && x.nulls == x.rows {
		return !r.Nulls // nothing but NULLs
	}
	if below(x.max, r.Min) || below(r.Max, x.min) {
		return true
	}
	if r.In == nil {
		return false
	}
	for i := range r.In {
		v := &r.In[i]
		if !v.Null && !below(x.max, v) && !below(v, x.min) {
			return false
		}
	}
	return true
}

// below reports a < b for certain: both are known and comparable. The greatest
// float is no bound, as statistics leave out NaN, which sorts last.
func below(a, b *value.Value) bool {
	if a == nil || b == nil || a.Null || b.Null {
		return false
	}
	c, ok := compare(a, b)
	return ok && c < 0
}

// compare orders values of related types.
func compare(a, b *value.Value) (int, bool) {
	switch {
	case a.Type.IsInteger() && b.Type.IsInteger(), a.Type.IsFloat() && b.Type.IsFloat():
		x, y := *a, *b
		y.Type = x.Type
		return value.Compare(x, y), true
	case a.Type.IsNumber() && b.Type.IsNumber() && !a.Type.IsFloat() && !b.Type.IsFloat():
		return a.Numeric().Cmp(b.Numeric()), true
	case isText(a.Type) && isText(b.Type):
		return strings.Compare(a.S, b.S), true
	case a.Type.Kind == b.Type.Kind && a.Type.Kind != types.Array && a.Type.Kind != types.Char:
		return value.Compare(*a, *b), true
	}
	return 0, false
}

func isText(t types.Type) bool {
	return t.Kind == types.Text || t.Kind == types.Varchar || t.Kind == types.Name || t.Kind == types.Unknown
}

// forPruning drops the bounds that rows may break.
func (x interval) forPruning(t types.Type) interval {
	if t.IsFloat() {
		x.max = nil
	}
	return x
}

// excluded reports that no row of the file passes, by its partition keys.
func (t *table) excluded(f *tableFile, ranges []catalog.Range) bool {
	for i := range ranges {
		for k, column := range t.keys {
			if ranges[i].Column != column {
				continue
			}
			v := f.keys[k]
			x := interval{min: &v, max: &v, rows: 1}
			if v.Null {
				x = interval{nulls: 1, rows: 1}
			}
			if x.excludes(&ranges[i]) {
				return true
			}
		}
	}
	return false
}

// groupExcluded reports that no row of a row group passes, by its statistics.
// source maps the ranges' columns to the file's.
func (f *file) groupExcluded(group int, ranges []catalog.Range, source func(column int) int) bool {
	g := &f.meta.groups[group]
	for i := range ranges {
		s := source(ranges[i].Column)
		if s < 0 {
			continue
		}
		c := &f.columns[s]
		if c.leaf == nil {
			continue
		}
		x := c.leaf.bounds(&g.chunks[c.node.leafFrom], g.rows).forPruning(c.typ)
		if c.node.def == 0 {
			x.nulls = 0
		}
		if x.excludes(&ranges[i]) {
			return true
		}
	}
	return false
}
