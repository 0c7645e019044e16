package exectest

import (
	"context"
	"fmt"
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// allCalls are one call or more of every aggregate, over the columns int4,
// numeric(12,2), text, float8 and bool at positions a, a+1, ….
func allCalls(t testing.TB, a int, ts []types.Type) []physical.AggCall {
	arg := func(i int) expr.Expr { return in(a+i, ts[a+i]) }
	var calls []physical.AggCall
	add := func(name string, args ...expr.Expr) *physical.AggCall {
		calls = append(calls, aggCall(t, name, args...))
		return &calls[len(calls)-1]
	}
	for _, name := range []string{"count", "sum", "avg", "min", "max", "any_value", "array_agg", "bit_and", "bit_or", "bit_xor", "variance", "stddev_pop"} {
		add(name, arg(0))
	}
	for _, name := range []string{"sum", "avg", "min", "array_agg", "var_samp"} {
		add(name, arg(1))
	}
	for _, name := range []string{"count", "min", "max", "any_value", "array_agg"} {
		add(name, arg(2))
	}
	for _, name := range []string{"sum", "avg", "max", "var_pop", "stddev_samp"} {
		add(name, arg(3))
	}
	for _, name := range []string{"corr", "covar_pop", "regr_slope", "regr_count", "regr_r2", "regr_avgx"} {
		add(name, arg(3), &expr.Cast{Arg: arg(0), To: tFloat})
	}
	add("bool_and", arg(4))
	add("bool_or", arg(4))
	add("string_agg", arg(2), lit(value.Text("-")))
	order := func(c *physical.AggCall, i int, desc bool) *physical.AggCall {
		c.OrderBy = append(c.OrderBy, physical.OrderExpr{Expr: arg(i), Desc: desc, NullsFirst: desc})
		return c
	}
	order(add("string_agg", arg(2), lit(value.Text(","))), 0, true)
	order(add("array_agg", arg(1)), 2, false)
	order(add("percentile_disc", lit(value.Float8(0.3)), arg(0)), 0, false)
	order(add("percentile_cont", lit(value.Float8(0.5)), arg(3)), 3, false)
	order(add("mode", arg(2)), 2, false)
	for _, name := range []string{"count", "sum", "avg"} {
		add(name, arg(0)).Distinct = true
		add(name, arg(1)).Distinct = true
	}
	c := add("count", arg(2))
	c.Distinct, c.Filter = true, call(t, ">", arg(0), lit(value.Int4(1)))
	order(add("array_agg", arg(2)), 2, true).Distinct = true
	order(add("string_agg", arg(2), lit(value.Text("+"))), 2, false).Distinct = true
	return calls
}

// Every aggregate gives the same on disk as in memory, also with few groups of
// many rows. Floats are small integers, whose sums are exact in any order.
func TestSpilledCalls(t *testing.T) {
	for gi, gt := range [][]types.Type{{}, {tInt8}, {tText, tNum}} {
		ts := append(append([]types.Type(nil), gt...), tInt4, types.NumericOf(12, 2), tText, tFloat, tBool)
		fields := Fields(ts...)
		for _, groups := range []int{3, 200} {
			rows := Random(rand.New(rand.NewSource(int64(gi))), fields, 250, groups, 0.2)
			for _, r := range rows {
				if f := &r[len(gt)+3]; !f.Null {
					f.F = float64(int64(f.F) % 8)
				}
			}
			var keys []expr.Expr
			for i, g := range gt {
				keys = append(keys, in(i, g))
			}
			build := func(x ...physical.Node) physical.Node {
				return plan(x[0], keys, allCalls(t, len(gt), ts), nil, false)
			}
			want, err := Collect(t, build, []Input{{fields, rows}})
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range allCalls(t, len(gt), ts) { // one by one, so that a difference has a name
				if groups > 3 && gi != 1 {
					break
				}
				at := len(gt) + i
				one := make([]Row, len(want))
				for k, r := range want {
					one[k] = append(append(Row{}, r[:len(gt)]...), r[at])
				}
				ok := t.Run(fmt.Sprint(gi, groups, c.Func.Name, i), func(t *testing.T) {
					got, err := spilled(t, func(x ...physical.Node) physical.Node {
						return plan(x[0], keys, []physical.AggCall{c}, nil, false)
					}, Input{fields, rows}, 20)
					if err != nil {
						t.Fatal(err)
					}
					compare(t, "spilled", roundFloats(got), roundFloats(one), false)
				})
				if !ok {
					t.FailNow()
				}
			}
			got, err := spilled(t, build, Input{fields, rows}, 60)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "all calls spilled", roundFloats(got), roundFloats(want), false)
		}
	}
}

