package physical

import (
	"fmt"
	"math"
	"strings"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// Filter keeps the rows that pass all conjuncts.
type Filter struct {
	Base
	Input Node
	Preds []expr.Expr
}

// Project computes its expressions.
type Project struct {
	Base
	Input Node
	Exprs []expr.Expr
}

// Phase is an aggregation's place in two-phase aggregation.
type Phase uint8

// The phases. Partial outputs the group columns and each call's state columns
// (function.Agg.State, in call order); Final reads such rows (Groups are then the inputs at
// positions 0..len(Groups)-1 and the states follow); Complete does both. Merge reads
// such rows and outputs such rows.
const (
	Complete Phase = iota
	Partial
	Final
	Merge
)

var phaseNames = [...]string{"", "Partial ", "Final ", "Merge "}

// ReadsStates reports that the input is groups and states.
func (p Phase) ReadsStates() bool { return p == Final || p == Merge }

// GivesStates reports that the output is groups and states, not results.
func (p Phase) GivesStates() bool { return p == Partial || p == Merge }

// AggCall is one aggregate call. ArgTypes are the types of the original
// arguments, in all phases; Args, Filter and OrderBy are not used by phases that read states.
type AggCall struct {
	Func     *function.Agg
	ArgTypes []types.Type
	Args     []expr.Expr
	Distinct bool // Complete only
	Filter   expr.Expr
	OrderBy  []OrderExpr // Complete only
	Result   types.Type
}

// OrderExpr orders by an expression over the input.
type OrderExpr struct {
	Expr       expr.Expr
	Desc       bool
	NullsFirst bool
}

// HashAggregate groups its input. Output: groups, then results (or states).
// With Sets, each input row counts once per grouping set and a last column gives the set's
// number (int8); groups not in a set are NULL. Without groups it yields exactly one row per
// task in phases Complete and Final, and in Partial too.
type HashAggregate struct {
	Base
	Input  Node
	Phase  Phase
	Groups []expr.Expr
	Calls  []AggCall
	Sets   [][]int
}

// Sort orders its task's input.
type Sort struct {
	Base
	Input Node
	Keys  []SortKey
}

// TopN yields the Count rows after Offset in key order.
type TopN struct {
	Base
	Input         Node
	Keys          []SortKey
	Count, Offset int64
}

// Limit passes Count rows (-1 = all) after skipping Offset. With Ties (its
// input is sorted by Ties) it also passes the last row's peers.
type Limit struct {
	Base
	Input         Node
	Count, Offset int64
	WithTies      bool
	Ties          []SortKey
}

// WindowCall is one window function: Func or Agg.
type WindowCall struct {
	Func     *function.Window
	Agg      *function.Agg
	ArgTypes []types.Type
	Args     []expr.Expr
	Filter   expr.Expr
	Frame    logical.Frame // bound offsets are literals
	Result   types.Type
}

// Window computes window functions over its input, which it sorts itself by
// Partition, Order and More (columns of the input), unless it is Sorted by Partition and Order already.
// Output: input columns, then results.
type Window struct {
	Base
	Input     Node
	Partition []int
	Order     []SortKey
	Calls     []WindowCall
	Sorted    bool
	More      []SortKey // what an operator above wants rows with equal keys sorted by
}

// SortKeys are the keys that the input is sorted by.
func (n *Window) SortKeys() []SortKey {
	out := make([]SortKey, 0, len(n.Partition)+len(n.Order)+len(n.More))
	for _, c := range n.Partition {
		out = append(out, SortKey{Column: c})
	}
	return append(append(out, n.Order...), n.More...)
}

// TableFunc calls a set-returning function per input row. Output: input
// columns, then the function's columns (then the ordinality).
type TableFunc struct {
	Base
	Input          Node
	Func           *function.Table
	Args           []expr.Expr
	WithOrdinality bool
	Outer          bool
}

// Union concatenates its inputs, which have the same column types.
type Union struct {
	Base
	Inputs []Node
}

func (n *Filter) Children() []Node        { return []Node{n.Input} }
func (n *Project) Children() []Node       { return []Node{n.Input} }
func (n *HashAggregate) Children() []Node { return []Node{n.Input} }
func (n *Sort) Children() []Node          { return []Node{n.Input} }
func (n *TopN) Children() []Node          { return []Node{n.Input} }
func (n *Limit) Children() []Node         { return []Node{n.Input} }
func (n *Window) Children() []Node        { return []Node{n.Input} }
func (n *TableFunc) Children() []Node     { return []Node{n.Input} }
func (n *Union) Children() []Node         { return n.Inputs }

func (n *Filter) String() string { return "Filter " + expr.FormatAnd(n.Preds) }

func (n *Project) String() string {
	s := make([]string, 0, len(n.Exprs))
	for i, e := range n.Exprs {
		x := e.String()
		if x != n.Out[i].Name {
			x += " AS " + n.Out[i].Name
		}
		s = append(s, x)
	}
	return "Project " + strings.Join(s, ", ")
}

// Format prints the call as in SQL.
func (c AggCall) Format() string {
	args := exprs(c.Args, ", ")
	if len(c.ArgTypes) == 0 {
		args = "*"
	}
	if c.Distinct {
		args = "DISTINCT " + args
	}
	for i, k := range c.OrderBy {
		sep := ", "
		if i == 0 {
			sep = " ORDER BY "
		}
		args += sep + k.Expr.String()
		if k.Desc {
			args += " DESC"
		}
	}
	s := c.Func.Name + "(" + args + ")"
	if c.Filter != nil {
		s += " FILTER (" + c.Filter.String() + ")"
	}
	return s
}

func (n *HashAggregate) String() string {
	calls := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = c.Format()
		if n.Phase.ReadsStates() {
			calls[i] = c.Func.Name
		}
		if n.Phase == Final {
			if name := n.Out[len(n.Groups)+i].Name; name != c.Func.Name {
				calls[i] += " AS " + name
			}
		}
	}
	s := phaseNames[n.Phase] + "Aggregate"
	if len(calls) == 0 {
		s = phaseNames[n.Phase] + "Distinct"
	} else {
		s += " " + strings.Join(calls, ", ")
	}
	if len(n.Groups) > 0 {
		s += " by " + exprs(n.Groups, ", ")
	}
	if n.Sets != nil {
		s += fmt.Sprintf(" sets %v", n.Sets)
	}
	return s
}

