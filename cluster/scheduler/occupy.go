package scheduler

// This file counts who occupies which executor.

// occupy records a new attempt of t on e.
func (s *Scheduler) occupy(t *task, e *executor, kind Kind) *attempt {
	st := t.stage
	q := st.query
	t.number++
	a := &attempt{
		id:   Attempt{TaskID{q.id, st.id(), t.part}, st.region.epoch, t.number},
		task: t, exec: e, kind: kind, memory: st.memory,
		execAt: len(e.attempts), queryAt: len(q.attempts),
	}
	t.state, t.cur, t.last = running, a, a.id
	e.attempts = append(e.attempts, a)
	q.attempts = append(q.attempts, a)
	s.count(a, 1)
	if !q.usedExec[e.id] {
		q.usedExec[e.id] = true
		q.execs = append(q.execs, e)
	}
	if st.spools() && !q.usedWork[e.worker] {
		q.usedWork[e.worker] = true
		q.workers = append(q.workers, e.worker)
	}
	return a
}

// release forgets an attempt: it is off its executor, or the executor is gone.
func (s *Scheduler) release(a *attempt) {
	q, e := a.task.stage.query, a.exec
	a.gone = true
	last := e.attempts[len(e.attempts)-1]
	e.attempts[a.execAt], last.execAt = last, a.execAt
	e.attempts = e.attempts[:len(e.attempts)-1]
	last = q.attempts[len(q.attempts)-1]
	q.attempts[a.queryAt], last.queryAt = last, a.queryAt
	q.attempts = q.attempts[:len(q.attempts)-1]
	if a.aborting {
		delete(q.zombies, a.id)
	}
	if a.task.cur == a {
		a.task.cur = nil
	}
	s.count(a, -1)
	s.dirty = true
}

// count adds (by = 1) or takes away (by = -1) what an attempt occupies.
func (s *Scheduler) count(a *attempt, by int) {
	switch a.kind {
	case Lone:
		a.exec.lone += by
	case Gang:
		a.exec.gang += by
	}
	a.exec.reserved += int64(by) * a.memory
	s.recount(a.exec)
}

// recount brings the sums over executors up to date with e.
func (s *Scheduler) recount(e *executor) {
	if e.local {
		return
	}
	room := s.gangPlaces(e)
	if e.dead {
		room = 0
	}
	s.gangRoom += room - e.gangRoom
	e.gangRoom = room
	isFree := !e.dead && s.slotPlaces(e) > 0
	if isFree && e.freeAt < 0 {
		e.freeAt = len(s.free)
		s.free = append(s.free, e)
	} else if !isFree && e.freeAt >= 0 {
		last := s.free[len(s.free)-1]
		s.free[e.freeAt], last.freeAt = last, e.freeAt
		s.free = s.free[:len(s.free)-1]
		e.freeAt = -1
	}
}

// residentPlaces is how many more residents of any kind e may take.
func (s *Scheduler) residentPlaces(e *executor) int {
	return e.slots*s.opt.ResidentFactor - len(e.attempts)
}

// slotPlaces is how many more lone tasks e may take.
func (s *Scheduler) slotPlaces(e *executor) int {
	return max(0, min(e.slots-e.lone, s.residentPlaces(e)))
}

// gangPlaces is how many more gang tasks e may take: one place per slot is kept
// free of gangs, so that lone tasks never starve.
func (s *Scheduler) gangPlaces(e *executor) int {
	return max(0, min(e.slots*(s.opt.ResidentFactor-1)-e.gang, s.residentPlaces(e)))
}

// affords says whether a task of the given estimate fits beside what is reserved.
// A task larger than the whole budget runs alone.
func (e *executor) affords(memory, reserved int64) bool {
	return e.memory == 0 || memory == 0 || reserved == 0 || reserved+memory <= e.memory
}

// abort stops a running attempt; it occupies its place until acknowledged.
func (s *Scheduler) abort(a *attempt) {
	a.aborting, a.since = true, s.now
	a.task.cur = nil
	q := a.task.stage.query
	q.zombies[a.id] = a
	s.aborting = append(s.aborting, a)
	s.emit(Abort{Attempt: a.id, Executor: a.exec.id})
}
