// Package memory accounts for bytes: process → query → task → operator.
// A holder reserves before it allocates, and releases when it lets go; the
// account's limit and those of all its ancestors hold at every moment.
//
// There is one budget with two regions. Storage is what caches hold: it may use
// whatever nobody else needs, and gives way to execution, which is everything else (Spark's unified memory
// manager). Execution is shared out when it becomes tight: share.go says how much an operator may keep,
// wait.go who waits and who fails when nothing is left.
package memory

import (
	"sync"
	"sync/atomic"
)

// Kind tells what an account stands for.
type Kind uint8

// The kinds of accounts.
const (
	Process Kind = iota
	Storage      // a cache, which gives memory back when others want it
	Query
	Task
	Holder // an operator, an output, or what the process keeps for good
)

var kindNames = [...]string{"process", "storage", "query", "task", "holder"}

// String names the kind as flint.memory does.
func (k Kind) String() string { return kindNames[min(int(k), len(kindNames)-1)] }

// Account is one node of the tree of accounts. It is safe for concurrent use.
type Account struct {
	parent *Account
	root   *Account
	query  *Account // the nearest of that kind, or nil
	task   *Account
	kind   Kind
	name   string
	limit  int64 // 0 = none of its own
	used   atomic.Int64
	peak   atomic.Int64

	spillable atomic.Bool // its holder can move rows to disk
	asked     atomic.Bool // and somebody waits for it to do so
	stopped   atomic.Bool // nothing below waits any more
	spilled   *int64      // bytes it has moved so far, read atomically; nil = unknown

	mu       sync.Mutex
	children map[*Account]struct{}
	pressure []func(n int64) int64
	within   []func(n int64, under *Account) int64

	stored  atomic.Int64 // root: what accounts of kind Storage hold
	running atomic.Int64 // root and queries: open tasks
	paused  atomic.Int64 // root, queries and tasks: tasks that wait for another task's work (pause.go)
	idle    atomic.Int64 // the same for rows of another task
	queries atomic.Int64 // root: queries with open tasks
	created int64        // queries: their number, in order of age
	arbiter *arbiter     // root
}

// NewRoot returns the account of a process with a limit in bytes; 0 means no
// limit.
func NewRoot(name string, limit int64) *Account {
	a := &Account{name: name, limit: limit, arbiter: newArbiter()}
	a.root = a
	return a
}

// Child opens an account under a for one holder. limit 0 means only the
// ancestors' limits hold. Close it when its holder ends.
func (a *Account) Child(name string, limit int64) *Account { return a.open(Holder, name, limit) }

// Storage opens the account of a cache, whose memory counts as free: the cache
// gives it back through OnPressure.
func (a *Account) Storage(name string) *Account { return a.open(Storage, name, 0) }

// Query opens the account of a query.
func (a *Account) Query(name string, limit int64) *Account { return a.open(Query, name, limit) }

// Task opens the account of a task, which counts as running until it is closed.
func (a *Account) Task(name string) *Account { return a.open(Task, name, 0) }

func (a *Account) open(k Kind, name string, limit int64) *Account {
	c := &Account{parent: a, root: a.root, query: a.query, task: a.task, kind: k, name: name, limit: limit}
	switch k {
	case Query:
		c.query, c.created = c, a.root.arbiter.number.Add(1)
	case Task:
		c.task = c
		c.count(1)
	}
	a.mu.Lock()
	if a.children == nil {
		a.children = map[*Account]struct{}{}
	}
	a.children[c] = struct{}{}
	a.mu.Unlock()
	return c
}

// count notes that a task began (1) or ended (-1).
func (a *Account) count(n int64) {
	a.root.running.Add(n)
	if a.query == nil {
		return
	}
	if left := a.query.running.Add(n); n > 0 && left == 1 || n < 0 && left == 0 {
		a.root.queries.Add(n)
	}
}

// OnPressure registers f, which releases at least n bytes that are held under a
// if it can, and returns how many. Reserve calls it, in any goroutine, before it fails for want of n bytes under a's
// limit; what was registered first is asked first.
func (a *Account) OnPressure(f func(n int64) int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pressure = append(a.pressure, f)
}

// OnQueryPressure registers f for the limits of single queries: it releases at least n bytes that
// are held under a query's account if it can, and returns how many. It is called on the root.
func (a *Account) OnQueryPressure(f func(n int64, query *Account) int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.within = append(a.within, f)
}