// roundFloats drops the last digits of floats: deviations are merged in
// another order on disk.
func roundFloats(rows []Row) []Row {
	for _, r := range rows {
		for i, v := range r {
			if v.Type.Kind == types.Float8 && !v.Null {
				r[i] = value.Text(fmt.Sprintf("%.9f", v.F))
			}
		}
	}
	return rows
}

// spilled runs the plan once, moving rows to disk as soon as there are so many.
func spilled(t testing.TB, build func(in ...physical.Node) physical.Node, in Input, rows int) ([]Row, error) {
	return execute(context.Background(), build, []Input{in}, shape{batch: 16, spill: rows}, rand.New(rand.NewSource(3)), -1, t)
}

// Within a small account groups and distinct values go to disk by themselves;
// without a place to spill to the operator fails and says its name.
func TestAggregateSmallMemory(t *testing.T) {
	const n, limit = 120_000, 8 << 20
	fields := Fields(tInt8, tText, tInt8)
	rows := make([]Row, n)
	for i := range rows {
		k := int64(i*7919%n) / 2
		rows[i] = Row{value.Int8(k), value.Text(fmt.Sprintf("a text with the number %d in it", k)), value.Int8(int64(i % 3))}
	}
	distinct := aggCall(t, "count", in(0, tInt8))
	distinct.Distinct = true
	texts := aggCall(t, "count", in(1, tText))
	texts.Distinct = true
	sums := []physical.AggCall{aggCall(t, "count"), aggCall(t, "sum", in(2, tInt8)), aggCall(t, "max", in(1, tText))}
	for name, c := range map[string]struct {
		groups []expr.Expr
		calls  []physical.AggCall
		sets   [][]int
		want   int
	}{
		"integer keys":    {[]expr.Expr{in(0, tInt8)}, sums, nil, n / 2},
		"text keys":       {[]expr.Expr{in(1, tText)}, sums, nil, n / 2},
		"distinct":        {[]expr.Expr{in(0, tInt8), in(1, tText)}, nil, nil, n / 2},
		"grouping sets":   {[]expr.Expr{in(0, tInt8), in(2, tInt8)}, sums[:2], [][]int{{0}, {1}, {}}, n/2 + 4},
		"one large group": {nil, []physical.AggCall{distinct, texts, sums[1]}, nil, 1},
		"large groups":    {[]expr.Expr{in(2, tInt8)}, []physical.AggCall{distinct, texts, sums[1]}, nil, 3},
	} {
		t.Run(name, func(t *testing.T) {
			input := Input{fields, rows}
			node := plan(&physical.ExchangeSource{Base: physical.Base{ID: 0, Out: fields}}, c.groups, c.calls, c.sets, false)
			want := within{}.run(t, node, 1024, input)
			got := within{limit + int64(len(c.calls))<<20*3, 0, spill.NewDir(t.TempDir())}.run(t, node, 1024, input)
			if got.err != nil || want.err != nil || got.spilled == 0 || len(want.rows) != c.want {
				t.Fatalf("%v, %v, %d bytes spilled, %d rows", got.err, want.err, got.spilled, len(want.rows))
			}
			t.Logf("peak %d, %d bytes spilled", got.peak, got.spilled)
			compare(t, "spilled", got.rows, want.rows, false)
			over := within{0, 4 << 20, spill.NewDir(t.TempDir())}.run(t, node, 1024, input)
			if over.err != nil || over.spilled == 0 || over.spilled > 3*got.spilled {
				t.Errorf("over its share: %v, %d bytes spilled", over.err, over.spilled)
			}
			compare(t, "over its share", over.rows, want.rows, false)
			none := within{limit: 4 << 20}.run(t, node, 1024, input)
			if sqlerr.Code(none.err) != sqlerr.OutOfMemory {
				t.Errorf("without a place to spill to: %v", none.err)
			}
		})
	}
}
