package scheduler

// Span is a half-open range: of partitions, or of producer tasks.
type Span struct{ From, To int }

// Len is the number of members.
func (s Span) Len() int { return s.To - s.From }

// Read is a rectangle of a spooled hash edge: these partitions of the outputs of
// these producer tasks.
type Read struct {
	Edge                  int
	Partitions, Producers Span
}

// Layout is how a stage is run in place of one task per partition. Every task
// reads of the stage's hash edges just what its Reads name; the other edges it reads
// as planned. The scheduler keeps the slices and never writes to them.
type Layout struct {
	Tasks [][]Read // by task; at least one
	// Unread are the edges of which no task reads anything: they need not be complete.
	Unread []int
	// Shared names operators, for executors: the tasks of one process build them together.
	Shared []int
}

// Replan asks whether a stage should be run with another layout, now that the
// outputs it reads are committed and no task of it has been launched. The driver
// answers with Replanned. Inputs are the stage's complete spooled edges; with Partial
// others are still to come, the stage does not wait for the answer, and only a Layout
// that leaves all of those unread is of use.
type Replan struct {
	Query   QueryID
	Stage   StageID
	Ask     int // names this question; a later one voids it
	Partial bool
	Inputs  []Measured
}

// Measured are the bytes that a spooled edge's producer tasks have committed, by
// producer and consumer partition: nil where the producer did not tell. It is shared with
// the scheduler and read-only.
type Measured struct {
	Edge  int
	Bytes [][]int64
}

// Replanned answers Replan; a nil Layout leaves the stage as it is.
type Replanned struct {
	Query  QueryID
	Stage  StageID
	Ask    int
	Layout *Layout
}

func (Replan) isAction()   {}
func (Replanned) isEvent() {}

// valid says whether l can be st's layout, whose incomplete edges are open.
func (l *Layout) valid(st *stage, open []*edge) bool {
	if len(l.Tasks) == 0 {
		return false
	}
	in := map[int]*edge{}
	for _, ed := range st.in {
		in[ed.id] = ed
	}
	for _, id := range l.Unread {
		ed := in[id]
		if ed == nil || ed.mode != Spooled {
			return false
		}
		delete(in, id)
	}
	for _, ed := range open {
		if in[ed.id] != nil {
			return false
		}
	}
	for _, reads := range l.Tasks {
		for _, r := range reads {
			ed := in[r.Edge]
			if ed == nil || ed.mode != Spooled || ed.spec.Partitioning != Hash || r.Partitions.From < 0 || r.Producers.From < 0 ||
				r.Partitions.Len() <= 0 || r.Producers.Len() <= 0 || r.Producers.To > len(ed.from.tasks) {
				return false
			}
		}
	}
	return true
}
