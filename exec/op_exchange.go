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
	ahead   *mergeAhead   // merges, once it has begun
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
		return x.nextMerged(ctx)
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

// nextMerged returns the next rows of the merged streams.
func (x *exchangeOp) nextMerged(ctx context.Context) (*vector.Batch, error) {
	if x.env.Tasks > 1 {
		return x.merge.next(ctx, x.size)
	}
	if x.ahead == nil {
		x.ahead = startAhead(ctx, x.merge, x.size, x.env, x.stats)
	}
	breathe()
	start := time.Now()
	b, err := x.ahead.next(ctx)
	wait(x.clock, x.stats, start)
	return b, err
}

// startMerge merges the streams.
func (x *exchangeOp) startMerge() {
	readers := make([]batchReader, len(x.sources))
	for i, src := range x.sources {
		readers[i] = func(ctx context.Context) (*vector.Batch, error) {
			b, err := x.readStream(ctx, src)
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

// readStream is receive for streams that are merged: in another goroutine, the clock is not to be touched.
func (x *exchangeOp) readStream(ctx context.Context, s Source) (*vector.Batch, error) {
	if x.env.Tasks > 1 {
		return x.receive(ctx, s)
	}
	return s.Next(ctx)
}

func (x *exchangeOp) receive(ctx context.Context, s Source) (*vector.Batch, error) {
	breathe()
	start := time.Now()
	b, err := s.Next(ctx)
	wait(x.clock, x.stats, start)
	return b, err
}

func (x *exchangeOp) Close() error {
	x.ahead.close()
	var err error
	for _, s := range x.sources {
		err = errors.Join(err, s.Close())
	}
	x.sources, x.merge, x.ahead = nil, nil, nil
	x.release()
	return err
}
