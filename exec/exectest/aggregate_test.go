package exectest

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

func agg(t testing.TB, name string, args ...types.Type) *function.Agg {
	f, _, err := function.ResolveAggregate(name, args)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func aggCall(t testing.TB, name string, args ...expr.Expr) physical.AggCall {
	ts := make([]types.Type, len(args))
	for i, a := range args {
		ts[i] = a.Type()
	}
	f := agg(t, name, ts...)
	return physical.AggCall{Func: f, ArgTypes: ts, Args: args, Result: f.ResultType(ts)}
}

// plan makes a one- or two-phase aggregation.
func plan(input physical.Node, groups []expr.Expr, calls []physical.AggCall, sets [][]int, twoPhase bool) physical.Node {
	var fields, partial []types.Field
	for _, g := range groups {
		fields = append(fields, types.Field{Name: "g", Type: g.Type(), Nullable: true})
	}
	partial = append(partial, fields...)
	for _, c := range calls {
		fields = append(fields, types.Field{Name: "a", Type: c.Result})
		for _, s := range c.Func.State(c.ArgTypes) {
			partial = append(partial, types.Field{Name: "s", Type: s})
		}
	}
	if sets != nil {
		fields = append(fields, types.Field{Name: "set", Type: tInt8})
		partial = append(partial, types.Field{Name: "set", Type: tInt8})
	}
	if !twoPhase {
		return &physical.HashAggregate{Base: physical.Base{ID: 1, Out: fields}, Input: input, Groups: groups, Calls: calls, Sets: sets}
	}
	p := &physical.HashAggregate{Base: physical.Base{ID: 1, Out: partial}, Input: input, Phase: physical.Partial, Groups: groups, Calls: calls, Sets: sets}
	return &physical.HashAggregate{Base: physical.Base{ID: 2, Out: fields}, Input: p, Phase: physical.Final, Groups: groups, Calls: calls, Sets: sets}
}

// reducing makes a partial aggregation expect few groups.
func reducing(final physical.Node) physical.Node {
	if p, ok := final.Children()[0].(*physical.HashAggregate); ok {
		p.Rows, p.Input.Info().Rows = 10, 1000
	}
	return final
}

func TestHashAggregate(t *testing.T) {
	rng := rand.New(rand.NewSource(5))
	groupTypes := [][]types.Type{{}, {tInt8}, {tInt4}, {tText}, {tBool, tText}, {tInt8, tInt8}, {tInt8, tInt8, tInt8}, {tNum}, {tFloat, tText},
		{types.Of(types.Int2), types.Of(types.Date)}, {types.NumericOf(30, 2)}, {types.Of(types.Char)}, {types.Of(types.Interval)}, {types.Of(types.Float4)}}
	for gi, gt := range groupTypes {
		for mode := 0; mode < 6; mode++ {
			ts := append(append([]types.Type(nil), gt...), tInt4, types.NumericOf(12, 2), tText)
			fields := Fields(ts...)
			rows := Random(rng, fields, []int{200, 0, 50}[mode%3], []int{500, 4}[mode%2], 0.2)
			if mode == 2 && len(gt) > 0 && gt[0] == tInt8 {
				spread(gt, 1, rows)
			}
			a, b, c := len(gt), len(gt)+1, len(gt)+2
			var groups []expr.Expr
			for i, g := range gt {
				groups = append(groups, in(i, g))
			}
			distinct := aggCall(t, "count", in(c, tText))
			distinct.Distinct = mode%2 == 0
			filtered := aggCall(t, "sum", in(b, ts[b]))
			filtered.Filter = call(t, ">", in(a, tInt4), lit(value.Int4(2)))
			calls := []physical.AggCall{aggCall(t, "count"), aggCall(t, "sum", in(a, tInt4)), aggCall(t, "avg", in(b, ts[b])),
				aggCall(t, "min", in(c, tText)), aggCall(t, "max", in(a, tInt4)), distinct, filtered}
			want := naiveAggregate(rows, len(gt), ts, distinct.Distinct)
			for _, two := range []bool{false, true} {
				if two && distinct.Distinct {
					continue
				}
				ok := t.Run(fmt.Sprintf("%d/%d/%v", gi, mode, two), func(t *testing.T) {
					Run(t, func(x ...physical.Node) physical.Node { return plan(x[0], groups, calls, nil, two) },
						[]Input{{fields, rows}}, want, Options{})
					if mode == 0 || mode == 5 && gi%3 == 0 {
						Run(t, func(x ...physical.Node) physical.Node { return plan(x[0], groups, calls, nil, two) },
							[]Input{{fields, rows}}, want, Options{Spill: []int{40, 0, 0, 0, 0, 2}[mode]})
					}
					if len(gt) > 0 && (mode == 1 || mode == 3) {
						Run(t, func(x ...physical.Node) physical.Node { return reducing(plan(x[0], groups, calls, nil, two)) },
							[]Input{{fields, rows}}, want, Options{Radix: 2, Spill: 20 * (mode - 1)})
					}
				})
				if !ok {
					t.FailNow()
				}
			}
		}
	}
}

// naiveAggregate computes the calls of TestHashAggregate by definition.
func naiveAggregate(rows []Row, keys int, ts []types.Type, distinct bool) (out []Row) {
	var groups [][]Row
	for _, r := range rows {
		i := slices.IndexFunc(groups, func(g []Row) bool {
			for k := 0; k < keys; k++ {
				if equal(g[0][k], r[k], true) != yes {
					return false
				}
			}
			return true
		})
		if i < 0 {
			i = len(groups)
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	if keys == 0 && len(groups) == 0 {
		groups = append(groups, nil)
	}
	for _, g := range groups {
		var row Row
		if len(g) > 0 {
			row = append(row, g[0][:keys]...)
		}
		out = append(out, append(row, naiveCalls(g, keys, ts, distinct)...))
	}
	return out
}

func naiveCalls(g []Row, a int, ts []types.Type, distinct bool) Row {
	b, c := a+1, a+2
	sumA, sumB, lo, hi, filtered := value.NullOf(tInt8), int64(0), value.NullOf(tText), value.NullOf(tInt4), value.NullOf(types.NumericOf(38, 2))
	countB, texts := int64(0), map[string]int{}
	for _, r := range g {
		if x := r[a]; !x.Null {
			sumA = value.Int8(sumA.I + x.I)
			if hi.Null || x.I > hi.I {
				hi = x
			}
		}
		if x := r[b]; !x.Null {
			sumB, countB = sumB+x.I, countB+1
			if !r[a].Null && r[a].I > 2 {
				filtered.Null = false
				filtered.D = filtered.D.AddInt64(x.I)
			}
		}
		if x := r[c]; !x.Null {
			texts[x.S]++
			if lo.Null || x.S < lo.S {
				lo = x
			}
		}
	}
	avg := value.NullOf(tNum)
	if countB > 0 {
		avg.Null = false
		avg.N, _ = value.Avg(value.Int128From(sumB), 2, countB)
	}
	n := 0
	for _, k := range texts {
		if n += k; distinct {
			n += 1 - k
		}
	}
	return Row{value.Int8(int64(len(g))), sumA, avg, lo, hi, value.Int8(int64(n)), filtered}
}

func TestGroupingSets(t *testing.T) {
	fields := Fields(tInt4, tText, tInt4)
	rows := Random(rand.New(rand.NewSource(6)), fields, 60, 4, 0.2)
	sets := [][]int{{0, 1}, {0}, {}}
	var want []Row
	for s, set := range sets {
		part := make([]Row, len(rows))
		for i, r := range rows {
			part[i] = Row{value.NullOf(tInt4), value.NullOf(tText), r[2]}
			for _, c := range set {
				part[i][c] = r[c]
			}
		}
		seen := map[string]int{}
		for _, r := range part {
			k := Format(r[:2])
			if _, ok := seen[k]; !ok {
				seen[k] = len(want)
				want = append(want, Row{r[0], r[1], value.Int8(0), value.Int8(int64(s))})
			}
			want[seen[k]][2].I++
		}
	}
	for _, two := range []bool{false, true} {
		for _, spill := range []int{0, 12} {
			Run(t, func(x ...physical.Node) physical.Node {
				return plan(x[0], []expr.Expr{in(0, tInt4), in(1, tText)}, []physical.AggCall{aggCall(t, "count")}, sets, two)
			}, []Input{{fields, rows}}, want, Options{Spill: spill})
		}
		Run(t, func(x ...physical.Node) physical.Node {
			return plan(x[0], []expr.Expr{in(0, tInt4), in(1, tText)}, []physical.AggCall{aggCall(t, "count")}, sets, two)
		}, []Input{{fields, nil}}, []Row{{value.NullOf(tInt4), value.NullOf(tText), value.Int8(0), value.Int8(2)}}, Options{})
	}
	for _, in0 := range [][]Row{rows, nil} {
		answer := want
		if in0 == nil {
			answer = []Row{{value.NullOf(tInt4), value.NullOf(tText), value.Int8(0), value.Int8(2)}}
		}
		Run(t, func(x ...physical.Node) physical.Node {
			return rolledUp(plan(x[0], []expr.Expr{in(0, tInt4), in(1, tText)}, []physical.AggCall{aggCall(t, "count")}, sets, true))
		}, []Input{{fields, in0}}, answer, Options{})
	}
}

// rolledUp makes the grouping sets of a two-phase aggregation from the groups by all keys.
func rolledUp(final physical.Node) physical.Node {
	sets := final.Children()[0].(*physical.HashAggregate)
	fine := *sets
	fine.Base = physical.Base{ID: 3, Out: sets.Out[:len(sets.Out)-1]}
	fine.Sets = nil
	sets.Input, sets.Phase = &fine, physical.Merge
	return final
}

func TestOrderedCalls(t *testing.T) {
	fields := Fields(tInt4, tText, tInt4)
	rows := []Row{}
	for i, s := range []string{"c", "a", "b", "a", ""} {
		rows = append(rows, Row{value.Int4(int32(i % 2)), value.Text(s), value.Int4(int32(i))})
	}
	joined := aggCall(t, "string_agg", in(1, tText), lit(value.Text("-")))
	joined.OrderBy = []physical.OrderExpr{{Expr: in(1, tText)}}
	array := aggCall(t, "array_agg", in(2, tInt4))
	array.OrderBy = []physical.OrderExpr{{Expr: in(2, tInt4), Desc: true}}
	pc := aggCall(t, "percentile_cont", lit(value.Float8(0.5)), &expr.Cast{Arg: in(2, tInt4), To: tFloat})
	pc.OrderBy = []physical.OrderExpr{{Expr: in(2, tInt4)}}
	list := func(xs ...int32) value.Value {
		v := value.Value{Type: types.ArrayOf(tInt4)}
		for _, x := range xs {
			v.List = append(v.List, value.Int4(x))
		}
		return v
	}
	want := []Row{{value.Int4(0), value.Text("-b-c"), list(4, 2, 0), value.Float8(2)}, {value.Int4(1), value.Text("a-a"), list(3, 1), value.Float8(2)}}
	for spill := range 3 {
		Run(t, func(x ...physical.Node) physical.Node {
			return plan(x[0], []expr.Expr{in(0, tInt4)}, []physical.AggCall{joined, array, pc}, nil, false)
		}, []Input{{fields, rows}}, want, Options{Spill: spill})
	}
}
