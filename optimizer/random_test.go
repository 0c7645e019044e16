package optimizer

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// generator makes random plans over random tiny tables.
type generator struct {
	r      *rand.Rand
	ids    *logical.IDs
	tables []*memTable
	shared []*logical.Reuse
	faulty bool // make divisions, which can fail
}

func newGenerator(seed uint64) *generator {
	g := &generator{r: rand.New(rand.NewPCG(seed, 7)), ids: &logical.IDs{}}
	g.faulty = g.chance(3)
	for range 3 {
		t := &memTable{fields: []types.Field{
			{Name: "k", Type: tInt}, {Name: "a", Type: tInt, Nullable: true},
			{Name: "b", Type: tInt, Nullable: true}, {Name: "c", Type: tInt}}}
		n := g.r.IntN(8)
		for i := range n {
			t.rows = append(t.rows, []val{{i: int64(i)}, g.value(true), g.value(true), g.value(false)})
		}
		lo, hi := value.Int8(0), value.Int8(7)
		t.stats = catalog.Stats{Rows: float64(n), Columns: map[int]catalog.ColumnStats{
			0: {Distinct: float64(n), Unique: true, Min: &lo, Max: &hi}, 1: {Min: &lo, Max: &hi}}}
		g.tables = append(g.tables, t)
	}
	return g
}

func (g *generator) value(nullable bool) val {
	if nullable && g.r.IntN(4) == 0 {
		return null
	}
	return val{i: int64(g.r.IntN(3))}
}

func (g *generator) chance(n int) bool { return g.r.IntN(n) == 0 }

func (g *generator) scan() logical.Node {
	i := g.r.IntN(len(g.tables))
	t := g.tables[i]
	s := &logical.Scan{Catalog: "m", SchemaName: "s", Name: fmt.Sprintf("t%d", i), Table: t, Limit: -1}
	for j, f := range t.fields {
		s.Cols = append(s.Cols, g.ids.NewColumn(f.Name, f.Type, f.Nullable))
		s.Ordinals = append(s.Ordinals, j)
	}
	return s
}

func ints(cols []logical.Column) []logical.Column {
	var out []logical.Column
	for _, c := range cols {
		if c.Field.Type == tInt {
			out = append(out, c)
		}
	}
	return out
}

func bools(cols []logical.Column) []logical.Column {
	var out []logical.Column
	for _, c := range cols {
		if c.Field.Type == tBool {
			out = append(out, c)
		}
	}
	return out
}

// term is an integer expression; outer columns are picked often.
func (g *generator) term(cols, outer []logical.Column, depth int) expr.Expr {
	cols, outer = ints(cols), ints(outer)
	switch {
	case len(outer) > 0 && g.chance(3):
		return outer[g.r.IntN(len(outer))].Ref()
	case len(cols) == 0 || g.chance(6):
		return lit(int64(g.r.IntN(4)))
	case g.faulty && g.chance(8):
		return op("/", lit(6), g.term(cols, outer, 0))
	case depth > 0 && g.chance(5):
		return op([]string{"+", "-", "*"}[g.r.IntN(3)], g.term(cols, outer, depth-1), g.term(cols, outer, depth-1))
	case depth > 0 && g.chance(8):
		return &expr.Coalesce{Args: []expr.Expr{g.term(cols, outer, 0), lit(1)}, Typ: tInt}
	case depth > 0 && g.chance(10):
		return &expr.Case{Whens: []expr.When{{Cond: g.pred(cols, outer, 0), Result: g.term(cols, outer, 0)}}, Else: g.term(cols, outer, 0), Typ: tInt}
	}
	return cols[g.r.IntN(len(cols))].Ref()
}

func (g *generator) pred(cols, outer []logical.Column, depth int) expr.Expr {
	bs := concat(bools(cols), bools(outer))
	switch k := g.r.IntN(14); {
	case len(bs) > 0 && k < 4:
		e := expr.Expr(bs[g.r.IntN(len(bs))].Ref())
		if g.chance(2) {
			e = &expr.Not{Arg: e}
		}
		return e
	case k < 8:
		return op("=", g.term(cols, outer, 0), g.term(cols, outer, 0))
	case k < 9 && depth > 0:
		return &expr.Logic{Op: expr.LogicOp(g.r.IntN(2)), Args: []expr.Expr{g.pred(cols, outer, depth-1), g.pred(cols, outer, depth-1)}}
	case k < 10 && depth > 0:
		return &expr.Not{Arg: g.pred(cols, outer, depth-1)}
	case k == 10:
		return &expr.Test{Kind: expr.TestKind(g.r.IntN(2)), Arg: g.term(cols, outer, 1)}
	case k == 11:
		return &expr.In{Arg: g.term(cols, outer, 0), List: []expr.Expr{lit(0), g.term(cols, nil, 0)}, Negated: g.chance(2)}
	case k == 12 && depth > 0:
		return &expr.Distinct{Negated: g.chance(2), L: g.term(cols, outer, 1), R: g.term(cols, outer, 0)}
	}
	return op([]string{"<", "<=", ">", ">=", "<>"}[g.r.IntN(5)], g.term(cols, outer, 1), g.term(cols, outer, 1))
}

