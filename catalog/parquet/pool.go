package parquet

import (
	"sync"
	"unsafe"
)

// chunkPool keeps the buffers of closed readers for the next ones: fresh
// megabytes for every column of every split would cost a scan a quarter of its
// time in clearing and collecting them. What lies in the pool is charged to nobody, and
// the garbage collector may take it at any time.
type chunkPool struct{ pool sync.Pool }

// get returns a chunk reader whose buffers are charged to b.
func (p *chunkPool) get(b *budget, conn *Connector) *chunk {
	c, _ := p.pool.Get().(*chunk)
	if c == nil || b.reserve(c.capacity()) != nil {
		c = &chunk{}
	}
	c.budget, c.codecs, c.dicts = b, conn.codecs, conn.dicts
	return c
}

// put takes a reader's buffers back, after its last batch was used.
func (p *chunkPool) put(c *chunk) {
	kept := &chunk{raw: c.raw}
	kept.pages.window = c.pages.window
	kept.own = page{raw: c.own.raw, bitmap: c.own.bitmap, conv: c.own.conv, shift: c.own.shift}
	kept.out = column{fixed: c.out.fixed, bytes: c.out.bytes, offsets: c.out.offsets, codes: c.out.codes, valid: c.out.valid}
	if kept.capacity() <= mostPooled {
		p.pool.Put(kept)
	}
}

// mostPooled is the most bytes of buffers that one column keeps.
const mostPooled = 16 << 20

// capacity returns the bytes of the buffers that put keeps.
func (c *chunk) capacity() int64 {
	o, g := &c.out, &c.own
	return size(c.raw) + size(c.pages.window) + size(g.raw) + size(g.bitmap) + size(g.conv) +
		size(o.fixed) + size(o.bytes) + size(o.offsets) + size(o.codes) + size(o.valid)
}

func size[T any](s []T) int64 {
	var z T
	return int64(cap(s)) * int64(unsafe.Sizeof(z))
}
