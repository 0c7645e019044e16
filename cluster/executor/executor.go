// Package executor runs tasks: it builds a stage's operators over its exchange
// inputs, drives them into its outputs, and reports how each attempt ended.
package executor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/cluster/shuffle"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/sqlerr"
)

// Query is what an executor knows of a query: its plan and context come once.
type Query struct {
	ID      scheduler.QueryID
	Plan    *physical.Plan
	Context *function.Context
	Memory  int64 // limit per process, 0 = the process's
}

// Reporter hears how attempts fare; the driver's end of an executor. Its methods
// are called from task goroutines and must not block for long.
type Reporter interface {
	Started(a scheduler.Attempt)
	Done(d scheduler.TaskDone, run physical.TaskRun)
	Failed(f scheduler.TaskFailed, run physical.TaskRun)
	AbortAcked(a scheduler.Attempt)
	// Result takes rows of the result stage; it blocks while the client is behind.
	Result(a scheduler.Attempt) exec.Sink
}

// Fetcher opens outputs wherever they are; *shuffle.Remote is one.
type Fetcher interface {
	Open(ctx context.Context, src scheduler.Source, edge int, mode scheduler.Mode, parts scheduler.Span, schema *shuffle.Schema) (exec.Source, error)
}

// Finisher is a result sink that must be told when its rows are complete. The
// driver holds all of them once Finish returned without error.
type Finisher interface {
	Finish(ctx context.Context) error
}

// Config is what an Executor is made of.
type Config struct {
	ID        scheduler.ExecutorID
	Connector func(catalog string) (catalog.Connector, bool)
	Store     *shuffle.Store
	Fetcher   Fetcher // nil: everything is in Store
	Account   *memory.Account
	Reporter  Reporter
	BatchSize int        // rows operators aim at in one batch, 0 = the default
	Spill     *spill.Dir // where rows go that outgrow the memory; nil = nowhere
	// Log takes what a client must not see, such as the stack of a task's panic; nil = nowhere.
	Log *slog.Logger
	// Delay, if not nil, is called before each batch that a task writes: a fault point for tests.
	Delay func(ctx context.Context, a scheduler.Attempt)
}

// Executor runs tasks. It is safe for concurrent use.
type Executor struct {
	cfg Config

	mu       sync.Mutex
	queries  map[scheduler.QueryID]*query
	attempts map[scheduler.Attempt]context.CancelCauseFunc
	wg       sync.WaitGroup
}

// query is a query's state on this executor.
type query struct {
	Query
	acct   *memory.Account
	shared map[int]*exec.SharedBuilds // by epoch
	queues *exec.SplitQueues          // where tasks share their splits
	tasks  int
	gone   bool
}

var errAborted = errors.New("attempt aborted")

// New makes an executor.
func New(cfg Config) *Executor {
	return &Executor{cfg: cfg, queries: map[scheduler.QueryID]*query{}, attempts: map[scheduler.Attempt]context.CancelCauseFunc{}}
}

// Register makes a query known; it may be called again.
func (x *Executor) Register(q Query) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.queries[q.ID] == nil {
		state := &query{Query: q, shared: map[int]*exec.SharedBuilds{},
			acct: x.cfg.Account.Query(fmt.Sprintf("query %d", q.ID), q.Memory)}
		if x.cfg.Fetcher == nil { // all of the query's tasks run here
			state.queues = &exec.SplitQueues{}
		}
		x.queries[q.ID] = state
	}
}

// Launch starts an attempt of a registered query and returns at once.
func (x *Executor) Launch(l scheduler.Launch) {
	ctx, cancel := context.WithCancelCause(context.Background())
	x.mu.Lock()
	q := x.queries[l.Attempt.Query]
	if q == nil || q.gone {
		x.mu.Unlock()
		cancel(nil)
		go x.cfg.Reporter.Failed(scheduler.TaskFailed{Attempt: l.Attempt, Class: scheduler.Lost,
			Err: sqlerr.New(sqlerr.Internal, "query %d is not registered", l.Attempt.Query)}, physical.TaskRun{})
		return
	}
	q.tasks++
	x.attempts[l.Attempt] = cancel
	x.wg.Add(1)
	x.mu.Unlock()
	go x.run(ctx, q, l)
}

// Abort stops an attempt; AbortAcked follows, or another end of the attempt.
func (x *Executor) Abort(a scheduler.Attempt) {
	x.mu.Lock()
	cancel := x.attempts[a]
	x.mu.Unlock()
	if cancel == nil {
		x.cfg.Reporter.AbortAcked(a)
		return
	}
	cancel(errAborted)
}

// Drop forgets a query: its memory and outputs.
func (x *Executor) Drop(id scheduler.QueryID) {
	x.cfg.Store.Drop(id)
	x.mu.Lock()
	defer x.mu.Unlock()
	q := x.queries[id]
	if q == nil {
		return
	}
	q.gone = true
	q.acct.Stop()
	x.closeIfIdle(q)
}

// closeIfIdle gives a dropped query's account back after its last task.
func (x *Executor) closeIfIdle(q *query) {
	if q.gone && q.tasks == 0 {
		delete(x.queries, q.ID)
		for _, s := range q.shared {
			s.Close()
		}
		q.acct.Close()
	}
}

// Close stops all attempts and waits for them.
func (x *Executor) Close() {
	x.mu.Lock()
	for _, cancel := range x.attempts {
		cancel(errAborted)
	}
	x.mu.Unlock()
	x.wg.Wait()
}

// startedAfter is how long a task runs before the driver hears that it does, which serves to tell tasks that
// take executors down from executors that die by themselves.
const startedAfter = 5 * time.Millisecond

// run takes an attempt from start to end.
func (x *Executor) run(ctx context.Context, q *query, l scheduler.Launch) {
	defer x.wg.Done()
	began := time.Now()
	// Nobody waits for the word that a task has started: most have ended by then.
	var saying sync.WaitGroup
	saying.Add(1)
	started := time.AfterFunc(startedAfter, func() {
		defer saying.Done()
		x.cfg.Reporter.Started(l.Attempt)
	})
	t := x.newTask(q, l)
	done, err := t.run(ctx)
	if !started.Stop() {
		saying.Wait() // its end is not reported before its start
	}
	run := physical.TaskRun{Executor: string(x.cfg.ID), Attempts: l.Attempt.Number, NS: time.Since(began).Nanoseconds(), Ops: t.stats.Ops}
	aborted := context.Cause(ctx) == errAborted
	x.mu.Lock()
	x.attempts[l.Attempt](nil)
	delete(x.attempts, l.Attempt)
	q.tasks--
	x.closeIfIdle(q)
	x.mu.Unlock()
	switch {
	case aborted:
		x.cfg.Reporter.AbortAcked(l.Attempt)
	case err != nil:
		x.cfg.Reporter.Failed(t.failure(err), run)
	default:
		x.cfg.Reporter.Done(done, run)
	}
}

// sharedBuilds are the builds that tasks of one query and epoch share here.
func (x *Executor) sharedBuilds(q *query, epoch int) *exec.SharedBuilds {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := q.shared[epoch]
	if s == nil {
		s = exec.NewSharedBuilds(q.acct)
		q.shared[epoch] = s
	}
	return s
}
