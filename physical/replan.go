package physical

import (
	"fmt"
	"slices"
	"strings"
)

// Re-planning decides a stage's tasks anew once the sizes of its inputs are known,
// as Spark 3's adaptive query execution does (and, before it, Kabra and DeWitt,
// "Efficient Mid-Query Re-Optimization", SIGMOD 1998): neighbouring small partitions are
// read by one task, partitions that can give no row by none, a partition much larger than
// the others by several, and a build side that turned out small by all tasks whole. The
// operators stay as they are; only what each task reads changes, so that nothing has to be
// sent to executors but the reads of each task.

// Adaptive is what re-planning goes by.
type Adaptive struct {
	Slots, Processes int
	// Target are the bytes that one task should read; Least is the size below which a task costs
	// more than it saves.
	Target, Least int64
	// BroadcastBytes is the largest measured build side that all tasks read whole.
	BroadcastBytes int64
}

// Span is a half-open range: of partitions, or of producer tasks.
type Span struct{ From, To int }

// Read is what a task reads of a hash edge: these partitions of these producer tasks.
type Read struct {
	Edge                  EdgeID
	Partitions, Producers Span
}

// Layout is a stage's tasks as re-planned: what each reads of the stage's hash edges.
type Layout struct {
	Tasks  [][]Read
	Unread []EdgeID // inputs of which no task reads anything
	Whole  []OpID   // joins of which every task reads the same, whole build side
	Note   string   // what was done, for EXPLAIN
}

// Measured are the bytes that an edge's producers have committed, by producer task
// and partition.
type Measured struct {
	Edge  EdgeID
	Bytes [][]int64
}

// Adaptable reports whether a stage may be re-planned: its partitions come from hash
// exchanges alone, which may be read in any order, and no other stage is tied to them.
func (p *Plan) Adaptable(s *Stage) bool {
	if p.Adaptive == nil || s.Local {
		return false
	}
	hashed := false
	for _, id := range s.Inputs {
		e := p.Edges[id]
		hashed = hashed || e.Partitioning.Kind == Hash
		if e.Partitioning.Kind == Forward || e.Partitioning.Kind == RoundRobin || len(e.Ordering) > 0 ||
			e.Partitioning.Kind == Hash && e.Partitioning.N != len(s.Tasks) {
			return false
		}
	}
	for _, id := range s.Outputs {
		if p.Edges[id].Partitioning.Kind == Forward {
			return false
		}
	}
	Walk(s.Root, func(n Node) {
		switch n := n.(type) {
		case *Scan, *Values:
			hashed = false
		case *HashAggregate: // of all rows: it needs them in one task
			hashed = hashed && (len(n.Groups) > 0 || n.Phase.GivesStates())
		}
	})
	return hashed
}

// replanner re-plans one stage.
type replanner struct {
	a     *Adaptive
	p     *Plan
	s     *Stage
	sizes map[EdgeID]*edgeSizes
	parts int
	notes []string
}

// edgeSizes are the measured bytes of an edge.
type edgeSizes struct {
	by    [][]int64 // by producer and partition
	part  []int64   // by partition
	total int64
}

// maxCells bounds the work of re-planning one stage.
const maxCells = 1 << 20

// Replan returns the layout that suits the measured sizes, or nil to go on as
// planned. partial says that some inputs are still to come.
func Replan(p *Plan, id StageID, measured []Measured, partial bool) *Layout {
	s := p.Stages[id]
	if !p.Adaptable(s) {
		return nil
	}
	r := &replanner{a: p.Adaptive, p: p, s: s, sizes: map[EdgeID]*edgeSizes{}, parts: len(s.Tasks)}
	if !r.measure(measured) {
		return nil
	}
	if r.empty(r.s.Root, -1) {
		return r.nothing()
	}
	if partial || len(r.sizes) < len(s.Inputs) {
		return nil
	}
	if l := r.broadcast(); l != nil {
		return r.finish(l)
	}
	return r.finish(&Layout{Tasks: r.coalesce(r.units())})
}

// finish drops a layout that is what was planned.
func (r *replanner) finish(l *Layout) *Layout {
	if len(l.Tasks) == 0 {
		return r.nothing()
	}
	if len(r.notes) == 0 {
		return nil
	}
	l.Note = strings.Join(r.notes, ", ")
	return l
}

// nothing is the layout of a stage that can give no row: one task, which reads
// nothing, since an aggregate without groups gives a row all the same.
func (r *replanner) nothing() *Layout {
	return &Layout{Tasks: [][]Read{nil}, Unread: slices.Clone(r.s.Inputs), Note: "no row can come of its inputs"}
}

func (r *replanner) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// measure adds the sizes up; false if a producer's are unknown.
func (r *replanner) measure(measured []Measured) bool {
	for _, m := range measured {
		e := r.p.Edges[m.Edge]
		n := max(1, e.Partitioning.N)
		if len(m.Bytes)*n > maxCells {
			return false
		}
		z := &edgeSizes{by: m.Bytes, part: make([]int64, n)}
		for _, by := range m.Bytes {
			if len(by) != n {
				return false
			}
			for p, b := range by {
				z.part[p] += b
				z.total += b
			}
		}
		r.sizes[m.Edge] = z
	}
	return true
}

// hashEdges lists the stage's partitioned inputs.
func (r *replanner) hashEdges() []EdgeID {
	var out []EdgeID
	for _, id := range r.s.Inputs {
		if r.p.Edges[id].Partitioning.Kind == Hash {
			out = append(out, id)
		}
	}
	return out
}

func (z *edgeSizes) producers() Span { return Span{0, len(z.by)} }
