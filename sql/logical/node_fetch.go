package logical

import (
	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/expr"
)

// Fetch reads further columns of a table's rows that its input has read before: Locator is
// the input's column with what a Scan gave as the rows' catalog.Locator. Its output is the input's columns
// followed by Cols; Cols[i] is the table's column at position Ordinals[i].
type Fetch struct {
	Input                            Node
	Catalog, SchemaName, Name, Alias string
	Table                            catalog.Table
	Locator                          expr.Expr
	Cols                             []Column
	Ordinals                         []int
}

func (*Fetch) isNode() {}

// Schema of a Fetch: the input's columns, then those fetched.
func (n *Fetch) Schema() []Column {
	return append(append([]Column(nil), n.Input.Schema()...), n.Cols...)
}

func (n *Fetch) Children() []Node             { return []Node{n.Input} }
func (n *Fetch) WithChildren(c []Node) Node   { x := *n; x.Input = c[0]; return &x }
func (n *Fetch) Exprs() []expr.Expr           { return []expr.Expr{n.Locator} }
func (n *Fetch) WithExprs(e []expr.Expr) Node { x := *n; x.Locator = e[0]; return &x }

func (n *Fetch) String() string {
	s := "Fetch " + n.Catalog + "." + n.SchemaName + "." + n.Name
	if n.Alias != "" && n.Alias != n.Name {
		s += " " + n.Alias
	}
	return s + " [" + columnNames(n.Cols) + "]"
}
