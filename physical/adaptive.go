package physical

// What a task must read to be worth its launch: next to nothing in the driver's
// own process, some milliseconds of work on a cluster.
const (
	leastInProcess = 64 << 10
	leastRemote    = 512 << 10
)

// DefaultAdaptiveBytes is what a task of a re-planned stage should read.
const DefaultAdaptiveBytes = 16 << 20

// adaptive is what stages of the plan are re-planned by; nil = they are not.
func (p *planner) adaptive() *Adaptive {
	if p.o.AdaptiveBytes <= 0 {
		return nil
	}
	a := &Adaptive{Slots: p.o.Slots, Processes: max(1, p.o.Processes), Target: p.o.AdaptiveBytes, Least: leastRemote,
		BroadcastBytes: int64(p.o.BroadcastBytes)}
	if p.o.InProcess {
		a.Least = leastInProcess
	}
	a.Least = min(a.Least, a.Target)
	return a
}

// spoolStretch is how many times larger than other edges one may be to be kept
// for the sake of re-planning.
const spoolStretch = 4

// worthMeasuring reports whether an edge that would be pipelined for its size should
// be spooled: it feeds a partitioned join, where estimates are least certain and a skewed or
// wrongly chosen side costs most.
func (p *planner) worthMeasuring(e *edge) bool {
	if p.o.AdaptiveBytes <= 0 || e.part.Kind != Hash || e.bytes > spoolStretch*p.o.SpoolBytes {
		return false
	}
	hashed := 0
	for _, in := range e.to.inputs {
		if in.part.Kind == Hash {
			hashed++
		}
	}
	return hashed > 1
}
