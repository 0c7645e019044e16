package memory

import (
	"sync"
	"sync/atomic"
	"time"
)

// When nothing is left, whoever asks and cannot help itself waits: the largest
// operator of its query that can spill is asked to, and others end. If that takes too long, or if all tasks
// wait, for memory or for one another (pause.go), one query that waits fails: the youngest of those with more than their fair part, else the youngest. The
// oldest gets on, so that no deadlock lasts (wait-die: Rosenkrantz, Stearns and Lewis, 1978).
const (
	patience  = 10 * time.Second
	askOthers = time.Second // after which operators of other queries are asked too
	lookAgain = 50 * time.Millisecond
	settled   = 3 * lookAgain // after which a task that waits for rows is taken to wait for one that waits for memory
)

// arbiter keeps those who wait for memory of one process.
type arbiter struct {
	patience time.Duration
	number   atomic.Int64 // of queries so far
	waiting  atomic.Int64 // len(waiters)
	turns    atomic.Int64 // times that a task began or ended to wait for rows

	mu      sync.Mutex
	waiters []*waiter     // in order of arrival
	changed chan struct{} // closed and replaced when memory was given back
}

// waiter is one request that waits.
type waiter struct {
	account *Account
	full    *Account  // whose limit is in the way
	since   time.Time // when it came, or when another one failed; under arbiter.mu
	asked   time.Time // when it last asked an operator to spill
	turns   int64     // arbiter.turns as of still
	still   time.Time // since when no task began or ended to wait for rows, as far as was seen
}

func newArbiter() *arbiter { return &arbiter{patience: patience, changed: make(chan struct{})} }

// wake lets those who wait look again.
func (r *arbiter) wake() {
	if r.waiting.Load() == 0 {
		return
	}
	r.mu.Lock()
	close(r.changed)
	r.changed = make(chan struct{})
	r.mu.Unlock()
}

// Stop ends the waiting of a and all below it, now and from now on; the
// requests fail. Give it the account of a task that is being cancelled.
func (a *Account) Stop() {
	a.stopped.Store(true)
	a.root.arbiter.wake()
}

func (a *Account) isStopped() bool {
	for x := a; x != nil; x = x.parent {
		if x.stopped.Load() {
			return true
		}
	}
	return false
}

// wait charges n bytes to a as soon as they are there.
func (a *Account) wait(n int64) error {
	r := a.root.arbiter
	start := time.Now()
	w := &waiter{account: a, since: start}
	r.enter(w)
	defer r.leave(w)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		r.mu.Lock()
		changed := r.changed
		r.mu.Unlock()
		full := a.chargeOrEvict(n)
		if full == nil {
			return nil
		}
		if a.isStopped() || full.limit < n || r.fails(w, full) {
			return a.exceeded(full, n)
		}
		if now := time.Now(); now.Sub(w.asked) >= lookAgain {
			w.asked = now
			a.ask(full, now.Sub(start) > askOthers)
		}
		timer.Reset(lookAgain)
		select {
		case <-changed:
		case <-timer.C:
		}
	}
}

func (r *arbiter) enter(w *waiter) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiters = append(r.waiters, w)
	r.waiting.Add(1)
}

func (r *arbiter) leave(w *waiter) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, x := range r.waiters {
		if x == w {
			r.waiters = append(r.waiters[:i], r.waiters[i+1:]...)
			r.waiting.Add(-1)
			return
		}
	}
}

// fails decides whether w is the one to give up: the youngest of those who wait
// for the same limit, once one of them has waited too long or nobody is left that could give memory back.
func (r *arbiter) fails(w *waiter, full *Account) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	w.full = full
	now := time.Now()
	late, youngest := false, w
	for _, x := range r.waiters {
		if x.full != full {
			continue
		}
		late = late || now.Sub(x.since) > r.patience
		if x.account.query.givesUpBefore(youngest.account.query) {
			youngest = x
		}
	}
	if stuck := r.stuck(w, now); youngest != w || !late && !stuck {
		return false
	}
	w.full = nil
	for _, x := range r.waiters {
		x.since = now // what w's query gives back may suffice
	}
	return true
}

// stuck reports whether all tasks below the limit that is in w's way wait, for memory or for one another.
func (r *arbiter) stuck(w *waiter, now time.Time) bool {
	full, tasks, loose := w.full, map[*Account]bool{}, int64(0)
	for _, x := range r.waiters {
		if x.full != full {
			continue
		}
		if t := x.account.task; t == nil { // a task's shared build or output
			loose++
		} else if t.paused.Load() == 0 && t.idle.Load() == 0 {
			tasks[t] = true
		}
	}
	turns := r.turns.Load()
	idle := full.idle.Load()
	waits, running := int64(len(tasks))+loose+full.paused.Load(), full.running.Load()
	if turns != w.turns || w.still.IsZero() {
		w.turns, w.still = turns, now
	}
	return waits >= running || waits+idle >= running && now.Sub(w.still) > settled
}

// givesUpBefore orders queries that wait: those with more than their fair part
// of the memory first, then the youngest.
func (a *Account) givesUpBefore(b *Account) bool {
	if x, y := a.greedy(), b.greedy(); x != y {
		return x
	}
	return a.created > b.created
}

// greedy reports whether a query holds more than its fair part of the process's memory.
func (a *Account) greedy() bool {
	return a.root.limit > 0 && a.Used() > a.root.limit/max(1, a.root.queries.Load())
}

// ask asks the operator that holds most to spill, of those that were not asked
// yet: of a's query, or of any under full.
func (a *Account) ask(full *Account, any bool) {
	from := a.query
	if any {
		from = full
	}
	var most *Account
	from.walk(func(x *Account) {
		if x != a && x.spillable.Load() && !x.asked.Load() && x.Used() >= minSpill && (most == nil || x.Used() > most.Used()) {
			most = x
		}
	})
	if most != nil {
		most.asked.Store(true)
	}
}

// walk calls f for a and all below it.
func (a *Account) walk(f func(*Account)) {
	f(a)
	a.mu.Lock()
	defer a.mu.Unlock()
	for c := range a.children {
		c.walk(f)
	}
}
