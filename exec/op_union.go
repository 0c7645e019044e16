package exec

import (
	"context"
	"errors"
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
)

// unionOp concatenates its inputs, one after the other; each is opened when its
// turn comes and closed when it ends.
type unionOp struct {
	ins  []Operator
	next int
	open bool
}

func newUnion(b *builder, n *physical.Union) (Operator, error) {
	u := &unionOp{}
	for _, c := range n.Inputs {
		in, err := b.build(c)
		if err != nil {
			return nil, err
		}
		u.ins = append(u.ins, in)
	}
	return u, nil
}

func (u *unionOp) Open(context.Context) error { return nil }

func (u *unionOp) Next(ctx context.Context) (*vector.Batch, error) {
	for u.next < len(u.ins) {
		in := u.ins[u.next]
		if !u.open {
			if err := in.Open(ctx); err != nil {
				return nil, err
			}
			u.open = true
		}
		b, err := in.Next(ctx)
		if err != io.EOF {
			return b, err
		}
		if err := in.Close(); err != nil {
			return nil, err
		}
		u.next, u.open = u.next+1, false
	}
	return nil, io.EOF
}

func (u *unionOp) Close() error {
	var err error
	for _, in := range u.ins {
		err = errors.Join(err, in.Close())
	}
	return err
}
