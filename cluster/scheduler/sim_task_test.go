package scheduler

import (
	"fmt"
	"time"

	"github.com/flintsql/flint/sql/sqlerr"
)

// progress is the life of one attempt on the fake cluster: it fails, waits for its
// pipelined neighbours, or ends.
func (c *sim) progress(r *simRun) {
	if r.over || r.aborted || !r.exec.alive || c.err != nil {
		return
	}
	id := r.launch.Attempt
	q := r.query
	if q.isResult(id.Stage) {
		q.rows[id] = true // some rows leave before the end
	}
	if q.ended == "" && q.isResult(id.Stage) && !q.limitless() && c.chance(0.3) && q.shown[id.Partition] == nil {
		c.deliver(r)
		if r.aborted || r.over {
			return
		}
	}
	if c.bad(0.06) {
		c.trip(r)
		return
	}
	if missing := c.unreadable(r); missing != nil {
		c.stats["fetch failed"]++
		if c.bad(0.1) {
			missing = nil
		}
		c.off(r)
		c.later(r.exec, c.soon(3), TaskFailed{Attempt: id, Class: Fetch, Err: simErr(sqlerr.IOError), Missing: missing})
		return
	}
	if c.consumersDone(r) {
		c.end(r, true)
		return
	}
	if !c.mayEnd(r) {
		c.after(c.soon(8)+time.Microsecond, func() { c.progress(r) })
		return
	}
	c.end(r, false)
}

func (q *simQuery) isResult(id StageID) bool { return q.graph.Stages[len(q.graph.Stages)-1].ID == id }

// limitless queries hold their result back until the end.
func (q *simQuery) limitless() bool { return q.graph.Query%2 == 0 }

// deliver lets the first bytes of a result attempt go to the client.
func (c *sim) deliver(r *simRun) {
	q := r.query
	if r.launch.Kind == Lone && !r.over && !r.aborted && r.exec.alive && c.chance(0.3) {
		r.launch.Kind = Express // it gives its slot up
		r.exec.lone--
		c.stats["stalled"]++
		c.step(ResultStalled{Attempt: r.launch.Attempt})
	}
	c.step(ResultDelivered{Attempt: r.launch.Attempt})
	if q.ended == "" && !r.aborted && !r.over {
		q.shown[r.launch.Attempt.Partition] = r
	}
}

// trip fails an attempt.
func (c *sim) trip(r *simRun) {
	class := []Class{Transient, Transient, Transient, Memory, Lost, Killed, Superseded, Fatal}[c.rng.Intn(8)]
	if class == Fatal && c.chance(0.7) {
		class = Transient
	}
	switch p := class.policy(); {
	case !p.retry:
		r.query.fatals++
	case p.counts:
		r.query.counted++
	case p.lost:
		r.query.mishaps++
	}
	c.off(r)
	c.later(r.exec, c.soon(3), TaskFailed{Attempt: r.launch.Attempt, Class: class, Err: simErr(sqlerr.Internal)})
}

// unreadable lists spooled sources that are gone from their worker.
func (c *sim) unreadable(r *simRun) (missing []Attempt) {
	for _, in := range r.launch.Inputs {
		if in.Mode != Spooled {
			continue
		}
		for _, src := range in.Sources {
			for _, w := range c.workers {
				if w.id != src.Worker {
					continue
				}
				if src.Carried != "" {
					continue
				}
				if w.id != LocalWorker && c.bad(0.004) {
					delete(w.store, src.Attempt) // a broken disk
				}
				if !w.store[src.Attempt] {
					missing = append(missing, src.Attempt)
				}
			}
		}
	}
	return missing
}

// carried stands for the run's rows on an edge.
func (r *simRun) carried(edge int) string { return fmt.Sprint(r.content, " ", edge) }

