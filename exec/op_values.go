package exec

import (
	"context"
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
)

// valuesOp yields constant rows, evaluated once over a batch of one row.
type valuesOp struct {
	base
	node *physical.Values
	next int
}

func newValues(b *builder, n *physical.Values) (Operator, error) {
	return &valuesOp{base: newBase(b.env, n, "Values"), node: n}, nil
}

func (v *valuesOp) Open(context.Context) error { return nil }

func (v *valuesOp) Next(context.Context) (*vector.Batch, error) {
	from := v.next
	to := min(from+v.size, len(v.node.Data))
	if from == to {
		return nil, io.EOF
	}
	v.next = to
	rows := newRowSet(fieldTypes(v.node.Out))
	one := &vector.Batch{Rows: 1}
	for _, row := range v.node.Data[from:to] {
		cols, err := evalRow(v.env, row, one)
		if err != nil {
			return nil, err
		}
		if err := rows.add(cols, nil, 1); err != nil {
			return nil, err
		}
	}
	return &vector.Batch{Rows: to - from, Cols: rows.view(), Owned: true}, nil
}

// evalRow evaluates expressions without inputs; literals need no program.
func evalRow(env *Env, row []expr.Expr, one *vector.Batch) ([]*vector.Vector, error) {
	cols := make([]*vector.Vector, len(row))
	for i, e := range row {
		if l, ok := e.(*expr.Literal); ok {
			cols[i] = vector.FromValue(l.Value, 1)
			continue
		}
		p, err := compile(env, []expr.Expr{e}, nil)
		if err != nil {
			return nil, err
		}
		c, err := p.Eval(one)
		if err != nil {
			return nil, err
		}
		cols[i] = c[0]
	}
	return cols, nil
}

func (v *valuesOp) Close() error {
	v.next = len(v.node.Data)
	v.release()
	return nil
}