// Below reports whether a is x or lies below it.
func (a *Account) Below(x *Account) bool {
	for a != nil && a != x {
		a = a.parent
	}
	return a != nil
}

// relieve asks for n bytes; false if there was nothing to give.
func (a *Account) relieve(n int64) bool {
	a.mu.Lock()
	fs := a.pressure
	a.mu.Unlock()
	freed := int64(0)
	if a.kind == Query {
		a.root.mu.Lock()
		within := a.root.within
		a.root.mu.Unlock()
		for _, f := range within {
			if freed < n {
				freed += f(n-freed, a)
			}
		}
	}
	for _, f := range fs {
		if freed < n {
			freed += f(n - freed)
		}
	}
	return freed > 0
}

// Reserve charges n bytes to a and its ancestors, or charges nothing and fails
// with 53200 naming the account that asked and those that hold most. An account of a query first waits for others
// to give memory back, unless its holder can help itself by spilling.
func (a *Account) Reserve(n int64) error {
	full := a.chargeOrEvict(n)
	if full == nil {
		return nil
	}
	if a.query == nil || a.spillable.Load() && a.Used() >= minSpill {
		return a.exceeded(full, n)
	}
	return a.wait(n)
}

// ReserveNow is Reserve for those who know what else to do: it doesn't wait.
func (a *Account) ReserveNow(n int64) error {
	if full := a.chargeOrEvict(n); full != nil {
		return a.exceeded(full, n)
	}
	return nil
}

// chargeOrEvict charges n bytes, taking them from caches if it must. It returns
// the account whose limit is in the way.
func (a *Account) chargeOrEvict(n int64) *Account {
	for {
		full := a.charge(n)
		if full == nil || !full.relieve(n) {
			return full
		}
	}
}

// TryReserve is Reserve for what can do without: it takes nothing from caches.
func (a *Account) TryReserve(n int64) bool { return a.charge(n) == nil }

// charge charges n bytes to a and its ancestors, or nothing if that would
// exceed the limit of one, which it returns.
func (a *Account) charge(n int64) *Account {
	if n <= 0 {
		a.Release(-n)
		return nil
	}
	for x := a; x != nil; x = x.parent {
		u := x.used.Add(n)
		if x.limit > 0 && u > x.limit {
			for y := a; ; y = y.parent {
				y.used.Add(-n)
				if y == x {
					break
				}
			}
			return x
		}
	}
	if a.kind == Storage {
		a.root.stored.Add(n)
	}
	for x := a; x != nil; x = x.parent {
		u := x.used.Load()
		if x.limit > 0 {
			u = min(u, x.limit) // others may be about to find out that it is full
		}
		for p := x.peak.Load(); u > p && !x.peak.CompareAndSwap(p, u); p = x.peak.Load() {
		}
	}
	return nil
}

// Release gives back n bytes that were reserved.
func (a *Account) Release(n int64) {
	if n == 0 {
		return
	}
	for x := a; x != nil; x = x.parent {
		x.used.Add(-n)
	}
	if a.kind == Storage {
		a.root.stored.Add(-n)
	}
	a.root.arbiter.wake()
}

// Resize changes a reservation from *held to n bytes and records it in *held.
func (a *Account) Resize(held *int64, n int64) error {
	if err := a.Reserve(n - *held); err != nil {
		return err
	}
	*held = n
	return nil
}

// Used returns the bytes now charged.
func (a *Account) Used() int64 { return a.used.Load() }

// Peak returns the largest number of bytes charged at one time.
func (a *Account) Peak() int64 { return a.peak.Load() }

// Limit returns the account's own limit, 0 if it has none.
func (a *Account) Limit() int64 { return a.limit }

// Name returns the name given at creation.
func (a *Account) Name() string { return a.name }

// Close gives everything still charged back to the ancestors and detaches the
// account. It returns the bytes that were still charged (a leak, unless the
// holder relies on Close).
func (a *Account) Close() int64 {
	p := a.parent
	if p == nil {
		return a.used.Load()
	}
	p.mu.Lock()
	_, open := p.children[a]
	delete(p.children, a)
	p.mu.Unlock()
	rest := a.used.Swap(0)
	for x := p; x != nil && rest != 0; x = x.parent {
		x.used.Add(-rest)
	}
	if a.kind == Storage {
		a.root.stored.Add(-rest)
	}
	if open && a.kind == Task {
		a.count(-1)
	}
	a.root.arbiter.wake()
	return rest
}
