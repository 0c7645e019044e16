package parquet

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/parquet-go/parquet-go/format"
)

// layout says how the values of a loaded page lie in memory.
type layout uint8

const (
	layoutFixed       layout = iota // values in the vector's layout
	layoutPlain                     // length-prefixed bytes
	layoutVector                    // offsets and bytes in vector
	layoutCodes                     // codes into the chunk's dictionary
	layoutWords                     // such codes decoded, of a cached page
	layoutNarrow                    // values in narrow, of a cached page
	layoutNarrowWords               // decoded codes in narrow
)

// page is a decompressed page: levels apart, values without NULLs.
type page struct {
	levels int    // values with NULLs; rows, when nothing repeats
	count  int    // values without NULLs
	valid  []byte // flat columns: which rows are valid, nil = all
	defs   []int32
	reps   []int32

	layout layout
	fixed  []byte
	plain  []byte
	vec    vector.Vector
	codes  hybrid
	words  []int32
	narrow vector.Narrow

	raw    []byte // decompression buffer
	bitmap []byte
	conv   []byte // values after conversion
	shift  int    // where the last page's values started in raw, modulo 8
}

// decompress brings a page's bytes into p.raw, placed so that its values will
// probably be aligned, and returns levels and values.
func (c *chunk) decompress(h *pageHeader, body int64) (reps, defs, values []byte, err error) {
	src, err := c.pages.bytes(body, h.compressed)
	if err != nil {
		return nil, nil, nil, err
	}
	p := &c.page
	pad := (8 - p.shift&7) & 7
	if h.v2 {
		pad = (8 - (h.repBytes+h.defBytes)&7) & 7
	}
	if p.raw, err = grow(c.budget, p.raw, h.uncompressed+pad+8); err != nil {
		return nil, nil, nil, err
	}
	raw := p.raw[pad : pad+h.uncompressed]
	if h.v2 {
		levels := h.repBytes + h.defBytes
		if levels > len(src) || levels > len(raw) {
			return nil, nil, nil, corrupt("levels end behind their page")
		}
		copy(raw, src[:levels])
		codec := c.meta.codec
		if h.plainPage {
			codec = format.Uncompressed
		}
		if err := c.codecs.decompress(raw[levels:], src[levels:], codec); err != nil {
			return nil, nil, nil, err
		}
		return raw[:h.repBytes], raw[h.repBytes:levels], raw[levels:], nil
	}
	if err := c.codecs.decompress(raw, src, c.meta.codec); err != nil {
		return nil, nil, nil, err
	}
	values = raw
	if c.maxRep > 0 {
		if reps, values, err = cutLevels(values, h.repEncoding, h.values, c.maxRep); err != nil {
			return nil, nil, nil, err
		}
	}
	if c.maxDef > 0 {
		if defs, values, err = cutLevels(values, h.defEncoding, h.values, c.maxDef); err != nil {
			return nil, nil, nil, err
		}
	}
	if p.shift = len(raw) - len(values); len(values) > 0 && (pad+p.shift)&7 != 0 {
		// The guess was wrong: move the values up to where they are aligned.
		at := (pad + p.shift + 7) &^ 7
		values = p.raw[at : at+copy(p.raw[at:], values)]
	}
	return reps, defs, values, nil
}

// load gets a page ready: from the cache, or decoded in memory of its own that
// the cache then keeps, or decoded in the chunk's buffers.
func (c *chunk) load(h *pageHeader, body int64) error {
	if e := c.hit; e != nil {
		return c.loadHit(e)
	}
	if isCodes(h.encoding) {
		if err := c.loadDictionary(); err != nil {
			return err
		}
	}
	if c.pages.cache != nil {
		if size := c.settledBytes(h); c.pages.cache.reserve(c.pages.key(c.head), size) {
			return c.loadCached(h, body, size)
		}
	}
	c.page = c.own
	err := c.decode(h, body)
	c.own = c.page
	return err
}

// loadHit takes a page from the cache, and leaves it there in less memory where that has become scarce.
func (c *chunk) loadHit(e *cachedPage) error {
	if e.dict != nil {
		c.dict = e.dict
		held := c.dictBytes
		c.dictBytes = 0
		if err := c.budget.reserve(-held); err != nil {
			return err
		}
	}
	c.page = e.page
	cache, n := c.pages.cache, e.page.narrowBytes(c.leaf)
	if n == 0 || !cache.scarce.Load() || e.tried.Swap(true) {
		return nil
	}
	if c.budget.reserve(n) != nil {
		e.tried.Store(false)
		return nil
	}
	if q, ok := e.page.narrowed(c.leaf); ok {
		c.page = q
		cache.replace(e, &cachedPage{key: e.key, header: e.header, body: e.body, next: e.next, page: q, dict: e.dict, size: q.settled(e.dict)})
	}
	return c.budget.reserve(-n)
}

