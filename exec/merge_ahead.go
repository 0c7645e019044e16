package exec

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/flintsql/flint/exec/vector"
)

// mergeAhead merges the streams of a stage's only task in a goroutine of its own, a batch ahead of
// the operators above: the tasks that sorted the streams are done, or wait, so that a core is free for it.
type mergeAhead struct {
	batches chan mergedBatch
	cancel  context.CancelFunc
	ended   chan struct{}
	last    error // what every call after the end gets
}

type mergedBatch struct {
	batch *vector.Batch
	err   error
}

// aheadBatches is how many batches wait, besides the one in the making.
const aheadBatches = 1

// startAhead merges in batches of size rows until the end, an error or close. Time spent is added to the operator's.
func startAhead(ctx context.Context, m *streamMerger, size int, env *Env, stats *OpStats) *mergeAhead {
	ctx, cancel := context.WithCancel(ctx)
	a := &mergeAhead{batches: make(chan mergedBatch, aheadBatches), cancel: cancel, ended: make(chan struct{})}
	next := func() (b *vector.Batch, err error) {
		defer recoverPanic(&err, env)
		defer func(start time.Time) { atomic.AddInt64(&stats.CPUNs, int64(time.Since(start))) }(time.Now())
		return m.next(ctx, size)
	}
	go func() {
		defer close(a.ended)
		for {
			b, err := next()
			select {
			case a.batches <- mergedBatch{b, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return a
}

func (a *mergeAhead) next(ctx context.Context) (*vector.Batch, error) {
	if a.last != nil {
		return nil, a.last
	}
	select {
	case x := <-a.batches:
		a.last = x.err
		return x.batch, x.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// close ends the merging; the streams may be closed then.
func (a *mergeAhead) close() {
	if a != nil {
		a.cancel()
		<-a.ended
	}
}
