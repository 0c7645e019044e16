// Package shuffle stores, commits, serves and fetches the partitions that tasks
// exchange.
//
// An output belongs to one attempt and one edge. A spooled output becomes
// readable at once and as a whole, when its attempt commits; a pipelined output
// is a set of bounded queues that are read while the attempt runs.
package shuffle

import (
	"context"
	"fmt"
	"sync"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/spill"
)

// Key names one attempt's output on one edge.
type Key struct {
	Attempt scheduler.Attempt
	Edge    int
}

// MissingError says that an output is not there (any more): failure class Fetch.
type MissingError struct{ Key Key }

func (e *MissingError) Error() string {
	return fmt.Sprintf("output of stage %d task %d attempt %d on edge %d is missing",
		e.Key.Attempt.Stage, e.Key.Attempt.Partition, e.Key.Attempt.Number, e.Key.Edge)
}

// Store holds the outputs of one process by reference: the embedded mode's
// shuffle service. It is safe for concurrent use.
type Store struct {
	spooler  Spooler    // nil: spooled outputs stay in memory, here
	overflow *spill.Dir // where outputs go that outgrow the memory; nil = nowhere

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when an output appears or a query is dropped
	spooled map[Key]*spool
	queues  map[Key]*pipe
	dropped map[scheduler.QueryID]bool
}

// NewStore makes an empty store. Spooled outputs go to the spooler, or stay in
// the store if it is nil.
func NewStore(spooler Spooler) *Store {
	return &Store{spooler: spooler, changed: make(chan struct{}), spooled: map[Key]*spool{}, queues: map[Key]*pipe{}, dropped: map[scheduler.QueryID]bool{}}
}

func (s *Store) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// commit makes a spooled output readable. It reports false if its query was
// dropped meanwhile.
func (s *Store) commit(k Key, sp *spool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped[k.Attempt.Query] {
		return false
	}
	s.spooled[k] = sp
	return true
}

// offer makes a pipelined output known to readers.
func (s *Store) offer(k Key, p *pipe) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queues[k] = p
	s.notify()
}

// retract removes a pipelined output; readers that are attached keep it.
func (s *Store) retract(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.queues, k)
}

// Spooled opens partitions of a committed output. The batches are shared:
// readers never write to them.
func (s *Store) Spooled(k Key, parts scheduler.Span) (exec.Source, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spooled[k]
	if sp == nil {
		return nil, &MissingError{k}
	}
	all := &batches{store: s}
	from, to := within(parts, len(sp.parts))
	for i := from; i < to; i++ {
		p := &sp.parts[i]
		if p.run != nil {
			all.runs = append(all.runs, p.run)
		} else if len(p.batches) > 0 {
			p.readers++
			all.parts = append(all.parts, p)
			all.list = append(all.list, p.batches...)
		}
	}
	return all, nil
}

// pipelined waits for an attempt's pipelined output to appear.
func (s *Store) pipelined(ctx context.Context, k Key) (*pipe, error) {
	for {
		s.mu.Lock()
		p, gone, changed := s.queues[k], s.dropped[k.Attempt.Query], s.changed
		s.mu.Unlock()
		switch {
		case p != nil:
			return p, nil
		case gone:
			return nil, &MissingError{k}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Drop forgets a query and gives its memory back. Later commits of it are
// refused.
func (s *Store) Drop(q scheduler.QueryID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropped[q] = true
	forgetOld(s.dropped, q)
	for k, sp := range s.spooled {
		if k.Attempt.Query == q {
			sp.free()
			delete(s.spooled, k)
		}
	}
	for k := range s.queues {
		if k.Attempt.Query == q {
			delete(s.queues, k)
		}
	}
	s.notify()
}

// Discard frees one output, of an attempt whose commit was refused.
func (s *Store) Discard(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp := s.spooled[k]; sp != nil {
		sp.free()
		delete(s.spooled, k)
	}
}
