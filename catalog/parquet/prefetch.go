package parquet

import (
	"os"
	"sync/atomic"
	"time"

	"github.com/flintsql/flint/catalog"
)

// Where reading waits for a disk, the kernel is asked to read what comes next
// while the present row group is decoded (readahead, POSIX posix_fadvise
// WILLNEED): no goroutine and no memory of ours. Files that lie in the page cache are
// told by the speed of reading, and not asked for.
const (
	// slowRead is how many nanoseconds a byte costs from where on a read was not from memory.
	slowRead = 1
	// quickRead is a time that says nothing about the disk.
	quickRead = 50 * time.Microsecond
	// coldGroups is for how many row groups a slow read counts.
	coldGroups = 256
	// groupsAhead is how many row groups of a piece are asked for ahead of reading.
	groupsAhead = 2
)

// coldness remembers whether files are read from a disk. It is safe for concurrent use.
type coldness struct{ left atomic.Int64 }

// note judges a read.
func (c *coldness) note(bytes int, took time.Duration) {
	if c != nil && took > quickRead && took.Nanoseconds() > slowRead*int64(bytes) {
		c.left.Store(coldGroups)
	}
}

// take reports whether a row group should be asked for.
func (c *coldness) take() bool { return c.left.Load() > 0 && c.left.Add(-1) >= 0 }

// prefetch asks for the columns' chunks of the first of groups [from, end).
func (r *reader) prefetch(f *file, h *os.File, from, end int) {
	for g := from; g < end; g++ {
		for i := range r.columns {
			c, ok := r.columns[i].reader.(*chunk)
			if !ok || c.column >= len(f.meta.groups[g].chunks) {
				continue
			}
			m := &f.meta.groups[g].chunks[c.column]
			if r.conn.cache.has(pageKey{f, m.start()}) {
				continue
			}
			willNeed(h, m.start(), m.compressed)
		}
	}
}

// Prefetch asks for the first row group of a split (catalog.Prefetcher).
func (c *Connector) Prefetch(split catalog.Split, req catalog.ReadRequest) {
	if !c.cold.take() {
		return
	}
	p, err := decodePayload(split.Payload)
	if err != nil || len(p.Pieces) == 0 {
		return
	}
	r := &reader{conn: c, req: req, fields: p.Fields, columns: make([]readColumn, len(req.Columns))}
	first := &p.Pieces[0]
	f := c.footers.peek(first.identity)
	if f == nil || first.First < 0 || first.First >= len(f.meta.groups) {
		return
	}
	h, err := c.root.Open(first.Path)
	if err != nil {
		return
	}
	defer h.Close()
	for i, column := range req.Columns {
		if column < 0 || column >= len(p.Fields) || p.Fields[column].Key {
			continue
		}
		for k := range f.columns {
			if fc := &f.columns[k]; fc.name == p.Fields[column].Name && fc.leaf != nil {
				r.columns[i].reader = &chunk{column: fc.node.leafFrom}
			}
		}
	}
	r.prefetch(f, h, first.First, first.First+1)
}
