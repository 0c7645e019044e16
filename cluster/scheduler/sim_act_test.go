package scheduler

import (
	"fmt"
	"hash/fnv"
	"slices"
)

// act is the fake driver: it carries one action out and checks that it is legal.
func (c *sim) act(a Action) {
	switch a := a.(type) {
	case Launch:
		c.launch(a)
	case Abort:
		c.abort(a)
	case Fence:
		c.stats["fence"]++
		e := c.execs[a.Executor]
		if e == nil || !e.alive || e.id == LocalExecutor {
			c.failf("fence of %s", a.Executor)
			return
		}
		c.kill(e)
		c.after(c.soon(5), func() { c.step(ExecutorLost{Executor: e.id}) })
		c.after(c.soon(50), c.newExec)
	case DiscardResult:
		c.stats["discard"]++
		q := c.queries[a.Attempt.Query]
		p := a.Attempt.Partition
		if q.shown[p] != nil && q.shown[p].launch.Attempt == a.Attempt && q.ended == "" {
			c.failf("discards rows the client has seen: %v", a.Attempt)
		}
		delete(q.rows, a.Attempt)
		if r := q.results[p]; r != nil && r.launch.Attempt == a.Attempt {
			delete(q.results, p)
		}
	case Replan:
		c.replan(a)
	case Demote:
		c.stats["demote "+a.Reason]++
	case Drop:
		c.drop(a)
	case Finish:
		c.finish(c.queries[a.Query])
	case Fail:
		q := c.queries[a.Query]
		if q.ended != "" {
			c.failf("query %d ends twice", a.Query)
		}
		if a.Err == nil {
			c.failf("no error")
			return
		}
		q.ended = a.Err.Code
		c.checkReason(q, a.Err.Code)
		c.stats["fail "+a.Err.Code]++
		if a.Err.Code == "57014" {
			for _, r := range q.runs {
				if !r.over {
					c.failf("57014 while %v is running", r.launch.Attempt)
				}
			}
		}
	}
}

// checkReason: a query fails only for a cause that was there.
func (c *sim) checkReason(q *simQuery, code string) {
	ok := true
	switch code {
	case "40001":
		ok = len(q.shown) > 0
	case "57014":
		ok = q.cancel
	case "XX000":
		ok = q.fatals > 0 || q.counted >= c.s.opt.AttemptLimit
	case "58000":
		ok = q.mishaps+c.losses >= c.s.opt.PoisonLimit
	case "53000":
		for _, e := range c.elist {
			ok = ok && (!e.alive || e.id == LocalExecutor)
		}
	default:
		ok = false
	}
	if !ok {
		c.failf("query %d fails with %s for no reason", q.graph.Query, code)
	}
}

func (c *sim) drop(a Drop) {
	if a.Executor == "" {
		for _, w := range c.workers {
			if w.id == a.Worker && !w.alive {
				c.failf("drop on dead worker %s", a.Worker)
			}
		}
		return
	}
	e := c.execs[a.Executor]
	if !e.alive {
		c.failf("drop on dead executor %s", a.Executor)
	}
	for id := range e.live {
		if id.Query == a.Query {
			c.failf("drop of query %d on %s while %v is there", a.Query, e.id, id)
		}
	}
	if e.drops[a.Query] {
		c.failf("second drop of query %d on %s", a.Query, e.id)
	}
	e.drops[a.Query] = true
}