// loadCached decodes a page for the cache, where size bytes are reserved.
func (c *chunk) loadCached(h *pageHeader, body, size int64) error {
	cache := c.pages.cache
	c.page = page{shift: c.own.shift}
	before := c.budget.held
	err := c.decode(h, body)
	if e := c.budget.reserve(before - c.budget.held); err == nil { // from now on it is the cache's
		err = e
	}
	var kept int64
	if err == nil {
		kept, err = c.settle()
	}
	if err != nil || kept > size {
		cache.release(size)
		return err
	}
	c.own.shift = c.page.shift
	e := &cachedPage{key: c.pages.key(c.head), header: *h, body: body, next: body + int64(h.compressed), page: c.page, size: kept}
	if c.page.layout == layoutWords || c.page.layout == layoutNarrowWords {
		e.dict = c.dict
	}
	e.tried.Store(cache.scarce.Load())
	cache.release(size - kept)
	cache.put(e)
	return nil
}

func isCodes(e format.Encoding) bool {
	return e == format.RLEDictionary || e == plainDictionary
}

// decode decodes a page's levels and gets its values ready.
func (c *chunk) decode(h *pageHeader, body int64) error {
	p := &c.page
	reps, defs, values, err := c.decompress(h, body)
	if err != nil {
		return err
	}
	p.levels, p.count, p.valid = h.values, h.values, nil
	if c.nested {
		err = c.nestedLevels(h, reps, defs)
	} else if c.maxDef > 0 {
		err = c.flatLevels(h, defs)
	}
	if err != nil {
		return err
	}
	switch h.encoding {
	case format.Plain:
		return c.loadPlain(values)
	case format.RLEDictionary, plainDictionary:
		return c.loadCodes(values)
	}
	return c.loadEncoded(h.encoding, values)
}

// flatLevels finds out which rows of a column without nesting are NULL.
func (c *chunk) flatLevels(h *pageHeader, defs []byte) (err error) {
	p := &c.page
	if !h.v2 && h.defEncoding == format.BitPacked {
		return corrupt("bit-packed levels are not supported")
	}
	var nulls int
	if cap(p.bitmap)*8 < p.levels+8 {
		if p.bitmap, err = grow(c.budget, p.bitmap, p.levels/8+1); err != nil {
			return err
		}
	}
	p.valid, nulls, err = validity(&p.bitmap, defs, p.levels)
	p.count = p.levels - nulls
	return err
}

// loadPlain prepares PLAIN values.
func (c *chunk) loadPlain(values []byte) (err error) {
	p, l := &c.page, c.leaf
	if l.physical == format.ByteArray && l.convert == asIs {
		p.layout, p.plain = layoutPlain, values
		return nil
	}
	if l.physical == format.ByteArray {
		return c.loadVariable(values)
	}
	size := p.count * l.width
	if l.convert == bitsToBool {
		size = (p.count + 7) / 8
	}
	if size > len(values) {
		return corrupt("a page has %d bytes for %d values", len(values), p.count)
	}
	p.layout = layoutFixed
	switch l.convert {
	case asIs:
		p.fixed = values[:size]
		return nil
	case fixedToBytes:
		return c.loadFixedBytes(values[:size])
	}
	if p.conv, err = grow(c.budget, p.conv, p.count*l.outWidth()); err != nil {
		return err
	}
	p.fixed = p.conv
	l.toVector(p.conv, values, p.count)
	return nil
}

// loadFixedBytes gives fixed-length bytes their offsets.
func (c *chunk) loadFixedBytes(values []byte) (err error) {
	p := &c.page
	off := p.vec.Offsets
	if off, err = grow(c.budget, off, p.count+1); err != nil {
		return err
	}
	for i := range off {
		off[i] = int32(i * c.leaf.width)
	}
	p.layout = layoutVector
	p.vec = vector.Vector{Type: c.leaf.typ, Len: p.count, Data: values, Offsets: off}
	return nil
}

// loadVariable converts decimals of variable length.
func (c *chunk) loadVariable(values []byte) (err error) {
	p, l := &c.page, c.leaf
	if p.conv, err = grow(c.budget, p.conv, p.count*l.outWidth()); err != nil {
		return err
	}
	out := &vector.Vector{Data: p.conv}
	for i := range p.count {
		b, rest, ok := cutPlain(values)
		if !ok {
			return corrupt("a value ends behind its page")
		}
		l.one(out, i, b)
		values = rest
	}
	p.layout, p.fixed = layoutFixed, p.conv
	return nil
}

// cutPlain takes a length-prefixed value from the front of b.
func cutPlain(b []byte) (v, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := int(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24)
	if n > len(b)-4 {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}

// loadCodes prepares dictionary codes, which are decoded as they are needed.
func (c *chunk) loadCodes(values []byte) error {
	p := &c.page
	if err := c.loadDictionary(); err != nil {
		return err
	}
	p.layout = layoutCodes
	if p.count == 0 {
		return nil
	}
	if len(values) == 0 || c.dict.Len == 0 {
		return corrupt("a page has no dictionary codes for its %d values", p.count)
	}
	return p.codes.reset(values[1:], uint(values[0]), int32(c.dict.Len-1))
}
