package scheduler

import "container/heap"

// readyHeap orders the queries that have something to launch: the one that has
// used least of its share first (stride scheduling, Waldspurger 1995, which is
// weighted round robin without bursts).
type readyHeap []*query

func (h readyHeap) Len() int { return len(h) }
func (h readyHeap) Less(i, j int) bool {
	if h[i].pass != h[j].pass {
		return h[i].pass < h[j].pass
	}
	return h[i].id < h[j].id
}
func (h readyHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].heapAt, h[j].heapAt = i, j
}

// Push implements heap.Interface.
func (h *readyHeap) Push(x any) {
	q := x.(*query)
	q.heapAt = len(*h)
	*h = append(*h, q)
}

// Pop implements heap.Interface.
func (h *readyHeap) Pop() any {
	old := *h
	q := old[len(old)-1]
	q.heapAt = -1
	*h = old[:len(old)-1]
	return q
}

// stride is the cost of one task at weight 1.
const stride = 1 << 20

// enqueue keeps q in the heap exactly while it has something to launch. A query
// that comes back does not collect what it left unused meanwhile.
func (s *Scheduler) enqueue(q *query) {
	want := len(q.ready) > 0 && !q.ended
	switch {
	case want && q.heapAt < 0:
		q.pass = max(q.pass, s.clock)
		heap.Push(&s.ready, q)
	case !want && q.heapAt >= 0:
		heap.Remove(&s.ready, q.heapAt)
	}
}

// assign launches until nothing more fits. Each query that could launch nothing is
// set aside once, so a call costs O(launches + ready queries).
func (s *Scheduler) assign() {
	var aside []*query
	for len(s.ready) > 0 {
		q := s.ready[0]
		n := s.launchOne(q)
		switch {
		case n == 0:
			if q.heapAt >= 0 {
				heap.Remove(&s.ready, q.heapAt)
				aside = append(aside, q)
			}
			continue
		case q.pass > s.clock:
			s.clock = q.pass
		}
		q.pass += uint64(n) * stride / uint64(q.weight)
		if q.heapAt >= 0 {
			heap.Fix(&s.ready, q.heapAt)
		}
		s.enqueue(q)
	}
	for _, q := range aside {
		if q.heapAt < 0 && len(q.ready) > 0 {
			heap.Push(&s.ready, q)
		}
	}
}

// launchOne launches the most downstream task or gang of q that fits and returns
// the number of tasks launched.
func (s *Scheduler) launchOne(q *query) int {
	for i := 0; i < len(q.ready); {
		r := q.ready[i]
		if !r.gang() {
			if s.launchLone(r) {
				return 1
			}
			i++
			continue
		}
		n, split := s.launchGang(r)
		if n > 0 {
			return n
		}
		if split { // q.ready is new: begin again, with one pipelined edge less
			i = 0
			continue
		}
		i++
	}
	return 0
}

// launchLone launches one task of a lone stage if an executor may take it.
func (s *Scheduler) launchLone(r *region) bool {
	st := r.root
	if st.spec.Local || st.atHand() {
		if kind, ok := s.kindOn(st, s.local); ok {
			return s.launchFrom(st, s.local, kind, false)
		}
		if st.spec.Local {
			return false
		}
	}
	if s.launchNear(st) {
		return true
	}
	far := st.query.express || s.now.Sub(st.localSince) >= s.opt.LocalityDelay
	var best *executor
	var last *task // of those that are pending; others find their homes among the executors that are left
	if st.queue.tasks == 1 {
		last = st.queue.any.front()
	}
	for _, e := range s.free {
		if e.affords(st.memory, e.reserved) && (less(e, best) || last.homeOn(e) && !less(best, e)) {
			best = e
		}
	}
	if best != nil && s.launchFrom(st, best, Lone, far) {
		return true
	}
	if best == nil {
		return st.query.express && s.launchExpress(st)
	}
	for _, e := range s.free { // the best one may be avoided by what is pending
		if e.affords(st.memory, e.reserved) && s.launchFrom(st, e, Lone, far) {
			return true
		}
	}
	return false
}

// launchNear launches a task on a host that it prefers.
func (s *Scheduler) launchNear(st *stage) bool {
	if len(st.queue.byHost) == 0 {
		return false
	}
	var best *executor
	var pick *task
	for _, e := range s.free {
		if !e.affords(st.memory, e.reserved) || !less(e, best) {
			continue
		}
		if t := st.queue.localTo(e, s.mayAvoid()); t != nil {
			best, pick = e, t
		}
	}
	if pick == nil {
		return false
	}
	st.localSince = s.now
	s.launchTask(pick, best, Lone)
	return true
}

// launchExpress lets a one-task query in although all slots are taken.
func (s *Scheduler) launchExpress(st *stage) bool {
	var best *executor
	t := st.queue.any.front()
	for _, e := range s.order {
		if s.mayAvoid() && t.avoid == e.id {
			continue
		}
		if s.residentPlaces(e) > 0 && (best == nil || len(e.attempts)*best.slots < len(best.attempts)*e.slots) {
			best = e
		}
	}
	return best != nil && s.launchFrom(st, best, Express, true)
}

func (s *Scheduler) kindOn(st *stage, e *executor) (Kind, bool) {
	if s.slotPlaces(e) > 0 {
		return Lone, true
	}
	return Express, st.query.express && s.residentPlaces(e) > 0
}

// launchFrom launches a task that has no better place, or any task if far is set.
func (s *Scheduler) launchFrom(st *stage, e *executor, kind Kind, far bool) bool {
	t := st.queue.remote(e, s.mayAvoid() && !e.local, far || e.local)
	if t == nil {
		return false
	}
	s.launchTask(t, e, kind)
	return true
}

// mayAvoid says whether a task that failed on an executor can go elsewhere.
func (s *Scheduler) mayAvoid() bool { return len(s.order) > 1 }

// less orders executors by taken slots relative to their number, then by total
// residents; nil comes last.
func less(a, b *executor) bool {
	if b == nil {
		return true
	}
	if x, y := a.lone*b.slots, b.lone*a.slots; x != y {
		return x < y
	}
	return len(a.attempts)*b.slots < len(b.attempts)*a.slots
}
