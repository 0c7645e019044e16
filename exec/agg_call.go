package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// aggCall runs one aggregate call. Its expressions are evaluated with the
// operator's; args and keys are positions among the results.
type aggCall struct {
	acc      function.Accumulator
	spec     physical.AggCall
	exprs    []expr.Expr
	args     []int
	filter   int  // position, -1 = none
	follows  bool // the accumulator reports an earlier call's states
	fused    bool // it is one of the operator's fusedCalls
	keys     []int
	kept     []int // keys and args
	orders   []vector.KeyOrder
	merge    bool
	distinct *groupTable // of (group, arguments)
	ordered  *rowSet     // (group, order keys, arguments) until the input ends
	own      bool        // it is one with DISTINCT or ORDER BY, which keep rows
	in       []*vector.Vector
	sel      []int32
	groups   []int32
	flat     []*vector.Vector
}

// newAggCall prepares a call whose expressions will be results at, at+1, …;
// state is the input position of its first state column in phases that read states.
func newAggCall(a *aggregateOp, c physical.AggCall, at, state int) *aggCall {
	call := &aggCall{acc: c.Func.New(c.ArgTypes), spec: c, filter: -1, merge: a.node.Phase.ReadsStates()}
	if call.merge {
		for i, t := range c.Func.State(c.ArgTypes) {
			call.exprs = append(call.exprs, &expr.Input{Index: state + i, Typ: t})
			call.args = append(call.args, at+i)
		}
		call.init()
		return call
	}
	for _, e := range c.Args {
		call.args = append(call.args, at+len(call.exprs))
		call.exprs = append(call.exprs, onlyWhere(c.Filter, e))
	}
	if c.Filter != nil {
		call.filter = at + len(call.exprs)
		call.exprs = append(call.exprs, c.Filter)
	}
	for _, o := range c.OrderBy {
		call.keys = append(call.keys, at+len(call.exprs))
		call.orders = append(call.orders, vector.KeyOrder{Desc: o.Desc, NullsFirst: o.NullsFirst})
		call.exprs = append(call.exprs, o.Expr)
	}
	if c.Distinct && !c.Func.IgnoresDuplicates && len(c.Args) > 0 {
		call.distinct = newGroupTable(call.rowTypes(false))
	}
	if len(call.keys) > 0 {
		call.ordered = newRowSet(call.rowTypes(true))
	}
	call.own = call.distinct != nil || call.ordered != nil
	call.init()
	for _, lead := range a.calls {
		if call.follow(lead) {
			break
		}
	}
	return call
}

// onlyWhere computes an argument that may fail only where FILTER lets the row pass.
func onlyWhere(filter, arg expr.Expr) expr.Expr {
	if filter == nil || !expr.Fallible(arg) {
		return arg
	}
	none := &expr.Literal{Value: value.NullOf(arg.Type())}
	return &expr.Case{Whens: []expr.When{{Cond: filter, Result: arg}}, Else: none, Typ: arg.Type()}
}

// rowTypes are the columns of the rows that the call keeps itself: the group's
// number, order keys, arguments.
func (c *aggCall) rowTypes(keys bool) []types.Type {
	ts := []types.Type{types.Of(types.Int4)}
	if keys {
		for _, o := range c.spec.OrderBy {
			ts = append(ts, o.Expr.Type())
		}
	}
	for _, e := range c.spec.Args {
		ts = append(ts, e.Type())
	}
	return ts
}

// follow lets the call report the states of an earlier one over the same rows.
func (c *aggCall) follow(lead *aggCall) bool {
	f, ok := c.acc.(function.Follower)
	if !ok || lead.follows || len(c.exprs) != len(lead.exprs) || len(c.args) != len(lead.args) ||
		c.own || lead.own {
		return false
	}
	for i, e := range c.exprs {
		if !expr.Equal(e, lead.exprs[i]) {
			return false
		}
	}
	c.follows = f.Follow(lead.acc)
	return c.follows
}

// grow makes room for n groups.
func (c *aggCall) grow(n int) {
	if !c.follows {
		c.acc.Grow(n)
	}
}

func (c *aggCall) init() {
	c.in = make([]*vector.Vector, len(c.args))
	c.flat = make([]*vector.Vector, len(c.args))
	c.kept = append(append([]int{}, c.keys...), c.args...)
}

func (c *aggCall) bytes() int64 {
	n := c.acc.Bytes()
	if c.distinct != nil {
		n += c.distinct.Bytes()
	}
	if c.ordered != nil {
		n += c.ordered.bytes()
	}
	return n
}

