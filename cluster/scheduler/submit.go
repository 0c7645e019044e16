package scheduler

import "slices"

// submit takes a query in, decides the modes of its edges and its regions.
func (s *Scheduler) submit(e SubmitQuery) {
	g := e.Graph
	if s.queries[g.Query] != nil {
		return // a duplicate must not end the first one
	}
	if err := g.validate(); err != nil {
		s.emit(Fail{Query: g.Query, Err: err})
		return
	}
	q := &query{
		id: g.Query, weight: max(1, e.Weight), submitted: s.now, heapAt: -1,
		zombies: map[Attempt]*attempt{}, usedExec: map[ExecutorID]bool{}, usedWork: map[WorkerID]bool{},
	}
	total := 0
	for i := range g.Stages {
		q.stages = append(q.stages, newStage(q, &g.Stages[i]))
		total += g.Stages[i].Tasks
	}
	q.express = total == 1
	for i, spec := range g.Edges {
		ed := &edge{id: i, spec: spec, from: q.stage(spec.From), to: q.stage(spec.To)}
		ed.from.out = append(ed.from.out, ed)
		ed.to.in = append(ed.to.in, ed)
		q.edges = append(q.edges, ed)
	}
	for _, ed := range q.edges {
		s.choose(ed)
	}
	q.depths()
	for _, st := range q.stages {
		if st.result() || st.spools() {
			q.regions = append(q.regions, newRegion(st))
		}
	}
	q.sortRegions()
	s.queries[q.id] = q
	s.all = append(s.all, q)
	s.refresh(q)
}

func newStage(q *query, spec *Stage) *stage {
	st := &stage{spec: spec, query: q, tasks: make([]task, spec.Tasks), memory: max(0, spec.Memory), version: 1}
	for i := range st.tasks {
		st.tasks[i] = task{stage: st, part: i}
	}
	return st
}

// choose keeps the planner's mode unless it could deadlock: a stage that feeds
// several edges spools them all, which leaves no diamond of pipelined edges.
func (s *Scheduler) choose(ed *edge) {
	if ed.spec.Mode != Pipelined {
		return
	}
	switch {
	case !ed.spec.PipelinedPossible:
		s.demoted(ed, "not possible")
	case len(ed.from.out) > 1:
		s.demoted(ed, "several consumers")
	default:
		ed.mode = Pipelined
	}
}

func (s *Scheduler) demoted(ed *edge, reason string) {
	ed.mode = Spooled
	ed.from.outputs = nil
	s.emit(Demote{Query: ed.from.query.id, Edge: ed.id, Reason: reason})
}

// depths gives each stage its longest way to the result.
func (q *query) depths() {
	left := make(map[*stage]int, len(q.stages))
	order := []*stage{q.result()}
	for _, st := range q.stages {
		left[st] = len(st.out)
	}
	for n := 0; n < len(order); n++ {
		for _, ed := range order[n].in {
			ed.from.depth = max(ed.from.depth, order[n].depth+1)
			if left[ed.from]--; left[ed.from] == 0 {
				order = append(order, ed.from)
			}
		}
	}
}

// newRegion gathers the stages that pipelined edges tie to root, producers first.
func newRegion(root *stage) *region {
	r := &region{query: root.query, root: root, epoch: root.query.nextEpoch()}
	todo := []*stage{root}
	for n := 0; n < len(todo); n++ {
		st := todo[n]
		st.region = r
		if !st.spec.Local {
			r.remote += len(st.tasks)
		}
		for _, ed := range st.in {
			if ed.mode == Pipelined {
				todo = append(todo, ed.from)
			}
		}
	}
	slices.Reverse(todo)
	r.stages = todo
	return r
}

// sortRegions puts consumers before producers; the deepest stage is the most
// upstream.
func (q *query) sortRegions() {
	slices.SortStableFunc(q.regions, func(a, b *region) int { return a.root.depth - b.root.depth })
}

// demote spools one edge of a gang that is not launched and splits the gang there.
func (s *Scheduler) demote(ed *edge, reason string) {
	old := ed.to.region
	q := old.query
	s.demoted(ed, reason)
	if s.holder == old {
		s.holder = nil
	}
	upper, lower := newRegion(ed.from), newRegion(old.root)
	upper.failures, lower.failures = old.failures, old.failures
	for _, r := range []*region{upper, lower} {
		for i := range r.root.tasks { // a lone stage counts by task
			r.root.tasks[i].failures = max(r.root.tasks[i].failures, old.failures)
		}
	}
	at := slices.Index(q.regions, old)
	q.regions[at] = lower
	q.regions = append(q.regions, upper)
	q.sortRegions()
}
