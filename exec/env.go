// Package exec runs a stage's task: vectorized pull operators over Arrow-layout
// batches, one goroutine a task.
package exec

import (
	"context"
	"errors"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
)

// Operator is a pull operator. Next returns a batch that is valid until the
// next Next or Close, or io.EOF. Close gives everything back; it may be called at any time after New, and twice.
type Operator interface {
	Open(ctx context.Context) error
	Next(ctx context.Context) (*vector.Batch, error)
	Close() error
}

// Env is what a task gets from the process that runs it.
type Env struct {
	Query     string
	Stage     physical.StageID
	Partition int
	Tasks     int // tasks of the stage
	// Whole are the joins of which every task reads the same, whole build side although it is
	// partitioned as planned: they share their builds like those that are broadcast.
	Whole     []physical.OpID
	Context   *function.Context
	Account   *memory.Account // the query's; Run opens the task's under it, and every operator that holds rows its own under that
	Connector func(catalog string) (catalog.Connector, bool)
	Splits    map[physical.OpID][]catalog.Split
	// Cuts are the ranges of scans that read a range each; where there are any, Queues are not used.
	Cuts map[physical.OpID]physical.Cut
	// Queues, if not nil, deal the splits of Plan's tasks among those that run in this process, in place of Splits.
	Queues    *SplitQueues
	Plan      []physical.TaskSpec // the stage's tasks
	Sources   SourceOpener
	Sink      Sink
	Shared    *SharedBuilds // of this process, query and epoch; nil = nothing is shared
	Stats     *TaskStats
	BatchSize int // 0 = vector.BatchSize
	// Spill is where operators put rows that outgrow their memory; nil = nowhere. They do so when
	// their account refuses, or when they have more than their share while memory is tight.
	Spill      *spill.Dir
	SpillShare int64 // not 0: spill as soon as so many bytes are held, for tests
	SpillRows  int   // not 0: or so many rows, for tests
	// RadixFrom is from how many groups on an aggregation gathers its rows by the hash of their
	// keys, and 64 times that how many bytes; 0 = as many as leave the caches. For tests.
	RadixFrom int
	// FilterKeys is how many keys a task puts on a filter edge, 0 = physical.MaxFilterKeys.
	FilterKeys int
	// OnPanic, if not nil, hears of a panic in the task, which ends the task with an error.
	OnPanic func(reason any, stack []byte)

	holders int // of the task's operators, those that share its memory
}

// SourceOpener opens exchange inputs for a task.
type SourceOpener interface {
	// Open returns the streams of this task's partition of an edge: one that mixes all
	// producers, or, if perProducer, one for each producer task (for merging). fields are the edge's columns.
	Open(ctx context.Context, edge physical.EdgeID, fields []types.Field, perProducer bool) ([]Source, error)
}

// Source is a stream of batches from an exchange. Batches are compact (Sel ==
// nil) and Owned. A Source may be closed early, which tells producers that nobody wants more.
type Source interface {
	Next(ctx context.Context) (*vector.Batch, error) // io.EOF ends
	Close() error
}

// ErrDone is what Sink.Write returns once no consumer wants more rows: the task
// ends early and successfully.
var ErrDone = errors.New("exchange: consumer is done")

// Sink takes a task's output, already partitioned. It belongs to one task.
type Sink interface {
	// Write hands over rows for a consumer partition of an edge (0 for Gather and
	// Broadcast). b is compact and Owned: the sink keeps it without copying. It blocks while the consumer is behind
	// (pipelined edges), which gives up the task's slot.
	Write(ctx context.Context, edge physical.EdgeID, partition int, b *vector.Batch) error
}

// OpStats are the counters of one operator in one task attempt. Times are
// measured per batch, never per row, and exclude the operator's inputs.
type OpStats = physical.OpStats

// TaskStats are a task's counters by OpID. It is written by the task's
// goroutine only and read after it ended (or as a racy snapshot through Snapshot).
type TaskStats struct {
	Ops []OpStats
	// Out counts the rows and bytes written per edge and partition.
	Out map[physical.EdgeID][]PartitionStats
}

// PartitionStats describes what a task wrote to one partition.
type PartitionStats struct {
	Rows, Bytes int64
	Hash        uint64 // order-independent row hash, for stages that are not deterministic
}