// consumersDone says whether every pipelined consumer has closed with DONE.
func (c *sim) consumersDone(r *simRun) bool {
	for _, out := range r.launch.Outputs {
		if out.Mode != Pipelined {
			return false
		}
		to := r.query.graph.Edges[out.Edge].To
		for p := 0; p < r.query.tasksOf(r.query.current[TaskID{r.launch.Attempt.Query, to, 0}], to); p++ {
			x := r.query.current[TaskID{r.launch.Attempt.Query, to, p}]
			if x == nil || !x.done || x.launch.Attempt.Epoch != r.launch.Attempt.Epoch {
				return false
			}
		}
	}
	return len(r.launch.Outputs) > 0
}

// mayEnd says whether all pipelined producers have ended and, with pipelined
// outputs, all consumers are there to take the rows.
func (c *sim) mayEnd(r *simRun) bool {
	limit := r.query.limit[r.launch.Attempt.Stage]
	for _, in := range r.launch.Inputs {
		if in.Mode != Pipelined || limit {
			continue
		}
		for _, src := range in.Sources {
			if p := r.query.runs[src.Attempt]; p == nil || !p.done {
				return false
			}
		}
	}
	for _, out := range r.launch.Outputs {
		if out.Mode != Pipelined {
			continue
		}
		to := r.query.graph.Edges[out.Edge].To
		for p := 0; p < r.query.tasksOf(r.query.current[TaskID{r.launch.Attempt.Query, to, 0}], to); p++ {
			x := r.query.current[TaskID{r.launch.Attempt.Query, to, p}]
			if x == nil || x.launch.Attempt.Epoch != r.launch.Attempt.Epoch || x.over && !x.done {
				return false
			}
		}
	}
	return true
}

// end makes the rows of an attempt, commits them and reports.
func (c *sim) end(r *simRun, early bool) {
	id, q, st := r.launch.Attempt, r.query, r.query.stage(r.launch.Attempt.Stage)
	parts := []any{id.Stage, id.Partition}
	if r.launch.Replanned {
		parts = append(parts, r.launch.Tasks, fmt.Sprint(r.launch.Reads))
	}
	for _, in := range r.launch.Inputs {
		if q.graph.Edges[in.Edge].Mode == Pipelined && q.limit[id.Stage] { // however it is moved now
			continue
		}
		for _, src := range in.Sources {
			p := q.runs[src.Attempt]
			r.read = append(r.read, simRead{p, p.content})
			parts = append(parts, p.content)
		}
	}
	if !st.Deterministic {
		if c.chance(0.3) {
			if q.nonce[id.TaskID]++; id.Number > 1 {
				c.stats["changed"]++
			}
		}
		parts = append(parts, "nonce", q.nonce[id.TaskID])
	}
	r.content = hash(parts...)
	r.done, r.early, r.sizes = true, early, map[int][]int64{}
	c.off(r)
	ev := TaskDone{Attempt: id, Rows: int64(r.content % 3), EarlyStop: early}
	if early {
		c.stats["early stop"]++
	}
	if ev.Rows == 0 {
		r.content = hash(id.Stage, id.Partition, "empty")
	}
	if !st.Deterministic {
		ev.Checksum = r.content
	}
	if !early {
		for _, out := range r.launch.Outputs {
			if out.Mode == Spooled {
				z := EdgeSizes{Edge: out.Edge}
				if c.chance(0.4) {
					z.Carried = r.carried(out.Edge)
					c.stats["carried"]++
				} else {
					r.exec.work.store[id] = true
				}
				sizes := make([]int64, simParts)
				for p := range sizes {
					if ev.Rows > 0 {
						sizes[p] = int64(hash(r.content, out.Edge, p) % 9)
					}
				}
				r.sizes[out.Edge] = sizes
				z.Bytes = sizes
				ev.Outputs = append(ev.Outputs, z)
			}
		}
	}
	c.after(c.soon(3), func() {
		if !r.exec.alive {
			return
		}
		if q.isResult(id.Stage) && !r.aborted && q.ended == "" {
			q.results[id.Partition] = r
		}
		c.step(ev)
	})
	if c.chance(0.05) {
		c.later(r.exec, 4*time.Millisecond, ev)
	}
}
