package executor

import (
	"context"
	"errors"
	"fmt"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/cluster/shuffle"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// task is one attempt at work.
type task struct {
	x     *Executor
	q     *query
	l     scheduler.Launch
	stage *physical.Stage
	stats *exec.TaskStats
	// opened are the input edges that the operators read.
	opened map[int]bool
}

func (x *Executor) newTask(q *query, l scheduler.Launch) *task {
	a := l.Attempt
	return &task{x: x, q: q, l: l, stage: q.Plan.Stages[a.Stage], stats: &exec.TaskStats{}, opened: map[int]bool{}}
}

// run runs the attempt; its output is committed when it returns without error.
func (t *task) run(ctx context.Context) (scheduler.TaskDone, error) {
	done := scheduler.TaskDone{Attempt: t.l.Attempt}
	env := &exec.Env{
		Query: fmt.Sprint(t.q.ID), Stage: t.stage.ID, Partition: t.l.Attempt.Partition, Tasks: t.tasks(), Whole: t.whole(), Context: t.q.Context, Account: t.q.acct,
		Connector: t.x.cfg.Connector, Splits: t.splits(), Cuts: t.cuts(), Queues: t.q.queues, Plan: t.stage.Tasks, Sources: t,
		Shared: t.x.sharedBuilds(t.q, t.l.Attempt.Epoch), Stats: t.stats, BatchSize: t.x.cfg.BatchSize, OnPanic: t.panicked,
		Spill: t.x.cfg.Spill,
	}
	edges := t.q.Plan.Edges
	if t.isResult() {
		return done, t.runResult(ctx, env)
	}
	w, err := t.x.cfg.Store.NewWriter(t.l.Attempt, t.outputs(), t.q.acct)
	if err != nil {
		return done, err
	}
	env.Sink = t.delayed(w)
	if err := notDone(exec.Run(ctx, t.stage, edges, env)); err != nil {
		w.Abort(err)
		return done, err
	}
	t.refuseUnread(ctx)
	done.Outputs, done.EarlyStop, err = w.Finish(ctx)
	if err != nil {
		w.Abort(err)
		return done, err
	}
	done.Rows, done.Checksum = t.written()
	return done, nil
}

// runResult runs an attempt of the result stage; the driver holds its rows then.
func (t *task) runResult(ctx context.Context, env *exec.Env) error {
	sink := t.x.cfg.Reporter.Result(t.l.Attempt)
	env.Sink = t.delayed(sink)
	if err := notDone(exec.Run(ctx, t.stage, t.q.Plan.Edges, env)); err != nil {
		return err
	}
	t.refuseUnread(ctx)
	if f, ok := sink.(Finisher); ok {
		return notDone(f.Finish(ctx))
	}
	return nil
}

// panicked logs a panic of the task.
func (t *task) panicked(reason any, stack []byte) {
	if t.x.cfg.Log != nil {
		t.x.cfg.Log.Error("task panicked", "attempt", t.l.Attempt, "panic", reason, "stack", string(stack))
	}
}

// notDone drops the error that says that nobody wants more rows.
func notDone(err error) error {
	if errors.Is(err, exec.ErrDone) {
		return nil
	}
	return err
}

func (t *task) isResult() bool {
	return len(t.stage.Outputs) == 1 && t.stage.Outputs[0] == t.q.Plan.Result
}

func (t *task) splits() map[physical.OpID][]catalog.Split {
	if t.l.Replanned { // only stages that read no table are
		return nil
	}
	return t.stage.Tasks[t.l.Attempt.Partition].Splits
}

func (t *task) cuts() map[physical.OpID]physical.Cut {
	if t.l.Replanned {
		return nil
	}
	return t.stage.Tasks[t.l.Attempt.Partition].Cuts
}

func (t *task) outputs() []shuffle.Output {
	var outs []shuffle.Output
	for _, o := range t.l.Outputs {
		e := t.q.Plan.Edges[o.Edge]
		outs = append(outs, shuffle.Output{Edge: o.Edge, Partitions: e.Partitioning.N, Mode: o.Mode, Fields: e.Fields, Carry: t.carry(e)})
	}
	return outs
}

const (
	// carryBytes is how much of an edge may be carried by the driver, from all of its producers.
	carryBytes = 256 << 10
	// launchedBytes is how much of an edge the launches of all its consumers' tasks may carry, each of them the whole.
	launchedBytes = 16 << 20
)

// carry is this task's part of what may be carried of an edge.
func (t *task) carry(e *physical.Edge) int {
	if t.x.cfg.Fetcher == nil || e.To == physical.Driver {
		return 0
	}
	readers := max(1, len(t.q.Plan.Stages[e.To].Tasks))
	return min(carryBytes, launchedBytes/readers) / t.tasks()
}

// written adds up what went to the first edge: every edge gets the same rows.
func (t *task) written() (rows int64, hash uint64) {
	if len(t.stage.Outputs) == 0 {
		return 0, 0
	}
	for _, p := range t.stats.Out[t.stage.Outputs[0]] {
		rows += p.Rows
		hash += p.Hash
	}
	return rows, hash
}

// Open opens this task's partition of an input edge (exec.SourceOpener).
func (t *task) Open(ctx context.Context, edge physical.EdgeID, fields []types.Field, perProducer bool) ([]exec.Source, error) {
	in, err := t.input(edge)
	if err != nil {
		return nil, err
	}
	t.opened[int(edge)] = true
	schema := shuffle.NewSchema(t.q.Plan.Edges[edge].Fields)
	var out []exec.Source
	for _, r := range t.reads(in) {
		if r.Producers.From < 0 || r.Producers.To > len(in.Sources) || r.Producers.Len() < 0 {
			return nil, sqlerr.New(sqlerr.Internal, "task was launched to read producers %v of %d", r.Producers, len(in.Sources))
		}
		for _, src := range in.Sources[r.Producers.From:r.Producers.To] {
			s, err := t.openSource(ctx, src, edge, in.Mode, r.Partitions, schema)
			if err != nil {
				for _, o := range out {
					o.Close()
				}
				return nil, err
			}
			out = append(out, s)
		}
	}
	if perProducer {
		return out, nil
	}
	return []exec.Source{shuffle.Mixed(ctx, out)}, nil
}

// refuseUnread closes the pipelined inputs that no operator has opened, such as the
// probe side of a join whose build side was empty: their producers would wait for ever for this
// task to take its part.
func (t *task) refuseUnread(ctx context.Context) {
	for _, in := range t.l.Inputs {
		if in.Mode != scheduler.Pipelined || t.opened[in.Edge] {
			continue
		}
		edge := physical.EdgeID(in.Edge)
		sources, err := t.Open(ctx, edge, t.q.Plan.Edges[edge].Fields, true)
		if err != nil {
			continue // nobody waits on what can't be reached
		}
		for _, s := range sources {
			s.Close()
		}
	}
}

func (t *task) input(edge physical.EdgeID) (*scheduler.Input, error) {
	for i := range t.l.Inputs {
		if t.l.Inputs[i].Edge == int(edge) {
			return &t.l.Inputs[i], nil
		}
	}
	if t.l.Replanned { // nothing of it can matter
		return &scheduler.Input{Edge: int(edge)}, nil
	}
	return nil, sqlerr.New(sqlerr.Internal, "task was launched without input edge %d", edge)
}

func (t *task) openSource(ctx context.Context, src scheduler.Source, edge physical.EdgeID, mode scheduler.Mode, parts scheduler.Span, schema *shuffle.Schema) (exec.Source, error) {
	if src.Carried != "" && mode == scheduler.Spooled {
		return shuffle.OpenCarried(src.Carried, parts, schema)
	}
	if t.x.cfg.Fetcher != nil {
		return t.x.cfg.Fetcher.Open(ctx, src, int(edge), mode, parts, schema)
	}
	return t.x.cfg.Store.Open(ctx, shuffle.Key{Attempt: src.Attempt, Edge: int(edge)}, mode, parts)
}

// failure classifies an attempt's error.
func (t *task) failure(err error) scheduler.TaskFailed {
	f := scheduler.TaskFailed{Attempt: t.l.Attempt, Class: scheduler.Fatal, Err: sqlerr.From(err)}
	var missing *shuffle.MissingError
	var refused *shuffle.CommitError
	var transient *shuffle.TransientError
	switch {
	case errors.As(err, &refused):
		f.Class = scheduler.Superseded
	case errors.As(err, &transient):
		f.Class = scheduler.Transient
	case errors.As(err, &missing):
		f.Class, f.Missing = scheduler.Fetch, []scheduler.Attempt{missing.Key.Attempt}
	case f.Err.Code == sqlerr.OutOfMemory:
		f.Class = scheduler.Memory
	}
	return f
}

// delayed puts the fault point before a sink.
func (t *task) delayed(s exec.Sink) exec.Sink {
	if t.x.cfg.Delay == nil {
		return s
	}
	return &slowSink{t, s}
}

type slowSink struct {
	t *task
	exec.Sink
}

func (s *slowSink) Write(ctx context.Context, edge physical.EdgeID, partition int, b *vector.Batch) error {
	s.t.x.cfg.Delay(ctx, s.t.l.Attempt)
	return s.Sink.Write(ctx, edge, partition, b)
}
