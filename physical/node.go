package physical

import (
	"strings"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// Node is a physical operator. Expressions in it refer to input columns by
// position (expr.Input); a join's residuals refer to the left columns, then the right ones.
type Node interface {
	Info() *Base
	Children() []Node
	String() string // one line, for EXPLAIN
	isNode()
}

// Base is what every operator has.
type Base struct {
	ID   OpID
	Out  []types.Field // output columns
	Rows float64       // estimated output rows of the whole stage, -1 = unknown
}

// Info returns b itself.
func (b *Base) Info() *Base { return b }
func (*Base) isNode()       {}

// SortKey orders by an output column.
type SortKey struct {
	Column     int
	Desc       bool
	NullsFirst bool
}

// Walk visits a stage's operators top-down.
func Walk(n Node, f func(Node)) {
	f(n)
	for _, c := range n.Children() {
		Walk(c, f)
	}
}

func exprs(es []expr.Expr, sep string) string {
	s := make([]string, len(es))
	for i, e := range es {
		s[i] = e.String()
	}
	return strings.Join(s, sep)
}

func keys(ks []SortKey, fields []types.Field) string {
	s := make([]string, len(ks))
	for i, k := range ks {
		s[i] = fields[k.Column].Name
		if k.Desc {
			s[i] += " desc"
		}
		switch {
		case k.NullsFirst && !k.Desc:
			s[i] += " nulls first"
		case !k.NullsFirst && k.Desc:
			s[i] += " nulls last"
		}
	}
	return strings.Join(s, ", ")
}

// JoinKind is the logical package's; Mark, Single and the rest mean the same.
type JoinKind = logical.JoinKind
