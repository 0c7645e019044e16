package shuffle

import (
	"encoding/binary"
	"unsafe"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// decoder reads the blocks of one stream. It is used by one goroutine.
type decoder struct {
	schema *Schema
	dicts  map[uint64]*vector.Vector
}

// newDecoder reads batches of a schema.
func newDecoder(s *Schema) *decoder { return &decoder{schema: s, dicts: map[uint64]*vector.Vector{}} }

// reset forgets the dictionaries: another stream follows.
func (d *decoder) reset() { clear(d.dicts) }

// decode returns the batch of a block, which it keeps: the batch's buffers lie
// in it. data must be aligned to 8.
func (d *decoder) decode(data []byte) (*vector.Batch, error) {
	if len(data) < 4 {
		return nil, errCorrupt
	}
	n := int(binary.LittleEndian.Uint32(data))
	if n > len(data)-4 {
		return nil, errCorrupt
	}
	r := &parser{d: d, meta: data[4 : 4+n], rest: data, at: align(4 + n)}
	b := &vector.Batch{Rows: r.int(), Owned: true}
	if cols := r.int(); cols != len(d.schema.types) {
		return nil, errCorrupt
	}
	b.Cols = make([]*vector.Vector, len(d.schema.types))
	for i, t := range d.schema.types {
		b.Cols[i] = r.column(t, b.Rows)
	}
	if r.bad {
		return nil, errCorrupt
	}
	return b, nil
}

func align(n int) int { return (n + 7) &^ 7 }

// parser walks a block; after the first mistake everything it gives is empty.
type parser struct {
	d    *decoder
	meta []byte
	rest []byte
	at   int // of the next buffer
	bad  bool
}

func (p *parser) fail() { p.bad, p.meta = true, nil }

func (p *parser) int() int {
	n, k := binary.Uvarint(p.meta)
	if k <= 0 || n > 1<<40 {
		p.fail()
		return 0
	}
	p.meta = p.meta[k:]
	return int(n)
}

// buffer returns the next buffer, nil if it is empty.
func (p *parser) buffer() []byte {
	n := p.int()
	if n == 0 || p.bad {
		return nil
	}
	if p.at+n > len(p.rest) {
		p.fail()
		return nil
	}
	b := p.rest[p.at : p.at+n : p.at+n]
	p.at = align(p.at + n)
	return b
}

func (p *parser) bitmap(n int) []byte {
	b := p.buffer()
	if b != nil && len(b) < (n+7)/8 {
		p.fail()
	}
	return b
}

// ints views a buffer as n int32s.
func (p *parser) ints(n int) []int32 {
	b := p.buffer()
	if len(b) != 4*n {
		p.fail()
	}
	if p.bad || n == 0 {
		return nil
	}
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

func (p *parser) column(t types.Type, n int) *vector.Vector {
	v := &vector.Vector{Type: t, Len: n}
	if len(p.meta) == 0 {
		p.fail()
		return v
	}
	v.Enc, p.meta = vector.Encoding(p.meta[0]), p.meta[1:]
	switch v.Enc {
	case vector.Flat:
		v.Valid = p.bitmap(n)
		p.values(v, n)
	case vector.Const:
		v.Valid = p.bitmap(1)
		p.values(v, 1)
	case vector.Dict:
		v.Valid = p.bitmap(n)
		v.Codes = p.ints(n)
		v.Dictionary = p.dictionary(t)
		for _, c := range v.Codes {
			if uint32(c) >= uint32(v.Dictionary.Len) {
				p.fail()
				break
			}
		}
	default:
		p.fail()
	}
	return v
}

func (p *parser) dictionary(t types.Type) *vector.Vector {
	id := uint64(p.int())
	if v := p.d.dicts[id]; v != nil {
		return v
	}
	v := &vector.Vector{Type: t, Len: p.int()}
	p.values(v, v.Len)
	if !p.bad {
		v = p.d.schema.share(v)
	}
	p.d.dicts[id] = v
	return v
}

// values reads n flat values.
func (p *parser) values(v *vector.Vector, n int) {
	if w := v.Type.Storage().Width(); w > 0 {
		if v.Data = p.buffer(); len(v.Data) != n*w {
			p.fail()
		}
		return
	}
	v.Offsets = p.ints(n + 1)
	if p.bad || !ascending(v.Offsets) {
		p.fail()
		return
	}
	last := int(v.Offsets[n])
	if v.Type.Storage() == types.StoreList {
		rows := p.int()
		v.Child = p.column(vector.ListElem(v.Type), rows)
		if last > rows {
			p.fail()
		}
		return
	}
	if v.Data = p.buffer(); last > len(v.Data) {
		p.fail()
	}
}

func ascending(off []int32) bool {
	last := int32(0)
	for _, o := range off {
		if o < last {
			return false
		}
		last = o
	}
	return true
}
