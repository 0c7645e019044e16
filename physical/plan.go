// Package physical turns a logical plan into operators, cuts them at exchanges
// into stages, and gives each stage its tasks.
package physical

import (
	"math"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// StageID names a stage within a query, from 0 in topological order: a stage
// reads only from stages with smaller IDs.
type StageID int

// EdgeID names an edge within a query.
type EdgeID int

// OpID names an operator within a query; statistics are arrays by OpID.
type OpID int

// Plan is a query ready to run: a DAG of stages tied by edges.
type Plan struct {
	Stages []*Stage // by ID
	Edges  []*Edge  // by ID
	Result EdgeID   // the edge to the driver (To == Driver): what the client sees
	Fields []types.Field
	Ops    int // number of operators: OpIDs are 0..Ops-1
	// Logical lists by OpID the node whose rows an operator yields, nil where it yields
	// no node's as such. It stays with the driver.
	Logical []logical.Node
	// Adaptive is how the driver re-plans stages between their inputs and their start; nil = not
	// at all. It stays with the driver.
	Adaptive *Adaptive
}

// Driver is the To of the result edge.
const Driver StageID = -1

// Stage is the part of a plan between exchanges: its narrow operators run as
// one pipeline in each of its tasks.
type Stage struct {
	ID      StageID
	Root    Node // its leaves are Scan, Values, and ExchangeSource nodes
	Inputs  []EdgeID
	Outputs []EdgeID // every output row goes to each of these edges
	Tasks   []TaskSpec
	// Deterministic is false where a re-run may give other rows (float sums over
	// arrival order, LIMIT without order): its outputs carry row checksums.
	Deterministic bool
	// Local stages run in the driver's own executor (VALUES, pg_catalog).
	Local bool
}

// TaskSpec is one partition of a stage.
type TaskSpec struct {
	Partition int
	// Splits are what each Scan of the stage reads in this task, in order.
	Splits map[OpID][]catalog.Split
	// Cuts are the ranges of scans that are dealt by ranges of a column. nil = none is.
	Cuts map[OpID]Cut
}

// Cut is the part of a scan's rows that belongs to a task: those whose integer column lies in a range.
type Cut struct {
	Column          int // position in the scan's Columns
	Least, Greatest int64
	// Mixed lists by position those of the task's splits that hold other tasks' rows too, ascending.
	Mixed []int
}

func wholeCut(column int) Cut {
	return Cut{Column: column, Least: math.MinInt64, Greatest: math.MaxInt64}
}

// PartitionKind is how an edge distributes its rows.
type PartitionKind uint8

// The partitionings. Gather sends everything to consumer task 0; Broadcast sends
// every row to every consumer task; Hash sends rows with equal keys to one task; Forward sends
// producer task i's rows to consumer task i; RoundRobin spreads producer tasks' batches evenly by (task, batch number); Range
// sends rows to the task that reads their range of an integer column from its scans.
const (
	Gather PartitionKind = iota
	Hash
	Broadcast
	Forward
	RoundRobin
	Range
)

var partitionNames = [...]string{"gather", "hash", "broadcast", "forward", "round robin", "range"}

func (k PartitionKind) String() string { return partitionNames[k] }

// Partitioning says to which of N consumer partitions a row goes.
type Partitioning struct {
	Kind PartitionKind
	Keys []int // Hash, Range: positions in the producer's output
	N    int   // consumer tasks; 1 for Gather and for Broadcast (one stored copy that all tasks read)
	// Bounds are, for Range, the least values of the tasks but the first. NULLs go to the first.
	Bounds []int64
}

// ExchangeMode is how an edge moves its rows.
type ExchangeMode uint8

// The modes: Spooled partitions are committed, and any attempt can re-read them;
// over a Pipelined edge the consumer runs while the producer runs.
const (
	Spooled ExchangeMode = iota
	Pipelined
)

var modeNames = [...]string{"spooled", "pipelined"}

func (m ExchangeMode) String() string { return modeNames[m] }

// Edge connects a producing stage to a consuming one. Only edges know how rows
// move; stages carry no exchange fields.
type Edge struct {
	ID           EdgeID
	From, To     StageID
	Partitioning Partitioning
	Mode         ExchangeMode
	CanPipeline  bool
	Why          string    // why the mode was chosen, for EXPLAIN
	Ordering     []SortKey // each producer task's rows come sorted; consumers merge
	Fields       []types.Field
	Rows, Bytes  float64 // estimates
	// Keys makes a filter edge: it carries these of the producer's columns only, without NULLs, and
	// leads to scans (Scan.KeyFilters). nil = a usual edge.
	Keys []int
}
