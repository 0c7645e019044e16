package exec

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// base is what every operator has: its task, its figures and its memory.
type base struct {
	env     *Env
	stats   *OpStats
	name    string
	account *memory.Account
	held    int64
	size    int // rows per batch
}

func newBase(env *Env, n physical.Node, name string) base {
	id := n.Info().ID
	size := env.BatchSize
	if size <= 0 {
		size = vector.BatchSize
	}
	return base{env: env, stats: env.Stats.op(id), name: fmt.Sprintf("%s #%d", name, id), size: size}
}

// hold sets the operator's reservation to n bytes, before or as it grows.
func (b *base) hold(n int64) error {
	if b.account == nil {
		b.account = b.env.Account.Child(b.name, 0)
	}
	if n < b.held/2 {
		b.account.Answered()
	}
	return b.account.Resize(&b.held, n)
}

// release gives all memory back.
func (b *base) release() {
	if b.account == nil {
		return
	}
	atomic.StoreInt64(&b.stats.Peak, max(b.stats.Peak, b.account.Peak()))
	b.account.Close()
	b.account, b.held = nil, 0
}

// op returns the counters of an operator, making room for it.
func (s *TaskStats) op(id physical.OpID) *OpStats {
	if s == nil || int(id) < 0 || int(id) >= len(s.Ops) {
		return &OpStats{}
	}
	return &s.Ops[id]
}

// Snapshot returns the counters as they are now, also while the task runs.
func (s *TaskStats) Snapshot() []OpStats {
	out := make([]OpStats, len(s.Ops))
	for i := range s.Ops {
		o := &s.Ops[i]
		out[i] = OpStats{
			Rows: atomic.LoadInt64(&o.Rows), Batches: atomic.LoadInt64(&o.Batches), Bytes: atomic.LoadInt64(&o.Bytes),
			CPUNs: atomic.LoadInt64(&o.CPUNs), WaitNs: atomic.LoadInt64(&o.WaitNs),
			Peak: atomic.LoadInt64(&o.Peak), Spilled: atomic.LoadInt64(&o.Spilled),
		}
	}
	return out
}

// clock attributes time to operators: each call takes its callees' time off its own.
type clock struct{ inner time.Duration }

// measured counts an operator's output and time, and stops it when the query
// is canceled.
type measured struct {
	op    Operator
	stats *OpStats
	clock *clock
}

func (m *measured) Open(ctx context.Context) error {
	defer m.time(time.Now(), m.enter())
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	return m.op.Open(ctx)
}

func (m *measured) enter() time.Duration {
	outer := m.clock.inner
	m.clock.inner = 0
	return outer
}

func (m *measured) time(start time.Time, outer time.Duration) {
	d := time.Since(start)
	atomic.AddInt64(&m.stats.CPUNs, int64(d-m.clock.inner))
	m.clock.inner = outer + d
}

func (m *measured) Next(ctx context.Context) (*vector.Batch, error) {
	defer m.time(time.Now(), m.enter())
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	for {
		b, err := m.op.Next(ctx)
		if err != nil {
			return nil, err
		}
		n := b.Count()
		if n == 0 {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			continue // an empty batch says nothing
		}
		atomic.AddInt64(&m.stats.Rows, int64(n))
		atomic.AddInt64(&m.stats.Batches, 1)
		atomic.AddInt64(&m.stats.Bytes, outputBytes(b, n))
		return b, nil
	}
}

// outputBytes is about how large the n listed rows of a batch are; dictionaries don't count.
func outputBytes(b *vector.Batch, n int) int64 {
	var size int64
	for _, v := range b.Cols {
		s := len(v.Data)
		if k := len(v.Offsets); k > 0 {
			s = 4*k + int(v.Offsets[k-1]-v.Offsets[0])
		}
		size += int64(s + 4*len(v.Codes))
	}
	return size * int64(n) / int64(max(1, b.Rows))
}

// rowSkipper is an operator that may know how to leave out its first rows for
// less than yielding them. It is asked after Open, before the first Next.
type rowSkipper interface {
	skipRows(n int64) bool
}

func (m *measured) skipRows(n int64) bool {
	s, ok := m.op.(rowSkipper)
	return ok && s.skipRows(n)
}

func (m *measured) Close() error { return m.op.Close() }

// wait moves time spent outside the process's control from CPU to waiting.
func wait(c *clock, s *OpStats, start time.Time) {
	d := time.Since(start)
	atomic.AddInt64(&s.WaitNs, int64(d))
	c.inner += d
}

// breathe lets other goroutines run. Leaves of a task call it for each batch:
// Go would take a busy goroutine off its thread only after 10 ms, and a short query has many goroutines to pass.
func breathe() { runtime.Gosched() }

// drain reads an input to its end.
func drain(ctx context.Context, in Operator, f func(*vector.Batch) error) error {
	for {
		b, err := in.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f(b); err != nil {
			return err
		}
	}
}

func fieldTypes(fs []types.Field) []types.Type {
	ts := make([]types.Type, len(fs))
	for i, f := range fs {
		ts[i] = f.Type
	}
	return ts
}

// emitColumns picks columns by position; nil means all.
func emitColumns(cols []*vector.Vector, emit []int) []*vector.Vector {
	if emit == nil {
		return cols
	}
	out := make([]*vector.Vector, len(emit))
	for i, c := range emit {
		out[i] = cols[c]
	}
	return out
}

// rowSet keeps rows of batches in concatenated columns.
type rowSet struct {
	cols []*vector.Appender
	rows int
}

func newRowSet(ts []types.Type) *rowSet {
	s := &rowSet{}
	for _, t := range ts {
		s.cols = append(s.cols, vector.NewAppender(t))
	}
	return s
}

func (s *rowSet) add(cols []*vector.Vector, sel []int32, n int) error {
	if sel != nil {
		n = len(sel)
	}
	for i, v := range cols {
		if err := s.cols[i].Append(v, sel, n); err != nil {
			return err
		}
	}
	s.rows += n
	return nil
}

func (s *rowSet) bytes() int64 {
	var n int64
	for _, c := range s.cols {
		n += c.Bytes()
	}
	return n
}

func (s *rowSet) view() []*vector.Vector {
	out := make([]*vector.Vector, len(s.cols))
	for i, c := range s.cols {
		out[i] = c.View()
	}
	return out
}

// takeAll gathers rows of several columns.
func takeAll(cols []*vector.Vector, idx []int32) []*vector.Vector {
	out := make([]*vector.Vector, len(cols))
	for i, c := range cols {
		out[i] = vector.Take(c, idx)
	}
	return out
}

// rowNumbers returns from, from+1, … to-1.
func rowNumbers(from, to int) []int32 {
	idx := make([]int32, to-from)
	for i := range idx {
		idx[i] = int32(from + i)
	}
	return idx
}