// update folds the rows of sel in; groups[k] belongs to the k-th of them.
func (c *aggCall) update(a *aggregateOp, groups []int32, cols []*vector.Vector, sel []int32, n int) error {
	if c.follows {
		return nil
	}
	if c.filter >= 0 {
		sel, groups = c.applyFilter(cols[c.filter], groups, sel, n)
		if len(sel) == 0 {
			return nil
		}
	}
	for i, p := range c.args {
		c.in[i] = cols[p]
	}
	if c.distinct != nil {
		var err error
		if sel, groups, err = c.newRows(groups, sel, n); err != nil || len(sel) == 0 {
			return err
		}
	}
	if c.ordered != nil {
		return c.collect(groups, cols, sel, n)
	}
	return c.foldIn(a, groups, sel, n)
}

func (c *aggCall) foldIn(a *aggregateOp, groups, sel []int32, n int) error {
	_, any := c.acc.(function.AnyEncoding)
	for i, v := range c.in {
		c.flat[i] = v
		if any {
			continue
		}
		if v.Enc == vector.Dict || c.merge && v.Enc != vector.Flat { // states are read side by side
			c.flat[i] = vector.Flatten(v)
		}
	}
	if c.merge {
		return c.acc.Merge(a.env.Context, groups, c.flat, sel, n)
	}
	return c.acc.Update(a.env.Context, groups, c.flat, sel, n)
}

// applyFilter keeps the rows for which FILTER is true.
func (c *aggCall) applyFilter(f *vector.Vector, groups, sel []int32, n int) ([]int32, []int32) {
	c.sel, c.groups = c.sel[:0], c.groups[:0]
	if sel != nil {
		n = len(sel)
	}
	data := f.Base().Data
	for k := 0; k < n; k++ {
		i := k
		if sel != nil {
			i = int(sel[k])
		}
		if !f.IsNull(i) && data[f.Index(i)] != 0 {
			c.sel = append(c.sel, int32(i))
			if groups != nil {
				c.groups = append(c.groups, groups[k])
			}
		}
	}
	if groups == nil {
		return c.sel, nil
	}
	return c.sel, c.groups
}

// newRows keeps the rows whose arguments are new to their group.
func (c *aggCall) newRows(groups, sel []int32, n int) (newSel, newGroups []int32, err error) {
	if sel != nil {
		n = len(sel)
	}
	// The group numbers as a column over the same physical rows.
	rows := n
	for _, i := range sel {
		rows = max(rows, int(i)+1)
	}
	byRow := make([]int32, rows)
	for k := range groups {
		i := int32(k)
		if sel != nil {
			i = sel[k]
		}
		byRow[i] = groups[k]
	}
	cols := append([]*vector.Vector{vector.FromSlice(types.Of(types.Int4), byRow)}, c.in...)
	fresh, err := c.distinct.Assign(cols, sel, n, make([]int32, n))
	if err != nil {
		return nil, nil, err
	}
	if groups == nil {
		return fresh, nil, nil
	}
	out := make([]int32, len(fresh))
	for k, i := range fresh {
		out[k] = byRow[i]
	}
	return fresh, out, nil
}

// collect keeps rows for the end of the input.
func (c *aggCall) collect(groups []int32, cols []*vector.Vector, sel []int32, n int) error {
	if sel != nil {
		n = len(sel)
	}
	return c.keep(groups, emitColumns(cols, c.kept), sel, n)
}

// keep adds rows to the ordered ones, given their order keys and arguments.
func (c *aggCall) keep(groups []int32, cols []*vector.Vector, sel []int32, n int) error {
	if groups == nil {
		groups = make([]int32, n)
	}
	row := c.ordered.cols
	if err := row[0].Append(vector.FromSlice(types.Of(types.Int4), groups), nil, n); err != nil {
		return err
	}
	for i, v := range cols {
		if err := row[i+1].Append(v, sel, n); err != nil {
			return err
		}
	}
	c.ordered.rows += n
	return nil
}

// orderedRowBytes is what sorting needs for a row, about.
const orderedRowBytes = 64

// finish folds the collected rows in, each group's in its order.
func (c *aggCall) finish(a *aggregateOp) error {
	if c.ordered == nil || c.ordered.rows == 0 {
		return nil
	}
	cols := c.ordered.view()
	n := c.ordered.rows
	if err := a.hold(max(a.held, a.bytes()+a.spillBytes()+c.ordered.bytes()/2+int64(n)*orderedRowBytes)); err != nil {
		return err
	}
	orders := append([]vector.KeyOrder{{}}, c.orders...)
	order, err := sortRows(cols[:1+len(c.keys)], orders, n)
	if err != nil {
		return err
	}
	all := vector.Values[int32](cols[0])
	for from := 0; from < n; from += a.size {
		part := order[from:min(from+a.size, n)]
		groups := make([]int32, len(part))
		for k, i := range part {
			groups[k] = all[i]
		}
		for i := range c.args {
			c.in[i] = vector.Take(cols[1+len(c.keys)+i], part)
		}
		if err := c.foldIn(a, groups, nil, len(part)); err != nil {
			return err
		}
	}
	c.ordered = newRowSet(c.rowTypes(true))
	return nil
}
