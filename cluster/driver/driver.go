// Package driver carries out what the scheduler decides: it feeds it events one
// at a time and turns its actions into calls on executors.
package driver

import (
	"context"
	"sort"
	"sync"
	"time"

	"github.com/flintsql/flint/cluster"
	"github.com/flintsql/flint/cluster/executor"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/sqlerr"
)

// tickEvery is how often the scheduler hears of the time while there are queries.
const tickEvery = 50 * time.Millisecond

// Handle is the driver's end of an executor. Its methods return at once; what
// comes of a launch is reported through the driver's executor.Reporter.
type Handle interface {
	Register(q executor.Query)
	Launch(l scheduler.Launch)
	Abort(a scheduler.Attempt)
	Drop(q scheduler.QueryID)
	// Fence cuts the executor off and kills it.
	Fence()
}

// WorkerHandle is the driver's end of a worker.
type WorkerHandle interface {
	Drop(q scheduler.QueryID)
}

// Driver runs queries on executors. It implements cluster.Runner and
// executor.Reporter, and is safe for concurrent use.
type Driver struct {
	now  func() time.Time
	acct *memory.Account

	mu        sync.Mutex // held during Step and its actions, which never block
	sched     *scheduler.Scheduler
	executors map[scheduler.ExecutorID]member
	local     Handle // runs driver-local stages
	workers   map[scheduler.WorkerID]WorkerHandle
	queries   map[scheduler.QueryID]*query
	lastQuery scheduler.QueryID
	ticking   bool
	closed    bool
	idle      chan struct{} // closed when the last query ends after Close
}

// member is a registered executor.
type member struct {
	info   cluster.Executor
	handle Handle
}

// New makes a driver; acct is charged for results it holds back.
func New(o scheduler.Options, acct *memory.Account, now func() time.Time) *Driver {
	return &Driver{now: now, acct: acct, sched: scheduler.New(o), executors: map[scheduler.ExecutorID]member{},
		workers: map[scheduler.WorkerID]WorkerHandle{}, queries: map[scheduler.QueryID]*query{}, idle: make(chan struct{})}
}

// SetLocal gives the driver the executor of its own process, for driver-local
// stages.
func (d *Driver) SetLocal(h Handle) { d.local = h }

// step hands an event to the scheduler and carries out its actions.
func (d *Driver) step(e scheduler.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stepLocked(e)
}

func (d *Driver) stepLocked(e scheduler.Event) {
	todo := []scheduler.Event{e}
	for len(todo) > 0 {
		acts := d.sched.Step(d.now(), todo[0])
		todo = todo[1:]
		for _, a := range acts {
			if ask, ok := a.(scheduler.Replan); ok {
				todo = append(todo, d.answer(ask))
				continue
			}
			d.act(a)
		}
	}
}

// act carries out one action; nothing in it blocks.
func (d *Driver) act(a scheduler.Action) {
	switch a := a.(type) {
	case scheduler.Launch:
		d.launch(a)
	case scheduler.Abort:
		if h := d.handle(a.Executor); h != nil {
			h.Abort(a.Attempt)
		}
	case scheduler.Fence:
		if h := d.handle(a.Executor); h != nil {
			delete(d.executors, a.Executor)
			h.Fence()
		}
	case scheduler.DiscardResult:
		if q := d.queries[a.Attempt.Query]; q != nil {
			q.result.discard(a.Attempt)
		}
	case scheduler.Demote:
		if q := d.queries[a.Query]; q != nil {
			q.demoted[a.Edge] = a.Reason
		}
	case scheduler.Drop:
		d.drop(a)
	case scheduler.Finish:
		d.end(a.Query, nil)
	case scheduler.Fail:
		d.end(a.Query, a.Err)
	}
}

func (d *Driver) handle(id scheduler.ExecutorID) Handle {
	if id == scheduler.LocalExecutor {
		return d.local
	}
	return d.executors[id].handle
}

// launch sends a task; the plan goes ahead of the first task of a query on an executor.
func (d *Driver) launch(l scheduler.Launch) {
	q, h := d.queries[l.Attempt.Query], d.handle(l.Executor)
	if q == nil || h == nil {
		return
	}
	if !q.registered[l.Executor] {
		q.registered[l.Executor] = true
		h.Register(q.spec)
	}
	h.Launch(l)
}

func (d *Driver) drop(a scheduler.Drop) {
	if a.Executor != "" {
		if h := d.handle(a.Executor); h != nil {
			h.Drop(a.Query)
		}
		return
	}
	if w := d.workers[a.Worker]; w != nil {
		w.Drop(a.Query)
	}
}

// end is the one end of a query.
func (d *Driver) end(id scheduler.QueryID, err *sqlerr.Error) {
	q := d.queries[id]
	if q == nil {
		return
	}
	delete(d.queries, id)
	q.result.end(err)
	if d.closed && len(d.queries) == 0 {
		close(d.idle)
	}
}

// tick lets time pass as long as there are queries.
func (d *Driver) tick() {
	for {
		time.Sleep(tickEvery)
		d.mu.Lock()
		if len(d.queries) == 0 && d.sched.Idle() {
			d.ticking = false
			d.mu.Unlock()
			return
		}
		d.stepLocked(scheduler.Tick{})
		d.mu.Unlock()
	}
}

