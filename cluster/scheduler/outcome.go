package scheduler

import (
	"slices"

	"github.com/flintsql/flint/sql/sqlerr"
)

// taskDone accepts the success of a current attempt.
func (s *Scheduler) taskDone(e TaskDone) {
	a := s.current(e.Attempt)
	if a == nil {
		s.acked(e.Attempt)
		return
	}
	t := a.task
	if e.EarlyStop && t.stage.spools() {
		// Its consumers have committed partitions to read; nothing was committed.
		s.taskFailed(TaskFailed{Attempt: e.Attempt, Class: Transient,
			Err: sqlerr.New(sqlerr.Internal, "a spooled task stopped early")})
		return
	}
	s.release(a)
	s.accept(t, a, e)
}

// accept marks a task as done and looks at what that changes.
func (s *Scheduler) accept(t *task, a *attempt, e TaskDone) {
	st := t.stage
	t.state, t.accepted = done, a.id
	st.done++
	if !e.EarlyStop {
		t.splits = slices.Clone(e.Splits)
	}
	if st.spools() {
		st.version++
		t.out = &committed{source: a.source(), sizes: e.Outputs}
		differs := t.differs(e)
		t.known, t.exact, t.rows, t.checksum = true, st.region.exact(), e.Rows, e.Checksum
		if differs && !s.rollBackConsumers(st) {
			return
		}
		if differs {
			s.refresh(st.query)
			return
		}
	}
	if st.complete() {
		s.refresh(st.query)
	}
}

// differs says whether consumers may have read other rows of this task before.
func (t *task) differs(e TaskDone) bool {
	if !t.known {
		return false
	}
	if t.rows != e.Rows {
		return true
	}
	if t.checksum != 0 && e.Checksum != 0 {
		return t.checksum != e.Checksum
	}
	if e.Rows == 0 {
		return false
	}
	// Without checksums only determinism proves that the rows are the same. What
	// counts is the region that made the earlier rows: a gang with a stage that is
	// not deterministic may have been split since.
	return !t.exact
}

// exact says whether the same spooled inputs always give the same rows.
func (r *region) exact() bool {
	for _, st := range r.stages {
		if !st.spec.Deterministic {
			return false
		}
	}
	return true
}

// taskFailed applies the policy of a failure's class.
func (s *Scheduler) taskFailed(e TaskFailed) {
	a := s.current(e.Attempt)
	if a == nil {
		s.acked(e.Attempt)
		return
	}
	if e.Class == EarlyStop || a.task.satisfied() {
		s.taskDone(TaskDone{Attempt: e.Attempt, EarlyStop: true})
		return
	}
	t, q, p := a.task, a.task.stage.query, e.Class.policy()
	err := e.Err
	if err == nil {
		err = sqlerr.New(sqlerr.Internal, "task %d of stage %d failed: %s", t.part, t.stage.id(), e.Class)
	}
	s.release(a)
	if !p.fetch { // what could not be read is not this executor's fault
		t.avoid, t.stage.region.avoid = a.exec.id, a.exec.id
	}
	if !p.retry || s.exhausted(a, p) {
		if p.lost {
			err = t.poisoned()
		}
		s.fail(q, err)
		return
	}
	if p.roomier {
		t.stage.memory *= 2
		t.stage.region.squeeze = t.stage.region.gang()
	}
	if p.fetch {
		s.missing(q, e.Missing, err)
	}
	if !q.ended {
		s.lostAttempt(t, a)
	}
	s.refresh(q)
}

// exhausted counts a failure and says whether it was one too many.
func (s *Scheduler) exhausted(a *attempt, p policy) bool {
	t, r := a.task, a.task.stage.region
	switch {
	case p.counts && r.gang():
		r.failures++
		return r.failures >= s.opt.AttemptLimit
	case p.counts:
		t.failures++
		return t.failures >= s.opt.AttemptLimit
	case p.fetch:
		t.fetches++
		return t.fetches > s.opt.FetchLimit
	case p.lost:
		return s.poison(a)
	}
	return false
}

// unstartedFactor is how much more often a launch may be lost before the task
// ran than a task that ran may be: the launch is likely innocent.
const unstartedFactor = 5

// poison counts a lost executor against a task that was on it.
func (s *Scheduler) poison(a *attempt) bool {
	if a.started {
		a.task.lost++
	} else {
		a.task.unstarted++
	}
	return a.task.lost >= s.opt.PoisonLimit || a.task.unstarted >= unstartedFactor*s.opt.PoisonLimit
}

// poisoned is the error of a query one of whose tasks seems to kill executors.
func (t *task) poisoned() *sqlerr.Error {
	return sqlerr.New(sqlerr.SystemError, "task %d of stage %d was running on %d executors that were lost",
		t.part, t.stage.id(), t.lost+t.unstarted)
}

// missing takes note of outputs that a consumer could not fetch. Names that are no
// longer current were dealt with before.
func (s *Scheduler) missing(q *query, names []Attempt, err *sqlerr.Error) {
	for _, id := range names {
		if q.ended || id.Query != q.id {
			return
		}
		t := s.task(id.TaskID)
		if t == nil || t.out == nil || t.out.source.Attempt != id {
			continue
		}
		if t.fetches++; t.fetches > s.opt.FetchLimit {
			s.fail(q, err)
			return
		}
		s.lostOutput(t)
	}
}
