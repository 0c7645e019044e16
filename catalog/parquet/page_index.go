package parquet

// columnIndex holds the bounds of a chunk's pages (ColumnIndex).
type columnIndex struct {
	nullPages []bool
	min, max  [][]byte
	nulls     []int64 // nil = unknown
}

// pageLocation is where a data page lies and which row it starts with.
type pageLocation struct {
	offset   int64
	size     int64
	firstRow int64
}

// parseColumnIndex reads a ColumnIndex; its bounds alias b.
func parseColumnIndex(b []byte) (*columnIndex, error) {
	c := &compact{b: b}
	x := &columnIndex{}
	c.structure(func(id int16, typ byte) bool {
		if typ != thriftList {
			return false
		}
		switch id {
		case 1:
			n, _ := c.list()
			for range n {
				x.nullPages = append(x.nullPages, c.byte() == thriftTrue)
			}
		case 2:
			x.min = c.binaries()
		case 3:
			x.max = c.binaries()
		case 5:
			n, _ := c.list()
			for range n {
				x.nulls = append(x.nulls, c.int())
			}
		default:
			return false
		}
		return true
	})
	if c.err == nil && (len(x.min) != len(x.nullPages) || len(x.max) != len(x.nullPages) ||
		x.nulls != nil && len(x.nulls) != len(x.nullPages)) {
		c.err = errThriftBad
	}
	return x, c.err
}

func (c *compact) binaries() [][]byte {
	n, elem := c.list()
	if n > 0 && elem != thriftBinary {
		c.fail(errThriftBad)
		return nil
	}
	var out [][]byte
	for i := 0; i < n && c.err == nil; i++ {
		out = append(out, c.bytes())
	}
	return out
}

// parseOffsetIndex reads an OffsetIndex and checks that its pages ascend.
func parseOffsetIndex(b []byte) ([]pageLocation, error) {
	c := &compact{b: b}
	var out []pageLocation
	c.structure(func(id int16, typ byte) bool {
		if id != 1 {
			return false
		}
		return c.structs(typ, 6, func() {
			var p pageLocation
			c.structure(func(id int16, typ byte) bool {
				switch id {
				case 1:
					return set(c, typ, &p.offset)
				case 2:
					return set(c, typ, &p.size)
				case 3:
					return set(c, typ, &p.firstRow)
				}
				return false
			})
			if n := len(out); p.size < 0 || p.offset < 0 || p.firstRow < 0 ||
				n > 0 && (p.firstRow < out[n-1].firstRow || p.offset < out[n-1].offset+out[n-1].size) {
				c.fail(errThriftBad)
			}
			out = append(out, p)
		})
	})
	return out, c.err
}
