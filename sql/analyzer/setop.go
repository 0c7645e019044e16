package analyzer

import (
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// setStmt binds a chain of set operations, from left to right; runs of UNION
// ALL become one node.
func (b *binder) setStmt(s *ast.SetOprStmt, parent *block, w *with) (logical.Node, error) {
	var plan logical.Node
	for i, o := range core.SetOperands(s) {
		p, err := b.query(o.Query, parent, w, true)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			plan = p
			continue
		}
		if plan, err = b.setOp(o, plan, p); err != nil {
			return nil, err
		}
	}
	k := newBlock(parent, w)
	k.src.plan = plan
	return b.tail(&selection{k: k, src: s, setOp: true}, plan, s.OrderBy)
}

// setOp combines two plans.
func (b *binder) setOp(o core.SetOperand, l, r logical.Node) (logical.Node, error) {
	name := map[string]string{"union": "UNION", "intersect": "INTERSECT", "except": "EXCEPT"}[o.Op]
	if len(l.Schema()) != len(r.Schema()) {
		return nil, b.errorAt(firstField(o.Query), sqlerr.Syntax, "each %s query must have the same number of columns", name)
	}
	l, r, err := b.align(name, l, r, o.Query)
	if err != nil {
		return nil, err
	}
	switch {
	case o.Op == "union" && o.All:
		return b.unionAll(l, r), nil
	case o.Op == "union":
		return distinct(b.unionAll(l, r)), nil
	}
	width := len(l.Schema())
	if o.All {
		if l, err = b.numberDuplicates(l); err != nil {
			return nil, err
		}
		if r, err = b.numberDuplicates(r); err != nil {
			return nil, err
		}
	}
	return b.matchSides(o.Op, l, r, width)
}

// firstField is where Postgres points for an operand with another number of columns.
func firstField(q ast.ResultSetNode) ast.Node {
	if s, ok := q.(*ast.SelectStmt); ok && s.Fields != nil && len(s.Fields.Fields) > 0 {
		if f := s.Fields.Fields[0]; f.Expr != nil {
			return f.Expr
		}
	}
	return nil
}

// align gives both sides the same column types.
func (b *binder) align(name string, l, r logical.Node, n ast.Node) (logical.Node, logical.Node, error) {
	ls, rs := l.Schema(), r.Schema()
	want := make([]types.Type, len(ls))
	for i := range ls {
		lt, rt := ls[i].Field.Type, rs[i].Field.Type
		t, ok := commonType([]types.Type{lt, rt})
		if !ok {
			return nil, nil, b.errorAt(fieldAt(n, i), sqlerr.DatatypeMismatch, "%s types %s and %s cannot be matched", name, lt, rt)
		}
		if t.Kind == types.Unknown {
			t = types.Of(types.Text)
		}
		want[i] = t
	}
	l, err := b.retype(l, want)
	if err != nil {
		return nil, nil, err
	}
	r, err = b.retype(r, want)
	return l, r, err
}

func fieldAt(q ast.Node, i int) ast.Node {
	if s, ok := q.(*ast.SelectStmt); ok && s.Fields != nil && i < len(s.Fields.Fields) && s.Fields.Fields[i].Expr != nil {
		return s.Fields.Fields[i].Expr
	}
	return nil
}

// retype casts a plan's columns. Constants on top of it take the type themselves.
func (b *binder) retype(n logical.Node, want []types.Type) (logical.Node, error) {
	cols := n.Schema()
	same := true
	for i, c := range cols {
		same = same && c.Field.Type == want[i]
	}
	if same {
		return n, nil
	}
	if u, ok := n.(*logical.Union); ok {
		return b.retypeUnion(u, want)
	}
	items := passThrough(cols)
	if p, ok := n.(*logical.Project); ok {
		items, n = append([]logical.Item(nil), p.Items...), p.Input
	}
	for i := range items {
		if items[i].Expr.Type() == want[i] {
			continue
		}
		e, err := b.coerce(items[i].Expr, want[i], nil)
		if err != nil {
			return nil, err
		}
		if e.Type() != want[i] {
			e = &expr.Cast{Arg: e, To: want[i]}
		}
		f := items[i].Col.Field
		items[i] = logical.Item{Col: b.ids.NewColumn(f.Name, want[i], f.Nullable), Expr: e}
	}
	return &logical.Project{Input: n, Items: items}, nil
}

