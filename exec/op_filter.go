package exec

import (
	"context"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// filterOp narrows the selection of its input's batches; it copies nothing.
type filterOp struct {
	base
	in    Operator
	preds *conjuncts
}

func newFilter(b *builder, n *physical.Filter, in Operator) (Operator, error) {
	p, err := compileFilter(b.env, n.Preds, fieldTypes(n.Input.Info().Out))
	return &filterOp{base: newBase(b.env, n, "Filter"), in: in, preds: p}, err
}

func (f *filterOp) Open(ctx context.Context) error { return f.in.Open(ctx) }

func (f *filterOp) Next(ctx context.Context) (*vector.Batch, error) {
	b, err := f.in.Next(ctx)
	if err != nil {
		return nil, err
	}
	return applyFilter(f.preds, b)
}

// applyFilter narrows a batch to the rows that pass.
func applyFilter(p *conjuncts, b *vector.Batch) (*vector.Batch, error) {
	sel, all, err := p.Select(b)
	if err != nil || all {
		return b, err
	}
	if sel == nil {
		sel = []int32{}
	}
	return &vector.Batch{Rows: b.Rows, Sel: sel, Cols: b.Cols}, nil
}

func (f *filterOp) Close() error {
	f.release()
	return f.in.Close()
}

// projectOp computes expressions over its input's batches, for selected rows.
type projectOp struct {
	base
	in    Operator
	exprs *program
}

func newProject(b *builder, n *physical.Project, in Operator) (Operator, error) {
	p, err := compile(b.env, n.Exprs, fieldTypes(n.Input.Info().Out))
	return &projectOp{base: newBase(b.env, n, "Project"), in: in, exprs: p}, err
}

func (p *projectOp) Open(ctx context.Context) error { return p.in.Open(ctx) }

func (p *projectOp) Next(ctx context.Context) (*vector.Batch, error) {
	b, err := p.in.Next(ctx)
	if err != nil {
		return nil, err
	}
	cols, err := p.exprs.Eval(b)
	if err != nil {
		return nil, err
	}
	return &vector.Batch{Rows: b.Rows, Sel: b.Sel, Cols: cols}, nil
}

func (p *projectOp) Close() error {
	p.release()
	return p.in.Close()
}

// inputTypes are the column types of an input.
func inputTypes(n physical.Node) []types.Type { return fieldTypes(n.Info().Out) }
