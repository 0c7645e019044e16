package exec

import "github.com/flintsql/flint/exec/vector"

// numbers evaluates row_number, rank or dense_rank, and goes on from the last block.
func (c *windowCall) numbers(blk *windowBlockRows) (*vector.Vector, error) {
	out := vector.New(c.node.Result, blk.to-blk.from)
	vals := vector.Values[int64](out)
	switch c.node.Func.Name {
	case "row_number":
		rowNumbering(vals, blk)
	case "rank":
		c.ranks(vals, blk)
	default:
		c.denseRanks(vals, blk)
	}
	c.rank = vals[len(vals)-1]
	return out, nil
}

func rowNumbering(vals []int64, blk *windowBlockRows) {
	for i := range blk.parts {
		p := &blk.parts[i]
		from, to, n := max(p.from, blk.from), min(p.to, blk.to), int64(0)
		if blk.goesOn(*p) {
			n = blk.seen
		}
		rows := vals[from-blk.from : to-blk.from]
		for k := range rows {
			n++
			rows[k] = n
		}
	}
}

func (c *windowCall) ranks(vals []int64, blk *windowBlockRows) {
	for i := range blk.parts {
		p := &blk.parts[i]
		from, to, before := max(p.from, blk.from), min(p.to, blk.to), int64(1)
		goesOn := blk.goesOn(*p)
		if goesOn {
			before += blk.seen
		}
		rows, peers := vals[from-blk.from:to-blk.from], p.peerFrom[from-p.from:to-p.from]
		for k, first := range peers {
			if rows[k] = before + int64(int(first)-from); goesOn && int(first) < from {
				rows[k] = c.rank
			}
		}
	}
}

func (c *windowCall) denseRanks(vals []int64, blk *windowBlockRows) {
	for i := range blk.parts {
		p := &blk.parts[i]
		from, to, n := max(p.from, blk.from), min(p.to, blk.to), int64(0)
		if blk.goesOn(*p) {
			n = c.rank
		}
		rows, peers := vals[from-blk.from:to-blk.from], p.peerFrom[from-p.from:to-p.from]
		for k, first := range peers {
			if int(first) == from+k {
				n++
			}
			rows[k] = n
		}
	}
}
