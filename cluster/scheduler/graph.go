package scheduler

import "github.com/flintsql/flint/sql/sqlerr"

// QueryID names a query for its whole life; it is never used twice.
type QueryID uint64

// StageID names a stage within its query.
type StageID int

// ExecutorID names one executor process; it is never used twice.
type ExecutorID string

// WorkerID names a worker (a machine's agent and shuffle service).
type WorkerID string

// Mode says how an edge moves batches.
type Mode uint8

// Spooled edges deliver committed partitions that can be read again; pipelined
// edges run producer and consumer together.
const (
	Spooled Mode = iota
	Pipelined
)

// String returns "spooled" or "pipelined".
func (m Mode) String() string {
	if m == Pipelined {
		return "pipelined"
	}
	return "spooled"
}

// Partitioning says which partition of a producer goes to which consumer task.
type Partitioning uint8

// The kinds of partitioning. Forward ties producer task p to consumer task p.
const (
	Hash Partitioning = iota
	Range
	Gather
	Broadcast
	Forward
)

// Stage is a part of a plan between exchanges, seen from outside.
type Stage struct {
	ID            StageID
	Tasks         int        // number of partitions; 0 = complete from the start
	Local         bool       // runs on the driver's own executor
	Deterministic bool       // a re-run on the same inputs gives the same rows
	Hosts         [][]string // preferred hosts by task (of its splits); may be short or nil
	Memory        int64      // estimated peak of one task in bytes; 0 = unknown
	Adaptive      bool       // worth a Replan once its inputs are measured
	Portable      bool       // one task that needs nothing but its inputs: it may run on the driver's own executor
}

// Edge is an exchange between two stages. Its ID is its index in Graph.Edges.
type Edge struct {
	From, To          StageID
	Mode              Mode // as the planner chose; the scheduler may only demote
	PipelinedPossible bool
	Cost              float64 // cost of spooling it; the cheapest is demoted first
	Partitioning      Partitioning
	Ordered           bool // the consumer merges sorted inputs
}

// Graph is a query as the scheduler sees it. The last stage is the result stage:
// its rows go to the driver and it feeds no edge. The scheduler keeps the slices
// and never writes to them.
type Graph struct {
	Query  QueryID
	Stages []Stage
	Edges  []Edge
}

// TaskID names a task.
type TaskID struct {
	Query     QueryID
	Stage     StageID
	Partition int
}

// Attempt names one launch of a task. Number grows per task from 1 and is never
// reused; Epoch grows per query with every restart of a region.
type Attempt struct {
	TaskID
	Epoch  int
	Number int
}

// validate reports the first rule of Graph that g breaks.
func (g *Graph) validate() *sqlerr.Error {
	bad := func(format string, args ...any) *sqlerr.Error {
		return sqlerr.New(sqlerr.Internal, "invalid stage graph: "+format, args...)
	}
	if len(g.Stages) == 0 {
		return bad("no stage")
	}
	at := make(map[StageID]int, len(g.Stages))
	for i, st := range g.Stages {
		if _, dup := at[st.ID]; dup {
			return bad("stage %d appears twice", st.ID)
		}
		if st.Tasks < 0 || len(st.Hosts) > st.Tasks {
			return bad("stage %d has %d tasks and hosts for %d", st.ID, st.Tasks, len(st.Hosts))
		}
		at[st.ID] = i
	}
	feeds, indegree := make([][]int, len(g.Stages)), make([]int, len(g.Stages))
	for i, e := range g.Edges {
		from, ok1 := at[e.From]
		to, ok2 := at[e.To]
		if !ok1 || !ok2 {
			return bad("edge %d joins unknown stages %d and %d", i, e.From, e.To)
		}
		if e.Partitioning == Forward && g.Stages[from].Tasks != g.Stages[to].Tasks {
			return bad("forward edge %d joins %d and %d tasks", i, g.Stages[from].Tasks, g.Stages[to].Tasks)
		}
		feeds[from] = append(feeds[from], to)
		indegree[to]++
	}
	for i := range g.Stages {
		if last := i == len(g.Stages)-1; last != (len(feeds[i]) == 0) {
			return bad("stage %d: the last stage, and only it, feeds no edge", g.Stages[i].ID)
		}
	}
	if !acyclic(feeds, indegree) {
		return bad("it has a cycle")
	}
	return nil
}

// acyclic removes stages without inputs until none is left (Kahn).
func acyclic(feeds [][]int, indegree []int) bool {
	var free []int
	for i, d := range indegree {
		if d == 0 {
			free = append(free, i)
		}
	}
	for n := 0; n < len(free); n++ {
		for _, to := range feeds[free[n]] {
			if indegree[to]--; indegree[to] == 0 {
				free = append(free, to)
			}
		}
	}
	return len(free) == len(indegree)
}
