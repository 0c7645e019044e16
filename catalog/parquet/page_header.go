package parquet

import "github.com/parquet-go/parquet-go/format"

// pageHeader is a page's header, of any kind of page.
type pageHeader struct {
	kind         format.PageType
	uncompressed int
	compressed   int
	values       int
	rows         int // version 2 only
	encoding     format.Encoding
	v2           bool
	plainPage    bool // version 2: the values are not compressed
	defBytes     int  // version 2
	repBytes     int
	defEncoding  format.Encoding // version 1
	repEncoding  format.Encoding
}

// parsePageHeader reads a header from the start of b and returns its length.
func parsePageHeader(b []byte, h *pageHeader) (int, error) {
	c := compact{b: b}
	*h = pageHeader{kind: -1, defEncoding: format.RLE, repEncoding: format.RLE}
	c.structure(func(id int16, typ byte) bool {
		switch id {
		case 1:
			return set(&c, typ, &h.kind)
		case 2:
			return set(&c, typ, &h.uncompressed)
		case 3:
			return set(&c, typ, &h.compressed)
		case 5, 7, 8:
			if typ != thriftStruct {
				return false
			}
			h.v2 = id == 8
			c.pageKind(h)
			return true
		}
		return false
	})
	if c.err != nil {
		return 0, c.err
	}
	if h.uncompressed < 0 || h.compressed < 0 || h.values < 0 || h.rows < 0 || h.defBytes < 0 || h.repBytes < 0 {
		return 0, errThriftBad
	}
	return c.pos, nil
}

// pageKind reads the part of the header that depends on the kind of page.
func (c *compact) pageKind(h *pageHeader) {
	c.structure(func(id int16, typ byte) bool {
		switch {
		case id == 1:
			return set(c, typ, &h.values)
		case id == 2 && !h.v2, id == 4 && h.v2:
			return set(c, typ, &h.encoding)
		case id == 3 && !h.v2:
			return set(c, typ, &h.defEncoding)
		case id == 4 && !h.v2:
			return set(c, typ, &h.repEncoding)
		case id == 3:
			return set(c, typ, &h.rows)
		case id == 5 && h.v2:
			return set(c, typ, &h.defBytes)
		case id == 6 && h.v2:
			return set(c, typ, &h.repBytes)
		case id == 7 && h.v2:
			compressed := true
			ok := setBool(typ, &compressed)
			h.plainPage = !compressed
			return ok
		}
		return false
	})
}
