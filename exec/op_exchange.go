package exec

import (
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
	merge   *streamMerger // not nil: sorted streams are merged
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
		x.startMerge()
	}
	return err
}

func (x *exchangeOp) Next(ctx context.Context) (*vector.Batch, error) {
	if x.merge != nil {
		return x.merge.next(ctx, x.size)
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

// startMerge merges the streams.
func (x *exchangeOp) startMerge() {
	readers := make([]batchReader, len(x.sources))
	for i, src := range x.sources {
		readers[i] = func(ctx context.Context) (*vector.Batch, error) {
			b, err := x.receive(ctx, src)
			if err != nil {
				return nil, err
			}
			return b.Keep().Compact(), nil
		}
	}
	x.merge = newStreamMerger(x.node.Merge, fieldTypes(x.node.Out), readers)
}

// skipRows leaves out the first n rows of merged streams.
func (x *exchangeOp) skipRows(n int64) bool {
	if x.merge != nil {
		x.merge.skipRows(n)
	}
	return x.merge != nil
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