func (c *sim) launch(l Launch) {
	e, q := c.execs[l.Executor], c.queries[l.Attempt.Query]
	if e == nil || !e.alive {
		c.failf("launch on dead executor %s", l.Executor)
		return
	}
	if q.ended != "" || e.drops[l.Attempt.Query] {
		c.failf("launch of ended query: %v", l.Attempt)
	}
	if l.Attempt.Number != q.nextNo[l.Attempt.TaskID]+1 {
		c.failf("attempt numbers jump: %v", l.Attempt)
	}
	q.nextNo[l.Attempt.TaskID]++
	if old := q.current[l.Attempt.TaskID]; old != nil && !old.over && !old.aborted {
		c.failf("%v launched beside %v", l.Attempt, old.launch.Attempt)
	}
	if st := q.stage(l.Attempt.Stage); e.work.id == LocalWorker != st.Local {
		if st.Local || !st.Portable || !allCarried(l) {
			c.failf("%v on %s", l.Attempt, e.id)
		}
		c.stats["at hand"]++
	}
	r := &simRun{launch: l, exec: e, query: q, born: e.work.born}
	q.runs[l.Attempt], q.current[l.Attempt.TaskID] = r, r
	e.live[l.Attempt] = r
	e.used[l.Attempt.Query] = true
	switch l.Kind {
	case Lone:
		if e.lone++; e.lone > e.slots {
			c.failf("%d lone tasks in %d slots of %s", e.lone, e.slots, e.id)
		}
	case Gang:
		c.stats["gang"]++
	case Express:
		c.stats["express"]++
	}
	if len(e.live) > e.slots*c.s.opt.ResidentFactor {
		c.failf("%d residents on %s with %d slots", len(e.live), e.id, e.slots)
	}
	c.checkInputs(r)
	c.checkLayout(r)
	if c.chance(0.9) {
		c.later(e, c.soon(2), TaskStarted{Attempt: l.Attempt})
	}
	c.after(c.soon(15), func() { c.progress(r) })
}

// allCarried reports a launch with all that its task reads.
func allCarried(l Launch) bool {
	for _, in := range l.Inputs {
		for _, src := range in.Sources {
			if src.Carried == "" {
				return false
			}
		}
	}
	return true
}

func (q *simQuery) stage(id StageID) *Stage {
	for i := range q.graph.Stages {
		if q.graph.Stages[i].ID == id {
			return &q.graph.Stages[i]
		}
	}
	return nil
}

// checkInputs: exactly one source per producer partition; committed ones for
// spooled edges, ones of the same epoch for pipelined edges.
func (c *sim) checkInputs(r *simRun) {
	n := 0
	for i, ed := range r.query.graph.Edges {
		if l := r.query.layoutOf(r.launch); ed.To != r.launch.Attempt.Stage || l != nil && slices.Contains(l.Unread, i) {
			continue
		}
		if n >= len(r.launch.Inputs) || r.launch.Inputs[n].Edge != i {
			c.failf("%v: inputs of the launch miss edge %d", r.launch.Attempt, i)
			return
		}
		in := r.launch.Inputs[n]
		n++
		var made *simRun
		if len(in.Sources) > 0 {
			made = r.query.runs[in.Sources[0].Attempt]
		}
		if len(in.Sources) != r.query.tasksOf(made, ed.From) {
			c.failf("%v: %d sources on edge %d", r.launch.Attempt, len(in.Sources), i)
		}
		for p, src := range in.Sources {
			if x := r.query.runs[src.Attempt]; x != nil && made != nil && r.query.layoutOf(x.launch) != r.query.layoutOf(made.launch) {
				c.failf("%v: sources of two layouts on edge %d", r.launch.Attempt, i)
			}
			if src.Attempt.Stage != ed.From || src.Attempt.Partition != p {
				c.failf("%v: source %v in place %d", r.launch.Attempt, src.Attempt, p)
			}
			if in.Mode == Pipelined && src.Attempt.Epoch != r.launch.Attempt.Epoch {
				c.failf("%v reads pipelined %v of another epoch", r.launch.Attempt, src.Attempt)
			}
			if in.Mode == Spooled {
				p := r.query.runs[src.Attempt]
				if p == nil || !p.done || p.early || p.aborted {
					c.failf("%v reads %v which is not committed", r.launch.Attempt, src.Attempt)
				} else if src.Carried != "" && src.Carried != p.carried(in.Edge) {
					c.failf("%v is given other rows than %v made", r.launch.Attempt, src.Attempt)
				}
			}
		}
	}
}

// checkGangs: after a Step, all sources of a running task on pipelined edges exist
// and all consumers of a running pipelined producer exist, so the most upstream and
// the most downstream resident can always move.
func (c *sim) checkGangs(acts []Action) {
	for _, a := range acts {
		l, ok := a.(Launch)
		if !ok || c.err != nil {
			continue
		}
		q := c.queries[l.Attempt.Query]
		for _, out := range l.Outputs {
			if out.Mode != Pipelined {
				continue
			}
			to := q.graph.Edges[out.Edge].To
			for p := 0; p < q.tasksOf(q.current[TaskID{l.Attempt.Query, to, 0}], to); p++ {
				r := q.current[TaskID{l.Attempt.Query, to, p}]
				if r == nil || r.launch.Attempt.Epoch != l.Attempt.Epoch {
					c.failf("%v runs without its consumer %d/%d", l.Attempt, to, p)
				}
			}
		}
		for _, in := range l.Inputs {
			for _, src := range in.Sources {
				if in.Mode == Pipelined && q.runs[src.Attempt] == nil {
					c.failf("%v runs without its producer %v", l.Attempt, src.Attempt)
				}
			}
		}
	}
}

