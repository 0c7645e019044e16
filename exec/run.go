package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/sqlerr"
)

// Run executes one task of a stage: it pulls batches from the stage's root and
// writes them, partitioned, to the stage's output edges, which edges must hold by ID. It returns nil when the input is
// exhausted or nobody wants more rows. A panic becomes an XX000 error; whatever happens, all memory is given back.
func Run(ctx context.Context, stage *physical.Stage, edges []*physical.Edge, env *Env) (err error) {
	if env.Stats == nil {
		env.Stats = &TaskStats{}
	}
	task := *env
	task.holders = holdersOf(stage, edges)
	task.Account = env.Account.Task(fmt.Sprintf("stage %d task %d", stage.ID, env.Partition))
	defer task.Account.Close()
	defer context.AfterFunc(ctx, task.Account.Stop)()
	ctx = memory.InTask(ctx, task.Account)
	defer recoverPanic(&err, env)
	root, err := Build(stage.Root, &task)
	if err != nil {
		return err
	}
	defer func() {
		defer recoverPanic(&err, env)
		if e := root.Close(); err == nil {
			err = e
		}
	}()
	return pump(ctx, root, stage, edges, &task)
}

// recoverPanic turns a panic into the task's error; the stack goes to the
// process's log, not to the client.
func recoverPanic(err *error, env *Env) {
	if p := recover(); p != nil {
		if env.OnPanic != nil {
			env.OnPanic(p, debug.Stack())
		}
		*err = sqlerr.New(sqlerr.Internal, "internal error: %v", p)
	}
}

// pump moves the root's batches to the edges' writers.
func pump(ctx context.Context, root Operator, stage *physical.Stage, edges []*physical.Edge, env *Env) error {
	if env.Stats.Out == nil {
		env.Stats.Out = map[physical.EdgeID][]PartitionStats{}
	}
	out := &memoryHolder{account: env.Account.Child("Exchange output", 0)}
	defer out.account.Close()
	var writers []*edgeWriter
	for _, id := range stage.Outputs {
		writers = append(writers, newEdgeWriter(env, edges[id], out, !stage.Deterministic))
	}
	if err := root.Open(ctx); err != nil {
		return err
	}
	for len(writers) > 0 {
		b, err := root.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if writers, err = each(writers, func(w *edgeWriter) error { return w.write(ctx, b) }); err != nil {
			return err
		}
	}
	_, err := each(writers, func(w *edgeWriter) error { return w.flushAll(ctx) })
	return err
}

