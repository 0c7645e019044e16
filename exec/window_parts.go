package exec

import "github.com/flintsql/flint/exec/vector"

// windowPart is a partition, or what of it is in memory, with its peer groups.
type windowPart struct {
	from, to         int
	peerFrom, peerTo []int32 // by row - from; nil where no call asks for them
}

// windowBlockRows is what calls compute: rows [from, to) of n sorted ones.
type windowBlockRows struct {
	sorted   []*vector.Vector
	n        int
	parts    []windowPart // those with rows in the block; they reach beyond it
	from, to int
	seen     int64 // rows before from of the partition that from is in
	open     bool  // the last partition goes on after the block
}

// goesOn reports whether a part's partition began in an earlier block.
func (b *windowBlockRows) goesOn(p windowPart) bool { return b.seen > 0 && p.from < b.from }

// clip cuts a part to the rows of the block.
func (b *windowBlockRows) clip(p windowPart) windowPart {
	from, to := max(p.from, b.from), min(p.to, b.to)
	if from == p.from && to == p.to || p.peerFrom == nil {
		p.from, p.to = from, to
		return p
	}
	out := windowPart{from: from, to: to, peerFrom: make([]int32, to-from), peerTo: make([]int32, to-from)}
	for i := range out.peerFrom {
		k := from - p.from + i
		out.peerFrom[i], out.peerTo[i] = max(p.peerFrom[k], int32(from)), min(p.peerTo[k], int32(to))
	}
	return out
}

// Marks of rows that begin something.
const (
	newPartition uint8 = 1 << iota
	newPeers
)

// windowDivider finds partitions and peer groups. What it returns lasts until it is called again.
type windowDivider struct {
	changes          rowChanges
	marks            []uint8
	parts            []windowPart
	peerFrom, peerTo []int32
}

// partitions finds where partitions and peer groups begin among the rows held.
func (w *windowOp) partitions(cols []*vector.Vector) ([]windowPart, error) {
	d, rows := &w.divider, w.set.rows
	d.marks, d.parts = sized(d.marks, rows), d.parts[:0]
	clear(d.marks)
	if len(w.node.Partition) > 0 {
		if err := d.changes.mark(d.marks, newPartition, emitColumns(cols, w.node.Partition)); err != nil {
			return nil, err
		}
	}
	if w.peers && len(w.node.Order) > 0 {
		if err := d.changes.mark(d.marks, newPeers, emitColumns(cols, keyColumns(w.node.Order))); err != nil {
			return nil, err
		}
	}
	if w.peers {
		d.findPeers()
	}
	start := 0
	for i := 1; i < rows; i++ {
		if d.marks[i]&newPartition != 0 {
			d.add(start, i)
			start = i
		}
	}
	if rows > 0 {
		d.add(start, rows)
	}
	return d.parts, nil
}

func (d *windowDivider) add(from, to int) {
	p := windowPart{from: from, to: to}
	if len(d.peerFrom) > 0 {
		p.peerFrom, p.peerTo = d.peerFrom[from:to], d.peerTo[from:to]
	}
	d.parts = append(d.parts, p)
}

// findPeers sets each row's first peer and the end of its peers.
func (d *windowDivider) findPeers() {
	n := len(d.marks)
	d.peerFrom, d.peerTo = sized(d.peerFrom, n), sized(d.peerTo, n)
	first := int32(0)
	for i, m := range d.marks {
		if m != 0 {
			first = int32(i)
		}
		d.peerFrom[i] = first
	}
	end := int32(n)
	for i := n - 1; i >= 0; i-- {
		d.peerTo[i] = end
		if d.marks[i] != 0 {
			end = int32(i)
		}
	}
}
