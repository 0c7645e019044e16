package exec

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
)

// exchangeOp reads the task's partition of an edge.
type exchangeOp struct {
	base
	node    *physical.ExchangeSource
	clock   *clock
	sources []Source
	merge   *merger
}

func newExchangeSource(b *builder, n *physical.ExchangeSource) (Operator, error) {
	return &exchangeOp{base: newBase(b.env, n, "Exchange"), node: n, clock: b.clock}, nil
}

func (x *exchangeOp) Open(ctx context.Context) error {
	start := time.Now()
	s, err := x.env.Sources.Open(ctx, x.node.Edge, x.node.Out, len(x.node.Merge) > 0)
	wait(x.clock, x.stats, start)
	x.sources = s
	if err == nil && len(x.node.Merge) > 0 && len(s) > 1 {
		x.merge = newMerger(s, x.node, x)
	}
	return err
}

func (x *exchangeOp) Next(ctx context.Context) (*vector.Batch, error) {
	if x.merge != nil {
		return x.merge.next(ctx)
	}
	for len(x.sources) > 0 {
		b, err := x.receive(ctx, x.sources[0])
		if err != io.EOF {
			return b, err
		}
		if err := x.sources[0].Close(); err != nil {
			return nil, err
		}
		x.sources = x.sources[1:]
	}
	return nil, io.EOF
}

func (x *exchangeOp) receive(ctx context.Context, s Source) (*vector.Batch, error) {
	breathe()
	start := time.Now()
	b, err := s.Next(ctx)
	wait(x.clock, x.stats, start)
	return b, err
}

func (x *exchangeOp) Close() error {
	var err error
	for _, s := range x.sources {
		err = errors.Join(err, s.Close())
	}
	x.sources, x.merge = nil, nil
	x.release()
	return err
}

// merger merges sorted streams. Equal rows come out in the order of streams.
type merger struct {
	op      *exchangeOp
	streams []*mergeStream
	heap    []int // stream numbers, least row first
	columns []int
	started bool
}

type mergeStream struct {
	src  Source
	b    *vector.Batch
	keys vector.RowKeys
	row  int
}

func newMerger(s []Source, n *physical.ExchangeSource, op *exchangeOp) *merger {
	m := &merger{op: op}
	orders := sortOrders(n.Merge)
	for _, k := range n.Merge {
		m.columns = append(m.columns, k.Column)
	}
	for _, src := range s {
		m.streams = append(m.streams, &mergeStream{src: src, keys: vector.RowKeys{Orders: orders}})
	}
	return m
}

// advance reads a stream's next non-empty batch; false at its end.
func (m *merger) advance(ctx context.Context, s *mergeStream) (bool, error) {
	for {
		b, err := m.op.receive(ctx, s.src)
		if err == io.EOF {
			s.b = nil
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if b.Count() > 0 {
			s.b, s.row = b.Keep().Compact(), 0
			return true, s.keys.Encode(emitColumns(s.b.Cols, m.columns), nil, s.b.Rows)
		}
	}
}

func (m *merger) less(a, b int) bool {
	x, y := m.streams[a], m.streams[b]
	if c := bytes.Compare(x.keys.Row(x.row), y.keys.Row(y.row)); c != 0 {
		return c < 0
	}
	return a < b
}

func (m *merger) start(ctx context.Context) error {
	m.started = true
	for i, s := range m.streams {
		ok, err := m.advance(ctx, s)
		if err != nil {
			return err
		}
		if ok {
			m.heap = append(m.heap, i)
		}
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return nil
}

func (m *merger) down(i int) {
	h := m.heap
	for {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && m.less(h[c+1], h[c]) {
			c++
		}
		if !m.less(h[c], h[i]) {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}

// next makes a batch of the least rows: runs of rows from one stream are
// appended together.
func (m *merger) next(ctx context.Context) (*vector.Batch, error) {
	if !m.started {
		if err := m.start(ctx); err != nil {
			return nil, err
		}
	}
	if len(m.heap) == 0 {
		return nil, io.EOF
	}
	out := newRowSet(fieldTypes(m.op.node.Out))
	for out.rows < m.op.size && len(m.heap) > 0 {
		s := m.streams[m.heap[0]]
		from := s.row
		for {
			s.row++
			if s.row == s.b.Rows || out.rows+s.row-from >= m.op.size {
				break
			}
			if top := m.heap[0]; len(m.heap) > 1 {
				if m.down(0); m.heap[0] != top {
					break
				}
			}
		}
		if err := out.add(s.b.Cols, rowNumbers(from, s.row), 0); err != nil {
			return nil, err
		}
		if s.row < s.b.Rows {
			m.down(0)
			continue
		}
		if err := m.refill(ctx, s); err != nil {
			return nil, err
		}
	}
	return &vector.Batch{Rows: out.rows, Cols: out.view(), Owned: true}, nil
}

// refill replaces the batch of the heap's first stream.
func (m *merger) refill(ctx context.Context, s *mergeStream) error {
	ok, err := m.advance(ctx, s)
	if err != nil {
		return err
	}
	if !ok {
		last := len(m.heap) - 1
		m.heap[0] = m.heap[last]
		m.heap = m.heap[:last]
	}
	m.down(0)
	return nil
}
