package exectest

import (
	"math/rand"
	"testing"

	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// TestPartialGivesUp runs a partial aggregation over far more groups than it
// accepts: it must pass rows through and the final phase must still be right.
func TestPartialGivesUp(t *testing.T) {
	n := 300_000
	for _, groups := range []int{n, n / 2, 100} {
		fields := Fields(tInt8, types.NumericOf(12, 2))
		rows := make([]Row, n)
		for i := range rows {
			rows[i] = Row{value.Int8(int64(i % groups * 7919)), {Type: fields[1].Type, I: int64(i)}}
		}
		rand.New(rand.NewSource(1)).Shuffle(n, func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		calls := []physical.AggCall{aggCall(t, "count"), aggCall(t, "sum", in(1, fields[1].Type)), aggCall(t, "min", in(1, fields[1].Type))}
		build := func(two bool) func(x ...physical.Node) physical.Node {
			return func(x ...physical.Node) physical.Node {
				return plan(x[0], []expr.Expr{in(0, tInt8)}, calls, nil, two)
			}
		}
		want, err := Collect(t, build(false), []Input{{fields, rows}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Collect(t, build(true), []Input{{fields, rows}})
		if err != nil {
			t.Fatal(err)
		}
		if len(want) != groups {
			t.Fatalf("%d groups, want %d", len(want), groups)
		}
		compare(t, "two phases", got, want, false)
	}
}

// TestStatistics compares with what PostgreSQL 15 prints.
func TestStatistics(t *testing.T) {
	fields := Fields(tInt4, tFloat, types.NumericOf(9, 2), tFloat)
	var rows []Row
	for _, x := range []int32{1, 2, 4, 7, 11} {
		rows = append(rows, Row{value.Int4(x), value.Float8(float64(x)), {Type: fields[2].Type, I: int64(x) * 150}, value.Float8(float64(x*x) - 3)})
	}
	rows = append(rows, Row{value.NullOf(tInt4), value.NullOf(tFloat), value.NullOf(fields[2].Type), value.NullOf(tFloat)})
	for _, c := range []struct {
		name string
		args []int
		want string
	}{
		{"avg", []int{0}, "5.0000000000000000"}, {"stddev", []int{0}, "4.0620192023179802"}, {"var_pop", []int{0}, "13.2000000000000000"},
		{"variance", []int{2}, "37.1250000000000000"}, {"stddev_pop", []int{1}, "3.63318042491699"}, {"avg", []int{2}, "7.5000000000000000"},
		{"sum", []int{2}, "37.50"}, {"corr", []int{1, 3}, "0.973969507115348"}, {"regr_slope", []int{3, 1}, "12"}, {"covar_pop", []int{1, 3}, "158.4"},
		{"regr_count", []int{1, 3}, "5"}, {"bit_or", []int{0}, "15"}, {"bit_and", []int{0}, "0"}, {"max", []int{2}, "16.50"},
	} {
		var args []expr.Expr
		for _, a := range c.args {
			args = append(args, in(a, fields[a].Type))
		}
		for _, two := range []bool{false, true} {
			got, err := Collect(t, func(x ...physical.Node) physical.Node {
				return plan(x[0], nil, []physical.AggCall{aggCall(t, c.name, args...)}, nil, two)
			}, []Input{{fields, rows}})
			if err != nil {
				t.Fatal(c.name, err)
			}
			if s := Format(got[0]); s != c.want {
				t.Errorf("%s %v: %s, PostgreSQL has %s", c.name, c.args, s, c.want)
			}
		}
	}
}

// TestFinalEncodings feeds states in every encoding to a final aggregation.
func TestFinalEncodings(t *testing.T) {
	calls := []physical.AggCall{aggCall(t, "avg", in(0, tInt4)), aggCall(t, "sum", in(0, tFloat)), aggCall(t, "variance", in(0, tInt4))}
	var fields []types.Field
	for _, c := range calls {
		for _, s := range c.Func.State(c.ArgTypes) {
			fields = append(fields, types.Field{Name: "s", Type: s, Nullable: true})
		}
	}
	whole := func(x int64) value.Value { return value.Value{Type: types.NumericOf(38, 0), D: value.Int128From(x)} }
	row := Row{value.Int8(6), value.Int8(2), value.Float8(1.5), value.Int8(2), value.Int8(2), whole(6), whole(20)}
	want := []Row{{{Type: tNum}, value.Float8(6), {Type: tNum}}}
	want[0][0].N = value.NumericFromFixed(value.MulInt64(3, 1e16), 16)
	want[0][2].N, _ = value.NumericFromInt64(8).Div(value.NumericFromInt64(7))
	Run(t, func(x ...physical.Node) physical.Node {
		return &physical.HashAggregate{Base: physical.Base{ID: 1, Out: Fields(tNum, tFloat, tNum)}, Input: x[0], Phase: physical.Final, Calls: calls}
	}, []Input{{fields, []Row{row, row, row, row}}}, want, Options{})
}
