package memory

// What operators may hold while memory is tight: a query has its fair part of
// the pool, a task its fair part of the query's, and an operator its fair part of the task's. A task that runs alone
// has everything; with others it has at least, and at most, its part (Spark's ExecutionMemoryPool keeps a task
// between 1/2N and 1/N). Nobody is cut down before memory is tight.
const (
	// poolParts of poolWhole of a limit are shared out: what nobody can spill, such as the
	// buffers of scans and exchanges, has the rest.
	poolParts, poolWhole = 3, 4
	// minSpill is the least that is worth a file; no share is smaller.
	minSpill = 1 << 20
)

// MaySpill notes that a's holder can move what it holds to disk. spilled, if
// not nil, counts the bytes that it has moved, and is read atomically.
func (a *Account) MaySpill(spilled *int64) {
	if a.spillable.Load() {
		return
	}
	a.mu.Lock()
	a.spilled = spilled
	a.mu.Unlock()
	a.spillable.Store(true)
}

// Asked reports whether somebody waits for a's holder to spill. The holder
// heeds it at its next chance, and says so by Answered.
func (a *Account) Asked() bool { return a.asked.Load() }

// Answered notes that a's holder has spilled.
func (a *Account) Answered() { a.asked.Store(false) }

// Tight reports whether execution has more than half of the process's limit,
// or of the query's. Storage doesn't count: it gives way.
func (a *Account) Tight() bool {
	r, q := a.root, a.query
	return r.limit > 0 && r.Execution() > r.limit/2 ||
		q != nil && q.limit > 0 && q.used.Load() > q.limit/2
}

// Execution returns the bytes charged in a's process by all but caches.
func (a *Account) Execution() int64 { return a.root.used.Load() - a.root.stored.Load() }

// Share returns what one of n operators of a's task that hold rows may keep
// while memory is tight; 0 means any amount.
func (a *Account) Share(n int) int64 {
	pool := a.pool()
	if pool == 0 {
		return 0
	}
	tasks := int64(1)
	if a.query != nil {
		tasks = max(1, a.query.running.Load())
	}
	return max(pool/tasks/int64(max(1, n)), min(minSpill, pool))
}

// pool returns the part of a's query in the memory of the process, for its tasks to
// share; 0 means that there is no limit.
func (a *Account) pool() int64 {
	r, q := a.root, a.query
	pool := int64(0)
	if r.limit > 0 {
		pool = r.limit / poolWhole * poolParts
		pool = max(pool-r.sum(Holder), pool/4) / max(1, r.queries.Load())
	}
	if q == nil {
		return pool
	}
	if most := q.limit / poolWhole * poolParts; most > 0 && (pool == 0 || most < pool) {
		pool = most
	}
	return max(pool-q.sum(Holder), pool/4) // what the query holds outside of tasks: outputs, shared builds
}

// sum returns what a's children of a kind hold.
func (a *Account) sum(k Kind) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	var n int64
	for c := range a.children {
		if c.kind == k {
			n += c.Used()
		}
	}
	return n
}

// Outputs returns what one query may keep of its outputs between stages while
// memory is tight: a third of its pool; 0 means any amount.
func (a *Account) Outputs() int64 {
	r, q := a.root, a.query
	most := r.limit / poolWhole * poolParts / max(1, r.queries.Load())
	if q != nil && q.limit > 0 && (most == 0 || q.limit < most) {
		most = q.limit
	}
	return most / 3
}
