package scheduler

import "time"

// executor is a live executor process.
type executor struct {
	id     ExecutorID
	worker WorkerID
	host   string
	slots  int
	memory int64
	local  bool
	dead   bool

	attempts []*attempt // all that occupy it, aborting ones too
	lone     int        // slots taken
	gang     int        // residents of gangs
	reserved int64      // memory estimated for its residents
	gangRoom int        // as last counted in Scheduler.gangRoom
	freeAt   int        // index in Scheduler.free, -1 = no free slot
	at       int        // index in Scheduler.order
	of       int        // executors in Scheduler.order
}

// attempt is one launch that has not ended yet.
type attempt struct {
	id       Attempt
	task     *task
	exec     *executor
	kind     Kind
	memory   int64
	started  bool
	aborting bool
	gone     bool
	since    time.Time // of the abort
	execAt   int       // index in exec.attempts
	queryAt  int       // index in query.attempts
}

type taskState uint8

const (
	pending taskState = iota
	running
	done
)

// committed describes the output that consumers read.
type committed struct {
	source Source
	sizes  []EdgeSizes
}

// task is one partition of a stage.
type task struct {
	stage     *stage
	part      int
	state     taskState
	cur       *attempt   // while running
	out       *committed // while done, if a spooled edge leaves the stage
	number    int        // attempts so far
	last      Attempt    // the newest of them
	accepted  Attempt    // while done
	failures  int        // counted ones, of a lone task
	lost      int        // lost executors it was running on
	unstarted int        // lost launches
	fetches   int
	avoid     ExecutorID // where it failed last
	delivered bool       // the client has seen bytes of its current rows
	splits    []int

	// What consumers may have read of an earlier commit.
	known    bool
	rows     int64
	checksum uint64
	exact    bool // it was made from spooled inputs by deterministic stages alone
}

// edge is an exchange with its mode as it stands.
type edge struct {
	id       int
	spec     Edge
	mode     Mode
	from, to *stage
	unread   bool // by the consumer's layout
}

// stage is a stage of a running query.
type stage struct {
	spec    *Stage
	query   *query
	region  *region
	tasks   []task
	in, out []*edge
	depth   int // longest way to the result stage
	done    int
	memory  int64 // estimate, grown by failures of class Memory

	queue      queue
	localSince time.Time // when a task last started where it wanted to
	version    int       // grows whenever its sources change
	sources    []Source  // as of sourcesAt
	sourcesAt  int
	inputs     []Input // of its tasks, as of inputsAt
	inputsAt   int     // sum of the producers' versions
	outputs    []Output

	replan replan
}

func (st *stage) id() StageID    { return st.spec.ID }
func (st *stage) complete() bool { return st.done == len(st.tasks) }
func (st *stage) result() bool   { return len(st.out) == 0 }

// spools says whether a commit of the stage is read from the worker.
func (st *stage) spools() bool { return len(st.out) > 0 && st.out[0].mode == Spooled }

// region is a set of stages tied by pipelined edges.
type region struct {
	query    *query
	root     *stage
	stages   []*stage // producers first
	epoch    int
	failures int        // counted ones, of a gang
	launched bool       // a gang's attempts of this epoch exist
	runnable bool       // wanted, inputs complete
	avoid    ExecutorID // where a task of the gang failed last
	squeeze  bool       // demote all edges at the next launch (out of memory)
	waiting  time.Time  // since when a gang has found no room
	fitsAt   int        // cluster generation in which an idle cluster could hold it
	remote   int        // tasks off the local executor
}

func (r *region) gang() bool { return len(r.stages) > 1 }

// query is a query that has not been forgotten yet.
type query struct {
	id        QueryID
	weight    int
	stages    []*stage
	edges     []*edge
	regions   []*region // downstream first
	ready     []*region // runnable with something to launch, downstream first
	epochs    int
	express   bool
	submitted time.Time

	attempts []*attempt
	zombies  map[Attempt]*attempt // aborting ones
	execs    []*executor          // that ever got a launch
	workers  []WorkerID           // that may hold outputs
	usedExec map[ExecutorID]bool
	usedWork map[WorkerID]bool

	ended bool
	final Action // emitted once drained, nil = already out

	pass   uint64 // position in the weighted round robin
	heapAt int    // index in Scheduler.ready, -1 = not there
}

func (q *query) result() *stage { return q.stages[len(q.stages)-1] }

func (q *query) stage(id StageID) *stage {
	for _, st := range q.stages {
		if st.spec.ID == id {
			return st
		}
	}
	return nil
}

func (q *query) nextEpoch() int {
	q.epochs++
	return q.epochs
}
