// Package optimizer rewrites logical plans by rules, one file a rule.
package optimizer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
)

// Order is how the driver walks a plan with a rule.
type Order uint8

// The orders. TopDown applies a rule to a node before its children, BottomUp
// after them; WholeTree hands over the root only.
const (
	TopDown Order = iota
	BottomUp
	WholeTree
)

// Rule rewrites a node to an equivalent one with the same output columns in the
// same order. It never changes n; changed tells whether the result differs.
type Rule interface {
	Name() string
	Order() Order
	Apply(ctx context.Context, n logical.Node, m *cost.Model) (out logical.Node, changed bool, err error)
}

// Options are what the optimizer needs of a query.
type Options struct {
	// Disabled switches off optional rules by name.
	Disabled map[string]bool
	// IDs is the query's source of column IDs; required.
	IDs *logical.IDs
	// Context fixes what stable functions may be folded with; nil folds none.
	Context *function.Context
	// Model estimates costs; nil makes one.
	Model *cost.Model
	// Functions finds operators and functions by name; nil means the registry.
	Functions Functions
	// SharedMemory says that all tasks run in one process: a semi join can then build its
	// outer side once for all of them, so that its inner one need not be thinned out before.
	SharedMemory bool
	// Check validates the plan after each rule and reports a batch that does not
	// reach its fixed point: for tests.
	Check bool
	// eager makes the rules that weigh costs apply wherever they may: for tests.
	eager bool
	// orders sees the order chosen for each cluster of joins: for tests.
	orders func(*search, *joined)
}

// Firing is one successful application of a rule.
type Firing struct {
	Batch, Rule, Node string // Node is the node as it was, in one line
}

// Trace lists which rule fired where, in order.
type Trace struct{ Firings []Firing }

// Rules returns how often each rule fired.
func (t *Trace) Rules() map[string]int {
	out := map[string]int{}
	for _, f := range t.Firings {
		out[f.Rule]++
	}
	return out
}

// String prints one line a firing.
func (t *Trace) String() string {
	var b strings.Builder
	for _, f := range t.Firings {
		fmt.Fprintf(&b, "%s/%s: %s\n", f.Batch, f.Rule, f.Node)
	}
	return b.String()
}

// env is what rules share within one query.
type env struct {
	ids   *logical.IDs
	fctx  *function.Context
	funcs Functions
	eager bool
	// orders is Options.orders.
	orders func(*search, *joined)
	// sharedMemory is Options.SharedMemory.
	sharedMemory bool
}

// maxRounds bounds a batch: rules that undo each other end here.
const maxRounds = 40

// Optimize returns an equivalent plan without Apply nodes.
func Optimize(ctx context.Context, plan logical.Node, o Options) (logical.Node, *Trace, error) {
	if o.IDs == nil {
		return nil, nil, sqlerr.New(sqlerr.Internal, "optimizer: no column IDs")
	}
	m := o.Model
	if m == nil {
		m = cost.NewModel(ctx)
	}
	e := &env{ids: o.IDs, fctx: o.Context, funcs: o.Functions, eager: o.eager, orders: o.orders, sharedMemory: o.SharedMemory}
	if e.funcs == nil {
		e.funcs = registry{}
	}
	d := &driver{ctx: ctx, model: m, trace: &Trace{}, check: o.Check}
	for _, b := range batches(e) {
		if len(o.Disabled) > 0 && !b.mandatory {
			b.rules = slices.DeleteFunc(b.rules, func(r Rule) bool { return o.Disabled[r.Name()] })
		}
		var err error
		if plan, err = d.batch(plan, b); err != nil {
			return nil, d.trace, err
		}
	}
	return plan, d.trace, nil
}

// driver walks plans with rules.
type driver struct {
	ctx       context.Context
	model     *cost.Model
	trace     *Trace
	check     bool
	batchName string
	reuse     map[logical.Node]logical.Node // inputs of Reuse nodes seen in this pass
}

func (d *driver) batch(plan logical.Node, b batch) (logical.Node, error) {
	d.batchName = b.name
	for round := 0; ; round++ {
		if round == maxRounds {
			if d.check {
				return nil, sqlerr.New(sqlerr.Internal, "optimizer: batch %s does not end:\n%s", b.name, tail(d.trace, 12))
			}
			return plan, nil
		}
		changed := false
		for _, r := range b.rules {
			if err := d.ctx.Err(); err != nil {
				return nil, fmt.Errorf("optimize: %w", err)
			}
			clear(d.reuse)
			n, c, err := d.walk(r, plan)
			if err != nil {
				return nil, err
			}
			plan, changed = n, changed || c
		}
		if !changed || b.once {
			return plan, nil
		}
	}
}

