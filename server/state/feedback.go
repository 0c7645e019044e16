package state

import (
	"container/list"
	"encoding/binary"
	"math"
)

// maxFeedback bounds the subplans whose rows are remembered; those that were
// not asked for the longest go.
const maxFeedback = 4096

// Digest names a subplan: its operators, tables with their identities, conditions
// and constants.
type Digest [16]byte

// Measured is what a query measured of a subplan.
type Measured struct {
	Digest Digest
	Rows   float64
	Tables []uint64 // digests of the tables in it
}

// feedback remembers measured rows by subplan, and drops those that were used
// least recently. The store's lock guards it.
type feedback struct {
	limit  int
	byKey  map[Digest]*list.Element // of *Measured
	order  *list.List               // most recently used first
	tables map[uint64]int           // how many entries read each table
	dirty  map[Digest]bool          // to be written, or removed
}

func newFeedback(limit int) *feedback {
	return &feedback{limit: limit, byKey: map[Digest]*list.Element{}, order: list.New(), tables: map[uint64]int{}, dirty: map[Digest]bool{}}
}

func (f *feedback) put(m *Measured) {
	if e, ok := f.byKey[m.Digest]; ok {
		e.Value.(*Measured).Rows = m.Rows
		f.order.MoveToFront(e)
		return
	}
	f.byKey[m.Digest] = f.order.PushFront(m)
	for _, t := range m.Tables {
		f.tables[t]++
	}
	for f.order.Len() > f.limit {
		e := f.order.Back()
		old := f.order.Remove(e).(*Measured)
		delete(f.byKey, old.Digest)
		f.dirty[old.Digest] = true
		for _, t := range old.Tables {
			if f.tables[t]--; f.tables[t] == 0 {
				delete(f.tables, t)
			}
		}
	}
}

// changes returns what must be written since the last call.
func (f *feedback) changes() (put []record, gone [][]byte) {
	for d := range f.dirty {
		if e, ok := f.byKey[d]; ok {
			put = append(put, record{append([]byte(nil), d[:]...), e.Value.(*Measured).append(nil)})
		} else {
			gone = append(gone, append([]byte(nil), d[:]...))
		}
	}
	clear(f.dirty)
	return put, gone
}

func (m *Measured) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(m.Rows))
	for _, t := range m.Tables {
		dst = binary.LittleEndian.AppendUint64(dst, t)
	}
	return dst
}

// load takes a record of the file.
func (f *feedback) load(key, b []byte) {
	if len(key) != len(Digest{}) || len(b) < 8 || len(b)%8 != 0 {
		return
	}
	m := &Measured{Digest: Digest(key), Rows: math.Float64frombits(binary.LittleEndian.Uint64(b))}
	if !(m.Rows >= 0 && m.Rows < 1e18) {
		return
	}
	for b = b[8:]; len(b) > 0; b = b[8:] {
		m.Tables = append(m.Tables, binary.LittleEndian.Uint64(b))
	}
	f.put(m)
}

// Knows reports whether anything was measured of a table.
func (s *Store) Knows(table uint64) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.feedback.tables[table] > 0
}

// Rows returns the rows that were measured of a subplan.
func (s *Store) Rows(d [16]byte) (float64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.feedback.byKey[d]
	if !ok {
		return 0, false
	}
	s.feedback.order.MoveToFront(e)
	return e.Value.(*Measured).Rows, true
}

// Learn remembers what a query measured. It returns how many figures are new or
// differ from what was known.
func (s *Store) Learn(ms []Measured) int {
	if len(ms) == 0 {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := 0
	for i := range ms {
		m := ms[i]
		if e, ok := s.feedback.byKey[m.Digest]; ok && e.Value.(*Measured).Rows == m.Rows {
			continue
		}
		changed++
		s.feedback.put(&m)
		s.feedback.dirty[m.Digest] = true
	}
	if s.disk == nil {
		clear(s.feedback.dirty) // nobody writes them
	}
	if changed > 0 {
		s.generation.Add(1)
	}
	return changed
}
