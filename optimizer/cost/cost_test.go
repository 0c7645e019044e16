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

type table struct {
	fields []types.Field
	stats  catalog.Stats
}

func (t table) Schema() []types.Field                               { return t.fields }
func (t table) Stats(context.Context, []int) (catalog.Stats, error) { return t.stats, nil }
func (t table) Scan(context.Context, catalog.ScanRequest) (catalog.ScanPlan, error) {
	return catalog.ScanPlan{}, nil
}

var (
	ids      = &logical.IDs{}
	date     = types.Of(types.Date)
	i8       = types.Of(types.Int8)
	boolType = types.Of(types.Bool)
)

// scan makes a table; each column has a type and statistics.
func scan(rows float64, typ []types.Type, cols ...catalog.ColumnStats) *logical.Scan {
	t := table{stats: catalog.Stats{Rows: rows, Columns: map[int]catalog.ColumnStats{}}}
	s := &logical.Scan{Limit: -1}
	for i, c := range cols {
		f := types.Field{Name: string(rune('a' + i)), Type: typ[i]}
		t.fields = append(t.fields, f)
		t.stats.Columns[i] = c
		s.Cols = append(s.Cols, ids.NewColumn(f.Name, f.Type, false))
		s.Ordinals = append(s.Ordinals, i)
	}
	s.Table = t
	return s
}

func call(op string, a, b expr.Expr) expr.Expr {
	return &expr.Call{Func: &function.Func{Name: op, Args: []types.Type{a.Type(), b.Type()}}, Args: []expr.Expr{a, b}, Typ: boolType}
}

func lit(t types.Type, i int64) expr.Expr { return &expr.Literal{Value: value.Value{Type: t, I: i}} }

func ptr(v value.Value) *value.Value { return &v }

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > want*0.02 {
		t.Errorf("%s: got %g, want %g", what, got, want)
	}
}

func TestRangeOfDates(t *testing.T) {
	s := scan(1e6, []types.Type{date}, catalog.ColumnStats{Distinct: 2400,
		Min: ptr(value.Value{Type: date, I: 8000}), Max: ptr(value.Value{Type: date, I: 10400})})
	c := s.Cols[0].Ref()
	m := NewModel(context.Background())
	year := []expr.Expr{call(">=", c, lit(date, 8600)), call("<", c, lit(date, 8960))}
	near(t, "15 % of the range", m.Rows(&logical.Filter{Input: s, Preds: year}), 150_000)
	near(t, "distinct dates left", m.Distinct(&logical.Filter{Input: s, Preds: year}, c.ID), 360)
	s2 := *s
	s2.Filters = year
	near(t, "the same in the scan", m.Rows(&s2), 150_000)
	if r := m.Rows(&logical.Filter{Input: s, Preds: []expr.Expr{call(">", c, lit(date, 20000))}}); r > 1 {
		t.Errorf("beyond the maximum: %g rows", r)
	}
}

func TestEqualityAndLists(t *testing.T) {
	s := scan(1e6, []types.Type{i8, i8}, catalog.ColumnStats{Distinct: 50}, catalog.ColumnStats{Distinct: 1000, NullFrac: 0.5})
	a, b := s.Cols[0].Ref(), s.Cols[1].Ref()
	m := NewModel(context.Background())
	share := func(e ...expr.Expr) float64 { return m.Selectivity(s, e) }
	near(t, "a = 1", share(call("=", a, lit(i8, 1))), 1.0/50)
	near(t, "a <> 1", share(call("<>", a, lit(i8, 1))), 49.0/50)
	near(t, "b = 1, half of them NULL", share(call("=", b, lit(i8, 1))), 0.0005)
	near(t, "a IN (1,2,3)", share(&expr.In{Arg: a, List: []expr.Expr{lit(i8, 1), lit(i8, 2), lit(i8, 3)}}), 0.06)
	near(t, "b IS NULL", share(&expr.Test{Kind: expr.IsNull, Arg: b}), 0.5)
	near(t, "OR", share(&expr.Logic{Op: expr.Or, Args: []expr.Expr{call("=", a, lit(i8, 1)), call("=", a, lit(i8, 2))}}), 0.0396)
}

// TestCompositeKey is lineitem ⋈ partsupp: two columns that together are a key,
// whose product of distinct counts is far more than there are rows.
func TestCompositeKey(t *testing.T) {
	l := scan(6e6, []types.Type{i8, i8}, catalog.ColumnStats{Distinct: 2e5}, catalog.ColumnStats{Distinct: 1e4})
	ps := scan(8e5, []types.Type{i8, i8}, catalog.ColumnStats{Distinct: 2e5}, catalog.ColumnStats{Distinct: 1e4})
	on := []expr.Expr{call("=", l.Cols[0].Ref(), ps.Cols[0].Ref()), call("=", l.Cols[1].Ref(), ps.Cols[1].Ref())}
	m := NewModel(context.Background())
	near(t, "each line item has one", m.Rows(&logical.Join{L: l, R: ps, On: on}), 6e6)
}

func TestJoins(t *testing.T) {
	o := scan(1.5e6, []types.Type{i8, i8}, catalog.ColumnStats{Unique: true}, catalog.ColumnStats{Distinct: 1e5})
	c := scan(1.5e5, []types.Type{i8, i8}, catalog.ColumnStats{Unique: true}, catalog.ColumnStats{Distinct: 25})
	m := NewModel(context.Background())
	on := []expr.Expr{call("=", o.Cols[1].Ref(), c.Cols[0].Ref())}
	near(t, "foreign key", m.Rows(&logical.Join{L: o, R: c, On: on}), 1.5e6)
	some := &logical.Filter{Input: c, Preds: []expr.Expr{call("=", c.Cols[1].Ref(), lit(i8, 3))}}
	near(t, "to a fifth of a quarter", m.Rows(&logical.Join{L: o, R: some, On: on}), 9e4)
	near(t, "semi join", m.Rows(&logical.Join{Kind: logical.Semi, L: c, R: o, On: on}), 1e5)
	near(t, "anti join", m.Rows(&logical.Join{Kind: logical.Anti, L: c, R: o, On: on}), 5e4)
	near(t, "left join keeps all", m.Rows(&logical.Join{Kind: logical.Left, L: o, R: some, On: on}), 1.5e6)
	g := &logical.Aggregate{Input: o, Groups: []logical.Item{{Col: o.Cols[1], Expr: o.Cols[1].Ref()}}}
	near(t, "groups", m.Rows(g), 1e5)
	if !m.Props(g).Cols[o.Cols[1].ID].Unique {
		t.Error("a single group column is a key")
	}
}
