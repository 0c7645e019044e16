package scheduler

import (
	"fmt"
	"slices"
)

// simLayout is a layout that the fake driver answered with, named by its Shared[0],
// and what it was made from.
type simLayout struct {
	*Layout
	basis map[int][][]int64 // sizes by edge
	runs  []simRead         // the outputs that were measured
}

// simParts is the number of partitions of every edge of the fake cluster.
const simParts = 3

// replan is the fake driver's answer: late, twice, never, or with any layout that
// the sizes allow.
func (c *sim) replan(a Replan) {
	q := c.queries[a.Query]
	st := q.stage(a.Stage)
	if q.ended != "" || !st.Adaptive || st.Local {
		c.failf("replan of stage %d of query %d", a.Stage, a.Query)
	}
	for id, r := range q.current {
		if id.Stage == a.Stage && !r.over && !r.aborted {
			c.failf("replan of stage %d while %v runs", a.Stage, r.launch.Attempt)
		}
	}
	into := q.into(a.Stage)
	if a.Partial != (len(a.Inputs) < len(into)) {
		c.failf("replan of stage %d: partial %v with %d of %d inputs", a.Stage, a.Partial, len(a.Inputs), len(into))
	}
	l := c.layout(q, a, into)
	if c.chance(0.1) {
		c.stats["replan lost"]++
		return
	}
	e := Replanned{Query: a.Query, Stage: a.Stage, Ask: a.Ask}
	if l != nil {
		e.Layout = l.Layout
		c.stats["replan"]++
		if a.Partial {
			c.stats["replan early"]++
		}
	}
	send := func() { c.step(e) }
	if c.chance(0.5) {
		c.after(0, send) // the driver answers at once
	} else {
		c.after(c.soon(40), send)
	}
	if c.chance(0.1) {
		c.after(c.soon(60), send)
	}
}

func (q *simQuery) into(id StageID) (edges []int) {
	for i, ed := range q.graph.Edges {
		if ed.To == id {
			edges = append(edges, i)
		}
	}
	return edges
}

// layout makes a random layout: early ones, where a measured edge is empty, leave
// all unread.
func (c *sim) layout(q *simQuery, a Replan, into []int) *simLayout {
	l := &simLayout{Layout: &Layout{Shared: []int{len(q.layouts)}}, basis: map[int][][]int64{}}
	empty := false
	for _, in := range a.Inputs {
		l.basis[in.Edge] = in.Bytes
		total := int64(0)
		for p, by := range in.Bytes {
			if by == nil {
				c.failf("replan of stage %d without the sizes of producer %d", a.Stage, p)
			}
			for _, n := range by {
				total += n
			}
			if r := q.committed(TaskID{a.Query, q.graph.Edges[in.Edge].From, p}); r != nil {
				l.runs = append(l.runs, simRead{r, r.content})
			}
		}
		empty = empty || total == 0
	}
	switch {
	case empty && c.chance(0.8):
		l.Tasks, l.Unread = [][]Read{nil}, slices.Clone(into)
	case a.Partial || c.chance(0.2):
		return nil
	default:
		l.Tasks = make([][]Read, 1+c.rng.Intn(6))
		for _, in := range a.Inputs {
			c.dealReads(q, l.Layout, in)
		}
	}
	q.layouts = append(q.layouts, l)
	return l
}

// dealReads deals an edge's producers to the tasks of a layout.
func (c *sim) dealReads(q *simQuery, l *Layout, in Measured) {
	if q.graph.Edges[in.Edge].Partitioning != Hash {
		return
	}
	for p := range in.Bytes {
		i := c.rng.Intn(len(l.Tasks))
		l.Tasks[i] = append(l.Tasks[i], Read{Edge: in.Edge, Partitions: Span{0, simParts}, Producers: Span{p, p + 1}})
	}
}

// committed is the newest run of a task that has committed and counts.
func (q *simQuery) committed(id TaskID) *simRun {
	var best *simRun
	for a, r := range q.runs {
		if a.TaskID == id && r.done && !r.early && !r.aborted && (best == nil || a.Number > best.launch.Attempt.Number) {
			best = r
		}
	}
	return best
}

// layoutOf is the layout that a launch is of, nil for the planned one.
func (q *simQuery) layoutOf(l Launch) *simLayout {
	if !l.Replanned {
		return nil
	}
	return q.layouts[l.Shared[0]]
}

// tasksOf is the number of tasks of the stage that a run belongs to, as it was
// launched.
func (q *simQuery) tasksOf(r *simRun, id StageID) int {
	if r != nil && r.launch.Replanned {
		return r.launch.Tasks
	}
	return q.stage(id).Tasks
}

// checkLayout: a task of a re-planned stage reads what the layout says, and the
// layout was made from the very sizes of what it reads.
func (c *sim) checkLayout(r *simRun) {
	l, q := r.query.layoutOf(r.launch), r.query
	if l == nil {
		return
	}
	id := r.launch.Attempt
	c.stats["relaid"]++
	if id.Number > 1 {
		c.stats["relaid again"]++
	}
	if r.launch.Tasks != len(l.Tasks) || id.Partition >= len(l.Tasks) || !slices.Equal(r.launch.Reads, l.Tasks[id.Partition]) {
		c.failf("%v reads %v as one of %d tasks", id, r.launch.Reads, r.launch.Tasks)
		return
	}
	for _, in := range r.launch.Inputs {
		for p, src := range in.Sources {
			if made := q.runs[src.Attempt]; made == nil || p >= len(l.basis[in.Edge]) || !slices.Equal(made.sizes[in.Edge], l.basis[in.Edge][p]) {
				c.failf("%v: its layout was not made from %v", id, src.Attempt)
				return
			}
		}
	}
	for _, rd := range l.runs { // what was measured and is not read decides the answer too
		if !slices.ContainsFunc(r.launch.Inputs, func(in Input) bool { return in.From == rd.run.launch.Attempt.Stage }) {
			r.read = append(r.read, rd)
		}
	}
}

// eventText prints an event without addresses.
func eventText(e Event) string {
	if r, ok := e.(Replanned); ok && r.Layout != nil {
		return fmt.Sprintf("{%d %d %d %+v}", r.Query, r.Stage, r.Ask, *r.Layout)
	}
	return fmt.Sprintf("%+v", e)
}
