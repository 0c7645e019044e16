package parquet

import (
	"cmp"
	"io"
	"time"

	"github.com/parquet-go/parquet-go/format"
)

const (
	// windowBytes is how much of a chunk is read at once, where there is enough memory.
	windowBytes = 4 << 20
	windowLeast = 128 << 10
	// headerBytes is how much of a header is looked at; headers with long
	// statistics are read again with more.
	headerBytes    = 1 << 10
	maxHeaderBytes = 1 << 20
	// maxPageBytes is the largest page that is accepted.
	maxPageBytes = 1 << 30
)

// pages walks over the pages of a column chunk. It reads the file in windows,
// and skips what nobody asks for.
type pages struct {
	file   io.ReaderAt
	budget *budget
	at     int64 // the next page's header
	end    int64 // the chunk's end

	window   []byte
	windowAt int64
	stop     int64 // nothing beyond is wanted soon: windows end here
	most     int64 // bytes of a window, 0 = windowBytes

	cold  *coldness // hears how fast reading is; nil = nobody does
	cache *Cache    // nil = none
	owner *file     // whose pages the cache knows
	hit   *cachedPage
}

// key is the cache's key of the page whose header lies at an offset.
func (p *pages) key(at int64) pageKey { return pageKey{p.owner, at} }

// reset starts a walk over [at, end).
func (p *pages) reset(file io.ReaderAt, at, end int64) {
	p.file, p.at, p.end, p.stop = file, at, end, end
	p.window, p.windowAt = p.window[:0], 0
}

// bytes returns n bytes of the file from at, valid until the next call.
func (p *pages) bytes(at int64, n int) ([]byte, error) {
	if at < 0 || n < 0 || at+int64(n) > p.end {
		return nil, corrupt("a page ends behind its column chunk")
	}
	if at >= p.windowAt && at+int64(n) <= p.windowAt+int64(len(p.window)) {
		from := int(at - p.windowAt)
		return p.window[from : from+n], nil
	}
	size := min(int(min(p.end-at, cmp.Or(p.most, windowBytes))), int(max(p.stop-at, int64(n))))
	size = max(size, n)
	var err error
	if p.window, err = grow(p.budget, p.window, size); err != nil {
		p.window = p.window[:0]
		return nil, err
	}
	start := time.Now()
	k, err := p.file.ReadAt(p.window, at)
	p.cold.note(k, time.Since(start))
	if k < size {
		p.window = p.window[:0]
		if err == io.EOF {
			return nil, corrupt("the file ends in a column chunk")
		}
		return nil, err
	}
	p.windowAt = at
	return p.window[:n], nil
}

// next reads the next page's header; the page's bytes lie at body. io.EOF
// tells that there is none.
func (p *pages) next(h *pageHeader) (body int64, err error) {
	if p.hit = p.cache.get(p.key(p.at)); p.hit != nil && p.at < p.end {
		*h, p.at = p.hit.header, p.hit.next
		return p.hit.body, nil
	}
	p.hit = nil
	for size := int64(headerBytes); ; size *= 16 {
		if p.at >= p.end {
			return 0, io.EOF
		}
		n := min(size, p.end-p.at)
		b, err := p.bytes(p.at, int(n))
		if err != nil {
			return 0, err
		}
		k, err := parsePageHeader(b, h)
		if err == errThriftShort && n == size && size < maxHeaderBytes {
			continue
		}
		if err != nil {
			return 0, corrupt("a page header is malformed: %v", err)
		}
		if h.uncompressed > maxPageBytes || int64(h.compressed) > p.end-p.at-int64(k) {
			return 0, corrupt("a page of %d bytes does not fit its column chunk", h.compressed)
		}
		body = p.at + int64(k)
		p.at = body + int64(h.compressed)
		return body, nil
	}
}

// isData reports a page with rows.
func (h *pageHeader) isData() bool {
	return h.kind == format.DataPage || h.kind == format.DataPageV2
}
