package shuffle

import (
	"context"
	"io"
	"sync"

	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
)

// pipeCredit is the number of batches that may wait in a pipelined partition:
// the credit of one (producer task, consumer task) pair, shared with no other.
const pipeCredit = 4

// pipe is a pipelined output: one bounded queue per consumer partition.
type pipe struct {
	queues []*queue
}

func newPipe(partitions int, acct *memory.Account) *pipe {
	p := &pipe{queues: make([]*queue, partitions)}
	for i := range p.queues {
		p.queues[i] = newQueue(pipeCredit)
		p.queues[i].acct = acct
	}
	return p
}

// queue passes batches from one producer task to one consumer task.
type queue struct {
	mu      sync.Mutex
	batches []*vector.Batch
	charged []int64         // what each batch is charged for
	acct    *memory.Account // nil = nobody
	credit  int
	ended   bool  // the producer is through
	err     error // the producer failed
	done    bool  // the consumer wants no more
	early   bool  // it was done before it had everything
	near    bool  // the consumer is a task of this process
	changed chan struct{}
}

func newQueue(credit int) *queue { return &queue{credit: credit, changed: make(chan struct{})} }

func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// charge makes room for a batch; false means that it must wait for the
// consumer to take others. One batch passes in any case, so that there always is something to take.
func (q *queue) charge(b *vector.Batch) bool {
	n := int64(0)
	if q.acct != nil {
		n = b.Size()
		if q.acct.ReserveNow(n) != nil {
			if len(q.batches) > 0 {
				return false
			}
			n = 0
		}
	}
	q.charged = append(q.charged, n)
	return true
}

// release gives back what the first n batches were charged for.
func (q *queue) release(n int) {
	for _, c := range q.charged[:n] {
		if c > 0 {
			q.acct.Release(c)
		}
	}
	q.charged = q.charged[n:]
}

// put waits for credit and adds a batch; exec.ErrDone once the consumer is done.
func (q *queue) put(ctx context.Context, b *vector.Batch) error {
	for {
		q.mu.Lock()
		if q.done {
			q.mu.Unlock()
			return exec.ErrDone
		}
		if len(q.batches) < q.credit && q.charge(b) {
			q.batches = append(q.batches, b)
			q.wake()
			q.mu.Unlock()
			return nil
		}
		changed, near := q.changed, q.near
		q.mu.Unlock()
		if !near {
			select {
			case <-changed:
			case <-ctx.Done():
			}
		} else {
			await(ctx, changed)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// await waits for another task to change a queue, or for ctx to end.
func await(ctx context.Context, changed <-chan struct{}) {
	defer memory.Await(ctx)()
	select {
	case <-changed:
	case <-ctx.Done():
	}
}

// end tells the consumer that nothing more comes: the end, or a failure.
func (q *queue) end(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.ended {
		q.ended, q.err = true, err
		q.wake()
	}
}

// Next takes the next batch.
func (q *queue) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		q.mu.Lock()
		if len(q.batches) > 0 {
			b := q.batches[0]
			q.batches[0] = nil
			q.batches = q.batches[1:]
			q.release(1)
			q.wake()
			q.mu.Unlock()
			return b, nil
		}
		ended, err, changed := q.ended, q.err, q.changed
		q.mu.Unlock()
		if ended {
			if err == nil {
				err = io.EOF
			}
			return nil, err
		}
		if await(ctx, changed); ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
}

// Close tells the producer that nobody wants more.
func (q *queue) Close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.done {
		q.early = !q.ended || len(q.batches) > 0
		q.release(len(q.batches))
		q.done, q.batches = true, nil
		q.wake()
	}
	return nil
}

// drained waits until the consumer has taken everything, or is done.
func (q *queue) drained(ctx context.Context) (early bool, err error) {
	for {
		q.mu.Lock()
		over, early, changed := q.done || len(q.batches) == 0, q.early, q.changed
		q.mu.Unlock()
		if over {
			return early, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}
