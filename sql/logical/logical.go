// Package logical holds what a query means: an immutable tree of relational
// nodes over columns that carry IDs.
package logical

import (
	"strings"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
)

// Column is a column of a node's output.
type Column struct {
	ID    expr.ColumnID
	Field types.Field
}

// Ref returns an expression that refers to the column.
func (c Column) Ref() *expr.Column {
	return &expr.Column{ID: c.ID, Name: c.Field.Name, Typ: c.Field.Type}
}

// Node is a relational operator. Nodes are immutable.
type Node interface {
	Schema() []Column
	Children() []Node
	WithChildren([]Node) Node
	// Exprs lists the node's own expressions in a fixed order; WithExprs puts others in
	// their places (same number, same types).
	Exprs() []expr.Expr
	WithExprs([]expr.Expr) Node
	String() string // one line, for EXPLAIN
	isNode()
}

// IDs hands out column IDs; one per query.
type IDs struct{ last expr.ColumnID }

// Next returns a new ID.
func (g *IDs) Next() expr.ColumnID { g.last++; return g.last }

// NewColumn returns a column with a new ID.
func (g *IDs) NewColumn(name string, t types.Type, nullable bool) Column {
	return Column{g.Next(), types.Field{Name: name, Type: t, Nullable: nullable}}
}

// Columns returns the set of a node's output columns.
func Columns(n Node) expr.ColumnSet {
	s := expr.ColumnSet{}
	for _, c := range n.Schema() {
		s.Add(c.ID)
	}
	return s
}

// AppendChildren appends n's inputs to a buffer. Walks that have one on their stack
// spare Children's allocation.
func AppendChildren(to []Node, n Node) []Node {
	switch x := n.(type) {
	case *Scan, *Values:
		return to
	case *Project:
		return append(to, x.Input)
	case *Filter:
		return append(to, x.Input)
	case *Aggregate:
		return append(to, x.Input)
	case *Join:
		return append(to, x.L, x.R)
	}
	return append(to, n.Children()...)
}

// Transform rewrites a plan bottom-up, sharing what does not change.
func Transform(n Node, f func(Node) Node) Node {
	kids := n.Children()
	var changed []Node
	for i, k := range kids {
		x := Transform(k, f)
		if x != k && changed == nil {
			changed = append([]Node(nil), kids...)
		}
		if changed != nil {
			changed[i] = x
		}
	}
	if changed != nil {
		n = n.WithChildren(changed)
	}
	return f(n)
}

// Walk visits a plan top-down; f returns false to skip a node's children.
func Walk(n Node, f func(Node) bool) {
	if !f(n) {
		return
	}
	var buf [2]Node
	for _, c := range AppendChildren(buf[:0], n) {
		Walk(c, f)
	}
}

// Format prints a plan as an indented tree, one line a node.
func Format(n Node) string {
	var b strings.Builder
	var walk func(Node, int)
	walk = func(n Node, depth int) {
		b.WriteString(strings.Repeat("  ", depth))
		b.WriteString(n.String())
		b.WriteByte('\n')
		for _, c := range n.Children() {
			walk(c, depth+1)
		}
	}
	walk(n, 0)
	return b.String()
}

func columnNames(cols []Column) string {
	s := make([]string, len(cols))
	for i, c := range cols {
		s[i] = c.Field.Name
	}
	return strings.Join(s, ", ")
}

func exprList(es []expr.Expr, sep string) string {
	s := make([]string, len(es))
	for i, e := range es {
		s[i] = e.String()
	}
	return strings.Join(s, sep)
}
