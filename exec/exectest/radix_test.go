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

// independentCalls are those of allCalls that keep no rows of their own.
func independentCalls(t testing.TB, a int, ts []types.Type) (out []physical.AggCall) {
	for _, c := range allCalls(t, a, ts) {
		if !c.Distinct && len(c.OrderBy) == 0 {
			out = append(out, c)
		}
	}
	return out
}

// Every aggregate gives the same by partitions, of rows and of the states that
// early groups wait as: also what depends on the order of a group's rows.
func TestRadixCalls(t *testing.T) {
	ts := []types.Type{tInt8, tText, tInt4, types.NumericOf(12, 2), tText, tFloat, tBool}
	fields := Fields(ts...)
	rows := Random(rand.New(rand.NewSource(8)), fields, 4000, 60, 0.2)
	for _, r := range rows {
		if !r[0].Null {
			r[0].I *= 1_000_000_007
		}
		if f := &r[5]; !f.Null {
			f.F = float64(int64(f.F) % 8)
		}
	}
	for _, keys := range [][]expr.Expr{{in(0, tInt8)}, {in(1, tText), in(0, tInt8)}} {
		for _, two := range []bool{false, true} {
			build := func(x ...physical.Node) physical.Node {
				return reducing(plan(x[0], keys, independentCalls(t, 2, ts), nil, two))
			}
			want, err := Collect(t, build, []Input{{fields, rows}})
			if err != nil {
				t.Fatal(err)
			}
			want = roundFloats(want)
			for i, s := range shapes[3:] {
				s.radix = 10
				got, err := execute(context.Background(), build, []Input{{fields, rows}}, s, rand.New(rand.NewSource(int64(i))), -1, t)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, fmt.Sprintf("two phases %v, shape %+v", two, s), roundFloats(got), want, false)
			}
		}
	}
}

// Within little memory what waits in partitions goes to disk, or out of a
// partial aggregation; without a place to spill to the operator fails.
func TestRadixSmallMemory(t *testing.T) {
	const n = 60_000
	fields := Fields(tInt8, tText, tInt8)
	rows := make([]Row, n)
	for i := range rows {
		k := int64(i*7919%(n/3)) * 1_000_003
		rows[i] = Row{value.Int8(k), value.Text(fmt.Sprint("a key of some length ", k)), value.Int8(int64(i))}
	}
	input := Input{fields, rows}
	calls := []physical.AggCall{aggCall(t, "count"), aggCall(t, "sum", in(2, tInt8)), aggCall(t, "max", in(2, tInt8))}
	for _, keys := range [][]expr.Expr{{in(0, tInt8)}, {in(1, tText)}} {
		for _, two := range []bool{false, true} {
			leaf := &physical.ExchangeSource{Base: physical.Base{ID: 0, Out: fields}}
			node := reducing(plan(leaf, keys, calls, nil, two))
			want, limit := within{}.run(t, node, 1024, input), int64(5<<20)
			if two {
				limit *= 2
			}
			for name, w := range map[string]within{
				"unlimited": {radix: 5000}, "limited": {limit, 0, spill.NewDir(t.TempDir()), 5000}, "shared": {0, 1 << 20, spill.NewDir(t.TempDir()), 5000},
				"late":    {limit, 0, spill.NewDir(t.TempDir()), 9_000},
				"refused": {limit, 0, spill.NewDir(t.TempDir()), 12_000}} {
				got := w.run(t, node, 1024, input)
				if got.err != nil || len(got.rows) != n/3 || (got.spilled == 0) != (w.limit == 0) && name != "shared" && name != "refused" || w.limit > 0 && got.peak > w.limit {
					t.Errorf("%s, two phases %v: %v, %d rows, %d bytes spilled, peak %d", name, two, got.err, len(got.rows), got.spilled, got.peak)
				}
				compare(t, name, got.rows, want.rows, false)
			}
			if none := (within{limit: 2 << 20, radix: 5000}).run(t, node, 1024, input); sqlerr.Code(none.err) != sqlerr.OutOfMemory {
				t.Errorf("without a place to spill to: %v", none.err)
			}
		}
	}
}
