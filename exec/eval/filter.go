package eval

import (
	"cmp"
	"slices"
	"time"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
)

// Filter selects the rows for which all conjuncts are true. It learns what they
// cost and pass, and tries cheap and selective ones first; but one that may
// raise an error is never moved before those that guard it. It is used by one
// goroutine.
type Filter struct {
	conjuncts []conjunct
	st        state
	sel       []int32
	batches   int
}

// conjunct is one condition with what was measured of it.
type conjunct struct {
	s       selector
	columns []int   // that it reads
	pass    float64 // share of rows that pass, decaying average
	cost    float64 // ns per row, decaying average
	fixed   bool    // fallible: nothing moves across it
}

// CompileFilter prepares a filter over batches whose columns have the types of in.
func CompileFilter(conjuncts []expr.Expr, in []types.Type, c *function.Context) (*Filter, error) {
	k := newCompiler(in, c, true)
	f := &Filter{st: state{c: c}}
	var flat []expr.Expr
	for _, e := range conjuncts {
		flat = append(flat, expr.Conjuncts(Fold(e, c))...)
	}
	for _, e := range mergeBounds(flat) {
		s, err := k.selector(e)
		if err != nil {
			return nil, err
		}
		f.conjuncts = append(f.conjuncts, conjunct{s: s, columns: columnsOf(e), fixed: expr.Fallible(e)})
	}
	return f, nil
}

// rangeExpr stands for several bounds on one column, found by mergeBounds.
type rangeExpr struct {
	expr.Expr // the conjunction they come from
	b         bounds
}

// mergeBounds joins the bounds on one column into one condition, in the place
// of the first.
func mergeBounds(es []expr.Expr) []expr.Expr {
	var out []expr.Expr
	at := map[int]int{}
	for _, e := range es {
		b, ok := columnBounds(e)
		if !ok || b.not {
			out = append(out, e)
			continue
		}
		i, seen := at[b.col.Index]
		if !seen {
			at[b.col.Index] = len(out)
			out = append(out, &rangeExpr{e, b})
			continue
		}
		r := out[i].(*rangeExpr)
		both := &expr.Logic{Op: expr.And, Args: []expr.Expr{r.Expr, e}}
		b.low, b.high = max(b.low, r.b.low), min(b.high, r.b.high)
		out[i] = &rangeExpr{both, b}
	}
	return out
}

// selector compiles one condition.
func (k *compiler) selector(e expr.Expr) (selector, error) {
	if r, ok := e.(*rangeExpr); ok {
		slow, err := k.nodeSelector(r.Expr)
		return &rangeSelector{r.b, slow}, err
	}
	if b, ok := columnBounds(e); ok {
		slow, err := k.nodeSelector(e)
		return &rangeSelector{b, slow}, err
	}
	if l, ok := e.(*expr.Logic); ok && !(k.dict && soleString(e)) {
		args := l.Args
		if l.Op == expr.And {
			args = mergeBounds(expr.Conjuncts(e))
		}
		ss, err := k.selectors(args)
		if l.Op == expr.And {
			return &andSelector{ss}, err
		}
		return &orSelector{args: ss}, err
	}
	slow, err := k.nodeSelector(e)
	if err != nil {
		return nil, err
	}
	switch x := e.(type) {
	case *expr.In:
		if s := intSet(x); s != nil {
			return &setSelector{x.Arg.(*expr.Input).Index, s, slow}, nil
		}
	case *expr.Call:
		if p := pairOf(x); p != nil {
			p.slow = slow
			return p, nil
		}
	}
	if m, ok := slow.node.(*memoNode); ok {
		if d, ok := m.node.(*dictNode); ok {
			return &dictSelector{d, slow}, nil
		}
	}
	return slow, nil
}

func soleString(e expr.Expr) bool {
	in := soleInput(e)
	return in != nil && in.Typ.Storage() == types.StoreBytes
}

func (k *compiler) selectors(es []expr.Expr) ([]selector, error) {
	out := make([]selector, len(es))
	for i, e := range es {
		s, err := k.selector(e)
		if err != nil {
			return nil, err
		}
		out[i] = s
	}
	return out, nil
}

