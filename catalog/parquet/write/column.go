package write

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/flintsql/flint/exec/vector"
	"github.com/klauspost/compress/snappy"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// boundLength is how much of a text goes into minima and maxima.
const boundLength = 32

// chunk is an encoded column chunk: its bytes, and its metadata with offsets
// that count from the start of the bytes.
type chunk struct {
	data   []byte
	meta   format.ColumnMetaData
	column format.ColumnIndex
	offset format.OffsetIndex
}

// source is the values of one column of one row group. Exactly one of the
// forms is set: fixed-width integers, texts, or codes of a dictionary.
type source struct {
	ints    []int64 // written with the column's physical width
	offsets []int32
	text    []byte
	codes   []int32
	dict    []string // texts in code order
}

func (s *source) rows() int {
	switch {
	case s.codes != nil:
		return len(s.codes)
	case s.offsets != nil:
		return len(s.offsets) - 1
	}
	return len(s.ints)
}

// encoder encodes column chunks one after the other, reusing its scratch. It
// is used by one goroutine.
type encoder struct {
	plain    []byte
	packed   []byte
	codes    []int32
	table    []int32
	protocol thrift.CompactProtocol
}

// encode writes the chunk of a column, choosing a dictionary where it makes
// the chunk smaller.
func (e *encoder) encode(c *column, s *source) (*chunk, error) {
	out := &chunk{}
	out.meta = format.ColumnMetaData{
		Type: c.physical, PathInSchema: thrift.Slice[string]{c.name}, Codec: format.Snappy, NumValues: int64(s.rows()),
		Encoding: thrift.Slice[format.Encoding]{format.Plain},
	}
	dict, codes := e.dictionary(c, s)
	if dict != nil {
		out.meta.Encoding = append(out.meta.Encoding, format.RLEDictionary)
		out.meta.Statistics.DistinctCount = int64(dict.rows())
		if err := e.dictionaryPage(out, c, dict); err != nil {
			return nil, err
		}
	}
	out.meta.DataPageOffset = int64(len(out.data))
	for from := 0; from < s.rows(); from += pageRows {
		to := min(from+pageRows, s.rows())
		if err := e.dataPage(out, c, s, dict, codes, from, to); err != nil {
			return nil, err
		}
	}
	out.finish(c)
	return out, nil
}

// dictionaryPage writes the dictionary, whose offset within the chunk is 0.
// The file's start is never 0, so the offset becomes set when it is moved.
func (e *encoder) dictionaryPage(out *chunk, c *column, dict *source) error {
	e.plain = appendPlain(e.plain[:0], c, dict, 0, dict.rows())
	header := format.PageHeader{Type: format.DictionaryPage}
	header.DictionaryPageHeader.Set(format.DictionaryPageHeader{NumValues: int32(dict.rows()), Encoding: format.Plain})
	out.meta.DictionaryPageOffset = dictionaryFirst
	return e.page(out, &header, e.plain)
}

// dataPage writes the rows [from, to) as one page, with its index entries.
func (e *encoder) dataPage(out *chunk, c *column, s, dict *source, codes []int32, from, to int) error {
	body := e.plain[:0]
	encoding := format.Plain
	if dict != nil {
		width := uint(bits.Len(uint(dict.rows() - 1)))
		body = appendHybrid(append(body, byte(width)), codes[from:to], width)
		encoding = format.RLEDictionary
	} else {
		body = appendPlain(body, c, s, from, to)
	}
	e.plain = body
	header := format.PageHeader{Type: format.DataPage}
	header.DataPageHeader.Set(format.DataPageHeader{
		NumValues: int32(to - from), Encoding: encoding, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE,
	})
	at := len(out.data)
	if err := e.page(out, &header, body); err != nil {
		return err
	}
	out.offset.PageLocations = append(out.offset.PageLocations, format.PageLocation{
		Offset: int64(at), CompressedPageSize: int32(len(out.data) - at), FirstRowIndex: int64(from),
	})
	least, most := c.bounds(s, from, to)
	out.column.NullPages = append(out.column.NullPages, false)
	out.column.NullCounts = append(out.column.NullCounts, 0)
	out.column.MinValues = append(out.column.MinValues, least)
	out.column.MaxValues = append(out.column.MaxValues, most)
	return nil
}