func (c *sim) off(r *simRun) {
	if r.over {
		return
	}
	r.over = true
	delete(r.exec.live, r.launch.Attempt)
	if r.launch.Kind == Lone {
		r.exec.lone--
	}
}

func (c *sim) abort(a Abort) {
	r := c.queries[a.Attempt.Query].runs[a.Attempt]
	if r == nil || !c.execs[a.Executor].alive || r.exec.id != a.Executor {
		c.failf("abort of %v on %s", a.Attempt, a.Executor)
		return
	}
	if r.aborted {
		c.failf("second abort of %v", a.Attempt)
	}
	r.aborted = true
	if !r.over && c.bad(0.02) && r.exec.id != LocalExecutor {
		return // hangs: never acknowledged
	}
	d := c.soon(10)
	c.after(d, func() {
		if r.exec.alive {
			c.off(r)
		}
	})
	c.later(r.exec, d, AbortAcked{Attempt: a.Attempt})
}

// finish checks the answer: every partition once, and behind it one version of
// every partition that was read.
func (c *sim) finish(q *simQuery) {
	if q.ended != "" {
		c.failf("query %d ends twice", q.graph.Query)
	}
	q.ended = "ok"
	c.stats["finish"]++
	last := q.graph.Stages[len(q.graph.Stages)-1]
	if n := q.tasksOf(q.results[0], last.ID); len(q.results) != n {
		c.failf("query %d finished with %d of %d partitions", q.graph.Query, len(q.results), n)
	}
	for id := range q.rows {
		if r := q.results[id.Partition]; r != nil && r.launch.Attempt != id {
			c.failf("query %d: rows of %v were never discarded", q.graph.Query, id)
		}
	}
	version := map[TaskID]uint64{}
	type made struct {
		id      TaskID
		content uint64
	}
	seen := map[made]bool{} // the same rows are the same, wherever they come from
	var walk func(r *simRun)
	walk = func(r *simRun) {
		m := made{r.launch.Attempt.TaskID, r.content}
		if seen[m] {
			return
		}
		seen[m] = true
		for _, rd := range r.read {
			id := rd.run.launch.Attempt.TaskID
			if old, ok := version[id]; ok && old != rd.content {
				c.failf("query %d: two versions of %v behind one answer", q.graph.Query, id)
			}
			version[id] = rd.content
			walk(rd.run)
		}
	}
	for p, r := range q.results {
		if q.layoutOf(r.launch) != q.layoutOf(q.results[0].launch) {
			c.failf("query %d: results of two layouts", q.graph.Query)
		}
		if s := q.shown[p]; s != nil && s != r {
			c.failf("the client has seen rows of %v, the answer is %v", s.launch.Attempt, r.launch.Attempt)
		}
		walk(r)
	}
}

func (c *sim) atEnd() {
	for _, q := range c.order {
		if q.ended == "" {
			c.failf("query %d never ended", q.graph.Query)
		}
		for _, e := range c.elist {
			if e.alive && e.used[q.graph.Query] && !e.drops[q.graph.Query] {
				c.failf("%s was never told to drop query %d", e.id, q.graph.Query)
			}
		}
	}
	if n := len(c.s.queries) + len(c.s.all) + len(c.s.ready); n != 0 {
		c.failf("the scheduler remembers %d queries", n)
	}
	room := 0
	for _, e := range c.s.order {
		if len(e.attempts) != 0 || e.lone != 0 || e.gang != 0 || e.reserved != 0 || e.freeAt < 0 {
			c.failf("%s is not idle: %+v", e.id, e)
		}
		room += c.s.gangPlaces(e)
	}
	if room != c.s.gangRoom || len(c.s.free) != len(c.s.order) || c.s.holder != nil {
		c.failf("sums: room %d of %d, %d of %d free", c.s.gangRoom, room, len(c.s.free), len(c.s.order))
	}
}

func hash(parts ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, parts...)
	return h.Sum64()
}
