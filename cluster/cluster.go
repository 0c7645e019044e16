// Package cluster is all that the server sees of a cluster: a Runner that runs
// physical plans, in one process or on many.
package cluster

import (
	"context"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/function"
)

// Query is a plan to run with what is fixed for all its attempts.
type Query struct {
	ID      string // unique in the driver's life
	Plan    *physical.Plan
	Context *function.Context
	Memory  int64 // bytes this query may hold per process, 0 = the process limit
	// Committed holds the result back until the last stage has ended, so that a late
	// loss restarts silently (SET result_delivery = committed).
	Committed bool
}

// Runner runs queries. It is safe for concurrent use.
type Runner interface {
	// Run starts a query; errors of the query come from Result.Next. Cancelling ctx cancels the
	// query on every task.
	Run(ctx context.Context, q Query) (Result, error)
	Topology() Topology
}

// Result streams a query's rows. It belongs to one goroutine.
type Result interface {
	// Next returns the next batch, valid until the next call; io.EOF ends. A reader that is
	// slow holds the query back.
	Next(ctx context.Context) (*vector.Batch, error)
	// Runs returns what each stage did, by StageID; complete after io.EOF.
	Runs() []physical.StageRun
	// Close ends the query, if it still runs, and gives everything back.
	Close() error
}

// Topology describes the executors that are alive.
type Topology struct {
	Executors []Executor
	// InProcess says that all tasks run in the driver's own process for good, so that tasks may
	// share state by reference.
	InProcess bool
}

// Executor is one live executor process.
type Executor struct {
	ID    string
	Host  string
	Slots int
}

// Slots returns the number of task slots.
func (t Topology) Slots() int {
	n := 0
	for _, e := range t.Executors {
		n += e.Slots
	}
	return n
}
