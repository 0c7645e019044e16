package scheduler

import "time"

// LocalExecutor is the driver's own executor, on LocalWorker. It is always alive:
// no ExecutorUp announces it and nothing can lose it.
const (
	LocalExecutor ExecutorID = "local"
	LocalWorker   WorkerID   = "local"
)

// Scheduler decides for all queries of one driver. See doc.go for its protocol.
type Scheduler struct {
	opt  Options
	now  time.Time
	acts []Action

	local     *executor
	executors map[ExecutorID]*executor // without local
	order     []*executor              // the same, in order of registration
	hosts     map[string]int           // live executors by host
	workers   map[WorkerID]bool
	free      []*executor // with a free slot, without local
	gangRoom  int         // places for gangs left, without local
	noneSince time.Time   // since when no executor is alive

	queries  map[QueryID]*query
	all      []*query // in order of submission
	ready    readyHeap
	clock    uint64     // virtual time of the weighted round robin
	holder   *region    // the gang that holds back other gangs
	aborting []*attempt // oldest first
	dirty    bool       // something may be launched now
	asking   []question // oldest first

	generation int // of the set of executors
}

// New returns a Scheduler with no executor but the driver-local one.
func New(opt Options) *Scheduler {
	opt = opt.withDefaults()
	s := &Scheduler{
		opt: opt, generation: 1, executors: map[ExecutorID]*executor{}, hosts: map[string]int{},
		workers: map[WorkerID]bool{LocalWorker: true}, queries: map[QueryID]*query{},
	}
	s.local = &executor{id: LocalExecutor, worker: LocalWorker, slots: opt.LocalSlots, local: true, freeAt: -1}
	return s
}

// Step takes one event at a time and returns what the driver must do, in order.
// It never blocks and never fails; the slice belongs to the caller.
func (s *Scheduler) Step(now time.Time, e Event) []Action {
	if now.After(s.now) {
		s.now = now
	}
	if s.noneSince.IsZero() && len(s.order) == 0 {
		s.noneSince = s.now
	}
	s.acts = nil
	switch e := e.(type) {
	case SubmitQuery:
		s.submit(e)
	case WorkerUp:
		s.workers[e.Worker] = true
	case WorkerLost:
		s.workerLost(e.Worker)
	case ExecutorUp:
		s.executorUp(e)
	case ExecutorLost:
		s.executorLost(e.Executor)
	case TaskStarted:
		if a := s.current(e.Attempt); a != nil {
			a.started = true
		}
	case TaskDone:
		s.taskDone(e)
	case TaskFailed:
		s.taskFailed(e)
	case AbortAcked:
		s.acked(e.Attempt)
	case ResultDelivered:
		s.delivered(e.Attempt)
	case ResultStalled:
		s.stalled(e.Attempt)
	case Cancel:
		s.cancel(e)
	case Replanned:
		s.replanned(e)
	case Tick:
		s.tick()
	}
	if s.dirty {
		s.assign()
		s.dirty = false
	}
	acts := s.acts
	s.acts = nil
	return acts
}

func (s *Scheduler) emit(a Action) { s.acts = append(s.acts, a) }

// current returns the attempt if it is the running one of its task.
func (s *Scheduler) current(id Attempt) *attempt {
	t := s.task(id.TaskID)
	if t == nil || t.cur == nil || t.cur.id != id {
		return nil
	}
	return t.cur
}

// task returns a task of a query that has not ended, or nil.
func (s *Scheduler) task(id TaskID) *task {
	q := s.queries[id.Query]
	if q == nil || q.ended {
		return nil
	}
	st := q.stage(id.Stage)
	if st == nil || id.Partition < 0 || id.Partition >= len(st.tasks) {
		return nil
	}
	return &st.tasks[id.Partition]
}

// acked ends an aborting attempt; it reports whether id was one.
func (s *Scheduler) acked(id Attempt) bool {
	q := s.queries[id.Query]
	if q == nil {
		return false
	}
	a := q.zombies[id]
	if a == nil {
		return false
	}
	s.release(a)
	s.drained(q)
	return true
}

// delivered notes that a result task can't be run again in silence.
func (s *Scheduler) delivered(id Attempt) {
	t := s.task(id.TaskID)
	if t == nil || !t.stage.result() {
		return
	}
	if t.cur != nil && t.cur.id == id || t.state == done && t.accepted == id {
		t.delivered = true
	}
}

// stalled takes the slot from an attempt that computes only when its client
// reads; it keeps its resident place.
func (s *Scheduler) stalled(id Attempt) {
	a := s.current(id)
	if a == nil || a.kind != Lone {
		return
	}
	s.count(a, -1)
	a.kind = Express
	s.count(a, 1)
	s.dirty = true
}

// tick fences the silent and fails queries that have nowhere to run.
func (s *Scheduler) tick() {
	for len(s.aborting) > 0 {
		a := s.aborting[0]
		if !a.gone && s.now.Sub(a.since) < s.opt.AckTimeout {
			break
		}
		s.aborting = s.aborting[1:]
		switch {
		case a.gone:
		case a.exec.local:
			// The driver can't cut itself off: forget the attempt, whose commit
			// nothing names any more.
			s.release(a)
			s.drained(a.task.stage.query)
		default:
			s.emit(Fence{Executor: a.exec.id})
			s.executorLost(a.exec.id)
		}
	}
	s.giveUpAsking()
	if len(s.order) == 0 {
		s.failHomeless()
	}
	s.dirty = s.dirty || len(s.ready) > 0
}

// Idle reports that no query is known any more: nothing waits for time to pass.
func (s *Scheduler) Idle() bool { return len(s.queries) == 0 }
