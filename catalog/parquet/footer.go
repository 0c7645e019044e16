package parquet

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"os"
	"sync"
	"unsafe"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// identity names one version of a file.
type identity struct {
	Path  string `json:"p"`
	Size  int64  `json:"s"`
	MTime int64  `json:"t"` // nanoseconds since 1970
}

// file is what is known of one version of a file. It is immutable, except for
// what is learnt about its columns on demand.
type file struct {
	identity
	meta    *fileMeta
	columns []fileColumn
	bytes   int64 // memory, about

	mu      sync.Mutex
	sampled map[int]sample     // by top-level column
	proven  map[int]bool       // columns that ascend strictly, or not
	ranges  map[int][]interval // bounds of top-level columns' row groups
}

// fileColumn is a top-level field of a file's schema.
type fileColumn struct {
	name     string
	node     *node
	typ      types.Type
	leaf     *leafType // of a column without nesting
	nullable bool
}

const (
	magic       = "PAR1"
	tailBytes   = 64 << 10
	footerLimit = 1 << 30
)

// footers caches what was read of files, by version. Concurrent readers of one
// version wait for a single read.
type footers struct {
	account *memory.Account
	limit   int64

	mu    sync.Mutex
	known map[identity]*footerEntry
	clock int64
	held  int64
}

type footerEntry struct {
	done chan struct{}
	file *file
	err  error
	used int64
}

// footerCacheBytes is how much memory footers may take before old ones go.
const footerCacheBytes = 256 << 20

func newFooters(account *memory.Account) *footers {
	f := &footers{known: map[identity]*footerEntry{}, limit: footerCacheBytes}
	if account != nil {
		f.account = account.Child("parquet footers", 0)
	}
	return f
}

// get returns the file's footer, read by open when it is not known.
func (f *footers) get(ctx context.Context, id identity, open func() (*os.File, error)) (*file, error) {
	f.mu.Lock()
	f.clock++
	e := f.known[id]
	if e != nil {
		e.used = f.clock
		f.mu.Unlock()
		select {
		case <-e.done:
			return e.file, e.err
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	e = &footerEntry{done: make(chan struct{}), used: f.clock}
	f.known[id] = e
	f.mu.Unlock()
	e.file, e.err = readFile(id, open)
	f.mu.Lock()
	if e.err == nil {
		e.err = f.charge(e.file.bytes)
	}
	if e.err != nil {
		e.file = nil
		delete(f.known, id)
	}
	f.mu.Unlock()
	close(e.done)
	return e.file, e.err
}

// peek returns the file's footer if it is there, nil otherwise.
func (f *footers) peek(id identity) *file {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.known[id]
	if e == nil {
		return nil
	}
	select {
	case <-e.done:
		return e.file
	default:
		return nil
	}
}

// charge makes room for n more bytes, dropping the footers that were used
// least recently. f.mu is held.
func (f *footers) charge(n int64) error {
	for f.held+n > f.limit {
		var oldest identity
		var victim *footerEntry
		for id, e := range f.known {
			if e.file != nil && (victim == nil || e.used < victim.used) {
				oldest, victim = id, e
			}
		}
		if victim == nil {
			break
		}
		delete(f.known, oldest)
		f.held -= victim.file.bytes
		if f.account != nil {
			f.account.Release(victim.file.bytes)
		}
	}
	if f.account != nil {
		if err := f.account.Reserve(n); err != nil {
			return err
		}
	}
	f.held += n
	return nil
}

// readFile reads and checks a footer.
func readFile(id identity, open func() (*os.File, error)) (out *file, err error) {
	defer func() {
		if err != nil {
			err = inFile(id.Path, err)
		}
	}()
	h, err := open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = h.Close() }()
	if err := id.verify(h); err != nil {
		return nil, err
	}
	b, err := readFooter(h, id.Size)
	if err != nil {
		return nil, err
	}
	return newFile(id, b)
}

// verify fails with 58030 unless the open file is still this version.
func (id identity) verify(h *os.File) error {
	info, err := h.Stat()
	if err != nil {
		return err
	}
	if info.Size() != id.Size || info.ModTime().UnixNano() != id.MTime {
		return changed(id.Path)
	}
	return nil
}

// readFooter returns the footer's bytes, with one read for most files.
func readFooter(r io.ReaderAt, size int64) ([]byte, error) {
	if size < int64(len(magic)+8) {
		return nil, corrupt("it is not a Parquet file: it has %d bytes", size)
	}
	tail := make([]byte, min(size, tailBytes))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return nil, err
	}
	end := tail[len(tail)-8:]
	if string(end[4:]) == "PARE" {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "encrypted Parquet files are not supported")
	}
	n := int64(binary.LittleEndian.Uint32(end))
	if string(end[4:]) != magic {
		return nil, corrupt("it is not a Parquet file: it does not end in %q", magic)
	}
	if n > size-int64(len(magic)+8) || n > footerLimit {
		return nil, corrupt("its footer of %d bytes does not fit the file", n)
	}
	if n+8 <= int64(len(tail)) {
		return bytes.Clone(tail[int64(len(tail))-8-n : len(tail)-8]), nil
	}
	b := make([]byte, n)
	_, err := r.ReadAt(b, size-8-n)
	return b, err
}

