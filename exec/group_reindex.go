package exec

import "github.com/flintsql/flint/exec/vector"

// reindexRows is how many groups at least are entered again at a time.
const reindexRows = 256

// reindex enters the groups that an index found into the next kind of index, to which that many rows come then.
func (g *groupTable) reindex(rows int) error {
	if g.n == 0 {
		return nil
	}
	old, n := g.views(), g.n
	g.n = 0
	err := error(nil)
	if g.span != nil || g.narrow != nil {
		err = g.search(old, nil, n, make([]int32, n))
	} else {
		err = g.rehash(old, n, n+rows)
	}
	g.n = n
	g.fresh = g.fresh[:0]
	return err
}

// rehash enters n groups into a hash index that holds entries in all soon; by parts, so that no scratch is large.
func (g *groupTable) rehash(old []*vector.Vector, n, entries int) error {
	switch g.packer.layout.words {
	case 0:
		g.rows.reserve(entries)
		g.rows.hashes, g.rows.off = grown(g.rows.hashes, entries), grown(g.rows.off, entries+1)
	case 2:
		g.two.reserve(entries)
		g.two.keys = grown(g.two.keys, entries)
	case 3:
		g.three.reserve(entries)
		g.three.keys = grown(g.three.keys, entries)
	}
	step := max(reindexRows, entries-n) // as many as the batch has, whose scratch is announced
	scratch := make([]int32, min(n, step))
	for g.n < n {
		rows := min(step, n-g.n)
		part := make([]*vector.Vector, len(old))
		for c, v := range old {
			part[c] = vector.Slice(v, g.n, g.n+rows)
		}
		if err := g.hashed(part, nil, rows, scratch[:rows]); err != nil {
			return err
		}
		g.n += rows
		g.fresh = g.fresh[:0]
	}
	return nil
}
