package logical

import (
	"fmt"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
)

// Scan reads a table. Cols[i] is the table's column at position Ordinals[i].
// Filters are conjuncts over Cols that were pushed into the scan: it returns
// only rows that pass all of them. Cols may be pruned to those needed above
// or by Filters.
type Scan struct {
	Catalog, SchemaName, Name, Alias string
	Table                            catalog.Table
	Cols                             []Column
	Ordinals                         []int
	Filters                          []expr.Expr
	Limit                            int64 // rows that suffice (after Filters), -1 = all
}

// Values is a list of rows of expressions without column references. No rows
// and any columns is the empty relation; one row of no columns is "no FROM".
type Values struct {
	Cols []Column
	Rows [][]expr.Expr
}

// TableFunc calls a set-returning function for each row of Input; its output
// is Input's columns followed by Cols (with WithOrdinality, the last of Cols is
// the bigint row number). Leaf calls have a one-row Values as Input. Outer
// keeps input rows for which the function returns no row (LEFT JOIN LATERAL … ON true).
type TableFunc struct {
	Input          Node
	Func           *function.Table
	Args           []expr.Expr // over Input's columns
	Cols           []Column
	WithOrdinality bool
	Outer          bool
}

// Reuse names a subplan that is computed once and read by every Reuse with the
// same ID (a CTE with several references, a common subplan). Cols[i] stands for
// Input.Schema()[i]; every Reuse has columns of its own.
type Reuse struct {
	ID    int
	Name  string // the CTE's name, or ""
	Input Node   // the same *pointer* semantics: equal in all Reuse nodes of one ID
	Cols  []Column
}

func (*Scan) isNode()      {}
func (*Values) isNode()    {}
func (*TableFunc) isNode() {}
func (*Reuse) isNode()     {}

func (n *Scan) Schema() []Column   { return n.Cols }
func (n *Values) Schema() []Column { return n.Cols }
func (n *TableFunc) Schema() []Column {
	return append(append([]Column(nil), n.Input.Schema()...), n.Cols...)
}
func (n *Reuse) Schema() []Column { return n.Cols }

func (n *Scan) Children() []Node      { return nil }
func (n *Values) Children() []Node    { return nil }
func (n *TableFunc) Children() []Node { return []Node{n.Input} }
func (n *Reuse) Children() []Node     { return []Node{n.Input} }

func (n *Scan) WithChildren([]Node) Node        { return n }
func (n *Values) WithChildren([]Node) Node      { return n }
func (n *TableFunc) WithChildren(c []Node) Node { x := *n; x.Input = c[0]; return &x }
func (n *Reuse) WithChildren(c []Node) Node     { x := *n; x.Input = c[0]; return &x }

func (n *Scan) Exprs() []expr.Expr      { return n.Filters }
func (n *TableFunc) Exprs() []expr.Expr { return n.Args }
func (n *Reuse) Exprs() []expr.Expr     { return nil }

// Exprs of Values are all cells, row by row.
func (n *Values) Exprs() []expr.Expr {
	var out []expr.Expr
	for _, r := range n.Rows {
		out = append(out, r...)
	}
	return out
}

func (n *Scan) WithExprs(e []expr.Expr) Node      { x := *n; x.Filters = e; return &x }
func (n *TableFunc) WithExprs(e []expr.Expr) Node { x := *n; x.Args = e; return &x }
func (n *Reuse) WithExprs([]expr.Expr) Node       { return n }

// WithExprs of Values takes all cells, row by row.
func (n *Values) WithExprs(e []expr.Expr) Node {
	x := *n
	x.Rows = make([][]expr.Expr, len(n.Rows))
	for i, r := range n.Rows {
		x.Rows[i], e = e[:len(r):len(r)], e[len(r):]
	}
	return &x
}

func (n *Scan) String() string {
	s := "Scan " + n.Catalog + "." + n.SchemaName + "." + n.Name
	if n.Alias != "" && n.Alias != n.Name {
		s += " " + n.Alias
	}
	s += " [" + columnNames(n.Cols) + "]"
	if len(n.Filters) > 0 {
		s += " where " + expr.FormatAnd(n.Filters)
	}
	if n.Limit >= 0 {
		s += fmt.Sprintf(" limit %d", n.Limit)
	}
	return s
}

func (n *Values) String() string {
	rows := "rows"
	if len(n.Rows) == 1 {
		rows = "row"
	}
	return fmt.Sprintf("Values %d %s [%s]", len(n.Rows), rows, columnNames(n.Cols))
}

func (n *TableFunc) String() string {
	return fmt.Sprintf("TableFunction %s(%s) [%s]", n.Func.Name, exprList(n.Args, ", "), columnNames(n.Cols))
}

func (n *Reuse) String() string { return fmt.Sprintf("Reuse #%d %s", n.ID, n.Name) }
