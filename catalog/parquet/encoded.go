package parquet

import (
	"encoding/binary"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// loadEncoded decodes a page of the rarer encodings as a whole, by parquet-go.
func (c *chunk) loadEncoded(e format.Encoding, values []byte) (err error) {
	defer guard(&err)
	p, l := &c.page, c.leaf
	if err := c.checkEncoded(e, values); err != nil {
		return err
	}
	dec := parquet.LookupEncoding(e)
	n := p.count
	var plain []byte
	switch l.physical {
	case format.Boolean:
		if e == format.RLE {
			return c.loadBooleans(values)
		}
		plain, err = dec.DecodeBoolean(nil, values)
	case format.Int32:
		var v []int32
		v, err = dec.DecodeInt32(make([]int32, 0, n), values)
		plain = vector.BytesOf(v)
	case format.Int64:
		var v []int64
		v, err = dec.DecodeInt64(make([]int64, 0, n), values)
		plain = vector.BytesOf(v)
	case format.Int96:
		var v []deprecated.Int96
		v, err = dec.DecodeInt96(make([]deprecated.Int96, 0, n), values)
		plain = vector.BytesOf(v)
	case format.Float:
		var v []float32
		v, err = dec.DecodeFloat(make([]float32, 0, n), values)
		plain = vector.BytesOf(v)
	case format.Double:
		var v []float64
		v, err = dec.DecodeDouble(make([]float64, 0, n), values)
		plain = vector.BytesOf(v)
	case format.FixedLenByteArray:
		plain, err = dec.DecodeFixedLenByteArray(make([]byte, 0, n*l.width), values, l.width)
	default:
		return c.loadEncodedBytes(e, values)
	}
	if err != nil {
		return corrupt("a page does not decode: %v", err)
	}
	return c.loadPlain(plain)
}

// checkEncoded refuses what the decoders cannot do or would allocate too much for.
func (c *chunk) checkEncoded(e format.Encoding, values []byte) error {
	switch e {
	case format.RLE, format.ByteStreamSplit:
	case format.DeltaByteArray, format.DeltaLengthByteArray, format.DeltaBinaryPacked:
		block, n := binary.Uvarint(values)
		_, k := binary.Uvarint(values[max(n, 0):])
		if n <= 0 || k <= 0 {
			return corrupt("a page of delta-encoded values is malformed")
		}
		total, m := binary.Uvarint(values[n+k:])
		if m <= 0 || block > 1<<20 || total > uint64(c.page.count) {
			return corrupt("a page holds %d delta-encoded values, its header says %d", total, c.page.count)
		}
	default:
		return sqlerr.New(sqlerr.FeatureNotSupported, "encoding %v is not supported", e)
	}
	// Decoders allocate for themselves: values, and prefixes or lengths.
	return c.transient(int64(c.page.count)*int64(max(c.leaf.width, 16)) + 4*int64(len(values)))
}

// transient charges for memory that lives as long as the page.
func (c *chunk) transient(n int64) error {
	if err := c.budget.reserve(n - c.temporary); err != nil {
		return err
	}
	c.temporary = n
	return nil
}

// loadBooleans decodes booleans in the hybrid encoding of version 2.
func (c *chunk) loadBooleans(values []byte) (err error) {
	p := &c.page
	if len(values) < 4 {
		return corrupt("a page of booleans is too short")
	}
	var h hybrid
	// Some writers give runs of true the value 255.
	if err := h.reset(values[4:], 1, 255); err != nil {
		return err
	}
	if p.conv, err = grow(c.budget, p.conv, p.count); err != nil {
		return err
	}
	var buf [512]int32
	for at := 0; at < p.count; at += len(buf) {
		k := min(len(buf), p.count-at)
		if err := h.next(buf[:k]); err != nil {
			return err
		}
		for i, v := range buf[:k] {
			p.conv[at+i] = byte(v&1 | v>>7)
		}
	}
	p.layout, p.fixed = layoutFixed, p.conv
	return nil
}

// loadEncodedBytes decodes byte arrays, of which decimals are converted.
func (c *chunk) loadEncodedBytes(e format.Encoding, values []byte) error {
	p, l := &c.page, c.leaf
	data, ends, err := parquet.LookupEncoding(e).DecodeByteArray(nil, values, make([]uint32, 0, p.count+1))
	if err != nil {
		return corrupt("a page does not decode: %v", err)
	}
	if len(ends) != p.count+1 && p.count > 0 || len(data) > maxPageBytes {
		return corrupt("a page has %d values, its header says %d", len(ends)-1, p.count)
	}
	if err := c.transient(int64(cap(data)) + 8*int64(p.count)); err != nil {
		return err
	}
	if l.convert != asIs {
		if p.conv, err = grow(c.budget, p.conv, p.count*l.outWidth()); err != nil {
			return err
		}
		out := &vector.Vector{Data: p.conv}
		for i := range p.count {
			l.one(out, i, data[ends[i]:ends[i+1]])
		}
		p.layout, p.fixed = layoutFixed, p.conv
		return nil
	}
	off := make([]int32, p.count+1)
	for i := range min(len(off), len(ends)) {
		if off[i] = int32(ends[i]); i > 0 && off[i] < off[i-1] || int(ends[i]) > len(data) {
			return corrupt("a page has bad offsets")
		}
	}
	p.layout = layoutVector
	p.vec = vector.Vector{Type: l.typ, Len: p.count, Data: data, Offsets: off}
	return nil
}
