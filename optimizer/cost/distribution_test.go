package cost

import (
	"context"
	"math"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// TestDistribution estimates a skewed column: half of the rows are 7, a tenth are
// NULL, and of the others as many lie below 100 as above, up to 10,000.
func TestDistribution(t *testing.T) {
	num := func(i int64) value.Value { return value.Value{Type: i8, I: i} }
	s := scan(1e6, []types.Type{i8}, catalog.ColumnStats{Distinct: 2001, NullFrac: 0.1, Min: ptr(num(0)), Max: ptr(num(10_000)),
		Common:    []catalog.Common{{Value: num(7), Share: 0.5}},
		Histogram: []value.Value{num(0), num(50), num(100), num(5000), num(10_000)}})
	c := s.Cols[0].Ref()
	m := NewModel(context.Background())
	share := func(e ...expr.Expr) float64 { return m.Selectivity(s, e) }
	near(t, "= 7", share(call("=", c, lit(i8, 7))), 0.5)
	near(t, "= 8", share(call("=", c, lit(i8, 8))), 0.4/2000)
	near(t, "<> 7", share(call("<>", c, lit(i8, 7))), 0.5)
	near(t, "< 100", share(call("<", c, lit(i8, 100))), 0.7)
	near(t, "> 100", share(call(">", c, lit(i8, 100))), 0.2)
	near(t, ">= 7 and <= 7 has the common value alone", share(call(">=", c, lit(i8, 7)), call("<=", c, lit(i8, 7))), 0.5)
	near(t, "> 7 and < 75", share(call(">", c, lit(i8, 7)), call("<", c, lit(i8, 75))), 0.4*(1.5-0.14)/4)
	near(t, "IN (7, 8)", share(&expr.In{Arg: c, List: []expr.Expr{lit(i8, 7), lit(i8, 8)}}), 0.5+0.4/2000)
	if beyond := share(call(">", c, lit(i8, 20_000))); beyond > 0.001 {
		t.Errorf("beyond the maximum: %g", beyond)
	}
	f := &logical.Filter{Input: s, Preds: []expr.Expr{call(">", c, lit(i8, 100))}}
	if again := m.Selectivity(f, []expr.Expr{call("=", c, lit(i8, 7))}); again > 0.01 {
		t.Errorf("a common value that was filtered away still counts: %g", again)
	}
}

// TestDistributionNaN estimates a column in which NaN, the greatest number, is common and infinities bound the others.
func TestDistributionNaN(t *testing.T) {
	f8 := types.Of(types.Float8)
	num := func(f float64) value.Value { return value.Value{Type: f8, F: f} }
	s := scan(1e6, []types.Type{f8}, catalog.ColumnStats{Distinct: 1002, Min: ptr(num(math.Inf(-1))), Max: ptr(num(math.NaN())),
		Common:    []catalog.Common{{Value: num(math.NaN()), Share: 0.3}, {Value: num(7), Share: 0.2}},
		Histogram: []value.Value{num(math.Inf(-1)), num(0), num(50), num(100), num(math.Inf(1))}})
	c := s.Cols[0].Ref()
	m := NewModel(context.Background())
	share := func(op string, f float64) float64 {
		return m.Selectivity(s, []expr.Expr{call(op, c, &expr.Literal{Value: num(f)})})
	}
	near(t, "= NaN", share("=", math.NaN()), 0.3)
	near(t, "= Infinity", share("=", math.Inf(1)), 0.0005)
	near(t, "= 7", share("=", 7), 0.2)
	near(t, "> 50 has NaN", share(">", 50), 0.3+0.25)
	near(t, "< 25", share("<", 25), 0.2+0.5*(1+0.5)/4)
	near(t, "< -10", share("<", -10), 0.5*0.5/4)
}

// TestSampledPredicates runs what no formula knows on the values that are known.
func TestSampledPredicates(t *testing.T) {
	text := types.Of(types.Text)
	str := func(s string) value.Value { return value.Value{Type: text, S: s} }
	s := scan(1e6, []types.Type{text}, catalog.ColumnStats{Distinct: 4,
		Common: []catalog.Common{{Value: str("AIR"), Share: 0.4}, {Value: str("REG AIR"), Share: 0.3}, {Value: str("RAIL"), Share: 0.2}, {Value: str("FOB"), Share: 0.1}}})
	c := s.Cols[0].Ref()
	m := NewModel(context.Background())
	like := func(pattern string) expr.Expr {
		for _, f := range function.Scalars("~~") {
			if f.Args[0].Kind == types.Text && f.Kernel != nil {
				return &expr.Call{Func: f, Args: []expr.Expr{c, &expr.Literal{Value: str(pattern)}}, Typ: boolType}
			}
		}
		t.Fatal("no LIKE")
		return nil
	}
	near(t, "LIKE", m.Selectivity(s, []expr.Expr{like("%AIR")}), 0.7)
	near(t, "LIKE of two parts", m.Selectivity(s, []expr.Expr{like("R%I%")}), 0.5)
	near(t, "NOT LIKE", m.Selectivity(s, []expr.Expr{&expr.Not{Arg: like("%AIR")}}), 0.3)
	if none := m.Selectivity(s, []expr.Expr{like("nothing%")}); none > 1e-6 {
		t.Errorf("all values are known and none passes: %g", none)
	}
}

// fed is feedback of one figure.
type fed struct {
	of   Digest
	rows float64
}

func (f fed) Knows(uint64) bool { return true }

func (f fed) Rows(d [16]byte) (float64, bool) { return f.rows, f.of == Digest(d) }

// versioned is a table with an identity.
type versioned struct {
	*table
	id string
}

func (v versioned) Identity() string { return v.id }

// TestFeedbackByShape measures one order of a join, and finds it again in others;
// other constants, versions of a table and conditions are other shapes.
func TestFeedbackByShape(t *testing.T) {
	plan := func(value int64, id string, swap bool) logical.Node {
		l := scan(1e6, []types.Type{i8, i8}, catalog.ColumnStats{Distinct: 1000}, catalog.ColumnStats{Distinct: 10})
		r := scan(1e3, []types.Type{i8}, catalog.ColumnStats{Unique: true})
		for _, s := range []*logical.Scan{l, r} {
			tab := s.Table.(table)
			s.Table = versioned{&tab, id}
		}
		l.Name, r.Name = "l", "r"
		pred := call("=", l.Cols[1].Ref(), lit(i8, value))
		a, b := expr.Expr(l.Cols[0].Ref()), expr.Expr(r.Cols[0].Ref())
		if swap {
			return &logical.Filter{Input: &logical.Join{L: r, R: l, On: []expr.Expr{call("=", b, a)}}, Preds: []expr.Expr{pred}}
		}
		return &logical.Join{L: &logical.Filter{Input: l, Preds: []expr.Expr{pred}}, R: r, On: []expr.Expr{call("=", a, b)}}
	}
	m := NewModel(context.Background())
	first := plan(5, "v1", false)
	near(t, "as estimated", m.Rows(first), 1e5)
	d, tables, ok := m.Named(first)
	if !ok || len(tables) != 2 {
		t.Fatalf("%v tables, %t", tables, ok)
	}
	rows := func(n logical.Node, measured float64) float64 {
		return NewModel(context.Background()).WithFeedback(fed{d, measured}).Rows(n)
	}
	near(t, "as measured", rows(plan(5, "v1", false), 42), 42)
	near(t, "in another order", rows(plan(5, "v1", true), 42), 42)
	near(t, "another constant", rows(plan(6, "v1", false), 42), 1e5)
	near(t, "another version of the table", rows(plan(5, "v2", false), 42), 1e5)
	near(t, "no correction of less than two", rows(plan(5, "v1", false), 6e4), 1e5)
}
