package driver

import (
	"context"
	"time"

	"github.com/flintsql/flint/cluster"
	"github.com/flintsql/flint/cluster/executor"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
)

// query is a running query: the driver's record of it and the client's result.
type query struct {
	d          *Driver
	id         scheduler.QueryID
	spec       executor.Query
	plan       *physical.Plan
	result     *result
	stopWatch  func() bool
	registered map[scheduler.ExecutorID]bool // under Driver.mu
	demoted    map[int]string                // under Driver.mu
	runs       []physical.StageRun           // under Driver.mu
}

func newQuery(d *Driver, id scheduler.QueryID, cq cluster.Query) *query {
	q := &query{d: d, id: id, plan: cq.Plan, registered: map[scheduler.ExecutorID]bool{}, demoted: map[int]string{},
		spec: executor.Query{ID: id, Plan: cq.Plan, Context: cq.Context, Memory: cq.Memory}}
	q.result = newResult(q, cq.Committed)
	for _, s := range cq.Plan.Stages {
		q.runs = append(q.runs, physical.StageRun{Tasks: make([]physical.TaskRun, len(s.Tasks))})
	}
	return q
}

// Next returns the next batch of the result (cluster.Result).
func (q *query) Next(ctx context.Context) (*vector.Batch, error) { return q.result.next(ctx) }

// Runs returns what became of each task.
func (q *query) Runs() []physical.StageRun {
	q.d.mu.Lock()
	defer q.d.mu.Unlock()
	return q.runs
}

// closeWait bounds the wait for tasks that are slow to stop.
const closeWait = 5 * time.Second

// Close ends the query if it still runs, and waits until its tasks have stopped:
// what follows finds their memory and slots free.
func (q *query) Close() error {
	q.stopWatch()
	if q.result.close() {
		q.d.step(scheduler.Cancel{Query: q.id})
		q.result.await(closeWait)
	}
	return nil
}

// record keeps a committed attempt's figures; attempts before it were counted.
func (q *query) record(a scheduler.Attempt, run physical.TaskRun) {
	tasks := q.tasks(a)
	run.Attempts = max(run.Attempts, tasks[a.Partition].Attempts)
	tasks[a.Partition] = run
}

// tasks returns the figures of an attempt's stage, with a place for it: an attempt
// may be of an earlier, wider layout.
func (q *query) tasks(a scheduler.Attempt) []physical.TaskRun {
	r := &q.runs[a.Stage]
	for len(r.Tasks) <= a.Partition {
		r.Tasks = append(r.Tasks, physical.TaskRun{})
	}
	return r.Tasks
}

// Started hears that an executor accepted a launch (executor.Reporter).
func (d *Driver) Started(a scheduler.Attempt) { d.step(scheduler.TaskStarted{Attempt: a}) }

// Done hears that an attempt succeeded.
func (d *Driver) Done(t scheduler.TaskDone, run physical.TaskRun) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if q := d.queries[t.Attempt.Query]; q != nil {
		q.record(t.Attempt, run)
	}
	d.stepLocked(t)
}

// Failed hears that an attempt failed.
func (d *Driver) Failed(f scheduler.TaskFailed, run physical.TaskRun) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if q := d.queries[f.Attempt.Query]; q != nil {
		t := &q.tasks(f.Attempt)[f.Attempt.Partition]
		t.Attempts = max(t.Attempts, f.Attempt.Number)
	}
	d.stepLocked(f)
}

// AbortAcked hears that an aborted attempt is off its executor.
func (d *Driver) AbortAcked(a scheduler.Attempt) { d.step(scheduler.AbortAcked{Attempt: a}) }

// Result returns where an attempt of the result stage puts its rows.
func (d *Driver) Result(a scheduler.Attempt) exec.Sink {
	d.mu.Lock()
	defer d.mu.Unlock()
	q := d.queries[a.Query]
	if q == nil {
		return closedSink{}
	}
	return &resultSink{r: q.result, a: a}
}

// closedSink takes the rows of a query that has ended.
type closedSink struct{}

func (closedSink) Write(context.Context, physical.EdgeID, int, *vector.Batch) error {
	return exec.ErrDone
}
