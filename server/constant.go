package server

import (
	"strconv"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// constantCells is the most values that a session answers by itself; they are
// copied outside any memory account.
const constantCells = 256

// constantRows answers a plan whose rows the optimizer has already computed, as
// of SELECT 1 or of a query that can have no rows: without stages and tasks, which would
// take longer than the rest (Spark likewise reads a LocalRelation without a job). It returns nil for all other plans.
func constantRows(n logical.Node, columns []Column) Rows {
	var rows [][]expr.Expr
	switch x := n.(type) {
	case *logical.Values:
		rows = x.Rows
	case *logical.Project:
		if v, ok := x.Input.(*logical.Values); !ok || len(v.Rows) != 1 {
			return nil
		}
		row := make([]expr.Expr, len(x.Items))
		for i := range x.Items {
			row[i] = x.Items[i].Expr
		}
		rows = [][]expr.Expr{row}
	default:
		return nil
	}
	if len(rows)*len(columns) > constantCells {
		return nil
	}
	b := &vector.Batch{Rows: len(rows), Cols: make([]*vector.Vector, len(n.Schema())), Owned: true}
	for i, c := range n.Schema() {
		if b.Cols[i] = constantColumn(rows, i, c); b.Cols[i] == nil {
			return nil
		}
	}
	return &staticRows{columns, b, "SELECT " + strconv.Itoa(len(rows))}
}

// constantColumn makes a vector of column i; nil if a cell is still to be computed.
func constantColumn(rows [][]expr.Expr, i int, c logical.Column) *vector.Vector {
	b := vector.NewBuilder(c.Field.Type, len(rows))
	for _, r := range rows {
		l, ok := r[i].(*expr.Literal)
		if !ok || l.Value.Type != c.Field.Type {
			return nil
		}
		b.Append(l.Value)
	}
	return b.Finish()
}
