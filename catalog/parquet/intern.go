package parquet

import (
	"hash/maphash"
	"sync"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
)

const (
	// internEach is the largest dictionary that is remembered.
	internEach = 256 << 10
	// internAll is how much memory remembered dictionaries may take.
	internAll = 32 << 20
)

// dictionaries remembers dictionaries by content, so that row groups that have
// equal ones share one vector. It forgets everything when it is full; that
// costs operators time, never answers.
type dictionaries struct {
	account *memory.Account // nil = not charged

	mu    sync.Mutex
	seed  maphash.Seed
	known map[uint64]*vector.Vector
	held  int64
}

// intern returns the vector that stands for the contents of d.
func (s *dictionaries) intern(d *vector.Vector) *vector.Vector {
	size := d.Size()
	if size > internEach {
		return d
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.seed, s.known = maphash.MakeSeed(), map[uint64]*vector.Vector{}
	}
	var h maphash.Hash
	h.SetSeed(s.seed)
	_, _ = h.Write(d.Data)
	_, _ = h.Write(vector.BytesOf(d.Offsets))
	key := h.Sum64()
	if old, ok := s.known[key]; ok {
		if sameVector(old, d) {
			return old
		}
		return d
	}
	if s.held+size > internAll {
		s.forget()
	}
	if s.account != nil && s.account.Reserve(size) != nil {
		return d
	}
	s.held += size
	s.known[key] = d
	return d
}

// forget drops everything. s.mu is held.
func (s *dictionaries) forget() {
	if s.account != nil {
		s.account.Release(s.held)
	}
	s.held = 0
	clear(s.known)
}
