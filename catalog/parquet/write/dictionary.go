package write

import (
	"math"
	"math/bits"

	"github.com/parquet-go/parquet-go/format"
)

// directSpan is the widest range of integers for which a dictionary is tried.
const directSpan = 1 << 16

// dictionary returns the dictionary and codes of a column's rows, or nil where
// plain values are about as small.
func (e *encoder) dictionary(c *column, s *source) (*source, []int32) {
	var dict *source
	switch {
	case s.codes != nil:
		dict = e.enumeration(s)
	case s.offsets != nil:
		dict = e.texts(s)
	default:
		dict = e.integers(s)
	}
	if dict == nil || dict.rows() == 0 {
		return nil, nil
	}
	width := 4
	if c.physical == format.Int64 {
		width = 8
	}
	if s.offsets != nil {
		width = 4 + len(s.text)/max(1, s.rows())
	}
	n := s.rows()
	if s.codes == nil && n*bits.Len(uint(dict.rows()-1))/8+dict.rows()*width > n*width*2/3 {
		return nil, nil
	}
	return dict, e.codes
}

// enumeration keeps the values that occur in the enumeration's own order, so
// that row groups with the same values have the same dictionary.
func (e *encoder) enumeration(s *source) *source {
	e.clear(len(s.dict), s.rows())
	for _, code := range s.codes {
		e.table[code] = 1
	}
	dict := &source{dict: s.dict, codes: []int32{}}
	for code, used := range e.table {
		if used != 0 {
			e.table[code] = int32(len(dict.codes))
			dict.codes = append(dict.codes, int32(code))
		}
	}
	for i, code := range s.codes {
		e.codes[i] = e.table[code]
	}
	return dict
}

// integers numbers the values that occur in ascending order, when they lie
// close enough together.
func (e *encoder) integers(s *source) *source {
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for _, v := range s.ints {
		low, high = min(low, v), max(high, v)
	}
	if uint64(high)-uint64(low) >= directSpan {
		return nil
	}
	e.clear(int(high-low)+1, s.rows())
	for _, v := range s.ints {
		e.table[v-low] = 1
	}
	dict := &source{}
	for i, used := range e.table {
		if used != 0 {
			e.table[i] = int32(len(dict.ints))
			dict.ints = append(dict.ints, low+int64(i))
		}
	}
	for i, v := range s.ints {
		e.codes[i] = e.table[v-low]
	}
	return dict
}

// texts numbers the texts in the order in which they occur, giving up when a
// sample or the whole shows too many.
func (e *encoder) texts(s *source) *source {
	n := s.rows()
	e.clear(0, n)
	known := map[string]int32{}
	dict := &source{offsets: []int32{0}}
	for i := range n {
		t := s.value(i)
		code, ok := known[string(t)]
		if !ok {
			code = int32(len(known))
			known[string(t)] = code
			dict.text = append(dict.text, t...)
			dict.offsets = append(dict.offsets, int32(len(dict.text)))
		}
		e.codes[i] = code
		if i == 4096 && len(known) > 2048 || len(known) > n/4 && i > 4096 {
			return nil
		}
	}
	return dict
}

// clear prepares an empty table and room for codes.
func (e *encoder) clear(table, rows int) {
	if cap(e.table) < table {
		e.table = make([]int32, table)
	}
	e.table = e.table[:table]
	clear(e.table)
	if cap(e.codes) < rows {
		e.codes = make([]int32, rows)
	}
	e.codes = e.codes[:rows]
}
