package parquet

import (
	"io"

	"github.com/flintsql/flint/exec/vector"
)

// leafStream walks over the entries of a leaf of a nested column: a value or a
// NULL each, with its levels.
type leafStream struct {
	chunk
	entry int // of the page
	value int // values passed
	vec   *vector.Vector
	taken []int32 // positions of the page's values that are to go to sink, -1 = NULL
	sink  *vector.Appender

	offsets []int32
	bytes   []byte
	codes   []int32
}

// start begins with a row group.
func (s *leafStream) start(file io.ReaderAt, g *groupMeta) error {
	s.entry, s.value, s.vec, s.taken = 0, 0, nil, s.taken[:0]
	s.loaded = false
	return s.chunk.start(file, g)
}

// peek returns the levels of the next entry; io.EOF ends the row group.
func (s *leafStream) peek() (rep, def int, err error) {
	for !s.loaded || s.entry >= s.page.levels {
		if err := s.flush(); err != nil {
			return 0, 0, err
		}
		if err := s.nextPage(); err != nil {
			return 0, 0, err
		}
		if err := s.load(&s.header, s.body); err != nil {
			return 0, 0, err
		}
		s.loaded, s.entry, s.value = true, 0, 0
		if s.vec, err = s.values(); err != nil {
			return 0, 0, err
		}
	}
	return int(s.page.reps[s.entry]), int(s.page.defs[s.entry]), nil
}

// next passes over an entry.
func (s *leafStream) next() error {
	_, def, err := s.peek()
	if err != nil {
		return err
	}
	s.entry++
	if def == s.maxDef {
		s.value++
	}
	return nil
}

// pass passes over rows: entries up to the next that starts one.
func (s *leafStream) pass(rows int) error {
	for ; rows > 0; rows-- {
		for first := true; ; first = false {
			rep, _, err := s.peek()
			if err != nil && (first || rows > 1) {
				return err
			}
			if err != nil || !first && rep == 0 {
				break
			}
			if err := s.next(); err != nil {
				return err
			}
		}
	}
	return nil
}

// take notes an entry's value for the sink and passes over it.
func (s *leafStream) take() error {
	_, def, err := s.peek()
	if err != nil {
		return err
	}
	if def == s.maxDef {
		s.taken = append(s.taken, int32(s.value))
		s.value++
	} else {
		s.taken = append(s.taken, -1)
	}
	s.entry++
	return nil
}

// flush appends what was taken of the page to the sink.
func (s *leafStream) flush() error {
	if len(s.taken) == 0 {
		return nil
	}
	err := s.sink.Append(s.vec, s.taken, 0)
	s.taken = s.taken[:0]
	return err
}

// values returns the values of the loaded page as a vector without NULLs.
func (s *leafStream) values() (v *vector.Vector, err error) {
	p := &s.page
	v = &vector.Vector{Type: s.leaf.typ, Len: p.count}
	switch p.layout {
	case layoutFixed:
		v.Data = p.fixed
	case layoutVector:
		return &p.vec, nil
	case layoutCodes:
		if s.codes, err = grow(s.budget, s.codes, p.count); err != nil {
			return nil, err
		}
		v.Enc, v.Codes, v.Dictionary = vector.Dict, s.codes, s.dict
		return v, p.codes.next(s.codes)
	default:
		if s.offsets, err = grow(s.budget, s.offsets, p.count+1); err != nil {
			return nil, err
		}
		if s.bytes, err = grow(s.budget, s.bytes, len(p.plain)+copySlack); err != nil {
			return nil, err
		}
		_, size, ok := texts(s.bytes, s.offsets, p.plain, p.count)
		if !ok {
			return nil, corrupt("a value ends behind its page")
		}
		v.Data, v.Offsets = s.bytes[:size], s.offsets
	}
	return v, nil
}
