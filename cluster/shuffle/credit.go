package shuffle

import (
	"context"
	"sync"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/exec"
)

// fetchCredit is the number of batches that may be on their way from one
// producer task to one consumer task.
const fetchCredit = 4

// credit counts the batches that a consumer still takes.
type credit struct {
	mu       sync.Mutex
	left     int
	finished bool
	changed  chan struct{}
	stop     context.CancelCauseFunc
}

// newCredit starts with credit for n batches; stop is called with exec.ErrDone
// when the consumer wants no more.
func newCredit(n int, stop context.CancelCauseFunc) *credit {
	return &credit{left: max(n, 1), changed: make(chan struct{}, 1), stop: stop}
}

// receive reads the consumer's grants until its stream ends.
func (c *credit) receive(st clusterpb.Shuffle_FetchServer) {
	for {
		m, err := st.Recv()
		if err != nil {
			return
		}
		c.mu.Lock()
		c.left += int(m.GetCredit())
		if m.GetDone() && !c.finished {
			c.finished = true
			c.stop(exec.ErrDone)
		}
		c.mu.Unlock()
		select {
		case c.changed <- struct{}{}:
		default:
		}
	}
}

// take waits for credit for one batch.
func (c *credit) take(ctx context.Context) error {
	for {
		c.mu.Lock()
		if c.left > 0 {
			c.left--
			c.mu.Unlock()
			return nil
		}
		c.mu.Unlock()
		select {
		case <-c.changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (c *credit) done() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.finished
}
