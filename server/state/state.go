// Package state keeps what the server learnt of the data: the statistics of
// ANALYZE and the feedback of queries. All of it can be lost: it only makes plans better.
package state

import (
	"log/slog"
	"sync"
	"time"
)

// flushEvery is how long learnt figures may wait before they are written.
const flushEvery = 2 * time.Second

// Store holds statistics and feedback, in memory and, if it was opened on a
// folder, on disk too. It is safe for concurrent use.
type Store struct {
	log  *slog.Logger
	disk *disk // nil = memory only

	mu       sync.RWMutex
	tables   map[Name]*Table
	feedback *feedback

	stop chan struct{}
	done chan struct{}
}

// New returns a store in memory.
func New() *Store {
	return &Store{log: slog.New(slog.DiscardHandler), tables: map[Name]*Table{}, feedback: newFeedback(maxFeedback)}
}

// Open returns a store that is kept in a folder, which is made if need be.
// A folder that cannot be used, or holds what nobody can read, costs what was learnt and a warning in the log,
// never the start.
func Open(dir string, log *slog.Logger) *Store {
	s := New()
	s.log = log
	s.disk = openDisk(dir, log, s.loadTable, s.feedback.load)
	if s.disk != nil {
		s.stop, s.done = make(chan struct{}), make(chan struct{})
		go s.flushing()
	}
	return s
}

func (s *Store) flushing() {
	defer close(s.done)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.flush()
		case <-s.stop:
			s.flush()
			return
		}
	}
}

// flush writes the feedback that changed.
func (s *Store) flush() {
	s.mu.Lock()
	put, gone := s.feedback.changes()
	s.mu.Unlock()
	if len(put)+len(gone) > 0 {
		s.disk.write(feedbackBucket, put, gone)
	}
}

// Close writes what was learnt and gives the folder back.
func (s *Store) Close() {
	if s.disk == nil {
		return
	}
	close(s.stop)
	<-s.done
	s.disk.close()
}
