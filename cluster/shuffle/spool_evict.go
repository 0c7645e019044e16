package shuffle

import (
	"errors"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
)

// errTight is why an output goes to disk before its account refuses.
var errTight = errors.New("memory is tight")

// evictLeast is the smallest partition that is worth a file.
const evictLeast = 256 << 10

// Overflow lets outputs that are kept in memory go to disk when memory is short:
// those that are being written, and, when others under acct want it, those that wait for their readers. It is
// called before the store is used.
func (s *Store) Overflow(dir *spill.Dir, acct *memory.Account) {
	s.overflow = dir
	acct.OnPressure(func(n int64) int64 { return s.evict(n, nil) })
	acct.OnQueryPressure(s.evict)
}

// evict moves partitions that nobody reads to disk, the largest first, until n
// bytes are free, and returns how many are: those of one query, or of all if it is nil.
func (s *Store) evict(n int64, query *memory.Account) (freed int64) {
	for freed < n {
		sp, p, batches := s.takeLargest(query)
		if p == nil {
			break
		}
		freed += s.move(sp, p, batches)
	}
	return freed
}

// takeLargest marks the largest partition in memory, of a query or of all, as being moved.
func (s *Store) takeLargest(query *memory.Account) (*spool, *part, []*vector.Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var of *spool
	var most *part
	for _, sp := range s.spooled {
		if query != nil && !sp.acct.Below(query) {
			continue
		}
		for i := range sp.parts {
			p := &sp.parts[i]
			if p.readers == 0 && !p.moving && p.charged >= evictLeast && (most == nil || p.charged > most.charged) {
				of, most = sp, p
			}
		}
	}
	if most == nil {
		return nil, nil, nil
	}
	most.moving = true
	return of, most, most.batches
}

// move writes a partition to disk and gives its memory back, unless somebody
// has begun to read it meanwhile. A partition that can't be written stays where it is, marked.
func (s *Store) move(sp *spool, p *part, batches []*vector.Batch) int64 {
	w, err := s.overflow.NewWriter(sp.fields)
	if err != nil {
		return 0
	}
	defer w.Close()
	if err := writeAll(w, batches); err != nil {
		return 0
	}
	run, err := w.Finish()
	if err != nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp.parts == nil || p.readers > 0 { // freed, or read
		p.moving = false
		_ = run.Close()
		return 0
	}
	freed := p.charged
	p.batches, p.run, p.charged = nil, run, 0
	sp.acct.Release(freed)
	return freed
}

// closeParts ends the reading of partitions in memory.
func (s *Store) closeParts(parts []*part) {
	if len(parts) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range parts {
		p.readers--
	}
}