// newFile parses a footer and maps the schema to SQL.
func newFile(id identity, footer []byte) (*file, error) {
	meta, err := parseFooter(footer)
	if err != nil {
		return nil, corrupt("its footer is malformed: %v", err)
	}
	nodes, leaves, err := schemaTree(meta.schema)
	if err != nil {
		return nil, corrupt("%v", err)
	}
	if err := meta.check(id.Size, leaves); err != nil {
		return nil, err
	}
	f := &file{identity: id, meta: meta, sampled: map[int]sample{}, proven: map[int]bool{}, ranges: map[int][]interval{}}
	names := columnNames(nodes)
	for i, n := range nodes {
		if n.leafFrom == n.leafEnd {
			continue // a group without columns holds nothing
		}
		c := fileColumn{name: names[i], node: n}
		if err := c.resolve(); err != nil {
			return nil, err
		}
		c.nullable = meta.nullable(&c)
		f.columns = append(f.columns, c)
	}
	f.bytes = int64(len(footer)) + int64(len(meta.schema))*400
	chunk := int64(320)
	if len(meta.groups) <= keptIntervals {
		chunk += 2 * int64(unsafe.Sizeof(value.Value{})) // f.ranges
	}
	for _, g := range meta.groups {
		f.bytes += 64 + int64(len(g.chunks))*chunk
	}
	return f, nil
}

// check refuses metadata that cannot be true of a file of this size.
func (m *fileMeta) check(size int64, leaves int) error {
	total := int64(0)
	for i := range m.groups {
		g := &m.groups[i]
		if len(g.chunks) != leaves || g.rows < 0 || g.rows > 1<<40 {
			return corrupt("row group %d has %d columns of %d", i, len(g.chunks), leaves)
		}
		total += g.rows
		for j := range g.chunks {
			c := &g.chunks[j]
			if c.foreign {
				return sqlerr.New(sqlerr.FeatureNotSupported, "column chunks that are encrypted or in other files are not supported")
			}
			if !c.hasMeta || c.compressed < 0 || c.start() < 0 || c.start() > size || c.compressed > size-c.start() || c.values < 0 {
				return corrupt("column %d of row group %d lies outside of the file", j, i)
			}
		}
	}
	if total != m.rows {
		return corrupt("its row groups have %d rows, its footer says %d", total, m.rows)
	}
	return nil
}

// nullable reports whether a column may hold NULLs, as far as the footer says.
func (m *fileMeta) nullable(c *fileColumn) bool {
	if c.node.def == 0 {
		return false
	}
	if c.leaf == nil {
		return c.node.optional()
	}
	for i := range m.groups {
		if m.groups[i].rows > 0 && m.groups[i].chunks[c.node.leafFrom].stats.nulls != 0 {
			return true
		}
	}
	return false
}

// resolve finds the column's SQL type: of a leaf its own, an array for a list
// of leaves, and JSON for everything deeper.
func (c *fileColumn) resolve() error {
	n := c.node
	if n.leaf && !n.repeated() {
		leaf, err := typeOfLeaf(n.schemaElement)
		if err != nil {
			return err
		}
		c.leaf, c.typ = leaf, leaf.typ
		return nil
	}
	if e := arrayElement(n); e != nil {
		leaf, err := typeOfLeaf(e.schemaElement)
		if err != nil {
			return err
		}
		c.typ = types.ArrayOf(leaf.typ)
		return nil
	}
	c.typ = types.Of(types.JSON)
	return checkLeaves(n)
}

// arrayElement returns the leaf of a list of leaves, or nil.
func arrayElement(n *node) *node {
	if n.leaf && n.repeated() {
		return n
	}
	if e, ok := n.listElement(); ok && e.leaf && (!e.repeated() || e == n.children[0]) {
		return e
	}
	return nil
}

// checkLeaves checks that every leaf below has a type.
func checkLeaves(n *node) error {
	if n.leaf {
		_, err := typeOfLeaf(n.schemaElement)
		return err
	}
	for _, child := range n.children {
		if err := checkLeaves(child); err != nil {
			return err
		}
	}
	return nil
}
