package exec

import "github.com/flintsql/flint/exec/vector"

// windowPart is a partition, or what of it is in memory, with its peer groups.
type windowPart struct {
	from, to         int
	peerFrom, peerTo []int32 // by row - from
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
	if from == p.from && to == p.to {
		return p
	}
	out := windowPart{from: from, to: to, peerFrom: make([]int32, to-from), peerTo: make([]int32, to-from)}
	for i := range out.peerFrom {
		k := from - p.from + i
		out.peerFrom[i], out.peerTo[i] = max(p.peerFrom[k], int32(from)), min(p.peerTo[k], int32(to))
	}
	return out
}

// partitions finds where partitions and peer groups begin among the rows held.
func (w *windowOp) partitions(cols []*vector.Vector) ([]windowPart, error) {
	rows := w.set.rows
	newPart, err := w.changes(emitColumns(cols, w.partition()), rows)
	if err != nil {
		return nil, err
	}
	newPeer, err := w.changes(emitColumns(cols, keyColumns(w.node.Order)), rows)
	if err != nil {
		return nil, err
	}
	peerFrom, peerTo := make([]int32, rows), make([]int32, rows)
	var parts []windowPart
	start, peer := 0, 0
	end := func(i int) {
		for k := peer; k < i; k++ {
			peerFrom[k], peerTo[k] = int32(peer), int32(i)
		}
		peer = i
	}
	for i := 1; i <= rows; i++ {
		if i < rows && !newPart[i] && !newPeer[i] {
			continue
		}
		end(i)
		if i == rows || newPart[i] {
			parts = append(parts, windowPart{start, i, peerFrom[start:i], peerTo[start:i]})
			start = i
		}
	}
	return parts, nil
}

// partition lists the partition columns, never as nil.
func (w *windowOp) partition() []int { return append([]int{}, w.node.Partition...) }

// changes marks the rows whose columns differ from the row before.
func (w *windowOp) changes(cols []*vector.Vector, rows int) ([]bool, error) {
	out := make([]bool, rows)
	if len(cols) == 0 {
		return out, nil
	}
	var keys vector.RowKeys
	var last []byte
	for from := 0; from < rows; from += vector.BatchSize {
		to := min(from+vector.BatchSize, rows)
		if err := keys.Encode(cols, rowNumbers(from, to), 0); err != nil {
			return nil, err
		}
		for i := from; i < to; i++ {
			k := keys.Row(i - from)
			if i > from {
				out[i] = string(k) != string(keys.Row(i-from-1))
			} else if i > 0 {
				out[i] = string(k) != string(last)
			}
		}
		last = append(last[:0], keys.Row(to-from-1)...)
	}
	return out, nil
}