// each calls f for every writer and drops those whose consumers are done.
func each(ws []*edgeWriter, f func(*edgeWriter) error) ([]*edgeWriter, error) {
	left := ws[:0]
	for _, w := range ws {
		err := f(w)
		if errors.Is(err, ErrDone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		left = append(left, w)
	}
	return left, nil
}

// memoryHolder is an account with what is reserved on it.
type memoryHolder struct {
	account *memory.Account
	held    int64
}

// edgeWriter partitions a task's output for one edge and buffers small pieces.
type edgeWriter struct {
	env     *Env
	edge    *physical.Edge
	mem     *memoryHolder
	hasher  vector.Hasher
	hashes  []uint64
	parts   []*rowSet // what each partition has buffered
	expect  [][]int   // per partition, the bytes of each column of its last full buffer
	rows    divider
	charged []int64
	stats   []PartitionStats
	hash    bool  // rows are hashed for the checksum
	most    int64 // bytes of a buffer that is full
	batches int
	keys    *keyWriter // of a filter edge
}

// Buffers go out at writeRows rows or writeBytes bytes, or less where there are
// many partitions or little memory.
const (
	writeRows  = vector.BatchSize
	writeBytes = 1 << 20
	writeLeast = 32 << 10
)

func newEdgeWriter(env *Env, e *physical.Edge, mem *memoryHolder, checksum bool) *edgeWriter {
	n := e.Partitioning.N
	if n < 1 || e.Partitioning.Kind == physical.Gather || e.Partitioning.Kind == physical.Broadcast {
		n = 1
	}
	if e.Partitioning.Kind == physical.Forward {
		n = max(n, env.Partition+1)
	}
	w := &edgeWriter{env: env, edge: e, mem: mem, hash: checksum,
		parts: make([]*rowSet, n), expect: make([][]int, n), rows: newDivider(n), charged: make([]int64, n), stats: make([]PartitionStats, n)}
	env.Stats.Out[e.ID] = w.stats
	if e.Keys != nil {
		w.keys = newKeyWriter(env)
	}
	w.most = writeBytes
	if share := env.Account.Share(env.holders); share > 0 {
		w.most = min(writeBytes, max(share/int64(2*n), writeLeast))
	}
	return w
}

func (w *edgeWriter) write(ctx context.Context, b *vector.Batch) error {
	p := w.edge.Partitioning
	n := len(w.parts)
	switch {
	case w.keys != nil:
		w.writeKeys(b)
		return nil
	case p.Kind == physical.Hash && n > 1:
		return w.scatter(ctx, b)
	case p.Kind == physical.Range && n > 1:
		return w.divideByRange(ctx, b)
	case p.Kind == physical.Forward:
		return w.add(ctx, w.env.Partition, b, b.Sel)
	case p.Kind == physical.RoundRobin:
		w.batches++
		return w.add(ctx, (w.env.Partition+w.batches-1)%n, b, b.Sel)
	}
	return w.add(ctx, 0, b, b.Sel)
}

// partitionOf returns the consumer partition of a row by the hash of its keys.
func partitionOf(hash uint64, n int) int { return int(hash >> 32 * uint64(n) >> 32) }

// scatter divides a batch by the hash of its keys.
func (w *edgeWriter) scatter(ctx context.Context, b *vector.Batch) error {
	n := b.Count()
	if cap(w.hashes) < n {
		w.hashes = make([]uint64, n)
	}
	h := w.hashes[:n]
	w.hasher.Hash(emitColumns(b.Cols, w.edge.Partitioning.Keys), b.Sel, b.Rows, h)
	to := w.rows.begin(n)
	for k, x := range h {
		to[k] = uint32(partitionOf(x, len(w.parts)))
	}
	return w.addEach(ctx, b)
}

// addEach adds a batch's rows to the partitions that w.rows has for them.
func (w *edgeWriter) addEach(ctx context.Context, b *vector.Batch) error {
	w.rows.divide(b.Sel)
	for p := range w.parts {
		sel := w.rows.of(p)
		if len(sel) == 0 {
			continue
		}
		if err := w.add(ctx, p, b, sel); err != nil {
			return err
		}
	}
	return nil
}

// add buffers rows of a batch for a partition, or passes a large one on.
func (w *edgeWriter) add(ctx context.Context, p int, b *vector.Batch, sel []int32) error {
	n := b.Rows
	if sel != nil {
		n = len(sel)
	}
	if n == 0 {
		return nil
	}
	if w.parts[p] == nil && b.Owned && sel == nil && n >= writeRows/4 && n <= 2*writeRows {
		return w.send(ctx, p, b)
	}
	// Pieces, so that a huge batch does not become one message.
	for from := 0; from < n; from += writeRows {
		to := min(from+writeRows, n)
		part := sel
		if sel != nil {
			part = sel[from:to]
		} else if n > writeRows {
			part = rowNumbers(from, to)
		}
		if err := w.buffer(ctx, p, b, part, to-from); err != nil {
			return err
		}
	}
	return nil
}

func (w *edgeWriter) buffer(ctx context.Context, p int, b *vector.Batch, sel []int32, n int) error {
	s := w.parts[p]
	if s == nil {
		s = newRowSet(fieldTypes(w.edge.Fields))
		for i, n := range w.expect[p] {
			s.cols[i].Expect(n)
		}
		w.parts[p] = s
	}
	if more := s.growth(b.Cols, n); more > 0 {
		if err := w.mem.account.Resize(&w.mem.held, w.mem.held+more); err != nil {
			return err
		}
		w.charged[p] += more
	}
	if err := s.add(b.Cols, sel, n); err != nil {
		return err
	}
	size := s.bytes()
	if err := w.mem.account.Resize(&w.mem.held, w.mem.held+size-w.charged[p]); err != nil {
		return err
	}
	w.charged[p] = size
	if s.rows < writeRows && (size < w.most || s.rows < writeRows/16 && w.most >= writeBytes) {
		return nil
	}
	if w.expect[p] == nil {
		w.expect[p] = make([]int, len(s.cols))
	}
	for i, c := range s.cols {
		w.expect[p][i] = c.DataBytes()
	}
	return w.flush(ctx, p)
}

func (w *edgeWriter) flush(ctx context.Context, p int) error {
	s := w.parts[p]
	if s == nil || s.rows == 0 {
		return nil
	}
	w.parts[p] = nil
	if err := w.mem.account.Resize(&w.mem.held, w.mem.held-w.charged[p]); err != nil {
		return err
	}
	w.charged[p] = 0
	return w.send(ctx, p, &vector.Batch{Rows: s.rows, Cols: dropSparse(s.view()), Owned: true})
}

// dropSparse flattens columns in place where few rows use the dictionary's
// entries, which are then neither pinned nor written.
func dropSparse(cols []*vector.Vector) []*vector.Vector {
	for i, v := range cols {
		if v.Enc == vector.Dict && v.Dictionary.Len > 2*v.Len {
			cols[i] = vector.Flatten(v)
		}
	}
	return cols
}

func (w *edgeWriter) flushAll(ctx context.Context) error {
	if w.keys != nil {
		if err := w.endKeys(ctx); err != nil {
			return err
		}
	}
	for p := range w.parts {
		if err := w.flush(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (w *edgeWriter) send(ctx context.Context, p int, b *vector.Batch) error {
	st := &w.stats[p]
	st.Rows += int64(b.Rows)
	st.Bytes += b.Size()
	if w.hash {
		if cap(w.hashes) < b.Rows {
			w.hashes = make([]uint64, b.Rows)
		}
		h := w.hashes[:b.Rows]
		w.hasher.Hash(b.Cols, nil, b.Rows, h)
		for _, x := range h {
			st.Hash += x
		}
	}
	return w.env.Sink.Write(ctx, w.edge.ID, p, b)
}
