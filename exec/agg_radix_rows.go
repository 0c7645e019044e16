package exec

import "github.com/flintsql/flint/exec/vector"

// radixRows are rows, and groups, divided by the hash of their keys. They are staged in order of arrival and then cut
// into blocks in which a partition's rows lie together: a block's columns are written while they are in the cache,
// and there is no buffer for each partition.
type radixRows struct {
	bits   int
	block  int // rows to stage for a block
	staged *rowSet
	of     []uint8 // each staged row's partition
	blocks []radixBlock
	kept   []radixKept // by partition
	done   []int       // by partition: blocks taken
	rows   int         // and groups
	size   int64       // of blocks and kept groups
	limit  int64       // bytes to gather before they are grouped
	next   int         // the partition to group next
	spare  int64       // reserved besides, until partitions are taken
}

// radixBlock has the rows of partition p from ends[p-1] to ends[p].
type radixBlock struct {
	cols   []*vector.Vector
	ends   []int32
	states bool // groups with their states
}

// radixKept are the groups of one partition with their states.
type radixKept struct {
	cols []*vector.Vector
	rows int
	size int64
}

func newRadixRows(bits int) *radixRows {
	return &radixRows{bits: bits, block: radixBlockRows << bits, kept: make([]radixKept, 1<<bits), done: make([]int, 1<<bits), spare: radixSpare}
}

func (r *radixRows) parts() int { return 1 << r.bits }

// partOf is the partition by a key's hash.
func (r *radixRows) partOf(hash uint64) uint8 {
	return uint8(hash >> radixShift & (1<<r.bits - 1))
}

// bytes is what is held, and what cutting the staged rows takes.
func (r *radixRows) bytes() int64 {
	n := r.size + int64(5*cap(r.of))
	if r.staged != nil {
		n += 2 * r.staged.bytes()
	}
	return n
}

// growth is what add will allocate for n rows.
func (r *radixRows) growth(cols []*vector.Vector, n int) int64 {
	total := int64(n) * 5
	if r.staged == nil {
		total += int64(5 * r.block)
		for _, v := range cols {
			total += 2 * vector.RowBytes(v, n)
		}
		return total
	}
	return total + 2*r.staged.growth(cols, n)
}

// add gathers the listed rows; hashes[k] is the key hash of the k-th of them.
func (r *radixRows) add(cols []*vector.Vector, sel []int32, n int, hashes []uint64) error {
	if r.staged == nil {
		ts := make([]*vector.Appender, len(cols))
		for i, v := range cols {
			ts[i] = vector.NewAppender(v.Type)
		}
		r.staged, r.of = &rowSet{cols: ts}, make([]uint8, 0, r.block)
	}
	if err := r.staged.add(cols, sel, n); err != nil {
		return err
	}
	for _, h := range hashes {
		r.of = append(r.of, r.partOf(h))
	}
	r.rows += len(hashes)
	if len(r.of) >= r.block || len(r.of) >= r.block/4 && r.staged.bytes() > radixBlockBytes {
		r.cut()
	}
	return nil
}

// cut makes a block of the staged rows.
func (r *radixRows) cut() {
	if len(r.of) == 0 {
		return
	}
	r.enter(r.cluster(dropSparse(r.staged.view()), r.of, false))
	for _, c := range r.staged.cols {
		c.Reset()
	}
	r.staged.rows, r.of = 0, r.of[:0]
}

// addGroups gathers groups with their states.
func (r *radixRows) addGroups(cols []*vector.Vector, hashes []uint64) {
	of := make([]uint8, len(hashes))
	for k, h := range hashes {
		of[k] = r.partOf(h)
	}
	r.enter(r.cluster(cols, of, true))
	r.rows += len(hashes)
}

func (r *radixRows) enter(b radixBlock) {
	for _, v := range b.cols {
		r.size += v.Size()
	}
	r.blocks = append(r.blocks, b)
}

// cluster brings the rows of each partition together, in their order (counting sort).
func (r *radixRows) cluster(cols []*vector.Vector, of []uint8, states bool) radixBlock {
	var at [1 << 8]int32
	for _, p := range of {
		at[p]++
	}
	sum := int32(0)
	ends := make([]int32, r.parts())
	for p := range ends {
		at[p], sum = sum, sum+at[p]
		ends[p] = sum
	}
	order := make([]int32, len(of))
	for k, p := range of {
		order[at[p]] = int32(k)
		at[p]++
	}
	return radixBlock{cols: takeAll(cols, order), ends: ends, states: states}
}

// peek returns the next rows of a partition, valid until took; states means groups
// with their states. cols are nil when all were taken.
func (r *radixRows) peek(p int) (cols []*vector.Vector, n int, states bool) {
	if k := r.kept[p]; k.cols != nil {
		return k.cols, k.rows, true
	}
	for r.done[p] < len(r.blocks) {
		b := &r.blocks[r.done[p]]
		from, to := int32(0), b.ends[p]
		if p > 0 {
			from = b.ends[p-1]
		}
		if from == to {
			r.done[p]++
			continue
		}
		cols = make([]*vector.Vector, len(b.cols))
		for i, v := range b.cols {
			cols[i] = vector.Slice(v, int(from), int(to))
		}
		return cols, int(to - from), b.states
	}
	return nil, 0, false
}

// took goes on to a partition's next rows.
func (r *radixRows) took(p int) {
	k := &r.kept[p]
	if k.cols == nil {
		r.done[p]++
		return
	}
	r.size -= k.size
	*k = radixKept{}
}

// keep makes groups with their states all that a partition has. The first columns, the keys, are a table's buffers of
// keyBytes, which may have more room than there are keys.
func (r *radixRows) keep(p int, cols []*vector.Vector, keys int, keyBytes int64, n int) {
	k := radixKept{cols: cols, rows: n, size: keyBytes}
	for _, v := range cols[keys:] {
		k.size += v.Size()
	}
	r.kept[p] = k
	r.size += k.size
}

// forget drops the blocks, which all partitions have taken, and counts what is kept.
func (r *radixRows) forget() {
	for _, b := range r.blocks {
		for _, v := range b.cols {
			r.size -= v.Size()
		}
	}
	r.blocks, r.rows = nil, 0
	clear(r.done)
	for _, k := range r.kept {
		r.rows += k.rows
	}
}
