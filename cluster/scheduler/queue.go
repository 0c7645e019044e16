package scheduler

// queue holds the pending tasks of a stage, by preferred host. Entries are removed
// lazily: a task may stand in several lists, and an entry whose task is no longer
// pending is skipped. Every operation is O(1) amortized.
type queue struct {
	tasks  int // pending ones
	any    fifo
	free   fifo // without a preference that a live host could serve
	byHost map[string]*fifo
}

type fifo struct {
	tasks []*task
	head  int
}

func (f *fifo) push(t *task) { f.tasks = append(f.tasks, t) }

// front returns the first task that is still pending.
func (f *fifo) front() *task {
	for f.head < len(f.tasks) {
		if t := f.tasks[f.head]; t.state == pending {
			return t
		}
		f.head++
	}
	f.tasks, f.head = f.tasks[:0], 0
	return nil
}

// homeWindow is how many tasks are looked at for one that is at home on an executor.
const homeWindow = 64

// home returns a pending task that is at home on e: the one of the same partition that every query over
// a table gives to the same executor, so that it finds the table's pages in its cache.
func (f *fifo) home(e *executor, avoid bool) *task {
	for i := f.head; e.of > 1 && i < min(len(f.tasks), f.head+homeWindow); i++ {
		if t := f.tasks[i]; t.state == pending && t.homeOn(e) && !(avoid && t.avoid == e.id) {
			return t
		}
	}
	return nil
}

// homeOn reports whether the task is at home on e.
func (t *task) homeOn(e *executor) bool { return t != nil && e.of > 1 && t.part%e.of == e.at }

// frontFor returns a pending task that does not avoid e: one at home there, else the first,
// looking at no more than a few of those that do.
func (f *fifo) frontFor(e *executor, avoid bool) *task {
	t := f.front()
	if t == nil {
		return nil
	}
	if h := f.home(e, avoid); h != nil {
		return h
	}
	if !avoid || t.avoid != e.id {
		return t
	}
	for i := f.head + 1; i < min(len(f.tasks), f.head+16); i++ {
		if t := f.tasks[i]; t.state == pending && t.avoid != e.id {
			return t
		}
	}
	return nil
}

// push adds a pending task that prefers hosts; alive counts live executors.
func (u *queue) push(t *task, hosts []string, alive map[string]int) {
	u.tasks++
	u.any.push(t)
	served := false
	for _, h := range hosts {
		if alive[h] == 0 {
			continue
		}
		served = true
		if u.byHost == nil {
			u.byHost = map[string]*fifo{}
		}
		f := u.byHost[h]
		if f == nil {
			f = &fifo{}
			u.byHost[h] = f
		}
		f.push(t)
	}
	if !served {
		u.free.push(t)
	}
}

// localTo returns a task that prefers e's host, or nil.
func (u *queue) localTo(e *executor, avoid bool) *task {
	f := u.byHost[e.host]
	if f == nil {
		return nil
	}
	t := f.frontFor(e, avoid)
	if t == nil && f.front() == nil {
		delete(u.byHost, e.host)
	}
	return t
}

// remote returns a task for e that has no preference, or any when far is set.
func (u *queue) remote(e *executor, avoid, far bool) *task {
	if t := u.free.frontFor(e, avoid); t != nil {
		return t
	}
	if far || len(u.byHost) == 0 {
		return u.any.frontFor(e, avoid)
	}
	return nil
}
