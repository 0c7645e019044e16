package logical

import (
	"fmt"
	"strings"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
)

// AggCall is one aggregate call.
type AggCall struct {
	Col      Column // the result
	Func     *function.Agg
	Args     []expr.Expr
	Distinct bool
	Filter   expr.Expr // FILTER (WHERE …), nil if none
	OrderBy  []SortKey // ORDER BY within the call
}

// Aggregate groups its input. Its output is the group columns, then the
// aggregates' columns. No groups and no Sets: one output row always. No Aggs:
// DISTINCT. Sets, if not nil, are grouping sets: each lists positions in Groups; groups not
// in a set are NULL in its rows, and GroupingID (if its ID is not 0) is an extra last output
// column (int8): the number of the set.
type Aggregate struct {
	Input      Node
	Groups     []Item
	Aggs       []AggCall
	Sets       [][]int
	GroupingID Column
}

// FrameMode is ROWS, RANGE or GROUPS.
type FrameMode uint8

// The frame modes.
const (
	Range FrameMode = iota
	Rows
	Groups
)

// BoundKind is the kind of a frame bound.
type BoundKind uint8

// The frame bounds in their order.
const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// Bound is one end of a frame. Offset is a constant expression for Preceding and Following.
type Bound struct {
	Kind   BoundKind
	Offset expr.Expr
}

// Frame is a window frame; PostgreSQL's default is RANGE UNBOUNDED PRECEDING.
type Frame struct {
	Mode       FrameMode
	Start, End Bound
}

// WindowCall is one window function call: either Func or Agg is set.
type WindowCall struct {
	Col    Column
	Func   *function.Window
	Agg    *function.Agg
	Args   []expr.Expr
	Filter expr.Expr
	Frame  Frame
}

// Window computes window functions that share one partitioning and order; its
// output is the input's columns followed by the calls' columns.
type Window struct {
	Input       Node
	PartitionBy []expr.Expr
	OrderBy     []SortKey
	Calls       []WindowCall
}

// Union concatenates its inputs (UNION ALL); output column i stands for column
// i of every input, and the types agree. The other set operations are written with Union, Aggregate,
// Window and Join by the analyzer.
type Union struct {
	Inputs []Node
	Cols   []Column
}

func (*Aggregate) isNode() {}
func (*Window) isNode()    {}
func (*Union) isNode()     {}

// Schema of an Aggregate: groups, aggregates, grouping id.
func (n *Aggregate) Schema() []Column {
	out := make([]Column, 0, len(n.Groups)+len(n.Aggs)+1)
	for _, g := range n.Groups {
		c := g.Col
		if n.Sets != nil {
			c.Field.Nullable = true
		}
		out = append(out, c)
	}
	for _, a := range n.Aggs {
		out = append(out, a.Col)
	}
	if n.GroupingID.ID != 0 {
		out = append(out, n.GroupingID)
	}
	return out
}

// Schema of a Window: the input's columns, then the calls'.
func (n *Window) Schema() []Column {
	out := append([]Column(nil), n.Input.Schema()...)
	for _, c := range n.Calls {
		out = append(out, c.Col)
	}
	return out
}

func (n *Union) Schema() []Column { return n.Cols }

func (n *Aggregate) Children() []Node { return []Node{n.Input} }
func (n *Window) Children() []Node    { return []Node{n.Input} }
func (n *Union) Children() []Node     { return n.Inputs }

func (n *Aggregate) WithChildren(c []Node) Node { x := *n; x.Input = c[0]; return &x }
func (n *Window) WithChildren(c []Node) Node    { x := *n; x.Input = c[0]; return &x }
func (n *Union) WithChildren(c []Node) Node     { x := *n; x.Inputs = c; return &x }

// Exprs of an Aggregate: groups, then per call its arguments, filter and order keys.
func (n *Aggregate) Exprs() []expr.Expr {
	out := itemExprs(n.Groups)
	for _, a := range n.Aggs {
		out = append(out, a.Args...)
		if a.Filter != nil {
			out = append(out, a.Filter)
		}
		out = append(out, keyExprs(a.OrderBy)...)
	}
	return out
}

