package server

import (
	"github.com/flintsql/flint/cluster"
	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/server/state"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
)

// feedback reports whether the session's queries learn and use what was learnt.
func (s *Session) feedback() bool { return s.settings.get("feedback") == "on" }

// learner returns what keeps a finished query's figures; nil if nothing does.
func (s *Session) learner(pl *planned) func(cluster.Result) {
	if !s.feedback() {
		return nil
	}
	store := s.engine.state
	return func(res cluster.Result) { store.Learn(measured(pl, res.Runs())) }
}

// measured lists the subplans whose estimate was far from what ran. Those that
// were estimated well need not be remembered.
func measured(pl *planned, runs []physical.StageRun) []state.Measured {
	if pl.physical.Logical == nil || len(runs) < len(pl.physical.Stages) {
		return nil
	}
	rows := actualRows(pl.physical, runs)
	cut := cutNodes(pl.physical, runs, rows)
	var out []state.Measured
	for n, actual := range rows {
		if cut[n] || !counts(n) || cost.OffBy(pl.model.Rows(n), actual) < cost.CorrectFrom {
			continue
		}
		if d, tables, ok := pl.model.Named(n); ok {
			out = append(out, state.Measured{Digest: state.Digest(d), Rows: actual, Tables: tables})
		}
	}
	return out
}

// counts tells nodes whose rows are estimated for themselves.
func counts(n logical.Node) bool {
	switch x := n.(type) {
	case *logical.Scan:
		return x.Limit < 0
	case *logical.Filter, *logical.Join:
		return true
	case *logical.Aggregate:
		return len(x.Groups) > 0
	}
	return false
}

// actualRows adds up what the operators that yield a node's rows have yielded.
func actualRows(p *physical.Plan, runs []physical.StageRun) map[logical.Node]float64 {
	out := map[logical.Node]float64{}
	for _, s := range p.Stages {
		physical.Walk(s.Root, func(op physical.Node) {
			if n := p.Logical[op.Info().ID]; n != nil {
				out[n] = float64(runs[s.ID].Total(op.Info().ID).Rows)
			}
		})
	}
	return out
}

// cutter finds the nodes that did not see all of their rows.
type cutter struct {
	rows   map[logical.Node]float64
	joins  map[logical.Node]logical.JoinKind // as they ran
	cut    map[logical.Node]bool
	traced map[logical.Node]bool // for the subplans of Reuse
}

// cutNodes finds the nodes whose rows say nothing of their estimates: below a
// LIMIT, on the probe side of a join whose build side was empty, on the way from a join's key
// or a TopN's leading one to the scan that it filters (exec's runtime filters and bounds), and below
// the joins of stages that were re-planned.
func cutNodes(p *physical.Plan, runs []physical.StageRun, rows map[logical.Node]float64) map[logical.Node]bool {
	c := &cutter{rows: rows, joins: map[logical.Node]logical.JoinKind{}, cut: map[logical.Node]bool{}, traced: map[logical.Node]bool{}}
	var roots []logical.Node
	for _, s := range p.Stages {
		physical.Walk(s.Root, func(op physical.Node) {
			n := p.Logical[op.Info().ID]
			if n == nil {
				return
			}
			roots = append(roots, n)
			if j, ok := op.(*physical.HashJoin); ok {
				c.joins[n] = j.Kind
			}
		})
	}
	for _, n := range roots {
		c.visit(n)
	}
	for _, s := range p.Stages {
		if runs[s.ID].Replanned != "" {
			c.replanned(p, runs[s.ID], s.Root)
		}
	}
	return c.cut
}

// replanned marks what a re-planned stage may have read in part or several times: all below
// its topmost join, and if it gave no row, all that it reads.
func (c *cutter) replanned(p *physical.Plan, run physical.StageRun, root physical.Node) {
	empty := run.Total(root.Info().ID).Rows == 0
	for op := root; ; op = op.Children()[0] {
		if n := p.Logical[op.Info().ID]; n != nil && empty {
			c.belowAll(n)
		}
		kids := op.Children()
		if len(kids) == 1 {
			continue
		}
		for _, k := range kids {
			physical.Walk(k, func(x physical.Node) {
				if n := p.Logical[x.Info().ID]; n != nil {
					c.cut[n] = true
				}
			})
		}
		return
	}
}

