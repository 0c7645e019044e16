package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// joinOrder reorders inner joins by cost: exhaustively up to ten relations,
// greedily beyond, bushy, with cross products only where nothing connects the
// parts. Semi, anti, mark and left joins move along as operators that apply as
// soon as, or after, the columns of their conditions are there.
//
//	FROM lineitem, orders, customer, nation WHERE … n_name = 'PERU'
//	→ lineitem ⋈ (orders ⋈ (customer ⋈ nation))
//
// The smaller input of each join becomes its right side, which builds the hash table.
type joinOrder struct{ *env }

func (joinOrder) Name() string { return "join_order" }
func (joinOrder) Order() Order { return WholeTree }

func (r joinOrder) Apply(_ context.Context, n logical.Node, m *cost.Model) (logical.Node, bool, error) {
	o := &orderer{model: m, chosen: r.orders, done: map[logical.Node]logical.Node{}}
	out := o.node(n)
	return out, out != n, nil
}

// orderer reorders one plan.
type orderer struct {
	model *cost.Model
	// done are the nodes that were reordered: inputs of Reuse nodes, and what was looked at as a
	// relation of a cluster that turned out to have no others.
	done map[logical.Node]logical.Node
	// chosen, if not nil, is told each order.
	chosen func(*search, *joined)
}

func (o *orderer) node(n logical.Node) logical.Node {
	out, ok := o.done[n]
	if !ok {
		out = o.reordered(n)
		o.done[n] = out
	}
	return out
}

func (o *orderer) reordered(n logical.Node) logical.Node {
	if isJoinRoot(n) {
		c := &cluster{o: o, model: o.model}
		c.extract(n)
		if len(c.rels) >= 2 && len(c.rels) <= 60 {
			return withSchema(c.best(), n.Schema())
		}
	}
	kids := n.Children()
	fresh := make([]logical.Node, len(kids))
	changed := false
	for i, k := range kids {
		fresh[i] = o.node(k)
		changed = changed || fresh[i] != k
	}
	if !changed {
		return n
	}
	return n.WithChildren(fresh)
}

// isJoinRoot reports whether a cluster of joins may begin at n.
func isJoinRoot(n logical.Node) bool {
	switch x := n.(type) {
	case *logical.Join:
		return movableJoin(x)
	case *logical.Filter:
		return allFixed(x.Preds) && isJoinRoot(x.Input)
	}
	return false
}

func movableJoin(x *logical.Join) bool {
	switch x.Kind {
	case logical.Inner, logical.Semi, logical.Anti, logical.Mark, logical.Left:
		return allFixed(x.On)
	}
	return false
}

func allFixed(es []expr.Expr) bool {
	for _, e := range es {
		if !fixed(e) && !movableKey(e) {
			return false
		}
	}
	return true
}

// relSet is a set of relations of a cluster, by their index.
type relSet uint64

func (s relSet) has(o relSet) bool { return s&o == o }

// cluster is a set of relations to join, the predicates between them, and the
// operators on top.
type cluster struct {
	o       *orderer
	model   *cost.Model
	rels    []logical.Node
	props   []*cost.Props
	preds   []predicate
	ops     []operator
	classes []class
	owner   map[expr.ColumnID]relSet // relation, or what an operator's output needs
	output  map[expr.ColumnID]int    // operator that makes the column
	near    []relSet                 // relations connected to each relation
	parts   []relSet                 // connected components
	raw     []expr.Expr
}

// predicate is a conjunct over several relations, or over operators' outputs.
type predicate struct {
	e    expr.Expr
	rels relSet
	ops  []int
}

// operator is a non-inner join with its right side.
type operator struct {
	kind      logical.JoinKind
	right     logical.Node
	on        []expr.Expr
	nullAware bool
	mark      logical.Column
	rels      relSet
	needed    bool // some predicate or operator uses its output: it can't wait
}

// class is a set of columns that all predicates together make equal.
type class struct {
	cols []*expr.Column
	eq   *expr.Call // any of the equalities: its function serves all
}

// extract collects the relations under n.
func (c *cluster) extract(n logical.Node) {
	switch x := n.(type) {
	case *logical.Filter:
		if isJoinRoot(x) {
			c.extract(x.Input)
			c.raw = append(c.raw, x.Preds...)
			return
		}
	case *logical.Project:
		if allPass(x.Items) && isJoinRoot(x.Input) {
			c.extract(x.Input)
			return
		}
	case *logical.Join:
		if !movableJoin(x) {
			break
		}
		c.extract(x.L)
		if x.Kind == logical.Inner {
			c.extract(x.R)
			c.raw = append(c.raw, x.On...)
			return
		}
		c.ops = append(c.ops, operator{kind: x.Kind, right: c.o.node(x.R), on: x.On, nullAware: x.NullAware, mark: x.MarkCol})
		return
	}
	c.rels = append(c.rels, c.o.node(n))
}