// retypeUnion casts a union's inputs rather than its output, so that it can grow.
func (b *binder) retypeUnion(u *logical.Union, want []types.Type) (logical.Node, error) {
	out := &logical.Union{}
	for _, in := range u.Inputs {
		in, err := b.retype(in, want)
		if err != nil {
			return nil, err
		}
		out.Inputs = append(out.Inputs, in)
	}
	for i, c := range u.Cols {
		out.Cols = append(out.Cols, b.ids.NewColumn(c.Field.Name, want[i], c.Field.Nullable))
	}
	return out, nil
}

func (b *binder) unionAll(l, r logical.Node) logical.Node {
	u := &logical.Union{}
	if x, ok := l.(*logical.Union); ok {
		u.Inputs = append(u.Inputs, x.Inputs...)
	} else {
		u.Inputs = append(u.Inputs, l)
	}
	u.Inputs = append(u.Inputs, r)
	rs := r.Schema()
	for i, c := range l.Schema() {
		col := b.ids.NewColumn(c.Field.Name, c.Field.Type, c.Field.Nullable || rs[i].Field.Nullable)
		if b.exact.Has(c.ID) && b.exact.Has(rs[i].ID) && c.Field.Type == rs[i].Field.Type {
			b.exact.Add(col.ID)
		}
		u.Cols = append(u.Cols, col)
	}
	return u
}

// distinct removes duplicate rows.
func distinct(n logical.Node) logical.Node {
	return &logical.Aggregate{Input: n, Groups: passThrough(n.Schema())}
}

// numberDuplicates adds a column that numbers equal rows from 1, so that
// INTERSECT ALL and EXCEPT ALL become their distinct forms.
func (b *binder) numberDuplicates(n logical.Node) (logical.Node, error) {
	f, err := b.windowFunc("row_number", nil, nil)
	if err != nil {
		return nil, err
	}
	w := &logical.Window{Input: n}
	for _, c := range n.Schema() {
		w.PartitionBy = append(w.PartitionBy, c.Ref())
	}
	w.Calls = []logical.WindowCall{{Col: b.ids.NewColumn("row_number", f.typ, false), Func: f.window, Frame: defaultFrame()}}
	return w, nil
}

// matchSides is INTERSECT or EXCEPT of distinct rows: rows are tagged with
// their side, and a group is kept by the sides it has. The result has the first width columns.
func (b *binder) matchSides(op string, l, r logical.Node, width int) (logical.Node, error) {
	u := b.unionAll(b.tag(l, 0), b.tag(r, 1)).(*logical.Union)
	cols := u.Cols[:len(u.Cols)-1]
	side := u.Cols[len(u.Cols)-1]
	a := &logical.Aggregate{Input: u, Groups: passThrough(cols)}
	bound := func(name string) (*expr.Column, error) {
		f, err := b.aggregateFunc(name, []expr.Expr{side.Ref()}, nil)
		if err != nil {
			return nil, err
		}
		c := b.ids.NewColumn(name, f.typ, true)
		a.Aggs = append(a.Aggs, logical.AggCall{Col: c, Func: f.agg, Args: f.args})
		return c.Ref(), nil
	}
	last, err := bound("max")
	if err != nil {
		return nil, err
	}
	test := func(c *expr.Column, v int32) (expr.Expr, error) {
		return b.operator("=", []expr.Expr{c, &expr.Literal{Value: value.Int4(v)}}, nil)
	}
	var preds []expr.Expr
	want := map[string]int32{"intersect": 1, "except": 0}[op]
	p, err := test(last, want)
	if err != nil {
		return nil, err
	}
	preds = append(preds, p)
	if op == "intersect" {
		first, err := bound("min")
		if err != nil {
			return nil, err
		}
		if p, err = test(first, 0); err != nil {
			return nil, err
		}
		preds = append(preds, p)
	}
	return &logical.Project{Input: &logical.Filter{Input: a, Preds: preds}, Items: passThrough(cols[:width])}, nil
}

// tag adds the constant column that tells the sides apart.
func (b *binder) tag(n logical.Node, side int32) logical.Node {
	c := b.ids.NewColumn("side", types.Of(types.Int4), false)
	items := append(passThrough(n.Schema()), logical.Item{Col: c, Expr: &expr.Literal{Value: value.Int4(side)}})
	return &logical.Project{Input: n, Items: items}
}
