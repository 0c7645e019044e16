package scheduler

import "time"

// launchTask launches one pending task of a lone stage.
func (s *Scheduler) launchTask(t *task, e *executor, kind Kind) {
	st := t.stage
	st.queue.tasks--
	s.occupy(t, e, kind)
	s.emitLaunch(t)
	if st.queue.tasks == 0 {
		s.unready(st.region)
	}
}

// emitLaunch emits the action for a task's new attempt.
func (s *Scheduler) emitLaunch(t *task) {
	st, a := t.stage, t.cur
	l := Launch{
		Attempt: a.id, Executor: a.exec.id, Kind: a.kind, Priority: st.depth,
		Inputs: st.taskInputs(), Outputs: st.taskOutputs(),
	}
	if lay := st.replan.layout; lay != nil {
		l.Replanned, l.Reads, l.Tasks, l.Shared = true, lay.Tasks[t.part], len(lay.Tasks), lay.Shared
	}
	if t.splits != nil {
		l.Splits = append([]int{}, t.splits...)
	}
	s.emit(l)
}

// taskInputs returns the shared inputs of the stage's tasks. Versions only grow,
// so their sum tells whether any changed.
func (st *stage) taskInputs() []Input {
	sum := 0
	for _, ed := range st.in {
		sum += ed.from.version
	}
	if st.inputsAt == sum {
		return st.inputs
	}
	st.inputsAt = sum
	st.inputs = make([]Input, 0, len(st.in))
	for _, ed := range st.in {
		if ed.unread {
			continue
		}
		st.inputs = append(st.inputs, Input{
			Edge: ed.id, From: ed.from.id(), Mode: ed.mode, Version: ed.from.version,
			Sources: ed.sources(),
		})
	}
	return st.inputs
}

func (st *stage) taskOutputs() []Output {
	if st.outputs == nil {
		st.outputs = make([]Output, 0, len(st.out))
		for _, ed := range st.out {
			st.outputs = append(st.outputs, Output{Edge: ed.id, Mode: ed.mode})
		}
	}
	return st.outputs
}

// currentSources lists where the stage's partitions are: committed ones of a
// spooled stage, running attempts of a gang that is being launched.
func (st *stage) currentSources() []Source {
	if st.sourcesAt == st.version {
		return st.sources
	}
	st.sourcesAt = st.version
	st.sources = make([]Source, len(st.tasks))
	for i := range st.tasks {
		switch t := &st.tasks[i]; {
		case t.cur != nil:
			st.sources[i] = t.cur.source()
		case t.out != nil:
			st.sources[i] = t.out.source
		}
	}
	return st.sources
}

func (a *attempt) source() Source {
	return Source{Attempt: a.id, Worker: a.exec.worker, Executor: a.exec.id}
}

// launchGang launches all tasks of a gang, or none. split reports that an edge was
// demoted instead, because not even an idle cluster could hold the gang.
func (s *Scheduler) launchGang(r *region) (n int, split bool) {
	if s.holder != nil && s.holder != r {
		return 0, false
	}
	if r.remote > 0 && len(s.order) == 0 {
		return 0, false
	}
	if r.squeeze {
		s.demoteAll(r)
		return 0, true
	}
	spots := s.placeGang(r, false)
	if spots == nil {
		if !s.fitsIdle(r) {
			s.demote(r.cheapest(), "region too wide")
			s.refresh(r.query)
			return 0, true
		}
		s.wait(r)
		return 0, false
	}
	r.launched, r.waiting = true, time.Time{}
	for _, st := range r.stages {
		for i := range st.tasks {
			s.occupy(&st.tasks[i], spots[0], Gang)
			spots = spots[1:]
			n++
		}
		st.version++
		st.replan.settled = true // what it is about to give must come out the same in every re-run
	}
	for _, st := range r.stages {
		for i := range st.tasks {
			s.emitLaunch(&st.tasks[i])
		}
	}
	s.unready(r)
	return max(n, 1), false
}

// fitsIdle says whether an idle cluster of today's executors could hold the gang.
func (s *Scheduler) fitsIdle(r *region) bool {
	if r.fitsAt != s.generation {
		if s.placeGang(r, true) == nil {
			return false
		}
		r.fitsAt = s.generation
	}
	return true
}

// wait notes that a gang found no room; after a while it holds back other gangs,
// or small ones would pass it for ever.
func (s *Scheduler) wait(r *region) {
	if r.waiting.IsZero() {
		r.waiting = s.now
	}
	if s.holder == nil && s.now.Sub(r.waiting) >= s.opt.GangPatience {
		s.holder = r
	}
}

// cheapest returns the pipelined edge of a gang that is cheapest to spool.
func (r *region) cheapest() *edge {
	var best *edge
	for _, st := range r.stages {
		for _, ed := range st.in {
			if ed.mode == Pipelined && (best == nil || ed.spec.Cost < best.spec.Cost ||
				ed.spec.Cost == best.spec.Cost && ed.id < best.id) {
				best = ed
			}
		}
	}
	return best
}

// demoteAll spools every edge of a gang that ran out of memory.
func (s *Scheduler) demoteAll(r *region) {
	for _, st := range r.stages {
		for _, ed := range st.in {
			if ed.mode == Pipelined {
				s.demote(ed, "out of memory")
			}
		}
	}
	s.refresh(r.query)
}