// WithExprs takes what Exprs gives.
func (n *Aggregate) WithExprs(e []expr.Expr) Node {
	x := *n
	x.Groups, e = withItemExprs(n.Groups, e[:len(n.Groups)]), e[len(n.Groups):]
	x.Aggs = make([]AggCall, len(n.Aggs))
	for i, a := range n.Aggs {
		a.Args, e = e[:len(a.Args):len(a.Args)], e[len(a.Args):]
		if a.Filter != nil {
			a.Filter, e = e[0], e[1:]
		}
		a.OrderBy, e = withKeyExprs(a.OrderBy, e[:len(a.OrderBy)]), e[len(a.OrderBy):]
		x.Aggs[i] = a
	}
	return &x
}

// Exprs of a Window: partition keys, order keys, then per call its arguments and filter.
func (n *Window) Exprs() []expr.Expr {
	out := append([]expr.Expr(nil), n.PartitionBy...)
	out = append(out, keyExprs(n.OrderBy)...)
	for _, c := range n.Calls {
		out = append(out, c.Args...)
		if c.Filter != nil {
			out = append(out, c.Filter)
		}
	}
	return out
}

// WithExprs takes what Exprs gives.
func (n *Window) WithExprs(e []expr.Expr) Node {
	x := *n
	x.PartitionBy, e = e[:len(n.PartitionBy):len(n.PartitionBy)], e[len(n.PartitionBy):]
	x.OrderBy, e = withKeyExprs(n.OrderBy, e[:len(n.OrderBy)]), e[len(n.OrderBy):]
	x.Calls = make([]WindowCall, len(n.Calls))
	for i, c := range n.Calls {
		c.Args, e = e[:len(c.Args):len(c.Args)], e[len(c.Args):]
		if c.Filter != nil {
			c.Filter, e = e[0], e[1:]
		}
		x.Calls[i] = c
	}
	return &x
}

func (n *Union) Exprs() []expr.Expr         { return nil }
func (n *Union) WithExprs([]expr.Expr) Node { return n }

// FormatCall prints an aggregate call as in SQL.
func (a AggCall) FormatCall() string {
	args := exprList(a.Args, ", ")
	if len(a.Args) == 0 {
		args = "*"
	}
	if a.Distinct {
		args = "DISTINCT " + args
	}
	if len(a.OrderBy) > 0 {
		args += " ORDER BY " + FormatKeys(a.OrderBy)
	}
	s := a.Func.Name + "(" + args + ")"
	if a.Filter != nil {
		s += " FILTER (" + a.Filter.String() + ")"
	}
	return s
}

func (n *Aggregate) String() string {
	var calls []string
	for _, a := range n.Aggs {
		calls = append(calls, a.FormatCall())
	}
	s := "Aggregate " + strings.Join(calls, ", ")
	if len(n.Aggs) == 0 {
		s = "Distinct"
	}
	if len(n.Groups) > 0 {
		s += " by " + exprList(itemExprs(n.Groups), ", ")
	}
	if n.Sets != nil {
		s += fmt.Sprintf(" sets %v", n.Sets)
	}
	return s
}

func (n *Window) String() string {
	var calls []string
	for _, c := range n.Calls {
		name := ""
		if c.Func != nil {
			name = c.Func.Name
		} else {
			name = c.Agg.Name
		}
		calls = append(calls, name+"("+exprList(c.Args, ", ")+")")
	}
	s := "Window " + strings.Join(calls, ", ")
	if len(n.PartitionBy) > 0 {
		s += " partition by " + exprList(n.PartitionBy, ", ")
	}
	if len(n.OrderBy) > 0 {
		s += " order by " + FormatKeys(n.OrderBy)
	}
	return s
}

func (n *Union) String() string { return fmt.Sprintf("Union All [%s]", columnNames(n.Cols)) }