func (k *compiler) nodeSelector(e expr.Expr) (*nodeSelector, error) {
	n, err := k.compile(e)
	if err != nil {
		return nil, err
	}
	return &nodeSelector{node: n, flat: &flatNode{node: n}}, nil
}

// intSet recognizes column IN (integers).
func intSet(x *expr.In) *set {
	col, ok := x.Arg.(*expr.Input)
	if !ok || x.Negated || !hasIntStorage(col.Typ) {
		return nil
	}
	var n node
	k := compiler{in: make([]types.Type, col.Index+1), done: map[string]node{}}
	n, err := k.compileIn(x)
	if in, ok := n.(*inNode); ok && err == nil {
		return in.set
	}
	return nil
}

func hasIntStorage(t types.Type) bool {
	s := t.Storage()
	return s >= types.StoreInt16 && s <= types.StoreInt64
}

// pairOf recognizes a comparison of two integer-stored columns.
func pairOf(x *expr.Call) *pairSelector {
	op, ok := function.ParseCompare(x.Func.Name)
	if !ok || len(x.Args) != 2 {
		return nil
	}
	a, ok1 := x.Args[0].(*expr.Input)
	b, ok2 := x.Args[1].(*expr.Input)
	if !ok1 || !ok2 || a.Typ != b.Typ || !hasIntStorage(a.Typ) {
		return nil
	}
	switch op {
	case function.Eq:
		return &pairSelector{a: a.Index, b: b.Index, op: pairEq}
	case function.Ne:
		return &pairSelector{a: a.Index, b: b.Index, op: pairNe}
	case function.Lt:
		return &pairSelector{a: a.Index, b: b.Index, op: pairLt}
	case function.Le:
		return &pairSelector{a: a.Index, b: b.Index, op: pairLe}
	case function.Gt:
		return &pairSelector{a: b.Index, b: a.Index, op: pairLt}
	}
	return &pairSelector{a: b.Index, b: a.Index, op: pairLe}
}

// Select returns the positions among b's selected rows that pass, ascending;
// all means that every selected row does. The result is valid until the next
// Select.
func (f *Filter) Select(b *vector.Batch) (sel []int32, all bool, err error) {
	f.next()
	return f.run(f.conjuncts, b)
}

// next begins with a batch.
func (f *Filter) next() {
	if f.batches++; f.batches%reorderEvery == 0 {
		f.reorder()
	}
}

// run applies some of the conjuncts.
func (f *Filter) run(conjuncts []conjunct, b *vector.Batch) (sel []int32, all bool, err error) {
	st := &f.st
	st.b, st.n = b, b.Rows
	f.sel = room(f.sel, b.Rows)
	in, left := b.Sel, b.Count()
	for i := range conjuncts {
		c := &conjuncts[i]
		if left == 0 {
			break
		}
		start := time.Now()
		out, err := c.s.narrow(st, in, f.sel)
		if err != nil {
			return nil, false, err
		}
		c.learn(time.Since(start), left, len(out))
		in, left = out, len(out)
	}
	switch {
	case left == b.Count():
		return b.Sel, true, nil
	case left == 0:
		return f.sel[:0], false, nil
	}
	return in, false, nil
}

// reorderEvery is the number of batches between looks at the order.
const reorderEvery = 16

func (c *conjunct) learn(d time.Duration, rows, passed int) {
	const weight = 0.1
	cost, pass := float64(d.Nanoseconds())/float64(rows), float64(passed)/float64(rows)
	if c.cost == 0 {
		c.cost, c.pass = cost, pass
		return
	}
	c.cost += weight * (cost - c.cost)
	c.pass += weight * (pass - c.pass)
}

// rank is the cost per row removed: ascending order is the cheapest sequence of
// independent conditions.
func (c *conjunct) rank() float64 { return c.cost / max(1-c.pass, 1e-6) }

// reorder sorts each run of conjuncts between fallible ones.
func (f *Filter) reorder() {
	cs := f.conjuncts
	for i := 0; i < len(cs); {
		j := i
		for j < len(cs) && !cs[j].fixed {
			j++
		}
		slices.SortStableFunc(cs[i:j], func(a, b conjunct) int { return cmp.Compare(a.rank(), b.rank()) })
		i = j + 1
	}
}
