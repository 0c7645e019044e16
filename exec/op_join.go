package exec

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync/atomic"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// joinOp is the hash join, and without keys the nested loop join: it builds
// from R and probes with L.
type joinOp struct {
	base
	kind         physical.JoinKind
	left, right  Operator
	leftNode     physical.Node
	rightNode    physical.Node
	lkeys, rkeys []expr.Expr
	nullSafe     []bool
	filter       *joinFilter // residual, nil = none
	nullAware    bool        // the first key (or, without keys, the filter) may be NULL
	shared       bool
	emit         []int
	id           physical.OpID
	leftCols     int
	targets      []filterTarget

	keys     *program
	rkeyAt   []int // of each key in R's columns, -1 = computed
	computed []expr.Expr
	rkeyProg *program // computes those

	build   *joinBuild
	side    *joinSide // being probed: what the build has in memory, or a part of what it has not
	probe   *joinProber
	aside   *joinProber // NullAware: over side.others
	matched matchBits   // of side
	spill   *joinSpill  // nil = all of the build is in memory

	batch  *vector.Batch // being probed
	entry  []int32
	hits   []bool // per listed row: has it matched
	unsure []bool // per listed row: a NULL kept it from a non-match
	row    int    // next listed row to expand
	within int    // next of its entry's rows
	pairL  []int32
	pairR  []int32
	pairK  []int32
	buf    []int32
	takers []vector.Taker
	marks  []bool // columns of R to give out as codes; nil = none
	tail   int    // next unmatched build row to emit
	state  joinState
}

type joinState uint8

const (
	joinProbing joinState = iota // reading L
	joinPairs                    // batch has pairs left
	joinRest                     // unmatched rows of batch come next
	joinTail                     // unmatched build rows
	joinLoad                     // the next part of what is on disk
	joinDone
)

func newHashJoin(b *builder, n *physical.HashJoin) (Operator, error) {
	j := &joinOp{base: newBase(b.env, n, "HashJoin"), kind: n.Kind, leftNode: n.L, rightNode: n.R,
		lkeys: n.LKeys, rkeys: n.RKeys, nullSafe: n.NullSafe, nullAware: n.NullAware,
		shared: n.SharedBuild || slices.Contains(b.env.Whole, n.ID), emit: n.Emit, id: n.ID}
	if err := j.compile(b, n.Residual, false); err != nil {
		return nil, err
	}
	j.targets, j.marks = b.filterTargets(j), b.codes[n.ID]
	return j, j.inputs(b)
}

func newNestedLoopJoin(b *builder, n *physical.NestedLoopJoin) (Operator, error) {
	j := &joinOp{base: newBase(b.env, n, "NestedLoopJoin"), kind: n.Kind, leftNode: n.L, rightNode: n.R,
		nullAware: n.NullAware || n.Kind == logical.Mark, shared: n.SharedBuild, emit: n.Emit, id: n.ID}
	if err := j.compile(b, n.On, j.nullAware); err != nil {
		return nil, err
	}
	return j, j.inputs(b)
}

func (j *joinOp) compile(b *builder, residual []expr.Expr, threeValued bool) error {
	lt, rt := inputTypes(j.leftNode), inputTypes(j.rightNode)
	j.leftCols = len(lt)
	var err error
	if j.keys, err = compile(b.env, j.lkeys, lt); err != nil {
		return err
	}
	j.rkeyAt, j.computed = splitKeys(j.rkeys)
	if j.rkeyProg, err = compile(b.env, j.computed, rt); err != nil {
		return err
	}
	if len(residual) > 0 {
		j.filter, err = newJoinFilter(b.env, residual, append(append([]types.Type(nil), lt...), rt...), threeValued)
	}
	return err
}

func (j *joinOp) inputs(b *builder) (err error) {
	if j.left, err = b.build(j.leftNode); err != nil {
		return err
	}
	j.right, err = b.build(j.rightNode)
	return err
}

func (j *joinOp) Open(ctx context.Context) error {
	var err error
	build := func(a *memory.Account, crew *workCrew) (*joinBuild, error) { return buildJoin(ctx, j, a, crew) }
	if j.shared && j.env.Shared != nil {
		j.build, err = j.env.Shared.acquire(ctx, j.id, j.env.Account, build)
	} else {
		j.shared = false
		j.build, err = build(j.env.Account.Child(j.name, 0), nil)
	}
	if err != nil {
		j.build = nil
		return err
	}
	if err := j.right.Close(); err != nil {
		return err
	}
	j.pushFilters()
	j.use(j.build.joinSide)
	if j.build.all.rows == 0 && j.dropsUnmatchedLeft() {
		j.state = joinDone
		return nil
	}
	if j.build.outs > 0 {
		if err := j.startSpill(); err != nil {
			return err
		}
	}
	return j.left.Open(ctx)
}

