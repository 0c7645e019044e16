package scheduler

import (
	"slices"
	"time"
)

// This file re-plans stages between their inputs and their first launch (adaptive
// query execution, as in Spark 3). What physical finds out from measured sizes stays
// true for as long as those outputs do: re-runs give the same rows, and one that does
// not rolls all consumers back, which then forget their layouts too.

// replan is what a stage knows of its re-planning.
type replan struct {
	layout  *Layout
	asks    int  // questions so far
	seen    int  // complete inputs at the last one
	waiting bool // for the answer to one about all inputs
	settled bool // no more questions
	past    []task
}

// adaptive says whether the stage may be re-planned at all: all that it reads
// is spooled, and no neighbour is tied to its partitions.
func (st *stage) adaptive() bool {
	if !st.spec.Adaptive || st.spec.Local || len(st.in) == 0 {
		return false
	}
	for _, ed := range st.in {
		if ed.mode != Spooled || ed.spec.Partitioning == Forward {
			return false
		}
	}
	for _, ed := range st.out {
		if ed.spec.Partitioning == Forward {
			return false
		}
	}
	return true
}

// untouched says that no task of the stage was launched since its last roll-back.
func (st *stage) untouched() bool {
	for i := range st.tasks {
		if t := &st.tasks[i]; t.state != pending || t.known {
			return false
		}
	}
	return true
}

// replanning asks about the stages of a region and says whether it must wait for
// an answer.
func (s *Scheduler) replanning(r *region) bool {
	wait := false
	for _, st := range r.stages {
		if !st.replan.settled && st.adaptive() && !r.launched {
			s.ask(st)
		}
		wait = wait || st.replan.waiting
	}
	return wait
}

// ask emits Replan when more inputs are complete than were at the last question.
func (s *Scheduler) ask(st *stage) {
	var in []Measured
	for _, ed := range st.in {
		if ed.from.complete() {
			in = append(in, ed.measured())
		}
	}
	p := &st.replan
	if len(in) == 0 || len(in) == p.seen || !st.untouched() {
		return
	}
	p.seen = len(in)
	p.asks++
	p.waiting = len(in) == len(st.in)
	if p.waiting {
		s.asking = append(s.asking, question{st, p.asks, s.now.Add(s.opt.ReplanWait)})
	}
	s.emit(Replan{Query: st.query.id, Stage: st.id(), Ask: p.asks, Partial: !p.waiting, Inputs: in})
}

// measured lists what an edge's producers have committed.
func (ed *edge) measured() Measured {
	m := Measured{Edge: ed.id, Bytes: make([][]int64, len(ed.from.tasks))}
	for i := range ed.from.tasks {
		out := ed.from.tasks[i].out
		if out == nil {
			continue
		}
		for _, z := range out.sizes {
			if z.Edge == ed.id {
				m.Bytes[i] = z.Bytes
			}
		}
	}
	return m
}

// replanned takes an answer, unless it is to a question that is void.
func (s *Scheduler) replanned(e Replanned) {
	q := s.queries[e.Query]
	if q == nil || q.ended {
		return
	}
	st := q.stage(e.Stage)
	if st == nil || st.replan.asks != e.Ask || st.replan.settled || !st.untouched() || st.region.launched {
		return
	}
	p := &st.replan
	whole := p.waiting
	open := st.open()
	if whole {
		open = nil // a producer that was lost meanwhile gives the same rows again
	}
	if l := e.Layout; l != nil && l.valid(st, open) {
		s.lay(st, l)
		p.settled = true
	}
	p.settled, p.waiting = p.settled || whole, false
	s.refresh(q)
}

// open lists the incomplete inputs.
func (st *stage) open() (open []*edge) {
	for _, ed := range st.in {
		if !ed.from.complete() {
			open = append(open, ed)
		}
	}
	return open
}

// lay gives an untouched stage a layout.
func (s *Scheduler) lay(st *stage, l *Layout) {
	st.replan.layout = l
	s.resize(st, len(l.Tasks))
	if len(l.Unread) == 0 {
		return
	}
	for _, ed := range st.in {
		ed.unread = slices.Contains(l.Unread, ed.id)
	}
	s.stopUnwanted(st.query)
}

// resize makes an untouched stage have n tasks. Attempts are numbered on from
// where an earlier layout left them, and what counts against a task is kept.
func (s *Scheduler) resize(st *stage, n int) {
	p, r := &st.replan, st.region
	for i := range st.tasks {
		if i == len(p.past) {
			p.past = append(p.past, task{})
		}
		p.past[i] = st.tasks[i]
	}
	if !st.spec.Local {
		r.remote += n - len(st.tasks)
	}
	st.tasks = make([]task, n)
	for i := range st.tasks {
		t := &st.tasks[i]
		t.stage, t.part = st, i
		if i < len(p.past) {
			old := &p.past[i]
			t.number, t.failures, t.lost, t.unstarted, t.fetches = old.number, old.failures, old.lost, old.unstarted, old.fetches
		}
	}
	st.done, st.queue = 0, queue{}
	st.inputs, st.inputsAt = nil, 0
	st.version++
	r.runnable, r.fitsAt = false, 0
}

// stopUnwanted aborts what runs for nobody any more.
func (s *Scheduler) stopUnwanted(q *query) {
	wanted := make(map[*region]bool, len(q.regions))
	for _, r := range q.regions {
		if wanted[r] = r.wanted(wanted); wanted[r] || r.root.complete() {
			continue
		}
		if r.gang() {
			if r.launched {
				s.restart(r, false)
			}
			continue
		}
		for i := range r.root.tasks {
			if t := &r.root.tasks[i]; t.cur != nil {
				s.abort(t.cur)
				t.state = pending
			}
		}
		r.runnable = false
	}
}

// unlay takes a stage back to the plan: the sizes it was re-planned by are void,
// so it asks again.
func (s *Scheduler) unlay(st *stage) {
	p := &st.replan
	if p.layout != nil {
		s.resize(st, st.spec.Tasks)
	}
	for _, ed := range st.in {
		ed.unread = false
	}
	st.replan = replan{asks: p.asks + 1, past: p.past} // a late answer is void too
}

// question is a Replan that a stage waits on.
type question struct {
	st    *stage
	ask   int
	until time.Time
}

// giveUpAsking lets stages go on as planned whose answers don't come.
func (s *Scheduler) giveUpAsking() {
	for len(s.asking) > 0 && !s.now.Before(s.asking[0].until) {
		x := s.asking[0]
		s.asking = s.asking[1:]
		if p := &x.st.replan; p.waiting && p.asks == x.ask {
			p.waiting, p.settled = false, true
			s.refresh(x.st.query)
		}
	}
}
