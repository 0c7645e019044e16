package physical_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// checker holds a plan to what executors rely on. It derives how rows are spread
// over tasks from the edges alone, independently of the planner's own notes.
type checker struct {
	t    *testing.T
	plan *physical.Plan
	o    physical.Options
	s    *physical.Stage
	seen map[physical.OpID]bool
	fed  map[physical.EdgeID]int
}

// spread is how an operator's rows lie over the tasks: by hash of columns (each with
// those equal to it), replicated to all, or by nothing known.
type spread struct {
	hash       [][]int
	replicated bool
	ranges     string // not by hash but by these ranges, of the one column
}

func check(t *testing.T, p *physical.Plan, o physical.Options) {
	t.Helper()
	c := &checker{t: t, plan: p, o: o, seen: map[physical.OpID]bool{}, fed: map[physical.EdgeID]int{}}
	for i, s := range p.Stages {
		c.s = s
		c.is(int(s.ID) == i && len(s.Tasks) >= 1 && s.Local == p.Stages[0].Local, "stage %d: ID, tasks or Local", i)
		c.is(len(s.Outputs) >= 1, "stage %d has no output", i)
		c.node(s.Root)
		for _, id := range s.Outputs {
			c.edge(p.Edges[id])
		}
		for _, id := range s.Inputs {
			c.is(c.fed[id] == 1 && p.Edges[id].To == s.ID && p.Edges[id].From < s.ID, "edge %d is read %d times", id, c.fed[id])
		}
		c.splits()
	}
	c.is(len(c.seen) == p.Ops, "%d operators, want %d", len(c.seen), p.Ops)
	c.is(len(c.fed) == len(p.Edges)-1, "%d edges are read of %d", len(c.fed), len(p.Edges)-1)
	c.is(p.Edges[p.Result].To == physical.Driver && p.Edges[p.Result].Partitioning.Kind == physical.Gather, "result edge")
	c.is(sameTypes(p.Edges[p.Result].Fields, p.Fields), "result's fields")
}

func (c *checker) is(ok bool, format string, args ...any) {
	c.t.Helper()
	if !ok {
		c.t.Errorf(format, args...)
	}
}

func sameTypes(a, b []types.Field) bool {
	return slices.EqualFunc(a, b, func(x, y types.Field) bool { return x.Type.Storage() == y.Type.Storage() })
}

func (c *checker) edge(e *physical.Edge) {
	p := e.Partitioning
	out := c.s.Root.Info().Out
	if e.Keys != nil {
		out = nil
		for _, k := range e.Keys {
			out = append(out, physical.FilterField(c.s.Root.Info().Out[k]))
			c.is(physical.Filterable(c.s.Root.Info().Out[k].Type), "edge %d: keys of %v", e.ID, c.s.Root.Info().Out[k].Type)
		}
		c.is(p.Kind == physical.Broadcast && len(e.Keys) == 1 && e.ID != c.s.Outputs[0], "edge %d: keys", e.ID)
	}
	c.is(e.From == c.s.ID && sameTypes(e.Fields, out), "edge %d: fields of stage %d's root", e.ID, c.s.ID)
	tasks := 1
	if e.To != physical.Driver {
		tasks = len(c.plan.Stages[e.To].Tasks)
	}
	switch p.Kind {
	case physical.Gather:
		c.is(p.N == 1 && tasks == 1, "edge %d gathers into %d tasks", e.ID, tasks)
	case physical.Broadcast:
		c.is(p.N == 1 && !e.CanPipeline && e.Mode == physical.Spooled, "edge %d: broadcast", e.ID)
	case physical.Hash:
		c.is(p.N == tasks && len(p.Keys) > 0, "edge %d: %d partitions for %d tasks", e.ID, p.N, tasks)
	case physical.Forward:
		c.is(p.N == tasks && tasks == len(c.s.Tasks), "edge %d forwards %d tasks to %d", e.ID, len(c.s.Tasks), tasks)
	case physical.RoundRobin:
		c.is(p.N == tasks, "edge %d: %d partitions for %d tasks", e.ID, p.N, tasks)
	}
	for _, k := range p.Keys {
		c.is(k >= 0 && k < len(e.Fields), "edge %d: key %d", e.ID, k)
	}
	c.is(e.Mode == physical.Spooled || e.CanPipeline, "edge %d is %v but can't be", e.ID, e.Mode)
	c.is(len(c.s.Outputs) == 1 || e.Mode == physical.Spooled, "edge %d of several is pipelined", e.ID)
	if len(e.Ordering) > 0 {
		c.is(sorted(c.s.Root, e.Ordering), "edge %d claims an order that stage %d does not give", e.ID, c.s.ID)
	}
}

