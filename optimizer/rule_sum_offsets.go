package optimizer

import (
	"context"
	"math"
	"math/bits"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// sumOffsets sums a value once where it is summed at several constant distances, if
// adding the constants can't overflow.
//
//	SELECT sum(a), sum(a + 1), sum(a - 2) FROM t
//	→ SELECT s, s + 1 * n, s + -2 * n FROM (SELECT sum(a) s, count(a) n FROM t) q
type sumOffsets struct{ *env }

func (sumOffsets) Name() string { return "sum_offsets" }
func (sumOffsets) Order() Order { return BottomUp }

// A 64-bit sum of fewer than 2^offsetRowBits rows, more than any table has, can't overflow if its
// terms are below 2^(63-offsetRowBits).
const offsetRowBits = 40

// offsetSum is one call sum(base + offset).
type offsetSum struct {
	base   expr.Expr
	offset int64
}

// sumFamily are the calls that sum one base over the same rows.
type sumFamily struct {
	base       expr.Expr
	filter     expr.Expr
	calls      int
	lo, hi     int64 // of the base
	bounded    bool  // lo and hi are known to hold
	sum, count logical.AggCall
}

func (r sumOffsets) Apply(ctx context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	x, ok := n.(*logical.Aggregate)
	if !ok || !r.eager && len(x.Aggs) < 2 {
		return n, false, nil
	}
	families := map[string]*sumFamily{}
	parts := make([]*offsetSum, len(x.Aggs))
	offsets := false
	for i, a := range x.Aggs {
		if parts[i] = splitOffset(a); parts[i] == nil {
			continue
		}
		k := familyKey(a, parts[i])
		if families[k] == nil {
			families[k] = &sumFamily{base: parts[i].base, filter: a.Filter}
		}
		families[k].calls++
		offsets = offsets || parts[i].offset != 0
	}
	if !offsets {
		return n, false, nil
	}
	return r.rewrite(ctx, x, parts, families)
}

func familyKey(a logical.AggCall, p *offsetSum) string {
	k := expr.Key(p.base)
	if a.Filter != nil {
		k += "\x00" + expr.Key(a.Filter)
	}
	return k
}

// splitOffset takes sum(x), sum(x + c), sum(c + x) or sum(x - c) of integers apart.
func splitOffset(a logical.AggCall) *offsetSum {
	if a.Func.Name != "sum" || len(a.Args) != 1 || a.Distinct || len(a.OrderBy) > 0 || !a.Args[0].Type().IsInteger() ||
		expr.Volatile(a.Args[0]) || a.Filter != nil && expr.Volatile(a.Filter) {
		return nil
	}
	whole := &offsetSum{base: a.Args[0]}
	c, ok := a.Args[0].(*expr.Call)
	if !ok || len(c.Args) != 2 || c.Func.Name != "+" && c.Func.Name != "-" {
		return whole
	}
	base, lit := c.Args[0], c.Args[1]
	if _, ok := base.(*expr.Literal); ok && c.Func.Name == "+" {
		base, lit = lit, base
	}
	l, ok := lit.(*expr.Literal)
	if !ok || l.Value.Null || !l.Value.Type.IsInteger() || !base.Type().IsInteger() || l.Value.I == math.MinInt64 {
		return whole
	}
	if c.Func.Name == "-" {
		return &offsetSum{base, -l.Value.I}
	}
	return &offsetSum{base, l.Value.I}
}

// rewrite replaces the calls whose families are worth it; the others stay.
func (r sumOffsets) rewrite(ctx context.Context, x *logical.Aggregate, parts []*offsetSum, families map[string]*sumFamily) (logical.Node, bool, error) {
	y := *x
	y.Aggs = nil
	items := passItems(x.Schema())
	changed := false
	for i, a := range x.Aggs {
		p := parts[i]
		item := &items[len(x.Groups)+i]
		if p == nil || p.offset == 0 {
			y.Aggs = append(y.Aggs, a)
			continue
		}
		f := families[familyKey(a, p)]
		if f.calls < 2 && !r.eager || !f.safe(ctx, x.Input, a.Args[0].Type(), p.offset) {
			y.Aggs = append(y.Aggs, a)
			continue
		}
		if f.sum.Func == nil && !r.start(f, a) {
			return x, false, nil
		}
		e := r.shifted(f, p.offset, a.Col.Field.Type)
		if e == nil {
			return x, false, nil
		}
		item.Expr, changed = e, true
	}
	if !changed {
		return x, false, nil
	}
	for i, a := range x.Aggs { // in the order of the calls, so that plans are the same every time
		if parts[i] == nil {
			continue
		}
		if f := families[familyKey(a, parts[i])]; f.sum.Func != nil {
			y.Aggs = append(y.Aggs, f.sum, f.count)
			f.sum.Func = nil
		}
	}
	return &logical.Project{Input: shareSums(&y, items), Items: items}, true, nil
}

// shareSums drops calls of x that others of its calls repeat, in items too.
func shareSums(x *logical.Aggregate, items []logical.Item) logical.Node {
	y := *x
	y.Aggs = nil
	first := map[string]logical.Column{}
	again := map[expr.ColumnID]expr.Expr{}
	for _, a := range x.Aggs {
		if len(a.Args) != 1 || a.Distinct || len(a.OrderBy) > 0 || expr.Volatile(a.Args[0]) || a.Filter != nil && expr.Volatile(a.Filter) {
			y.Aggs = append(y.Aggs, a)
			continue
		}
		k := a.Func.Name + "\x00" + familyKey(a, &offsetSum{base: a.Args[0]})
		if c, ok := first[k]; ok {
			again[a.Col.ID] = c.Ref()
			continue
		}
		first[k] = a.Col
		y.Aggs = append(y.Aggs, a)
	}
	for i := range items {
		items[i].Expr = substitute(items[i].Expr, again)
	}
	return &y
}

// start makes the calls that a family shares; false where there are no such functions.
func (r sumOffsets) start(f *sumFamily, like logical.AggCall) bool {
	sum, count := r.funcs.Aggregate("sum", f.base.Type()), r.funcs.Aggregate("count", f.base.Type())
	if sum == nil || count == nil {
		return false
	}
	args := []expr.Expr{f.base}
	f.sum = logical.AggCall{Col: r.ids.NewColumn("sum", like.Col.Field.Type, true), Func: sum, Args: args, Filter: f.filter}
	f.count = logical.AggCall{Col: r.ids.NewColumn("count", types.Of(types.Int8), false), Func: count, Args: args, Filter: f.filter}
	return true
}

// shifted is sum + offset * count in the type of the sum, nil without such operators.
func (r sumOffsets) shifted(f *sumFamily, offset int64, t types.Type) expr.Expr {
	by := expr.Expr(&expr.Literal{Value: value.Int8(offset)})
	count := expr.Expr(f.count.Col.Ref())
	if t.Kind == types.Numeric {
		v, err := value.NumericValue(t, value.NumericFromInt64(offset))
		if err != nil {
			return nil
		}
		by, count = &expr.Literal{Value: v}, &expr.Cast{Arg: count, To: t}
	}
	times, plus := r.funcs.Operator("*", t, t), r.funcs.Operator("+", t, t)
	if times == nil || plus == nil {
		return nil
	}
	product := &expr.Call{Func: times, Args: []expr.Expr{by, count}, Typ: t}
	return &expr.Call{Func: plus, Args: []expr.Expr{f.sum.Col.Ref(), product}, Typ: t}
}

// safe reports that base + offset, of type t, overflows for no row of n, and that the sums of
// either don't, where sums are of 64 bits: those of bigint are numerics.
func (f *sumFamily) safe(ctx context.Context, n logical.Node, t types.Type, offset int64) bool {
	if (f.base.Type().Kind == types.Int8) != (t.Kind == types.Int8) {
		return false // their sums have different types
	}
	if !f.bounded {
		if f.lo, f.hi, f.bounded = integerBounds(ctx, n, f.base); !f.bounded {
			return false
		}
	}
	low, high := f.lo+offset, f.hi+offset
	if (f.lo^low)&(offset^low) < 0 || (f.hi^high)&(offset^high) < 0 {
		return false
	}
	if least, most, ok := integerRange(t); !ok || low < least || high > most {
		return false
	}
	return t.Kind == types.Int8 || bits.Len64(magnitude(f.lo)|magnitude(f.hi)|magnitude(offset)) < 63-offsetRowBits
}

func magnitude(x int64) uint64 { return uint64(x ^ x>>63) }
