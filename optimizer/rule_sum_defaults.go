package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// sumDefaults sums numerics of one scale where CASE falls back to a zero of another: the zeros
// add nothing, and their scale shows only where no row has any other value.
//
//	SELECT k, sum(CASE WHEN a > 1 THEN n ELSE 0 END) FROM t GROUP BY k   (n numeric(9,2) not null)
//	→ SELECT k, coalesce(s, 0) FROM (SELECT k, sum(n) FILTER (WHERE a > 1) s FROM t GROUP BY k) q
//
// Where a group may have no zero either, their number is counted.
type sumDefaults struct{ *env }

func (sumDefaults) Name() string { return "sum_defaults" }
func (sumDefaults) Order() Order { return BottomUp }

func (r sumDefaults) Apply(_ context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	x, ok := n.(*logical.Aggregate)
	if !ok {
		return n, false, nil
	}
	y := *x
	y.Aggs = nil
	items := passItems(x.Schema())
	nulls := computedNulls(x.Input)
	changed := false
	for i, a := range x.Aggs {
		sum, zero := r.withoutZeros(a)
		if sum == nil {
			y.Aggs = append(y.Aggs, a)
			continue
		}
		y.Aggs = append(y.Aggs, *sum)
		whole := expr.Expr(&expr.Cast{Arg: sum.Col.Ref(), To: a.Col.Field.Type})
		last := zero
		if len(x.Groups) == 0 || x.Sets != nil || a.Filter != nil || !nulls.never(a.Args[0]) {
			count := r.countZeros(a, nulls.never(a.Args[0]))
			if count == nil {
				return n, false, nil
			}
			y.Aggs = append(y.Aggs, *count)
			none := &expr.Literal{Value: value.NullOf(zero.Type())}
			unequal := r.funcs.Operator("<>", types.Of(types.Int8), types.Of(types.Int8))
			if unequal == nil {
				return n, false, nil
			}
			cond := &expr.Call{Func: unequal, Args: []expr.Expr{count.Col.Ref(), &expr.Literal{Value: value.Int8(0)}}, Typ: types.Of(types.Bool)}
			last = &expr.Case{Whens: []expr.When{{Cond: cond, Result: zero}}, Else: none, Typ: zero.Type()}
		}
		items[len(x.Groups)+i].Expr = &expr.Coalesce{Args: []expr.Expr{whole, last}, Typ: a.Col.Field.Type}
		changed = true
	}
	if !changed {
		return n, false, nil
	}
	return &logical.Project{Input: &y, Items: items}, true, nil
}

// computedNulls is nullableOf, of a projection by what it computes.
func computedNulls(n logical.Node) *nullability {
	out := nullableOf(n)
	if p, ok := n.(*logical.Project); ok {
		below := nullableOf(p.Input)
		for _, it := range p.Items {
			if !out.notNull(it.Col.ID) && below.never(it.Expr) {
				out.known[it.Col.ID] = true
			}
		}
	}
	return out
}

// withoutZeros returns sum(CASE … ELSE 0 END) without the zeros, NULL if there is no other value,
// and the zero; nil for other calls.
func (r sumDefaults) withoutZeros(a logical.AggCall) (sum *logical.AggCall, zero expr.Expr) {
	if a.Func.Name != "sum" || len(a.Args) != 1 || a.Distinct || len(a.OrderBy) > 0 {
		return nil, nil
	}
	c, ok := a.Args[0].(*expr.Case)
	if !ok || c.Typ.Kind != types.Numeric || c.Typ.IsFixedNumeric() || expr.Volatile(c) || a.Filter != nil && expr.Volatile(a.Filter) {
		return nil, nil
	}
	l, ok := c.Else.(*expr.Literal)
	if !ok || l.Value.Null || l.Value.Type != c.Typ || l.Value.N.Kind != value.Finite || !isZero(l.Value) {
		return nil, nil
	}
	t, results := fixedResults(c)
	if results == nil || l.Value.N.Scale > t.Scale {
		return nil, nil
	}
	f := r.funcs.Aggregate("sum", t)
	if f == nil {
		return nil, nil
	}
	sum = &logical.AggCall{Func: f, Filter: a.Filter}
	rt := function.ResultType(f.Args, f.Variadic, f.Result, f.Infer, []types.Type{t})
	sum.Col = r.ids.NewColumn(a.Col.Field.Name, rt, true)
	if len(c.Whens) == 1 && !canFail(results[0]) {
		sum.Args, sum.Filter = results, both(a.Filter, c.Whens[0].Cond)
		return sum, l
	}
	y := &expr.Case{Typ: t, Else: &expr.Literal{Value: value.NullOf(t)}}
	for i, w := range c.Whens {
		y.Whens = append(y.Whens, expr.When{Cond: w.Cond, Result: results[i]})
	}
	sum.Args = []expr.Expr{y}
	return sum, l
}

// both is the conjunction of two conditions, the first of which may be nil.
func both(a, b expr.Expr) expr.Expr {
	if a == nil {
		return b
	}
	return expr.AndOf([]expr.Expr{a, b})
}

// fixedResults returns the results of a CASE in the static type of all; nil if there is none, or
// their scales differ.
func fixedResults(c *expr.Case) (t types.Type, out []expr.Expr) {
	var ts []types.Type
	for _, w := range c.Whens {
		cast, ok := w.Result.(*expr.Cast)
		if !ok || !cast.Arg.Type().IsFixedNumeric() || cast.To != c.Typ {
			return t, nil
		}
		out = append(out, cast.Arg)
		ts = append(ts, cast.Arg.Type())
	}
	t, err := function.CommonType("CASE", ts)
	if err != nil || !t.IsFixedNumeric() {
		return t, nil
	}
	for i, e := range out {
		if e.Type() != t {
			out[i] = &expr.Cast{Arg: e, To: t}
		}
	}
	return t, out
}

// countZeros counts the rows whose value is the CASE's zero, or all if none is NULL.
func (r sumDefaults) countZeros(a logical.AggCall, noNulls bool) *logical.AggCall {
	f, _, err := function.ResolveAggregate("count", nil)
	if err != nil {
		return nil
	}
	count := &logical.AggCall{Col: r.ids.NewColumn("count", types.Of(types.Int8), false), Func: f, Filter: a.Filter}
	if !noNulls {
		for _, w := range a.Args[0].(*expr.Case).Whens {
			count.Filter = both(count.Filter, &expr.Test{Kind: expr.IsNotTrue, Arg: w.Cond})
		}
	}
	return count
}
