package exec

import (
	"context"
	"sync"

	"github.com/flintsql/flint/sql/sqlerr"
)

// workCrew shares out the work on a build among the tasks that wait for it. One
// task runs jobs; the others help with the job that is on, until the build is there. A
// nil crew works alone. It is safe for concurrent use.
type workCrew struct {
	mu     sync.Mutex
	posted chan struct{} // closed when a job is posted
	job    *crewJob
}

// crewJob is a number of items that whoever comes takes one after the other.
type crewJob struct {
	mu     sync.Mutex
	next   int
	items  int
	failed bool
	work   func(next func() (int, bool))
	busy   sync.WaitGroup
}

func newWorkCrew() *workCrew { return &workCrew{posted: make(chan struct{})} }

// run does items 0 to items-1. Every participant calls work, which asks for items
// until there are none left.
func (c *workCrew) run(ctx context.Context, items int, work func(next func() (int, bool))) error {
	j := &crewJob{items: items, work: work}
	if c != nil && items > 1 {
		c.mu.Lock()
		c.job = j
		close(c.posted)
		c.posted = make(chan struct{})
		c.mu.Unlock()
	}
	defer func() { // helpers are gone before what they work on is
		if c != nil {
			c.mu.Lock()
			c.job = nil
			c.mu.Unlock()
		}
		j.stop()
		j.busy.Wait()
	}()
	j.take(ctx)
	j.stop()
	j.busy.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if j.failed {
		return sqlerr.New(sqlerr.Internal, "a task failed while it helped to build a hash table")
	}
	return nil
}

// stop lets nobody take another item.
func (j *crewJob) stop() {
	j.mu.Lock()
	j.items = 0
	j.mu.Unlock()
}

// take works on items until there are none left or ctx ends.
func (j *crewJob) take(ctx context.Context) {
	whole := false
	defer func() {
		if !whole {
			j.mu.Lock()
			j.failed = true
			j.mu.Unlock()
		}
	}()
	j.work(func() (int, bool) {
		if ctx.Err() != nil {
			return 0, false
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		if j.next >= j.items {
			return 0, false
		}
		j.next++
		return j.next - 1, true
	})
	whole = true
}

// help joins the job that is on, if there is one with items left, and reports whether
// there was. posted is closed when another comes.
func (c *workCrew) help(ctx context.Context) (helped bool, posted <-chan struct{}) {
	c.mu.Lock()
	j, posted := c.job, c.posted
	if j != nil {
		j.mu.Lock()
		if helped = j.next < j.items; helped {
			j.busy.Add(1)
		}
		j.mu.Unlock()
	}
	c.mu.Unlock()
	if !helped {
		return false, posted
	}
	defer j.busy.Done()
	j.take(ctx)
	return true, posted
}
