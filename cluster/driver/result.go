package driver

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/sqlerr"
)

// What is held back before the first byte leaves (execution.md, "The answer"),
// and how far tasks may run ahead of the client afterwards.
const (
	holdBytes  = 1 << 20
	holdTime   = time.Second
	aheadBytes = 4 << 20
	// stallTime is how long a task may wait for the client and keep its slot.
	stallTime = 100 * time.Millisecond
)

// result passes rows from the result stage's attempts to the client. Rows are
// held back per attempt, so that an attempt that is lost early can be run again
// without the client noticing.
type result struct {
	q         *query
	committed bool // hold everything back until the end
	acct      *memory.Account
	timer     *time.Timer

	mu        sync.Mutex
	held      map[scheduler.Attempt][]*vector.Batch
	discarded map[scheduler.Attempt]bool
	delivered map[scheduler.Attempt]bool // the scheduler was told
	ready     []*vector.Batch
	bytes     int64 // in held and ready
	flowing   bool  // nothing is held back any more
	ended     bool
	closed    bool
	err       error
	changed   chan struct{}
}

func newResult(q *query, committed bool) *result {
	return &result{q: q, committed: committed, acct: q.d.acct.Child(fmt.Sprintf("result of query %d", q.id), 0), held: map[scheduler.Attempt][]*vector.Batch{},
		discarded: map[scheduler.Attempt]bool{}, delivered: map[scheduler.Attempt]bool{}, changed: make(chan struct{})}
}

func (r *result) wake() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// resultSink is one attempt's way into the result.
type resultSink struct {
	r    *result
	a    scheduler.Attempt
	told bool // the scheduler knows that the client is behind
}

// stalled tells the scheduler, once, that the task waits for the client.
func (s *resultSink) stalled() {
	if !s.told {
		s.told = true
		s.r.q.d.step(scheduler.ResultStalled{Attempt: s.a})
	}
}

// Write adds rows. It blocks while the client is behind.
func (s *resultSink) Write(ctx context.Context, _ physical.EdgeID, _ int, b *vector.Batch) error {
	r := s.r
	n := b.Size()
	for {
		r.mu.Lock()
		if r.closed || r.ended || r.discarded[s.a] {
			r.mu.Unlock()
			return exec.ErrDone
		}
		if r.committed || r.bytes == 0 || r.bytes+n <= aheadBytes {
			break
		}
		changed := r.changed
		r.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(stallTime):
			s.stalled()
		}
	}
	defer r.mu.Unlock()
	if err := r.acct.Reserve(n); err != nil {
		return err
	}
	r.bytes += n
	if r.delivered[s.a] {
		r.ready = append(r.ready, b)
		r.wake()
		return nil
	}
	r.held[s.a] = append(r.held[s.a], b)
	switch {
	case r.flowing:
		go r.deliver(s.a)
	case r.committed:
	case r.bytes >= holdBytes:
		r.flow()
	case r.timer == nil:
		r.timer = time.AfterFunc(holdTime, func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.flow()
		})
	}
	return nil
}

// flow stops holding back.
func (r *result) flow() {
	if r.flowing || r.ended {
		return
	}
	r.flowing = true
	for a := range r.held {
		go r.deliver(a)
	}
}

// deliver hands an attempt's held rows to the client, after the scheduler was
// told that its first byte leaves and did not object by discarding it.
func (r *result) deliver(a scheduler.Attempt) {
	r.mu.Lock()
	told := r.delivered[a]
	r.mu.Unlock()
	if !told {
		r.q.d.step(scheduler.ResultDelivered{Attempt: a})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.discarded[a] || r.ended && r.err != nil {
		return
	}
	r.delivered[a] = true
	r.ready = append(r.ready, r.held[a]...)
	delete(r.held, a)
	r.wake()
}

// discard voids an attempt's rows.
func (r *result) discard(a scheduler.Attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.discarded[a] = true
	for _, b := range r.held[a] {
		r.release(b)
	}
	delete(r.held, a)
	r.wake()
}

func (r *result) release(b *vector.Batch) {
	n := b.Size()
	r.bytes -= n
	r.acct.Release(n)
}

// end is called once when the query ends; without error, all rows are good.
func (r *result) end(err *sqlerr.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	if r.timer != nil {
		r.timer.Stop()
	}
	if err != nil {
		r.err = err
		r.held, r.ready = nil, nil
		r.acct.Close()
	} else {
		for a, bs := range r.held {
			if !r.discarded[a] {
				r.ready = append(r.ready, bs...)
			}
			delete(r.held, a)
		}
	}
	if r.closed {
		r.acct.Close()
	}
	r.wake()
}

// next waits for rows.
func (r *result) next(ctx context.Context) (*vector.Batch, error) {
	for {
		r.mu.Lock()
		if len(r.ready) > 0 {
			b := r.ready[0]
			r.ready[0] = nil
			r.ready = r.ready[1:]
			r.release(b)
			r.wake()
			r.mu.Unlock()
			return b, nil
		}
		ended, err, changed := r.ended, r.err, r.changed
		r.mu.Unlock()
		if ended {
			if err == nil {
				err = io.EOF
			}
			return nil, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// await waits until the query has ended, for at most d.
func (r *result) await(d time.Duration) {
	ctx, stop := context.WithTimeout(context.Background(), d)
	defer stop()
	for {
		r.mu.Lock()
		ended, changed := r.ended, r.changed
		r.mu.Unlock()
		if ended {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// close says that the client wants no more; it reports whether the query must
// be cancelled.
func (r *result) close() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.closed = true
	r.ready = nil
	r.wake()
	if r.ended {
		r.acct.Close()
	}
	return !r.ended
}
