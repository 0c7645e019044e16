package exec

import (
	"context"
	"math"
	"slices"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// joinSide is R, or a part of it, in memory and indexed. It is immutable but for
// the marks.
type joinSide struct {
	table    *joinTable
	dicts    []*vector.Vector   // of columns that are given out as codes
	keys     []*vector.Vector   // NullAware: the key columns
	keyParts [][]*vector.Vector // pieces of the key columns, until filters are made of them
	others   *joinTable         // NullAware: the rows by the keys after the first
	matched  matchBits          // kinds that emit build rows: those that had a match
	all      joinFacts
}

// joinFacts are what NOT IN has to know of all of R.
type joinFacts struct {
	rows   int64
	nullIn bool // some row has NULL in its first key
}

// indexOthers makes what is there besides the table of the keys.
func (s *joinSide) indexOthers(ctx context.Context, j *joinOp, n int, may func(int64) bool, crew *workCrew) error {
	if j.looksAside() {
		s.others = &joinTable{cols: s.table.cols, rows: n}
		keys := joinKeys{types: exprTypes(j.rkeys[1:]), parts: pieces(s.keys[1:], n), nullSafe: j.nullSafe[min(1, len(j.nullSafe)):], may: may, crew: crew}
		if err := s.others.index(ctx, keys); err != nil {
			return err
		}
	}
	if j.keepsBuild() {
		s.matched = newMatchBits(n)
	}
	return nil
}

// pieces cuts columns of n rows.
func pieces(cols []*vector.Vector, n int) (out [][]*vector.Vector) {
	for from := 0; from < n && len(cols) > 0; from += vector.BatchSize {
		p := make([]*vector.Vector, len(cols))
		for c, v := range cols {
			p[c] = vector.Slice(v, from, min(from+vector.BatchSize, n))
		}
		out = append(out, p)
	}
	return out
}

// indexBytes is what indexing has made.
func (s *joinSide) indexBytes() int64 {
	n := s.table.indexSize() + int64(4*len(s.matched))
	if s.others != nil {
		n += s.others.indexSize()
	}
	return n
}

// looksAside reports whether NOT IN has to look at single rows of R to tell a
// non-match from NULL: where other conditions decide which rows count.
func (j *joinOp) looksAside() bool {
	return j.nullAware && len(j.rkeys) > 0 && (len(j.rkeys) > 1 || j.filter != nil)
}

// use makes a side the one that is probed.
func (j *joinOp) use(s *joinSide) {
	j.side, j.aside, j.tail = s, nil, 0
	j.probe = newJoinProber(s.table, j.nullSafe)
	if s.others != nil {
		j.aside = newJoinProber(s.others, j.nullSafe[min(1, len(j.nullSafe)):])
	}
	j.matched = s.matched
}

// joinTextLimit is what a part of R may take, lest a column pass 2 GiB of text.
const joinTextLimit = 1 << 30

// joinLoader gathers rows of R and makes a side of them.
type joinLoader struct {
	j       *joinOp
	mem     *base
	rows    *joinRows
	besides int64 // held for other things
	whole   bool  // the memory to finish is reserved along with each row
	parting bool  // the memory to move rows to disk is held besides
	taken   int   // rows of the last batch
	spent   bool  // the rows are a side's: what fails from then on fails for good
	crew    *workCrew
}

func newJoinLoader(j *joinOp, mem *base) *joinLoader {
	l := &joinLoader{j: j, mem: mem}
	l.reset()
	return l
}

// reset drops the rows.
func (l *joinLoader) reset() {
	l.rows, l.spent = newJoinRows(append(inputTypes(l.j.rightNode), exprTypes(l.j.computed)...)), false
}

// columns returns a batch's columns, then the keys that are not among them.
func (l *joinLoader) columns(b *vector.Batch) ([]*vector.Vector, error) {
	if len(l.j.computed) == 0 {
		return b.Cols, nil
	}
	keys, err := l.j.rkeyProg.Eval(b)
	if err != nil {
		return nil, err
	}
	cols := append(b.Cols[:len(b.Cols):len(b.Cols)], keys...)
	if b.Owned && b.Sel == nil {
		for i := len(b.Cols); i < len(cols); i++ {
			cols[i] = cols[i].Clone() // the program will use its buffers again
		}
	}
	return cols, nil
}

// keyColumns are the keys' positions among such columns.
func (l *joinLoader) keyColumns() []int {
	at := make([]int, len(l.j.rkeyAt))
	computed := len(l.rows.types) - len(l.j.computed)
	for i, c := range l.j.rkeyAt {
		if c < 0 {
			c = computed
			computed++
		}
		at[i] = c
	}
	return at
}

// keysOf picks the keys among such columns.
func (l *joinLoader) keysOf(cols []*vector.Vector) []*vector.Vector {
	keys := make([]*vector.Vector, len(l.j.rkeyAt))
	for i, c := range l.keyColumns() {
		keys[i] = cols[c]
	}
	return keys
}

// add reserves for rows and adds them; if that is refused nothing has changed.
func (l *joinLoader) add(cols []*vector.Vector, sel []int32, n int, keep bool) error {
	var size int64
	for _, c := range cols {
		size += c.Size()
	}
	rows := n
	if sel != nil {
		rows = len(sel)
		size = size * int64(rows) / int64(max(1, n))
	}
	if err := l.hold(2*size, rows); err != nil {
		return err
	}
	return l.rows.add(cols, sel, n, keep)
}

// hold reserves for the rows held and some more, and what they entail.
func (l *joinLoader) hold(more int64, rows int) error {
	n := l.rows.bytes() + more
	switch {
	case l.whole:
		n += more + l.rows.concatBytes() + l.indexBound(l.rows.rows+rows, n+l.rows.flat)
	case l.mem.env.Spill != nil && !l.parting:
		n += min(spillPartsBytes, 2*n)
	}
	return l.mem.hold(l.besides + n)
}

// indexBound is at least what indexing takes; data is the size of the rows, with
// values in the place of codes.
func (l *joinLoader) indexBound(rows int, data int64) int64 {
	n, keys := int64(rows), exprTypes(l.j.rkeys)
	if len(keys) == 0 {
		return n*16 + n/8 // entries, groups and marks
	}
	w := joinLayout(keys, l.j.nullSafe).words
	size := n*16 + n/8 // groups, chunks and marks; of bytes entries
	if w > 0 {
		size += joinSlotBytes(w) * (n + joinSlots(n))
		size += (joinSlotBytes(w) + 20) * min(n, indexChunkRows*5/4) // a chunk while it is partitioned
	} else {
		slots := int64(1024)
		for slots*2 < n*3 {
			slots *= 2
		}
		size += 12*slots + n*32 + 2*data
	}
	if l.j.looksAside() {
		size *= 2
	}
	return size
}

// finish indexes the rows. If memory is refused nothing has changed.
func (l *joinLoader) finish(ctx context.Context, all joinFacts) (*joinSide, error) {
	n := l.rows.rows
	data, largest := l.rows.sizes()
	bound := l.indexBound(n, data+l.rows.flat)
	if err := l.mem.hold(l.besides + max(l.rows.bytes(), data) + largest + bound); err != nil {
		return nil, err
	}
	if !l.whole && n > 0 && (l.mem.mustSpill(n) || l.mem.env.Spill != nil && largest > math.MaxInt32) {
		return nil, errSpillJoin
	}
	may := func(bytes int64) bool { return bytes <= bound || l.mem.tryHold(bytes-bound) }
	s := &joinSide{table: &joinTable{rows: n}, all: all}
	keys := joinKeys{types: exprTypes(l.j.rkeys), parts: l.rows.pieces(l.keyColumns()), nullSafe: l.j.nullSafe, crew: l.crew, may: may}
	filtered := len(l.j.targets) > 0 && !l.whole && !l.parting // filters of a build that spills are made as its rows pass
	if filtered && rankable(keys.types, keys.nullSafe) && keys.types[0].Storage() == types.StoreInt64 {
		keys.filter = l.mem.tryHold
	}
	if err := s.table.index(ctx, keys); err != nil {
		return nil, err
	}
	cols, err := l.rows.concat(l.needed())
	if err != nil {
		return nil, err
	}
	s.table.arrange(cols)
	s.table.cols = cols[:len(cols)-len(l.j.computed)]
	s.dicts = codedColumns(s.table.cols, l.j.marks, l.codedLimit())
	if l.j.looksAside() {
		s.keys = l.keysOf(cols)
	}
	if filtered && s.table.ranks == nil && s.table.bloom == nil {
		s.keyParts = keys.parts
	}
	l.reset()
	l.spent = true
	if err = s.indexOthers(ctx, l.j, n, may, l.crew); err != nil {
		return nil, err
	}
	return s, l.mem.hold(l.besides + l.keep(s) + s.indexBytes() + s.partsBytes())
}

// codedLimit is how many bytes of columns to give out as codes.
func (l *joinLoader) codedLimit() int64 {
	if share := l.mem.account.Share(l.mem.env.holders); share > 0 {
		return min(codedMost, share/8)
	}
	return codedMost
}

// partsBytes is what the pieces of the key columns hold.
func (s *joinSide) partsBytes() (size int64) {
	for _, p := range s.keyParts {
		for _, v := range p {
			size += vectorBytes(v)
		}
	}
	return size
}

// keep returns the bytes of the columns of a side.
func (l *joinLoader) keep(s *joinSide) (size int64) {
	kept := slices.Clone(s.table.cols)
	for _, v := range s.keys {
		if !slices.Contains(kept, v) {
			kept = append(kept, v)
		}
	}
	for _, v := range kept {
		if v != nil {
			size += vectorBytes(v)
		}
		if v != nil && v.Enc == vector.Dict {
			size += v.Dictionary.Size()
		}
	}
	return size
}

// needed tells the columns that are read once R is indexed.
func (l *joinLoader) needed() []bool {
	out := make([]bool, len(l.rows.types))
	right := len(out) - len(l.j.computed)
	for c := range right {
		out[c] = l.j.readsRight(c)
	}
	for _, c := range l.keyColumns() {
		out[c] = out[c] || l.j.looksAside()
	}
	return out
}

// readsRight reports whether a column of R is output or read by the residual.
func (j *joinOp) readsRight(c int) bool {
	if j.filter != nil && j.filter.reads[j.leftCols+c] {
		return true
	}
	switch j.kind {
	case logical.Semi, logical.Anti, logical.Mark:
		return false
	case logical.RightSemi, logical.RightAnti:
		return j.emits(c)
	}
	return j.emits(j.leftCols + c)
}

// tryHold reserves n more bytes for something that can be done without.
func (b *base) tryHold(n int64) bool {
	if b.hold(b.held) != nil || !b.account.TryReserve(n) {
		return false
	}
	b.held += n
	return true
}

// joinPieceBytes is about how much is added or written at once, so that what
// was reserved for a batch suffices.
const joinPieceBytes = 256 << 10

// pieceRows is how many rows make a piece of so many that take size bytes.
func pieceRows(rows int, size int64) int {
	if size <= joinPieceBytes {
		return max(1, rows)
	}
	return max(1, int(int64(rows)*joinPieceBytes/size))
}

// take adds as many rows of a compact batch as memory allows, and at least some
// where there are none yet; full says that no more should follow. taken is how many they were.
func (l *joinLoader) take(b *vector.Batch) (full bool, err error) {
	cols, err := l.columns(b)
	if err != nil {
		return false, err
	}
	step := pieceRows(b.Rows, b.Size())
	if n := l.mem.env.SpillRows; n > 0 {
		step = min(step, n)
	}
	for l.taken = 0; l.taken < b.Rows; {
		sel := rowNumbers(l.taken, min(l.taken+step, b.Rows))
		if len(sel) == b.Rows {
			sel = nil
		}
		err := l.add(cols, sel, b.Rows, b.Owned)
		if err != nil && (l.rows.rows == 0 || !l.mem.maySpill(l.rows.rows, err)) {
			return false, err
		}
		if err != nil {
			return true, nil
		}
		l.taken += min(step, b.Rows-l.taken)
		if l.mem.mustSpill(l.rows.rows) || l.rows.size+l.rows.flat > joinTextLimit {
			return true, nil
		}
	}
	return false, nil
}
