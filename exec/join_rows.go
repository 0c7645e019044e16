package exec

import (
	"slices"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// joinRows keeps the rows of a build side in chunks: growing never copies what
// is there, and large batches that nobody else writes to are not copied at all.
type joinRows struct {
	types  []types.Type
	chunks []joinChunk
	open   *rowSet // gathers small batches
	rows   int
	size   int64            // of the chunks
	dicts  []*vector.Vector // of each column, the last that was counted
	flat   int64            // of what Dict chunks would take without their dictionaries
	column []int64          // bytes of the chunks by column
}

type joinChunk struct {
	cols []*vector.Vector
	rows int
	size int64
}

// A chunk takes that much before the next one begins; batches of joinChunkKept
// rows become one as they are.
const (
	joinChunkRows  = vector.BatchSize
	joinChunkBytes = 1 << 20
	joinChunkKept  = 512
)

func newJoinRows(ts []types.Type) *joinRows {
	return &joinRows{types: ts, dicts: make([]*vector.Vector, len(ts)), column: make([]int64, len(ts))}
}

// add adds the listed rows of columns; keep says that their buffers are never reused.
func (s *joinRows) add(cols []*vector.Vector, sel []int32, n int, keep bool) error {
	if sel != nil {
		n = len(sel)
	}
	if n == 0 {
		return nil
	}
	s.rows += n
	if keep && sel == nil && n >= joinChunkKept {
		s.seal()
		s.push(slices.Clone(cols), n, 0)
		return nil
	}
	if s.open == nil {
		s.open = newRowSet(s.types)
	}
	if err := s.open.add(cols, sel, n); err != nil {
		return err
	}
	if s.open.rows >= joinChunkRows || s.open.bytes() >= joinChunkBytes {
		s.seal()
	}
	return nil
}

// seal ends the open chunk.
func (s *joinRows) seal() {
	if s.open == nil {
		return
	}
	open := s.open
	s.open = nil
	var slack int64 // buffers grow by doubling
	for _, c := range open.cols {
		slack += c.Bytes() - c.View().Size()
	}
	s.push(dropSparse(open.view()), open.rows, max(0, slack))
}

func (s *joinRows) push(cols []*vector.Vector, n int, slack int64) {
	c := joinChunk{cols: cols, rows: n, size: slack}
	for i, v := range cols {
		n := vectorBytes(v)
		c.size += n
		s.column[i] += n
		if v.Enc == vector.Dict && v.Dictionary != s.dicts[i] {
			c.size += v.Dictionary.Size()
			s.dicts[i] = v.Dictionary
		}
		if v.Enc == vector.Dict {
			s.flat += vector.ConcatSize(v.Type, []*vector.Vector{v, {Type: v.Type}}, v.Len)
		}
	}
	s.size += c.size
	s.chunks = append(s.chunks, c)
}

// vectorBytes is what a vector holds, its dictionary apart.
func vectorBytes(v *vector.Vector) int64 {
	if v.Enc == vector.Dict {
		return int64(4*cap(v.Codes) + len(v.Valid))
	}
	return v.Size()
}

// bytes returns the memory held.
func (s *joinRows) bytes() int64 {
	if s.open == nil {
		return s.size
	}
	return s.size + s.open.bytes()
}

// concatBytes is at least what concat takes besides the chunks, which it gives
// up column by column.
func (s *joinRows) concatBytes() int64 {
	n := s.bytes() - s.size + s.flat
	if len(s.column) > 0 {
		n += slices.Max(s.column)
	}
	return n
}

// parts lists a column's pieces.
func (s *joinRows) parts(c int) []*vector.Vector {
	s.seal()
	out := make([]*vector.Vector, len(s.chunks))
	for i, x := range s.chunks {
		out[i] = x.cols[c]
	}
	return out
}

// pieces lists the given columns, chunk by chunk.
func (s *joinRows) pieces(columns []int) [][]*vector.Vector {
	s.seal()
	out := make([][]*vector.Vector, len(s.chunks))
	for i, x := range s.chunks {
		out[i] = make([]*vector.Vector, len(columns))
		for k, c := range columns {
			out[i][k] = x.cols[c]
		}
	}
	return out
}

// concat makes one column of each that is needed; the chunks are given up column
// by column.
func (s *joinRows) concat(needed []bool) ([]*vector.Vector, error) {
	out := make([]*vector.Vector, len(s.types))
	for c, t := range s.types {
		if !needed[c] {
			continue
		}
		v, err := vector.Concat(t, s.parts(c), s.rows)
		if err != nil {
			return nil, err
		}
		out[c] = v
		for _, x := range s.chunks {
			x.cols[c] = nil
		}
	}
	return out, nil
}

// sizes returns the bytes of all concatenated columns and of the largest.
func (s *joinRows) sizes() (all, largest int64) {
	for c, t := range s.types {
		n := vector.ConcatSize(t, s.parts(c), s.rows)
		all, largest = all+n, max(largest, n)
	}
	return all, largest
}