// Run starts a query (cluster.Runner).
func (d *Driver) Run(ctx context.Context, cq cluster.Query) (cluster.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, sqlerr.New(sqlerr.CannotConnectNow, "the server is shutting down")
	}
	d.lastQuery++
	q := newQuery(d, d.lastQuery, cq)
	d.queries[q.id] = q
	q.stopWatch = context.AfterFunc(ctx, func() { d.cancel(q.id, context.Cause(ctx)) })
	d.stepLocked(scheduler.SubmitQuery{Graph: graphOf(q.id, cq.Plan)})
	if !d.ticking {
		d.ticking = true
		go d.tick()
	}
	return q, nil
}

// cancel ends a query from outside.
func (d *Driver) cancel(id scheduler.QueryID, cause error) {
	var err *sqlerr.Error
	if e := sqlerr.From(cause); e != nil && e.Code != sqlerr.Internal {
		err = e
	}
	d.step(scheduler.Cancel{Query: id, Err: err})
}

// Topology lists the live executors (cluster.Runner).
func (d *Driver) Topology() cluster.Topology {
	d.mu.Lock()
	defer d.mu.Unlock()
	var t cluster.Topology
	for _, m := range d.executors {
		t.Executors = append(t.Executors, m.info)
	}
	sort.Slice(t.Executors, func(i, j int) bool { return t.Executors[i].ID < t.Executors[j].ID })
	return t
}

// AddExecutor registers a live executor.
func (d *Driver) AddExecutor(up scheduler.ExecutorUp, h Handle) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.executors[up.Executor] = member{cluster.Executor{ID: string(up.Executor), Host: up.Host, Slots: up.Slots}, h}
	d.stepLocked(up)
}

// LoseExecutor says that an executor is dead or was cut off.
func (d *Driver) LoseExecutor(id scheduler.ExecutorID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.executors, id)
	d.stepLocked(scheduler.ExecutorLost{Executor: id})
}

// AddWorker registers a live worker.
func (d *Driver) AddWorker(id scheduler.WorkerID, h WorkerHandle) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.workers[id] = h
	d.stepLocked(scheduler.WorkerUp{Worker: id})
}

// LoseWorker says that a worker is gone, with its executors and outputs.
func (d *Driver) LoseWorker(id scheduler.WorkerID, executors []scheduler.ExecutorID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.workers, id)
	for _, x := range executors {
		delete(d.executors, x)
	}
	d.stepLocked(scheduler.WorkerLost{Worker: id})
}

// Close cancels all queries, refuses new ones, and waits until all have ended.
func (d *Driver) Close() {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return
	}
	d.closed = true
	ids := make([]scheduler.QueryID, 0, len(d.queries))
	for id := range d.queries {
		ids = append(ids, id)
	}
	for _, id := range ids {
		d.stepLocked(scheduler.Cancel{Query: id, Err: sqlerr.New(sqlerr.AdminShutdown, "the server is shutting down")})
	}
	wait := len(d.queries) > 0
	d.mu.Unlock()
	if wait {
		<-d.idle
	}
}

// graphOf is a plan as the scheduler sees it.
func graphOf(id scheduler.QueryID, p *physical.Plan) scheduler.Graph {
	g := scheduler.Graph{Query: id}
	for _, s := range p.Stages {
		g.Stages = append(g.Stages, scheduler.Stage{ID: scheduler.StageID(s.ID), Tasks: len(s.Tasks), Local: s.Local,
			Deterministic: s.Deterministic, Hosts: hosts(s), Adaptive: p.Adaptable(s), Portable: physical.Portable(s)})
	}
	for _, e := range p.Edges {
		if e.To == physical.Driver {
			continue
		}
		g.Edges = append(g.Edges, scheduler.Edge{From: scheduler.StageID(e.From), To: scheduler.StageID(e.To),
			Mode: modes[e.Mode], PipelinedPossible: e.CanPipeline, Cost: e.Bytes, Partitioning: partitionings[e.Partitioning.Kind],
			Ordered: len(e.Ordering) > 0})
	}
	return g
}

var modes = map[physical.ExchangeMode]scheduler.Mode{physical.Spooled: scheduler.Spooled, physical.Pipelined: scheduler.Pipelined}

var partitionings = map[physical.PartitionKind]scheduler.Partitioning{
	physical.Gather: scheduler.Gather, physical.Hash: scheduler.Hash, physical.Broadcast: scheduler.Broadcast,
	physical.Forward: scheduler.Forward, physical.RoundRobin: scheduler.Hash, physical.Range: scheduler.Range,
}

// hosts are the preferred hosts of a stage's tasks, nil if there are none.
func hosts(s *physical.Stage) [][]string {
	var out [][]string
	some := false
	for _, t := range s.Tasks {
		var h []string
		for _, splits := range t.Splits {
			for _, sp := range splits {
				h = append(h, sp.Hosts...)
			}
		}
		some = some || h != nil
		out = append(out, h)
	}
	if !some {
		return nil
	}
	return out
}