func (n *Sort) String() string { return "Sort " + keys(n.Keys, n.Out) }

func (n *TopN) String() string {
	s := fmt.Sprintf("TopN %d by %s", n.Count, keys(n.Keys, n.Out))
	if n.Offset > 0 {
		s += fmt.Sprintf(" offset %d", n.Offset)
	}
	return s
}

func (n *Limit) String() string {
	s := "Limit"
	if n.Count >= 0 && n.Count < math.MaxInt64 {
		s += fmt.Sprintf(" %d", n.Count)
	}
	if n.Offset > 0 {
		s += fmt.Sprintf(" offset %d", n.Offset)
	}
	if n.WithTies {
		s += " with ties"
	}
	return s
}

func (n *Window) String() string {
	calls := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		name := ""
		if c.Func != nil {
			name = c.Func.Name
		} else {
			name = c.Agg.Name
		}
		calls[i] = name + "(" + exprs(c.Args, ", ") + ")"
	}
	s := "Window " + strings.Join(calls, ", ")
	if len(n.Partition) > 0 {
		names := make([]string, len(n.Partition))
		for i, c := range n.Partition {
			names[i] = n.Out[c].Name
		}
		s += " partition by " + strings.Join(names, ", ")
	}
	if len(n.Order) > 0 {
		s += " order by " + keys(n.Order, n.Out)
	}
	if n.Sorted {
		s += " (sorted)"
	}
	if len(n.More) > 0 {
		s += " sorting also by " + keys(n.More, n.Out)
	}
	return s
}

func (n *TableFunc) String() string {
	return fmt.Sprintf("TableFunction %s(%s)", n.Func.Name, exprs(n.Args, ", "))
}

func (n *Union) String() string { return "Union All" }
