package scheduler

import (
	"slices"
)

// executorUp adds an executor.
func (s *Scheduler) executorUp(ev ExecutorUp) {
	if ev.Executor == LocalExecutor || s.executors[ev.Executor] != nil {
		return
	}
	e := &executor{
		id: ev.Executor, worker: ev.Worker, host: ev.Host,
		slots: max(1, ev.Slots), memory: ev.Memory, freeAt: -1,
	}
	s.workers[ev.Worker] = true
	s.executors[e.id] = e
	s.order = append(s.order, e)
	s.number()
	s.generation++
	s.hosts[e.host]++
	s.recount(e)
	s.dirty = true
}

// number tells executors their place among the live ones.
func (s *Scheduler) number() {
	for i, e := range s.order {
		e.at, e.of = i, len(s.order)
	}
}

// workerLost loses a worker's executors, then its outputs.
func (s *Scheduler) workerLost(w WorkerID) {
	if w == LocalWorker || !s.workers[w] {
		return
	}
	delete(s.workers, w)
	var execs []*executor
	for _, e := range s.order {
		if e.worker == w {
			execs = append(execs, e)
		}
	}
	gone := s.detach(execs...)
	// Outputs go first: tasks that were running there then restart once.
	for _, q := range append([]*query{}, s.all...) {
		if !q.usedWork[w] || q.ended {
			continue
		}
		for _, st := range q.stages {
			for i := range st.tasks {
				if t := &st.tasks[i]; t.out != nil && t.out.source.Worker == w && !t.out.allCarried() {
					s.lostOutput(t)
				}
			}
		}
		s.refresh(q)
	}
	s.lostAttempts(gone)
}

// executorLost loses what runs on an executor; its worker keeps the outputs.
func (s *Scheduler) executorLost(id ExecutorID) {
	if e := s.executors[id]; e != nil {
		s.lostAttempts(s.detach(e))
	}
}

// detach removes executors, all at once, and returns the attempts that were
// running on them. From here on no action names them.
func (s *Scheduler) detach(gone ...*executor) []*attempt {
	for _, e := range gone {
		e.dead = true
		delete(s.executors, e.id)
		if i := slices.Index(s.order, e); i >= 0 {
			s.order = slices.Delete(s.order, i, i+1)
		}
		if s.hosts[e.host]--; s.hosts[e.host] == 0 {
			delete(s.hosts, e.host)
		}
		s.generation++
	}
	s.number()
	if len(gone) > 0 && len(s.order) == 0 {
		s.noneSince = s.now
	}
	var was []*attempt
	for _, e := range gone {
		for _, a := range append([]*attempt{}, e.attempts...) {
			if !a.aborting {
				was = append(was, a)
			}
			s.release(a)
		}
		s.recount(e)
	}
	for _, q := range append([]*query{}, s.all...) {
		s.drained(q)
	}
	return was
}

// lostAttempts runs again what was running on lost executors.
func (s *Scheduler) lostAttempts(gone []*attempt) {
	for _, a := range gone {
		q := a.task.stage.query
		if q.ended {
			continue
		}
		if s.poison(a) {
			s.fail(q, a.task.poisoned())
			continue
		}
		s.lostAttempt(a.task, a)
		s.refresh(q)
	}
}

// lostAttempt makes a task run again whose attempt a ended without success and is
// released already.
func (s *Scheduler) lostAttempt(t *task, a *attempt) {
	st, r := t.stage, t.stage.region
	if t.state != running || t.cur != nil || a.id != t.last {
		return // a restart of the region has taken care of it
	}
	if st.result() && t.delivered {
		s.failDelivered(st.query)
		return
	}
	if !r.gang() {
		s.discard(t, a.id)
		s.requeue(t)
		return
	}
	if t.satisfied() {
		t.state, t.accepted = done, a.id
		st.done++
		return
	}
	s.restart(r, false)
}

// satisfied says that all consumers of a pipelined producer are done: whatever
// becomes of it now is nobody's concern.
func (t *task) satisfied() bool {
	st := t.stage
	return st != st.region.root && st.out[0].to.complete()
}

// lostOutput makes a committed output unavailable. A gang runs again whole.
func (s *Scheduler) lostOutput(t *task) {
	r := t.stage.region
	if r.gang() {
		s.restart(r, false)
		return
	}
	t.out = nil
	t.stage.done--
	t.stage.version++
	s.requeue(t)
}

// restart puts all tasks of a region back to the start, under a new epoch. forget
// says that its outputs may rightly differ next time. It returns false if the
// query failed because the client has seen rows of it.
func (s *Scheduler) restart(r *region, forget bool) bool {
	if st := r.root; st.result() {
		for i := range st.tasks {
			if st.tasks[i].delivered {
				s.failDelivered(r.query)
				return false
			}
		}
	}
	r.epoch = r.query.nextEpoch()
	r.launched, r.runnable = false, false
	for _, st := range r.stages {
		for i := range st.tasks {
			t := &st.tasks[i]
			switch {
			case t.cur != nil:
				id := t.cur.id
				s.abort(t.cur)
				s.discard(t, id)
			case t.state == done:
				s.discard(t, t.accepted)
			case t.state == running: // its attempt was lost just now
				s.discard(t, t.last)
			}
			t.state, t.out = pending, nil
			if forget {
				t.known = false
			}
		}
		st.done = 0
		st.version++
	}
	return true
}
