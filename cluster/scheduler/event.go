package scheduler

import "github.com/flintsql/flint/sql/sqlerr"

// Event is something that happened; doc.go says when the driver sends which.
type Event interface{ isEvent() }

// SubmitQuery asks for a query to be run. Weight is its share of slots among
// queries; below 1 counts as 1.
type SubmitQuery struct {
	Graph  Graph
	Weight int
}

// WorkerUp says that a worker registered. One that comes back without its outputs
// must have been reported by WorkerLost before. LocalWorker and LocalExecutor are
// reserved names.
type WorkerUp struct{ Worker WorkerID }

// WorkerLost says that a worker, its executors and its outputs are gone.
type WorkerLost struct{ Worker WorkerID }

// ExecutorUp says that an executor registered. Slots below 1 count as 1; Memory is
// its budget in bytes, 0 = unknown (then memory does not bound placement).
type ExecutorUp struct {
	Executor ExecutorID
	Worker   WorkerID
	Host     string
	Slots    int
	Memory   int64
}

// ExecutorLost says that an executor process is gone; outputs on its worker stay.
type ExecutorLost struct{ Executor ExecutorID }

// TaskStarted says that the executor accepted the launch.
type TaskStarted struct{ Attempt Attempt }

// EdgeSizes are the bytes that an attempt committed for one spooled edge, by
// consumer partition.
type EdgeSizes struct {
	Edge  int
	Bytes []int64
	// Carried, if not empty, is the whole output, in a form that executors know. It is stored nowhere else: launches
	// carry it to its consumers, and no loss of a process takes it away.
	Carried string
}

// TaskDone says that an attempt succeeded. A task with spooled edges can't stop
// early: such a word is a failure of class Transient.
type TaskDone struct {
	Attempt   Attempt
	Outputs   []EdgeSizes // of spooled edges; may be nil (then no locality by inputs)
	Rows      int64
	Checksum  uint64 // order-independent hash of the rows; 0 = none was taken
	Splits    []int  // splits it took when splits are taken dynamically, else nil
	EarlyStop bool   // its consumer was satisfied: success, nothing committed
}

// TaskFailed says that an attempt ended without success. Missing names, for class
// Fetch, the sources (as Launch gave them) that could not be read.
type TaskFailed struct {
	Attempt Attempt
	Class   Class
	Err     *sqlerr.Error
	Missing []Attempt
}

// AbortAcked says that an aborted attempt is off its executor.
type AbortAcked struct{ Attempt Attempt }

// ResultDelivered says that the first byte of a result attempt's rows is about to
// leave.
type ResultDelivered struct{ Attempt Attempt }

// ResultStalled says that a result attempt waits for the client to read.
type ResultStalled struct{ Attempt Attempt }

// Cancel asks to end a query with Err, or with 57014 when Err is nil.
type Cancel struct {
	Query QueryID
	Err   *sqlerr.Error
}

// Tick lets time pass.
type Tick struct{}

func (SubmitQuery) isEvent()     {}
func (WorkerUp) isEvent()        {}
func (WorkerLost) isEvent()      {}
func (ExecutorUp) isEvent()      {}
func (ExecutorLost) isEvent()    {}
func (TaskStarted) isEvent()     {}
func (TaskDone) isEvent()        {}
func (TaskFailed) isEvent()      {}
func (AbortAcked) isEvent()      {}
func (ResultDelivered) isEvent() {}
func (ResultStalled) isEvent()   {}
func (Cancel) isEvent()          {}
func (Tick) isEvent()            {}