func (g *generator) preds(cols, outer []logical.Column) []expr.Expr {
	var out []expr.Expr
	for range 1 + g.r.IntN(2) {
		out = append(out, g.pred(cols, outer, 2))
	}
	return out
}

// node makes a plan that may refer to outer columns.
func (g *generator) node(depth int, outer []logical.Column) logical.Node {
	if depth <= 0 {
		n := g.scan()
		if g.chance(2) {
			n = filter(n, g.preds(n.Schema(), outer))
		}
		return n
	}
	switch g.r.IntN(16) {
	case 0, 1:
		in := g.node(depth-1, outer)
		return filter(in, g.preds(in.Schema(), outer))
	case 2:
		return g.project(g.node(depth-1, outer), outer)
	case 3, 4, 5:
		l, r := g.node(depth-1, outer), g.node(depth-1, outer)
		j := &logical.Join{Kind: logical.JoinKind(g.r.IntN(7)), L: l, R: r}
		if !g.chance(5) {
			j.On = g.preds(concat(l.Schema(), r.Schema()), outer)
		}
		if j.Kind == logical.Mark {
			j.MarkCol = g.ids.NewColumn("mark", tBool, true)
		}
		j.NullAware = j.Kind == logical.Anti && g.chance(2)
		return j
	case 6, 7, 8, 9:
		return g.apply(depth, outer)
	case 10, 11:
		return g.aggregate(g.node(depth-1, outer), outer, g.chance(2))
	case 12:
		return g.limit(g.node(depth-1, outer))
	case 13:
		return g.union(depth, outer)
	case 14:
		return g.windowed(g.node(depth-1, outer), outer)
	}
	return g.leafy(depth, outer)
}

func (g *generator) project(in logical.Node, outer []logical.Column) logical.Node {
	p := &logical.Project{Input: in}
	for _, c := range in.Schema() {
		if g.chance(3) {
			p.Items = append(p.Items, logical.Item{Col: c, Expr: c.Ref()})
		}
	}
	p.Items = append(p.Items, logical.Item{Col: g.ids.NewColumn("x", tInt, true), Expr: g.term(in.Schema(), outer, 2)})
	return p
}

func (g *generator) apply(depth int, outer []logical.Column) logical.Node {
	l := g.node(depth-1, outer)
	inner := append(append([]logical.Column(nil), outer...), l.Schema()...)
	kinds := []logical.JoinKind{logical.Inner, logical.Left, logical.Semi, logical.Anti, logical.Mark, logical.Single}
	a := &logical.Apply{Kind: kinds[g.r.IntN(len(kinds))], L: l, R: g.node(depth-1, inner)}
	if a.Kind == logical.Single || g.chance(4) {
		switch g.r.IntN(3) {
		case 0:
			a.R = g.aggregate(a.R, inner, true)
		case 1:
			a.R = g.project(g.aggregate(a.R, inner, true), inner)
		}
	}
	if g.chance(3) {
		a.On = g.preds(concat(l.Schema(), a.R.Schema()), outer)
	}
	if a.Kind != logical.Mark {
		return a
	}
	a.MarkCol = g.ids.NewColumn("mark", tBool, true)
	if g.chance(2) {
		return a
	}
	var m expr.Expr = a.MarkCol.Ref()
	if g.chance(2) {
		m = &expr.Not{Arg: m}
	}
	return filter(a, []expr.Expr{m})
}

func (g *generator) aggregate(in logical.Node, outer []logical.Column, scalar bool) logical.Node {
	x := &logical.Aggregate{Input: in}
	cols := in.Schema()
	if !scalar {
		for range 1 + g.r.IntN(2) {
			e := g.term(cols, nil, 1)
			col := g.ids.NewColumn("g", tInt, true)
			if c, ok := e.(*expr.Column); ok && g.chance(2) {
				col = logical.Column{ID: c.ID, Field: types.Field{Name: c.Name, Type: tInt, Nullable: true}}
			}
			dup := false
			for _, o := range x.Groups {
				dup = dup || o.Col.ID == col.ID
			}
			if !dup {
				x.Groups = append(x.Groups, logical.Item{Col: col, Expr: e})
			}
		}
		if g.chance(4) {
			return x
		}
	}
	for range 1 + g.r.IntN(2) {
		name := []string{"count", "sum", "min", "max"}[g.r.IntN(4)]
		a := logical.AggCall{Func: testAggs[name], Col: g.ids.NewColumn(name, tInt, name != "count"), Distinct: g.chance(4)}
		var o []logical.Column
		if g.chance(4) {
			o = outer
		}
		if name != "count" || g.chance(2) {
			a.Args = []expr.Expr{g.term(cols, o, 1)}
			if name == "sum" && g.chance(2) {
				a.Args[0] = op([]string{"+", "-"}[g.r.IntN(2)], g.term(cols, o, 0), lit(int64(g.r.IntN(4))))
			}
		} else {
			a.Distinct = false
		}
		if g.chance(5) {
			a.Filter = g.pred(cols, o, 1)
		}
		x.Aggs = append(x.Aggs, a)
	}
	return x
}