// sorted reports whether an operator's rows come in the order of keys.
func sorted(n physical.Node, keys []physical.SortKey) bool {
	prefix := func(have []physical.SortKey) bool {
		return len(have) >= len(keys) && slices.Equal(have[:len(keys)], keys)
	}
	switch n := n.(type) {
	case *physical.Sort:
		return prefix(n.Keys)
	case *physical.TopN:
		return prefix(n.Keys)
	case *physical.ExchangeSource:
		return prefix(n.Merge)
	case *physical.Limit, *physical.Filter:
		return sorted(n.Children()[0], keys)
	case *physical.Project:
		in := make([]physical.SortKey, len(keys))
		for i, k := range keys {
			x, ok := n.Exprs[k.Column].(*expr.Input)
			if !ok {
				return false
			}
			in[i] = k
			in[i].Column = x.Index
		}
		return sorted(n.Input, in)
	}
	return false
}

func (c *checker) splits() {
	dealt := map[physical.OpID]int{}
	for _, t := range c.s.Tasks {
		for id, sp := range t.Splits {
			dealt[id] += len(sp)
		}
	}
	physical.Walk(c.s.Root, func(n physical.Node) {
		if sc, ok := n.(*physical.Scan); ok {
			delete(dealt, sc.ID)
		}
	})
	c.is(len(dealt) == 0, "stage %d: splits for operators that are no scans: %v", c.s.ID, dealt)
}

func (c *checker) single() bool { return len(c.s.Tasks) == 1 }

// inputs checks that expressions refer to columns that are there.
func (c *checker) inputs(n physical.Node, in []types.Field, es ...expr.Expr) {
	for _, e := range es {
		if e == nil {
			continue
		}
		expr.Walk(e, func(x expr.Expr) bool {
			switch x := x.(type) {
			case *expr.Input:
				c.is(x.Index >= 0 && x.Index < len(in) && x.Typ.Storage() == in[x.Index].Type.Storage(), "%s: input %d (%s) of %d columns", n, x.Index, x.Name, len(in))
			case *expr.Column:
				c.t.Errorf("%s: column %s has no position", n, x.Name)
			}
			return true
		})
	}
}

// node checks an operator with all beneath it.
func (c *checker) node(n physical.Node) spread {
	id := n.Info().ID
	c.is(!c.seen[id] && int(id) < c.plan.Ops, "operator %d is not unique", id)
	c.seen[id] = true
	kids := make([]spread, 0, 2)
	var in []types.Field
	for _, k := range n.Children() {
		kids = append(kids, c.node(k))
		in = append(in, k.Info().Out...)
	}
	out := len(n.Info().Out)
	switch n := n.(type) {
	case *physical.Scan:
		for _, f := range n.KeyFilters {
			c.fed[f.Edge]++
			e := c.plan.Edges[f.Edge]
			c.is(c.o.RuntimeFilters && e.To == c.s.ID && e.Keys != nil && f.Column < len(n.Columns), "%s: filter edge %d", n, f.Edge)
			c.is(e.Fields[0] == physical.FilterField(f.Field) && physical.Filterable(f.Field.Type), "%s: type of filter edge %d", n, f.Edge)
		}
		return c.scanned(n)
	case *physical.Values:
		c.is(c.single(), "Values would be repeated in %d tasks", len(c.s.Tasks))
		return spread{}
	case *physical.ExchangeSource:
		return c.source(n)
	case *physical.Filter:
		c.inputs(n, in, n.Preds...)
	case *physical.Project:
		c.inputs(n, in, n.Exprs...)
		c.is(out == len(n.Exprs), "%s: %d columns", n, out)
		return moved(kids[0], n.Exprs)
	case *physical.HashAggregate:
		return c.aggregate(n, in, kids[0])
	case *physical.Window:
		c.is(out == len(in)+len(n.Calls) && c.together(kids[0], n.Partition), "%s: rows of a partition are in several tasks", n)
	case *physical.Sort:
		c.is(out == len(in), "%s: %d columns", n, out)
	case *physical.TopN:
		c.is(n.Offset == 0 || c.single(), "%s: offset in %d tasks", n, len(c.s.Tasks))
	case *physical.Limit:
		c.is(n.Offset == 0 && !n.WithTies || c.single(), "%s: offset or ties in %d tasks", n, len(c.s.Tasks))
	case *physical.TableFunc:
		c.inputs(n, in, n.Args...)
	case *physical.Union:
		for _, k := range n.Inputs {
			c.is(sameTypes(k.Info().Out, n.Out), "%s: an input's columns differ", n)
		}
		return spread{}
	case *physical.HashJoin:
		c.inputs(n, n.L.Info().Out, n.LKeys...)
		c.inputs(n, n.R.Info().Out, n.RKeys...)
		c.inputs(n, in, n.Residual...)
		c.hashJoin(n, kids[0], kids[1])
		kind := n.Kind
		switch kind {
		case logical.Inner:
			kids[0] = withEqual(kids[0], n)
		case logical.Right:
			if !kids[1].replicated { // all of R's rows, as they are
				kids[0], kind = after(kids[1], len(n.L.Info().Out)), logical.Inner
			}
		}
		return c.joined(kind, kids[0], kids[1], n.Emit)
	case *physical.NestedLoopJoin:
		c.inputs(n, in, n.On...)
		c.is(n.SharedBuild == kids[1].replicated && !kids[0].replicated, "%s: shared %v", n, n.SharedBuild)
		c.is(c.single() || n.SharedBuild && n.Kind != logical.Right && n.Kind != logical.Full, "%s in %d tasks", n, len(c.s.Tasks))
		return c.joined(n.Kind, kids[0], kids[1], n.Emit)
	}
	return kids[0]
}

