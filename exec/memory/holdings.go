package memory

import (
	"fmt"
	"sort"
	"strings"
	"sync/atomic"

	"github.com/flintsql/flint/sql/sqlerr"
)

// Holding is what one account holds: a row of flint.memory.
type Holding struct {
	Process  string // name of the root
	Kind     Kind
	Path     []string // names from below the root down; empty for the root itself
	Query    string   // name of the query's account, empty outside of queries
	Operator string   // name of the account, if it is a holder of a query

	Used, Peak, Limit int64 // limit 0 = none of its own
	Spillable         bool
	Spilled           int64 // bytes moved to disk so far
}

// Holdings lists a and all below it, parents before their children, siblings by name.
func (a *Account) Holdings() []Holding { return a.list(nil, nil) }

func (a *Account) list(out []Holding, path []string) []Holding {
	a.mu.Lock()
	children := make([]*Account, 0, len(a.children))
	for c := range a.children {
		children = append(children, c)
	}
	h := Holding{Process: a.root.name, Kind: a.kind, Path: path, Used: a.Used(), Peak: a.Peak(), Limit: a.limit, Spillable: a.spillable.Load()}
	if a.spilled != nil {
		h.Spilled = atomic.LoadInt64(a.spilled)
	}
	a.mu.Unlock()
	if a.query != nil {
		h.Query = a.query.name
		if a.kind == Holder {
			h.Operator = a.name
		}
	}
	out = append(out, h)
	sort.Slice(children, func(i, j int) bool { return children[i].name < children[j].name })
	for _, c := range children {
		out = c.list(out, append(path[:len(path):len(path)], c.name))
	}
	return out
}

func (a *Account) exceeded(x *Account, n int64) error {
	e := sqlerr.New(sqlerr.OutOfMemory, "out of memory: %s needs %s more, and %s has %s of its limit of %s in use",
		a.path(), Bytes(n), x.path(), Bytes(x.Used()), Bytes(x.limit))
	if top := x.largest(3); top != "" {
		e = e.WithDetail("Largest holders: %s.", top)
	}
	if x.kind == Query {
		return e.WithHint("Raise query_memory_limit.")
	}
	return e.WithHint("Raise --memory-limit, or use fewer slots.")
}

// path names the account within its query.
func (a *Account) path() string {
	if a.query == nil || a == a.query {
		return a.name
	}
	return a.name + " of " + a.query.name
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
		s = append(s, leaves[i].path()+" "+Bytes(leaves[i].Used()))
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