// total orders by every column, so that limits are deterministic.
func total(in logical.Node) []logical.SortKey {
	var keys []logical.SortKey
	for _, c := range in.Schema() {
		keys = append(keys, logical.SortKey{Expr: c.Ref()})
	}
	return keys
}

// order is a total one, where possible by keys alone: other columns can then be fetched late.
func (g *generator) order(in logical.Node) []logical.SortKey {
	var keys []logical.SortKey
	has := logical.Columns(in)
	for _, c := range keysOf(in) {
		if !has.Has(c.ID) {
			return total(in)
		}
		keys = append(keys, logical.SortKey{Expr: c.Ref(), Desc: g.chance(2)})
	}
	if keys == nil || g.chance(4) {
		return total(in)
	}
	return keys
}

// keysOf returns columns that no two rows share together, nil if it knows none.
func keysOf(n logical.Node) []logical.Column {
	switch x := n.(type) {
	case *logical.Scan:
		return x.Cols[:1]
	case *logical.Filter:
		return keysOf(x.Input)
	case *logical.Project:
		return keysOf(x.Input)
	case *logical.Join:
		l, r := keysOf(x.L), keysOf(x.R)
		switch {
		case x.Kind == logical.Semi || x.Kind == logical.Anti || x.Kind == logical.Mark:
			return l
		case (x.Kind == logical.Inner || x.Kind == logical.Left) && l != nil && r != nil:
			return concat(l, r)
		}
	}
	return nil
}

func (g *generator) limit(in logical.Node) logical.Node {
	if len(in.Schema()) == 0 {
		return in
	}
	keys := g.order(in)
	g.r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	l := &logical.Limit{Count: int64(g.r.IntN(3)), Offset: int64(g.r.IntN(2))}
	if g.chance(3) {
		l.WithTies = true
		keys = keys[:1]
		l.Keys, l.Offset, l.Count = keys, 0, l.Count+1
	}
	l.Input = &logical.Sort{Input: in, Keys: keys}
	return l
}

func (g *generator) union(depth int, outer []logical.Column) logical.Node {
	u := &logical.Union{Cols: []logical.Column{g.ids.NewColumn("u", tInt, true), g.ids.NewColumn("v", tInt, true)}}
	for range 2 {
		in := g.node(depth-1, outer)
		p := &logical.Project{Input: in}
		for range 2 {
			p.Items = append(p.Items, logical.Item{Col: g.ids.NewColumn("x", tInt, true), Expr: g.term(in.Schema(), outer, 1)})
		}
		u.Inputs = append(u.Inputs, p)
	}
	return u
}

func (g *generator) windowed(in logical.Node, outer []logical.Column) logical.Node {
	w := &logical.Window{Input: in, PartitionBy: []expr.Expr{g.term(in.Schema(), nil, 0)}}
	if g.chance(2) {
		w.OrderBy = []logical.SortKey{{Expr: g.term(in.Schema(), outer, 0)}}
	}
	w.Calls = []logical.WindowCall{{Col: g.ids.NewColumn("w", tInt, true), Agg: testAggs["sum"],
		Args: []expr.Expr{g.term(in.Schema(), nil, 0)}, Frame: defaultFrame()}}
	return w
}

// leafy makes VALUES, table functions and shared subplans.
func (g *generator) leafy(depth int, outer []logical.Column) logical.Node {
	switch g.r.IntN(4) {
	case 0:
		v := &logical.Values{Cols: []logical.Column{g.ids.NewColumn("v", tInt, true)}}
		for range 1 + g.r.IntN(2) {
			v.Rows = append(v.Rows, []expr.Expr{g.term(nil, outer, 1)})
		}
		return v
	case 1:
		var in logical.Node = &logical.Values{Rows: [][]expr.Expr{{}}}
		if g.chance(2) {
			in = g.node(depth-1, outer)
		}
		return &logical.TableFunc{Input: in, Func: testSeries, Outer: g.chance(3),
			Args: []expr.Expr{lit(1), g.term(in.Schema(), outer, 0)}, Cols: []logical.Column{g.ids.NewColumn("i", tInt, true)}}
	}
	if len(g.shared) > 0 && g.chance(2) {
		r := *g.shared[g.r.IntN(len(g.shared))]
		cols := append([]logical.Column(nil), r.Cols...)
		for i := range cols {
			cols[i].ID = g.ids.Next()
		}
		r.Cols = cols
		return &r
	}
	in := g.node(depth-1, nil)
	cols := slices.Clone(in.Schema())
	for i := range cols {
		cols[i].ID = g.ids.Next()
	}
	r := &logical.Reuse{ID: len(g.shared) + 1, Input: in, Cols: cols}
	g.shared = append(g.shared, r)
	return r
}
