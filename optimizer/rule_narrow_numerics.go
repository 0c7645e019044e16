package optimizer

import (
	"context"
	"math"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// narrowNumerics computes what is summed or averaged in 64 bits where the tables' bounds prove
// that it fits, though its type has more digits. The results' types don't depend on these.
//
//	SELECT sum(price * (1 - discount)) FROM t   (numeric(15,2) each: products of 31 digits)
//	→ the same with products of 18 digits, if price is at most 104949.50 and discount 0.10
type narrowNumerics struct{ *env }

func (narrowNumerics) Name() string { return "narrow_numerics" }
func (narrowNumerics) Order() Order { return BottomUp }

func (r narrowNumerics) Apply(ctx context.Context, n logical.Node, _ *cost.Model) (logical.Node, bool, error) {
	x, ok := n.(*logical.Aggregate)
	if !ok {
		return n, false, nil
	}
	y := *x
	y.Aggs = append([]logical.AggCall(nil), x.Aggs...)
	in, _ := x.Input.(*logical.Project)
	var more []logical.Item // of the projection below
	narrowed := map[expr.ColumnID]expr.Expr{}
	changed := false
	for i, a := range x.Aggs {
		if a.Func.Name != "sum" && a.Func.Name != "avg" || len(a.Args) != 1 || a.Args[0].Type().Storage() != types.StoreInt128 {
			continue
		}
		if c, ok := a.Args[0].(*expr.Column); ok && in != nil {
			if narrowed[c.ID] == nil {
				e, ok := (&narrower{ctx: ctx, input: in.Input}).root(itemMap(in.Items)[c.ID])
				if !ok {
					continue
				}
				col := r.ids.NewColumn(c.Name, e.Type(), true)
				more = append(more, logical.Item{Col: col, Expr: e})
				narrowed[c.ID] = col.Ref()
			}
			y.Aggs[i].Args, changed = []expr.Expr{narrowed[c.ID]}, true
		} else if e, ok := (&narrower{ctx: ctx, input: x.Input}).root(a.Args[0]); ok {
			y.Aggs[i].Args, changed = []expr.Expr{e}, true
		}
	}
	if !changed {
		return n, false, nil
	}
	for i, a := range y.Aggs { // counts needn't keep the wide column alive
		if c, ok := oneColumn(a.Args); ok && a.Func.Name == "count" && narrowed[c.ID] != nil {
			y.Aggs[i].Args = []expr.Expr{narrowed[c.ID]}
		}
	}
	if more != nil {
		y.Input = &logical.Project{Input: in.Input, Items: concat(in.Items, more)}
	}
	return &y, true, nil
}

func oneColumn(args []expr.Expr) (*expr.Column, bool) {
	if len(args) != 1 {
		return nil, false
	}
	c, ok := args[0].(*expr.Column)
	return c, ok
}

// narrower rewrites expressions over input to such of 18 digits.
type narrower struct {
	ctx   context.Context
	input logical.Node
}

// narrowLimit is below 10^18 by more than the rounding of bounds as floats.
const narrowLimit = 9.9e17

// root narrows an expression of more than 18 digits.
func (w *narrower) root(e expr.Expr) (expr.Expr, bool) {
	if e == nil || !e.Type().IsFixedNumeric() || e.Type().Storage() != types.StoreInt128 || expr.Volatile(e) {
		return nil, false
	}
	out, _, ok := w.expr(e)
	if !ok {
		return nil, false
	}
	return &expr.Cast{Arg: out, To: out.Type()}, true // no work, but EXPLAIN shows the digits
}

// expr returns e with 64-bit intermediates, and a bound of its magnitude as an integer of its scale.
func (w *narrower) expr(e expr.Expr) (out expr.Expr, bound float64, ok bool) {
	t := e.Type()
	if !t.IsFixedNumeric() {
		return nil, 0, false
	}
	switch x := e.(type) {
	case *expr.Call:
		if out, bound, ok = w.call(x); ok {
			return out, bound, ok
		}
	case *expr.Case:
		if out, bound, ok = w.branches(x); ok {
			return out, bound, ok
		}
	case *expr.Cast:
		from := x.Arg.Type()
		if from.IsFixedNumeric() && from.Scale == t.Scale && from.Precision <= t.Precision {
			return w.expr(x.Arg)
		}
		if lo, hi, isInt := integerBounds(w.ctx, w.input, x.Arg); isInt && t.Storage() == types.StoreInt64 {
			bound = math.Max(math.Abs(float64(lo)), math.Abs(float64(hi))) * math.Pow10(int(t.Scale))
			return e, bound, bound < narrowLimit
		}
	}
	if t.Storage() != types.StoreInt64 {
		return nil, 0, false
	}
	switch x := e.(type) {
	case *expr.Literal:
		return e, math.Abs(float64(x.Value.I)), true
	case *expr.Column:
		if lo, hi, known := columnBounds(w.ctx, w.input, x.ID); known {
			return e, math.Max(math.Abs(float64(lo)), math.Abs(float64(hi))), true
		}
	}
	return e, math.Pow10(int(t.Precision)), true
}

// call narrows sums, differences and products.
func (w *narrower) call(x *expr.Call) (out expr.Expr, bound float64, ok bool) {
	if len(x.Args) != 2 {
		return nil, 0, false
	}
	a, ma, ok1 := w.expr(x.Args[0])
	b, mb, ok2 := w.expr(x.Args[1])
	if !ok1 || !ok2 {
		return nil, 0, false
	}
	sa, sb, s := a.Type().Scale, b.Type().Scale, x.Typ.Scale
	switch x.Func.Name {
	case "+", "-":
		ma, mb = ma*math.Pow10(int(s-sa)), mb*math.Pow10(int(s-sb))
		bound, ok = ma+mb, s == max(sa, sb)
	case "*":
		bound, ok = ma*mb, s == sa+sb
	}
	if !ok || max(bound, ma, mb) >= narrowLimit || s > 18 {
		return nil, 0, false
	}
	f := function.Unchecked(x.Func)
	if f == nil {
		return nil, 0, false
	}
	return &expr.Call{Func: f, Args: []expr.Expr{a, b}, Typ: boundedNumeric(bound, int(s))}, bound, true
}

// boundedNumeric is the type of numerics of a scale up to a bound, given as an integer of that scale:
// sums of 15 digits need not look for overflow.
func boundedNumeric(bound float64, scale int) types.Type {
	digits := 1
	for limit := 9.9; bound >= limit && digits < 18; limit *= 10 {
		digits++
	}
	return types.NumericOf(max(digits, scale), scale)
}

// branches narrows the results of a CASE, which have one scale.
func (w *narrower) branches(x *expr.Case) (out expr.Expr, bound float64, ok bool) {
	kids := x.Children()
	scale := int(x.Typ.Scale)
	results := map[int]expr.Expr{}
	for i, e := range kids {
		if i%2 == 0 && i < len(kids)-1 || isNullLit(e) {
			continue // a condition, or no value
		}
		r, m, ok := w.expr(e)
		if !ok || int(r.Type().Scale) != scale || scale > 18 {
			return nil, 0, false
		}
		results[i], bound = r, max(bound, m)
	}
	t := boundedNumeric(bound, scale)
	for _, r := range results {
		if p := r.Type(); p.Precision > t.Precision {
			t = p // a column may be of more digits than it has
		}
	}
	fresh := append([]expr.Expr(nil), kids...)
	for i := range kids {
		r := results[i]
		switch {
		case i%2 == 0 && i < len(kids)-1:
			continue
		case r == nil:
			r = &expr.Literal{Value: value.NullOf(t)}
		case r.Type() != t:
			r = &expr.Cast{Arg: r, To: t}
		}
		fresh[i] = r
	}
	y := x.WithChildren(fresh).(*expr.Case)
	y.Typ = t
	return y, bound, true
}
