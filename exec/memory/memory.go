// Package memory accounts for bytes: process → query → task → operator.
// A holder reserves before it allocates, and releases when it lets go; the
// account's limit and those of all its ancestors hold at every moment.
package memory

import (
	"fmt"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/flintsql/flint/sql/sqlerr"
)

// Account is one node of the tree of accounts. It is safe for concurrent use.
type Account struct {
	parent *Account
	name   string
	limit  int64 // 0 = none of its own
	used   atomic.Int64
	peak   atomic.Int64

	mu       sync.Mutex
	children map[*Account]struct{}
	pressure []func(n int64)
}

// NewRoot returns the account of a process with a limit in bytes; 0 means no
// limit.
func NewRoot(name string, limit int64) *Account { return &Account{name: name, limit: limit} }

// Child opens an account under a. limit 0 means only the ancestors' limits
// hold. Close it when its holder ends.
func (a *Account) Child(name string, limit int64) *Account {
	c := &Account{parent: a, name: name, limit: limit}
	a.mu.Lock()
	if a.children == nil {
		a.children = map[*Account]struct{}{}
	}
	a.children[c] = struct{}{}
	a.mu.Unlock()
	return c
}

// OnPressure registers a cache's f, which releases up to n bytes that it holds
// under a. Reserve calls it, in any goroutine, before it fails for want of n bytes under a's limit.
func (a *Account) OnPressure(f func(n int64)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pressure = append(a.pressure, f)
}

// relieve asks the caches of a for n bytes; false if there are none to ask.
func (a *Account) relieve(n int64) bool {
	a.mu.Lock()
	fs := a.pressure
	a.mu.Unlock()
	for _, f := range fs {
		f(n)
	}
	return len(fs) > 0
}

// Reserve charges n bytes to a and its ancestors, or charges nothing and fails
// with 53200 naming the account that asked and those that hold most.
func (a *Account) Reserve(n int64) error {
	full := a.charge(n)
	if full != nil && full.relieve(n) {
		full = a.charge(n)
	}
	if full != nil {
		return a.exceeded(full, n)
	}
	return nil
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
	for x := a; x != nil; x = x.parent {
		u := x.used.Load()
		for p := x.peak.Load(); u > p && !x.peak.CompareAndSwap(p, u); p = x.peak.Load() {
		}
	}
	return nil
}

// Release gives back n bytes that were reserved.
func (a *Account) Release(n int64) {
	for x := a; x != nil; x = x.parent {
		x.used.Add(-n)
	}
}

// Resize changes a reservation from *held to n bytes and records it in *held.
func (a *Account) Resize(held *int64, n int64) error {
	if err := a.Reserve(n - *held); err != nil {
		return err
	}
	*held = n
	return nil
}

// Used returns the bytes now charged; Peak the most there ever were.
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
	rest := a.used.Swap(0)
	for x := a.parent; x != nil; x = x.parent {
		x.used.Add(-rest)
	}
	if p := a.parent; p != nil {
		p.mu.Lock()
		delete(p.children, a)
		p.mu.Unlock()
	}
	return rest
}

func (a *Account) exceeded(x *Account, n int64) error {
	e := sqlerr.New(sqlerr.OutOfMemory, "out of memory: %s needs %s more, and %s has %s of its limit of %s in use",
		a.name, Bytes(n), x.name, Bytes(x.Used()), Bytes(x.limit))
	if top := x.largest(3); top != "" {
		e = e.WithDetail("Largest holders: %s.", top)
	}
	return e.WithHint("Raise --memory-limit, or use fewer slots.")
}

// largest names the n leaf accounts under a that hold most.
func (a *Account) largest(n int) string {
	var leaves []*Account
	var walk func(*Account)
	walk = func(x *Account) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if len(x.children) == 0 && x != a && x.Used() > 0 {
			leaves = append(leaves, x)
		}
		for c := range x.children {
			walk(c)
		}
	}
	walk(a)
	sort.Slice(leaves, func(i, j int) bool { return leaves[i].Used() > leaves[j].Used() })
	var s []string
	for i := 0; i < len(leaves) && i < n; i++ {
		s = append(s, leaves[i].name+" "+Bytes(leaves[i].Used()))
	}
	return strings.Join(s, ", ")
}

// Bytes formats a number of bytes, e.g. "1.5 MiB".
func Bytes(n int64) string {
	const units = "KMGT"
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	f, u := float64(n)/1024, 0
	for f >= 1024 && u < len(units)-1 {
		f, u = f/1024, u+1
	}
	return fmt.Sprintf("%.1f %ciB", f, units[u])
}