// scanned is the spread of a scan: by ranges, or unknown.
func (c *checker) scanned(n *physical.Scan) spread {
	var out spread
	for i, t := range c.s.Tasks {
		cut, ok := t.Cuts[n.ID]
		if i == 0 && !ok {
			break
		}
		c.is(ok && cut.Column < len(n.Columns), "%s: task %d has no range", n, i)
		out.ranges += fmt.Sprint(cut.Least, " ", cut.Greatest, ";")
		at := cut.Column
		if n.Emit != nil {
			at = slices.Index(n.Emit, at)
		}
		if out.hash = [][]int{{at}}; at < 0 {
			return spread{}
		}
	}
	return out
}

func (c *checker) source(n *physical.ExchangeSource) spread {
	c.fed[n.Edge]++
	e := c.plan.Edges[n.Edge]
	c.is(e.Keys == nil, "%s reads a filter edge", n)
	c.is(e.To == c.s.ID && sameTypes(e.Fields, n.Out), "%s: fields of its edge", n)
	c.is(len(n.Merge) == 0 || slices.Equal(n.Merge, e.Ordering), "%s merges an edge ordered by %v", n, e.Ordering)
	switch e.Partitioning.Kind {
	case physical.Hash:
		var out spread
		for _, k := range e.Partitioning.Keys {
			out.hash = append(out.hash, []int{k})
		}
		return out
	case physical.Range:
		p := e.Partitioning
		c.is(p.N == len(c.s.Tasks) && len(p.Bounds) == p.N-1 && slices.IsSorted(p.Bounds), "%s: ranges %v of %d tasks", n, p.Bounds, len(c.s.Tasks))
		out := spread{hash: [][]int{p.Keys}}
		least := int64(math.MinInt64)
		for _, b := range p.Bounds {
			out.ranges += fmt.Sprint(least, " ", b-1, ";")
			least = b
		}
		out.ranges += fmt.Sprint(least, " ", int64(math.MaxInt64), ";")
		return out
	case physical.Broadcast:
		return spread{replicated: true}
	case physical.Forward: // as its stage's root, which was checked before
		sub := &checker{t: c.t, plan: c.plan, o: c.o, s: c.plan.Stages[e.From], seen: map[physical.OpID]bool{}, fed: map[physical.EdgeID]int{}}
		return sub.node(sub.s.Root)
	}
	return spread{}
}

// together reports whether rows that agree on columns are in one task.
func (c *checker) together(s spread, cols []int) bool {
	if c.single() {
		return true
	}
	for _, eq := range s.hash {
		if !slices.ContainsFunc(eq, func(x int) bool { return slices.Contains(cols, x) }) {
			return false
		}
	}
	return len(s.hash) > 0 && !s.replicated
}

