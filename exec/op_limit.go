package exec

import (
	"context"
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
)

// limitOp passes a range of rows and then stops asking its input.
type limitOp struct {
	base
	in     Operator
	skip   int64
	left   int64  // -1 = no limit
	ties   []int  // key columns, if peers of the last row pass too
	last   []byte // key of the last row, once the limit is reached
	keys   vector.RowKeys
	ending bool
	done   bool
}

func newLimit(b *builder, n *physical.Limit, in Operator) Operator {
	l := &limitOp{base: newBase(b.env, n, "Limit"), in: in, skip: n.Offset, left: n.Count}
	if n.WithTies {
		l.ties = make([]int, len(n.Ties))
		for i, k := range n.Ties {
			l.ties[i] = k.Column
		}
	}
	return l
}

func (l *limitOp) Open(ctx context.Context) error {
	if l.left == 0 {
		l.done = true
		return nil
	}
	if err := l.in.Open(ctx); err != nil {
		return err
	}
	if s, ok := l.in.(rowSkipper); ok && l.skip > 0 && s.skipRows(l.skip) {
		l.skip = 0
	}
	return nil
}

func (l *limitOp) Next(ctx context.Context) (*vector.Batch, error) {
	for !l.done {
		b, err := l.in.Next(ctx)
		if err != nil {
			return nil, err
		}
		n := int64(b.Count())
		if l.skip >= n {
			l.skip -= n
			continue
		}
		if l.ending {
			return l.peers(b, 0)
		}
		from := int(l.skip)
		l.skip = 0
		if l.left < 0 || l.left > n-int64(from) {
			if l.left >= 0 {
				l.left -= n - int64(from)
			}
			return cut(b, from, int(n)), nil
		}
		to := from + int(l.left)
		l.left = 0
		if l.ties == nil {
			l.done = true
			return cut(b, from, to), nil
		}
		return l.reach(b, from, to)
	}
	return nil, io.EOF
}

// reach ends at row to of b, or at the last of its peers.
func (l *limitOp) reach(b *vector.Batch, from, to int) (*vector.Batch, error) {
	if err := l.encode(b); err != nil {
		return nil, err
	}
	l.last = append([]byte(nil), l.keys.Row(to-1)...)
	l.ending = true
	n := b.Count()
	for to < n && string(l.keys.Row(to)) == string(l.last) {
		to++
	}
	l.done = to < n
	return cut(b, from, to), nil
}

// peers passes the rows at the front of b that equal the last row.
func (l *limitOp) peers(b *vector.Batch, to int) (*vector.Batch, error) {
	if err := l.encode(b); err != nil {
		return nil, err
	}
	n := b.Count()
	for to < n && string(l.keys.Row(to)) == string(l.last) {
		to++
	}
	l.done = to < n
	return cut(b, 0, to), nil
}

func (l *limitOp) encode(b *vector.Batch) error {
	return l.keys.Encode(emitColumns(b.Cols, l.ties), b.Sel, b.Rows)
}

// cut returns the selected rows [from, to) of b without copying.
func cut(b *vector.Batch, from, to int) *vector.Batch {
	if from == 0 && to == b.Count() {
		return b
	}
	sel := b.Sel
	if sel == nil {
		sel = rowNumbers(from, to)
	} else {
		sel = sel[from:to:to]
	}
	return &vector.Batch{Rows: b.Rows, Sel: sel, Cols: b.Cols}
}

func (l *limitOp) Close() error { return l.in.Close() }
