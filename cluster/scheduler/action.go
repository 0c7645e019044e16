package scheduler

import "github.com/flintsql/flint/sql/sqlerr"

// Action is something the driver must do; doc.go states each obligation.
type Action interface{ isAction() }

// Kind says how an attempt is counted against its executor.
type Kind uint8

// Lone attempts hold a slot; Gang attempts (of a pipelined region) and Express
// attempts (of one-task queries) hold a resident place and share the slots.
const (
	Lone Kind = iota
	Gang
	Express
)

// Source is where one producer task's output is read: from Worker for a spooled
// edge, from Executor for a pipelined one. Carried, if not empty, is the output itself.
type Source struct {
	Attempt  Attempt
	Worker   WorkerID
	Executor ExecutorID
	Carried  string
}

// Input is one incoming edge of a launched task. Sources has one entry per
// producer task, in order of partition (empty for a producer without tasks). It is
// shared by all Launches with the same (Query, From, Version) and is read-only; for
// a Forward edge only the entry of the task's own partition matters. Edges that a Layout
// leaves unread have none.
type Input struct {
	Edge    int
	From    StageID
	Mode    Mode
	Version int
	Sources []Source
}

// Output is one outgoing edge of a launched task and its mode for this attempt.
type Output struct {
	Edge int
	Mode Mode
}

// Launch starts an attempt on an executor. Inputs and Outputs are shared between
// the tasks of a stage and read-only. Splits, if not nil, are exactly the splits
// to take, because an earlier attempt committed them.
type Launch struct {
	Attempt  Attempt
	Executor ExecutorID
	Kind     Kind
	Priority int // 0 = result stage; lower runs first
	Inputs   []Input
	Outputs  []Output
	Splits   []int
	// Replanned says that the stage has another layout than planned: Reads are what this task
	// reads of its hash edges, Tasks the number of tasks, Shared is from the Layout.
	Replanned bool
	Reads     []Read
	Tasks     int
	Shared    []int
}

// Abort stops an attempt.
type Abort struct {
	Attempt  Attempt
	Executor ExecutorID
}

// Fence cuts an executor off and kills it: it did not acknowledge in time.
type Fence struct{ Executor ExecutorID }

// DiscardResult voids the rows of a result attempt that the driver holds.
type DiscardResult struct{ Attempt Attempt }

// Demote reports that an edge planned as pipelined is spooled, and why.
type Demote struct {
	Query  QueryID
	Edge   int
	Reason string
}

// Drop frees all that an executor or (if Executor is empty) a worker holds of an
// ended query.
type Drop struct {
	Query    QueryID
	Executor ExecutorID
	Worker   WorkerID
}

// Finish ends a query with success: all result tasks are done.
type Finish struct{ Query QueryID }

// Fail ends a query with an error for the client.
type Fail struct {
	Query QueryID
	Err   *sqlerr.Error
}

func (Launch) isAction()        {}
func (Abort) isAction()         {}
func (Fence) isAction()         {}
func (DiscardResult) isAction() {}
func (Demote) isAction()        {}
func (Drop) isAction()          {}
func (Finish) isAction()        {}
func (Fail) isAction()          {}
