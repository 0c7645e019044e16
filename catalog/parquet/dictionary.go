package parquet

import (
	"bytes"
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/parquet-go/parquet-go/format"
)

// loadDictionary decodes the chunk's dictionary page unless that is done.
// Equal dictionaries are one vector, across row groups and readers, so that
// operators that recognize dictionaries by address need not start anew.
func (c *chunk) loadDictionary() error {
	if c.dictLoaded {
		return nil
	}
	if c.dictBody == 0 {
		if err := c.findDictionary(); err != nil {
			return err
		}
	}
	h := &c.dictHeader
	if h.encoding != format.Plain && h.encoding != plainDictionary {
		return corrupt("a dictionary has encoding %v", h.encoding)
	}
	src, err := c.pages.bytes(c.dictBody, h.compressed)
	if err != nil {
		return err
	}
	if c.raw, err = grow(c.budget, c.raw, h.uncompressed); err != nil {
		return err
	}
	if err := c.codecs.decompress(c.raw, src, c.meta.codec); err != nil {
		return err
	}
	d, err := c.decodeDictionary(c.raw, h.values)
	if err != nil {
		return err
	}
	c.dictLoaded = true
	if c.dict != nil && sameVector(c.dict, d) {
		return nil
	}
	if err := c.budget.reserve(d.Size() - c.dictBytes); err != nil {
		return err
	}
	c.dict, c.dictBytes = c.dicts.intern(d), d.Size()
	return nil
}

// findDictionary looks for the dictionary page at the chunk's start: pages
// that were jumped to come without it.
func (c *chunk) findDictionary() error {
	at, stop := c.pages.at, c.pages.stop
	defer func() { c.pages.at, c.pages.stop = at, stop }()
	c.pages.at, c.pages.stop = c.meta.start(), c.meta.dataOffset
	body, err := c.pages.next(&c.dictHeader)
	if err != nil || c.dictHeader.kind != format.DictionaryPage {
		return corrupt("a dictionary is missing")
	}
	c.dictBody = body
	return nil
}

// decodeDictionary makes a vector of a dictionary page's values. It is fresh
// memory: batches may refer to it for as long as they like.
func (c *chunk) decodeDictionary(raw []byte, n int) (*vector.Vector, error) {
	l := c.leaf
	if l.physical == format.ByteArray && uint64(n)*4 > uint64(len(raw)) || l.convert != bitsToBool && uint64(n)*uint64(l.width) > uint64(len(raw)) ||
		l.convert == bitsToBool && (n+7)/8 > len(raw) {
		return nil, corrupt("a dictionary of %d values has %d bytes", n, len(raw))
	}
	if l.isBytes() {
		return l.bytesDictionary(raw, n)
	}
	d := vector.New(l.typ, n)
	if l.width > 0 {
		l.toVector(d.Data, raw, n)
		return d, nil
	}
	for i := range n {
		v, rest, ok := cutPlain(raw)
		if !ok {
			return nil, corrupt("a dictionary ends too early")
		}
		l.one(d, i, v)
		raw = rest
	}
	return d, nil
}

func (l *leafType) bytesDictionary(raw []byte, n int) (*vector.Vector, error) {
	d := &vector.Vector{Type: l.typ, Len: n, Offsets: make([]int32, n+1)}
	if len(raw) > math.MaxInt32 {
		return nil, corrupt("a dictionary of %d bytes", len(raw))
	}
	if l.convert == fixedToBytes {
		d.Data = bytes.Clone(raw[:n*l.width])
		for i := range d.Offsets {
			d.Offsets[i] = int32(i * l.width)
		}
		return d, nil
	}
	d.Data = make([]byte, 0, len(raw)-4*n)
	for i := range n {
		v, rest, ok := cutPlain(raw)
		if !ok {
			return nil, corrupt("a dictionary ends too early")
		}
		d.Data = append(d.Data, v...)
		d.Offsets[i+1] = int32(len(d.Data))
		raw = rest
	}
	return d, nil
}

// sameVector reports equal contents of two flat vectors of one type.
func sameVector(a, b *vector.Vector) bool {
	return a.Type == b.Type && a.Len == b.Len && bytes.Equal(a.Data, b.Data) &&
		bytes.Equal(vector.BytesOf(a.Offsets), vector.BytesOf(b.Offsets))
}

// plainDictionary is what old writers call the encoding of dictionary pages, and
// of pages of codes.
const plainDictionary = format.Encoding(2)