func tail(t *Trace, n int) string {
	return (&Trace{t.Firings[max(0, len(t.Firings)-n):]}).String()
}

func (d *driver) walk(r Rule, n logical.Node) (logical.Node, bool, error) {
	if r.Order() == WholeTree {
		return d.apply(r, n)
	}
	changed := false
	if r.Order() == TopDown {
		for i := 0; i < maxRounds; i++ {
			out, c, err := d.apply(r, n)
			if err != nil {
				return nil, false, err
			}
			if !c {
				break
			}
			n, changed = out, true
		}
	}
	out, c, err := d.children(r, n)
	if err != nil {
		return nil, false, err
	}
	n, changed = out, changed || c
	if r.Order() == BottomUp {
		out, c, err := d.apply(r, n)
		if err != nil {
			return nil, false, err
		}
		n, changed = out, changed || c
	}
	return n, changed, nil
}

// children walks a node's inputs. The shared input of Reuse nodes is rewritten once.
func (d *driver) children(r Rule, n logical.Node) (logical.Node, bool, error) {
	if x, ok := n.(*logical.Reuse); ok {
		in, done := d.reuse[x.Input]
		if !done {
			var err error
			if in, _, err = d.walk(r, x.Input); err != nil {
				return nil, false, err
			}
			if d.reuse == nil {
				d.reuse = map[logical.Node]logical.Node{}
			}
			d.reuse[x.Input] = in
		}
		if in == x.Input {
			return n, false, nil
		}
		return n.WithChildren([]logical.Node{in}), true, nil
	}
	var buf [2]logical.Node
	kids := logical.AppendChildren(buf[:0], n)
	var fresh []logical.Node
	for i, k := range kids {
		out, c, err := d.walk(r, k)
		if err != nil {
			return nil, false, err
		}
		if c && fresh == nil {
			fresh = append([]logical.Node(nil), kids...)
		}
		if c {
			fresh[i] = out
		}
	}
	if fresh == nil {
		return n, false, nil
	}
	return n.WithChildren(fresh), true, nil
}

func (d *driver) apply(r Rule, n logical.Node) (logical.Node, bool, error) {
	out, c, err := r.Apply(d.ctx, n, d.model)
	if err != nil {
		return nil, false, fmt.Errorf("rule %s: %w", r.Name(), err)
	}
	if !c {
		return n, false, nil
	}
	d.trace.Firings = append(d.trace.Firings, Firing{d.batchName, r.Name(), n.String()})
	if d.check {
		if err := checkStep(r, n, out); err != nil {
			return nil, false, err
		}
	}
	return out, true, nil
}

// checkStep reports a rule that changed what a node yields or lost a column.
func checkStep(r Rule, before, after logical.Node) error {
	a, b := before.Schema(), after.Schema()
	same := len(a) == len(b)
	for i := 0; same && i < len(a); i++ {
		same = a[i].ID == b[i].ID
	}
	if !same {
		return sqlerr.New(sqlerr.Internal, "optimizer: rule %s changed the output of\n%sto\n%s", r.Name(), logical.Format(before), logical.Format(after))
	}
	free := freeColumns(before)
	for id := range freeColumns(after) {
		if !free.Has(id) {
			return sqlerr.New(sqlerr.Internal, "optimizer: rule %s lost column %d:\n%sto\n%s", r.Name(), id, logical.Format(before), logical.Format(after))
		}
	}
	if err := Validate(after, free); err != nil {
		return sqlerr.New(sqlerr.Internal, "optimizer: rule %s: %v:\n%sto\n%s", r.Name(), err, logical.Format(before), logical.Format(after))
	}
	return nil
}

// Validate reports an expression that refers to a column its input does not
// have; outer are the columns that correlation may refer to.
func Validate(n logical.Node, outer expr.ColumnSet) error {
	scope := expr.ColumnSet{}
	for id := range outer {
		scope.Add(id)
	}
	if s, ok := n.(*logical.Scan); ok {
		for id := range logical.Columns(s) {
			scope.Add(id)
		}
	}
	for i, c := range n.Children() {
		inner := outer
		if a, ok := n.(*logical.Apply); ok && i == 1 {
			inner = union(outer, logical.Columns(a.L))
		}
		if err := Validate(c, inner); err != nil {
			return err
		}
		for id := range logical.Columns(c) {
			scope.Add(id)
		}
	}
	for _, e := range n.Exprs() {
		for id := range expr.Columns(e) {
			if !scope.Has(id) {
				return sqlerr.New(sqlerr.Internal, "column %d of %q is not in scope", id, n.String())
			}
		}
	}
	return nil
}