// dropsUnmatchedLeft reports kinds in which a left row needs a match.
func (j *joinOp) dropsUnmatchedLeft() bool {
	switch j.kind {
	case logical.Inner, logical.Semi, logical.Right, logical.RightSemi, logical.RightAnti:
		return true
	}
	return false
}

// keepsBuild reports kinds that emit build rows by whether they had a match.
func (j *joinOp) keepsBuild() bool {
	switch j.kind {
	case logical.Right, logical.Full, logical.RightSemi, logical.RightAnti:
		return true
	}
	return false
}

// buildOnly reports kinds whose output has R's columns only.
func (j *joinOp) buildOnly() bool { return j.kind == logical.RightSemi || j.kind == logical.RightAnti }

func (j *joinOp) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		var b *vector.Batch
		var err error
		switch j.state {
		case joinProbing:
			b, err = j.read(ctx)
		case joinPairs:
			b, err = j.expand()
		case joinRest:
			b, err = j.rest()
		case joinTail:
			b, err = j.unmatchedBuild()
		case joinLoad:
			err = j.loadNext(ctx)
		default:
			return nil, io.EOF
		}
		if err != nil {
			return nil, err
		}
		if b != nil && b.Count() > 0 {
			return b, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
}

// read takes the next probe batch and looks its keys up.
func (j *joinOp) read(ctx context.Context) (*vector.Batch, error) {
	b, err := j.nextProbe(ctx)
	if err == io.EOF {
		return nil, j.endProbe()
	}
	if err != nil {
		return nil, err
	}
	keys, err := j.keys.Eval(b)
	if err != nil {
		return nil, err
	}
	if j.spill != nil && j.spill.parts != nil {
		if b, err = j.divertProbe(b, keys); err != nil || b.Count() == 0 {
			return nil, err
		}
	}
	n := b.Count()
	if cap(j.entry) < n {
		j.entry, j.hits, j.unsure = make([]int32, n), make([]bool, n), make([]bool, n)
	}
	j.batch, j.entry, j.hits, j.unsure = b, j.entry[:n], j.hits[:n], j.unsure[:n]
	if err := j.probe.lookup(keys, b.Sel, b.Rows, j.entry); err != nil {
		return nil, err
	}
	return j.matches(keys)
}

// nextProbe reads L, or what a part of it left on disk.
func (j *joinOp) nextProbe(ctx context.Context) (*vector.Batch, error) {
	if j.spill != nil && j.spill.pair != nil {
		return j.spill.probe.next()
	}
	return j.left.Next(ctx)
}

// matches starts on a batch whose keys are looked up.
func (j *joinOp) matches(keys []*vector.Vector) (*vector.Batch, error) {
	bits := j.probeBits()
	plain := j.filter == nil && j.side.table.unique && bits == nil
	if plain && (j.kind <= logical.Full || j.kind == logical.Single) {
		return j.single()
	}
	if j.buildOnly() && j.filter == nil {
		j.markEntries()
		return nil, nil
	}
	bits.load(j.hits, j.unsure)
	if j.nullAware {
		if err := j.findUnsure(keys); err != nil {
			return nil, err
		}
	}
	j.row, j.within, j.state = 0, 0, joinPairs
	if j.filter == nil && (j.kind == logical.Semi || j.kind == logical.Anti || j.kind == logical.Mark) {
		for k, e := range j.entry {
			j.hits[k] = j.hits[k] || e >= 0
		}
		j.state = joinRest
	}
	return nil, nil
}

// endProbe goes on after all probe rows.
func (j *joinOp) endProbe() error {
	if j.spill != nil {
		return j.endSpilled()
	}
	j.state = joinDone
	if j.keepsBuild() && j.lastProber() {
		j.state = joinTail
	}
	return nil
}

// position returns the physical row of the k-th listed row.
func (j *joinOp) position(k int) int32 {
	if j.batch.Sel != nil {
		return j.batch.Sel[k]
	}
	return int32(k)
}

func (j *joinOp) Close() error {
	err := errors.Join(j.left.Close(), j.right.Close())
	if j.spill != nil {
		err = errors.Join(err, j.spill.close())
		atomic.StoreInt64(&j.stats.Peak, max(j.stats.Peak, j.spill.mem.account.Peak()))
		j.spill.mem.account.Close()
		j.spill = nil
	}
	if b := j.build; b != nil {
		atomic.StoreInt64(&j.stats.Peak, max(j.stats.Peak, b.mem.account.Peak()))
		if j.shared {
			j.lastProber() // a task that ends early has probed all it will
			j.env.Shared.release(j.id, nil)
		} else {
			err = errors.Join(err, b.close())
		}
		j.build = nil
	}
	j.side, j.batch, j.matched, j.probe, j.aside, j.state = nil, nil, nil, nil, nil, joinDone
	j.release()
	return err
}
