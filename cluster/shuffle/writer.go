package shuffle

import (
	"context"
	"errors"
	"fmt"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// Output describes one edge that an attempt writes to.
type Output struct {
	Edge       int
	Partitions int
	Mode       scheduler.Mode
	Fields     []types.Field
	// Carry is how many bytes of a spooled output may go with the word of its commit instead of being stored.
	Carry int
}

// Writer takes one attempt's output into a store (exec.Sink).
type Writer struct {
	store   *Store
	attempt scheduler.Attempt
	spool   Spool // nil = no edge is spooled, or it is committed
	spooled map[int]bool
	pipes   map[int]*pipe
	open    map[int]int // pipelined edges: consumers that still want rows
}

// NewWriter opens an attempt's outputs. Bytes spooled in memory and batches on
// their way are charged to accounts under acct, which is closed after the query was dropped.
func (s *Store) NewWriter(a scheduler.Attempt, outs []Output, acct *memory.Account) (*Writer, error) {
	w := &Writer{store: s, attempt: a, spooled: map[int]bool{}, pipes: map[int]*pipe{}, open: map[int]int{}}
	var spooled []Output
	for _, o := range outs {
		if o.Mode == scheduler.Spooled {
			spooled = append(spooled, o)
			w.spooled[o.Edge] = true
		}
	}
	switch {
	case len(spooled) == 0:
	case s.spooler == nil:
		w.spool = newMemSpool(s, a, spooled, acct)
	default:
		sp, err := s.spooler.Create(a, spooled, acct)
		if err != nil {
			return nil, err
		}
		w.spool = sp
	}
	for _, o := range outs {
		if o.Mode != scheduler.Spooled {
			w.pipes[o.Edge] = newPipe(o.Partitions, acct.Child(fmt.Sprintf("pipe of stage %d task %d", a.Stage, a.Partition), 0))
			w.open[o.Edge] = o.Partitions
			s.offer(Key{a, o.Edge}, w.pipes[o.Edge])
		}
	}
	return w, nil
}

// Write adds a batch to a partition.
func (w *Writer) Write(ctx context.Context, edge physical.EdgeID, partition int, b *vector.Batch) error {
	if w.spooled[int(edge)] {
		return w.spool.Write(int(edge), partition, b)
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
	if left == 0 && w.spool == nil && len(w.pipes) == 1 {
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
	if w.spool != nil {
		if sizes, err = w.spool.Commit(ctx); err != nil {
			return nil, false, err
		}
		w.spool = nil
	}
	// The pipes stay known until the query is dropped: a consumer may come to an
	// output that had no rows, or few, after its producer has ended.
	for _, p := range w.pipes {
		for _, q := range p.queues {
			e, err := q.drained(ctx)
			if err != nil {
				return nil, false, err
			}
			early = early || e
		}
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
	if w.spool != nil {
		w.spool.Abort()
		w.spool = nil
	}
}
