package shuffle

import (
	"context"
	"errors"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
)

// Output describes one edge that an attempt writes to.
type Output struct {
	Edge       int
	Partitions int
	Mode       scheduler.Mode
}

// Writer takes one attempt's output into a store (exec.Sink).
type Writer struct {
	store   *Store
	attempt scheduler.Attempt
	acct    *memory.Account
	spools  map[int]*spool
	pipes   map[int]*pipe
	open    map[int]int // pipelined edges: consumers that still want rows
}

// NewWriter opens an attempt's outputs. Spooled bytes are charged to acct until
// the query is dropped.
func (s *Store) NewWriter(a scheduler.Attempt, outs []Output, acct *memory.Account) *Writer {
	w := &Writer{store: s, attempt: a, acct: acct, spools: map[int]*spool{}, pipes: map[int]*pipe{}, open: map[int]int{}}
	for _, o := range outs {
		if o.Mode == scheduler.Spooled {
			w.spools[o.Edge] = &spool{parts: make([][]*vector.Batch, o.Partitions), acct: acct}
			continue
		}
		w.pipes[o.Edge] = newPipe(o.Partitions)
		w.open[o.Edge] = o.Partitions
		s.offer(Key{a, o.Edge}, w.pipes[o.Edge])
	}
	return w
}

// Write adds a batch to a partition.
func (w *Writer) Write(ctx context.Context, edge physical.EdgeID, partition int, b *vector.Batch) error {
	if sp := w.spools[int(edge)]; sp != nil {
		n := b.Size()
		if err := w.acct.Reserve(n); err != nil {
			return err
		}
		sp.bytes += n
		if partition >= len(sp.parts) {
			partition = 0 // Forward: the one partition there is
		}
		sp.parts[partition] = append(sp.parts[partition], b)
		return nil
	}
	p := w.pipes[int(edge)]
	if partition >= len(p.queues) {
		partition = 0
	}
	err := p.queues[partition].put(ctx, b)
	if errors.Is(err, exec.ErrDone) {
		return w.oneDone(int(edge), p)
	}
	return err
}

// oneDone drops rows for a consumer that is done; the task may end once all
// consumers of all its edges are.
func (w *Writer) oneDone(edge int, p *pipe) error {
	left := 0
	for _, q := range p.queues {
		q.mu.Lock()
		if !q.done {
			left++
		}
		q.mu.Unlock()
	}
	w.open[edge] = left
	if left == 0 && len(w.spools) == 0 && len(w.pipes) == 1 {
		return exec.ErrDone
	}
	return nil
}

// Finish ends the attempt's output with success: spooled outputs are committed,
// and pipelined ones waited for until every consumer has taken all or is done. It
// returns the bytes of spooled partitions.
func (w *Writer) Finish(ctx context.Context) (sizes []scheduler.EdgeSizes, early bool, err error) {
	for _, p := range w.pipes {
		for _, q := range p.queues {
			q.end(nil)
		}
	}
	for edge, sp := range w.spools {
		e := scheduler.EdgeSizes{Edge: edge, Bytes: make([]int64, len(sp.parts))}
		for i, part := range sp.parts {
			for _, b := range part {
				e.Bytes[i] += b.Size()
			}
		}
		if !w.store.commit(Key{w.attempt, edge}, sp) {
			w.free()
			return nil, false, context.Canceled
		}
		sizes = append(sizes, e)
	}
	w.spools = nil
	for edge, p := range w.pipes {
		for _, q := range p.queues {
			e, err := q.drained(ctx)
			if err != nil {
				return nil, false, err
			}
			early = early || e
		}
		w.store.retract(Key{w.attempt, edge})
	}
	w.pipes = nil
	return sizes, early, nil
}

// Abort ends the attempt's output with a failure.
func (w *Writer) Abort(err error) {
	for edge, p := range w.pipes {
		for _, q := range p.queues {
			q.end(err)
		}
		w.store.retract(Key{w.attempt, edge})
	}
	w.free()
}

func (w *Writer) free() {
	for _, sp := range w.spools {
		sp.free()
	}
	w.spools = nil
}
