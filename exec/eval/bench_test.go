package eval

import (
	"math/rand"
	"testing"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

var money = types.NumericOf(15, 2)

// lineitem makes batches like TPC-H's: shipdate, discount, quantity,
// extendedprice, tax, shipmode (dictionary).
func lineitem(batches int) ([]*vector.Batch, []types.Type) {
	r := rand.New(rand.NewSource(1))
	ts := []types.Type{types.Of(types.Date), money, money, money, money, types.Of(types.Text)}
	modes := vector.FromStrings(ts[5], []string{"AIR", "MAIL", "SHIP", "RAIL", "TRUCK", "FOB", "REG AIR"})
	var out []*vector.Batch
	for range batches {
		const n = vector.BatchSize
		ship, codes := make([]int32, n), make([]int32, n)
		cols := [4][]int64{}
		for k := range cols {
			cols[k] = make([]int64, n)
		}
		for i := range ship {
			ship[i] = 8036 + int32(r.Intn(2526))
			cols[0][i], cols[1][i] = int64(r.Intn(11)), int64(100*(1+r.Intn(50)))
			cols[2][i], cols[3][i] = int64(90000+r.Intn(10000000)), int64(r.Intn(9))
			codes[i] = int32(r.Intn(7))
		}
		b := &vector.Batch{Rows: n, Cols: []*vector.Vector{vector.FromSlice(ts[0], ship)}}
		for _, c := range cols {
			b.Cols = append(b.Cols, vector.FromSlice(money, c))
		}
		b.Cols = append(b.Cols, vector.NewDict(codes, modes))
		out = append(out, b)
	}
	return out, ts
}

func date(days int64) expr.Expr { return lit(value.Value{Type: types.Of(types.Date), I: days}) }

func number(coef int64, p, s int) expr.Expr {
	return lit(value.Value{Type: types.NumericOf(p, s), I: coef})
}

func benchFilter(b *testing.B, make func(in func(int) expr.Expr) []expr.Expr) {
	batches, ts := lineitem(16)
	in := func(i int) expr.Expr { return &expr.Input{Index: i, Name: "c", Typ: ts[i]} }
	f, err := CompileFilter(make(in), ts, testContext)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	rows := 0
	for i := 0; b.Loop(); i++ {
		x := batches[i%len(batches)]
		if _, _, err := f.Select(x); err != nil {
			b.Fatal(err)
		}
		rows += x.Rows
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
}

// BenchmarkFilterQ6 is the filter of TPC-H Q6: 1.9 % of the rows pass.
func BenchmarkFilterQ6(b *testing.B) {
	benchFilter(b, func(in func(int) expr.Expr) []expr.Expr {
		return []expr.Expr{
			call(">=", in(0), date(8766)), call("<", in(0), date(9131)),
			call(">=", in(1), number(5, 3, 2)), call("<=", in(1), number(7, 3, 2)),
			call("<", in(2), number(2400, 4, 2)),
		}
	})
}

// BenchmarkFilterQ12 is an IN over a dictionary column with comparisons.
func BenchmarkFilterQ12(b *testing.B) {
	benchFilter(b, func(in func(int) expr.Expr) []expr.Expr {
		list := []expr.Expr{lit(value.Text("MAIL")), lit(value.Text("SHIP"))}
		return []expr.Expr{&expr.In{Arg: in(5), List: list}, call(">=", in(0), date(8766)), call("<", in(0), date(9131))}
	})
}

func benchProject(b *testing.B, share int, make func(in func(int) expr.Expr) []expr.Expr) {
	batches, ts := lineitem(16)
	in := func(i int) expr.Expr { return &expr.Input{Index: i, Name: "c", Typ: ts[i]} }
	p, err := Compile(make(in), ts, testContext)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewSource(2))
	for _, x := range batches {
		if share < 100 {
			x.Sel = []int32{}
			for i := 0; i < x.Rows; i++ {
				if r.Intn(100) < share {
					x.Sel = append(x.Sel, int32(i))
				}
			}
		}
	}
	b.ReportAllocs()
	rows := 0
	for i := 0; b.Loop(); i++ {
		x := batches[i%len(batches)]
		if _, err := p.Eval(x); err != nil {
			b.Fatal(err)
		}
		rows += x.Rows
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
}

func discounted(in func(int) expr.Expr) expr.Expr {
	return call("*", in(3), call("-", number(1, 1, 0), in(1)))
}

// BenchmarkProjectQ1 computes price*(1-discount) and price*(1-discount)*(1+tax).
func BenchmarkProjectQ1(b *testing.B) {
	benchProject(b, 100, func(in func(int) expr.Expr) []expr.Expr {
		return []expr.Expr{discounted(in), call("*", discounted(in), call("+", number(1, 1, 0), in(4)))}
	})
}

// BenchmarkProjectQ1Selected is the same for 98 % of the rows.
func BenchmarkProjectQ1Selected(b *testing.B) {
	benchProject(b, 98, func(in func(int) expr.Expr) []expr.Expr {
		return []expr.Expr{discounted(in), call("*", discounted(in), call("+", number(1, 1, 0), in(4)))}
	})
}

// BenchmarkProjectQ3 computes price*(1-discount) for a tenth of the rows.
func BenchmarkProjectQ3(b *testing.B) {
	benchProject(b, 10, func(in func(int) expr.Expr) []expr.Expr { return []expr.Expr{discounted(in)} })
}

// BenchmarkCase is a CASE over a dictionary column, as in Q12 and Q14.
func BenchmarkCase(b *testing.B) {
	benchProject(b, 100, func(in func(int) expr.Expr) []expr.Expr {
		return []expr.Expr{&expr.Case{Whens: []expr.When{{Cond: call("~~", in(5), lit(value.Text("R%"))), Result: in(3)}},
			Else: number(0, 15, 2), Typ: money}}
	})
}
