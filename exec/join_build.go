package exec

import (
	"context"
	"errors"
	"sync"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// joinBuild is R as its reader left it: in memory as far as that suffices, the
// other partitions on disk (hybrid hash join: DeWitt et al., SIGMOD 1984).
// Tasks may share it.
type joinBuild struct {
	*joinSide
	mem     base
	out     [spillFanout]bool // partitions on disk
	outs    int
	runs    [spillFanout]*spill.Run
	filters []filterMaker
	keeps   bool // the kind emits build rows
	probers probers

	load   *joinLoader // while R is read
	parts  *spillParts
	hasher vector.Hasher
	hashes []uint64

	mu     sync.Mutex
	handed [][spillFanout]*spill.Run // kinds that emit build rows: what each task has of L
}

// spillJoinStep is how many partitions leave memory at a time.
const spillJoinStep = spillFanout / 4

// errSpillJoin says that rows have to go before the others can be indexed.
var errSpillJoin = errors.New("join: over the share of memory")

// buildJoin reads the build side to its end and indexes it, with a crew's help if there is one.
func buildJoin(ctx context.Context, j *joinOp, account *memory.Account, crew *workCrew) (*joinBuild, error) {
	b := &joinBuild{mem: base{env: j.env, stats: j.stats, name: j.name, account: account, size: j.size}, keeps: j.keepsBuild()}
	err := b.read(ctx, j, crew)
	if b.parts != nil {
		err = errors.Join(err, b.parts.close())
	}
	b.load, b.parts, b.hashes, b.hasher = nil, nil, nil, vector.Hasher{}
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

// close frees memory and disk.
func (b *joinBuild) close() (err error) {
	for _, r := range b.runs {
		err = errors.Join(err, closeRun(r))
	}
	for _, runs := range b.takeHanded() {
		for _, r := range runs {
			err = errors.Join(err, closeRun(r))
		}
	}
	b.joinSide, b.runs = nil, [spillFanout]*spill.Run{}
	b.mem.account.Close()
	return err
}

func closeRun(r *spill.Run) error {
	if r == nil {
		return nil
	}
	return r.Close()
}

func (b *joinBuild) read(ctx context.Context, j *joinOp, crew *workCrew) error {
	if err := j.right.Open(ctx); err != nil {
		return err
	}
	b.load = newJoinLoader(j, &b.mem)
	b.load.crew = crew
	var facts joinFacts
	err := drain(ctx, j.right, func(x *vector.Batch) error {
		facts.rows += int64(x.Count())
		return b.add(x, &facts)
	})
	if err != nil {
		return err
	}
	for {
		b.joinSide, err = b.load.finish(ctx, facts)
		if err == nil {
			break
		}
		if b.load.spent || err != errSpillJoin && !b.canEvict(err) || b.outs == spillFanout {
			return b.refused(err)
		}
		if err := b.evict(); err != nil {
			return err
		}
	}
	if b.parts == nil {
		return b.collect(j)
	}
	if b.runs, err = b.parts.finish(); err != nil {
		return err
	}
	b.load.besides -= spillPartsBytes
	return b.mem.hold(b.mem.held - spillPartsBytes)
}

// refused hides the sentinel.
func (b *joinBuild) refused(err error) error {
	if err == errSpillJoin {
		return sqlerr.New(sqlerr.Internal, "a join has nothing left to spill")
	}
	return err
}

// canEvict reports whether the join can go on after an error by moving rows to disk.
func (b *joinBuild) canEvict(err error) bool {
	return b.outs < spillFanout && b.mem.maySpill(1, err)
}

// add takes a batch: the rows of partitions on disk follow them, and partitions
// go to disk as long as memory does not suffice.
func (b *joinBuild) add(x *vector.Batch, facts *joinFacts) error {
	l := b.load
	cols, err := l.columns(x)
	if err != nil {
		return err
	}
	if l.j.nullAware && len(l.j.rkeys) > 0 && !facts.nullIn {
		facts.nullIn = anyNull(l.keysOf(cols)[0], x.Sel, x.Rows)
	}
	if b.parts != nil {
		b.feed(l.keysOf(cols), x.Sel, x.Rows)
	}
	sel := x.Sel
	for {
		if b.outs > 0 {
			if sel, err = b.divert(cols, sel, x.Rows); err != nil || len(sel) == 0 {
				return err
			}
		}
		if err = l.add(cols, sel, x.Rows, x.Owned); err == nil {
			break
		}
		if !b.canEvict(err) {
			return err
		}
		began := b.parts == nil
		if err := b.evict(); err != nil {
			return err
		}
		if began {
			b.feed(l.keysOf(cols), x.Sel, x.Rows)
		}
	}
	for b.outs < spillFanout && b.mem.mustSpill(l.rows.rows) {
		if err := b.evict(); err != nil {
			return err
		}
	}
	return nil
}

// evict moves the rows of some more partitions to disk.
func (b *joinBuild) evict() error {
	l := b.load
	if b.parts == nil {
		b.startSpill()
	}
	step := spillJoinStep
	if !l.j.divisible() {
		step = spillFanout
	}
	for range step {
		b.out[b.outs] = true
		b.outs++
	}
	l.rows.seal()
	chunks := l.rows.chunks
	l.reset()
	for i, c := range chunks {
		chunks[i] = joinChunk{}
		keep, err := b.divert(c.cols, nil, c.rows)
		if err != nil {
			return err
		}
		if len(keep) > 0 {
			if err := l.rows.add(c.cols, keep, c.rows, false); err != nil {
				return err
			}
		}
	}
	err := l.hold(0, 0)
	if b.canEvict(err) {
		return b.evict()
	}
	return err
}

// startSpill begins to partition.
func (b *joinBuild) startSpill() {
	l := b.load
	b.parts = newSpillParts(&b.mem, l.j.rightNode.Info().Out, 0)
	l.parting = true
	l.besides += spillPartsBytes
	b.startFilters()
	l.rows.seal()
	for _, c := range l.rows.chunks {
		b.feed(l.keysOf(c.cols), nil, c.rows)
	}
}

// divert writes the listed rows of partitions on disk and returns the others.
func (b *joinBuild) divert(cols []*vector.Vector, sel []int32, n int) ([]int32, error) {
	l := b.load
	keep, gone, hashes := divide(&b.hasher, &b.hashes, l.j.dividing(l.keysOf(cols)), sel, n, &b.out)
	return keep, addPieces(b.parts, cols[:len(cols)-len(l.j.computed)], gone, n, hashes)
}

// addPieces writes the listed rows in pieces, lest they all lie in one partition.
func addPieces(parts *spillParts, cols []*vector.Vector, sel []int32, n int, hashes []uint64) error {
	var size int64
	for _, c := range cols {
		size += vectorBytes(c)
	}
	step := pieceRows(n, size)
	for from := 0; from < len(sel); from += step {
		to := min(from+step, len(sel))
		if err := parts.add(cols, sel[from:to], n, hashes[from:to]); err != nil {
			return err
		}
	}
	return nil
}

// divide tells the listed rows of partitions that are out, with their hashes, from the others.
func divide(h *vector.Hasher, buf *[]uint64, keys []*vector.Vector, sel []int32, n int, out *[spillFanout]bool) (keep, gone []int32, hashes []uint64) {
	count := n
	if sel != nil {
		count = len(sel)
	}
	if cap(*buf) < count {
		*buf = make([]uint64, count)
	}
	all := (*buf)[:count]
	h.Hash(keys, sel, n, all)
	rows := make([]int32, count)
	keep, gone = rows[:0], make([]int32, 0, count)
	for k, x := range all {
		i := int32(k)
		if sel != nil {
			i = sel[k]
		}
		if out[spillPart(x, 0)] {
			all[len(gone)] = x
			gone = append(gone, i)
		} else {
			keep = append(keep, i)
		}
	}
	return keep, gone, all[:len(gone)]
}

// dividing are the keys by which rows are partitioned: all rows that a row has
// to be compared with are in its partition.
func (j *joinOp) dividing(keys []*vector.Vector) []*vector.Vector {
	if j.looksAside() {
		return keys[1:]
	}
	return keys
}

// divisible reports whether there are such keys.
func (j *joinOp) divisible() bool {
	return len(j.rkeys) > 1 || len(j.rkeys) == 1 && !j.looksAside()
}

func anyNull(v *vector.Vector, sel []int32, n int) bool {
	if v.Valid == nil {
		return false
	}
	for _, i := range sel {
		if v.IsNull(int(i)) {
			return true
		}
	}
	for i := 0; sel == nil && i < n; i++ {
		if v.IsNull(i) {
			return true
		}
	}
	return false
}

// splitKeys tells keys that are plain columns (their positions) from those to
// compute (-1).
func splitKeys(keys []expr.Expr) (at []int, computed []expr.Expr) {
	for _, k := range keys {
		if in, ok := k.(*expr.Input); ok {
			at = append(at, in.Index)
			continue
		}
		at = append(at, -1)
		computed = append(computed, k)
	}
	return at, computed
}

func exprTypes(es []expr.Expr) []types.Type {
	ts := make([]types.Type, len(es))
	for i, e := range es {
		ts[i] = e.Type()
	}
	return ts
}

// handOver leaves a task's part of L to the last prober.
func (b *joinBuild) handOver(runs [spillFanout]*spill.Run) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handed = append(b.handed, runs)
}

func (b *joinBuild) takeHanded() [][spillFanout]*spill.Run {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.handed
	b.handed = nil
	return h
}
