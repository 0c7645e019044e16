package parquet

import (
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/parquet-go/parquet-go/format"
)

// chunk reads the column chunks of one leaf column, row group after row group,
// reusing its buffers. Rows are passed over without being decoded, and pages
// without being decompressed, unless they are read.
type chunk struct {
	budget *budget
	codecs *codecs
	dicts  *dictionaries
	leaf   *leafType
	column int // position among the leaf columns
	maxDef int
	maxRep int
	nested bool // levels are kept for the assembly of rows

	meta       *chunkMeta
	pages      pages
	dictHeader pageHeader
	dictBody   int64 // where the dictionary page's body lies, 0 = none
	dictLoaded bool
	dict       *vector.Vector
	dictBytes  int64
	raw        []byte // of the dictionary page
	temporary  int64

	header pageHeader
	body   int64
	loaded bool
	page   page
	own    page        // the buffers of pages that are not cached
	hit    *cachedPage // the page as the cache has it
	head   int64       // where the page's header lies
	row    int         // rows of the page that are passed
	dense  int         // values of the page that are passed, when loaded
	behind int         // rows that are to be passed before the next read

	jumps jumps
	out   column
}

// start begins with a row group's chunk.
func (c *chunk) start(file io.ReaderAt, g *groupMeta) error {
	c.meta = &g.chunks[c.column]
	m := c.meta
	if m.physical != c.leaf.physical {
		return corrupt("column chunk %d is of type %v, the schema says %v", c.column, m.physical, c.leaf.physical)
	}
	c.jumps = jumps{}
	c.pages.budget = c.budget
	c.pages.reset(file, m.start(), m.start()+m.compressed)
	c.dictBody, c.dictLoaded = 0, false
	c.header, c.loaded, c.row, c.dense, c.behind = pageHeader{}, false, 0, 0, 0
	return nil
}

// jumpTo announces that only some rows of the row group will be read. With an
// offset index the pages between them are not even read from the file.
func (c *chunk) jumpTo(ranges []rowRange) error {
	m := c.meta
	if m.offsetIndex.length <= 0 || m.offsetIndex.length > sectionLimit {
		return nil
	}
	b := make([]byte, m.offsetIndex.length)
	if _, err := c.pages.file.ReadAt(b, m.offsetIndex.offset); err != nil && err != io.EOF {
		return err
	}
	locs, err := parseOffsetIndex(b)
	if err != nil {
		return corrupt("an offset index is malformed: %v", err)
	}
	if len(locs) == 0 || locs[0].firstRow != 0 || locs[0].offset < m.start() {
		return nil
	}
	c.jumps = jumps{pages: locs, ranges: ranges}
	c.pages.stop = c.jumps.stop(0, c.pages.end)
	return nil
}

// jump moves to the page with the next wanted row, if that is not the next page anyway.
func (c *chunk) jump() {
	row := c.jumps.row + c.header.values // the next page's first row
	want := row + c.behind
	p := c.jumps.pageOf(want)
	first := int(c.jumps.pages[p].firstRow)
	if first > row {
		c.pages.at = c.jumps.pages[p].offset
		c.behind -= first - row
		row = first
	}
	c.jumps.row = row
	c.pages.stop = max(c.jumps.stop(want, c.pages.end), c.pages.at)
}

// skip passes over n rows.
func (c *chunk) skip(n int) { c.behind += n }

// advance moves to the next row that is wanted and loads its page. It returns
// the rows that are left in the page.
func (c *chunk) advance() (int, error) {
	for c.row+c.behind >= c.header.values {
		c.behind -= c.header.values - c.row
		c.row = c.header.values
		if c.jumps.pages != nil {
			c.jump()
		}
		err := c.nextPage()
		if err == io.EOF {
			return 0, corrupt("a column chunk has fewer rows than its row group")
		}
		if err != nil {
			return 0, err
		}
	}
	if !c.loaded {
		if err := c.load(&c.header, c.body); err != nil {
			return 0, err
		}
		c.loaded = true
	}
	if c.behind > 0 {
		if err := c.pass(c.behind); err != nil {
			return 0, err
		}
		c.behind = 0
	}
	return c.header.values - c.row, nil
}

// nextPage moves to the next data page, noting the dictionary on the way;
// io.EOF ends.
func (c *chunk) nextPage() error {
	for {
		head := c.pages.at
		body, err := c.pages.next(&c.header)
		if err != nil {
			return err
		}
		if c.header.kind == format.DictionaryPage {
			c.dictHeader, c.dictBody = c.header, body
			c.noteDictionary(head, body)
			continue
		}
		if c.header.isData() && c.header.values > 0 {
			c.head, c.hit = head, c.pages.hit
			c.body, c.loaded, c.row, c.dense = body, false, 0, 0
			return nil
		}
	}
}

// noteDictionary lets the cache remember where a dictionary page ends, so that
// a chunk whose pages are cached is not read at all.
func (c *chunk) noteDictionary(head, body int64) {
	cache := c.pages.cache
	if c.pages.hit != nil || !cache.reserve(c.pages.key(head), entryBytes) {
		return
	}
	cache.put(&cachedPage{key: c.pages.key(head), header: c.header, body: body,
		next: body + int64(c.header.compressed), size: entryBytes})
}

// pass moves over n rows of the loaded page.
func (c *chunk) pass(n int) error {
	p := &c.page
	k := n
	if p.valid != nil {
		k = countBits(p.valid, c.row, n)
	}
	c.row += n
	c.dense += k
	switch p.layout {
	case layoutCodes:
		return p.codes.skip(k)
	case layoutPlain:
		b := p.plain
		for range k {
			_, rest, ok := cutPlain(b)
			if !ok {
				return corrupt("a value ends behind its page")
			}
			b = rest
		}
		p.plain = b
	}
	return nil
}