func (c *checker) aggregate(n *physical.HashAggregate, in []types.Field, s spread) spread {
	c.inputs(n, in, n.Groups...)
	states, direct := 0, []int{}
	for _, a := range n.Calls {
		states += len(a.Func.State(a.ArgTypes))
		if n.Phase != physical.Final {
			c.inputs(n, in, append(slices.Clone(a.Args), a.Filter)...)
		}
	}
	for _, g := range n.Groups {
		if x, ok := g.(*expr.Input); ok {
			direct = append(direct, x.Index)
		}
	}
	want := len(n.Groups) + len(n.Calls)
	if n.Phase.GivesStates() {
		want = len(n.Groups) + states
	}
	if n.Phase.ReadsStates() {
		c.is(len(in) == len(n.Groups)+states, "%s: %d inputs for %d groups and %d states", n, len(in), len(n.Groups), states)
	}
	if n.Sets != nil {
		want++
	}
	c.is(len(n.Out) == want, "%s: %d columns, want %d", n, len(n.Out), want)
	if !n.Phase.GivesStates() {
		c.is(c.together(s, direct) && (n.Sets == nil || c.single()), "%s: rows of a group are in several tasks", n)
	}
	if n.Sets != nil || s.replicated {
		return spread{}
	}
	return moved(s, n.Groups)
}

// moved restates a spread over an operator's output expressions.
func moved(s spread, es []expr.Expr) spread {
	out := spread{replicated: s.replicated, ranges: s.ranges}
	for _, eq := range s.hash {
		var to []int
		for i, e := range es {
			if x, ok := e.(*expr.Input); ok && slices.Contains(eq, x.Index) {
				to = append(to, i)
			}
		}
		if to == nil {
			return spread{}
		}
		out.hash = append(out.hash, to)
	}
	return out
}

func (c *checker) hashJoin(n *physical.HashJoin, l, r spread) {
	c.is(len(n.LKeys) == len(n.RKeys) && len(n.LKeys) > 0 && len(n.NullSafe) == len(n.LKeys), "%s: keys", n)
	for i := range n.LKeys {
		a, b := n.LKeys[i].Type(), n.RKeys[i].Type()
		c.is(a.Storage() == b.Storage() && a.Scale == b.Scale, "%s: key %d compares %v with %v", n, i, a, b)
	}
	keeps := n.Kind == logical.Right || n.Kind == logical.Full || n.Kind == logical.RightSemi || n.Kind == logical.RightAnti
	c.is(n.SharedBuild == r.replicated && !l.replicated, "%s: shared %v", n, n.SharedBuild)
	c.is(!n.SharedBuild || !keeps || c.o.InProcess, "%s shares its build between processes", n)
	if c.single() || n.SharedBuild {
		return
	}
	c.is(!n.NullAware, "%s: NULLs of other tasks are not seen", n)
	c.is(len(l.hash) > 0 && len(l.hash) == len(r.hash) && l.ranges == r.ranges, "%s: sides are spread by %v and %v", n, l.hash, r.hash)
	for i := range min(len(l.hash), len(r.hash)) {
		ok := false
		for k := range n.LKeys {
			a, aok := n.LKeys[k].(*expr.Input)
			b, bok := n.RKeys[k].(*expr.Input)
			ok = ok || aok && bok && slices.Contains(l.hash[i], a.Index) && slices.Contains(r.hash[i], b.Index)
		}
		c.is(ok, "%s: not partitioned alike by %v and %v", n, l.hash, r.hash)
	}
}

// withEqual adds the columns that an inner join makes equal to those of L.
func withEqual(l spread, n *physical.HashJoin) spread {
	out := spread{replicated: l.replicated, ranges: l.ranges}
	for _, eq := range l.hash {
		eq = slices.Clone(eq)
		for i := range n.LKeys {
			a, aok := n.LKeys[i].(*expr.Input)
			b, bok := n.RKeys[i].(*expr.Input)
			if aok && bok && slices.Contains(eq, a.Index) {
				eq = append(eq, len(n.L.Info().Out)+b.Index)
			}
		}
		out.hash = append(out.hash, eq)
	}
	return out
}

// after is the spread of columns that stand behind n others.
func after(s spread, n int) spread {
	out := spread{replicated: s.replicated, ranges: s.ranges}
	for _, eq := range s.hash {
		var moved []int
		for _, i := range eq {
			moved = append(moved, n+i)
		}
		out.hash = append(out.hash, moved)
	}
	return out
}

// joined is the spread of a join's output: L's, or R's where its output is.
func (c *checker) joined(kind physical.JoinKind, l, r spread, emit []int) spread {
	if (kind == logical.RightSemi || kind == logical.RightAnti) && !r.replicated {
		l, kind = r, logical.Semi
	}
	if kind == logical.Right || kind == logical.Full || kind == logical.RightSemi || kind == logical.RightAnti {
		return spread{}
	}
	if emit == nil {
		return l
	}
	es := make([]expr.Expr, len(emit))
	for i, e := range emit {
		es[i] = &expr.Input{Index: e}
	}
	return moved(l, es)
}
