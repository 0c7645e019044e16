package scheduler

import "github.com/flintsql/flint/sql/sqlerr"

func (s *Scheduler) finish(q *query) { s.end(q, Finish{Query: q.id}, false) }

func (s *Scheduler) fail(q *query, err *sqlerr.Error) { s.end(q, Fail{Query: q.id, Err: err}, false) }

// cancel ends a query; the client hears of it when nothing runs any more.
func (s *Scheduler) cancel(e Cancel) {
	q := s.queries[e.Query]
	if q == nil || q.ended {
		return
	}
	err := e.Err
	if err == nil {
		err = sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
	}
	s.end(q, Fail{Query: q.id, Err: err}, true)
}

// end stops all work of a query. Its last action comes now or, with wait, when all
// attempts are off their executors.
func (s *Scheduler) end(q *query, last Action, wait bool) {
	if q.ended {
		return
	}
	q.ended = true
	q.ready = nil
	s.enqueue(q)
	if s.holder != nil && s.holder.query == q {
		s.holder = nil
	}
	if wait {
		q.final = last
	} else {
		s.emit(last)
	}
	for _, a := range append([]*attempt{}, q.attempts...) {
		if !a.aborting && !a.exec.dead {
			s.abort(a)
		}
	}
	s.drained(q)
}

// drained forgets an ended query once none of its attempts occupies an executor.
func (s *Scheduler) drained(q *query) {
	if !q.ended || len(q.attempts) > 0 || s.queries[q.id] == nil {
		return
	}
	for _, e := range q.execs {
		if !e.dead {
			s.emit(Drop{Query: q.id, Executor: e.id})
		}
	}
	for _, w := range q.workers {
		if s.workers[w] {
			s.emit(Drop{Query: q.id, Worker: w})
		}
	}
	if q.final != nil {
		s.emit(q.final)
	}
	delete(s.queries, q.id)
	for i, x := range s.all {
		if x == q {
			s.all = append(s.all[:i:i], s.all[i+1:]...)
			break
		}
	}
}

// failHomeless fails the queries that need an executor and have had none for too
// long.
func (s *Scheduler) failHomeless() {
	for _, q := range append([]*query{}, s.all...) {
		since := s.noneSince
		if q.submitted.After(since) {
			since = q.submitted
		}
		if q.ended || s.now.Sub(since) < s.opt.NoExecutorWait || !q.needsExecutor() {
			continue
		}
		s.fail(q, sqlerr.New(sqlerr.InsufficientResources, "no executor is alive"))
	}
}

// needsExecutor says whether anything that is still wanted runs off the driver.
func (q *query) needsExecutor() bool {
	wanted := make(map[*region]bool, len(q.regions))
	for _, r := range q.regions {
		if wanted[r] = r.wanted(wanted); wanted[r] && r.remote > 0 {
			return true
		}
	}
	return false
}
