package scheduler

import "slices"

// refresh works out anew which regions of q are wanted and may run. It costs
// O(stages + edges) and is called when a stage completes or loses something, never
// per task.
func (s *Scheduler) refresh(q *query) {
	if q.ended {
		return
	}
	if q.result().complete() {
		s.finish(q)
		return
	}
	q.ready = q.ready[:0]
	wanted := make(map[*region]bool, len(q.regions))
	for _, r := range q.regions {
		wanted[r] = r.wanted(wanted)
		was := r.runnable
		r.runnable = wanted[r] && !s.replanning(r) && r.inputsComplete()
		if !r.gang() && r.runnable && !was {
			s.fill(r.root)
		}
		if r.runnable && r.launchable() {
			q.ready = append(q.ready, r)
			continue
		}
		if s.holder == r {
			s.holder = nil
		}
	}
	s.enqueue(q)
	s.dirty = true
}

// wanted says whether the result still needs something of r; regions come
// downstream first, so those of its consumers are known.
func (r *region) wanted(known map[*region]bool) bool {
	if r.root.complete() {
		return false
	}
	if r.root.result() {
		return true
	}
	for _, ed := range r.root.out {
		if known[ed.to.region] && !ed.unread {
			return true
		}
	}
	return false
}

func (r *region) inputsComplete() bool {
	for _, st := range r.stages {
		for _, ed := range st.in {
			if ed.mode == Spooled && !ed.unread && !ed.from.complete() {
				return false
			}
		}
	}
	return true
}

// launchable says whether a runnable region has something to launch.
func (r *region) launchable() bool {
	if r.gang() {
		return !r.launched
	}
	return r.root.queue.tasks > 0
}

// unready takes a region out of its query's list.
func (s *Scheduler) unready(r *region) {
	if i := slices.Index(r.query.ready, r); i >= 0 {
		r.query.ready = slices.Delete(r.query.ready, i, i+1)
	}
	if s.holder == r {
		s.holder = nil
	}
}

// fill rebuilds the queue of a lone stage that has just become runnable.
func (s *Scheduler) fill(st *stage) {
	st.queue = queue{}
	st.localSince = s.now
	near := s.inputHosts(st)
	for i := range st.tasks {
		if t := &st.tasks[i]; t.state == pending {
			s.push(t, near)
		}
	}
}

// push queues a pending task; near are the hosts of its shuffle inputs by
// partition, or nil.
func (s *Scheduler) push(t *task, near [][]string) {
	var hosts []string
	switch st := t.stage; {
	case st.replan.layout == nil && t.part < len(st.spec.Hosts) && len(st.spec.Hosts[t.part]) > 0:
		hosts = st.spec.Hosts[t.part]
	case near != nil:
		hosts = near[t.part]
	}
	t.stage.queue.push(t, hosts, s.hosts)
}

// requeue makes a task pending again.
func (s *Scheduler) requeue(t *task) {
	t.state = pending
	if r := t.stage.region; !r.gang() && r.runnable {
		s.push(t, nil)
	}
}

// inputScan bounds the work of inputHosts per stage.
const inputScan = 1 << 16

// inputHosts finds, by partition, the host that holds at least half of the task's
// spooled input bytes when there are several hosts; nil when unknown or too large
// to be worth it.
func (s *Scheduler) inputHosts(st *stage) [][]string {
	work := 0
	for _, ed := range st.in {
		if ed.mode == Spooled && ed.spec.Partitioning != Broadcast {
			work += len(ed.from.tasks) * len(st.tasks)
		}
	}
	if work == 0 || work > inputScan || len(s.hosts) < 2 || st.spec.Local {
		return nil
	}
	host := make(map[WorkerID]string, len(s.order))
	for _, e := range s.order {
		host[e.worker] = e.host
	}
	near := make([][]string, len(st.tasks))
	for p := range near {
		byHost, total := map[string]int64{}, int64(0)
		var best string
		st.tasks[p].eachInput(func(ed *edge, from *task, parts Span) {
			h, n := from.sizeFor(ed, parts, host)
			total += n
			byHost[h] += n
			if h != "" && byHost[h] > byHost[best] {
				best = h
			}
		})
		if best != "" && total > 0 && byHost[best] > total/2 {
			near[p] = []string{best}
		}
	}
	return near
}

// eachInput calls f for every producer of which t reads partitions of its own.
func (t *task) eachInput(f func(ed *edge, from *task, parts Span)) {
	lay := t.stage.replan.layout
	for _, ed := range t.stage.in {
		if ed.mode != Spooled || ed.spec.Partitioning == Broadcast || ed.unread {
			continue
		}
		if lay == nil || ed.spec.Partitioning != Hash {
			for i := range ed.from.tasks {
				f(ed, &ed.from.tasks[i], Span{t.part, t.part + 1})
			}
			continue
		}
		for _, r := range lay.Tasks[t.part] {
			for i := r.Producers.From; r.Edge == ed.id && i < r.Producers.To; i++ {
				f(ed, &ed.from.tasks[i], r.Partitions)
			}
		}
	}
}

// sizeFor returns the bytes that t holds for partitions of an edge, and the host.
func (t *task) sizeFor(ed *edge, parts Span, host map[WorkerID]string) (string, int64) {
	if t.out == nil {
		return "", 0
	}
	for _, z := range t.out.sizes {
		if z.Edge != ed.id || parts.From >= len(z.Bytes) {
			continue
		}
		n := int64(0)
		for _, b := range z.Bytes[parts.From:min(parts.To, len(z.Bytes))] {
			n += b
		}
		return host[t.out.source.Worker], n
	}
	return "", 0
}