// prepare works out who owns which column, and which relations are connected.
func (c *cluster) prepare() {
	c.owner, c.output = map[expr.ColumnID]relSet{}, map[expr.ColumnID]int{}
	for i, r := range c.rels {
		for id := range logical.Columns(r) {
			c.owner[id] = 1 << i
		}
	}
	for i := range c.ops {
		c.prepareOp(i)
	}
	c.classify()
	for i, r := range c.rels {
		var own []expr.Expr
		var rest []predicate
		for _, p := range c.preds {
			if p.rels == 1<<i && len(p.ops) == 0 {
				own = append(own, p.e)
			} else {
				rest = append(rest, p)
			}
		}
		c.preds = rest
		c.rels[i] = filter(r, own)
		c.props = append(c.props, c.model.Props(c.rels[i]))
	}
	c.connect()
}

func (c *cluster) prepareOp(i int) {
	op := &c.ops[i]
	right := logical.Columns(op.right)
	for id := range expr.Columns(op.on...) {
		if right.Has(id) {
			continue
		}
		op.rels |= c.owner[id]
		if j, ok := c.output[id]; ok {
			c.ops[j].needed = true
		}
	}
	if op.rels == 0 {
		op.rels = 1<<len(c.rels) - 1
	}
	switch op.kind {
	case logical.Mark:
		c.owner[op.mark.ID], c.output[op.mark.ID] = op.rels, i
	case logical.Left:
		for id := range right {
			c.owner[id], c.output[id] = op.rels, i
		}
	}
}

// classify sorts the conjuncts into classes of equal columns and the rest.
func (c *cluster) classify() {
	at := map[expr.ColumnID]int{}
	for _, e := range c.raw {
		if l, r, eq, ok := c.columnEquality(e); ok {
			c.unite(at, l, r, eq)
			continue
		}
		p := predicate{e: e}
		for id := range expr.Columns(e) {
			p.rels |= c.owner[id]
			if j, ok := c.output[id]; ok {
				p.ops = append(p.ops, j)
				c.ops[j].needed = true
			}
		}
		if p.rels == 0 {
			p.rels = 1<<len(c.rels) - 1
		}
		c.preds = append(c.preds, p)
	}
}

// columnEquality recognizes an equality of two relations' columns of one type.
func (c *cluster) columnEquality(e expr.Expr) (l, r *expr.Column, eq *expr.Call, ok bool) {
	eq, ok = e.(*expr.Call)
	if !ok || eq.Func.Name != "=" || len(eq.Args) != 2 || eq.Func.Args[0] != eq.Func.Args[1] {
		return nil, nil, nil, false
	}
	l, ok1 := eq.Args[0].(*expr.Column)
	r, ok2 := eq.Args[1].(*expr.Column)
	if !ok1 || !ok2 || c.owner[l.ID] == c.owner[r.ID] {
		return nil, nil, nil, false
	}
	_, o1 := c.output[l.ID]
	_, o2 := c.output[r.ID]
	return l, r, eq, !o1 && !o2
}

func (c *cluster) unite(at map[expr.ColumnID]int, l, r *expr.Column, eq *expr.Call) {
	i, okL := at[l.ID]
	j, okR := at[r.ID]
	switch {
	case okL && okR && i == j:
		return // follows from the others
	case okL && okR:
		if c.classes[i].eq.Func != eq.Func || c.classes[j].eq.Func != eq.Func {
			break
		}
		for _, col := range c.classes[j].cols {
			at[col.ID] = i
		}
		c.classes[i].cols = append(c.classes[i].cols, c.classes[j].cols...)
		c.classes[j].cols = nil
		return
	case okL && c.classes[i].eq.Func == eq.Func:
		c.classes[i].cols = append(c.classes[i].cols, r)
		at[r.ID] = i
		return
	case okR && c.classes[j].eq.Func == eq.Func:
		c.classes[j].cols = append(c.classes[j].cols, l)
		at[l.ID] = j
		return
	case !okL && !okR:
		at[l.ID], at[r.ID] = len(c.classes), len(c.classes)
		c.classes = append(c.classes, class{[]*expr.Column{l, r}, eq})
		return
	}
	c.preds = append(c.preds, predicate{e: eq, rels: c.owner[l.ID] | c.owner[r.ID]})
}

// connect finds which relations are joined by predicates of two relations.
func (c *cluster) connect() {
	n := len(c.rels)
	c.near = make([]relSet, n)
	link := func(s relSet) {
		for i := range n {
			if s.has(1 << i) {
				c.near[i] |= s
			}
		}
	}
	for _, k := range c.classes {
		var s relSet
		for _, col := range k.cols {
			s |= c.owner[col.ID]
		}
		link(s)
	}
	for _, p := range c.preds {
		if size(p.rels) == 2 {
			link(p.rels)
		}
	}
	for i := range n { // one row joins with anything
		if atMostOne(c.rels[i]) {
			c.near[i] = 1<<n - 1
			for j := range n {
				c.near[j] |= 1 << i
			}
		}
	}
	var seen relSet
	for i := range n {
		if seen.has(1 << i) {
			continue
		}
		part := relSet(1 << i)
		for grown := true; grown; {
			next := part | c.neighbours(part)
			grown = next != part
			part = next
		}
		seen |= part
		c.parts = append(c.parts, part)
	}
}

func (c *cluster) neighbours(s relSet) relSet {
	var out relSet
	for i := range c.rels {
		if s.has(1 << i) {
			out |= c.near[i]
		}
	}
	return out
}
