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
	leaf   *leafType
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
	row    int // rows of the page that are passed
	dense  int // values of the page that are passed, when loaded
	behind int // rows that are to be passed before the next read

	out column
}

// start begins with a row group's chunk.
func (c *chunk) start(file io.ReaderAt, m *chunkMeta) {
	c.meta = m
	c.pages.budget = c.budget
	c.pages.reset(file, m.start(), m.start()+m.compressed)
	c.dictBody, c.dictLoaded = 0, false
	c.header, c.loaded, c.row, c.dense, c.behind = pageHeader{}, false, 0, 0, 0
}

// skip passes over n rows.
func (c *chunk) skip(n int) { c.behind += n }

// advance moves to the next row that is wanted and loads its page. It returns
// the rows that are left in the page.
func (c *chunk) advance() (int, error) {
	for c.row+c.behind >= c.header.values {
		c.behind -= c.header.values - c.row
		if err := c.nextPage(); err != nil {
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

// nextPage moves to the next data page, noting the dictionary on the way.
func (c *chunk) nextPage() error {
	for {
		body, err := c.pages.next(&c.header)
		if err == io.EOF {
			return corrupt("a column chunk has fewer rows than its row group")
		}
		if err != nil {
			return err
		}
		if c.header.kind == format.DictionaryPage {
			c.dictHeader, c.dictBody = c.header, body
			continue
		}
		if c.header.isData() && c.header.values > 0 {
			c.body, c.loaded, c.row, c.dense = body, false, 0, 0
			return nil
		}
	}
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
