package physical

import (
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// finish numbers stages, edges and operators, deals splits to tasks, and
// chooses the exchange modes.
func (p *planner) finish(result *edge, schema []logical.Column) (*Plan, error) {
	plan := &Plan{Fields: fieldsOf(schema), Adaptive: p.adaptive()}
	var order []*stage
	var place func(s *stage)
	place = func(s *stage) {
		if s.placed {
			return
		}
		s.placed = true
		for _, e := range s.inputs {
			place(e.from)
		}
		s.id = StageID(len(order))
		order = append(order, s)
	}
	place(result.from)
	for _, s := range order {
		for _, e := range s.inputs {
			p.addEdge(plan, e)
		}
	}
	p.addEdge(plan, result)
	plan.Result = result.id
	local := p.local(order)
	for _, s := range order {
		st := p.finishStage(plan, s)
		st.Local = local
		plan.Stages = append(plan.Stages, st)
	}
	return plan, nil
}

func (p *planner) addEdge(plan *Plan, e *edge) {
	if e.part.Kind == Range {
		e.part.N, e.part.Bounds = e.to.tasks, e.to.bounds()
	}
	e.id = EdgeID(len(plan.Edges))
	to := Driver
	if e.to != nil {
		to = e.to.id
	}
	out := &Edge{ID: e.id, From: e.from.id, To: to, Partitioning: e.part, Ordering: e.ordering, Fields: e.fields, Rows: e.rows, Bytes: e.bytes, Keys: e.keys}
	p.chooseMode(out, e)
	plan.Edges = append(plan.Edges, out)
}

// chooseMode pipelines the result and the edges too large to keep; the rest is
// spooled, so that a lost task re-runs alone.
func (p *planner) chooseMode(out *Edge, e *edge) {
	out.CanPipeline = e.part.Kind != Broadcast && len(e.from.outputs) == 1
	switch {
	case e.to == nil:
		out.Mode, out.Why = Pipelined, "result"
	case e.keys != nil:
		out.Why = "keys for scans"
	case e.part.Kind == Broadcast:
		out.Why = "every task reads it"
	case len(e.from.outputs) > 1:
		out.Why = "read by several stages"
	case e.bytes > p.o.SpoolBytes && p.worthMeasuring(e):
		out.Why = "measured, to re-plan its join"
	case e.bytes > p.o.SpoolBytes:
		out.Mode, out.Why = Pipelined, "too large to keep"
	default:
		out.Why = "small enough to keep"
	}
}

func (p *planner) finishStage(plan *Plan, s *stage) *Stage {
	out := &Stage{ID: s.id, Root: s.root, Deterministic: true}
	for _, e := range s.inputs {
		out.Inputs = append(out.Inputs, e.id)
	}
	for _, e := range s.outputs {
		out.Outputs = append(out.Outputs, e.id)
	}
	Walk(s.root, func(n Node) {
		n.Info().ID = OpID(plan.Ops)
		plan.Ops++
		plan.Logical = append(plan.Logical, p.made[n])
		if src, ok := n.(*ExchangeSource); ok {
			src.Edge = p.edgeOf[src].id
		}
		if sc, ok := n.(*Scan); ok {
			sc.KeyFilters = p.keyFilters(sc)
		}
	})
	out.Tasks = make([]TaskSpec, s.tasks)
	for i := range out.Tasks {
		out.Tasks[i] = TaskSpec{Partition: i, Splits: map[OpID][]catalog.Split{}}
	}
	load := make([]int64, s.tasks)
	for _, sc := range s.scans {
		if s.ranges != nil {
			sc.dealRanges(out.Tasks)
			continue
		}
		deal(sc, out.Tasks, load)
	}
	out.Deterministic = deterministic(s)
	return out
}

// dealRanges gives each task its range of a scan.
func (sc *scanSplits) dealRanges(tasks []TaskSpec) {
	for i, r := range sc.ranges {
		t := &tasks[i]
		if t.Cuts == nil {
			t.Cuts = map[OpID]Cut{}
		}
		t.Splits[sc.node.ID], t.Cuts[sc.node.ID] = r.splits, r.cut
	}
}

// deal gives each task a stretch of the splits with about as many rows as the
// others have. Where there are fewer splits than tasks, each goes to the task with the least load
// so far. Stretches change little with the columns that a query reads, which decide how a table is split: an
// executor that takes the same partition of each query finds its pages in its cache.
func deal(sc *scanSplits, tasks []TaskSpec, load []int64) {
	total, passed := splitRows(sc.splits), int64(0)
	for _, sp := range sc.splits {
		to := 0
		if len(sc.splits) < len(tasks) || total == 0 {
			for i, n := range load {
				if n < load[to] {
					to = i
				}
			}
		} else {
			to = int((passed + sp.Rows/2) * int64(len(tasks)) / total)
			to = min(to, len(tasks)-1)
		}
		passed += sp.Rows
		load[to] += max(1, sp.Rows)
		m := tasks[to].Splits
		m[sc.node.ID] = append(m[sc.node.ID], sp)
	}
}

// deterministic reports whether a re-run over the same inputs puts the same rows
// into the same partitions: arrival order of exchange batches must not matter.
func deterministic(s *stage) bool {
	arrival, sensitive := false, false
	for _, e := range s.outputs {
		sensitive = sensitive || e.part.Kind == RoundRobin
	}
	Walk(s.root, func(n Node) {
		if src, ok := n.(*ExchangeSource); ok {
			arrival = arrival || len(src.Merge) == 0
		}
		sensitive = sensitive || orderSensitive(n)
	})
	return !(arrival && sensitive)
}

// orderSensitive reports an operator whose output rows depend on the order of its input.
func orderSensitive(n Node) bool {
	switch n := n.(type) {
	case *Limit:
		return n.Count >= 0 && !n.WithTies || n.Offset > 0
	case *TopN, *Window:
		return true // which of equal rows comes first
	case *HashAggregate:
		for _, c := range n.Calls {
			if c.Func.OrderSensitive && len(c.OrderBy) == 0 || anyVolatile(c.Args) {
				return true
			}
		}
		return anyVolatile(n.Groups)
	case *Project:
		return anyVolatile(n.Exprs)
	case *Filter:
		return anyVolatile(n.Preds)
	case *HashJoin:
		return anyVolatile(n.Residual) || anyVolatile(n.LKeys) || anyVolatile(n.RKeys)
	case *NestedLoopJoin:
		return anyVolatile(n.On)
	case *TableFunc:
		return anyVolatile(n.Args)
	}
	return false
}

func anyVolatile(es []expr.Expr) bool { return slices.ContainsFunc(es, expr.Volatile) }

// local reports whether the driver runs the whole plan itself: it touches
// nothing but constants, or it reads a catalog that only the driver has.
func (p *planner) local(stages []*stage) bool {
	all := true
	for _, s := range stages {
		for _, sc := range s.scans {
			if p.localScan(sc.node) {
				return true
			}
			all = false
		}
	}
	return all
}

func (p *planner) localScan(n *Scan) bool {
	return p.o.LocalCatalogs[n.Catalog] || p.o.LocalCatalogs["*."+n.Schema]
}
