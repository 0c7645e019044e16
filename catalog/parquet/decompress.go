package parquet

import (
	"bytes"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// codecs keeps decompressors for reuse. No output grows past what a page's
// header promises, whatever the input says. It is safe for concurrent use.
type codecs struct {
	zstd   func() (*zstd.Decoder, error)
	gzip   sync.Pool
	brotli sync.Pool
}

func newCodecs() *codecs {
	return &codecs{zstd: sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true))
	})}
}

// decompress fills dst, which has exactly the length that the page's header
// promises, from src. What decompresses to another length is corrupt.
func (c *codecs) decompress(dst, src []byte, codec format.CompressionCodec) error {
	if len(dst) == 0 && len(src) == 0 {
		return nil
	}
	switch codec {
	case format.Uncompressed:
		if len(src) != len(dst) {
			return corrupt("a page of %d bytes should have %d", len(src), len(dst))
		}
		copy(dst, src)
		return nil
	case format.Snappy:
		return unsnappy(dst, src)
	case format.Zstd:
		return c.unzstd(dst, src)
	case format.Gzip:
		r, _ := c.gzip.Get().(*gzip.Reader)
		if r == nil {
			r = new(gzip.Reader)
		}
		defer c.gzip.Put(r)
		if err := r.Reset(bytes.NewReader(src)); err != nil {
			return corrupt("a page does not decompress: %v", err)
		}
		return readExactly(r, dst)
	case format.Brotli:
		r, _ := c.brotli.Get().(*brotli.Reader)
		if r == nil {
			r = new(brotli.Reader)
		}
		defer c.brotli.Put(r)
		if err := r.Reset(bytes.NewReader(src)); err != nil {
			return corrupt("a page does not decompress: %v", err)
		}
		return readExactly(r, dst)
	case format.Lz4Raw:
		return unlz4(dst, src)
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "compression %v is not supported", codec)
}

func (c *codecs) unzstd(dst, src []byte) error {
	d, err := c.zstd()
	if err != nil {
		return err
	}
	out, err := d.DecodeAll(src, dst[:0:len(dst)])
	if err != nil {
		return corrupt("a page does not decompress: %v", err)
	}
	if len(out) != len(dst) {
		return corrupt("a page decompresses to %d bytes, its header says %d", len(out), len(dst))
	}
	return nil
}

// readExactly fills dst and expects the end after it.
func readExactly(r io.Reader, dst []byte) error {
	if _, err := io.ReadFull(r, dst); err != nil {
		return corrupt("a page does not decompress: %v", err)
	}
	var more [1]byte
	if n, _ := io.ReadFull(r, more[:]); n != 0 {
		return corrupt("a page decompresses to more than the %d bytes that its header says", len(dst))
	}
	return nil
}

// unlz4 decodes an LZ4 block (lz4_Block_format.md) into all of dst.
func unlz4(dst, src []byte) error {
	out, at := 0, 0
	bad := corrupt("a page does not decompress: bad LZ4 block")
	for at < len(src) {
		token := src[at]
		at++
		literals, ok := lz4Length(src, &at, int(token>>4))
		if !ok || literals > len(src)-at || literals > len(dst)-out {
			return bad
		}
		out += copy(dst[out:], src[at:at+literals])
		if at += literals; at == len(src) {
			break
		}
		if at+2 > len(src) {
			return bad
		}
		distance := int(src[at]) | int(src[at+1])<<8
		at += 2
		match, ok := lz4Length(src, &at, int(token&15))
		match += 4
		if !ok || distance == 0 || distance > out || match > len(dst)-out {
			return bad
		}
		for match > 0 { // a match may overlap its own output
			n := copy(dst[out:out+min(match, distance)], dst[out-distance:out])
			out, match = out+n, match-n
		}
	}
	if out != len(dst) {
		return bad
	}
	return nil
}

// lz4Length extends a length of 15 by the bytes that follow.
func lz4Length(src []byte, at *int, n int) (int, bool) {
	if n != 15 {
		return n, true
	}
	for *at < len(src) {
		b := src[*at]
		*at++
		n += int(b)
		if b != 255 {
			return n, true
		}
	}
	return 0, false
}
