package exec

import (
	"context"
	"slices"
	"sync"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/physical"
)

// SharedBuilds are the hash tables, and the filters from other stages, that the tasks of one process share within a
// query and epoch. It is safe for concurrent use.
type SharedBuilds struct {
	account *memory.Account
	mu      sync.Mutex
	builds  map[physical.OpID]*sharedBuild
	filters map[physical.EdgeID]*sharedFilter
}

type sharedBuild struct {
	done  chan struct{}     // closed when build or err is set
	idle  []*memory.Account // of the tasks that wait, while it isn't closed; under SharedBuilds.mu
	crew  *workCrew         // the tasks that wait
	build *joinBuild
	err   error
	refs  int
	ended bool // done is closed, or about to be
}

// NewSharedBuilds returns an empty set whose tables are charged to account,
// usually the query's.
func NewSharedBuilds(account *memory.Account) *SharedBuilds {
	return &SharedBuilds{account: account, builds: map[physical.OpID]*sharedBuild{}, filters: map[physical.EdgeID]*sharedFilter{}}
}

// makeBuild makes a build; the crew helps.
type makeBuild func(a *memory.Account, crew *workCrew) (*joinBuild, error)

// acquire returns the build of an operator to the task of an account. The first caller makes it and the
// others help; if that fails, the next one tries. Each success wants a release.
func (s *SharedBuilds) acquire(ctx context.Context, id physical.OpID, task *memory.Account, make makeBuild) (*joinBuild, error) {
	for {
		s.mu.Lock()
		b, ok := s.builds[id]
		if !ok {
			b = &sharedBuild{done: newDone(), crew: newWorkCrew()}
			s.builds[id] = b
		}
		b.refs++
		if ok && !b.ended {
			b.idle = append(b.idle, task)
			task.Pause()
		}
		s.mu.Unlock()
		if !ok {
			return s.run(ctx, id, b, make)
		}
		if !b.wait(ctx) {
			s.leave(b, task)
			s.release(id, b)
			return nil, context.Cause(ctx)
		}
		if b.err == nil {
			return b.build, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
}

// wait helps with the build until it is there; false if ctx ends first.
func (b *sharedBuild) wait(ctx context.Context) bool {
	for {
		helped, posted := b.crew.help(ctx)
		if helped && ctx.Err() == nil {
			continue
		}
		select {
		case <-b.done:
			return true
		case <-posted:
		case <-ctx.Done():
			return false
		}
	}
}

// leave ends the waiting of a task before the build is there.
func (s *SharedBuilds) leave(b *sharedBuild, task *memory.Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(b.idle, task); i >= 0 {
		b.idle = slices.Delete(b.idle, i, i+1)
		task.Resume()
	}
}

func newDone() chan struct{} { return make(chan struct{}) }

// run builds, and publishes the outcome even if the build panics.
func (s *SharedBuilds) run(ctx context.Context, id physical.OpID, b *sharedBuild, make makeBuild) (*joinBuild, error) {
	b.err = context.Canceled
	defer func() {
		s.mu.Lock()
		if b.err != nil && s.builds[id] == b {
			delete(s.builds, id)
		}
		b.ended = true
		for _, task := range b.idle {
			task.Resume()
		}
		b.idle = nil
		s.mu.Unlock()
		close(b.done)
	}()
	account := s.account.Child("SharedBuild", 0)
	defer context.AfterFunc(ctx, account.Stop)() // it isn't below the task's
	b.build, b.err = make(account, b.crew)
	return b.build, b.err
}

// release gives up one reference; the last one frees the table.
func (s *SharedBuilds) release(id physical.OpID, b *sharedBuild) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b == nil {
		b = s.builds[id]
	}
	if b == nil {
		return
	}
	if b.refs--; b.refs > 0 || b.build != nil && b.build.marksWanted() {
		return
	}
	if s.builds[id] == b {
		delete(s.builds, id)
	}
	if b.build != nil {
		_ = b.build.close() // what is lost with a file nobody reads
	}
}

// Close frees what is kept for tasks that never came.
func (s *SharedBuilds) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, b := range s.builds {
		if b.build != nil && b.refs == 0 {
			_ = b.build.close()
			delete(s.builds, id)
		}
	}
}
