package exec

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// groupCodes stands in a groupTable for columns of texts that come with dictionaries, of files or of the rows that a
// join has built of: each text becomes a code of its column once for every entry of a dictionary, and the rows are
// grouped by codes, as by any integers. (Grouping on dictionary codes as in Abadi et al., "Integrating Compression
// and Execution in Column-Oriented Database Systems", SIGMOD 2006; the codes are the operator's own, so that
// dictionaries may change.)
type groupCodes struct {
	texts []*textCodes // by column; nil where it is not one of texts
	table *groupTable  // of the codes and the other columns
	cols  []*vector.Vector
}

// isCoded reports whether a column's texts can be replaced by codes: the bytes say which are equal.
func isCoded(t types.Type) bool { return t.Storage() == types.StoreBytes && t.Kind != types.Char }

// startsCodes reports whether the table would go on by codes with such columns, which come with dictionaries.
func (g *groupTable) startsCodes(cols []*vector.Vector) bool {
	if g.plain || g.codes != nil || g.build != nil || g.n > 0 && g.dense == nil {
		return false
	}
	dicts, flats := 0, 0
	for _, v := range cols {
		switch {
		case !isCoded(v.Type) || v.Enc == vector.Const:
		case v.Enc == vector.Dict && v.Dictionary.Len <= codedDictLargest:
			dicts++
		default:
			flats++
		}
	}
	return dicts > 0 && flats <= dicts
}

// newGroupCodes returns codes without groups.
func (g *groupTable) newGroupCodes() *groupCodes {
	c := &groupCodes{texts: make([]*textCodes, len(g.types))}
	ts := append([]types.Type(nil), g.types...)
	for i, t := range g.types {
		if isCoded(t) {
			ts[i], c.texts[i] = codeType, newTextCodes(t)
		}
	}
	c.table = newHashedTable(ts)
	c.table.plain = true
	return c
}

// startCodes groups by codes from now on; the groups so far move.
func (g *groupTable) startCodes() error {
	c := g.newGroupCodes()
	if g.n > 0 {
		if _, err := c.assign(g.views(), nil, g.n, make([]int32, g.n)); err != nil {
			return err
		}
	}
	g.codes, g.dense = c, nil
	for i, t := range g.types {
		g.keys[i] = vector.NewAppender(t)
	}
	return nil
}

// encode returns the columns with codes in the place of texts; valid until the next call.
func (c *groupCodes) encode(cols []*vector.Vector, sel []int32) ([]*vector.Vector, error) {
	c.cols = append(c.cols[:0], cols...)
	for i, x := range c.texts {
		if x == nil {
			continue
		}
		v, err := x.encode(cols[i], sel)
		if err != nil {
			return nil, err
		}
		c.cols[i] = v
	}
	return c.cols, nil
}

// assign is groupTable.Assign.
func (c *groupCodes) assign(cols []*vector.Vector, sel []int32, n int, groups []int32) ([]int32, error) {
	cols, err := c.encode(cols, sel)
	if err != nil {
		return nil, err
	}
	return c.table.Assign(cols, sel, n, groups)
}

// columns is groupTable.Columns.
func (c *groupCodes) columns(from, to int) []*vector.Vector {
	out := c.table.Columns(from, to)
	for i, x := range c.texts {
		if x != nil {
			out[i] = x.decode(vector.Values[int32](out[i])[:to-from])
		}
	}
	return dropSparse(out)
}

func (c *groupCodes) bytes() int64 {
	n := c.table.Bytes()
	for _, x := range c.texts {
		if x != nil {
			n += x.bytes()
		}
	}
	return n
}

// keysOf returns the key columns for the sets of a rollup: texts as codes, if the table has them so.
func (g *groupTable) keysOf(cols []*vector.Vector, sel []int32, n int) (keys []*vector.Vector, coded bool, err error) {
	if g.codes == nil {
		return cols, false, nil
	}
	keys, err = g.codes.encode(append(cols[:len(cols):len(cols)], vector.NullConst(types.Of(types.Int8), n)), sel)
	return keys, true, err
}

// assignCoded is Assign for columns that keysOf has made, with NULLs of noKey.
func (g *groupTable) assignCoded(cols []*vector.Vector, sel []int32, n int, groups []int32) ([]int32, error) {
	fresh, err := g.codes.table.Assign(cols, sel, n, groups)
	g.n = g.codes.table.n
	return fresh, err
}

// noKey is a key column of NULLs in coded form.
func (g *groupTable) noKey(c, n int) *vector.Vector {
	if g.codes == nil || g.codes.texts[c] == nil {
		return vector.NullConst(g.types[c], n)
	}
	v := vector.New(codeType, 1)
	v.Enc, v.Len = vector.Const, n
	return v
}