// page appends a compressed page with its header.
func (e *encoder) page(out *chunk, header *format.PageHeader, body []byte) error {
	if need := snappy.MaxEncodedLen(len(body)); cap(e.packed) < need {
		e.packed = make([]byte, need)
	}
	packed := snappy.Encode(e.packed[:cap(e.packed)], body)
	header.UncompressedPageSize, header.CompressedPageSize = int32(len(body)), int32(len(packed))
	h, err := thrift.Marshal(&e.protocol, header)
	if err != nil {
		return err
	}
	out.data = append(append(out.data, h...), packed...)
	out.meta.TotalUncompressedSize += int64(len(h) + len(body))
	out.meta.TotalCompressedSize = int64(len(out.data))
	return nil
}

// finish derives the chunk's statistics and the order of its pages.
func (out *chunk) finish(c *column) {
	lows, highs := out.column.MinValues, out.column.MaxValues
	least, most := lows[0], highs[0]
	up, down := true, true
	for i := 1; i < len(lows); i++ {
		if c.compare(lows[i], least) < 0 {
			least = lows[i]
		}
		if c.compare(highs[i], most) > 0 {
			most = highs[i]
		}
		a, b := c.compare(lows[i-1], lows[i]), c.compare(highs[i-1], highs[i])
		up, down = up && a <= 0 && b <= 0, down && a >= 0 && b >= 0
	}
	out.meta.Statistics.MinValue, out.meta.Statistics.MaxValue = least, most
	switch {
	case up:
		out.column.BoundaryOrder = format.Ascending
	case down:
		out.column.BoundaryOrder = format.Descending
	}
}

// appendPlain appends the values of rows [from, to) in PLAIN encoding.
func appendPlain(dst []byte, c *column, s *source, from, to int) []byte {
	switch c.physical {
	case format.Int64:
		return append(dst, vector.BytesOf(s.ints[from:to])...)
	case format.Int32:
		for _, v := range s.ints[from:to] {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(v))
		}
		return dst
	}
	for i := from; i < to; i++ {
		t := s.value(i)
		dst = append(binary.LittleEndian.AppendUint32(dst, uint32(len(t))), t...)
	}
	return dst
}

// value returns a text, whichever form the source has.
func (s *source) value(i int) []byte {
	if s.codes != nil {
		return []byte(s.dict[s.codes[i]])
	}
	return s.text[s.offsets[i]:s.offsets[i+1]]
}

// bounds returns the encoded least and greatest value of rows [from, to). Long
// texts are cut: the bounds still hold.
func (c *column) bounds(s *source, from, to int) (least, most []byte) {
	if c.physical == format.ByteArray {
		least, most = s.value(from), s.value(from)
		for i := from + 1; i < to; i++ {
			if s.codes != nil && s.codes[i] == s.codes[i-1] {
				continue
			}
			t := s.value(i)
			if bytes.Compare(t, least) < 0 {
				least = t
			}
			if bytes.Compare(t, most) > 0 {
				most = t
			}
		}
		return bytes.Clone(least[:min(len(least), boundLength)]), upperBound(most)
	}
	low, high := s.ints[from], s.ints[from]
	for _, v := range s.ints[from:to] {
		low, high = min(low, v), max(high, v)
	}
	return c.appendInt(nil, low), c.appendInt(nil, high)
}

// upperBound returns a short text that is at least t: TPC-H's texts are ASCII,
// so the last byte kept can always be raised.
func upperBound(t []byte) []byte {
	if len(t) <= boundLength {
		return bytes.Clone(t)
	}
	b := bytes.Clone(t[:boundLength])
	b[boundLength-1]++
	return b
}
