package shuffle

import (
	"bytes"
	"hash/maphash"
	"sync"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// Schema is what the streams that one task reads from an edge have in common: the columns, and the
// dictionaries. Equal dictionaries of different producers become one vector, because operators keep a
// column's codes only as long as they all refer to one. It is safe for concurrent use.
type Schema struct {
	types []types.Type

	mu    sync.Mutex
	seed  maphash.Seed
	known map[uint64]*vector.Vector
	bytes int // of known
}

// NewSchema describes streams with these columns.
func NewSchema(fields []types.Field) *Schema {
	s := &Schema{}
	for _, f := range fields {
		s.types = append(s.types, f.Type)
	}
	return s
}

const (
	// sharedBytes is the largest dictionary that is compared with others.
	sharedBytes = 1 << 20
	// keptBytes is the most that is kept to be compared with: files with a dictionary of their own in each
	// row group share nothing.
	keptBytes = 4 << 20
)

// share returns the vector that stands for the contents of a dictionary.
func (s *Schema) share(d *vector.Vector) *vector.Vector {
	size := len(d.Data) + 4*len(d.Offsets)
	if len(d.Data) > sharedBytes || d.Child != nil {
		return d
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.seed, s.known = maphash.MakeSeed(), map[uint64]*vector.Vector{}
	}
	key := maphash.Bytes(s.seed, d.Data) ^ uint64(d.Len)
	old := s.known[key]
	switch {
	case old == nil:
		if s.bytes += size; s.bytes > keptBytes {
			clear(s.known)
			s.bytes = size
		}
		s.known[key] = d
	case old.Type == d.Type && old.Len == d.Len && bytes.Equal(old.Data, d.Data) &&
		bytes.Equal(vector.BytesOf(old.Offsets), vector.BytesOf(d.Offsets)):
		return old
	}
	return d
}
