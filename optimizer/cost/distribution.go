package cost

import (
	"math"
	"reflect"
	"sort"
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/eval"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// distribution is what ANALYZE knows of a column's values: the most common
// ones, and ranges that hold equally many of the others (Poosala et al., SIGMOD 1996: an
// end-biased, equi-depth histogram). Shares are of all rows.
type distribution struct {
	typ    types.Type
	common []point
	shares []float64 // of common
	bounds []point
	rest   float64 // share of the rows that are neither NULL nor common
	each   float64 // share of one value that is not common
	// sample are the common values and the bounds, with what each stands for.
	sample  []value.Value
	weights []float64
}

// point is a value on the line that orders its type.
type point struct {
	f float64
	s string // texts; of numbers, what tells NaN from Infinity, which it follows
}

func pointOf(v value.Value) point {
	if v.Type.Storage() != types.StoreBytes {
		f := Number(v)
		if math.IsNaN(f) && !v.Null && (v.Type.IsFloat() || v.Type.Kind == types.Numeric) {
			return point{math.Inf(1), "NaN"}
		}
		return point{f: f}
	}
	if v.Type.Kind == types.Char {
		return point{stringNumber(v.S), value.CharKey(v.S)}
	}
	return point{stringNumber(v.S), v.S}
}

// compare orders points of one type.
func (d *distribution) compare(a, b point) int {
	if d.typ.Storage() == types.StoreBytes {
		return strings.Compare(a.s, b.s)
	}
	switch {
	case a.f < b.f:
		return -1
	case a.f > b.f:
		return 1
	}
	return strings.Compare(a.s, b.s)
}

// distKey names a column of a table.
type distKey struct {
	table  catalog.Table
	column int
}

// distribution returns that of a scan's column, which all scans of its table share.
func (m *Model) distribution(x *logical.Scan, column int, t types.Type, st catalog.ColumnStats) *distribution {
	if len(st.Common)+len(st.Histogram) == 0 {
		return nil
	}
	if !reflect.TypeOf(x.Table).Comparable() {
		return newDistribution(t, st)
	}
	key := distKey{x.Table, column}
	d, ok := m.dists[key]
	if !ok {
		d = newDistribution(t, st)
		m.dists[key] = d
	}
	return d
}

// newDistribution returns nil where the statistics say nothing of the values.
func newDistribution(t types.Type, st catalog.ColumnStats) *distribution {
	if len(st.Common)+len(st.Histogram) == 0 {
		return nil
	}
	n := len(st.Common) + len(st.Histogram)
	d := &distribution{typ: t, rest: 1 - st.NullFrac, sample: make([]value.Value, 0, n), weights: make([]float64, 0, n),
		common: make([]point, 0, len(st.Common)), shares: make([]float64, 0, len(st.Common)), bounds: make([]point, 0, len(st.Histogram))}
	for _, c := range st.Common {
		p := pointOf(c.Value)
		if math.IsNaN(p.f) {
			return nil
		}
		d.common, d.shares = append(d.common, p), append(d.shares, c.Share)
		d.sample, d.weights = append(d.sample, c.Value), append(d.weights, c.Share)
		d.rest -= c.Share
	}
	d.rest = max(0, d.rest)
	for _, v := range st.Histogram {
		p := pointOf(v)
		if math.IsNaN(p.f) {
			return nil
		}
		d.bounds = append(d.bounds, p)
		d.sample, d.weights = append(d.sample, v), append(d.weights, d.rest/float64(len(st.Histogram)))
	}
	d.each = d.rest / max(1, st.Distinct-float64(len(st.Common)))
	if len(d.common) > 0 { // what is not common is rarer than what is
		d.each = min(d.each, d.shares[len(d.shares)-1])
	}
	return d
}

// equal is the share of one value.
func (d *distribution) equal(p point) float64 {
	for i, c := range d.common {
		if d.compare(c, p) == 0 {
			return d.shares[i]
		}
	}
	return max(d.each, smallest)
}

// below is the share of the values less than p, or not greater if inclusive.
func (d *distribution) below(p point, inclusive bool) float64 {
	share := 0.0
	for i, c := range d.common {
		if k := d.compare(c, p); k < 0 || k == 0 && inclusive {
			share += d.shares[i]
		}
	}
	n := len(d.bounds) - 1
	if n < 1 {
		return share
	}
	at := sort.Search(n+1, func(i int) bool { return d.compare(d.bounds[i], p) >= 0 })
	switch {
	case at == 0:
		return share
	case at > n:
		return share + d.rest
	}
	lo, hi := d.bounds[at-1], d.bounds[at]
	return share + d.rest*(float64(at-1)+fraction(lo, hi, p))/float64(n)
}

// fraction is how far p lies between two bounds, 0..1. Texts are compared from where they differ.
func fraction(lo, hi, p point) float64 {
	if math.IsInf(hi.f, 1) || math.IsInf(lo.f, -1) {
		return 0.5
	}
	if lo.s != "" || hi.s != "" {
		k := 0
		for k < len(lo.s) && k < len(hi.s) && lo.s[k] == hi.s[k] {
			k++
		}
		if len(p.s) < k {
			return 0
		}
		lo.f, hi.f, p.f = stringNumber(lo.s[k:]), stringNumber(hi.s[k:]), stringNumber(p.s[k:])
	}
	if !(hi.f > lo.f) {
		return 0.5
	}
	return min(1, max(0, (p.f-lo.f)/(hi.f-lo.f)))
}

// bound is one end of an interval.
type bound struct {
	at        point
	inclusive bool
}

// between is the share of the values between two ends, nil = open.
func (d *distribution) between(lo, hi *bound) float64 {
	total := d.rest
	for _, s := range d.shares {
		total += s
	}
	share := total
	if hi != nil {
		share = d.below(hi.at, hi.inclusive)
	}
	if lo != nil {
		share -= d.below(lo.at, !lo.inclusive)
	}
	return min(max(share, min(d.each, total)*0.5), total)
}

// passing estimates a predicate over the one column by running it on the sample;
// hits counts what passed. ok is false where it cannot be run.
func (d *distribution) passing(e expr.Expr, id expr.ColumnID) (share float64, hits int, ok bool) {
	bound := expr.Transform(e, func(x expr.Expr) expr.Expr {
		if c, isCol := x.(*expr.Column); isCol && c.ID == id {
			return &expr.Input{Index: 0, Name: c.Name, Typ: c.Typ}
		}
		return x
	})
	f, err := eval.CompileFilter([]expr.Expr{bound}, []types.Type{d.typ}, &function.Context{})
	if err != nil {
		return 0, 0, false
	}
	b := vector.NewBuilder(d.typ, len(d.sample))
	for _, v := range d.sample {
		b.Append(v)
	}
	sel, all, err := f.Select(&vector.Batch{Rows: len(d.sample), Cols: []*vector.Vector{b.Finish()}})
	if err != nil {
		return 0, 0, false
	}
	if all {
		return 1, len(d.sample), true
	}
	for _, i := range sel {
		share += d.weights[i]
	}
	return share, len(sel), true
}

// sampled estimates a predicate that reads a single column of known distribution.
// guess is what would be said without: it counts where no value of the sample passes.
func sampled(p *Props, e expr.Expr, guess float64) float64 {
	var id expr.ColumnID
	cols := expr.Columns(e)
	if len(cols) != 1 || !pure(e) {
		return guess
	}
	for id = range cols {
	}
	c, ok := p.Cols[id]
	if !ok || c.dist == nil || len(c.dist.sample) == 0 {
		return guess
	}
	share, hits, ok := c.dist.passing(e, id)
	if !ok {
		return guess
	}
	if hits > 0 {
		return min(1, max(share, smallest))
	}
	if len(c.dist.bounds) == 0 {
		return smallest // the sample has every value
	}
	return min(guess, 0.5*c.dist.rest/float64(len(c.dist.bounds)))
}

// pure tells expressions that can be run while planning: they give the same for
// the same values, and need nothing of the session.
func pure(e expr.Expr) bool {
	switch x := e.(type) {
	case *expr.Call:
		if x.Func.Volatility != function.Immutable || x.Func.Kernel == nil {
			return false
		}
	case *expr.Param:
		return false
	}
	for _, c := range e.Children() {
		if !pure(c) {
			return false
		}
	}
	return true
}