// belowAll marks everything under a node, without the node.
func (c *cutter) belowAll(n logical.Node) {
	for _, k := range n.Children() {
		c.below(k)
	}
}

// visit marks what a node cuts below itself.
func (c *cutter) visit(n logical.Node) {
	if c.traced[n] {
		return
	}
	c.traced[n] = true
	switch x := n.(type) {
	case *logical.Limit:
		c.below(x.Input)
	case *logical.TopN:
		if len(x.Keys) > 0 {
			if col, ok := x.Keys[0].Expr.(*expr.Column); ok {
				c.trace(x.Input, col.ID)
			}
		}
	case *logical.Join:
		c.join(x)
	}
	for _, k := range n.Children() {
		c.visit(k)
	}
}

func (c *cutter) join(x *logical.Join) {
	probe, build := x.L, x.R
	kind, ran := c.joins[x]
	if !ran {
		kind = x.Kind
	}
	if kind != x.Kind { // RightSemi and RightAnti build the left side
		probe, build = x.R, x.L
	}
	switch kind {
	case logical.Inner, logical.Semi, logical.Right, logical.RightSemi, logical.RightAnti:
	default:
		return
	}
	if n, ok := c.rows[build]; !ok || n == 0 {
		c.below(probe)
	}
	for _, e := range x.On {
		for _, k := range e.Children() {
			if col, ok := renamed(k).(*expr.Column); ok {
				c.trace(probe, col.ID)
				if !ran { // nobody knows which side was probed
					c.trace(build, col.ID)
				}
			}
		}
	}
}

// renamed looks through a cast that only gives a string type another name.
func renamed(e expr.Expr) expr.Expr {
	if c, ok := e.(*expr.Cast); ok && function.Relabels(c.Arg.Type(), c.To) {
		return c.Arg
	}
	return e
}

// below marks everything under a node, with the node, that may stop early.
func (c *cutter) below(n logical.Node) {
	c.cut[n] = true
	for _, k := range n.Children() {
		c.below(k)
	}
}

// trace marks the way from a column down to the scan it comes from.
func (c *cutter) trace(n logical.Node, id expr.ColumnID) bool {
	found := false
	follow := func(k logical.Node, e expr.Expr) {
		if col, ok := renamed(e).(*expr.Column); ok {
			found = c.trace(k, col.ID) || found
		}
	}
	switch x := n.(type) {
	case *logical.Scan:
		for _, col := range x.Cols {
			found = found || col.ID == id
		}
	case *logical.Project:
		for _, it := range x.Items {
			if it.Col.ID == id {
				follow(x.Input, it.Expr)
			}
		}
	case *logical.Aggregate:
		for _, g := range x.Groups {
			if g.Col.ID == id {
				follow(x.Input, g.Expr)
			}
		}
	case *logical.Union:
		for i, col := range x.Cols {
			for _, in := range x.Inputs {
				if col.ID == id {
					found = c.trace(in, in.Schema()[i].ID) || found
				}
			}
		}
	case *logical.Reuse:
		for i, col := range x.Cols {
			if col.ID == id {
				found = c.trace(x.Input, x.Input.Schema()[i].ID) || found
			}
		}
	default:
		for _, k := range n.Children() {
			found = c.trace(k, id) || found
		}
	}
	if found {
		c.cut[n] = true
	}
	return found
}

// cutOperators is cutNodes by operator, for EXPLAIN ANALYZE. Operators that yield
// no node's rows as such count as what they read.
func cutOperators(p *physical.Plan, runs []physical.StageRun) []bool {
	out := make([]bool, p.Ops)
	if p.Logical == nil || len(runs) < len(p.Stages) {
		return out
	}
	cut := cutNodes(p, runs, actualRows(p, runs))
	roots := make([]bool, len(p.Stages))
	var walk func(op physical.Node) bool
	walk = func(op physical.Node) bool {
		below := false
		for _, k := range op.Children() {
			below = walk(k) || below
		}
		if src, ok := op.(*physical.ExchangeSource); ok {
			below = roots[p.Edges[src.Edge].From]
		}
		id := op.Info().ID
		if n := p.Logical[id]; n != nil {
			below = cut[n]
		}
		out[id] = below
		return below
	}
	for _, s := range p.Stages {
		roots[s.ID] = walk(s.Root)
	}
	return out
}
