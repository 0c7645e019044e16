package parquet

import "github.com/flintsql/flint/exec/vector"

// settledBytes bounds what a page of this header takes once it is settled.
func (c *chunk) settledBytes(h *pageHeader) int64 {
	return entryBytes + int64(h.uncompressed) + int64(h.values)*int64(max(8, c.leaf.width, c.leaf.outWidth()))
}

// settle brings the loaded page, which is in memory of its own, into the
// layout that costs least to read again, and returns the bytes it takes.
func (c *chunk) settle() (int64, error) {
	p := &c.page
	switch p.layout {
	case layoutPlain:
		if err := p.settlePlain(); err != nil {
			return 0, err
		}
	case layoutCodes:
		if c.leaf.isBytes() {
			codes := make([]int32, p.count)
			if err := p.codes.next(codes); err != nil {
				return 0, err
			}
			p.layout, p.words = layoutWords, codes
		} else {
			w := c.leaf.outWidth()
			out := &vector.Vector{Type: c.leaf.typ, Data: vector.Alloc(p.count * w)}
			if err := lookUp(out, c.dict, &p.codes, p.count, w); err != nil {
				return 0, err
			}
			p.layout, p.fixed = layoutFixed, out.Data
		}
		p.codes, p.raw = hybrid{}, nil
	}
	if c.pages.cache.scarce.Load() {
		if q, ok := p.narrowed(c.leaf); ok {
			q.shift = p.shift
			*p = q
		}
	}
	return p.settled(c.dict), nil
}

// settled is what a settled page takes in the cache.
func (p *page) settled(dict *vector.Vector) int64 {
	size := entryBytes + len(p.raw) + len(p.conv) + len(p.bitmap) + 4*len(p.words) + 4*len(p.vec.Offsets) + len(p.narrow.Data)
	if p.raw == nil {
		size += len(p.fixed)
	}
	if codes := p.layout == layoutWords || p.layout == layoutNarrowWords; codes && dict.Size() > internEach {
		size += int(dict.Size()) // smaller ones are shared, and charged, elsewhere
	}
	return int64(size)
}

// settlePlain takes the lengths out of a page of length-prefixed values.
func (p *page) settlePlain() error {
	off := make([]int32, p.count+1)
	b, w, at := p.plain, 0, 0
	for i := range p.count {
		v, _, ok := cutPlain(b[at:])
		if !ok {
			return corrupt("a value ends behind its page")
		}
		at += 4 + len(v)
		w += copy(b[w:], v)
		off[i+1] = int32(w)
	}
	p.layout, p.plain = layoutVector, nil
	p.vec = vector.Vector{Data: b[:w:w], Offsets: off, Len: p.count}
	return nil
}
